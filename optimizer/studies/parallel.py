"""The many solves of a study, side by side on all cores.

HiGHS releases Python's global lock while it solves, so threads suffice for a few large questions, as for scenarios.
Many small ones spend more time in Python than in HiGHS: where they take long enough together to pay for the start, they
are solved in other processes too (`solve_many`): one fewer than there are cores, because this one takes part, and has
loaded everything already.
"""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.synchronize import Event as EventOfProcesses
from typing import Generic, Self, TypeVar, cast

from optimizer.errors import Cancelled
from optimizer.scenarios import cores

Found = TypeVar("Found")


_Told = tuple[Callable[[], None] | None, Callable[[Found], None] | None]
"""Who is told after each question, and with its answer."""


class Stopped(Exception):  # noqa: N818 - ends one search, on purpose
    """Somebody asked for what was found so far, by a deadline or Ctrl-C."""


_SIGNAL_CHECK_S = 0.1
"""Waiting in slices of this many seconds lets Ctrl-C through."""
PAYS_AFTER_S = 8.0
"""A process takes up to a second of CPU time to load what it needs: less than this is done sooner without."""


def solve_all(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    on_answer: Callable[[Found], None] | None = None,
) -> list[Found]:
    """The answers to all questions, in their order.

    `workers` is how many at once, None for one per core; `on_done` is called in the caller's thread after each, and
    `on_answer` with the answer. What goes wrong in one of them, a KeyboardInterrupt, and an exception from these set
    `cancel`, which must stop the others, and are passed on.
    """
    found = _solve(questions, cancel, workers, (on_done, on_answer), None)
    return [future.result() for future in found]


def solve_until(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    stop: Callable[[], bool],
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    on_answer: Callable[[Found], None] | None = None,
) -> list[Found]:
    """The answers to the first questions, as `solve_all`; to all of them unless `stop` says so, or Ctrl-C is pressed.

    Those that are asked later are begun later, so what is missing is at the end; an answer that comes after a missing
    one is left out.
    """
    return _first_answers(_solve(questions, cancel, workers, (on_done, on_answer), stop))


def solve_next(question: Callable[[], Found], cancel: threading.Event, stop: Callable[[], bool]) -> Found:
    """The answer to the next one of questions that follow from each other; `stop` and Ctrl-C end it midway.

    Raises:
        Stopped: they did.
    """
    found = solve_until([question], cancel, stop, workers=1)
    if not found:
        raise Stopped
    return found[0]


def solve_many(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    stop: Callable[[], bool],
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    on_answer: Callable[[Found], None] | None = None,
    pays_after_s: float = PAYS_AFTER_S,
) -> list[Found]:
    """As `solve_until`, for many questions that take about as long each and can be pickled, with the same answers.

    The first is timed: where the others would take longer than `pays_after_s`, they are solved by processes.

    Raises:
        Cancelled: `cancel` was set by somebody else than `stop` or Ctrl-C.
    """
    begun = time.perf_counter()
    first = solve_until(questions[:1], cancel, stop, workers=1, on_done=on_done, on_answer=on_answer)
    others = questions[1:]
    if not first or not others or cancel.is_set():
        return first
    processes = min(workers or cores(), len(others)) - 1
    is_long = (time.perf_counter() - begun) * len(others) > pays_after_s
    if not is_long or not processes:
        return first + _first_answers(_solve(others, cancel, workers, (on_done, on_answer), stop))
    found = _solve_apart(others, cancel, processes, (on_done, on_answer), stop)
    broken = [number for number, future in enumerate(found) if _is_broken(future)]
    if broken and not cancel.is_set():
        # Processes that cannot begin here, or that the system ended for want of memory, are no reason to give up.
        again = _solve([others[number] for number in broken], cancel, workers, (on_done, on_answer), stop)
        for number, future in zip(broken, again, strict=False):
            found[number] = future
    return first + _first_answers(found)


def _tell(told: _Told[Found], found: Found) -> None:
    on_done, on_answer = told
    if on_done is not None:
        on_done()
    if on_answer is not None:
        on_answer(found)


def _is_broken(future: Future[Found]) -> bool:
    return future.done() and not future.cancelled() and isinstance(future.exception(), BrokenProcessPool)


def _first_answers(found: Sequence[Future[Found]]) -> list[Found]:
    answers: list[Found] = []
    for future in found:
        if not future.done() or future.cancelled() or isinstance(future.exception(), Cancelled | BrokenProcessPool):
            break
        answers.append(future.result())
    return answers


def _solve(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    workers: int | None,
    told: _Told[Found],
    stop: Callable[[], bool] | None,
) -> list[Future[Found]]:
    if stop is not None and stop():
        return []
    with ThreadPoolExecutor(max_workers=max(1, min(workers or cores(), len(questions)))) as pool:
        futures: list[Future[Found]] = [pool.submit(question) for question in questions]
        waiting = set(futures)
        try:
            while waiting and not (stop is not None and stop()):
                done, waiting = wait(waiting, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    _tell(told, future.result())
        except BaseException as error:
            _end(cancel, pool)
            if stop is None or not isinstance(error, KeyboardInterrupt):
                raise
            waiting = set()
        if waiting:
            is_cancelled = cancel.is_set()
            _end(cancel, pool)
            if is_cancelled:
                raise Cancelled("stopped on request")
    return futures


def _solve_apart(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    processes: int,
    told: _Told[Found],
    stop: Callable[[], bool],
) -> list[Future[Found]]:
    """As `_solve`, in so many processes and a thread of this one, which has all that is needed loaded already."""
    if stop():
        return []
    with _Processes(questions, processes) as asked:
        try:
            # A thread sees for itself that it is to end; processes do not.
            while asked.go_on() and not stop() and not cancel.is_set():
                for future in asked.done():
                    _tell(told, future.result())
        except BrokenProcessPool as error:
            asked.give_up(error)
        except BaseException as error:
            asked.end(cancel)
            if not isinstance(error, KeyboardInterrupt):
                raise
        if asked.running:
            is_cancelled = cancel.is_set()
            asked.end(cancel)
            if is_cancelled:
                raise Cancelled("stopped on request")
    return asked.futures


class _Processes(Generic[Found]):
    """Questions that are answered in order, by whoever has nothing to do: processes, or a thread of this one.

    Processes get all questions when they begin, so that what these share is loaded there once. They end when somebody
    wishes it, however far they are.

    Attributes:
        futures: the answers in the order of the questions; cancelled ones where a question was not asked.
        running: those that are asked, and whom.
    """

    def __init__(self, questions: Sequence[Callable[[], Found]], processes: int) -> None:
        # Neither forked, which threads of this process would not survive, nor fed with all of its memory.
        context = multiprocessing.get_context("spawn")
        self._questions, self._processes = questions, processes
        self._ended = context.Event()
        self._apart = ProcessPoolExecutor(
            processes,
            mp_context=context,
            initializer=_begin_process,
            initargs=(self._ended, pickle.dumps(list(questions))),
        )
        self._own = ThreadPoolExecutor(1)
        self._next = 0
        self.futures: list[Future[Found]] = [Future() for _ in questions]
        for future in self.futures:
            future.cancel()
        self.running: dict[Future[Found], Executor] = {}

    def __enter__(self) -> Self:
        """Itself; nothing has begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for what is running."""
        self._own.shutdown()
        self._apart.shutdown()

    def go_on(self) -> bool:
        """Asks the next questions; whether any answer is awaited.

        Raises:
            BrokenProcessPool: processes ended unasked.
        """
        while self._has_more and self._count(self._own) < 1:
            self._ask(self._own, self._questions[self._next])
        # One in store for whoever is through, but not at the end, when somebody else may be through sooner.
        while self._has_more and self._count(self._apart) < self._processes + (self._left > self._processes + 1):
            self._ask(self._apart, partial(cast("Callable[[int], Found]", _answer), self._next))
        return bool(self.running)

    @property
    def _left(self) -> int:
        return len(self._questions) - self._next

    @property
    def _has_more(self) -> bool:
        return self._left > 0

    def _count(self, executor: Executor) -> int:
        return sum(own is executor for own in self.running.values())

    def _ask(self, executor: Executor, question: Callable[[], Found]) -> None:
        future = executor.submit(question)
        self.futures[self._next] = future
        self.running[future] = executor
        self._next += 1

    def done(self) -> set[Future[Found]]:
        """Answers that have come, after some time at most; the next questions are asked before anyone looks at them."""
        done, _ = wait(self.running, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
        for future in done:
            del self.running[future]
        return done

    def give_up(self, error: BrokenProcessPool) -> None:
        """Leaves what was not asked, or is asked of processes, to others: their answers are `error`."""
        for number in range(self._next, len(self._questions)):
            self.futures[number] = Future()
            self.futures[number].set_exception(error)
        self._next = len(self._questions)
        self.running = {}

    def end(self, cancel: threading.Event) -> None:
        """Ends everything now."""
        self._ended.set()
        _end(cancel, self._own, self._apart)
        self.running = {}


_QUESTIONS: list[Callable[[], object]] = []
"""What a process may be asked."""


def _answer(number: int) -> object:
    return _QUESTIONS[number]()


def _begin_process(ended: EventOfProcesses, questions: bytes) -> None:
    """Leaves Ctrl-C to the process that asked, and ends with it, however that ends, or when that wishes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_end_on_wish, args=(ended,), daemon=True).start()
    _QUESTIONS[:] = pickle.loads(questions)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end_on_wish(ended: EventOfProcesses) -> None:
    ended.wait()
    os._exit(1)


def _end(cancel: threading.Event, *pools: Executor) -> None:
    cancel.set()
    for pool in pools:
        pool.shutdown(wait=True, cancel_futures=True)
