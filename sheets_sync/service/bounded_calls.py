"""Work on a workbook that a caller waits for: a few at a time, and given up before the caller gives up on us.

Such work is no job: one that is lost is simply asked for again. It goes through the same counted connection to Google
as runs do.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from config.settings import Settings
from sheets_sync.jobs.observer import Observer
from sheets_sync.run.exit_codes import REPORTED
from sheets_sync.service.problems import Problem

T = TypeVar("T")


class BoundedCalls:
    """Runs work in threads, `service.concurrent_runs` at a time."""

    def __init__(self, settings: Settings, observer: Observer) -> None:
        self._deadline_s = settings.service.check_deadline_s
        self._observer = observer
        self._places = threading.BoundedSemaphore(settings.service.concurrent_runs)

    def call(self, phase: str, workbook: str, work: Callable[[], T]) -> T:
        """What the work returns; `phase` is its name in the metrics, and `workbook` the one that it is about.

        Raises:
            Problem: the work raised one, the workbook cannot be read or written, or not within
                `service.check_deadline_s`.
        """
        end = time.monotonic() + self._deadline_s
        if not self._places.acquire(timeout=self._deadline_s):
            raise self._too_slow()
        found: Future[T] = Future()
        # A daemon: a call that Google leaves hanging must not keep the service from ending.
        threading.Thread(target=self._work, args=(phase, workbook, work, found), name=phase, daemon=True).start()
        try:
            return found.result(timeout=max(0.0, end - time.monotonic()))
        except TimeoutError:
            raise self._too_slow() from None
        except REPORTED as error:
            raise Problem(424, "workbook-unreadable", str(error)) from None

    def _work(self, phase: str, workbook: str, work: Callable[[], T], found: "Future[T]") -> None:
        try:
            with self._observer.phase(phase, workbook):
                done = work()
        except Exception as error:  # whoever waits raises it
            found.set_exception(error)
        else:
            found.set_result(done)
        finally:
            self._places.release()

    def _too_slow(self) -> Problem:
        detail = (
            f"The workbook could not be read within {self._deadline_s:.0f} s: Google is slow, or its quota is used up "
            "by runs and other checks. Try again in a minute."
        )
        return Problem(503, "check-too-slow", detail, {"Retry-After": "60"})
