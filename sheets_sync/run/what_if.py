"""The same scenario with changes: cells as a person would type them, initiatives forced in or left out, rules dropped.

Changed cells are put into the snapshot that was read, and everything is checked again: whatever may be written in the
sheet may be asked here, with the same errors at the same cells. But for one: "what if it brings only half?" may well be
outside of the range that the sheet has for the estimate. Ranges decide nothing here, so that range is left aside, and
the answer says so. Nothing is written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from string import ascii_uppercase
from typing import Any

from config.columns import InputTab
from config.names import fold_key
from config.tabs import CONSTRAINTS, INITIATIVES, SCENARIOS, TARGETS
from optimizer.plan import Plan
from optimizer.scenarios import Answer
from optimizer.studies.edits import Edit, ForceIn, LeaveOut, edited
from optimizer.wording import few
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import match_headers
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.outcome import ExitCode, RunOutcome, ScenarioOutcome
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.broken_ranges import Place, broken_ranges
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.named_initiative import cell_named, initiative_named, titled
from sheets_sync.run.question_errors import ChangeError
from sheets_sync.run.read_inputs import Reading, check_inputs, read_inputs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.run.typed_values import typed_over
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, a1

RULE_TABS = (CONSTRAINTS, TARGETS)


@dataclass(frozen=True)
class WhatIfRequest:
    """What to change.

    Initiatives to force in and to leave out (by key, title or a cell of their row), ``FIELD=VALUE`` texts, and cells of
    rules to drop.

    FIELD is a header of the Scenarios tab (for the scenario's own row), ``INITIATIVE.HEADER``, or a cell such as
    ``Constraints!E5``. VALUE is what a person would type there; nothing clears the cell.
    """

    scenario: str
    force_in: Sequence[str] = ()
    leave_out: Sequence[str] = ()
    settings: Sequence[str] = ()
    dropped: Sequence[str] = ()


@dataclass(frozen=True)
class CellChange:
    """One cell that is read as another: its place, what it is about, and what the sheet shows before and after.

    `name` is the header of its column, behind the key of an initiative; empty where it has none. `is_dropped` says that
    the whole row is read as empty, `is_left_aside` that it is an end of a range that does not hold a number as changed.
    """

    place: str
    before: str
    after: str
    name: str = ""
    is_dropped: bool = False
    is_left_aside: bool = False

    @property
    def where(self) -> str:
        """``Capacity total tokens (Scenarios!E5)``; the place alone where the cell has no name."""
        return f"{self.name} ({self.place})" if self.name else self.place

    @property
    def row(self) -> str:
        """``Constraints row 5``."""
        title, _, cell = self.place.rpartition("!")
        return f"{title} row {cell.lstrip(ascii_uppercase)}"


@dataclass(frozen=True)
class WhatIf:
    """The scenario as it is and as it would be; one run that wrote nothing, with what was changed between them.

    `inputs` is what was read, without the changes.
    """

    before: RunOutcome
    after: RunOutcome
    inputs: Reading
    cells: tuple[CellChange, ...]
    forced_in: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def changes(self) -> tuple[str, ...]:
        """Each change in words."""
        changed = [one for one in self.cells if not (one.is_dropped or one.is_left_aside)]
        cells = [f"{one.where} is {one.after or 'empty'} instead of {one.before or 'empty'}" for one in changed]
        rows: dict[str, list[CellChange]] = {}
        for one in self.cells:
            if one.is_dropped:
                rows.setdefault(one.row, []).append(one)
        cells += [f"{row} is dropped: {', '.join(one.before for one in row_cells)}" for row, row_cells in rows.items()]
        cells += [
            f"{one.where}, {one.before}, is left aside: the estimate is not within that range"
            for one in self.cells
            if one.is_left_aside
        ]
        forced = [f"{key} must be selected" for key in self.forced_in]
        return (*cells, *forced, *(f"{key} is left out" for key in self.left_out))

    @property
    def came_in(self) -> tuple[str, ...]:
        """What is selected only with the changes, in the order of the sheet."""
        return self._only_in(self.after, self.before)

    @property
    def went_out(self) -> tuple[str, ...]:
        """What is selected only without the changes, in the order of the sheet."""
        return self._only_in(self.before, self.after)

    @staticmethod
    def _only_in(one: RunOutcome, other: RunOutcome) -> tuple[str, ...]:
        portfolios = (one.scenarios[0].portfolio, other.scenarios[0].portfolio)
        if any(portfolio is None or not portfolio.status.has_portfolio for portfolio in portfolios):
            return ()
        here, there = (frozenset(p.selected) if p else frozenset() for p in portfolios)
        order = portfolios[0].selected if portfolios[0] else ()
        return tuple(key for key in order if key in here - there)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        before, after = self.before.to_json(), self.after.to_json()
        return {
            "workbook": before["workbook"],
            "run_id": before["run_id"],
            "inputs_fingerprint": before["inputs_fingerprint"],
            "cells": [
                {
                    "cell": one.place,
                    "about": one.name,
                    "before": one.before,
                    "after": one.after,
                    "left_aside": one.is_left_aside,
                }
                for one in self.cells
            ],
            "forced_in": list(self.forced_in),
            "left_out": list(self.left_out),
            "issues": after["issues"],
            "before": before["scenarios"][0],
            "after": after["scenarios"][0],
            "came_in": list(self.came_in),
            "went_out": list(self.went_out),
        }

    @property
    def outcome(self) -> RunOutcome:
        """The run of the scenario as it is, which wrote nothing."""
        return self.before

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early: it cannot."""
        return False

    @property
    def exit_code(self) -> ExitCode:
        """Of the command that asked: what the changed plan ends with."""
        return self.after.exit_code

    @property
    def scenarios(self) -> tuple[ScenarioOutcome, ScenarioOutcome]:
        """The scenario before and after."""
        return self.before.scenarios[0], self.after.scenarios[0]


def what_if(
    workbook: Workbook,
    asked: WhatIfRequest,
    request: RunRequest,
    *,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
) -> WhatIf:
    """Solve a scenario as it is, and with the changes.

    Of equally good portfolios each is the one nearest to what it changes from: the last run's, then the one before the
    changes, so that a difference is one that the changes made. `store` knows which approvals this installation
    recorded, as for a run.

    Raises:
        ChangeError: a change names nothing in the workbook, or could be one of two.
        UnknownInitiativeError, UnknownScenarioError: the workbook has no such initiative or scenario.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    reading = read_inputs(workbook, [asked.scenario], store)
    changed, cells = _with_changes(reading, asked)
    plan = changed.checked.plan or reading.checked.plan
    edits = () if plan is None else _edits(reading, plan, asked)
    answers = solve_inputs(reading, request, progress)
    run_id = new_run_id(started_at)
    before = _outcome(reading, answers, request, run_id, workbook, started_at, clock())
    if changed.checked.plan is not None:
        changed = _with_edits(changed, changed.checked.plan, edits)
        selected = before.scenarios[0].portfolio.selected if before.scenarios[0].portfolio else ()
        changed = replace(changed, previous={fold_key(name): frozenset(selected) for name in changed.scenarios})
    after = _outcome(changed, solve_inputs(changed, request, progress), request, run_id, workbook, started_at, clock())
    forced, left = ([edit.initiative for edit in edits if isinstance(edit, kind)] for kind in (ForceIn, LeaveOut))
    return WhatIf(before, after, reading, cells, tuple(forced), tuple(left))


def _outcome(
    reading: Reading,
    answers: Mapping[str, Answer],
    request: RunRequest,
    run_id: str,
    workbook: Workbook,
    started_at: datetime,
    finished_at: datetime,
) -> RunOutcome:
    return make_outcome(
        reading,
        answers,
        request,
        run_id=run_id,
        workbook=workbook.locator,
        started_at=started_at,
        finished_at=finished_at,
    )


def _edits(reading: Reading, plan: Plan, asked: WhatIfRequest) -> tuple[ForceIn | LeaveOut, ...]:
    forced = dict.fromkeys(initiative_named(reading, plan, text) for text in asked.force_in)
    left = dict.fromkeys(initiative_named(reading, plan, text) for text in asked.leave_out)
    both = [key for key in forced if key in left]
    if both:
        raise ChangeError(f"{both[0]} cannot be forced in and left out at once. Ask for one of the two.")
    return (*map(ForceIn, forced), *map(LeaveOut, left))


def _with_edits(reading: Reading, plan: Plan, edits: Sequence[Edit]) -> Reading:
    changed = edited(plan, plan.scenarios[0].name, tuple(edits))
    return replace(reading, checked=replace(reading.checked, plan=changed))


def _with_changes(reading: Reading, asked: WhatIfRequest) -> tuple[Reading, tuple[CellChange, ...]]:
    """What is read with every cell changed that was asked for, and those cells."""
    cells, dropped = _asked_cells(reading, asked)

    def check() -> Reading:
        snapshot = _with_cells(reading.snapshot, cells)
        return check_inputs(snapshot, reading.previous, [asked.scenario], reading.approved)

    changed = check()
    aside = list(broken_ranges(reading, changed, cells))
    if aside:
        cells |= dict.fromkeys(aside, BLANK)
        changed = check()
    changes = tuple(
        CellChange(
            f"{title}!{a1(row, column)}",
            shown(before),
            shown(cell),
            _name_of(reading, changed.snapshot, (title, row, column)),
            (title, row) in dropped,
            (title, row, column) in aside,
        )
        for (title, row, column), cell in cells.items()
        if shown(before := reading.snapshot.tabs[title].cell(row, column)) != shown(cell)
        # The header of a new column comes with the first cell of it.
        and not ((frame := _frame_at(reading, (title, row, column))) and row == frame.header_row)
    )
    return changed, changes


def _asked_cells(reading: Reading, asked: WhatIfRequest) -> tuple[dict[Place, Cell], set[tuple[str, int]]]:
    """Every cell that was asked for as it is to be read, and the tab and row of each rule that is dropped."""
    cells: dict[Place, Cell] = {}
    dropped = set[tuple[str, int]]()
    for text in asked.settings:
        field, equals, value = text.partition("=")
        if not equals or not field.strip():
            raise ChangeError(f'"{text}" is no change. Write FIELD=VALUE, such as capacity_total_tokens=900.')
        place = _place_of(reading, asked.scenario, field.strip(), cells)
        frame = _frame_at(reading, place)
        if frame is not None and place[1] <= frame.header_row:
            below = a1(frame.header_row + 1, place[2])
            raise ChangeError(
                f"{field.strip()} is not below the headers of {frame.title}. Name a cell from {below} on."
            )
        cells[place] = _typed(reading, frame, place, field.strip(), value.strip())
    for text in asked.dropped:
        title, row, _ = cell_named(reading.snapshot, text) or ("", 0, 0)
        frame = next((f for f in _frames(reading, RULE_TABS) if f.title == title and row in f.rows), None)
        if frame is None:
            rules = [f"{f.title}!A{row}" for f in _frames(reading, RULE_TABS) for row in f.rows]
            there = f"Name a cell of a rule's row: {few(rules)}" if rules else "The workbook has no such rows"
            raise ChangeError(f"{text} is in no row of a rule or target. {there}.")
        dropped.add((title, row))
        width = len(reading.snapshot.tabs[title].rows[row - 1])
        cells |= {(title, row, column): BLANK for column in range(1, width + 1)}
    return cells, dropped


def _typed(reading: Reading, frame: Frame | None, place: Place, field: str, value: str) -> Cell:
    title, row, column = place
    tab = reading.snapshot.tabs[title]
    others = () if frame is None else (tab.cell(other, column) for other in frame.rows)
    return typed_over(value, field, tab.cell(row, column), others)


def _frame_at(reading: Reading, place: Place) -> Frame | None:
    """The tab of inputs that a cell is in; None where it is in another, or its headers were not found."""
    frames = reading.checked.frames.values()
    return next((one for one in frames if one.title == place[0] and one.header_found), None)


def _name_of(reading: Reading, changed: Snapshot, place: Place) -> str:
    """What a cell is about: the header of its column, and whose it is in the list of initiatives."""
    title, row, column = place
    frame = _frame_at(reading, place)
    if frame is None:
        return ""
    header = shown(changed.tabs[title].cell(frame.header_row, column)).strip()
    if frame.spec is not INITIATIVES or row not in frame.rows or not header:
        return header
    key = shown(frame.column(frame.spec.key_column)[list(frame.rows).index(row)])
    return f"{key}: {header}"


def _place_of(reading: Reading, scenario: str, field: str, cells: dict[Place, Cell]) -> Place:
    """The cell that a field names; a column that the sheet lacks is added at its right end."""
    place = cell_named(reading.snapshot, field)
    if place is not None:
        return place
    scenarios, initiatives = (_frame(reading, tab) for tab in (SCENARIOS, INITIATIVES))
    column, row = _column_of(reading, scenarios, field, cells), _row_of(scenarios, scenario)
    if column is not None and row is not None:
        return scenarios.title, row, column
    for key, header in _split_at_dots(field):
        row = _row_of(initiatives, key) or _row_titled(reading, initiatives, key)
        column = None if row is None else _column_of(reading, initiatives, header, cells)
        if row is not None and column is not None:
            return initiatives.title, row, column
        if row is not None:
            kpis = () if reading.checked.plan is None else reading.checked.plan.kpis
            near = Vocabulary([*_headers(initiatives), *(kpi.key for kpi in kpis)]).nearest(header)
            hint = f"Did you mean {near}?" if near else f"Its columns are headed {', '.join(_headers(initiatives))}."
            raise ChangeError(f'{initiatives.title} has no column "{header}". {hint}')
        column = _column_of(reading, initiatives, header, dict(cells))
        if column is not None and column <= initiatives.width and reading.checked.plan is not None:
            initiative_named(reading, reading.checked.plan, key)
    have = ", ".join(_headers(scenarios))
    raise ChangeError(
        f'"{field}" names no cell. Write a header of {scenarios.title} ({have}), INITIATIVE.HEADER for a cell of '
        f"{initiatives.title}, or a cell such as {scenarios.title}!{a1(scenarios.header_row + 1, 2)}."
    )


def _headers(frame: Frame) -> list[str]:
    return [one.header for one in frame.fields.values()]


def _row_titled(reading: Reading, initiatives: Frame, title: str) -> int | None:
    """The row of an initiative with that title.

    Raises:
        UnknownInitiativeError: several have it.
    """
    plan = reading.checked.plan
    key = None if plan is None else titled(plan, title)
    return None if key is None else _row_of(initiatives, key)


def _split_at_dots(field: str) -> Iterator[tuple[str, str]]:
    """``PAY-1.gmv`` as key and header, once for each dot: keys and headers may hold dots of their own."""
    for at, sign in enumerate(field):
        if sign == ".":
            yield field[:at], field[at + 1 :]


def _frames(reading: Reading, tabs: Sequence[InputTab]) -> list[Frame]:
    return [reading.checked.frames[tab.name] for tab in tabs if tab.name in reading.checked.frames]


def _frame(reading: Reading, tab: InputTab) -> Frame:
    frame = reading.checked.frames.get(tab.name)
    if frame is None or not frame.header_found:
        raise ChangeError(f"The workbook has no tab {tab.name} that can be read; sheetplan check says what is wrong.")
    return frame


def _row_of(frame: Frame, key: str) -> int | None:
    """The row of a key; None where there is none."""
    keys = frame.column(frame.spec.key_column)
    return next(
        (row for row, cell in zip(frame.rows, keys, strict=True) if fold_key(shown(cell)) == fold_key(key)), None
    )


def _column_of(reading: Reading, frame: Frame, header: str, cells: dict[Place, Cell]) -> int | None:
    """The number of the column that a header means, however it is spelt; None where it means none of the tab's."""
    plan = reading.checked.plan
    kpis = plan.kpis if plan is not None else ()
    names = Vocabulary([kpi.key for kpi in kpis], [(kpi.name, kpi.key) for kpi in kpis if kpi.name])
    fields, _ = match_headers(frame.spec, [Cell(CellKind.TEXT, header, header)], names)
    if not fields or (fields[0].column is not None and fields[0].column.is_written):
        return None
    name = fields[0].name
    if name in frame.fields:
        return frame.fields[name].number
    added = [at for at, cell in cells.items() if at[:2] == (frame.title, frame.header_row)]
    known = next((column for _, _, column in added if cells[frame.title, frame.header_row, column].value == name), None)
    if known is not None:
        return known
    column = frame.width + 1 + len(added)
    cells[frame.title, frame.header_row, column] = Cell(CellKind.TEXT, name, name)
    return column


def _with_cells(snapshot: Snapshot, cells: Mapping[Place, Cell]) -> Snapshot:
    tabs = dict(snapshot.tabs)
    for (title, row, column), cell in cells.items():
        rows = [list(one) for one in tabs[title].rows]
        rows += [[] for _ in range(row - len(rows))]
        rows[row - 1] += [BLANK] * (column - len(rows[row - 1]))
        rows[row - 1][column - 1] = cell
        tabs[title] = replace(tabs[title], rows=rows)
    return replace(snapshot, tabs=tabs)
