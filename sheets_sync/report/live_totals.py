"""Formulas of what a scenario's selection brings and spends; in plans over several periods they go by starts.

What is in a row of the decision table counts from its finish, and is spent between start and finish; the block
`timing_block` has both as numbers, 0 where it does not start.
"""

from optimizer.plan import TOKENS, Accrual, Slice
from optimizer.portfolio import Portfolio
from sheets_sync.report.results_page import Page, Total, figure_total
from sheets_sync.report.sheet_grid import across, fixed_range, quoted


def kpi_figure(
    page: Page, position: int, portfolio: Portfolio, kpi: str, where: Slice | None = None, period: str | None = None
) -> Total:
    """The total of a KPI, by the end of a period (None: of the plan), each contribution as often as the KPI accrues."""
    column = page.layout.kpi_column(kpi)
    if not portfolio.horizon or page.timing is None:
        return figure_total(page, position, column, where)
    by = len(portfolio.horizon) if period is None else portfolio.horizon.index(period) + 1
    finish = across(page.timing.finishes[position])
    if page.plan.kpi(kpi).accrues is Accrual.EACH_PERIOD:
        times = f"({finish}>0)*({finish}<{by})*({by}-{finish})"
    else:
        times = f"({finish}>0)*({finish}<={by})"
    (here, x, c), (there, far_x, far_c) = _columns(page, position, column, where)
    return Total(f"SUMPRODUCT({here}{x},{c},{times})", f"SUMPRODUCT({there}{far_x},ABS({far_c}),{times})")


def spend_figure(
    page: Page,
    position: int,
    portfolio: Portfolio,
    resource: str,
    where: Slice | None = None,
    period: str | None = None,
) -> Total:
    """What is spent of a resource, in a period (None: in the whole plan), what stopping work costs included."""
    column = page.layout.resource_column(resource)
    total = figure_total(page, position, column, where)
    timing = page.timing
    if not portfolio.horizon or timing is None:
        return total
    near, far = _columns(page, position, column, where)
    parts = [total]
    if period is not None:
        at = portfolio.horizon.index(period) + 1
        start, finish = across(timing.starts[position]), across(timing.finishes[position])
        working = f"({start}<={at})*({finish}>={at})"
        parts = [_product(near, far, f"{across(timing.each)},{working}")]
        for place, share in enumerate(timing.shares[:at]):
            parts.append(_product(near, far, f"{across(share)},--({start}={at - place})"))
    if resource == TOKENS and period in (None, portfolio.horizon[0]):
        stoppable = page.plan.stoppable(page.plan.scenario(portfolio.scenario))
        if any(initiative.stop_cost for initiative in stoppable):
            cost = across(timing.stop_cost)
            (here, x, _), (there, far_x, _) = near, far
            parts.append(Total(f"SUMPRODUCT({here}{cost},1-{x})", f"SUMPRODUCT({there}{cost},1-{far_x})"))
    return Total("+".join(part.formula for part in parts), f"({'+'.join(part.magnitude for part in parts)})")


_Spelled = tuple[str, str, str]
"""The condition of a slice (empty for all), what a scenario selects, and the figures, as arguments of SUMPRODUCT."""


def _columns(page: Page, position: int, column: int, where: Slice | None) -> tuple[_Spelled, _Spelled]:
    """As Results refers to them, and as the details do."""
    layout = page.layout
    x, figures = layout.column_area(layout.selected_column(position)), layout.column_area(column)
    near, far = "", ""
    if where is not None:
        key = layout.column_area(layout.dimension_column(where.dimension))
        near, far = (f"--({text}={quoted(where.key)})," for text in (fixed_range(key), across(key)))
    return (near, fixed_range(x), fixed_range(figures)), (far, across(x), across(figures))


def _product(near: _Spelled, far: _Spelled, factors: str) -> Total:
    (here, x, c), (there, far_x, far_c) = near, far
    return Total(f"SUMPRODUCT({here}{x},{c},{factors})", f"SUMPRODUCT({there}{far_x},ABS({far_c}),{factors})")
