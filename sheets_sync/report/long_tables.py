"""The long tables: one row per scenario and target, KPI, or limit, with live figure, optimizer's value and check."""

from math import fsum

from config.units import unit_of
from optimizer.plan import Direction, Plan
from optimizer.portfolio import Portfolio, SliceUse
from optimizer.wording import number as number_of
from sheets_sync.report.goals_table import share_in_words
from sheets_sync.report.live_totals import kpi_figure, spend_figure
from sheets_sync.report.people_words import north_star_of
from sheets_sync.report.range_names import range_names
from sheets_sync.report.results_page import (
    ABSOLUTE_TOLERANCE,
    RELATIVE_TOLERANCE,
    SHARE,
    Page,
    amount_pattern,
    close_table,
    live_figure,
    open_table,
)
from sheets_sync.report.sheet_grid import across, fixed
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

DIRECTION_WORDS = {Direction.HIGHER: "higher (plus)", Direction.LOWER: "lower (minus)"}
"""The sign convention of each direction, as people read it."""
_PLAIN_FROM = 0.001
LEFT, CENTRE, RIGHT = Align.LEFT, Align.CENTRE, Align.RIGHT
TARGET_HEADERS = (
    ("Scenario", LEFT), ("KPI", LEFT), ("Where", LEFT), ("Achieved", RIGHT), ("Optimizer's value", RIGHT),
    ("Check", CENTRE), ("Required change", RIGHT), ("Gap to target", RIGHT), ("Met", CENTRE), ("Floor or goal", LEFT),
    ("Stated level", RIGHT), ("Baseline", RIGHT), ("Better is", CENTRE),
)  # fmt: skip
TOTAL_HEADERS = (
    ("Scenario", LEFT), ("KPI", LEFT), ("Unit", LEFT), ("Total", RIGHT), ("Optimizer's value", RIGHT),
    ("Check", CENTRE), ("Target", RIGHT), ("Gap to target", RIGHT), ("Better is", CENTRE), ("Weight", RIGHT),
    ("Normalization factor", RIGHT), ("Share of objective", RIGHT), ("Of which synergies", RIGHT),
)  # fmt: skip
CAPACITY_HEADERS = (
    ("Scenario", LEFT), ("Of what", LEFT), ("Where", LEFT), ("Used", RIGHT), ("Optimizer's value", RIGHT),
    ("Check", CENTRE), ("At least", RIGHT), ("At most", RIGHT), ("Left", RIGHT), ("Used of most", RIGHT),
)  # fmt: skip


def targets_block(page: Page) -> None:
    """One row per scenario and target: floors and goals, for the portfolio or one slice of it."""
    first = open_table(page, "Targets", TARGET_HEADERS, "sheetplan_targets")
    for position, scenario, portfolio in page.answered:
        for number, outcome in enumerate(portfolio.targets):
            page.target_rows[scenario.name, number] = page.details.row
            source = page.target_cells[scenario.name, number]
            target, row = outcome.target, page.details.row
            kpi = page.plan.kpi(target.kpi)
            gap = kpi.direction.sign * (outcome.achieved - target.value)
            pattern = unit_of(kpi).pattern_for(outcome.achieved, target.value, None if outcome.met else gap)
            magnitude = kpi_figure(page, position, portfolio, kpi.key, target.slice, target.period).magnitude
            sign = "" if kpi.direction.sign > 0 else "-"
            achieved, to_bring = fixed(row, 4), fixed(row, 7)
            tolerance = f"MAX({ABSOLUTE_TOLERANCE},{RELATIVE_TOLERANCE}*ABS({to_bring}))"
            met = f'=IF({fixed(row, 8)}>=-{tolerance},"met","missed")'
            page.details.grid.put_row(row, 1, [
                OutCell(scenario.name, Role.LABEL),
                OutCell(kpi.key),
                OutCell(f"{target.slice or 'all'}{f' by {target.period}' if target.period else ''}"),
                *live_figure(row, source, magnitude, outcome.achieved, pattern),
                OutCell(target.value, number_format=pattern),
                OutCell(Formula(f"={sign}({achieved}-{to_bring})", gap), number_format=pattern),
                OutCell(Formula(met, "met" if outcome.met else "missed"), align=CENTRE),
                OutCell(target.kind.value),
                OutCell(target.stated, number_format=pattern),
                OutCell(target.baseline, number_format=pattern),
                OutCell(DIRECTION_WORDS[kpi.direction], Role.NOTE, align=CENTRE),
            ])  # fmt: skip
            page.details.row += 1
    if page.details.row > first:
        met_cells = page.details.grid.area(first, 9, page.details.row - 1, 9)
        page.details.highlights.append(Highlight(met_cells, f'={a1(first, 9)}="missed"', Role.BAD))
        page.details.highlights.append(Highlight(met_cells, f'={a1(first, 9)}="met"', Role.GOOD))
    else:
        page.details.grid.put(page.details.row, 1, OutCell("No scenario has a target.", Role.NOTE))
        first = page.details.row = page.details.row + 1
    close_table(page, "sheetplan_targets", first)


def totals_block(page: Page) -> None:
    """One row per scenario and active KPI, with its goal, weight and share of the objective."""
    first = open_table(page, "KPI totals per scenario", TOTAL_HEADERS, "sheetplan_totals")
    areas: dict[str, Area] = {}
    for position, scenario, portfolio in page.answered:
        asked = page.plan.scenario(scenario.name)
        goals = {outcome.target.kpi: outcome for outcome in reversed(portfolio.targets) if outcome.target.slice is None}
        terms = _objective_terms(page.plan, scenario.name, portfolio)
        whole = fsum(abs(term) for term in terms.values())
        top = page.details.row
        areas[scenario.name] = page.details.grid.area(top, 4, top + len(page.plan.kpis) - 1, 4)
        for kpi in page.plan.kpis:
            row, total = page.details.row, portfolio.kpi_totals[kpi.key]
            pattern = unit_of(kpi).pattern_for(total)
            magnitude = kpi_figure(page, position, portfolio, kpi.key).magnitude
            source = page.total_cells[scenario.name, kpi.key]
            weight = asked.weights.get(kpi.key) if asked.uses_weights else None
            cells: list[OutCell | None] = [
                OutCell(scenario.name, Role.LABEL),
                OutCell(kpi.key),
                OutCell(kpi.unit or None, Role.NOTE),
                *live_figure(row, source, magnitude, total, pattern),
            ]
            if kpi.key in goals:
                target = goals[kpi.key].target
                sign = "" if kpi.direction.sign > 0 else "-"
                gap = kpi.direction.sign * (total - target.value)
                cells.append(OutCell(target.value, number_format=pattern))
                cells.append(OutCell(Formula(f"={sign}({fixed(row, 4)}-{fixed(row, 7)})", gap), number_format=pattern))
            else:
                cells += [None, None]
            share = terms[kpi.key] / whole if whole and kpi.key in terms else None
            synergy = fsum(s.synergy.value for s in portfolio.synergies if s.earned and s.synergy.kpi == kpi.key)
            cells += [
                OutCell(DIRECTION_WORDS[kpi.direction], Role.NOTE, align=CENTRE),
                OutCell(weight, number_format="General"),
                _factor_cell(portfolio.factors.get(kpi.key) if weight is not None else None),
                OutCell(share, number_format="0.00%"),
                OutCell(synergy or None, number_format=pattern),
            ]
            page.details.grid.put_row(row, 1, cells)
            page.details.row += 1
    page.details.grid.areas |= range_names("sheetplan_totals", areas)
    close_table(page, "sheetplan_totals", first)


def _factor_cell(factor: float | None) -> OutCell | None:
    """A normalization factor, in digits that fit its column."""
    if factor is None:
        return None
    pattern = "General" if factor == int(factor) else "0.000000" if factor >= _PLAIN_FROM else "0.00E+00"
    return OutCell(factor, number_format=pattern)


def _objective_terms(plan: Plan, name: str, portfolio: Portfolio) -> dict[str, float]:
    """What each KPI adds to the scenario's objective: w[k] s[k] d[k] total[k], or the north star's total alone."""
    scenario = plan.scenario(name)
    if scenario.uses_weights:
        return {
            key: weight * portfolio.factors.get(key, 1.0) * plan.kpi(key).direction.sign * portfolio.kpi_totals[key]
            for key, weight in scenario.weights.items()
            if weight > 0
        }
    north_star = north_star_of(plan, name)
    return {} if north_star is None else {north_star: portfolio.kpi_totals[north_star]}


def capacity_block(page: Page) -> None:
    """One row per scenario and resource, then per slice that a cap or floor bounds."""
    first = open_table(page, "Capacity, caps and floors", CAPACITY_HEADERS, "sheetplan_capacity")
    for position, scenario, portfolio in page.answered:
        for number, use in enumerate(portfolio.resources):
            page.limit_rows[scenario.name, number] = page.details.row
            source = page.limit_cells[scenario.name, number]
            magnitude = spend_figure(page, position, portfolio, use.resource).magnitude
            label = f"{use.resource}, {number_of(use.reserved)} kept free" if use.reserved else use.resource
            _use_row(page, scenario.name, label, "all", (source, magnitude), use.used, (None, use.available))
        for number, part in enumerate(portfolio.slices, start=len(portfolio.resources)):
            page.limit_rows[scenario.name, number] = page.details.row
            source = page.limit_cells[scenario.name, number]
            if part.resource is None:
                magnitude = across(source)  # a count is its own magnitude
            else:
                magnitude = spend_figure(page, position, portfolio, part.resource, part.slice, part.period).magnitude
            label = part.of_what if part.share is None else f"{part.of_what}, {share_in_words(part)}"
            bounds = (_bound(page, scenario.name, part, part.minimum), _bound(page, scenario.name, part, part.maximum))
            label = f"{label} in {part.period}" if part.period else label
            _use_row(page, scenario.name, label, part.where, (source, magnitude), part.used, bounds)
    close_table(page, "sheetplan_capacity", first)


Bound = float | Formula | None
"""What a use is compared with; a share of what is spent follows the live total."""


def _bound(page: Page, scenario: str, part: SliceUse, value: float | None) -> Bound:
    if value is None or part.share is None or part.of_capacity or part.resource is None:
        return value
    return Formula(f"={part.share!r}*{across(page.used_cells[scenario, part.resource])}", value)


def _value(bound: Bound) -> float | None:
    return float(bound.value) if isinstance(bound, Formula) else bound


def _use_row(
    page: Page,
    scenario: str,
    label: str,
    where: str,
    live: tuple[Area, str],
    used: float,
    bounds: tuple[Bound, Bound],
) -> None:
    minimum, maximum = map(_value, bounds)
    row, pattern = page.details.row, amount_pattern(used, minimum, maximum)
    cells: list[OutCell | None] = [
        OutCell(scenario, Role.LABEL),
        OutCell(label),
        OutCell(where),
        *live_figure(row, *live, used, pattern),
        OutCell(bounds[0], number_format=pattern),
        OutCell(bounds[1], number_format=pattern),
    ]
    if maximum is not None:
        at_most = fixed(row, 8)
        cells.append(OutCell(Formula(f"={at_most}-{fixed(row, 4)}", maximum - used), number_format=pattern))
        share = used / maximum if maximum else 0.0
        cells.append(OutCell(Formula(f"=IF({at_most}=0,0,{fixed(row, 4)}/{at_most})", share), number_format=SHARE))
    page.details.grid.put_row(row, 1, cells)
    page.details.row += 1
