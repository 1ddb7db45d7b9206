"""KPI totals of Results, once: one row per KPI, one column per scenario, each a formula over the decision table."""

from config.units import unit_of
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LEAD_COLUMN
from sheets_sync.report.live_totals import kpi_figure
from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.workbook.changes import Align, Formula, OutCell, Role

KPIS_NAME = "sheetplan_kpis"


def kpi_totals(page: Page) -> None:
    """The block; synergies count in it."""
    draft, grid, layout = page.results, page.results.grid, page.layout
    heading(draft, draft.row, "KPI totals")
    top = draft.row + 1
    grid.put_row(top, 1, [header("KPI"), header(""), header("Unit")])
    for position, scenario in enumerate(layout.scenarios):
        grid.put(top, layout.scenario_column(position), header(scenario.name, Align.RIGHT))
    for offset, kpi in enumerate(page.plan.kpis, start=1):
        better = "" if kpi.direction.sign > 0 else "lower is better"
        notes = [OutCell(text or None, Role.NOTE) for text in (better, kpi.unit)]
        grid.put_row(top + offset, 1, [OutCell(page.words.kpi(kpi.key)), *notes])
        for position, scenario, portfolio in page.answered:
            column = layout.scenario_column(position)
            value = portfolio.kpi_totals[kpi.key]
            formula = kpi_figure(page, position, portfolio, kpi.key).formula
            pattern = unit_of(kpi).pattern_for(value)
            grid.put(top + offset, column, OutCell(Formula(f"={formula}", value), Role.FIGURE, pattern))
            page.total_cells[scenario.name, kpi.key] = grid.cell_area(top + offset, column)
    bottom = top + len(page.plan.kpis)
    last_column = max(layout.last_scenario_column, FIRST_SCENARIO_COLUMN, LEAD_COLUMN)
    grid.areas[KPIS_NAME] = grid.area(top, 1, bottom, last_column)
    draft.row = bottom + 2
