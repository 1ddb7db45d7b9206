"""Checks over HTTP: a workbook is read and every issue reported, at once and without writing."""

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from config.settings import Settings
from sheets_sync.opening import open_workbook
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.service.access import Access
from sheets_sync.service.bounded_calls import BoundedCalls
from sheets_sync.service.door import Who
from sheets_sync.service.messages import CheckDocument, CheckOrder
from sheets_sync.service.problems import answers


def router(access: Access, calls: BoundedCalls, settings: Settings) -> APIRouter:
    """The call that checks."""
    made = APIRouter(
        prefix="/v1/checks", tags=["checks"], dependencies=[Depends(HTTPBearer(auto_error=False))], responses=answers()
    )

    @made.post("", responses=answers(400, 403, 422, 424), summary="Check a workbook")
    def post_check(order: CheckOrder, caller: Who) -> CheckDocument:
        """Reads the workbook and reports everything that is wrong in it; writes nothing and solves nothing."""
        workbook = access.find(order.workbook, caller)
        checked = calls.call("check", workbook.name, lambda: check_workbook(open_workbook(workbook.location, settings)))
        return CheckDocument.of(workbook, checked)

    return made
