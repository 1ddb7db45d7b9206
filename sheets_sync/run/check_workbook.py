"""`sheetplan check`: read one workbook and report everything that is wrong in it, without solving."""

from collections.abc import Iterator
from dataclasses import replace

from sheets_sync.checks import Checked, check
from sheets_sync.inputs.earlier_plans import EarlierPlans
from sheets_sync.inputs.stated_tabs import further_inputs
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import Issue
from sheets_sync.report.runs_log import RUN_ID
from sheets_sync.report.runs_log import TITLE as RUNS_TITLE
from sheets_sync.run.known_approvals import known_plans
from sheets_sync.run.make_outcome import problem_line
from sheets_sync.run.previous_runs import last_run_plans, last_selections
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.write_outcome import statuses_of
from sheets_sync.workbook.backend import REPORT_NAMES, Workbook, WorkbookRefusedError
from sheets_sync.workbook.changes import Changes, Log
from sheets_sync.workbook.refusals import (
    NOTHING_WRITTEN,
    SEARCHED_ROWS,
    not_a_history,
    refuse_taken_cells,
    refuse_taken_header,
)
from sheets_sync.workbook.snapshot import Area, Snapshot, Tab

READY = "OK: ready to run."


def check_workbook(workbook: Workbook) -> Checked:
    """Read and validate one workbook, also for what a run would refuse to write.

    Raises:
        WorkbookError: the workbook cannot be reached.
    """
    return check_inputs_and_outputs(workbook.read(wanted_tabs, further_inputs))


def check_and_write(workbook: Workbook) -> tuple[Checked, tuple[str, ...]]:
    """The same, and write the statuses; also returns notices, such as which column could not be written.

    Raises:
        WorkbookError: the workbook cannot be reached or not be written.
    """
    with workbook.locked():
        checked = check_inputs_and_outputs(workbook.read(wanted_tabs, further_inputs))
        texts = {
            scenario.name: problem_line(scenario.errors) if scenario.errors else READY for scenario in checked.scenarios
        }
        return checked, workbook.write(Changes(statuses=statuses_of(checked, texts))).notices


def check_inputs_and_outputs(snapshot: Snapshot) -> Checked:
    """The checks of the inputs, and what of people's own is where a run has to write."""
    earlier = EarlierPlans(known_plans(snapshot, None), last_run_plans(last_selections(snapshot)))
    checked = check(snapshot, earlier=earlier)
    return replace(checked, issues=(*checked.issues, *_refusals(snapshot, checked)))


def _refusals(snapshot: Snapshot, checked: Checked) -> Iterator[Issue]:
    """What a run would refuse to write, as errors."""
    kind = CATALOGUE["refused_by_run"]
    tabs = {title.casefold(): tab for title, tab in snapshot.tabs.items()}
    for title, refusal in _found(snapshot, checked, tabs):
        reason = str(refusal).removesuffix(f" {NOTHING_WRITTEN}")
        yield Issue(kind.severity, kind.code, title, "A1", kind.message(reason=reason))


def _found(snapshot: Snapshot, checked: Checked, tabs: dict[str, Tab]) -> Iterator[tuple[str, WorkbookRefusedError]]:
    for ours, name in REPORT_NAMES.items():
        tab = tabs.get(ours.casefold())
        if tab is None or name in snapshot.named_areas:
            continue
        filled = [
            (row, column)
            for row, cells in enumerate(tab.rows, start=1)
            for column, cell in enumerate(cells, start=1)
            if not cell.is_blank
        ]
        try:
            refuse_taken_cells(None, Area(tab.title, 1, 1, 1, 1), filled, tab.cell)
        except WorkbookRefusedError as refusal:
            yield tab.title, refusal
    runs = tabs.get(RUNS_TITLE.casefold())
    if runs is not None and any(not cell.is_blank for row in runs.rows for cell in row) and not _is_history(runs):
        yield runs.title, not_a_history(Log(runs.title, (), RUN_ID, ()))
    for status in statuses_of(checked, {}):
        tab = tabs.get(status.tab.casefold())
        if tab is not None and status.creates:
            try:
                refuse_taken_header(tab.title, status, tab.cell(status.header_row, status.column))
            except WorkbookRefusedError as refusal:
                yield tab.title, refusal


def _is_history(tab: Tab) -> bool:
    return any(cell.shown.strip().casefold() == RUN_ID for row in tab.rows[:SEARCHED_ROWS] for cell in row)
