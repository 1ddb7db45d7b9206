"""Setting up a workbook over HTTP, as *Set up this sheet* in the menu does: the proposal first, then what was agreed.

The proposal is that of `sheetplan adopt`. It is written only where the caller sends back its mark, so that nothing is
created that nobody has seen: after a change in the list the mark is another.
"""

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from config.settings import Settings
from sheets_sync.adopt.questions import AdoptionError, Answers
from sheets_sync.run.adopt import issues_after, proposal_json, propose_for, read_source, write_proposal
from sheets_sync.service.access import Access
from sheets_sync.service.bounded_calls import BoundedCalls
from sheets_sync.service.door import Who
from sheets_sync.service.messages import AdoptionDocument, AdoptionOrder
from sheets_sync.service.problems import Problem, answers


def router(access: Access, calls: BoundedCalls, settings: Settings) -> APIRouter:
    """The call that proposes, and writes."""
    made = APIRouter(
        prefix="/v1/adoptions",
        tags=["adoptions"],
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=answers(),
    )

    @made.post("", responses=answers(400, 403, 409, 422, 424), summary="Set up a workbook around its list")
    def post_adoption(order: AdoptionOrder, caller: Who) -> AdoptionDocument:
        """Reads the workbook and proposes the tabs that make its list a plan; with `confirm`, creates them.

        The list itself is never edited, and a tab that exists is never touched.
        """
        workbook = access.find(order.workbook, caller)
        document = calls.call("adopt", workbook.name, lambda: _adopt(workbook.location, order, settings))
        return AdoptionDocument(**{**document, "workbook": workbook.name})

    return made


def _adopt(location: str, order: AdoptionOrder, settings: Settings) -> dict[str, Any]:
    """The proposal for a workbook, and the titles of the tabs that were created.

    Raises:
        Problem: there is no list to plan, an answer does not fit it, or what is confirmed is not what would be written.
    """
    found = read_source(location, settings)
    said = Answers(
        tab=order.tab,
        capacity=order.capacity,
        value=order.value,
        meanings=order.meanings,
        sizes=order.sizes,
        worths=order.worths,
        over=order.over,
        sprint_start=order.sprint_start,
        sprint_days=order.sprint_days,
    )
    try:
        proposal = propose_for(found, said)
    except AdoptionError as error:
        raise Problem(422, "not-adoptable", str(error)) from None
    issues = () if proposal.questions else issues_after(found, proposal)
    document = proposal_json(location, proposal, issues)
    mark = None if proposal.questions else _mark(document)
    created: list[str] = []
    if order.confirm is not None:
        if order.confirm != mark:
            detail = "The sheet is no longer as it was when this was proposed. Look at the new proposal."
            raise Problem(409, "proposal-changed", detail)
        _, created = write_proposal(found, proposal, settings)
    return {**document, "mark": mark, "created": created, "written": bool(created)}


def _mark(document: dict[str, Any]) -> str:
    """Equal for equal proposals."""
    shown = {name: document[name] for name in ("tab", "header_row", "columns", "tabs")}
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]
