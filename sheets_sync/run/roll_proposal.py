"""What the next planning cycle changes: finished work done, running work with what remains, the horizon moved.

An earlier plan (the newest approval, else the last run) says when each initiative was to start. With `k` periods that
are over, one that takes `d` periods from `p` on is done where ``p + d <= k``, in progress where it has begun before
(`p < k`), with what its later periods cost, and still to start otherwise. That is the plan's word: where the work went
otherwise, the person changes it before or after.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.names import fold_header, fold_key
from config.tabs import INITIATIVES, PERIODS, SCENARIOS
from config.units import amount_of
from optimizer.exact import total
from optimizer.model.rows import is_in
from optimizer.plan import TOKENS, Initiative, Plan, Scenario
from sheets_sync.checks import Checked
from sheets_sync.checks.timing import PROFILE
from sheets_sync.inputs.earlier_plans import EarlierPlan
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.periods import fold_period, parse_period
from sheets_sync.run.question_errors import RollError
from sheets_sync.workbook.changes import CellEdit
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, Tab, a1

_DIGITS = 10
"""Rounded to so many significant digits, what remains is a number as people write it."""


@dataclass(frozen=True)
class RollStep:
    """One cell that changes: what it is about, its old value as shown, and its new one (None: blank)."""

    tab: str
    row: int
    column: int
    subject: str
    header: str
    old: str
    value: str | float | None
    formula: str | None = None

    @property
    def place(self) -> str:
        """``Initiatives!E4``."""
        return f"{self.tab}!{a1(self.row, self.column)}"

    @property
    def new(self) -> str:
        """The new value as text; empty where the cell becomes blank."""
        return "" if self.value is None else self.value if isinstance(self.value, str) else f"{self.value:,.10g}"


@dataclass(frozen=True)
class RollProposal:
    """The cells that change, on what they are based, and sentences about what a person should look at."""

    scenario: str
    to_period: str
    based_on: str
    steps: tuple[RollStep, ...]
    notes: tuple[str, ...]

    @property
    def edits(self) -> list[CellEdit]:
        """The same for a backend."""
        return [CellEdit(step.tab, step.row, step.column, step.value) for step in self.steps]

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        cells = [
            {"cell": s.place, "about": s.subject, "column": s.header, "old": s.old or None, "new": s.value}
            for s in self.steps
        ]
        return {
            "scenario": self.scenario,
            "to_period": self.to_period,
            "based_on": self.based_on,
            "cells": cells,
            "notes": list(self.notes),
        }


def propose_roll(
    snapshot: Snapshot, checked: Checked, scenario: Scenario, earlier: EarlierPlan, to: str, *, keep: str
) -> RollProposal:
    """What changes when `scenario` goes on from the period `to`; `keep` is what its `keep` says from then on.

    Raises:
        RollError: the period is none to go on from, or a cell that would change holds a formula.
    """
    plan = checked.plan
    if plan is None:
        raise RollError("The workbook has errors. See them with: sheetplan check")
    horizon = plan.horizon(scenario)
    over = _periods_over(checked, plan, scenario, to)
    sheet = _Edits(snapshot, checked.frames)
    notes = [f'"{name}" has errors, so it is left as it is.' for name in checked.stopped]
    _roll_initiatives(sheet, plan, scenario, earlier, over, notes)
    for other in plan.scenarios:
        if other.from_period == scenario.from_period:
            ends = _period_after(checked, plan, other.to_period or "", over)
            sheet.put(SCENARIOS.name, other.name, "from_period", _period_after(checked, plan, horizon[0], over))
            sheet.put(SCENARIOS.name, other.name, "to_period", ends)
    sheet.put(SCENARIOS.name, scenario.name, "keep", keep)
    if formulas := [step.place for step in sheet.steps if step.formula is not None]:
        verb = "holds a formula" if len(formulas) == 1 else "hold formulas"
        raise RollError(
            f"{', '.join(formulas)} would change and {verb}. Put values in their place, or make the formula follow the "
            "period, then try again."
        )
    return RollProposal(
        scenario.name, _period_after(checked, plan, horizon[0], over), earlier.words, tuple(sheet.steps), tuple(notes)
    )


def _roll_initiatives(
    sheet: "_Edits", plan: Plan, scenario: Scenario, earlier: EarlierPlan, over: int, notes: list[str]
) -> None:
    horizon = plan.horizon(scenario)
    first = plan.period_number(horizon[0])
    places = {fold_period(period): number - first for number, period in enumerate(plan.periods)}
    planned = {fold_key(key): places.get(fold_period(period)) for key, period in earlier.starts.items()}
    selected = {fold_key(key) for key in earlier.selected}
    done: list[tuple[Initiative, int]] = []
    for initiative in plan.candidates(scenario):
        start = planned.get(fold_key(initiative.key))
        key = initiative.key
        if initiative.is_in_progress:
            start = 0
            if fold_key(key) not in selected and initiative.may_stop:
                _end(sheet, initiative, "stopped")
                continue
        elif fold_key(key) not in selected or start is None or start < 0:
            start = over
        if start + initiative.duration <= over:
            _end(sheet, initiative, "done")
            done.append((initiative, start + initiative.duration - 1))
            continue
        if start < over:
            _go_on(sheet, initiative, over - start)
        _report_dates(sheet, plan, initiative, first + over, notes)
    notes += _achieved(plan, scenario, done, over)


def _achieved(plan: Plan, scenario: Scenario, done: Sequence[tuple[Initiative, int]], over: int) -> Iterator[str]:
    """What the plan counted of finished work towards each target, which no plan counts any more.

    `done` has the period, from 0, in which each was finished; a target of a period that is over is reported by a check.
    """
    horizon = plan.horizon(scenario)
    for target in scenario.targets:
        kpi, by = plan.kpi(target.kpi), len(horizon) - 1 if target.period is None else horizon.index(target.period)
        counted = total(
            kpi.times_counted(finish, by) * initiative.contributions.get(kpi.key, 0.0)
            for initiative, finish in done
            if is_in(initiative, target.slice)
        )
        if counted and by >= over:
            where = f" ({target.source})" if target.source else ""
            left = target.value - counted
            cure = f"change the target to {amount_of(left, kpi)}"
            if target.baseline is not None:
                cure = "set its baseline to what you measure now"
            elif left * kpi.direction.sign <= 0:
                cure = "the target is met: remove it"
            yield (
                f"The target for {kpi.key}{target.scope}{where}: {amount_of(counted, kpi)} of the "
                f"{amount_of(target.value, kpi)} asked for was to come from work that is finished now, which a plan no "
                f"longer counts. If that came true, {cure}."
            )


def _end(sheet: "_Edits", initiative: Initiative, status: str) -> None:
    """Done or stopped: what counts for work in progress only is cleared."""
    sheet.put_status(initiative.key, status)
    if initiative.is_in_progress:
        for name in ("remaining_tokens", "may_stop", "stop_cost", *(PROFILE if initiative.profile else ())):
            sheet.put(INITIATIVES.name, initiative.key, name, None)


def _go_on(sheet: "_Edits", initiative: Initiative, spent: int) -> None:
    """In progress after so many periods of its work, with what the others cost."""
    key, left = initiative.key, range(spent, initiative.duration)
    profile = [initiative.spent_in(TOKENS, place) for place in left]
    sheet.put_status(key, "in_progress")
    sheet.put(INITIATIVES.name, key, "remaining_tokens", _rounded(sum(profile)))
    sheet.put(INITIATIVES.name, key, "duration_periods", float(len(left)))
    for number, name in enumerate(PROFILE if initiative.profile else ()):
        sheet.put(INITIATIVES.name, key, name, _rounded(profile[number]) if number < len(profile) else None)
    for resource, cost in initiative.costs.items():
        if resource != TOKENS and cost:
            rest = sum(initiative.spent_in(resource, place) for place in left)
            sheet.put(INITIATIVES.name, key, f"cost: {resource}", _rounded(rest))


def _report_dates(sheet: "_Edits", plan: Plan, initiative: Initiative, first: int, notes: list[str]) -> None:
    """Clears an earliest start that is over, and reports a deadline and a period that have passed."""
    if initiative.earliest_start is not None and plan.period_number(initiative.earliest_start) < first:
        sheet.put(INITIATIVES.name, initiative.key, "earliest_start", None)
    if initiative.latest_finish is not None and plan.period_number(initiative.latest_finish) < first:
        notes.append(
            f"{initiative.key} was to be finished in {initiative.latest_finish} or earlier, which is over: change its "
            "latest finish, or it cannot be selected."
        )
    if initiative.period_key is not None and not initiative.is_in_progress:
        place = {fold_period(period): number for number, period in enumerate(plan.periods)}
        if place.get(fold_period(initiative.period_key), first) < first:
            notes.append(
                f"{initiative.key} belongs to {initiative.period_key}, which is over: give it another period, or none."
            )


def _rounded(amount: float) -> float:
    return float(f"{amount:.{_DIGITS}g}")


def _periods_over(checked: Checked, plan: Plan, scenario: Scenario, to: str) -> int:
    """How many periods of the scenario are over when `to` begins.

    Raises:
        RollError: `to` is no period of the workbook, or not after the scenario's first.
    """
    first = scenario.from_period or ""
    folded = fold_period(to)
    numbers = {fold_period(period): number for number, period in enumerate(plan.periods)}
    if folded in numbers:
        over = numbers[folded] - plan.period_number(first)
    else:
        over = 0 if _has_rows(checked, PERIODS.name) else _distance(first, to)
        if not over:
            where = "in the Periods tab" if _has_rows(checked, PERIODS.name) else f"such as {first}"
            raise RollError(f'There is no period "{to}" {where}. The scenario plans {first} to {scenario.to_period}.')
    if over <= 0:
        raise RollError(f'"{scenario.name}" begins with {first} already. Roll it on to a later period.')
    return over


def _period_after(checked: Checked, plan: Plan, period: str, count: int) -> str:
    """The period that is so many after another one.

    Raises:
        RollError: the Periods tab ends before.
    """
    number = plan.period_number(period) + count
    if number < len(plan.periods):
        return plan.periods[number]
    meaning = None if _has_rows(checked, PERIODS.name) else parse_period(period)
    if meaning is None or meaning.serial is None:
        missing = number - len(plan.periods) + 1
        more = "one more period" if missing == 1 else f"{missing} more periods"
        raise RollError(
            f"The plan would end after {plan.periods[-1]}, the last period of the Periods tab. Add {more} there."
        )
    return meaning.at(meaning.serial + count).key


def _distance(first: str, to: str) -> int:
    begin, end = parse_period(first), parse_period(to)
    if begin is None or end is None or begin.serial is None or end.serial is None:
        return 0
    same = (begin.kind, begin.is_fiscal) == (end.kind, end.is_fiscal)
    return end.serial - begin.serial if same else 0


def _has_rows(checked: Checked, tab: str) -> bool:
    return tab in checked.frames and bool(checked.frames[tab].rows)


class _Edits:
    """Cells of the input tabs by key and column; a column that is missing gets a header at the right of the tab."""

    def __init__(self, snapshot: Snapshot, frames: Mapping[str, Frame]) -> None:
        self._snapshot = snapshot
        self._frames = frames
        self._new: dict[tuple[str, str], int] = {}
        self._rows = {
            name: {fold_key(_text(cell)): row for row, cell in zip(f.rows, f.column(f.spec.key_column), strict=True)}
            for name, f in frames.items()
            if name in (INITIATIVES.name, SCENARIOS.name)
        }
        self._headers: list[RollStep] = []
        self._changed: list[RollStep] = []

    @property
    def steps(self) -> Sequence[RollStep]:
        """New headers first, then the cells in the order of the sheet."""
        return [*self._headers, *sorted(self._changed, key=lambda step: (step.tab, step.row, step.column))]

    def put_status(self, key: str, status: str) -> None:
        """The status in the word that the column has for it, or in ours."""
        frame = self._frames[INITIATIVES.name]
        spellings = frame.spec.column("status").choice_spellings
        words = [_text(cell) for cell in frame.column("status")]
        own = next((word for word in words if spellings.get(fold_header(word)) == status), status)
        self.put(INITIATIVES.name, key, "status", own)

    def put(self, tab: str, key: str, name: str, value: str | float | None) -> None:
        """A new value, where it differs from the one that the cell has."""
        frame = self._frames[tab]
        row, page = self._rows[tab][fold_key(key)], self._tab(frame.title)
        column = frame.number_of(name)
        before = BLANK if column is None else page.cell(row, column)
        if column is None and value is None:
            return
        if not before.formula and _is_same(before, value):
            return
        header = name if column is None else frame.fields[name].header
        if column is None:
            column = self._new_column(frame, name)
        self._changed.append(
            RollStep(frame.title, row, column, key, header, before.shown or _text(before), value, before.formula)
        )

    def _new_column(self, frame: Frame, name: str) -> int:
        place = (frame.title, name)
        if place not in self._new:
            taken = [len(row) for row in self._tab(frame.title).rows]
            taken += [number for (title, _), number in self._new.items() if title == frame.title]
            self._new[place] = number = max(taken) + 1
            self._headers.append(RollStep(frame.title, frame.header_row, number, "new column", name, "", name))
        return self._new[place]

    def _tab(self, title: str) -> Tab:
        return self._snapshot.tabs[title]


def _is_same(cell: Cell, value: str | float | None) -> bool:
    if value is None:
        return cell.is_blank or cell.value is False
    if isinstance(value, str):
        return fold_period(_text(cell)) == fold_period(value)
    return cell.kind is CellKind.NUMBER and cell.number == value


def _text(cell: Cell) -> str:
    return str(cell.value) if cell.kind is CellKind.TEXT else cell.shown
