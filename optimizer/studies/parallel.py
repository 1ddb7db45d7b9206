"""The many solves of a study, side by side on all cores.

Threads suffice, as for scenarios: HiGHS releases Python's global lock while it solves.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

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
    with ThreadPoolExecutor(max_workers=max(1, min(workers or cores(), len(questions)))) as pool:
        futures: list[Future[Found]] = [pool.submit(question) for question in questions]
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                    if on_done is not None:
                        on_done()
        except BaseException:
            cancel.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]
