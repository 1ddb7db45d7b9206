"""The many solves of a study, side by side on all cores.

HiGHS releases Python's global lock while it solves, so threads suffice for a few large questions, as for scenarios.
Many small ones spend more time in Python than in HiGHS, and threads only get in each other's way: where they take long
enough together to pay for the start, they are solved in other processes too (`solve_many`): one fewer than there are
cores, because this one takes part, and has loaded everything already.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import takewhile
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Event as EventOfProcesses
from typing import Generic, Self, TypeVar, cast

from optimizer.errors import Cancelled
from optimizer.scenarios import cores
from optimizer.studies.question_set import QuestionSet

Found = TypeVar("Found")


_Told = tuple[Callable[[], None] | None, Callable[[Found], None] | None]
"""Who is told after each question, and with its answer."""


class Stopped(Exception):  # noqa: N818 - ends one search, on purpose
    """Somebody asked for what was found so far, by a deadline or Ctrl-C."""


_SIGNAL_CHECK_S = 0.1
"""Waiting in slices of this many seconds lets Ctrl-C through."""
PAYS_AFTER_S = 1.5
"""A process takes up to a second of CPU time to load what it needs: less than this is done sooner without."""
_SENT_S = 0.2
"""Questions that take about so many seconds together are sent to a process in one go."""
_FORKS_FROM_SERVER = sys.platform == "linux"
_LOADED = "optimizer.studies.question_json"
"""Imports every study."""


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
    questions: QuestionSet[Found],
    stop: Callable[[], bool],
    *,
    numbers: Sequence[int] | None = None,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    on_answer: Callable[[Found], None] | None = None,
    pays_after_s: float = PAYS_AFTER_S,
) -> list[Found]:
    """As `solve_until`, for many questions that can be answered apart from each other, with the same answers.

    They are begun in one thread. Where what is left would take longer than `pays_after_s`, processes go on with it, or
    more threads where there can be none; and where it is long enough for them, the other workers of the questions.
    `numbers` are those that are asked, None for all; the answers are in their order.

    Raises:
        Cancelled: `questions.cancel` was set by somebody else than `stop` or Ctrl-C.
    """
    if stop():
        return []
    asked = _Asked(questions, range(len(questions)) if numbers is None else numbers, workers or cores())
    with asked:
        try:
            while asked.go_on() and not stop() and not questions.cancel.is_set():
                for answer in asked.answered():
                    _tell((on_done, on_answer), answer)
                asked.hand_over(stop, partial(_tell, (on_done, on_answer)))
                if asked.is_long(pays_after_s):
                    asked.begin_processes()
        except BaseException as error:
            asked.end()
            if not isinstance(error, KeyboardInterrupt):
                raise
        if asked.running:
            is_cancelled = questions.cancel.is_set()
            asked.end()
            if is_cancelled:
                raise Cancelled("stopped on request")
    return asked.first_answers()


def _tell(told: _Told[Found], found: Found) -> None:
    on_done, on_answer = told
    if on_done is not None:
        on_done()
    if on_answer is not None:
        on_answer(found)


def _first_answers(found: Sequence[Future[Found]]) -> list[Found]:
    answers: list[Found] = []
    for future in found:
        if not future.done() or future.cancelled() or isinstance(future.exception(), Cancelled):
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


class _Asked(Generic[Found]):
    """Questions that are answered in order, by whoever has nothing to do: threads, processes, and other workers.

    Processes get the whole set when they begin, so that what the questions share is loaded there once. One thread stays
    beside them: this process has loaded everything already. They end when somebody wishes it, however far they are.

    Attributes:
        running: what is asked here, some questions at a time, and whom.
    """

    def __init__(self, questions: QuestionSet[Found], numbers: Sequence[int], workers: int) -> None:
        self._questions, self._numbers = questions, numbers
        self._waiting = deque(numbers)
        self._workers, self._threads = max(1, min(workers, len(numbers))), 1
        self._own, self._starter = ThreadPoolExecutor(self._workers), ThreadPoolExecutor(1)
        self._starting: Future[_Processes] | None = None
        self._apart: _Processes | None = None
        self._can_begin_processes, self._can_hand_over = self._workers > 1, questions.others is not None
        self._answers: dict[int, Found] = {}
        self._begun = time.perf_counter()
        self.running: dict[Future[list[Found]], tuple[list[int], Executor]] = {}

    def __enter__(self) -> Self:
        """Itself; nothing has begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for what is running."""
        self._own.shutdown()
        self._starter.shutdown()
        self._receive_processes()
        if self._apart is not None:
            self._apart.pool.shutdown()

    def go_on(self) -> bool:
        """Asks the next questions; whether any answer is awaited."""
        self._receive_processes()
        while self._waiting and self._count(self._own) < self._threads:
            self._ask(self._own, partial(_answers_of, self._questions), 1)
        most = self._workers - 1
        # One in store for whoever is through, but not at the end, when somebody else may be through sooner.
        while (
            self._apart is not None
            and self._waiting
            and self._count(self._apart.pool) < most + (len(self._waiting) > most + 1)
        ):
            self._ask(self._apart.pool, cast("Callable[[Sequence[int]], list[Found]]", _answer), self._at_once)
        return bool(self.running)

    def _count(self, executor: Executor) -> int:
        return sum(own is executor for _, own in self.running.values())

    @property
    def _at_once(self) -> int:
        """So many short questions are sent to a process in one go, and few where few are left."""
        return max(1, min(int(_SENT_S / max(self._pace_s, 1e-6)), len(self._waiting) // (4 * self._workers)))

    def _ask(self, executor: Executor, answer: Callable[[Sequence[int]], list[Found]], count: int) -> None:
        numbers = [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]
        try:
            future = executor.submit(answer, numbers)
        except BrokenProcessPool:
            self._do_without_processes(numbers)
            return
        self.running[future] = numbers, executor

    def answered(self) -> Iterator[Found]:
        """Answers that have come, after some time at most; the next questions are asked before anyone sees them."""
        done, _ = wait(self.running, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
        asked = [(self.running.pop(future)[0], future) for future in done]
        broken = [numbers for numbers, future in asked if isinstance(future.exception(), BrokenProcessPool)]
        if broken:
            # Processes that cannot begin here, or that the system ended for want of memory, are no reason to give up.
            self._do_without_processes([number for numbers in broken for number in numbers])
        self.go_on()
        for numbers, future in asked:
            if numbers not in broken:
                yield from self._take(numbers, future)

    def _take(self, numbers: Sequence[int], future: Future[list[Found]]) -> list[Found]:
        found = future.result()
        self._answers.update(zip(numbers, found, strict=True))
        return found

    def _do_without_processes(self, numbers: Sequence[int]) -> None:
        """Leaves what was asked of processes to threads."""
        lost = [future for future, (_, executor) in self.running.items() if executor is not self._own]
        again = [*numbers, *(number for future in lost for number in self.running.pop(future)[0])]
        self._waiting.extendleft(sorted(again, key=self._numbers.index, reverse=True))
        if self._apart is not None:
            self._apart.pool.shutdown(wait=False)
        self._apart, self._threads = None, self._workers

    @property
    def _took_s(self) -> float:
        return time.perf_counter() - self._begun

    @property
    def _pace_s(self) -> float:
        """Seconds for each answer so far; the first takes at least as long as it has taken."""
        return self._took_s / max(1, len(self._answers))

    def is_long(self, after_s: float) -> bool:
        """Whether what is not yet asked will take longer than this, at the pace of the first tenth of it."""
        return self._took_s >= after_s / 10 and len(self._waiting) * self._pace_s > after_s

    def begin_processes(self) -> None:
        """Has processes, and one thread, go on with what is left; threads do until the processes are there."""
        if not self._can_begin_processes or not self._waiting:
            return
        self._can_begin_processes = False
        count = min(self._workers - 1, len(self._waiting))
        self._starting = self._starter.submit(_Processes, self._questions, count)

    def _receive_processes(self) -> None:
        if self._starting is None or not self._starting.done():
            return
        starting, self._starting = self._starting, None
        if isinstance(starting.exception(), OSError | BrokenProcessPool):
            # The system has no room for them.
            self._threads = self._workers
            return
        self._apart = starting.result()

    def hand_over(self, stop: Callable[[], bool], on_answer: Callable[[Found], None]) -> None:
        """Waits for other workers to answer what is left, where that pays; what they leave is asked here."""
        others = self._questions.others
        if others is None or not self._can_hand_over or not self.is_long(others.after_s) or not others.are_there():
            return
        self._can_hand_over = False
        left_s = len(self._waiting) * self._pace_s
        self._answers.update(others.answer(self._questions, list(self._waiting), left_s, stop, on_answer))
        self._waiting = deque(number for number in self._waiting if number not in self._answers)

    def end(self) -> None:
        """Ends everything now; what is answered all the same counts."""
        self._starter.shutdown()
        self._receive_processes()
        if self._apart is not None:
            self._apart.ended.set()
        _end(self._questions.cancel, self._own, *([] if self._apart is None else [self._apart.pool]))
        for future, (numbers, _) in self.running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._take(numbers, future)
        self.running = {}

    def first_answers(self) -> list[Found]:
        """The answers in the order of the questions, up to the first one that is missing."""
        return [self._answers[number] for number in takewhile(self._answers.__contains__, self._numbers)]


class _Processes:
    """Processes that can be asked for answers, and the wish that they end; they have begun, but not loaded."""

    def __init__(self, questions: QuestionSet[Found], count: int) -> None:
        context = _context()
        self.ended = context.Event()
        self.pool = ProcessPoolExecutor(
            count, mp_context=context, initializer=_begin_process, initargs=(self.ended, pickle.dumps(questions))
        )
        self.pool.submit(_answer, ())


def load_early() -> None:
    """Begin to load what processes need, while the caller goes on; they begin at once then, where they are wanted.

    Nothing is loaded where there is one core, or the system does not know how.
    """
    if cores() > 1 and _FORKS_FROM_SERVER:
        _context()
        from multiprocessing.forkserver import ensure_running

        ensure_running()


def _context() -> BaseContext:
    """How processes begin: never forked from this one, which its threads would not survive.

    On Linux they are forked from a process that has loaded what they need, and nothing else; it ends with this one.
    """
    if not _FORKS_FROM_SERVER:
        return multiprocessing.get_context("spawn")
    is_used = "multiprocessing.forkserver" in sys.modules
    context = multiprocessing.get_context("forkserver")
    if not is_used:
        # Else whoever uses it has said what it loads.
        context.set_forkserver_preload([_LOADED])
    return context


_QUESTIONS: list[QuestionSet[object]] = []
"""What a process may be asked."""


def _answer(numbers: Sequence[int]) -> list[object]:
    return _answers_of(_QUESTIONS[0], numbers)


def _answers_of(questions: QuestionSet[Found], numbers: Sequence[int]) -> list[Found]:
    return [questions.answer(number) for number in numbers]


def _begin_process(ended: EventOfProcesses, questions: bytes) -> None:
    """Leaves Ctrl-C to the process that asked, and ends with it, however that ends, or when that wishes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_end_on_wish, args=(ended,), daemon=True).start()
    _QUESTIONS[:] = [pickle.loads(questions)]


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
