"""The roadmap of Results, in plans over several periods: one block per scenario, one column per period.

What is selected from its start to its finish, by team, with what it takes in each period; beneath, what each limit of
the periods is used for, as a heat map; and what every KPI comes to. All are live formulas over the decision table and
the starts beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.units import unit_of
from optimizer.evaluate import kpi_total
from optimizer.exact import total
from optimizer.model.rows import is_in
from optimizer.plan import TOKENS, Initiative, Kpi, Slice, Target
from optimizer.portfolio import Portfolio
from sheets_sync.outcome import ScenarioOutcome
from sheets_sync.report.decision_table import BY_ITS_END, IN_THE_PERIOD, TARGET
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LEAD_COLUMN
from sheets_sync.report.live_totals import kpi_figure, spend_figure
from sheets_sync.report.people_words import plain_amount
from sheets_sync.report.range_names import range_names
from sheets_sync.report.results_page import (
    ABSOLUTE_TOLERANCE,
    RELATIVE_TOLERANCE,
    Page,
    amount_pattern,
    close_table,
    header,
    heading,
    live_figure,
    open_table,
)
from sheets_sync.report.sheet_grid import across, fixed
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

FIRST_PERIOD_COLUMN = FIRST_SCENARIO_COLUMN
SHADES = ((0.95, Role.LOAD_FULL), (0.8, Role.LOAD_HIGH), (0.5, Role.LOAD_MEDIUM))
"""From which share of its limit on a load has which shade; above the limit it is bad."""


PERIOD_HEADERS = (
    ("Scenario", Align.LEFT), ("KPI", Align.LEFT), ("By the end of", Align.LEFT), ("Total", Align.RIGHT),
    ("Optimizer's value", Align.RIGHT), ("Check", Align.CENTRE),
)  # fmt: skip


@dataclass(frozen=True)
class Load:
    """One row of the heat map: what is used of a resource in a slice, and the limit of each period that has one."""

    resource: str
    where: Slice | None
    limits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Roadmap:
    """Where the block of one scenario is; its charts are drawn from it."""

    scenario: ScenarioOutcome
    portfolio: Portfolio
    top: int
    loads: tuple[Load, ...]
    used: tuple[tuple[float, ...], ...]
    """What is used of each load in each period."""
    first_load_row: int
    first_kpi_row: int
    kpi_rows: Mapping[str, int]
    """The row of what each KPI comes to by the end of a period; its targets are in the row below."""
    by_end: Mapping[str, Sequence[float]]
    """What that is."""
    targets: Mapping[str, Mapping[str, float]]
    """What each KPI is to reach by the end of which period, where anything is asked."""


def roadmap(page: Page, position: int, scenario: ScenarioOutcome, portfolio: Portfolio) -> Roadmap:
    """Write the block of one scenario that plans several periods."""
    draft, grid = page.results, page.results.grid
    top = draft.row
    page.blocks.append(top)
    heading(draft, top, f"Roadmap: {scenario.name}")
    draft.row += 1
    work = _in_order(page, portfolio)
    areas = {"roadmap": _work_rows(page, position, portfolio, work)}
    loads = tuple(_loads(page, portfolio, work))
    places = range(len(portfolio.horizon))
    used = tuple(tuple(_used(page, portfolio, load, place) for place in places) for load in loads)
    areas["load"] = _load_rows(page, position, portfolio, loads, used)
    targets = _targets(page, portfolio)
    by_end = {
        kpi.key: [_by_end(page, portfolio, kpi, period) for period in portfolio.horizon] for kpi in page.plan.kpis
    }
    areas["kpis_by_period"], kpi_rows = _kpi_rows(page, position, portfolio, targets, by_end)
    for part, area in areas.items():
        grid.areas |= range_names(f"sheetplan_{part}", {scenario.name: area})
    draft.row += 1
    return Roadmap(
        scenario=scenario,
        portfolio=portfolio,
        top=top,
        loads=loads,
        used=used,
        first_load_row=areas["load"].top + 1,
        first_kpi_row=areas["kpis_by_period"].top + 1,
        kpi_rows=kpi_rows,
        by_end=by_end,
        targets=targets,
    )


def _in_order(page: Page, portfolio: Portfolio) -> list[Initiative]:
    """What is selected: by team in the order of the sheet, then by start."""
    plan, lead = page.plan, _lead(page)
    teams: dict[str | None, int] = {}
    for initiative in plan.initiatives:
        teams.setdefault(initiative.dimensions.get(lead), len(teams))
    starts = portfolio.selection.starts
    chosen = [plan.initiative(key) for key in portfolio.selected]
    return sorted(chosen, key=lambda one: (teams[one.dimensions.get(lead)], starts[one.key]))


def _lead(page: Page) -> str:
    """The dimension that stands beside the title; empty where there is none."""
    return next(iter(page.layout.dimensions), "")


def _open(page: Page, portfolio: Portfolio, labels: Sequence[str]) -> int:
    """A header with the periods; returns its row."""
    draft = page.results
    draft.grid.put_row(draft.row, 1, [header(text) for text in labels])
    for offset, period in enumerate(portfolio.horizon):
        draft.grid.put(draft.row, FIRST_PERIOD_COLUMN + offset, header(period, Align.CENTRE))
    draft.row += 1
    return draft.row - 1


def _work_rows(page: Page, position: int, portfolio: Portfolio, work: Sequence[Initiative]) -> Area:
    draft, grid, timing = page.results, page.results.grid, page.timing
    assert timing is not None
    lead = _lead(page)
    top = _open(page, portfolio, ("Initiative", "Title", page.words.dimension(lead) if lead else ""))
    resource = portfolio.main_use.resource
    before: str | None = None
    for initiative in work:
        team = initiative.dimensions.get(lead)
        role = Role.FIRST if team != before else Role.BODY
        before = team
        grid.put_row(
            draft.row,
            1,
            [OutCell(initiative.key, role), OutCell(initiative.title or None, role), OutCell(team, role)],
        )
        spent = [
            initiative.spent_in(resource, place - portfolio.selection.starts[initiative.key])
            for place in range(len(portfolio.horizon))
        ]
        pattern = amount_pattern(*spent)
        for offset in range(len(portfolio.horizon)):
            text = _spent_formula(page, position, initiative, resource, offset + 1)
            under_way = 0 <= offset - portfolio.selection.starts[initiative.key] < initiative.duration
            value = Formula(text, spent[offset] if under_way else "")
            grid.put(draft.row, FIRST_PERIOD_COLUMN + offset, OutCell(value, role, pattern, align=Align.CENTRE))
        draft.row += 1
    right = FIRST_PERIOD_COLUMN + len(portfolio.horizon) - 1
    if work:
        cells = grid.area(top + 1, FIRST_PERIOD_COLUMN, draft.row - 1, right)
        draft.highlights.append(Highlight(cells, f"=ISNUMBER({a1(top + 1, FIRST_PERIOD_COLUMN)})", Role.BAR))
    return grid.area(top, 1, max(draft.row - 1, top), right)


def _spent_formula(page: Page, position: int, initiative: Initiative, resource: str, at: int) -> str:
    """What an initiative takes in a period, nothing outside of its work."""
    timing, layout = page.timing, page.layout
    assert timing is not None
    row = layout.initiative_row(initiative.key)
    offset = row - layout.first_row

    def beside(area: Area) -> str:
        return across(Area(area.tab, area.top + offset, area.left, area.top + offset, area.left))

    x, cost = fixed(row, layout.selected_column(position)), fixed(row, layout.resource_column(resource))
    start, finish = beside(timing.starts[position]), beside(timing.finishes[position])
    share = beside(timing.each)
    if initiative.profile and initiative.duration > 1 and timing.shares and initiative.tokens:
        first, last = timing.shares[0], timing.shares[-1]
        row_of = Area(first.tab, first.top + offset, first.left, first.top + offset, last.left)
        share = f"INDEX({across(row_of)},{at + 1}-{start})" if len(timing.shares) > 1 else beside(first)
    return f'=IF(AND({x}=1,{start}>0,{start}<={at},{finish}>={at}),{cost}*{share},"")'


def _loads(page: Page, portfolio: Portfolio, work: Sequence[Initiative]) -> Iterator[Load]:
    """Teams first, in the order of the roadmap, then every other limit of a period."""
    found: dict[tuple[str, Slice | None], Load] = {}
    resource, lead = portfolio.main_use.resource, _lead(page)
    teams = dict.fromkeys(one.dimensions[lead] for one in page.plan.initiatives if lead in one.dimensions)
    busy = {one.dimensions.get(lead) for one in work}
    limited = {use.slice.key for use in portfolio.slices if use.period and use.slice and use.slice.dimension == lead}
    for team in teams:
        if team in busy | limited:
            where = Slice(dimension=lead, key=team)
            found[resource, where] = Load(resource, where)
    for use in portfolio.slices:
        if use.period is None or use.resource is None or use.maximum is None:
            continue
        load = found.setdefault((use.resource, use.slice), Load(use.resource, use.slice))
        load.limits[use.period] = min(use.maximum, load.limits.get(use.period, use.maximum))
    if not found:
        found[resource, None] = Load(resource, None)
    return iter(found.values())


def _load_rows(
    page: Page, position: int, portfolio: Portfolio, loads: Sequence[Load], used: Sequence[Sequence[float]]
) -> Area:
    draft, grid, words = page.results, page.results.grid, page.words
    lead = _lead(page)
    top = _open(page, portfolio, ("Load", "Used of the limit", page.words.dimension(lead) if lead else ""))
    aside = page.layout.state_column
    for offset, period in enumerate(portfolio.horizon):
        grid.put(top, aside + offset, header(f"Limit {period}", Align.RIGHT))
    above = ""
    for load, uses in zip(loads, used, strict=True):
        what = words.resource(load.resource)
        role = Role.BODY if what == above or not above else Role.FIRST
        named = OutCell(None if what == above else what, role)
        grid.put_row(draft.row, 1, [OutCell(None, role), named, OutCell(words.slice(load.where) or "all", role)])
        above = what
        for offset, period in enumerate(portfolio.horizon):
            limit = load.limits.get(period)
            formula = spend_figure(page, position, portfolio, load.resource, load.where, period).formula
            pattern = amount_pattern(uses[offset])
            if limit is not None:
                pattern = f'{pattern}" of {plain_amount(limit)}"'
                grid.put(draft.row, aside + offset, OutCell(limit, Role.LABEL, amount_pattern(limit)))
            cell = OutCell(Formula(f"={formula}", uses[offset]), role, pattern, align=Align.CENTRE)
            grid.put(draft.row, FIRST_PERIOD_COLUMN + offset, cell)
            place = grid.cell_area(draft.row, FIRST_PERIOD_COLUMN + offset)
            for number, use in enumerate(portfolio.slices, start=len(portfolio.resources)):
                if (use.resource, use.slice, use.period) == (load.resource, load.where, period):
                    page.limit_cells[portfolio.scenario, number] = place
        draft.row += 1
    right = FIRST_PERIOD_COLUMN + len(portfolio.horizon) - 1
    cells = grid.area(top + 1, FIRST_PERIOD_COLUMN, draft.row - 1, right)
    load_cell, limit_cell = a1(top + 1, FIRST_PERIOD_COLUMN), a1(top + 1, aside)
    over = f"=AND(ISNUMBER({limit_cell}),{load_cell}>{limit_cell}*(1+{RELATIVE_TOLERANCE})+{ABSOLUTE_TOLERANCE})"
    draft.highlights.append(Highlight(cells, over, Role.BAD))
    for share, role in SHADES:
        draft.highlights.append(Highlight(cells, f"=AND({limit_cell}>0,{load_cell}>={limit_cell}*{share})", role))
    draft.highlights.append(Highlight(cells, f"=AND({limit_cell}>0,{load_cell}>0)", Role.LOAD_LOW))
    return grid.area(top, 1, draft.row - 1, right)


def _used(page: Page, portfolio: Portfolio, load: Load, place: int) -> float:
    """What is used of a resource in a slice in one period, what stopping work costs included."""
    scenario, starts = page.plan.scenario(portfolio.scenario), portfolio.selection.starts
    chosen = [page.plan.initiative(key) for key in portfolio.selected]
    spent = [one.spent_in(load.resource, place - starts[one.key]) for one in chosen if is_in(one, load.where)]
    if place == 0 and load.resource == TOKENS:
        stoppable = page.plan.stoppable(scenario)
        spent += [one.stop_cost for one in stoppable if one.key not in starts and is_in(one, load.where)]
    return total(spent)


def _targets(page: Page, portfolio: Portfolio) -> dict[str, dict[str, float]]:
    """What each KPI of the whole portfolio is to reach by the end of which period; the farther one of two."""
    found: dict[str, dict[str, float]] = {}
    for outcome in portfolio.targets:
        target: Target = outcome.target
        if target.slice is None:
            by_period = found.setdefault(target.kpi, {})
            period = target.period or portfolio.horizon[-1]
            pick = max if page.plan.kpi(target.kpi).direction.sign > 0 else min
            by_period[period] = pick(target.value, by_period.get(period, target.value))
    return found


def _kpi_rows(
    page: Page,
    position: int,
    portfolio: Portfolio,
    targets: Mapping[str, Mapping[str, float]],
    totals: Mapping[str, Sequence[float]],
) -> tuple[Area, dict[str, int]]:
    """What every KPI gains in each period, what it comes to by its end, and what is asked for."""
    draft, grid = page.results, page.results.grid
    top = _open(page, portfolio, ("KPIs", "", ""))
    rows: dict[str, int] = {}
    for kpi in page.plan.kpis:
        asked = targets.get(kpi.key, {})
        by_end = totals[kpi.key]
        gains = [value - before for value, before in zip(by_end, [0.0, *by_end], strict=False)]
        pattern = unit_of(kpi).pattern_for(*by_end, *gains, *asked.values())
        row = draft.row
        rows[kpi.key] = row + 1
        better = "" if kpi.direction.sign > 0 else " (lower is better)"
        grid.put_row(row, 1, [OutCell(None, Role.FIRST), OutCell(f"{page.words.kpi(kpi.key)}{better}", Role.FIRST)])
        grid.put(row, LEAD_COLUMN, OutCell(IN_THE_PERIOD, Role.FIRST))
        grid.put(row + 1, LEAD_COLUMN, OutCell(BY_ITS_END))
        for offset, period in enumerate(portfolio.horizon):
            column = FIRST_PERIOD_COLUMN + offset
            end, before = fixed(row + 1, column), fixed(row + 1, column - 1)
            gain = f"={end}-{before}" if offset else f"={end}"
            figure = kpi_figure(page, position, portfolio, kpi.key, None, period)
            grid.put(row, column, OutCell(Formula(gain, gains[offset]), Role.FIRST, pattern))
            grid.put(row + 1, column, OutCell(Formula(f"={figure.formula}", by_end[offset]), Role.FIGURE, pattern))
            if period in asked:
                grid.put(row + 2, column, OutCell(asked[period], Role.LABEL, pattern))
        draft.row += 2
        if asked:
            grid.put(row + 2, LEAD_COLUMN, OutCell(TARGET, Role.LABEL))
            _mark_targets(page, kpi, row + 1, len(portfolio.horizon))
            draft.row += 1
    return grid.area(top, 1, draft.row - 1, FIRST_PERIOD_COLUMN + len(portfolio.horizon) - 1), rows


def _by_end(page: Page, portfolio: Portfolio, kpi: Kpi, period: str) -> float:
    chosen = [page.plan.initiative(key) for key in portfolio.selected]
    scenario = page.plan.scenario(portfolio.scenario)
    return kpi_total(page.plan, scenario, chosen, kpi.key, None, period, portfolio.selection)


def _mark_targets(page: Page, kpi: Kpi, row: int, periods: int) -> None:
    """Colour what a KPI comes to where the row below asks for something."""
    cells = page.results.grid.area(row, FIRST_PERIOD_COLUMN, row, FIRST_PERIOD_COLUMN + periods - 1)
    reached, asked = a1(row, FIRST_PERIOD_COLUMN), a1(row + 1, FIRST_PERIOD_COLUMN)
    sign = "" if kpi.direction.sign > 0 else "-"
    tolerance = f"MAX({ABSOLUTE_TOLERANCE},{RELATIVE_TOLERANCE}*ABS({asked}))"
    met = f"{sign}({reached}-{asked})>=-{tolerance}"
    page.results.highlights.append(Highlight(cells, f"=AND(ISNUMBER({asked}),{met})", Role.GOOD))
    page.results.highlights.append(Highlight(cells, f"=AND(ISNUMBER({asked}),NOT({met}))", Role.BAD))


def periods_block(page: Page, drawn: Sequence[Roadmap]) -> None:
    """The details of what every KPI comes to by the end of each period: live figure, optimizer's value, check."""
    if not drawn:
        return
    first = open_table(page, "KPIs by period", PERIOD_HEADERS, "sheetplan_periods")
    for block in drawn:
        position = page.outcome.scenarios.index(block.scenario)
        for kpi in page.plan.kpis:
            values = block.by_end[kpi.key]
            pattern = unit_of(kpi).pattern_for(*values)
            for offset, period in enumerate(block.portfolio.horizon):
                source = page.results.grid.cell_area(block.kpi_rows[kpi.key], FIRST_PERIOD_COLUMN + offset)
                magnitude = kpi_figure(page, position, block.portfolio, kpi.key, None, period).magnitude
                page.details.grid.put_row(page.details.row, 1, [
                    OutCell(block.scenario.name, Role.LABEL),
                    OutCell(kpi.key),
                    OutCell(period),
                    *live_figure(page.details.row, source, magnitude, values[offset], pattern),
                ])  # fmt: skip
                page.details.row += 1
    close_table(page, "sheetplan_periods", first)
