"""What changed since the approved plan or the last run, and where it comes from: small tables of Results, and charts.

A panel shows one scenario: for the KPI that it is about most what it was, the steps, what it is, and a waterfall
beside it; below that, a second KPI. All KPIs are in the details. Nothing is written where no total changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

from config.names import fold_key
from config.units import in_words, unit_of
from optimizer.plan import Kpi
from sheets_sync.report.bridge_block import STEPS, ScenarioBridge, shown_steps
from sheets_sync.report.charts import GAP, HEIGHT, ROWS, WIDTH, pixels
from sheets_sync.report.goals_table import SHARE_COLUMN
from sheets_sync.report.layout import LEAD_COLUMN
from sheets_sync.report.results_page import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, Page, header, heading
from sheets_sync.report.sheet_grid import across, fixed
from sheets_sync.report.sign_off import END_ROWS
from sheets_sync.report.verdicts import aimed_at
from sheets_sync.workbook.changes import Align, Chart, ChartKind, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

CHANGES_NAMES = ("sheetplan_changes", "sheetplan_changes_2", "sheetplan_changes_3")
CHART_NAMES = ("sheetplan_chart_bridge", "sheetplan_chart_bridge_2", "sheetplan_chart_bridge_3")
WATERFALL_NAME = "sheetplan_waterfall"
TITLE = "What changed"
THEN, NOW = "Then", "Now"
BARS = ("Next cycle", "Estimates", "Initiatives", "Capacity", "Rules")
"""What steps are called below a bar."""
NEXT, NOTHING = "with the next", "–"
KPIS_OF_A_PANEL = 2
PANEL_ROWS = ROWS + 1
"""Rows of a panel: its heading, and a chart beside two tables."""
NARROW = 0.25
"""Bars that differ by less than this part of the largest are drawn from above zero, and the title says so."""
PARTS = ("Figures", "Below", "Total", "More", "Less", "More, below 0", "Less, below 0")


@dataclass(frozen=True)
class ChangedScenario:
    """A scenario with KPIs that changed, the one that it is about most first."""

    name: str
    bridge: ScenarioBridge
    kpis: Sequence[Kpi]

    @property
    def since(self) -> str:
        """``since approval`` or ``since the last run``."""
        return "since approval" if self.bridge.since.startswith("approved") else "since the last run"


@dataclass(frozen=True)
class Panel:
    """Where a scenario is shown: row of its heading; columns of labels, of figures and of the chart."""

    changed: ChangedScenario
    top: int
    columns: tuple[int, int, int]

    def figure(self, at: int) -> tuple[int, int]:
        """The cell of a figure of the first KPI, by its place from what it was to what it is."""
        return self.top + 2 + at, self.columns[1]


def changed_scenarios(page: Page, bridges: Mapping[str, ScenarioBridge]) -> list[ChangedScenario]:
    """The scenarios with a KPI that a step changes, approved ones first; `bridges` are by folded scenario name."""
    found = []
    for _, scenario, portfolio in page.answered:
        bridge = bridges.get(fold_key(scenario.name))
        if bridge is None:
            continue
        changed = [key for key in bridge.after if any(changes[key] for _, changes in bridge.steps)]
        about = [key for key in aimed_at(scenario.name, portfolio, page.words) if key in changed]
        keys = dict.fromkeys((*about, *changed))
        if keys:
            found.append(ChangedScenario(scenario.name, bridge, [page.plan.kpi(key) for key in keys]))
    return sorted(found, key=lambda one: one.since)


def bridge_panels(
    page: Page,
    changed: Sequence[ChangedScenario],
    end: tuple[int, int],
    free: int,
    kpis_top: int,
    widths: Sequence[int],
) -> list[Panel]:
    """Write the panels; returns them.

    They are right of the targets and capacity, which is free from row `free` to the KPI totals at `kpis_top` but for
    the sign-off box that begins at `end`. One is there in any case, more only where they lengthen no page.
    """
    column = SHARE_COLUMN + 2
    room = sum(map(pixels, widths[column + 2 : page.layout.last_printed_column]))
    is_beside = end[1] > 1 and end[0] < kpis_top
    top = end[0] + END_ROWS + 1 if is_beside else free
    shown: list[Panel] = []
    while room >= WIDTH + GAP and len(shown) < min(len(changed), len(CHART_NAMES)) and top + PANEL_ROWS <= kpis_top:
        shown.append(Panel(changed[len(shown)], top, (column, column + 2, column + 3)))
        top += PANEL_ROWS + 1
    if changed and not shown:
        if end[1] > 1 and not is_beside:
            page.results.row = max(page.results.row, end[0] + END_ROWS)
        page.blocks.append(page.results.row)
        shown = [Panel(changed[0], page.results.row, (1, LEAD_COLUMN, LEAD_COLUMN + 1))]
        page.results.row += PANEL_ROWS + 1
    for panel, name in zip(shown, CHANGES_NAMES, strict=False):
        _put(page, panel, name)
    if shown and (others := [one.name for one in changed[len(shown) :]]):
        text = f"Also changed: {', '.join(others)}. See Results details, Where the change comes from."
        page.results.grid.put(shown[-1].top + PANEL_ROWS, shown[-1].columns[0], OutCell(text, Role.NOTE))
    return shown


def _put(page: Page, panel: Panel, name: str) -> None:
    """Heading and tables, one below the other."""
    grid, (labels, figures, _) = page.results.grid, panel.columns
    scenario = panel.changed
    grid.put(panel.top, labels, OutCell(f"{TITLE} {scenario.since}: {scenario.name}", Role.HEADING))
    row = panel.top + 1
    for kpi in scenario.kpis[:KPIS_OF_A_PANEL]:
        for column in range(labels, figures + 1):
            text = page.words.kpi(kpi.key) if column == labels else None
            grid.put(row, column, OutCell(text, Role.HEADER))
        pattern, steps = unit_of(kpi).pattern, _steps(page, scenario.bridge, kpi.key)
        cells = [OutCell(scenario.bridge.before[kpi.key], number_format=pattern)]
        for step in steps:
            word = NEXT if step is None else NOTHING
            cells.append(OutCell(step, number_format=pattern) if step else OutCell(word, Role.NOTE, align=Align.RIGHT))
        first, last = row + 1, row + len(steps) + 1
        total = Formula(f"=SUM({a1(first, figures)}:{a1(last, figures)})", scenario.bridge.after[kpi.key])
        cells.append(OutCell(total, Role.FIGURE, pattern))
        for at, (label, cell) in enumerate(zip((THEN, *shown_steps(page), NOW), cells, strict=True)):
            grid.put(first + at, labels, OutCell(label, Role.FIGURE if label == NOW else Role.BODY))
            grid.put(first + at, figures, cell)
        _check_total(page, scenario.name, kpi.key, last + 1, figures)
        row = last + 2
    grid.areas[name] = grid.area(panel.top + 1, labels, row - 1, figures)


def _check_total(page: Page, scenario: str, kpi: str, row: int, column: int) -> None:
    """What it comes to is the KPI total, or looks wrong."""
    total = page.total_cells[scenario, kpi]
    now, live = fixed(row, column), fixed(total.top, total.left)
    differs = f"=ABS({now}-{live})>{RELATIVE_TOLERANCE}*ABS({live})+{ABSOLUTE_TOLERANCE}"
    page.results.highlights.append(Highlight(page.results.grid.cell_area(row, column), differs, Role.BAD))


def _steps(page: Page, bridge: ScenarioBridge, kpi: str) -> list[float | None]:
    """The change of each step that is shown; None where it is counted with the next one, or there is none."""
    found: list[float | None] = [None] * len(STEPS)
    for places, changes in bridge.steps:
        found[places[-1]] = changes[kpi]
    return found[len(STEPS) - len(shown_steps(page)) :]


def waterfalls(page: Page, panels: Sequence[Panel]) -> None:
    """The chart of each panel's first KPI, from a table of the details that cuts every bar into its parts."""
    if not panels:
        return
    draft, grid = page.details, page.details.grid
    top = draft.row
    heading(draft, top, "Waterfalls: the bars of the charts, cut where they cross zero")
    draft.row += 1
    for panel, name in zip(panels, CHART_NAMES, strict=False):
        first, kpi = draft.row, panel.changed.kpis[0]
        title = f"{panel.changed.name}: {page.words.kpi(kpi.key)}"
        grid.put_row(first, 1, [header(title), *(header(text, Align.RIGHT) for text in PARTS)])
        values = _running(page, panel.changed.bridge, kpi.key)
        bars = (THEN, *BARS[len(BARS) - len(values) + 1 :], NOW)
        for at, label in enumerate(bars):
            grid.put_row(first + 1 + at, 1, [OutCell(label), *_bar(page, panel, at, values)])
        last = first + len(bars)
        _draw(page, panel, Area(grid.title, first, 1, last, 1 + len(PARTS)), name, values)
        draft.row = last + 2
    grid.areas[WATERFALL_NAME] = grid.area(top + 1, 1, draft.row - 2, 1 + len(PARTS))


def _running(page: Page, bridge: ScenarioBridge, kpi: str) -> list[float]:
    """What the total comes to after each step, from what it was."""
    found = [bridge.before[kpi]]
    for step in _steps(page, bridge, kpi):
        found.append(found[-1] + (step or 0.0))
    return found


def _bar(page: Page, panel: Panel, at: int, values: Sequence[float]) -> list[OutCell]:
    """The figure of one bar and its parts, as formulas over the table of Results."""
    pattern, grid = unit_of(panel.changed.kpis[0]).pattern, page.results.grid
    source = across(grid.cell_area(*panel.figure(at)))
    if at in (0, len(values)):
        value = values[min(at, len(values) - 1)]
        parts: list[tuple[str, float]] = [("=0", 0.0), (f"={source}", value), *[("=0", 0.0)] * 4]
        figure = (f"={source}", value)
    else:
        (top, column), ends = panel.figure(0), (panel.figure(at - 1)[0], panel.figure(at)[0])
        # One cell as a range too, or a spreadsheet program takes its text for a number that is wrong.
        before, now = (f"SUM({_range(grid.area(top, column, end, column))})" for end in ends)
        low, high = sorted((values[at - 1], values[at]))
        rises = values[at] > values[at - 1]
        above, below = max(0.0, high) - max(0.0, low), min(0.0, low) - min(0.0, high)
        over, under = f"ABS(MAX(0,{now})-MAX(0,{before}))", f"-ABS(MIN(0,{now})-MIN(0,{before}))"
        parts = [
            (f"=MAX(0,MIN({before},{now}))+MIN(0,MAX({before},{now}))", max(0.0, low) + min(0.0, high)),
            ("=0", 0.0),
            (f"=IF({now}>{before},{over},0)", above if rises else 0.0),
            (f"=IF({now}<{before},{over},0)", 0.0 if rises else above),
            (f"=IF({now}>{before},{under},0)", below if rises else 0.0),
            (f"=IF({now}<{before},{under},0)", 0.0 if rises else below),
        ]
        figure = (f"=N({source})", values[at] - values[at - 1])
    return [OutCell(Formula(text, value), Role.LABEL, pattern) for text, value in (figure, *parts)]


def _range(area: Area) -> str:
    """A column of Results from another tab, spelled with both ends."""
    sheet = across(area).rpartition("!")[0]
    return f"{sheet}!{fixed(area.top, area.left)}:{fixed(area.bottom, area.right)}"


def _draw(page: Page, panel: Panel, table: Area, name: str, values: Sequence[float]) -> None:
    kpi, least = panel.changed.kpis[0], _least(values)
    words = f"{panel.changed.name}: {page.words.kpi(kpi.key)}"
    if least > 0:
        words += f", axis from {in_words(least, kpi.unit, kpi.number_format)}"
    corner = (panel.top + 1, panel.columns[2])
    page.results.grid.areas[name] = page.results.grid.cell_area(*corner)
    columns = range(2, 2 + len(PARTS))
    page.charts.append(
        Chart(
            title=f"{TITLE} ({words})",
            kind=ChartKind.WATERFALL,
            name=name,
            categories=Area(table.tab, table.top + 1, 1, table.bottom, 1),
            series=[Area(table.tab, table.top, column, table.bottom, column) for column in columns],
            least=least if least > 0 else None,
            anchor=corner,
            width=WIDTH,
            height=HEIGHT,
            value_format=unit_of(kpi).pattern,
            is_fall_good=kpi.direction.sign < 0,
        )
    )


def _least(values: Sequence[float]) -> float:
    """Where the axis begins: a round number below all bars where they are nearly equal and positive, else 0."""
    low, high = min(values), max(values)
    if low <= 0 or high - low > NARROW * high or high == low:
        return 0.0
    step: float = 10.0 ** floor(log10(high - low))
    return max(floor((low - (high - low)) / step) * step, 0.0)
