"""What is different between two runs: inputs by key and column, and per scenario the selection and the totals."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from config.names import fold_key
from config.tabs import CONSTRAINTS, INPUT_TABS, TARGETS
from optimizer.plan import Kpi, Plan
from optimizer.portfolio import SolverName
from optimizer.studies.bridge import Bridge
from sheets_sync.checks import check
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, has_content
from sheets_sync.run.bridges import bridge_json, bridge_of_runs, moved_json, plan_of
from sheets_sync.store.run_record import RunRecord
from sheets_sync.workbook.snapshot import Cell, CellKind

Value = str | float | int | bool | None
UNKEYED = frozenset({CONSTRAINTS.name, TARGETS.name})


@dataclass(frozen=True)
class InputChange:
    """A cell that changed (`column` given), or a row that came or went.

    `before` and `after` are the sheet's own values: numbers as numbers, a date in ISO 8601. The texts are what the
    sheet shows, with more digits where they would look alike.
    """

    tab: str
    key: str
    column: str | None
    before: Value
    after: Value
    before_text: str | None
    after_text: str | None


@dataclass(frozen=True)
class Figure:
    """A number in both runs; None where a run does not have it."""

    name: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class ScenarioDifference:
    """One scenario in both runs; a status is None in a run that did not have it. Figures are those that differ."""

    scenario: str
    status_before: str | None
    status_after: str | None
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    finished: tuple[str, ...]
    """What was selected then and is done now."""
    figures: tuple[Figure, ...]
    bridge: Bridge | None = None
    moved: tuple[tuple[str, str, str], ...] = ()
    """What starts in another period: the initiative, the period then and now."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        same_status = self.status_before == self.status_after
        has_moves = self.came_in or self.went_out or self.finished or self.moved
        return same_status and not (has_moves or self.figures)


@dataclass(frozen=True)
class RunDifference:
    """Two runs, the earlier first, and all that differs between them."""

    before: str
    after: str
    inputs: tuple[InputChange, ...]
    scenarios: tuple[ScenarioDifference, ...]
    kpis: tuple[Kpi, ...] = ()
    """Those of the later run, whose units the amounts have; without them where its inputs are no plan any more."""

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        bare = replace(self, scenarios=tuple(replace(scenario, bridge=None) for scenario in self.scenarios), kpis=())
        document = asdict(bare)
        del document["kpis"]
        for item, scenario in zip(document["scenarios"], self.scenarios, strict=True):
            item["moved"] = moved_json(scenario.moved)
            item["bridge"] = None if scenario.bridge is None else bridge_json(scenario.bridge)
        return document


def difference(before: RunRecord, after: RunRecord) -> RunDifference:
    """What is different in `after`."""
    then, now = check(before.snapshot).frames, check(after.snapshot).frames
    plan = plan_of(after)
    scenarios = tuple(_scenario_differences(before, after, plan))
    kpis = () if plan is None else plan.kpis
    return RunDifference(before.run_id, after.run_id, tuple(_input_changes(then, now)), scenarios, kpis)


def with_bridges(
    found: RunDifference, before: RunRecord, after: RunRecord, *, solver: SolverName, time_limit_s: float | None
) -> RunDifference:
    """The difference of two runs and, for each scenario whose totals differ, from what: up to two plans are solved."""
    scenarios = []
    for scenario in found.scenarios:
        bridge = None
        if scenario.figures:
            bridge = bridge_of_runs(before, after, scenario.scenario, solver=solver, time_limit_s=time_limit_s)
        scenarios.append(replace(scenario, bridge=bridge))
    return replace(found, scenarios=tuple(scenarios))


def _input_changes(then: Mapping[str, Frame], now: Mapping[str, Frame]) -> Iterator[InputChange]:
    for spec in INPUT_TABS:
        older, newer = then.get(spec.name), now.get(spec.name)
        yield from (_rows_changed if spec.name in UNKEYED else _cells_changed)(spec.name, older, newer)


def _cells_changed(tab: str, older: Frame | None, newer: Frame | None) -> Iterator[InputChange]:
    before, after = _by_key(older), _by_key(newer)
    for folded, (key, row) in before.items():
        if folded not in after:
            yield InputChange(tab, key, None, key, None, key, None)
            continue
        now = after[folded][1]
        for column in [*row, *(column for column in now if column not in row)]:
            was, is_ = row.get(column), now.get(column)
            if _value(was) != _value(is_):
                yield InputChange(tab, key, column, _json(was), _json(is_), *_texts(was, is_))
    for folded, (key, _) in after.items():
        if folded not in before:
            yield InputChange(tab, key, None, None, key, None, key)


def _rows_changed(tab: str, older: Frame | None, newer: Frame | None) -> Iterator[InputChange]:
    """Rows without a key: those that are no more, and those that are new."""
    before, after = Counter(_contents(older)), Counter(_contents(newer))
    gone, new = list((before - after).elements()), list((after - before).elements())
    alike = {_sentence(row) for row in gone} & {_sentence(row) for row in new}
    for row in gone:
        text = _sentence(row, alike)
        yield InputChange(tab, text, None, text, None, text, None)
    for row in new:
        text = _sentence(row, alike)
        yield InputChange(tab, text, None, None, text, None, text)


def _by_key(frame: Frame | None) -> dict[str, tuple[str, dict[str, Cell]]]:
    """(key as written, cells by column) of each row, by folded key."""
    if frame is None:
        return {}
    columns = {name: frame.column(name) for name in frame.fields}
    rows: dict[str, tuple[str, dict[str, Cell]]] = {}
    for at, key in enumerate(frame.column(frame.spec.key_column)):
        text = shown(key).strip()
        rows.setdefault(fold_key(text), (text, {name: cells[at] for name, cells in columns.items()}))
    return rows


_Row = tuple[tuple[str, object, str, str], ...]
"""(column, value, text, text in all digits) of each filled cell."""


def _contents(frame: Frame | None) -> Iterator[_Row]:
    if frame is not None:
        columns = {name: frame.column(name) for name in frame.fields}
        for at in range(len(frame.rows)):
            filled = ((name, cells[at]) for name, cells in columns.items() if has_content(cells[at]))
            yield tuple((name, _value(cell), shown(cell), _in_all_digits(cell)) for name, cell in filled)


def _sentence(row: _Row, alike: Collection[str] = ()) -> str:
    """What a row says, in all digits where another row would be reported in the same words."""
    text = ", ".join(f"{name} {said}" for name, _, said, _ in row)
    return ", ".join(f"{name} {exact}" for name, _, _, exact in row) if text in alike else text


def _value(cell: Cell | None) -> object:
    if cell is None or not has_content(cell):
        return None
    return cell.value if cell.value is not None else cell.shown


def _json(cell: Cell | None) -> Value:
    value = _value(cell)
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | float | int | bool) else None


def _texts(was: Cell | None, is_: Cell | None) -> tuple[str | None, str | None]:
    """What the sheet shows before and after, in all digits where that is the same."""
    before, after = _text(was), _text(is_)
    if before != after or was is None or is_ is None:
        return before, after
    return _in_all_digits(was), _in_all_digits(is_)


def _text(cell: Cell | None) -> str | None:
    if cell is None or not has_content(cell):
        return None
    return "not calculated" if cell.kind is CellKind.UNCALCULATED else shown(cell)


def _in_all_digits(cell: Cell) -> str:
    """A number with every digit that it has, in per cent where the sheet shows it so; other cells as they are shown."""
    if cell.kind is not CellKind.NUMBER or not isinstance(cell.value, int | float):
        return shown(cell)
    number = Decimal(repr(cell.value))
    if shown(cell).endswith("%"):
        return f"{(number * 100).normalize():,f}%"
    return f"{number.normalize():,f}"


def _scenario_differences(before: RunRecord, after: RunRecord, plan: Plan | None) -> Iterator[ScenarioDifference]:
    """Scenario by scenario; `plan` is that of `after`, which says what is done by now and what goes on."""
    done, begun = (frozenset[str](), frozenset[str]()) if plan is None else (plan.done, plan.in_progress)
    names = [item["scenario"] for item in after.outcome["scenarios"]]
    names += [item["scenario"] for item in before.outcome["scenarios"] if after.scenario(item["scenario"]) is None]
    for name in names:
        was, is_ = before.scenario(name), after.scenario(name)
        old, new, figures = [], [], []
        moved: list[tuple[str, str, str]] = []
        if was is not None and is_ is not None and None not in (was["objective"], is_["objective"]):
            # Against a run without a portfolio everything would count as gone; the status says enough.
            old, new = was["selected"], is_["selected"]
            starts = is_.get("starts", {})
            moved = [
                (key, period, starts[key])
                for key, period in was.get("starts", {}).items()
                if starts.get(key, period) != period and key not in begun
            ]
            figures = [figure for figure in _figures(_numbers(was), _numbers(is_)) if figure.before != figure.after]
        yield ScenarioDifference(
            name,
            None if was is None else was["status"],
            None if is_ is None else is_["status"],
            tuple(key for key in new if key not in old),
            tuple(key for key in old if key not in new and key not in done),
            tuple(key for key in old if key in done),
            tuple(figures),
            moved=tuple(moved),
        )


def _figures(then: Mapping[str, float | None], now: Mapping[str, float | None]) -> Iterator[Figure]:
    for name in [*then, *(name for name in now if name not in then)]:
        yield Figure(name, then.get(name), now.get(name))


def _numbers(scenario: Mapping[str, Any]) -> dict[str, float | None]:
    used = {f"{resource} used": use["used"] for resource, use in scenario["capacity"].items()}
    return {"objective": scenario["objective"], **scenario["kpi_totals"], **used}
