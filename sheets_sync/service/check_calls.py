"""Checks over HTTP: a workbook is read and every issue reported, at once and without writing.

A check is no job: it changes nothing, so one that is lost is simply asked for again. It reads through the same counted
connection to Google as runs do, a few at a time, and is given up before callers that may wait a minute give up on us.
"""

import threading
import time
from concurrent.futures import Future

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from config.settings import Settings
from sheets_sync.checks import Checked
from sheets_sync.jobs.observer import Observer
from sheets_sync.opening import open_workbook
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.exit_codes import REPORTED
from sheets_sync.service.access import Access, KnownWorkbook
from sheets_sync.service.door import Who
from sheets_sync.service.messages import CheckDocument, CheckOrder
from sheets_sync.service.problems import Problem, answers


class Checks:
    """Reads and checks workbooks, `service.concurrent_runs` at a time."""

    def __init__(self, settings: Settings, observer: Observer) -> None:
        self._settings = settings
        self._deadline_s = settings.service.check_deadline_s
        self._observer = observer
        self._places = threading.BoundedSemaphore(settings.service.concurrent_runs)

    def check(self, workbook: KnownWorkbook) -> Checked:
        """What is wrong in a workbook.

        Raises:
            Problem: it cannot be read, or not within `service.check_deadline_s`.
        """
        end = time.monotonic() + self._deadline_s
        if not self._places.acquire(timeout=self._deadline_s):
            raise self._too_slow()
        found: Future[Checked] = Future()
        # A daemon: a call that Google leaves hanging must not keep the service from ending.
        threading.Thread(target=self._work, args=(workbook, found), name="check", daemon=True).start()
        try:
            return found.result(timeout=max(0.0, end - time.monotonic()))
        except TimeoutError:
            raise self._too_slow() from None
        except REPORTED as error:
            raise Problem(424, "workbook-unreadable", str(error)) from None

    def _work(self, workbook: KnownWorkbook, found: "Future[Checked]") -> None:
        try:
            with self._observer.phase("check", workbook.name):
                checked = check_workbook(open_workbook(workbook.location, self._settings))
        except Exception as error:  # whoever waits raises it
            found.set_exception(error)
        else:
            found.set_result(checked)
        finally:
            self._places.release()

    def _too_slow(self) -> Problem:
        detail = (
            f"The workbook could not be read within {self._deadline_s:.0f} s: Google is slow, or its quota is used up "
            "by runs and other checks. Try again in a minute."
        )
        return Problem(503, "check-too-slow", detail, {"Retry-After": "60"})


def router(access: Access, checks: Checks) -> APIRouter:
    """The call that checks."""
    made = APIRouter(
        prefix="/v1/checks", tags=["checks"], dependencies=[Depends(HTTPBearer(auto_error=False))], responses=answers()
    )

    @made.post("", responses=answers(400, 403, 422, 424), summary="Check a workbook")
    def post_check(order: CheckOrder, caller: Who) -> CheckDocument:
        """Reads the workbook and reports everything that is wrong in it; writes nothing and solves nothing."""
        workbook = access.find(order.workbook, caller)
        return CheckDocument.of(workbook, checks.check(workbook))

    return made
