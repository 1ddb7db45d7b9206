"""The selection: one row per initiative with its figures as they were in the run, one column per scenario."""

from config.units import unit_named
from sheets_sync.changes import Formula, Highlight, OutCell, Role
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, Layout
from sheets_sync.report.page import Page
from sheets_sync.snapshot import a1

SELECTION_NAME = "sheetplan_selection"
PICKED_PATTERN = '"●";;"–"'


def selection_block(page: Page) -> None:
    """Header, initiatives, synergies; named, so that the next run and people's formulas find it."""
    layout, grid = page.layout, page.grid
    top = layout.top
    grid.put(top, 1, OutCell("Initiative", Role.HEADER))
    grid.put(top, 2, OutCell("Title", Role.HEADER))
    grid.put(top, 3, OutCell("Picked in", Role.HEADER))
    for position, scenario in enumerate(layout.scenarios):
        grid.put(top, layout.scenario_column(position), OutCell(scenario.name, Role.HEADER, wrap=True))
    for resource in layout.resources:
        grid.put(top, layout.resource_column(resource), OutCell(resource, Role.HEADER, wrap=True))
    for dimension in layout.dimensions:
        grid.put(top, layout.dimension_column(dimension), OutCell(dimension, Role.HEADER, wrap=True))
    for kpi in layout.kpis:
        grid.put(top, layout.kpi_column(kpi.key), OutCell(kpi.key, Role.HEADER, wrap=True))
    _initiative_rows(page)
    _synergy_rows(page)
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    grid.areas[SELECTION_NAME] = grid.area(top, 1, layout.last_initiative_row, last_scenario)
    if layout.last_row >= layout.first_row:
        grid.areas["sheetplan_figures"] = grid.area(
            top, layout.first_figure_column, layout.last_row, layout.last_figure_column
        )
        marks = grid.area(layout.first_row, FIRST_SCENARIO_COLUMN, layout.last_row, last_scenario)
        page.highlights.append(Highlight(marks, f"={a1(marks.top, marks.left)}=1", Role.GOOD))


def _initiative_rows(page: Page) -> None:
    layout, grid = page.layout, page.grid
    candidates = {
        position: {initiative.key for initiative in page.plan.candidates(page.plan.scenario(scenario.name))}
        for position, scenario, _ in page.answered
    }
    selected = {position: set(portfolio.selected) for position, _, portfolio in page.answered}
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    for offset, initiative in enumerate(layout.initiatives):
        row = layout.first_row + offset
        grid.put(row, 1, OutCell(initiative.key, Role.LABEL))
        grid.put(row, 2, OutCell(initiative.title or None))
        picked_in = sum(initiative.key in keys for keys in selected.values())
        marks = f"{a1(row, FIRST_SCENARIO_COLUMN)}:{a1(row, last_scenario)}"
        pattern = f'0" of {len(page.answered)}"'
        grid.put(row, 3, OutCell(Formula(f"=SUM({marks})", picked_in), number_format=pattern))
        for position, keys in selected.items():
            if initiative.key in candidates[position]:
                mark = OutCell(int(initiative.key in keys), number_format=PICKED_PATTERN)
                grid.put(row, layout.scenario_column(position), mark)
        for resource, cost in initiative.costs.items():
            grid.put(row, layout.resource_column(resource), OutCell(cost, number_format="#,##0.##"))
        for dimension, key in initiative.dimensions.items():
            grid.put(row, layout.dimension_column(dimension), OutCell(key))
        for kpi in layout.kpis:
            if kpi.key in initiative.contributions:
                contribution = OutCell(initiative.contributions[kpi.key], number_format=unit_named(kpi.unit).pattern)
                grid.put(row, layout.kpi_column(kpi.key), contribution)


def _synergy_rows(page: Page) -> None:
    """One row per synergy below the initiatives, so that the same formulas add its value where it is earned."""
    layout, grid = page.layout, page.grid
    earned = {
        position: {outcome.synergy for outcome in portfolio.synergies if outcome.earned}
        for position, _, portfolio in page.answered
    }
    shown = {initiative.key: initiative for initiative in layout.initiatives}
    for offset, row_of in enumerate(layout.synergies):
        row, synergy = layout.last_initiative_row + 1 + offset, row_of.synergy
        grid.put(row, 1, OutCell("synergy", Role.NOTE))
        grid.put(row, 2, OutCell(synergy.label or " + ".join(synergy.members), Role.NOTE))
        members = [shown[key] for key in synergy.members if key in shown]
        for position in row_of.scenarios:
            column = layout.scenario_column(position)
            value = int(synergy in earned[position])
            if len(members) < len(synergy.members):
                cell = OutCell(0, number_format=PICKED_PATTERN)
            else:
                product = "*".join(a1(layout.initiative_row(key), column) for key in synergy.members)
                cell = OutCell(Formula(f"={product}", value), number_format=PICKED_PATTERN)
            grid.put(row, column, cell)
        kpi = page.plan.kpi(synergy.kpi)
        bonus = OutCell(synergy.value, number_format=unit_named(kpi.unit).pattern)
        grid.put(row, layout.kpi_column(kpi.key), bonus)
        for dimension in layout.dimensions:
            common = {member.dimensions.get(dimension) for member in members}
            if len(common) == 1 and (key := common.pop()) is not None:
                grid.put(row, layout.dimension_column(dimension), OutCell(key))


def column_widths(layout: Layout) -> list[int]:
    """Width of each column in characters."""
    titles = max((len(initiative.title) for initiative in layout.initiatives), default=0)
    widths = [22, min(max(titles, 24), 48), 14]
    widths += [20] * len(layout.scenarios)
    return widths + [16] * (layout.last_column - len(widths))
