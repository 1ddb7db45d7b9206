"""The charts of Results: drawn from the tables in per cent, over rows of their own, so that they cover no figure."""

from collections.abc import Sequence

from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN
from sheets_sync.report.results_page import Page, heading
from sheets_sync.workbook.changes import Chart, ChartKind
from sheets_sync.workbook.snapshot import Area

ROWS = 17
"""Rows that the charts stand on, heading included."""
HEIGHT = 320
MOST_SCENARIOS, MOST_ROWS = 7, 10
"""More series than colours, or more labels than there is room for, make no chart readable."""
LEAST_WIDTH = 480
GAP = 20


def charts_height(areas: Sequence[object]) -> int:
    """Rows that the charts take, a blank row included."""
    return ROWS + 1 if any(areas) else 0


def put_charts(page: Page, top: int, areas: Sequence[Area | None], widths: Sequence[int]) -> None:
    """A heading, and one chart side by side per table that has rows."""
    titles = ("Targets: achieved, % of target", "Capacities and caps: used, %", "KPI totals, % of the largest scenario")
    if not any(areas):
        return
    heading(page, top, "Charts")
    column = 1
    for title, area in zip(titles, areas, strict=True):
        if area is None:
            continue
        after, width = _columns(column, widths)
        page.charts.append(_chart(title, area, (top + 1, column), width - GAP))
        column = after


def _columns(first: int, widths: Sequence[int]) -> tuple[int, int]:
    """The column after those that a chart from column `first` stands on, and their width in pixels."""
    column, pixels = first, 0
    while pixels < LEAST_WIDTH + GAP:
        pixels += 7 * (widths[column - 1] if column <= len(widths) else 8) + 5
        column += 1
    return column, pixels


def _chart(title: str, area: Area, anchor: tuple[int, int], width: int) -> Chart:
    scenarios = area.right - FIRST_SCENARIO_COLUMN + 1
    rows = area.bottom - area.top
    shown = min(scenarios, MOST_SCENARIOS)
    bottom = area.top + min(rows, MOST_ROWS)
    cut = [f"first {MOST_SCENARIOS} scenarios"] if scenarios > MOST_SCENARIOS else []
    cut += [f"first {MOST_ROWS} rows"] if rows > MOST_ROWS else []
    columns = range(FIRST_SCENARIO_COLUMN, FIRST_SCENARIO_COLUMN + shown)
    return Chart(
        title=f"{title} ({', '.join(cut)})" if cut else title,
        kind=ChartKind.COLUMN,
        categories=Area(area.tab, area.top + 1, 1, bottom, 1),
        series=[Area(area.tab, area.top, column, bottom, column) for column in columns],
        anchor=anchor,
        width=width,
        height=HEIGHT,
    )
