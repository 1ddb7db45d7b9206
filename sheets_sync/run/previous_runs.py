"""What the workbook remembers of earlier runs: last selections, towards which ties are broken, and how they ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.names import fold_key
from sheets_sync.inputs.earlier_plans import EarlierPlan, LastSelection, starts_of
from sheets_sync.report import runs_log
from sheets_sync.report.approvals import ApprovedPlan
from sheets_sync.report.decision_table import OUT_MARK, SELECTION_NAME
from sheets_sync.report.sign_off import RUN_NAME
from sheets_sync.signoff.states import KnownHere, approval_states
from sheets_sync.workbook.snapshot import CellKind, Snapshot, Tab


def last_selections(snapshot: Snapshot) -> Mapping[str, frozenset[str]]:
    """The selection of the last run that gave each scenario one, by the scenario's name as `fold_key` folds it.

    Read from Runs; where a selection was too long for one of its cells, from the selection block of Results.
    """
    selections: dict[str, frozenset[str]] = {}
    shown = dict(_selections_in_results(snapshot))
    for scenario, selected, starts in _rows_of_runs(snapshot):
        if not selected.endswith(runs_log.CUT_MARK):
            keys = frozenset(key for key in selected.split(runs_log.SEPARATOR) if key)
            selections[scenario] = LastSelection(keys, runs_log.read_starts(starts))
        elif scenario in shown:
            selections[scenario] = shown[scenario]
        else:
            selections.pop(scenario, None)
    return selections


def run_ids(snapshot: Snapshot) -> frozenset[str]:
    """The ids of all runs that were written into the workbook, as far as people kept their rows in Runs."""
    tab = _runs_tab(snapshot)
    if tab is None:
        return frozenset()
    header_row, headers = _header(tab)
    column = headers.get(runs_log.RUN_ID, 0)
    rows = range(header_row + 1, len(tab.rows) + 1) if column else ()
    return frozenset(_text(tab, row, column) for row in rows)


def last_fingerprints(snapshot: Snapshot) -> Mapping[str, str]:
    """The fingerprint of the inputs that the last run of each scenario used, by the scenario's folded name."""
    tab = _runs_tab(snapshot)
    if tab is None:
        return {}
    header_row, headers = _header(tab)
    if not {runs_log.SCENARIO, runs_log.FINGERPRINT} <= headers.keys():
        return {}
    return {
        fold_key(_text(tab, row, headers[runs_log.SCENARIO])): _text(tab, row, headers[runs_log.FINGERPRINT])
        for row in range(header_row + 1, len(tab.rows) + 1)
    }


def last_starts(snapshot: Snapshot) -> Mapping[str, datetime]:
    """When the last run of each scenario began (UTC, without a zone), by the scenario's folded name."""
    tab = _runs_tab(snapshot)
    if tab is None:
        return {}
    header_row, headers = _header(tab)
    if not {runs_log.SCENARIO, runs_log.STARTED} <= headers.keys():
        return {}
    starts = {}
    for row in range(header_row + 1, len(tab.rows) + 1):
        started = tab.cell(row, headers[runs_log.STARTED]).value
        if isinstance(started, datetime):
            starts[fold_key(_text(tab, row, headers[runs_log.SCENARIO]))] = started
    return starts


def last_run_plans(selections: Mapping[str, frozenset[str]]) -> Mapping[str, EarlierPlan]:
    """Last selections as plans that can be kept."""
    return {
        name: EarlierPlan(tuple(sorted(keys)), "the last run", starts=starts_of(keys))
        for name, keys in selections.items()
    }


@dataclass(frozen=True)
class Failure:
    """How the last run of a scenario failed: its status, the same in words, and the start of the first such run."""

    status: str
    words: str
    since: str


def failures_of_last_runs(snapshot: Snapshot, failed: frozenset[str]) -> Mapping[str, Failure]:
    """The scenarios whose last run ended with one of the statuses `failed`, by folded name."""
    tab = _runs_tab(snapshot)
    if tab is None:
        return {}
    header_row, headers = _header(tab)
    if not {runs_log.SCENARIO, runs_log.STATUS, runs_log.OUTCOME, runs_log.STARTED} <= headers.keys():
        return {}
    failures: dict[str, Failure] = {}
    for row in range(header_row + 1, len(tab.rows) + 1):
        scenario = fold_key(_text(tab, row, headers[runs_log.SCENARIO]))
        status = _text(tab, row, headers[runs_log.STATUS])
        before = failures.pop(scenario, None)
        if status in failed:
            words, started = (_text(tab, row, headers[name]) for name in (runs_log.OUTCOME, runs_log.STARTED))
            failures[scenario] = Failure(status, words.rstrip("."), started if before is None else before.since)
    return failures


def _runs_tab(snapshot: Snapshot) -> Tab | None:
    return next((tab for title, tab in snapshot.tabs.items() if fold_key(title) == fold_key(runs_log.TITLE)), None)


def last_shown_run(snapshot: Snapshot) -> str | None:
    """The id of the run whose answer Results shows; None where there is no Results of ours."""
    area = snapshot.named_areas.get(RUN_NAME)
    tab = snapshot.tabs.get(area.tab) if area is not None else None
    if area is None or tab is None:
        return None
    rows = range(area.top, area.bottom + 1)
    return next((_text(tab, row, area.left + 1) for row in rows if _text(tab, row, area.left) == "Run"), None)


def approved_plans(snapshot: Snapshot) -> Mapping[str, ApprovedPlan]:
    """The newest approval of each scenario whose tab is as it was sealed, by folded name.

    From the workbook alone; `known_approvals` also asks what this installation has recorded.
    """
    states = approval_states(snapshot, KnownHere())
    return {name: state.plan for name, state in states.items() if state.plan is not None}


def _rows_of_runs(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """(scenario, selected, starts) of every row with a portfolio, oldest first; wherever people moved the columns."""
    tab = _runs_tab(snapshot)
    if tab is None:
        return
    header_row, headers = _header(tab)
    if not {runs_log.SCENARIO, runs_log.SELECTED, "selected_count"} <= headers.keys():
        return
    for row in range(header_row + 1, len(tab.rows) + 1):
        if tab.cell(row, headers["selected_count"]).kind is CellKind.NUMBER:
            starts = _text(tab, row, headers[runs_log.STARTS]) if runs_log.STARTS in headers else ""
            selected = _text(tab, row, headers[runs_log.SELECTED])
            yield fold_key(_text(tab, row, headers[runs_log.SCENARIO])), selected, starts


def _header(tab: Tab) -> tuple[int, dict[str, int]]:
    """The row that holds the run id's header, and the column of every header in it; (0, {}) where there is none."""
    for row, cells in enumerate(tab.rows, start=1):
        headers = {fold_key(str(cell.value)): column for column, cell in enumerate(cells, start=1) if not cell.is_blank}
        if runs_log.RUN_ID in headers:
            return row, headers
    return 0, {}


def _selections_in_results(snapshot: Snapshot) -> Iterator[tuple[str, frozenset[str]]]:
    area = snapshot.named_areas.get(SELECTION_NAME)
    tab = snapshot.tabs.get(area.tab) if area is not None else None
    if area is None or tab is None:
        return
    rows = range(area.top + 1, area.bottom + 1)
    for column in range(area.left + 3, area.right + 1):
        marks = {_text(tab, row, area.left): tab.cell(row, column) for row in rows}
        # Over several periods the mark is the period in which an initiative starts.
        texts = {key: str(mark.value) for key, mark in marks.items() if mark.kind is CellKind.TEXT}
        starts = {key: start for key, start in texts.items() if start not in ("", OUT_MARK)}
        keys = [key for key, mark in marks.items() if mark.value == 1 or key in starts]
        if keys:
            yield fold_key(_text(tab, area.top, column)), LastSelection(keys, starts)


def _text(tab: Tab, row: int, column: int) -> str:
    cell = tab.cell(row, column)
    return cell.shown if cell.kind is not CellKind.TEXT else str(cell.value)
