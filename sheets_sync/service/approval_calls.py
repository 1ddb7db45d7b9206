"""Approvals over HTTP: signed as the person of the identity token, at once and under the workbook's lock."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPBearer

from config.settings import Settings
from sheets_sync.opening import open_workbook
from sheets_sync.run.approve import Ask, approve, revoke
from sheets_sync.run.exit_codes import REPORTED
from sheets_sync.run.known_approvals import recorded_approvals
from sheets_sync.run.read_inputs import UnknownScenarioError
from sheets_sync.run.workbook_history import identity_of
from sheets_sync.service.access import Access, KnownWorkbook
from sheets_sync.service.door import Who
from sheets_sync.service.identity import Caller
from sheets_sync.service.messages import ApprovalDocument, ApprovalList, ApprovalOrder, WorkbookText
from sheets_sync.service.problems import Problem, answers
from sheets_sync.signoff.approval import Approval
from sheets_sync.store import RunStore, open_store
from sheets_sync.workbook.backend import Workbook, WorkbookBusyError, WorkbookRefusedError

Asked = TypeVar("Asked")
Act = Callable[[Workbook, RunStore, Ask], Approval]


def router(access: Access, settings: Settings) -> APIRouter:
    """The calls that approve, revoke and list."""
    made = APIRouter(
        prefix="/v1/approvals",
        tags=["approvals"],
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=answers(),
    )

    def act(what: Act, order: ApprovalOrder, caller: Caller) -> ApprovalDocument:
        workbook = access.find(order.workbook, caller)
        # Whoever holds the shared secret may say any name: that is no signature.
        if caller.holds_secret:
            raise Problem(
                403,
                "identity-token-needed",
                "An approval needs an identity token: a request that is signed with the shared secret does not prove "
                "who sends it.",
            )
        ask = Ask(order.scenario, caller.email, order.by, order.comment, settings.approvals.needed)
        store = open_store(settings.store)
        found = _reported(lambda: what(open_workbook(workbook.location, settings), store, ask))
        return ApprovalDocument.of(workbook, found)

    @made.post("", status_code=201, responses=answers(400, 403, 404, 409, 422, 424), summary="Approve a scenario")
    def post_approval(order: ApprovalOrder, caller: Who) -> ApprovalDocument:
        """Freezes and seals what Results shows for a scenario, as the person of the token.

        Only the answer to the inputs as they are can be approved. Where two people are needed, the first one is noted
        (`state` is `waiting`) and the tab is written with the second.
        """
        return act(approve, order, caller)

    @made.post(
        "/revoke", responses=answers(400, 403, 409, 422, 424), summary="Revoke the newest approval of a scenario"
    )
    def post_revocation(order: ApprovalOrder, caller: Who) -> ApprovalDocument:
        """Its tab stays, and says who revoked it and when."""
        return act(revoke, order, caller)

    @made.get("", responses=answers(403, 422), summary="Approvals of a workbook")
    def list_approvals(caller: Who, workbook: Annotated[WorkbookText, Query()]) -> ApprovalList:
        """Those that this installation recorded, newest first."""
        known: KnownWorkbook = access.find(workbook, caller)
        store = open_store(settings.store)
        identity = _reported(lambda: identity_of(known.location, settings, store))
        found = _reported(lambda: recorded_approvals(store, identity.id)) if identity.id else []
        return ApprovalList(approvals=[ApprovalDocument.of(known, item) for item in reversed(found)])

    return made


def _reported(work: Callable[[], Asked]) -> Asked:
    """What the work gives; an error that is for people becomes a problem.

    Raises:
        Problem: with the sentence of the error.
    """
    try:
        return work()
    except UnknownScenarioError as error:
        raise Problem(404, "unknown-scenario", str(error)) from None
    except WorkbookBusyError as error:
        raise Problem(409, "workbook-busy", str(error), {"Retry-After": "10"}) from None
    except WorkbookRefusedError as error:
        raise Problem(409, "not-approvable", str(error)) from None
    except REPORTED as error:
        raise Problem(424, "workbook-unreachable", str(error)) from None
