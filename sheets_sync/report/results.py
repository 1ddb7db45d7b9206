"""Results: what ran, scenarios side by side, targets, KPI totals, capacity, and the selection they are computed from.

Every total, use and gap is a live formula over the selection block; the figure that the optimizer proved stands beside
it with a check cell, and one cell at the top sums up all checks.
"""

from optimizer.plan import Plan
from sheets_sync.changes import Sheet
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.comparison import scenario_block, scenario_block_height
from sheets_sync.report.header import overall_check, run_block
from sheets_sync.report.layout import TITLE, layout_of
from sheets_sync.report.page import Page
from sheets_sync.report.selection import column_widths, selection_block
from sheets_sync.report.tables import capacity_block, targets_block, totals_block

OWNED_NAME = "sheetplan_results"
NAME_PREFIX = "sheetplan_"


def results_sheet(outcome: RunOutcome, plan: Plan) -> Sheet:
    """The whole Results tab of a run.

    The blocks above the selection have a height that depends on the plan alone, so they are laid out once to learn
    where the selection starts, and once more with that row known.
    """
    draft = _written(outcome, plan, selection_top=1_000)
    page = _written(outcome, plan, selection_top=draft.row)
    grid, layout = page.grid, page.layout
    rows = grid.rows()
    return Sheet(
        title=TITLE,
        rows=rows,
        owned_name=OWNED_NAME,
        name_prefix=NAME_PREFIX,
        named_ranges=grid.areas,
        column_widths=column_widths(layout),
        frozen_rows=1,
        frozen_columns=2,
        highlights=page.highlights,
    )


def _written(outcome: RunOutcome, plan: Plan, selection_top: int) -> Page:
    page = Page(plan, outcome, layout_of(outcome, plan, selection_top))
    check_cell = run_block(page)
    scenarios_top = page.row
    page.row += scenario_block_height(page)
    targets_block(page)
    totals_block(page)
    capacity_block(page)
    end = page.row
    page.row = scenarios_top
    scenario_block(page)
    page.row = end
    overall_check(page, check_cell)
    if selection_top == end:
        selection_block(page)
    return page
