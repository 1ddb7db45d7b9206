"""Approving a scenario's answer: it is frozen in a tab of its own, which nothing writes to again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.inputs.stated_tabs import further_inputs
from sheets_sync.report.approved_tab import Approval, approved_sheet, approved_title
from sheets_sync.run.previous_runs import last_shown_run
from sheets_sync.run.read_inputs import refuse_unknown, wanted_tabs
from sheets_sync.run.workbook_history import identify
from sheets_sync.store import RunRecord, RunStore, StoreError
from sheets_sync.workbook.backend import Workbook, WorkbookRefusedError
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot

RUN_AGAIN = "Run again, then approve."


@dataclass(frozen=True)
class Approved:
    """What was approved, and the tab that holds it."""

    approval: Approval
    tab: str


def approve(
    workbook: Workbook,
    store: RunStore,
    scenario: str,
    *,
    by: str,
    comment: str = "",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Approved:
    """Freeze what Results shows for a scenario, if it is still the answer to the inputs as they are.

    Raises:
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookRefusedError: there is no such answer; the message says what to do.
        WorkbookError: the workbook cannot be reached, is busy, or refuses to be written.
    """
    with workbook.locked():
        snapshot = workbook.read(wanted_tabs, further_inputs)
        record = _shown_run(snapshot, store)
        answer = record.scenario(scenario)
        checked = check(snapshot)
        if answer is None:
            refuse_unknown(checked, [scenario])
            had = ", ".join(item["scenario"] for item in record.outcome["scenarios"])
            raise WorkbookRefusedError(
                f"The last run, {record.run_id}, did not run {scenario}, only {had}. {RUN_AGAIN}"
            )
        if answer["objective"] is None:
            raise WorkbookRefusedError(
                f"{answer['scenario']} has no portfolio to approve: its status is {answer['status']}."
            )
        if fingerprint(checked.frames) != record.fingerprint:
            raise WorkbookRefusedError(f"The inputs were changed since the run {record.run_id}. {RUN_AGAIN}")
        plan = check(record.snapshot, record.options["scenarios"]).plan
        if plan is None:
            raise WorkbookRefusedError(f"The inputs of the run {record.run_id} can no longer be read. {RUN_AGAIN}")
        approval = Approval(
            answer["scenario"], by, comment, clock(), record.run_id, record.started_at, record.fingerprint
        )
        title = approved_title(approval.scenario, snapshot.tabs)
        workbook.write(Changes(added=approved_sheet(approval, plan, answer, title), run_id=record.run_id))
        return Approved(approval, title)


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
