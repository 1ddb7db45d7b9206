"""Where the change of each KPI comes from, since the approved plan or the last run: a table in the details."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.names import fold_key
from config.units import unit_of
from optimizer.plan import Kpi
from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.workbook.changes import Align, Formula, OutCell, Role
from sheets_sync.workbook.snapshot import a1

STEPS = ("Work finished, periods moved", "Changed estimates", "Initiatives in and out", "Capacity", "Rules and weights")
"""The first one in workbooks with a plan over several periods only."""
WITH_NEXT = "with the next"


@dataclass(frozen=True)
class ScenarioBridge:
    """How a scenario's totals came from earlier ones: native units, by KPI.

    `since` says from when the earlier ones are. A step has the places in `STEPS` that it is about, the last one being
    where its figures belong, and what it changes.
    """

    since: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    steps: Sequence[tuple[Sequence[int], Mapping[str, float]]]

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        steps = [[list(places), dict(changes)] for places, changes in self.steps]
        return {"since": self.since, "before": dict(self.before), "after": dict(self.after), "steps": steps}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "ScenarioBridge":
        """The bridge that `to_json` wrote down."""
        steps = tuple((tuple(places), changes) for places, changes in document["steps"])
        return ScenarioBridge(document["since"], document["before"], document["after"], steps)


def bridge_block(page: Page, bridges: Mapping[str, ScenarioBridge]) -> None:
    """One column per scenario, and for each KPI what it was, the steps, and what it is; `bridges` are by folded name.

    The rows are there whether or not there is anything to compare with, so that none moves later.
    """
    draft, layout, grid = page.details, page.layout, page.details.grid
    top = draft.row
    heading(draft, top, "Where the change comes from")
    grid.put_row(top + 1, 1, [header("Measure"), header("Step"), header("Unit")])
    grid.put(top + 2, 1, OutCell("Compared with", Role.LABEL))
    steps = shown_steps(page)
    height = len(steps) + 2
    for at, kpi in enumerate(page.plan.kpis):
        first = top + 3 + at * height
        for offset, step in enumerate(("Then", *steps, "Now")):
            label = OutCell(kpi.key, Role.LABEL if offset == 0 else Role.NOTE)
            unit = OutCell(kpi.unit or None, Role.NOTE)
            grid.put_row(first + offset, 1, [label, OutCell(step), unit])
    for position, scenario in enumerate(layout.scenarios):
        column = layout.scenario_column(position)
        grid.put(top + 1, column, header(scenario.name, Align.RIGHT))
        bridge = bridges.get(fold_key(scenario.name))
        since = "nothing" if bridge is None else bridge.since
        grid.put(top + 2, column, OutCell(since, Role.NOTE, wrap=True, align=Align.RIGHT))
        for at, kpi in enumerate(page.plan.kpis):
            if bridge is not None and kpi.key in bridge.before and kpi.key in bridge.after:
                _column(page, bridge, kpi, top + 3 + at * height, column)
    bottom = top + 2 + height * len(page.plan.kpis)
    grid.areas["sheetplan_bridge"] = grid.area(top + 1, 1, bottom, layout.scenario_column(len(layout.scenarios) - 1))
    draft.row = bottom + 2


def shown_steps(page: Page) -> Sequence[str]:
    """Those of `STEPS` that this workbook has: the last four, or all."""
    return STEPS if page.layout.timed else STEPS[1:]


def _column(page: Page, bridge: ScenarioBridge, kpi: Kpi, first: int, column: int) -> None:
    grid, pattern = page.details.grid, unit_of(kpi).pattern
    grid.put(first, column, OutCell(bridge.before[kpi.key], number_format=pattern))
    end = first + len(shown_steps(page))
    above = end - len(STEPS) + 1
    for places, changes in bridge.steps:
        *others, last = places
        for place in others:
            grid.put(above + place, column, OutCell(WITH_NEXT, Role.NOTE, align=Align.RIGHT))
        change = changes[kpi.key]
        role = Role.BODY if change else Role.NOTE
        grid.put(above + last, column, OutCell(change, role, pattern))
    total = Formula(f"=SUM({a1(first, column)}:{a1(end, column)})", bridge.after[kpi.key])
    grid.put(end + 1, column, OutCell(total, Role.FIGURE, pattern))
