"""Results and Results details: what a person reads, and what an auditor needs; one report, two tabs.

Every figure of Results is a live formula over its decision table. The details set the figure that the optimizer proved
beside it with a check cell; one cell at the top of Results sums up all checks, another says whether inputs changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.plan import Plan
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.bridge_block import ScenarioBridge, bridge_block
from sheets_sync.report.bridge_panels import TITLE as CHANGES_TITLE
from sheets_sync.report.bridge_panels import bridge_panels, changed_scenarios, waterfalls
from sheets_sync.report.charts import (
    CAPACITY_TITLE,
    FORMER_TITLES,
    ROWS,
    TARGETS_TITLE,
    chart_titles,
    put_chart,
    reserve_charts,
)
from sheets_sync.report.decision_table import SELECTION_NAME, column_widths, decision_table, put_states
from sheets_sync.report.details_header import details_header, overall_check
from sheets_sync.report.drift import drift_block
from sheets_sync.report.goals_table import goals_table
from sheets_sync.report.inputs_block import Inputs, inputs_block
from sheets_sync.report.kept_run_block import kept_run_block
from sheets_sync.report.kpi_totals import kpi_totals
from sheets_sync.report.layout import layout_of
from sheets_sync.report.long_tables import capacity_block, targets_block, totals_block
from sheets_sync.report.people_words import Words
from sheets_sync.report.prices_block import prices_block
from sheets_sync.report.printing import lines_of, page_breaks, rows_per_page
from sheets_sync.report.reasons_block import reasons_block
from sheets_sync.report.results_page import Draft, Page
from sheets_sync.report.roadmap import Roadmap, periods_block, roadmap
from sheets_sync.report.roadmap_charts import Corners, put_roadmap_charts, reserve_roadmap_charts
from sheets_sync.report.scenario_comparison import scenario_block
from sheets_sync.report.share_tables import put_share_table, share_tables
from sheets_sync.report.sheet_grid import Grid
from sheets_sync.report.sign_off import foot, place_of_the_end, sign_off_box
from sheets_sync.report.stages_block import stages_block
from sheets_sync.report.timing_block import timing_block
from sheets_sync.report.verdict_block import top_block
from sheets_sync.workbook.backend import DETAILS, DETAILS_NAME, RESULTS, RESULTS_NAME
from sheets_sync.workbook.changes import Sheet

NAME_PREFIX = "sheetplan_"
ANSWER_NAME = "sheetplan_answer"
DETAILS_WIDTHS = (26, 28, 16, 16, 16, 12)
FURTHER_WIDTH = 16
RUNS_OVER = 1.04
"""A decision table that is longer than this part of a page certainly takes another one: a page is counted with care."""


@dataclass(frozen=True)
class Report:
    """The two tabs of a run."""

    results: Sheet
    details: Sheet


def report_of(
    outcome: RunOutcome,
    plan: Plan,
    inputs: Inputs,
    approvals: Mapping[str, ApprovalState] | None = None,
    zone_name: str | None = None,
    kept_run: str = "",
    bridges: Mapping[str, ScenarioBridge] | None = None,
) -> Report:
    """Both tabs of a run.

    `approvals` are the newest ones by folded scenario name, `zone_name` the workbook's time zone (IANA), `kept_run` the
    text of the run that the details keep, `bridges` what the totals came from, by folded scenario name.
    """
    approvals = approvals or {}
    words = Words(plan, inputs.frames)
    # The verdicts are above the decision table: how many lines they take decides where it begins.
    draft = Draft(Grid(RESULTS))
    page = Page(plan, outcome, layout_of(outcome, plan, 0), words, draft)
    widths = column_widths(page.layout)
    top_block(draft, page, widths, approvals, zone_name)
    page.layout = layout_of(outcome, plan, draft.row + 1)
    full_reasons = decision_table(page, approvals)
    draft.row += 1
    details_header(page)
    roadmaps = _roadmaps(page, widths)
    goals_top = draft.row
    page.blocks.append(goals_top)
    goals_table(page)
    corners = reserve_charts(page, chart_titles(page), goals_top + 1, widths)
    below_charts = max((row + ROWS + 1 for row, column in corners.values() if column > 1), default=goals_top + 1)
    page.blocks.append(draft.row)
    kpis_top = draft.row
    kpi_totals(page)
    top, column = place_of_the_end(page, below_charts, kpis_top, widths)
    changed = changed_scenarios(page, bridges or {})
    panels = bridge_panels(page, changed, (top, column), below_charts, kpis_top, widths)
    top = page.results.row if column == 1 else top
    foot(page, zone_name, sign_off_box(page, top, column), column, widths)
    _details(page, inputs, approvals, full_reasons, corners, roadmaps)
    bridge_block(page, bridges or {})
    waterfalls(page, panels)
    kept_run_block(page, kept_run)
    draft.grid.areas[ANSWER_NAME] = draft.grid.area(1, 1, draft.row - 1, page.layout.last_printed_column)
    return Report(_results_sheet(page, widths), _details_sheet(page))


def _roadmaps(page: Page, widths: Sequence[int]) -> list[tuple[Roadmap, Corners]]:
    """One block for each scenario that plans several periods, with room for its charts."""
    if not page.layout.timed:
        return []
    timing_block(page)
    drawn = []
    for position, scenario, portfolio in page.answered:
        if portfolio.horizon:
            block = roadmap(page, position, scenario, portfolio)
            drawn.append((block, reserve_roadmap_charts(page, block, widths)))
    return drawn


def _details(
    page: Page,
    inputs: Inputs,
    approvals: Mapping[str, ApprovalState],
    full_reasons: Mapping[str, str],
    corners: Mapping[str, tuple[int, int]],
    roadmaps: Sequence[tuple[Roadmap, Corners]],
) -> None:
    """The blocks of the details, and what of Results refers to them."""
    targets_block(page)
    totals_block(page)
    capacity_block(page)
    stages_block(page)
    kpi_top = scenario_block(page)
    for title, table in zip((TARGETS_TITLE, CAPACITY_TITLE, None), share_tables(page, kpi_top), strict=True):
        area = put_share_table(page, table)
        if title is not None and area is not None and title in corners:
            put_chart(page, title, area, table.least, corners[title])
    for drawn, places in roadmaps:
        put_roadmap_charts(page, drawn, places)
    periods_block(page, [drawn for drawn, _ in roadmaps])
    drift_block(page, approvals)
    reasons_block(page, full_reasons)
    prices_block(page)
    put_states(page, inputs_block(page, inputs))
    overall_check(page)


def _results_sheet(page: Page, widths: Sequence[int]) -> Sheet:
    facts, layout = page.outcome.facts, page.layout
    rows, printed = page.results.grid.rows(), widths[: layout.last_printed_column]
    lines = [lines_of(row, printed) for row in rows]
    capacity = rows_per_page(printed)
    # A spreadsheet repeats one range of rows on all pages: the header of the decisions, where those take several.
    runs_over = sum(lines[: layout.last_row]) > capacity * RUNS_OVER
    repeated = lines[layout.top - 1] if runs_over else 1
    return Sheet(
        title=RESULTS,
        rows=rows,
        owned_name=RESULTS_NAME,
        name_prefix=NAME_PREFIX,
        named_ranges=page.results.grid.areas,
        column_widths=widths,
        frozen_rows=1,
        frozen_columns=1,
        printed=ANSWER_NAME,
        repeated=SELECTION_NAME if runs_over else None,
        page_breaks=page_breaks(page.blocks, lines, capacity, repeated),
        filtered=SELECTION_NAME,
        footer=f"Run {facts.run_id}, inputs {facts.fingerprint[:16]}",
        highlights=page.results.highlights,
        charts=page.charts,
        former_charts=(*FORMER_TITLES, CHANGES_TITLE),
    )


def _details_sheet(page: Page) -> Sheet:
    grid = page.details.grid
    rows = grid.rows()
    columns = max((len(row) for row in rows), default=0)
    widths = [*DETAILS_WIDTHS, *[FURTHER_WIDTH] * (columns - len(DETAILS_WIDTHS))]
    return Sheet(
        title=DETAILS,
        rows=rows,
        owned_name=DETAILS_NAME,
        name_prefix=NAME_PREFIX,
        named_ranges=grid.areas,
        column_widths=widths,
        frozen_rows=1,
        frozen_columns=1,
        highlights=page.details.highlights,
    )
