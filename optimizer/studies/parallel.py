"""The many solves of a study, side by side on all cores.

Threads suffice, as for scenarios: HiGHS releases Python's global lock while it solves.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from optimizer.errors import Cancelled
from optimizer.scenarios import cores

Found = TypeVar("Found")
_SIGNAL_CHECK_S = 0.1
"""Waiting in slices of this many seconds lets Ctrl-C through."""


def solve_all(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
) -> list[Found]:
    """The answers to all questions, in their order.

    `workers` is how many at once, None for one per core; `on_done` is called in the caller's thread after each. What
    goes wrong in one of them, a KeyboardInterrupt, and an exception from `on_done` set `cancel`, which must stop the
    others, and are passed on.
    """
    found = _solve(questions, cancel, workers, on_done, None)
    return [future.result() for future in found]


def solve_until(
    questions: Sequence[Callable[[], Found]],
    cancel: threading.Event,
    stop: Callable[[], bool],
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
) -> list[Found]:
    """The answers to the first questions, as `solve_all`; to all of them unless `stop` says so, or Ctrl-C is pressed.

    Those that are asked later are begun later, so what is missing is at the end; an answer that comes after a missing
    one is left out.
    """
    found = _solve(questions, cancel, workers, on_done, stop)
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
    on_done: Callable[[], None] | None,
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
                    future.result()
                    if on_done is not None:
                        on_done()
        except BaseException as error:
            _end(pool, cancel)
            if stop is None or not isinstance(error, KeyboardInterrupt):
                raise
        if waiting:
            _end(pool, cancel)
    return futures


def _end(pool: ThreadPoolExecutor, cancel: threading.Event) -> None:
    cancel.set()
    pool.shutdown(wait=True, cancel_futures=True)
