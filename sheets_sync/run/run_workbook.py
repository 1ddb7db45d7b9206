"""The one use case: read, check, solve, report, write. Every trigger calls it; it knows neither Google nor files.

A run is a function of the snapshot and the last run's selection; time, identity and the workbook come in as arguments.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from config.tabs import input_tabs
from sheets_sync.checks import Checked, check
from sheets_sync.outcome import RunOutcome, run_status
from sheets_sync.report import status_columns
from sheets_sync.report.inputs_block import Inputs
from sheets_sync.report.results import results_sheet
from sheets_sync.report.runs_log import runs_log
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.previous_runs import approved_plans
from sheets_sync.run.solve_snapshot import Reading, answered_with, answers_of, outcome_of, problem_line, read_inputs
from sheets_sync.store import RunRecord, RunStore, StoreError, workbook_identity
from sheets_sync.workbook.backend import Workbook, WorkbookChangedError
from sheets_sync.workbook.changes import Changes, StatusColumn
from sheets_sync.workbook.snapshot import Snapshot

ATTEMPTS = 3
"""How often a run begins, should people keep saving the workbook meanwhile."""
READY = "OK: ready to run."
CHANGED = "The inputs changed while this run was solving. Run again to plan with the current inputs."


def run_workbook(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    store: RunStore | None = None,
) -> RunOutcome:
    """Read, check, solve and (unless it is a dry run) write one workbook.

    Where somebody saves a file between our reading and our writing, nothing is written and the run begins again. On a
    Google Sheet that is only known once the answer is written: `request.on_change` says what then. After `ATTEMPTS`
    times a run gives up.

    What is written is also kept in `store`, for `diff` and `replay`; a store that fails is told and fails no run.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached, is busy, keeps changing, or refuses to be written.
    """
    outcome = run_if_changed(
        workbook, replace(request, only_if_changed=False), clock=clock, progress=progress, store=store
    )
    assert outcome is not None
    return outcome


def run_if_changed(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    store: RunStore | None = None,
) -> RunOutcome | None:
    """The same; but with `request.only_if_changed` None, after one read, where there was nothing to do.

    Raises:
        UnknownScenarioError, WorkbookError: as `run_workbook`.
    """
    with workbook.locked():
        for attempt in range(1, ATTEMPTS + 1):
            again = attempt < ATTEMPTS
            started_at = clock()
            try:
                progress.reading()
                reading = read_inputs(workbook, request.scenarios)
                if request.only_if_changed and reading.is_unchanged:
                    return None
                outcome, changed = _run_once(workbook, reading, request, clock, started_at, progress, store)
            except WorkbookChangedError:
                if not again:
                    raise
                continue
            if changed is None:
                return outcome
            if not (again and request.on_change == "rerun"):
                return tell_of_change(workbook, outcome, changed)
    raise AssertionError("the last attempt returns or raises")


def _run_once(
    workbook: Workbook,
    reading: Reading,
    request: RunRequest,
    clock: Callable[[], datetime],
    started_at: datetime,
    progress: Progress,
    store: RunStore | None,
) -> tuple[RunOutcome, Snapshot | None]:
    answered = answered_with(reading, answers_of(reading, request, progress))
    outcome = outcome_of(answered, new_run_id(started_at), workbook.locator, started_at, clock(), request)
    if request.dry_run:
        return outcome, None
    progress.writing()
    return write_outcome(workbook, outcome, reading, request, store)


def write_outcome(
    workbook: Workbook, outcome: RunOutcome, reading: Reading, request: RunRequest, store: RunStore | None
) -> tuple[RunOutcome, Snapshot | None]:
    """Write a run; also returns how the workbook stood after that where its inputs were no longer those that we read.

    Raises:
        WorkbookError: the workbook cannot be reached, was changed since it was read, or refuses to be written.
    """
    changes = changes_of(outcome, reading.checked, reading.snapshot)
    if not changes.tabs:
        return outcome, None
    written = workbook.write(changes, force=request.force)
    outcome = replace(
        outcome,
        written=True,
        written_tabs=changes.tabs,
        notices=written.notices,
        results_url=written.results_url,
    )
    if store is not None:
        outcome = replace(outcome, notices=(*outcome.notices, *_keep(store, outcome, reading, request)))
    return outcome, written.after if written.changed_meanwhile else None


def _keep(store: RunStore, outcome: RunOutcome, reading: Reading, request: RunRequest) -> tuple[str, ...]:
    """Keep a run in the store; returns what people should be told where that fails."""
    asked = None if request.scenarios is None else list(request.scenarios)
    record = RunRecord(
        workbook=workbook_identity(outcome.facts.workbook),
        trigger=outcome.facts.trigger,
        person=outcome.facts.person,
        sheetplan_version=outcome.facts.sheetplan_version,
        options={"scenarios": asked, "solver": request.solver, "time_limit_s": request.time_limit_s},
        previous=reading.previous,
        snapshot=reading.snapshot,
        outcome=outcome.to_json(),
    )
    try:
        store.keep(record)
    except StoreError as problem:
        return (f"{problem} This run was written to the workbook, but diff and replay will not know it.",)
    return ()


def tell_of_change(workbook: Workbook, outcome: RunOutcome, after: Snapshot) -> RunOutcome:
    """Say in the statuses, at the rows where they belong now, that the answer is to inputs which are no more."""
    checked = check(after)
    texts = {scenario.name: f"{run_status(scenario, outcome.plan)} {CHANGED}" for scenario in outcome.scenarios}
    workbook.write(Changes(statuses=_statuses(checked, texts)))
    return replace(outcome, notices=(*outcome.notices, CHANGED))


def check_workbook(workbook: Workbook, *, write: bool = False) -> Checked:
    """Read and validate one workbook; with `write`, also write the status columns.

    Raises:
        WorkbookError: the workbook cannot be reached, or (with `write`) not be written.
    """
    if not write:
        return check(workbook.read(input_tabs))
    with workbook.locked():
        checked = check(workbook.read(input_tabs))
        texts = {
            scenario.name: problem_line(scenario.errors) if scenario.errors else READY for scenario in checked.scenarios
        }
        workbook.write(Changes(statuses=_statuses(checked, texts)))
        return checked


def changes_of(outcome: RunOutcome, checked: Checked, snapshot: Snapshot) -> Changes:
    """What a run writes: statuses always, a row in Runs for each scenario, and Results.

    Where not one scenario could be solved because the workbook has errors, Results keeps the last answer: the statuses
    say what to mend, and a typing mistake must not take away the figures that others work with.
    """
    texts = {scenario.name: run_status(scenario, outcome.plan) for scenario in outcome.scenarios}
    anything_solved = any(scenario.portfolio is not None for scenario in outcome.scenarios)
    results = None
    if outcome.plan is not None and anything_solved:
        inputs = Inputs(checked.frames, snapshot.tabs)
        results = results_sheet(outcome, outcome.plan, inputs, approved_plans(snapshot))
    return Changes(
        statuses=_statuses(checked, texts),
        results=results,
        runs=runs_log(outcome, outcome.plan) if outcome.scenarios else None,
        run_id=outcome.facts.run_id,
    )


def _statuses(checked: Checked, run_texts: Mapping[str, str]) -> list[StatusColumn]:
    columns = (status_columns.sync_status(checked), status_columns.run_status(checked, run_texts))
    return [column for column in columns if column is not None]
