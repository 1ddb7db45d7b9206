"""The stages of each answer: what was optimized in which order, the outcome, and what later stages may give up."""

from config.units import unit_named
from optimizer.portfolio import Stage, StopReason
from sheets_sync.report.results_page import Page, close_table, open_table
from sheets_sync.workbook.changes import Align, OutCell, Role

LEFT, CENTRE, RIGHT = Align.LEFT, Align.CENTRE, Align.RIGHT
STAGE_HEADERS = (
    ("Scenario", LEFT), ("Stage", LEFT), ("Unit", LEFT), ("Value", RIGHT), ("Best possible", RIGHT),
    ("Proven", CENTRE), ("Tolerance", RIGHT), ("What it is", LEFT),
)  # fmt: skip
SHORTFALL = "relative shortfall"
_NAME = "sheetplan_stages"
_PROVEN_GAP = 1e-6


def stages_block(page: Page) -> None:
    """One row per scenario and stage in the order of solving; those that only choose among equals are left out."""
    first = open_table(page, "Stages of each answer", STAGE_HEADERS, _NAME)
    for _, scenario, portfolio in page.answered:
        for stage in portfolio.stages:
            if stage.breaks_ties:
                continue
            pattern = _pattern(stage)
            page.details.grid.put_row(page.details.row, 1, [
                OutCell(scenario.name, Role.LABEL),
                OutCell(stage.name),
                OutCell(stage.unit or None, Role.NOTE),
                OutCell(stage.value, number_format=pattern),
                OutCell(stage.bound, number_format=pattern),
                OutCell(_proven(stage), align=CENTRE),
                OutCell(stage.tolerance, Role.NOTE, "0.0E+00"),
                OutCell(_meaning(stage), Role.NOTE),
            ])  # fmt: skip
            page.details.row += 1
    close_table(page, _NAME, first, has_checks=False)


def _proven(stage: Stage) -> str:
    if stage.reason is StopReason.TIME_LIMIT:
        return "time limit"
    if stage.reason is StopReason.EFFORT:
        return "effort used up"
    return "yes" if stage.gap is not None and stage.gap <= _PROVEN_GAP else "no"


def _meaning(stage: Stage) -> str:
    if stage.unit == SHORTFALL:
        return "sum of the relative shortfalls of its goals; kept by the later stages"
    if stage.tolerance is None:
        return "the best total of this KPI alone; used only to normalize the weighted sum"
    return "the objective; kept while equally good portfolios are compared"


def _pattern(stage: Stage) -> str:
    return "0.000%" if stage.unit == SHORTFALL else unit_named(stage.unit).pattern
