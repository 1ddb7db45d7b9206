"""The last step of a run: what it found becomes changes, which are written at once, and a record in the store."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from config.tabs import INITIATIVES, SCENARIOS
from sheets_sync.checks import Checked, check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.outcome import RunOutcome
from sheets_sync.report import status_columns
from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.bridge_block import ScenarioBridge
from sheets_sync.report.decision_column import decision_column, decision_texts
from sheets_sync.report.inputs_block import Inputs
from sheets_sync.report.results import report_of
from sheets_sync.report.runs_log import runs_log
from sheets_sync.report.verdicts import run_statuses
from sheets_sync.request import RunRequest
from sheets_sync.run.kept_run import pack_run
from sheets_sync.run.known_approvals import known_here
from sheets_sync.run.read_inputs import Reading
from sheets_sync.run.workbook_history import copy_notice, identify, identity_properties, is_new_copy
from sheets_sync.signoff.carried import carried_properties
from sheets_sync.signoff.states import approval_states
from sheets_sync.store import RunRecord, RunStore, StoreError, WorkbookIdentity
from sheets_sync.workbook.backend import (
    DETAILS_NAME,
    RESULTS_NAME,
    Workbook,
    WorkbookChangedError,
    WorkbookRefusedError,
    WorkbookRejectedError,
    Written,
)
from sheets_sync.workbook.changes import Changes, StatusColumn
from sheets_sync.workbook.snapshot import Snapshot

CHANGED = "The inputs changed while this run was solving. Run again to plan with the current inputs."

MOVED = (
    "Results is two tabs now: one page to read, and Results details with checks, bounds and inputs. Named ranges keep "
    "their names, wherever they are now; formulas that point at cells of Results by address have to be pointed anew."
)
"""Said once, where a workbook still has the earlier Results."""

NOTHING_WRITTEN = (WorkbookChangedError, WorkbookRefusedError, WorkbookRejectedError)
"""After any other error, such as a connection that broke, the workbook may have been written all the same."""


def write_outcome(
    workbook: Workbook, outcome: RunOutcome, reading: Reading, request: RunRequest, store: RunStore | None
) -> tuple[RunOutcome, Snapshot | None]:
    """Write a run; also returns the workbook as it was after that, if its inputs were no longer those that we read.

    Raises:
        WorkbookError: the workbook cannot be reached, was changed since it was read, or refuses to be written.
    """
    found = identify(reading.snapshot, store)
    identity = found if found.id else replace(found, id=outcome.facts.run_id)
    here = known_here(reading.snapshot, store)
    states = approval_states(reading.snapshot, here)
    record = _record(outcome, reading, request, identity)
    # Loads the solvers: whoever only checks does not wait for them.
    from sheets_sync.run.bridges import bridges_of_run

    bridges = bridges_of_run(outcome, request, states, store, identity)
    changes = changes_of(
        outcome,
        reading.checked,
        reading.snapshot,
        states,
        pack_run(record, states, bridges),
        bridges,
        {**identity_properties(identity), **carried_properties(here.approvals, reading.snapshot.properties)},
    )
    if not changes.tabs:
        return outcome, None
    # First the store, then the workbook: whatever dies in between, a run that the workbook shows is one that can be
    # compared and replayed.
    if store is not None:
        _keep(store, record)
    try:
        written = workbook.write(changes, force=request.force)
    except NOTHING_WRITTEN:
        if store is not None:
            with suppress(StoreError):  # why the workbook was not written is what people need to know
                store.forget(outcome.facts.run_id)
        raise
    outcome = replace(
        outcome,
        written=True,
        written_tabs=changes.tabs_without(written.left_out),
        notices=(*written.notices, *_notices(changes, written)),
        results_url=written.results_url,
    )
    if _has_earlier_results(reading.snapshot) and changes.details is not None:
        outcome = replace(outcome, notices=(*outcome.notices, MOVED))
    if is_new_copy(identity, reading.snapshot):
        outcome = replace(outcome, notices=(*outcome.notices, copy_notice(identity, store)))
    if store is not None:
        outcome = replace(
            outcome, notices=(*outcome.notices, *_keep(store, replace(record, outcome=outcome.to_json())))
        )
        with suppress(StoreError):  # a store that cannot be written was reported by the line before
            store.remember(identity)
    return outcome, written.after if written.changed_meanwhile else None


def _notices(changes: Changes, written: Written) -> list[str]:
    """What people should know of the columns that were written."""
    return [status.notice for status in changes.statuses if status.notice and status not in written.left_out]


def _has_earlier_results(snapshot: Snapshot) -> bool:
    """Whether the workbook has the Results of a release that knew no details."""
    return RESULTS_NAME in snapshot.named_areas and DETAILS_NAME not in snapshot.named_areas


def changes_of(
    outcome: RunOutcome,
    checked: Checked,
    snapshot: Snapshot,
    approvals: Mapping[str, ApprovalState] | None = None,
    kept_run: str = "",
    bridges: Mapping[str, ScenarioBridge] | None = None,
    properties: Mapping[str, str | None] | None = None,
) -> Changes:
    """What a run writes: statuses always, a row in Runs for each scenario, and Results.

    Where not one scenario could be solved because the workbook has errors, Results keeps the last answer: the statuses
    say what to fix, and a typing mistake must not take away the figures that others work with.
    """
    statuses = _statuses_of_run(outcome, checked, snapshot)
    anything_solved = any(scenario.portfolio is not None for scenario in outcome.scenarios)
    report = None
    if outcome.plan is not None and anything_solved:
        made = Counter(status.tab for status in statuses if status.creates)
        inputs = Inputs(checked.frames, snapshot.tabs, made)
        report = report_of(outcome, outcome.plan, inputs, approvals or {}, snapshot.time_zone, kept_run, bridges)
    return Changes(
        statuses=statuses,
        results=None if report is None else report.results,
        details=None if report is None else report.details,
        runs=runs_log(outcome, outcome.plan) if outcome.scenarios else None,
        run_id=outcome.facts.run_id,
        properties=properties or {},
        is_same=lambda now: _is_same(checked, check(now)),
    )


def _is_same(read: Checked, now: Checked) -> bool:
    """Whether the inputs mean the same, in the same rows: statuses beside rows that moved would be those of others."""
    return fingerprint(now.frames) == fingerprint(read.frames) and _rows(now) == _rows(read)


def _rows(checked: Checked) -> list[tuple[str, list[int]]]:
    """The rows beside which statuses are written, by tab."""
    frames = (checked.frames.get(spec.name) for spec in (INITIATIVES, SCENARIOS))
    return [(frame.title, frame.rows) for frame in frames if frame is not None]


def report_change(workbook: Workbook, outcome: RunOutcome, after: Snapshot) -> RunOutcome:
    """Say in the statuses, at the rows where they belong now, that the answer is to inputs which are no more.

    Raises:
        WorkbookError: the workbook cannot be reached, or refuses to be written.
    """
    workbook.write(Changes(statuses=_statuses_of_run(outcome, check(after), after, CHANGED)))
    return replace(outcome, notices=(*outcome.notices, CHANGED))


def _statuses_of_run(outcome: RunOutcome, checked: Checked, snapshot: Snapshot, remark: str = "") -> list[StatusColumn]:
    """The columns that a run writes beside the inputs; with a `remark`, inputs that changed since they were read.

    Where no scenario has a plan, the decisions beside the initiatives stay, as those in Results do.
    """
    texts = run_statuses(outcome, checked.frames)
    columns = statuses_of(checked, {name: " ".join(filter(None, (text, remark))) for name, text in texts.items()})
    unknown = "new, or has an error" if remark else "this row has an error"
    decisions = {} if outcome.plan is None else decision_texts(checked, outcome.plan, outcome.scenarios, unknown)
    decided = decision_column(checked, decisions, snapshot.named_areas, columns) if decisions else None
    return columns if decided is None else [*columns, decided]


def statuses_of(checked: Checked, run_texts: Mapping[str, str]) -> list[StatusColumn]:
    """The status columns of the input tabs; `run_texts` are by scenario name."""
    columns = (status_columns.sync_status(checked), status_columns.run_status(checked, run_texts))
    return [column for column in columns if column is not None]


def _record(outcome: RunOutcome, reading: Reading, request: RunRequest, identity: WorkbookIdentity) -> RunRecord:
    """The run as the store and the workbook keep it."""
    return RunRecord(
        workbook=identity.place,
        workbook_id=identity.id,
        trigger=outcome.facts.trigger,
        person=outcome.facts.person,
        sheetplan_version=outcome.facts.sheetplan_version,
        options={
            "scenarios": None if request.scenarios is None else list(request.scenarios),
            "solver": request.solver,
            "time_limit_s": request.time_limit_s,
        },
        previous=reading.previous,
        approved=reading.approved,
        snapshot=reading.snapshot,
        outcome=outcome.to_json(),
    )


def _keep(store: RunStore, record: RunRecord) -> tuple[str, ...]:
    """Keep a run in the store; returns a notice for people if that fails."""
    try:
        store.keep(record)
    except StoreError as problem:
        return (f"{problem} This run was written to the workbook, but diff and replay will not know it.",)
    return ()
