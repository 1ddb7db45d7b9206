"""The two charts of Results: targets against what was asked, capacity against its limit; bars, and a line at 100%."""

from collections.abc import Sequence

from sheets_sync.report.goals_table import SHARE_COLUMN
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN
from sheets_sync.report.results_page import Page
from sheets_sync.workbook.changes import Chart, ChartKind
from sheets_sync.workbook.snapshot import Area

WIDTH, HEIGHT = 620, 300
GAP = 20
ROW_HEIGHT = 20
"""Pixels of a row, unless it holds large or wrapped text; none of those is beside or below a chart."""
ROWS = HEIGHT // ROW_HEIGHT + 1
MOST_SCENARIOS, MOST_ROWS = 6, 10
"""More series than colours, or more labels than there is room for, make no chart readable."""
TARGETS_TITLE, CAPACITY_TITLE = "Targets: achieved, % of what is asked", "Capacity: used, % of the limit"
NAMES = {TARGETS_TITLE: "sheetplan_chart_targets", CAPACITY_TITLE: "sheetplan_chart_capacity"}
FORMER_TITLES = (
    "Targets: achieved, % of target",
    "Capacities and caps: used, %",
    "KPI totals, % of the largest scenario",
)
"""Titles of the charts of earlier releases, by which they are known where another program renamed their frames."""


def chart_titles(page: Page) -> list[str]:
    """The charts that have anything to show."""
    portfolios = [portfolio for _, _, portfolio in page.answered]
    limits = (use.available for portfolio in portfolios for use in portfolio.resources)
    caps = (part.maximum for portfolio in portfolios for part in portfolio.slices if part.period is None)
    shown = {
        # Nothing is a part of a target of 0.
        TARGETS_TITLE: any(outcome.target.value for portfolio in portfolios for outcome in portfolio.targets),
        CAPACITY_TITLE: any(limit is not None for limit in (*limits, *caps)),
    }
    return [title for title, has_rows in shown.items() if has_rows]


def reserve_charts(page: Page, titles: Sequence[str], beside: int, widths: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Keep room for the charts; returns their upper left corners by title.

    They are one above the other beside the table that begins in row `beside` where there is room, else below it.
    """
    draft = page.results
    column, room = _room_beside(page, widths)
    if titles and room >= WIDTH + GAP:
        corners = {title: (beside + number * (ROWS + 1), column) for number, title in enumerate(titles)}
        draft.row = max(draft.row, beside + len(titles) * (ROWS + 1))
        return corners
    corners = {}
    top, column = draft.row, 1
    if titles:
        page.blocks.append(top)
    for title in titles:
        if column > 1 and sum(map(pixels, widths[column - 1 : page.layout.last_printed_column])) < WIDTH:
            top, column = top + ROWS + 1, 1
        corners[title] = (top, column)
        taken = 0
        while taken < WIDTH + GAP and column <= page.layout.last_printed_column:
            taken += pixels(widths[column - 1])
            column += 1
        draft.row = top + ROWS + 1
    return corners


def _room_beside(page: Page, widths: Sequence[int]) -> tuple[int, int]:
    """The first free column right of the table of targets and capacity, and the printed pixels from there on."""
    column = SHARE_COLUMN + 2
    return column, sum(map(pixels, widths[column - 1 : page.layout.last_printed_column]))


def pixels(characters: int) -> int:
    """The width of a column on the screen."""
    return 7 * characters + 5


def put_chart(page: Page, title: str, area: Area, least: float, corner: tuple[int, int]) -> None:
    """Draw a chart from a table of the details whose least value is `least`."""
    scenarios = area.right - FIRST_SCENARIO_COLUMN + 1
    rows = area.bottom - area.top
    shown = min(scenarios, MOST_SCENARIOS)
    bottom = area.top + min(rows, MOST_ROWS)
    cut = [f"first {MOST_SCENARIOS} scenarios"] if scenarios > MOST_SCENARIOS else []
    cut += [f"first {MOST_ROWS} rows"] if rows > MOST_ROWS else []
    columns = range(FIRST_SCENARIO_COLUMN, FIRST_SCENARIO_COLUMN + shown)
    name = NAMES[title]
    page.results.grid.areas[name] = page.results.grid.cell_area(*corner)
    page.charts.append(
        Chart(
            title=f"{title} ({', '.join(cut)})" if cut else title,
            kind=ChartKind.COLUMN,
            name=name,
            categories=Area(area.tab, area.top + 1, 1, bottom, 1),
            series=[Area(area.tab, area.top, column, bottom, column) for column in columns],
            line=Area(area.tab, area.top, area.right + 1, bottom, area.right + 1),
            least=0.0 if least >= 0 else None,
            anchor=corner,
            width=WIDTH,
            height=HEIGHT,
        )
    )
