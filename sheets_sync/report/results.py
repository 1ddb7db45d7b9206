"""Results: what ran, scenarios side by side, charts, targets, KPI totals, capacity, stages, the selection, the inputs.

Every total, use and gap is a live formula over the selection block; the figure that the optimizer proved is beside
it with a check cell, and one cell at the top sums up all checks. Another one says whether the inputs changed since.
"""

from collections.abc import Mapping
from math import ceil

from optimizer.plan import Plan
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.charts import charts_height, put_charts
from sheets_sync.report.drift import drift_block
from sheets_sync.report.inputs_block import Inputs, initiative_states, inputs_block, last_input_column
from sheets_sync.report.layout import TITLE, layout_of
from sheets_sync.report.long_tables import capacity_block, targets_block, totals_block
from sheets_sync.report.results_header import overall_check, run_block
from sheets_sync.report.results_page import Page, heading, settled_page
from sheets_sync.report.scenario_comparison import kpi_top, scenario_block, scenario_block_height
from sheets_sync.report.selection_block import SELECTION_NAME, column_widths, selection_block
from sheets_sync.report.share_tables import put_share_table, share_tables
from sheets_sync.report.stages_block import stages_block
from sheets_sync.workbook.backend import RESULTS_NAME
from sheets_sync.workbook.changes import Sheet

NAME_PREFIX = "sheetplan_"
ANSWER_NAME = "sheetplan_answer"
PRINTED_CHARACTERS = 230
"""Width of a printed page, in characters, that can still be read."""

_LONG_BLOCKS = {
    "targets": targets_block,
    "KPI totals": totals_block,
    "capacity": capacity_block,
    "stages": stages_block,
}
"""The long tables between the charts and the selection, from the top."""


def results_sheet(
    outcome: RunOutcome, plan: Plan, inputs: Inputs, approvals: Mapping[str, ApprovalState] | None = None
) -> Sheet:
    """The whole Results tab of a run; `approvals` are the newest ones by folded scenario name.

    A print is the answer, without the copies of the inputs below it: a spreadsheet repeats only one range of rows, and
    the header of the selection, the longest table, would stand above columns that it does not head. So that a page
    can still be told from one of another run, its foot names the run and the inputs.
    """
    page = settled_page(lambda top: _above_selection(outcome, plan, inputs, approvals or {}, top))
    _selection_and_inputs(page, inputs)
    widths = column_widths(page.layout)
    return Sheet(
        title=TITLE,
        rows=page.grid.rows(),
        owned_name=RESULTS_NAME,
        name_prefix=NAME_PREFIX,
        named_ranges=page.grid.areas,
        column_widths=widths,
        frozen_rows=1,
        frozen_columns=2,
        printed=ANSWER_NAME,
        repeated=SELECTION_NAME,
        pages_wide=max(1, ceil(sum(widths[: page.layout.last_column]) / PRINTED_CHARACTERS)),
        footer=f"Run {outcome.facts.run_id}, inputs {outcome.facts.fingerprint[:16]}",
        highlights=page.highlights,
        charts=page.charts,
    )


def _above_selection(
    outcome: RunOutcome, plan: Plan, inputs: Inputs, approvals: Mapping[str, ApprovalState], selection_top: int
) -> Page:
    """The page with all blocks above the selection, whose header will be in row `selection_top`."""
    page = Page(plan, outcome, layout_of(outcome, plan, selection_top))
    run_block(page, max(page.layout.last_column, last_input_column(inputs)))
    page.end_block("run")
    scenarios_top = page.row
    shares_top = scenarios_top + scenario_block_height(page)
    tables = share_tables(page, kpi_top(scenarios_top))
    charts_rows = charts_height([table.labels for table in tables])
    page.row = shares_top + charts_rows + sum(table.height for table in tables)
    page.end_block("scenarios and charts")
    for name, block in _LONG_BLOCKS.items():
        block(page)
        page.end_block(name)
    drift_block(page, approvals)
    page.end_block("changes since approval")
    end = page.row
    # These refer to the long tables below them, so they are written once those have their rows.
    page.row = scenarios_top
    scenario_block(page)
    page.row = shares_top + charts_rows
    areas = [put_share_table(page, table) for table in share_tables(page, kpi_top(scenarios_top))]
    put_charts(page, shares_top, areas, column_widths(page.layout))
    overall_check(page)
    page.row = end
    return page


def _selection_and_inputs(page: Page, inputs: Inputs) -> None:
    heading(page, page.row, "Selection, with the figures of this run")
    page.row = page.layout.last_row + 2
    states = initiative_states(inputs, page.row)
    selection_block(page, states)
    inputs_block(page, inputs)
    page.grid.areas[ANSWER_NAME] = page.grid.area(1, 1, page.layout.last_row, page.layout.last_column)
