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
from sheets_sync.report.sheet_grid import across
from sheets_sync.workbook.changes import Align, Chart, ChartKind, Formula, OutCell, Role

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
    rows, periods = draft.row - top - 1, len(horizon)
    bottom, shown = top + min(rows, MOST_ROWS), min(periods, MOST_SCENARIOS)
    cut = [f"first {MOST_SCENARIOS} periods"] if periods > shown else []
    cut += [f"first {MOST_ROWS} rows"] if rows > MOST_ROWS else []
    grid = draft.grid
    title = f"Load, % of the limit: {name}"
    _put(page, "load", name, corner, Chart(
        title=f"{title} ({', '.join(cut)})" if cut else title,
        kind=ChartKind.COLUMN,
        categories=grid.area(top + 1, 1, bottom, 1),
        series=[grid.area(top, _FIRST_SHARE + place, bottom, _FIRST_SHARE + place) for place in range(shown)],
        line=grid.area(top, _FIRST_SHARE + periods, bottom, _FIRST_SHARE + periods),
        least=0.0,
        anchor=corner,
        width=WIDTH,
        height=HEIGHT,
    ))  # fmt: skip
    grid.areas |= range_names("sheetplan_loads", {name: grid.area(top, 1, draft.row - 1, _FIRST_SHARE + periods)})
    draft.row += 1


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
