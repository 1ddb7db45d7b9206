"""The many solves of a study, side by side on all cores.

HiGHS releases Python's global lock while it solves, so threads suffice for a few large questions, as for scenarios.
Many small ones spend more time in Python than in HiGHS: where they take long enough together to pay for the start, they
are solved in processes of their own (`solve_many`).
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from optimizer.errors import Cancelled
from optimizer.scenarios import cores

Found = TypeVar("Found")


class Stopped(Exception):  # noqa: N818 - ends one search, on purpose
    """Somebody asked for what was found so far, by a deadline or Ctrl-C."""


_SIGNAL_CHECK_S = 0.1
"""Waiting in slices of this many seconds lets Ctrl-C through."""
PAYS_AFTER_S = 8.0
"""A process takes a second or two of CPU time to load what it needs: less than this is done sooner without."""


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
    is_long = (time.perf_counter() - begun) * len(others) > pays_after_s and (workers or cores()) > 1
    found = _solve(others, cancel, workers, (on_done, on_answer), stop, apart=is_long)
    broken = [number for number, future in enumerate(found) if _is_broken(future)]
    if broken:
        # Processes that cannot begin here, or that the system ended for want of memory, are no reason to give up.
        again = _solve([others[number] for number in broken], cancel, workers, (on_done, on_answer), stop)
        for number, future in zip(broken, again, strict=False):
            found[number] = future
    return first + _first_answers(found)


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
    told: tuple[Callable[[], None] | None, Callable[[Found], None] | None],
    stop: Callable[[], bool] | None,
    *,
    apart: bool = False,
) -> list[Future[Found]]:
    if stop is not None and stop():
        return []
    on_done, on_answer = told

    def is_over() -> bool:
        # A thread sees for itself that it is to end; a process does not.
        return (stop is not None and stop()) or (apart and cancel.is_set())

    with _pool(max(1, min(workers or cores(), len(questions))), apart=apart) as pool:
        futures: list[Future[Found]] = [pool.submit(question) for question in questions]
        waiting = set(futures)
        try:
            while waiting and not is_over():
                done, waiting = wait(waiting, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    found = future.result()
                    if on_done is not None:
                        on_done()
                    if on_answer is not None:
                        on_answer(found)
        except BrokenProcessPool:
            waiting = set()
        except BaseException as error:
            _end(pool, cancel)
            if stop is None or not isinstance(error, KeyboardInterrupt):
                raise
            waiting = set()
        if waiting:
            is_cancelled = cancel.is_set()
            _end(pool, cancel)
            if is_cancelled:
                raise Cancelled("stopped on request")
    return futures


def _pool(workers: int, *, apart: bool) -> Executor:
    if not apart:
        return ThreadPoolExecutor(max_workers=workers)
    # Neither forked, which threads of this process would not survive, nor fed with all of its memory.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_begin_process)


def _begin_process() -> None:
    """Leaves Ctrl-C to the process that asked, and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(pool: Executor, cancel: threading.Event) -> None:
    cancel.set()
    pool.shutdown(wait=True, cancel_futures=True)
