"""Approving a scenario's answer: it is frozen and sealed in a tab of its own, which nothing writes to again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from config.names import fold_key
from optimizer.plan import TOKENS, Plan
from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.inputs.stated_tabs import further_inputs
from sheets_sync.report.approvals import Signature
from sheets_sync.report.approved_tab import REVOKED, ApprovalFacts, approved_sheet, approved_title, instant
from sheets_sync.run.known_approvals import recorded_approvals
from sheets_sync.run.previous_runs import last_shown_run
from sheets_sync.run.read_inputs import refuse_unknown, wanted_tabs
from sheets_sync.run.workbook_history import identify, identity_properties
from sheets_sync.signoff.approval import Approval, is_same_person
from sheets_sync.signoff.carried import carried_properties
from sheets_sync.signoff.frozen_cells import digest_of, freeze
from sheets_sync.signoff.seal import Seal
from sheets_sync.store import RunRecord, RunStore, StoreError
from sheets_sync.workbook.backend import Workbook, WorkbookRefusedError
from sheets_sync.workbook.changes import Changes, Sheet, StatusColumn
from sheets_sync.workbook.snapshot import Snapshot

RUN_AGAIN = "Run again, then approve."
LONGEST_TEXT = 500
"""Characters of a comment, and of a name that is typed."""


@dataclass(frozen=True)
class Ask:
    """What is asked of an approval: whose, of which scenario, and how many people it takes.

    `identity` is whom the service or the operating system knows, `typed` the name that they gave themselves.
    """

    scenario: str
    identity: str
    typed: str = ""
    comment: str = ""
    needed: int = 1


def approve(
    workbook: Workbook, store: RunStore, ask: Ask, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Approval:
    """Sign what Results shows for a scenario, if it is still the answer to the inputs as they are.

    With the last signature that is needed it is frozen in a tab; until then only the store knows of it.

    Raises:
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookRefusedError: there is no such answer, or this person may not sign it; the message says what to do.
        WorkbookError: the workbook cannot be reached, is busy, or refuses to be written.
        StoreError: the store cannot be used.
    """
    if not ask.identity.strip():
        raise WorkbookRefusedError("An approval needs a name, and this system does not say whose account this is.")
    with workbook.locked():
        snapshot = workbook.read(wanted_tabs, further_inputs)
        record = _shown_run(snapshot, store)
        plan, answer = _answer(snapshot, record, ask.scenario)
        identity = identify(snapshot, store)
        others = recorded_approvals(store, identity.id)
        signature = Signature(ask.identity, clock(), ask.typed.strip()[:LONGEST_TEXT], ask.comment[:LONGEST_TEXT])
        waiting = _waiting(others, record.run_id, answer["scenario"])
        approval = (waiting or _begun(record, answer, ask.needed, identity.id)).signed(signature)
        _refuse_if_not_independent(approval, record)
        if approval.is_complete:
            taken = {*snapshot.titles, *snapshot.tabs, *(other.tab for other in others)}
            title = approved_title(approval.scenario, taken)
            approval, sheet = _sealed(approval, record, plan, answer, title, store.seal_key())
            _write(workbook, store, approval, sheet, others, snapshot)
            if waiting is not None:
                store.forget_approval(waiting.approval_id)
        else:
            _keep(store, approval)
        return approval


def revoke(
    workbook: Workbook, store: RunStore, ask: Ask, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Approval:
    """Take back the newest approval of a scenario; its tab says so, and stays as it was otherwise.

    Raises:
        WorkbookRefusedError: this installation has recorded no approval of it that is in force.
        WorkbookError: the workbook cannot be reached, is busy, or refuses to be written.
        StoreError: the store cannot be used.
    """
    with workbook.locked():
        snapshot = workbook.read(wanted_tabs, further_inputs)
        others = recorded_approvals(store, identify(snapshot, store).id)
        of_scenario = [other for other in others if fold_key(other.scenario) == fold_key(ask.scenario)]
        newest = of_scenario[-1] if of_scenario else None
        if newest is None or newest.revoked is not None:
            raise WorkbookRefusedError(
                f"There is no approval of {ask.scenario} to revoke on this machine. List them with: sheetplan approvals"
            )
        signature = Signature(ask.identity, clock(), ask.typed.strip()[:LONGEST_TEXT], ask.comment[:LONGEST_TEXT])
        if not newest.is_complete:
            store.forget_approval(newest.approval_id)
            return replace(newest, revoked=signature)
        revoked = replace(newest, revoked=signature)
        kept = [revoked if other.approval_id == revoked.approval_id else other for other in others]
        marks = _revocation(revoked, snapshot)
        # Recorded first: should the write fail, the approval is revoked all the same.
        _keep(store, revoked)
        workbook.write(Changes(statuses=marks, properties=carried_properties(kept, snapshot.properties)))
        return revoked


def _answer(snapshot: Snapshot, record: RunRecord, scenario: str) -> tuple[Plan, Mapping[str, Any]]:
    """The inputs of the run that Results shows, and its answer to a scenario."""
    answer = record.scenario(scenario)
    checked = check(snapshot)
    if answer is None:
        refuse_unknown(checked, [scenario])
        had = ", ".join(item["scenario"] for item in record.outcome["scenarios"])
        raise WorkbookRefusedError(f"The last run, {record.run_id}, did not run {scenario}, only {had}. {RUN_AGAIN}")
    if answer["objective"] is None:
        raise WorkbookRefusedError(
            f"{answer['scenario']} has no portfolio to approve: its status is {answer['status']}."
        )
    if fingerprint(checked.frames) != record.fingerprint:
        raise WorkbookRefusedError(f"The inputs were changed since the run {record.run_id}. {RUN_AGAIN}")
    plan = check(record.snapshot, record.options["scenarios"]).plan
    if plan is None:
        raise WorkbookRefusedError(f"The inputs of the run {record.run_id} can no longer be read. {RUN_AGAIN}")
    return plan, answer


def _waiting(others: Sequence[Approval], run_id: str, scenario: str) -> Approval | None:
    """An approval of the same answer that waits for one more person."""
    return next(
        (o for o in others if not o.is_complete and (o.run_id, o.scenario) == (run_id, scenario)),
        None,
    )


def _begun(record: RunRecord, answer: Mapping[str, Any], needed: int, workbook_id: str) -> Approval:
    """An approval that nobody has signed yet."""
    about = "\n".join((workbook_id, record.run_id, answer["scenario"]))
    return Approval(
        approval_id=hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:10],
        workbook_id=workbook_id,
        scenario=answer["scenario"],
        run_id=record.run_id,
        run_by=record.person,
        needed=needed,
        signatures=(),
        selected=tuple(answer["selected"]),
        totals={fold_key(kpi): total for kpi, total in answer["kpi_totals"].items()},
        tokens=answer["capacity"].get(TOKENS, {"used": None})["used"],
        starts=dict(answer.get("starts", {})),
    )


def _refuse_if_not_independent(approval: Approval, record: RunRecord) -> None:
    """Where two people must approve, they are two, and neither of them started the run."""
    *before, last = approval.signatures
    if any(is_same_person(signature.identity, last.identity) for signature in before):
        raise WorkbookRefusedError(
            f"{last.identity} has approved {approval.scenario} already. A second person has to approve it."
        )
    if approval.needed > 1 and is_same_person(record.person, last.identity):
        raise WorkbookRefusedError(
            f"{last.identity} started the run {record.run_id}, and so cannot approve it: approvals.needed is "
            f"{approval.needed}. Ask {approval.needed} other people, or let somebody else run."
        )


def _sealed(
    approval: Approval, record: RunRecord, plan: Plan, answer: Mapping[str, Any], title: str, key: bytes
) -> tuple[Approval, Sheet]:
    """The approval with its seal, and its tab."""
    facts = ApprovalFacts(
        scenario=approval.scenario,
        signatures=approval.signatures,
        workbook_id=approval.workbook_id,
        run_id=record.run_id,
        run_started_at=record.started_at,
        run_by=record.person,
        fingerprint=record.fingerprint,
    )
    cells = freeze(approved_sheet(facts, plan, answer, title).rows)
    digest = digest_of(cells)
    seal = str(Seal.made(digest, key))
    sheet = approved_sheet(replace(facts, seal=seal), plan, answer, title)
    return replace(approval, approval_id=digest[:10], tab=title, seal=seal, cells=cells), sheet


def _write(
    workbook: Workbook,
    store: RunStore,
    approval: Approval,
    sheet: Sheet,
    others: Sequence[Approval],
    snapshot: Snapshot,
) -> None:
    """First the store, then the workbook: a tab that nobody recorded would be believed by nobody."""
    _keep(store, approval)
    properties = carried_properties([*others, approval], snapshot.properties)
    properties |= identity_properties(identify(snapshot, store))
    try:
        workbook.write(Changes(added=sheet, run_id=approval.run_id, properties=properties))
    except WorkbookRefusedError:
        with suppress(StoreError):  # why the workbook was not written is what people need to know
            store.forget_approval(approval.approval_id)
        raise


def _keep(store: RunStore, approval: Approval) -> None:
    store.keep_approval(approval.approval_id, approval.workbook_id, approval.run_id, approval.to_json())


def _revocation(revoked: Approval, snapshot: Snapshot) -> list[StatusColumn]:
    """The cell of the tab that says who revoked it; none where the tab is gone."""
    title = next((title for title in snapshot.tabs if title.casefold() == revoked.tab.casefold()), None)
    if title is None or revoked.revoked is None:
        return []
    row, column = revoked.open_places[-1]
    said = revoked.revoked
    text = f"{instant(said.at)} UTC by {said.who}" + (f": {said.comment}" if said.comment else "")
    return [StatusColumn(title, REVOKED, row, column, creates=False, values={row: text})]


def _shown_run(snapshot: Snapshot, store: RunStore) -> RunRecord:
    run_id = last_shown_run(snapshot)
    if run_id is None:
        where = snapshot.locator
        raise WorkbookRefusedError(f"{where} has no Results yet, so there is nothing to approve. {RUN_AGAIN}")
    try:
        return store.run(run_id, identify(snapshot, store))
    except StoreError as problem:
        raise WorkbookRefusedError(
            f"Results is of the run {run_id}, which this installation does not have. {RUN_AGAIN} ({problem})"
        ) from None
