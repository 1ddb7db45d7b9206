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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
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
PAYS_AFTER_S = 3.0
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

    They are begun in threads. Where what is left would take longer than `pays_after_s`, processes go on with it; and
    where it is long enough for them, the other workers of the questions. `numbers` are those that are asked, None for
    all; the answers are in their order.

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
                if asked.left_s > pays_after_s:
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


class _Asked(Generic[Found]):
    """Questions that are answered in order, by whoever has nothing to do: threads, processes, and other workers.

    Processes get the whole set when they begin, so that what the questions share is loaded there once. One thread stays
    beside them: this process has loaded everything already. They end when somebody wishes it, however far they are.

    Attributes:
        running: the questions that are asked here, and whom.
    """

    def __init__(self, questions: QuestionSet[Found], numbers: Sequence[int], workers: int) -> None:
        self._questions, self._numbers = questions, numbers
        self._waiting = deque(numbers)
        self._workers = self._threads = max(1, min(workers, len(numbers)))
        self._own = ThreadPoolExecutor(self._workers)
        self._apart: _Processes | None = None
        self._can_begin_processes, self._can_hand_over = self._workers > 1, questions.others is not None
        self._futures: dict[int, Future[Found]] = {}
        self._elsewhere: dict[int, Found] = {}
        self._begun = time.perf_counter()
        self.running: dict[Future[Found], tuple[int, Executor]] = {}

    def __enter__(self) -> Self:
        """Itself; nothing has begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for what is running."""
        self._own.shutdown()
        if self._apart is not None:
            self._apart.pool.shutdown()

    def go_on(self) -> bool:
        """Asks the next questions; whether any answer is awaited."""
        while self._waiting and self._count(self._own) < self._threads:
            self._ask(self._own, self._questions.answer)
        if self._apart is not None:
            most = self._workers - 1
            # One in store for whoever is through, but not at the end, when somebody else may be through sooner.
            while self._waiting and self._count(self._apart.pool) < most + (len(self._waiting) > most + 1):
                self._ask(self._apart.pool, cast("Callable[[int], Found]", _answer))
        return bool(self.running)

    def _count(self, executor: Executor) -> int:
        return sum(own is executor for _, own in self.running.values())

    def _ask(self, executor: Executor, answer: Callable[[int], Found]) -> None:
        number = self._waiting.popleft()
        try:
            future = executor.submit(answer, number)
        except BrokenProcessPool:
            self._do_without_processes([number])
            return
        self._futures[number] = future
        self.running[future] = number, executor

    def answered(self) -> Iterator[Found]:
        """Answers that have come, after some time at most; the next questions are asked before anyone sees them."""
        done, _ = wait(self.running, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
        asked = [(*self.running.pop(future), future) for future in done]
        broken = [number for number, _, future in asked if isinstance(future.exception(), BrokenProcessPool)]
        if broken:
            # Processes that cannot begin here, or that the system ended for want of memory, are no reason to give up.
            self._do_without_processes(broken)
        self.go_on()
        for number, _, future in asked:
            if number not in broken:
                yield future.result()

    def _do_without_processes(self, numbers: Sequence[int]) -> None:
        """Leaves what was asked of processes to threads."""
        lost = [future for future, (_, executor) in self.running.items() if executor is not self._own]
        again = sorted([*numbers, *(self.running.pop(future)[0] for future in lost)], key=self._numbers.index)
        self._waiting.extendleft(reversed(again))
        if self._apart is not None:
            self._apart.pool.shutdown(wait=False)
        self._apart, self._threads = None, self._workers

    @property
    def left_s(self) -> float:
        """How long what is not yet asked will take, at the pace so far; 0 before any pace is known."""
        answered = len(self._futures) - len(self.running)
        return len(self._waiting) * (time.perf_counter() - self._begun) / answered if answered else 0.0

    def begin_processes(self) -> None:
        """Has processes, and one thread, go on with what is left."""
        if not self._can_begin_processes or not self._waiting:
            return
        self._can_begin_processes = False
        self._apart = _Processes(self._questions, min(self._workers - 1, len(self._waiting)))
        self._threads = 1

    def hand_over(self, stop: Callable[[], bool], on_answer: Callable[[Found], None]) -> None:
        """Waits for other workers to answer what is left, where that pays; what they leave is asked here."""
        others = self._questions.others
        if others is None or not self._can_hand_over or not self.left_s or not others.want(self.left_s):
            return
        self._can_hand_over = False
        self._elsewhere.update(others.answer(self._questions, list(self._waiting), self.left_s, stop, on_answer))
        self._waiting = deque(number for number in self._waiting if number not in self._elsewhere)

    def end(self) -> None:
        """Ends everything now."""
        if self._apart is not None:
            self._apart.ended.set()
        _end(self._questions.cancel, self._own, *([] if self._apart is None else [self._apart.pool]))
        self.running = {}

    def first_answers(self) -> list[Found]:
        """The answers in the order of the questions, up to the first one that is missing."""
        answers: list[Found] = []
        for number in self._numbers:
            if number in self._elsewhere:
                answers.append(self._elsewhere[number])
                continue
            found = _first_answers([self._futures[number]] if number in self._futures else [])
            if not found:
                break
            answers += found
        return answers


class _Processes:
    """Processes that can be asked for answers, and the wish that they end."""

    def __init__(self, questions: QuestionSet[Found], count: int) -> None:
        # Neither forked, which threads of this process would not survive, nor fed with all of its memory.
        context = multiprocessing.get_context("spawn")
        self.ended = context.Event()
        self.pool = ProcessPoolExecutor(
            count, mp_context=context, initializer=_begin_process, initargs=(self.ended, pickle.dumps(questions))
        )


_QUESTIONS: list[QuestionSet[object]] = []
"""What a process may be asked."""


def _answer(number: int) -> object:
    return _QUESTIONS[0].answer(number)


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
