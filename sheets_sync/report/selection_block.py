"""The selection: one row per initiative with its figures as they were in the run, one column per scenario."""

from collections.abc import Iterable, Mapping

from config.names import fold_key
from config.units import unit_of
from optimizer.explain.selection_reasons import MERIT
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LONG_TABLE_WIDTH, Layout
from sheets_sync.report.results_page import Page, amount_pattern, header
from sheets_sync.report.sheet_grid import fixed
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import a1

SELECTION_NAME = "sheetplan_selection"
PICKED_PATTERN = '"●";;"–"'
NAMED_SCENARIOS = 2
"""Scenarios that a reason names before it only counts the rest."""
LEFT, CENTRE, RIGHT = Align.LEFT, Align.CENTRE, Align.RIGHT


def selection_block(page: Page, states: Mapping[str, tuple[int, int]]) -> None:
    """Header, initiatives, synergies; named, so that the next run and people's formulas find it.

    `states` are the cells that tell whether an initiative's inputs changed since, by folded key.
    """
    layout, grid = page.layout, page.grid
    top = layout.top
    grid.put_row(top, 1, [header("Initiative"), header("Title"), header("Picked in", CENTRE)])
    for position, scenario in enumerate(layout.scenarios):
        grid.put(top, layout.scenario_column(position), header(scenario.name, CENTRE))
    for resource in layout.resources:
        grid.put(top, layout.resource_column(resource), header(resource, RIGHT))
    for dimension in layout.dimensions:
        grid.put(top, layout.dimension_column(dimension), header(dimension))
    for kpi in layout.kpis:
        grid.put(top, layout.kpi_column(kpi.key), header(kpi.key, RIGHT))
    grid.put(top, layout.state_column, header("Inputs since", CENTRE))
    grid.put(top, layout.reason_column, header("Why"))
    _initiative_rows(page, states)
    _synergy_rows(page)
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    grid.areas[SELECTION_NAME] = grid.area(top, 1, layout.last_initiative_row, last_scenario)
    if layout.last_row >= layout.first_row:
        grid.areas["sheetplan_figures"] = grid.area(
            top, layout.first_figure_column, layout.last_row, layout.last_figure_column
        )
        marks = grid.area(layout.first_row, FIRST_SCENARIO_COLUMN, layout.last_row, last_scenario)
        page.highlights.append(Highlight(marks, f"={a1(marks.top, marks.left)}=1", Role.GOOD))
        changed = grid.area(layout.first_row, 1, layout.last_row, 2)
        state = f"${a1(layout.first_row, layout.state_column)}"
        page.highlights.append(Highlight(changed, f"=LEN({state})>0", Role.BAD))
        flags = grid.area(layout.first_row, layout.state_column, layout.last_row, layout.state_column)
        page.highlights.append(Highlight(flags, f"=LEN({state})>0", Role.BAD))


def _initiative_rows(page: Page, states: Mapping[str, tuple[int, int]]) -> None:
    layout, grid = page.layout, page.grid
    selected = {position: set(portfolio.selected) for position, _, portfolio in page.answered}
    found = {position: portfolio.reasons for position, _, portfolio in page.answered}
    patterns = {kpi.key: unit_of(kpi).pattern for kpi in layout.kpis}
    kpi_columns = {kpi.key: layout.kpi_column(kpi.key) for kpi in layout.kpis}
    amounts = {
        resource: amount_pattern(*(initiative.costs.get(resource) for initiative in layout.initiatives))
        for resource in layout.resources
    }
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    pattern = f'0" of {len(page.answered)}"'
    for offset, initiative in enumerate(layout.initiatives):
        row = layout.first_row + offset
        grid.put(row, 1, OutCell(initiative.key, Role.LABEL))
        grid.put(row, 2, OutCell(initiative.title or None))
        picked_in = sum(initiative.key in keys for keys in selected.values())
        marks = f"{a1(row, FIRST_SCENARIO_COLUMN)}:{a1(row, last_scenario)}"
        grid.put(row, 3, OutCell(Formula(f"=SUM({marks})", picked_in), number_format=pattern, align=CENTRE))
        for position, keys in selected.items():
            if initiative.key in found[position]:
                mark = OutCell(int(initiative.key in keys), number_format=PICKED_PATTERN, align=CENTRE)
                grid.put(row, layout.scenario_column(position), mark)
        for resource, cost in initiative.costs.items():
            if resource in amounts:
                grid.put(row, layout.resource_column(resource), OutCell(cost, number_format=amounts[resource]))
        for dimension, key in initiative.dimensions.items():
            grid.put(row, layout.dimension_column(dimension), OutCell(key))
        for key, pattern_of_kpi in patterns.items():
            # Blanks have the format too: a column that looks alike throughout is one request and not hundreds.
            contribution = OutCell(initiative.contributions.get(key), number_format=pattern_of_kpi)
            grid.put(row, kpi_columns[key], contribution)
        state = states.get(fold_key(initiative.key))
        if state is not None:
            cell = fixed(*state)
            grid.put(row, layout.state_column, OutCell(Formula(f'=IF({cell}="same","",{cell})', ""), align=CENTRE))
        why = {position: reported[initiative.key] for position, reported in found.items() if initiative.key in reported}
        grid.put(row, layout.reason_column, OutCell(_why(layout, why), Role.NOTE))


def _why(layout: Layout, reported: Mapping[int, str]) -> str | None:
    """The reasons of one initiative: once where all scenarios share it, else each with its scenarios."""
    groups: dict[str, list[str]] = {}
    for position, reason in reported.items():
        groups.setdefault(reason, []).append(layout.scenarios[position].name)
    if len(groups) == 1:
        return next(iter(groups))
    return "; ".join(f"{reason} ({_named(names)})" for reason, names in groups.items() if reason != MERIT) or None


def _named(names: list[str]) -> str:
    if len(names) <= NAMED_SCENARIOS:
        return ", ".join(names)
    return f"{len(names)} scenarios"


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
                cell = OutCell(0, number_format=PICKED_PATTERN, align=CENTRE)
            else:
                product = "*".join(a1(layout.initiative_row(key), column) for key in synergy.members)
                cell = OutCell(Formula(f"={product}", value), number_format=PICKED_PATTERN, align=CENTRE)
            grid.put(row, column, cell)
        kpi = page.plan.kpi(synergy.kpi)
        bonus = OutCell(synergy.value, number_format=unit_of(kpi).pattern)
        grid.put(row, layout.kpi_column(kpi.key), bonus)
        for dimension in layout.dimensions:
            common = {member.dimensions.get(dimension) for member in members}
            if len(common) == 1 and (key := common.pop()) is not None:
                grid.put(row, layout.dimension_column(dimension), OutCell(key))
        reported = f"needs {' and '.join(synergy.members)}"
        grid.put(row, layout.reason_column, OutCell(reported, Role.NOTE))


def column_widths(layout: Layout) -> list[int]:
    """Width of each column in characters."""
    titles = [initiative.title for initiative in layout.initiatives]
    places = [
        str(use.slice or "") for outcome in layout.scenarios if outcome.portfolio for use in outcome.portfolio.slices
    ]
    widths = [_fitting([initiative.key for initiative in layout.initiatives], 26, 32)]
    widths += [_fitting(titles, 28, 44), _fitting(places, 14, 26)]
    widths += [_fitting([scenario.name for scenario in layout.scenarios], 16, 24)] * len(layout.scenarios)
    for dimension in layout.dimensions:
        values = {initiative.dimensions.get(dimension, "") for initiative in layout.initiatives}
        widths.append(_fitting([dimension, *values], 14, 26))
    widths += [_fitting([text], 14, 22) for text in (*layout.resources, *(kpi.key for kpi in layout.kpis))]
    widths += [14] * (layout.last_column - len(widths))
    if layout.reason_column > LONG_TABLE_WIDTH:
        widths[layout.reason_column - 1] = 60
    return widths


def _fitting(texts: Iterable[str], least: int, most: int) -> int:
    """The width that shows the longest of the texts, within bounds; bold text takes a little more."""
    return min(max([least, *(round(len(text) * 1.15) + 1 for text in texts)]), most)
