"""The one use case: read, check, solve, report, write. Every trigger goes this way; it knows neither Google nor files.

A run is a function of the snapshot and the last run's selection; time, identity and the workbook come in as arguments.
The steps are functions of this folder. `jobs.execution` calls the same ones, and records what each returned.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from optimizer.errors import SolverUnavailableError
from sheets_sync.outcome import RunOutcome
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.note_end import note_end, note_failure
from sheets_sync.run.read_inputs import read_inputs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.run.unchanged import Unchanged, unchanged
from sheets_sync.run.write_outcome import report_change, write_outcome
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook, WorkbookBusyError, WorkbookChangedError, WorkbookError
from sheets_sync.workbook.snapshot import Snapshot

ATTEMPTS = 3
"""How often a run begins if people keep saving the workbook meanwhile."""


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

    What is written is also kept in `store`, for `diff` and `replay`; a store that fails is reported and fails no run.
    How the run ended is noted there too, for lists of runs.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached, is busy, keeps changing, or refuses to be written.
    """
    whole = replace(request, only_if_changed=False)
    outcome = run_if_changed(workbook, whole, clock=clock, progress=progress, store=store)
    assert not isinstance(outcome, Unchanged)
    return outcome


def run_if_changed(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    store: RunStore | None = None,
) -> RunOutcome | Unchanged:
    """The same; but with `request.only_if_changed`, after one read, `Unchanged` if there was nothing to do.

    Raises:
        UnknownScenarioError, WorkbookError: as `run_workbook`.
    """
    started_at = clock()
    try:
        ended = _run_attempts(workbook, request, clock, progress, store)
    except (WorkbookError, SolverUnavailableError) as error:
        # A run that another one kept from beginning says nothing about the workbook.
        if store is not None and not request.dry_run and not isinstance(error, WorkbookBusyError):
            note_failure(store, workbook.locator, request, error, started_at, clock())
        raise
    if store is not None and not request.dry_run:
        note_end(store, workbook.locator, request, ended, started_at, clock())
    return ended


def _run_attempts(
    workbook: Workbook,
    request: RunRequest,
    clock: Callable[[], datetime],
    progress: Progress,
    store: RunStore | None,
) -> RunOutcome | Unchanged:
    # Whoever only looks needs no right to write, and may look while another run works.
    with nullcontext() if request.dry_run else workbook.locked():
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                outcome, changed = _run_once(workbook, request, clock, progress, store)
            except WorkbookChangedError:
                if is_last:
                    raise
                continue
            if isinstance(outcome, Unchanged) or changed is None:
                return outcome
            if is_last or request.on_change != "rerun":
                return report_change(workbook, outcome, changed)
    raise AssertionError("the last attempt returns or raises")


def _run_once(
    workbook: Workbook,
    request: RunRequest,
    clock: Callable[[], datetime],
    progress: Progress,
    store: RunStore | None,
) -> tuple[RunOutcome | Unchanged, Snapshot | None]:
    """The way of the data; also returns the workbook as it is now, if its inputs changed meanwhile."""
    started_at = clock()
    progress.reading()
    reading = read_inputs(workbook, request.scenarios, store)
    same = unchanged(reading) if request.only_if_changed else None
    if same is not None:
        return same, None
    answers = solve_inputs(reading, request, progress, with_prices=True)
    outcome = make_outcome(
        reading,
        answers,
        request,
        run_id=new_run_id(started_at),
        workbook=workbook.locator,
        started_at=started_at,
        finished_at=clock(),
    )
    if request.dry_run:
        return outcome, None
    progress.writing()
    return write_outcome(workbook, outcome, reading, request, store)
