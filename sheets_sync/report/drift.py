"""What is different since a scenario was last approved: who signed what, what came in and went out, totals."""

from collections.abc import Mapping

from config.names import fold_key
from config.units import unit_of
from optimizer.plan import TOKENS
from optimizer.portfolio import Portfolio
from sheets_sync.report.approvals import NOT_APPROVED, ApprovalState, ApprovedPlan, StateKind
from sheets_sync.report.results_page import Page, amount_pattern, header, heading
from sheets_sync.report.scenario_comparison import key_list
from sheets_sync.workbook.changes import Align, OutCell, Role

MEASURES = (
    "Approval",
    "Approved by",
    "Approved at (UTC)",
    "Approved run",
    "Came in since",
    "Went out since",
    "Tokens, change",
)
_LOOKS = {
    StateKind.NONE: Role.NOTE,
    StateKind.PENDING: Role.CAUTION,
    StateKind.UNCHANGED: Role.GOOD,
    StateKind.ALTERED: Role.BAD,
    StateKind.REVOKED: Role.BAD,
    StateKind.ELSEWHERE: Role.CAUTION,
    StateKind.UNSEALED: Role.CAUTION,
}
"""How each state looks."""
INSTANT = "yyyy-mm-dd hh:mm:ss"


def drift_block(page: Page, approvals: Mapping[str, ApprovalState]) -> None:
    """One column per scenario; the rows are there whether or not anything was approved, so that none moves later."""
    top, layout, grid = page.details.row, page.layout, page.details.grid
    heading(page.details, top, "Change since the newest approval")
    grid.put_row(top + 1, 1, [header("Measure"), header(""), header("Unit")])
    for offset, label in enumerate(MEASURES):
        grid.put(top + 2 + offset, 1, OutCell(label, Role.LABEL))
    kpis = top + 2 + len(MEASURES)
    for offset, kpi in enumerate(page.plan.kpis):
        unit = OutCell(kpi.unit or None, Role.NOTE)
        grid.put_row(kpis + offset, 1, [OutCell(f"{kpi.key}, change", Role.LABEL), OutCell(kpi.name or None), unit])
    for position, scenario in enumerate(layout.scenarios):
        column = layout.scenario_column(position)
        grid.put(top + 1, column, header(scenario.name, Align.RIGHT))
        state = approvals.get(fold_key(scenario.name), NOT_APPROVED)
        cells: list[OutCell | None] = [OutCell(state.words, _LOOKS[state.kind], wrap=True, align=Align.RIGHT)]
        approved = state.plan
        if approved is not None:
            cells += _who(approved)
            if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio:
                cells += _change(page, scenario.portfolio, approved)
        for offset, cell in enumerate(cells):
            if cell is not None:
                grid.put(top + 2 + offset, column, cell)
    bottom = kpis + len(page.plan.kpis) - 1
    grid.areas["sheetplan_drift"] = grid.area(top + 1, 1, bottom, layout.scenario_column(len(layout.scenarios) - 1))
    page.details.row = bottom + 2


def _who(approved: ApprovedPlan) -> list[OutCell | None]:
    return [
        OutCell(approved.by, wrap=True, align=Align.RIGHT),
        OutCell(approved.at, number_format=INSTANT, align=Align.RIGHT),
        OutCell(approved.run_id, Role.NOTE, wrap=True, align=Align.RIGHT),
    ]


def _change(page: Page, portfolio: Portfolio, approved: ApprovedPlan) -> list[OutCell | None]:
    came_in, went_out = approved.changes(portfolio.selected, page.plan.done)
    cells: list[OutCell | None] = [
        OutCell(key_list(keys), Role.CAUTION if keys else Role.BODY, wrap=True, align=Align.RIGHT)
        for keys in (came_in, went_out)
    ]
    used = sum(use.used for use in portfolio.resources if use.resource == TOKENS)
    tokens = None if approved.tokens is None else used - approved.tokens
    cells.append(OutCell(tokens, number_format=amount_pattern(tokens)))
    for kpi in page.plan.kpis:
        before = approved.totals.get(fold_key(kpi.key))
        change = None if before is None else portfolio.kpi_totals[kpi.key] - before
        cells.append(OutCell(change, number_format=unit_of(kpi).pattern))
    return cells
