"""The charts of a roadmap: how full each team is in each period, and a KPI by the end of each against its targets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.units import unit_of
from sheets_sync.report.charts import GAP, HEIGHT, MOST_ROWS, MOST_SCENARIOS, ROWS, WIDTH, pixels
from sheets_sync.report.layout import LEAD_COLUMN
from sheets_sync.report.people_words import north_star_of
from sheets_sync.report.range_names import range_names
from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.report.roadmap import FIRST_PERIOD_COLUMN, Load, Roadmap
from sheets_sync.report.sheet_grid import across, fixed
from sheets_sync.workbook.changes import Align, Chart, ChartKind, Formula, OutCell, Role
from sheets_sync.workbook.snapshot import Area

_FIRST_SHARE = 4
"""Column of the first period in the details' table of loads."""


@dataclass(frozen=True)
class Corners:
    """The upper left corners of the charts of one roadmap; None where one has nothing to show."""

    load: tuple[int, int] | None
    kpi: tuple[int, int]


def reserve_roadmap_charts(page: Page, drawn: Roadmap, widths: Sequence[int]) -> Corners:
    """Keep room for the charts: beside the block where there is room, else below it."""
    draft, layout = page.results, page.layout
    count = 1 + any(load.limits for load in drawn.loads)
    column = FIRST_PERIOD_COLUMN + len(drawn.portfolio.horizon) + 1
    if sum(map(pixels, widths[column - 1 : layout.last_printed_column])) >= WIDTH + GAP:
        top = drawn.top + 1
    else:
        column, top = 1, draft.row
        page.blocks.append(top)
    corners = [(top + number * (ROWS + 1), column) for number in range(count)]
    draft.row = max(draft.row, top + count * (ROWS + 1))
    return Corners(corners[0] if count > 1 else None, corners[-1])


def put_roadmap_charts(page: Page, drawn: Roadmap, corners: Corners) -> None:
    """Draw them; what the load chart is drawn from is a table of the details."""
    if corners.load is not None:
        _load_chart(page, drawn, corners.load)
    _kpi_chart(page, drawn, corners.kpi)


def _load_chart(page: Page, drawn: Roadmap, corner: tuple[int, int]) -> None:
    draft, name, horizon = page.details, drawn.scenario.name, drawn.portfolio.horizon
    heading(draft, draft.row, f"Load of the limits of each period in %: {name}")
    top = draft.row + 1
    draft.grid.put_row(top, 1, [header("Of what"), header(""), header("")])
    draft.grid.put_row(top, _FIRST_SHARE, [header(period, Align.RIGHT) for period in (*horizon, "Limit")])
    draft.row = top + 1
    for offset, load in enumerate(drawn.loads):
        if not load.limits:
            continue
        draft.grid.put(draft.row, 1, OutCell(_label(page, load), Role.LABEL))
        for place, period in enumerate(horizon):
            used = page.results.grid.cell_area(drawn.first_load_row + offset, FIRST_PERIOD_COLUMN + place)
            limit = page.results.grid.cell_area(used.top, page.layout.state_column + place)
            if period in load.limits:
                value = drawn.used[offset][place] / load.limits[period] if load.limits[period] else 0.0
                text = f"=IF({across(limit)}=0,0,{across(used)}/{across(limit)})"
                draft.grid.put(draft.row, _FIRST_SHARE + place, OutCell(Formula(text, value), number_format="0%"))
        draft.grid.put(draft.row, _FIRST_SHARE + len(horizon), OutCell(1, Role.NOTE, "0%"))
        draft.row += 1
    bottom, periods = draft.row - 1, len(horizon)
    grid = draft.grid
    grid.areas |= range_names("sheetplan_loads", {name: grid.area(top, 1, bottom, _FIRST_SHARE + periods)})
    title = f"Load, % of the limit: {name}"
    if periods <= MOST_SCENARIOS and bottom - top <= MOST_ROWS:
        categories = grid.area(top + 1, 1, bottom, 1)
        series = [grid.area(top, _FIRST_SHARE + place, bottom, _FIRST_SHARE + place) for place in range(periods)]
        line = grid.area(top, _FIRST_SHARE + periods, bottom, _FIRST_SHARE + periods)
    else:
        title = f"{title}, fullest and mean of {bottom - top} rows"
        right = _FIRST_SHARE + periods - 1
        categories = grid.area(top, _FIRST_SHARE, top, right)
        *series, line = _summary_rows(page, drawn, top, bottom)
    _put(page, "load", name, corner, Chart(
        title=title,
        kind=ChartKind.COLUMN,
        categories=categories,
        series=series,
        line=line,
        least=0.0,
        anchor=corner,
        width=WIDTH,
        height=HEIGHT,
    ))  # fmt: skip
    draft.row += 1


def _summary_rows(page: Page, drawn: Roadmap, top: int, bottom: int) -> list[Area]:
    """Below the shares of every limit, the largest and the mean of each period, and the limit; their areas.

    What a chart of more periods, or of more limits, than anybody can read shows instead.
    """
    draft, periods = page.details, len(drawn.portfolio.horizon)
    by_period = [
        [
            used[place] / load.limits[period] if load.limits[period] else 0.0
            for load, used in zip(drawn.loads, drawn.used, strict=True)
            if period in load.limits
        ]
        for place, period in enumerate(drawn.portfolio.horizon)
    ]
    areas = []
    for label, function in (("Fullest", "MAX"), ("Mean", "AVERAGE"), ("Limit", "")):
        draft.grid.put(draft.row, _FIRST_SHARE - 1, OutCell(label, Role.LABEL))
        for place, shares in enumerate(by_period):
            column = _FIRST_SHARE + place
            cells = f"{fixed(top + 1, column)}:{fixed(bottom, column)}"
            value = 1.0 if not function else max(shares, default=0.0)
            if function == "AVERAGE":
                value = sum(shares) / len(shares) if shares else 0.0
            cell = OutCell(
                Formula(f"=IFERROR({function}({cells}),0)", value) if function else value, number_format="0%"
            )
            draft.grid.put(draft.row, column, cell)
        areas.append(draft.grid.area(draft.row, _FIRST_SHARE - 1, draft.row, _FIRST_SHARE + periods - 1))
        draft.row += 1
    return areas


def _label(page: Page, load: Load) -> str:
    """The team; what is spent as well where that is not what teams spend."""
    where = page.words.slice(load.where)
    if where and load.resource == page.answered[0][2].main_use.resource:
        return where
    return ", ".join(filter(None, [where, page.words.resource(load.resource)]))


def _kpi_chart(page: Page, drawn: Roadmap, corner: tuple[int, int]) -> None:
    """Of the KPI with most targets by period; the north star's where none has more."""
    name, horizon = drawn.scenario.name, drawn.portfolio.horizon
    star = north_star_of(page.plan, name)
    kpi = max(page.plan.kpis, key=lambda one: (len(drawn.targets.get(one.key, {})), one.key == star))
    row, grid = drawn.kpi_rows[kpi.key], page.results.grid
    right = FIRST_PERIOD_COLUMN + len(horizon) - 1
    header_row = drawn.first_kpi_row - 1
    values = drawn.by_end[kpi.key]
    _put(page, "kpi", name, corner, Chart(
        title=f"{page.words.kpi(kpi.key)} by the end of each period: {name}",
        kind=ChartKind.COLUMN,
        categories=grid.area(header_row, FIRST_PERIOD_COLUMN, header_row, right),
        series=[grid.area(row, LEAD_COLUMN, row, right)],
        line=grid.area(row + 1, LEAD_COLUMN, row + 1, right) if kpi.key in drawn.targets else None,
        least=0.0 if min(values, default=0.0) >= 0 else None,
        anchor=corner,
        width=WIDTH,
        height=HEIGHT,
        value_format=unit_of(kpi).pattern_for(*values),
    ))  # fmt: skip


def _put(page: Page, kind: str, scenario: str, corner: tuple[int, int], chart: Chart) -> None:
    """Draw a chart under the name that records its corner."""
    ((name, area),) = range_names(f"sheetplan_chart_{kind}", {scenario: page.results.grid.cell_area(*corner)}).items()
    page.results.grid.areas[name] = area
    page.charts.append(replace(chart, name=name))
