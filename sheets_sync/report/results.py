"""Results: what ran, scenarios side by side, targets, KPI totals, capacity, and the selection they are computed from.

Every total, use and gap is a live formula over the selection block; the figure that the optimizer proved stands beside
it with a check cell, and one cell at the top sums up all checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from config.units import unit_named
from optimizer.plan import TOKENS, ObjectiveMode, Plan, Slice
from optimizer.portfolio import Portfolio
from sheets_sync.changes import Formula, Highlight, OutCell, Role, Sheet
from sheets_sync.outcome import STATUS_WORDS, RunOutcome, ScenarioOutcome
from sheets_sync.report.grid import Grid, fixed, fixed_range, quoted
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LONG_TABLE_WIDTH, TITLE, Layout, layout_of
from sheets_sync.report.names import range_names
from sheets_sync.snapshot import Area, a1

OWNED_NAME = "sheetplan_results"
NAME_PREFIX = "sheetplan_"
SELECTION_NAME = "sheetplan_selection"
RELATIVE_TOLERANCE = "1E-9"
ABSOLUTE_TOLERANCE = "1E-12"
PICKED_PATTERN = '"●";;"–"'
TEXT_LIST_LIMIT = 30


@dataclass
class _Page:
    """The sheet while its blocks are written: the grid, where the next block starts, and the check cells so far."""

    plan: Plan
    outcome: RunOutcome
    layout: Layout
    grid: Grid = field(default_factory=lambda: Grid(TITLE))
    row: int = 1
    checks: list[Area] = field(default_factory=list)
    total_cells: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    used_cells: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    highlights: list[Highlight] = field(default_factory=list)

    @property
    def answered(self) -> list[tuple[int, ScenarioOutcome, Portfolio]]:
        """(position, scenario, portfolio) of every scenario that has a selection."""
        return [
            (position, scenario, scenario.portfolio)
            for position, scenario in enumerate(self.outcome.scenarios)
            if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
        ]


def results_sheet(outcome: RunOutcome, plan: Plan) -> Sheet:
    """The whole Results tab of a run.

    The blocks above the selection have a height that depends on the plan alone, so they are laid out once to learn
    where the selection starts, and once more with that row known.
    """
    draft = _written(outcome, plan, selection_top=1_000)
    page = _written(outcome, plan, selection_top=draft.row)
    grid, layout = page.grid, page.layout
    rows = grid.rows()
    return Sheet(
        title=TITLE,
        rows=rows,
        owned_name=OWNED_NAME,
        name_prefix=NAME_PREFIX,
        named_ranges=grid.areas,
        column_widths=_widths(layout),
        frozen_rows=1,
        frozen_columns=2,
        highlights=page.highlights,
    )


def _written(outcome: RunOutcome, plan: Plan, selection_top: int) -> _Page:
    page = _Page(plan, outcome, layout_of(outcome, plan, selection_top))
    check_cell = _run_block(page)
    scenarios_top = page.row
    page.row += _scenario_block_height(page)
    _targets_block(page)
    _totals_block(page)
    _capacity_block(page)
    end = page.row
    page.row = scenarios_top
    _scenario_block(page)
    page.row = end
    _overall_check(page, check_cell)
    if selection_top == end:
        _selection_block(page)
    return page


# --- the run -------------------------------------------------------------------------------------------------------


def _run_block(page: _Page) -> tuple[int, int]:
    """Title and who ran what, when; returns the position of the overall check, which is written last."""
    facts = page.outcome.facts
    solvers = sorted({f"{p.solver.name} {p.solver.version}".strip() for _, _, p in page.answered})
    page.grid.put(1, 1, OutCell("Results", Role.TITLE))
    page.grid.put(1, 3, OutCell("Figures", Role.LABEL))
    facts_rows: list[tuple[str, OutCell]] = [
        ("Run", OutCell(facts.run_id)),
        ("Started (UTC)", OutCell(facts.started_at, number_format="yyyy-mm-dd hh:mm:ss")),
        ("Finished (UTC)", OutCell(facts.finished_at, number_format="yyyy-mm-dd hh:mm:ss")),
        ("Triggered by", OutCell(f"{facts.person} ({facts.trigger})" if facts.person else facts.trigger)),
        ("Workbook", OutCell(facts.workbook)),
        ("Solver", OutCell(", ".join(solvers) or "none needed")),
        ("Sheetplan", OutCell(facts.sheetplan_version)),
        ("Inputs fingerprint", OutCell(facts.fingerprint)),
    ]
    for offset, (label, cell) in enumerate(facts_rows):
        page.grid.put(2 + offset, 1, OutCell(label, Role.LABEL))
        page.grid.put(2 + offset, 2, cell)
    last = 1 + len(facts_rows)
    note = (
        f"Columns A to {a1(1, page.layout.last_column).rstrip('1')} belong to sheetplan and are written anew by every run; "
        "what you write to the right of them stays. A gap is positive where the portfolio is better than the target, "
        "whichever way the KPI is better."
    )
    page.grid.put(last + 1, 1, OutCell(note, Role.NOTE))
    page.grid.areas["sheetplan_run"] = page.grid.area(1, 1, last, 4)
    page.row = last + 3
    return 1, 4


def _overall_check(page: _Page, position: tuple[int, int]) -> None:
    count = sum(area.bottom - area.top + 1 for area in page.checks)
    if count == 0:
        page.grid.put(*position, OutCell("nothing to check"))
        return
    counted = "+".join(f'COUNTIF({fixed_range(area)},"OK")' for area in page.checks)
    words = f"OK: all {count} figures recompute"
    text = f'=IF({counted}={count},{quoted(words)},"Figures differ: see the check columns")'
    page.grid.put(*position, OutCell(Formula(text, words), Role.TOTAL))
    cell = page.grid.area(*position, *position)
    page.highlights.append(Highlight(cell, f'=LEFT({fixed(*position)},2)<>"OK"', Role.BAD))
    page.grid.areas["sheetplan_check"] = cell


# --- scenarios side by side ----------------------------------------------------------------------------------------


def _scenario_block_height(page: _Page) -> int:
    """Heading, header, the fixed measures, one row per KPI, and a blank row."""
    return 2 + 13 + len(page.plan.kpis) + 1


def _scenario_block(page: _Page) -> None:
    top = page.row
    layout, grid = page.layout, page.grid
    grid.put(top, 1, OutCell("Scenarios side by side", Role.HEADING))
    grid.put_row(top + 1, 1, [OutCell("Measure", Role.HEADER), OutCell(None, Role.HEADER), OutCell("Unit", Role.HEADER)])
    labels = [
        ("Status", ""),
        ("Objective mode", ""),
        ("Objective", ""),
        ("Objective value", ""),
        ("No portfolio can do better than", ""),
        ("Gap to that bound", ""),
        ("Initiatives selected", "count"),
        ("Tokens used", "tokens"),
        ("Tokens available", "tokens"),
        ("Capacity used", ""),
        ("Came in since last run", ""),
        ("Went out since last run", ""),
        ("To note", ""),
    ]
    for offset, (label, unit) in enumerate(labels):
        grid.put_row(top + 2 + offset, 1, [OutCell(label, Role.LABEL), None, OutCell(unit or None, Role.NOTE)])
    kpi_top = top + 2 + len(labels)
    for offset, kpi in enumerate(page.plan.kpis):
        name = OutCell(kpi.name or None)
        grid.put_row(kpi_top + offset, 1, [OutCell(kpi.key, Role.LABEL), name, OutCell(kpi.unit or None, Role.NOTE)])
    for position, scenario in enumerate(page.outcome.scenarios):
        column = layout.scenario_column(position)
        grid.put(top + 1, column, OutCell(scenario.name, Role.HEADER, wrap=True))
        for offset, cell in enumerate(_scenario_measures(page, position, scenario, top + 2)):
            if cell is not None:
                grid.put(top + 2 + offset, column, cell)
        for offset, kpi in enumerate(page.plan.kpis):
            source = page.total_cells.get((scenario.name, kpi.key))
            if source is not None and scenario.portfolio is not None:
                total = Formula(f"={fixed(*source)}", scenario.portfolio.kpi_totals[kpi.key])
                grid.put(kpi_top + offset, column, OutCell(total, Role.TOTAL, unit_named(kpi.unit).pattern))
    last_column = layout.scenario_column(len(page.outcome.scenarios) - 1)
    grid.areas["sheetplan_scenarios"] = grid.area(top + 1, 1, kpi_top + len(page.plan.kpis) - 1, last_column)


def _scenario_measures(page: _Page, position: int, scenario: ScenarioOutcome, top: int) -> list[OutCell | None]:
    """The cells of one scenario's column, in the order of the labels; `top` is the row of the first."""
    words = OutCell(STATUS_WORDS[scenario.status], _status_role(scenario), wrap=True)
    note = OutCell(" ".join(scenario.problems) or None, Role.NOTE, wrap=True)
    portfolio = scenario.portfolio
    if portfolio is None or not portfolio.status.has_portfolio:
        return [words, OutCell(scenario.objective_mode), *([None] * 10), note]
    column = page.layout.scenario_column(position)
    selected = page.layout.column_area(column, with_synergies=False)
    used = page.used_cells[scenario.name, TOKENS]
    tokens = next(use for use in portfolio.resources if use.resource == TOKENS)
    pattern, meaning = _objective_format(page.plan, scenario.name)
    share = tokens.used / tokens.available if tokens.available else 0.0
    used_cell, available_cell = fixed(top + 7, column), fixed(top + 8, column)
    return [
        words,
        OutCell(scenario.objective_mode),
        OutCell(meaning, wrap=True),
        OutCell(portfolio.objective, Role.TOTAL, pattern),
        OutCell(portfolio.bound, number_format=pattern),
        OutCell(portfolio.gap, number_format="0.0000%"),
        OutCell(Formula(f"=SUM({fixed_range(selected)})", len(portfolio.selected)), number_format="0"),
        OutCell(Formula(f"={fixed(*used)}", tokens.used), number_format="#,##0.##"),
        OutCell(tokens.available, number_format="#,##0.##"),
        OutCell(Formula(f"=IF({available_cell}=0,0,{used_cell}/{available_cell})", share), number_format="0.0%"),
        OutCell(_key_list(scenario.came_in), wrap=True),
        OutCell(_key_list(scenario.went_out), wrap=True),
        note,
    ]


def _status_role(scenario: ScenarioOutcome) -> Role:
    if scenario.status == "optimal":
        return Role.GOOD
    return Role.CAUTION if scenario.solved else Role.BAD


def _key_list(keys: Sequence[str] | None) -> str:
    if keys is None:
        return "first run"
    if len(keys) > TEXT_LIST_LIMIT:
        return ", ".join(keys[:TEXT_LIST_LIMIT]) + f" and {len(keys) - TEXT_LIST_LIMIT} more"
    return ", ".join(keys) or "none"


def _objective_format(plan: Plan, name: str) -> tuple[str, str]:
    """The number pattern of a scenario's objective, and what it measures in words."""
    scenario = plan.scenario(name)
    if scenario.uses_north_star:
        north_star = north_star_of(plan, name)
        if north_star is not None:
            kpi = plan.kpi(north_star)
            return unit_named(kpi.unit).pattern, f"total {kpi.key}"
    prefix = "after targets: " if scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else ""
    return "#,##0.000000", f"{prefix}weighted sum ({scenario.normalization.value})"


def north_star_of(plan: Plan, scenario_name: str) -> str | None:
    """The key of a scenario's north star: its own, else the KPIs tab's; None where there is neither."""
    own = plan.scenario(scenario_name).north_star
    return own or next((kpi.key for kpi in plan.kpis if kpi.is_north_star), None)


# --- long tables ---------------------------------------------------------------------------------------------------


def _long_table(page: _Page, heading: str, headers: Sequence[str], name: str) -> int:
    """Heading and header of a long table; returns its first row."""
    page.grid.put(page.row, 1, OutCell(heading, Role.HEADING))
    page.grid.put_row(page.row + 1, 1, [OutCell(header, Role.HEADER, wrap=True) for header in headers])
    page.grid.areas[name] = page.grid.area(page.row + 1, 1, page.row + 1, len(headers))
    page.row += 2
    return page.row


def _close_table(page: _Page, name: str, first: int) -> None:
    header = page.grid.areas[name]
    page.grid.areas[name] = page.grid.area(header.top, 1, max(page.row - 1, first - 1), header.right)
    if page.row > first:
        check = page.grid.area(first, 6, page.row - 1, 6)
        page.checks.append(check)
        page.highlights.append(Highlight(check, f'={a1(first, 6)}="differs"', Role.BAD))
    page.row += 1


def _live(page: _Page, row: int, formula: str, magnitude: str, value: float, pattern: str) -> list[OutCell]:
    """The live figure, the optimizer's value and the check, for columns D to F of a long table.

    `magnitude` sums the absolute terms: what floating-point summation may lose is relative to that, not to the total.
    """
    live, proved = fixed(row, 4), fixed(row, 5)
    check = f'=IF(ABS({live}-{proved})<={RELATIVE_TOLERANCE}*{magnitude}+{ABSOLUTE_TOLERANCE},"OK","differs")'
    return [
        OutCell(Formula(f"={formula}", value), Role.TOTAL, pattern),
        OutCell(value, number_format=pattern),
        OutCell(Formula(check, "OK")),
    ]


def _targets_block(page: _Page) -> None:
    headers = (
        "Scenario", "KPI", "Where", "Achieved", "Optimizer's value", "Check", "To bring", "Gap to target", "Met",
        "Floor or goal", "Stated level", "Baseline", "Better is",
    )  # fmt: skip
    first = _long_table(page, "Targets", headers, "sheetplan_targets")
    for position, scenario, portfolio in page.answered:
        for outcome in portfolio.targets:
            target, row = outcome.target, page.row
            kpi = page.plan.kpi(target.kpi)
            pattern = unit_named(kpi.unit).pattern
            picked = page.layout.column_area(page.layout.scenario_column(position))
            contributions = page.layout.column_area(page.layout.kpi_column(kpi.key))
            formula, magnitude = _sum_product(page, picked, contributions, target.slice)
            sign = "" if kpi.direction.sign > 0 else "-"
            gap = kpi.direction.sign * (outcome.achieved - target.value)
            achieved, to_bring = fixed(row, 4), fixed(row, 7)
            tolerance = f"MAX({ABSOLUTE_TOLERANCE},{RELATIVE_TOLERANCE}*ABS({to_bring}))"
            met = f'=IF({fixed(row, 8)}>=-{tolerance},"met","missed")'
            page.grid.put_row(row, 1, [
                OutCell(scenario.name, Role.LABEL),
                OutCell(kpi.key),
                OutCell("all" if target.slice is None else str(target.slice)),
                *_live(page, row, formula, magnitude, outcome.achieved, pattern),
                OutCell(target.value, number_format=pattern),
                OutCell(Formula(f"={sign}({achieved}-{to_bring})", gap), number_format=pattern),
                OutCell(Formula(met, "met" if outcome.met else "missed")),
                OutCell(target.kind.value),
                OutCell(target.stated, number_format=pattern),
                OutCell(target.baseline, number_format=pattern),
                OutCell(kpi.direction.value),
            ])  # fmt: skip
            page.row += 1
    if page.row > first:
        met_cells = page.grid.area(first, 9, page.row - 1, 9)
        page.highlights.append(Highlight(met_cells, f'={a1(first, 9)}="missed"', Role.BAD))
        page.highlights.append(Highlight(met_cells, f'={a1(first, 9)}="met"', Role.GOOD))
    else:
        page.grid.put(page.row, 1, OutCell("No scenario has a target.", Role.NOTE))
        first = page.row = page.row + 1
    _close_table(page, "sheetplan_targets", first)


def _totals_block(page: _Page) -> None:
    headers = (
        "Scenario", "KPI", "Unit", "Total", "Optimizer's value", "Check", "Target", "Gap to target", "Better is",
        "Weight", "Normalization factor", "Share of objective", "Of which synergies",
    )  # fmt: skip
    first = _long_table(page, "KPI totals per scenario", headers, "sheetplan_totals")
    areas: dict[str, Area] = {}
    for position, scenario, portfolio in page.answered:
        asked = page.plan.scenario(scenario.name)
        goals = {outcome.target.kpi: outcome for outcome in reversed(portfolio.targets) if outcome.target.slice is None}
        terms = _objective_terms(page.plan, scenario.name, portfolio)
        whole = fsum(abs(term) for term in terms.values())
        areas[scenario.name] = page.grid.area(page.row, 4, page.row + len(page.plan.kpis) - 1, 4)
        for kpi in page.plan.kpis:
            row, pattern = page.row, unit_named(kpi.unit).pattern
            total = portfolio.kpi_totals[kpi.key]
            picked = page.layout.column_area(page.layout.scenario_column(position))
            contributions = page.layout.column_area(page.layout.kpi_column(kpi.key))
            formula, magnitude = _sum_product(page, picked, contributions, None)
            page.total_cells[scenario.name, kpi.key] = (row, 4)
            weight = asked.weights.get(kpi.key) if asked.uses_weights else None
            cells: list[OutCell | None] = [
                OutCell(scenario.name, Role.LABEL),
                OutCell(kpi.key),
                OutCell(kpi.unit or None, Role.NOTE),
                *_live(page, row, formula, magnitude, total, pattern),
            ]
            if kpi.key in goals:
                target = goals[kpi.key].target
                sign = "" if kpi.direction.sign > 0 else "-"
                gap = kpi.direction.sign * (total - target.value)
                cells.append(OutCell(target.value, number_format=pattern))
                cells.append(
                    OutCell(Formula(f"={sign}({fixed(row, 4)}-{fixed(row, 7)})", gap), number_format=pattern)
                )
            else:
                cells += [None, None]
            share = abs(terms[kpi.key]) / whole if whole and kpi.key in terms else None
            synergy = fsum(s.synergy.value for s in portfolio.synergies if s.earned and s.synergy.kpi == kpi.key)
            cells += [
                OutCell(kpi.direction.value),
                OutCell(weight, number_format="General"),
                OutCell(portfolio.factors.get(kpi.key) if weight is not None else None, number_format="General"),
                OutCell(share, number_format="0.0000%"),
                OutCell(synergy if synergy else None, number_format=pattern),
            ]
            page.grid.put_row(row, 1, cells)
            page.row += 1
    page.grid.areas |= range_names("sheetplan_totals", areas)
    _close_table(page, "sheetplan_totals", first)


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


def _capacity_block(page: _Page) -> None:
    headers = ("Scenario", "Of what", "Where", "Used", "Optimizer's value", "Check", "At least", "At most", "Left", "Share")
    first = _long_table(page, "Capacity, caps and floors", headers, "sheetplan_capacity")
    layout = page.layout
    for position, scenario, portfolio in page.answered:
        picked = layout.column_area(layout.scenario_column(position))
        for use in portfolio.resources:
            page.used_cells[scenario.name, use.resource] = (page.row, 4)
            costs = layout.column_area(layout.resource_column(use.resource))
            formula, magnitude = _sum_product(page, picked, costs, None)
            _use_row(page, scenario.name, use.resource, None, (formula, magnitude), use.used, (None, use.available))
        for part in portfolio.slices:
            if part.measure == "tokens":
                costs = layout.column_area(layout.resource_column(TOKENS))
                formula, magnitude = _sum_product(page, picked, costs, part.slice)
                label = TOKENS
            else:
                formula, magnitude = _count(page, position, part.slice)
                label = "initiatives"
            bounds = (part.minimum, part.maximum)
            _use_row(page, scenario.name, label, part.slice, (formula, magnitude), part.used, bounds)
    _close_table(page, "sheetplan_capacity", first)


def _use_row(
    page: _Page,
    scenario: str,
    label: str,
    where: Slice | None,
    formulas: tuple[str, str],
    used: float,
    bounds: tuple[float | None, float | None],
) -> None:
    row, pattern = page.row, "#,##0.##"
    minimum, maximum = bounds
    cells: list[OutCell | None] = [
        OutCell(scenario, Role.LABEL),
        OutCell(label),
        OutCell("all" if where is None else str(where)),
        *_live(page, row, *formulas, used, pattern),
        OutCell(minimum, number_format=pattern),
        OutCell(maximum, number_format=pattern),
    ]
    if maximum is not None:
        at_most = fixed(row, 8)
        cells.append(OutCell(Formula(f"={at_most}-{fixed(row, 4)}", maximum - used), number_format=pattern))
        share = used / maximum if maximum else 0.0
        cells.append(OutCell(Formula(f"=IF({at_most}=0,0,{fixed(row, 4)}/{at_most})", share), number_format="0.0%"))
    page.grid.put_row(row, 1, cells)
    page.row += 1


def _sum_product(page: _Page, picked: Area, figures: Area, where: Slice | None) -> tuple[str, str]:
    """The formula of a total over the selection block, and of the sum of its absolute terms."""
    condition = "" if where is None else _condition(page, where, figures) + ","
    x, c = fixed_range(picked), fixed_range(figures)
    return f"SUMPRODUCT({condition}{x},{c})", f"SUMPRODUCT({condition}{x},ABS({c}))"


def _count(page: _Page, position: int, where: Slice | None) -> tuple[str, str]:
    picked = page.layout.column_area(page.layout.scenario_column(position), with_synergies=False)
    if where is None:
        formula = f"SUM({fixed_range(picked)})"
    else:
        formula = f"SUMPRODUCT({_condition(page, where, picked)},{fixed_range(picked)})"
    return formula, formula


def _condition(page: _Page, where: Slice, like: Area) -> str:
    """1 for the rows of the slice, else 0."""
    column = page.layout.dimension_column(where.dimension)
    area = page.grid.area(like.top, column, like.bottom, column)
    return f"--({fixed_range(area)}={quoted(where.key)})"


# --- the selection -------------------------------------------------------------------------------------------------


def _selection_block(page: _Page) -> None:
    layout, grid = page.layout, page.grid
    top = layout.top
    grid.put(top, 1, OutCell("Initiative", Role.HEADER))
    grid.put(top, 2, OutCell("Title", Role.HEADER))
    grid.put(top, 3, OutCell("Picked in", Role.HEADER))
    for position, scenario in enumerate(layout.scenarios):
        grid.put(top, layout.scenario_column(position), OutCell(scenario.name, Role.HEADER, wrap=True))
    for resource in layout.resources:
        grid.put(top, layout.resource_column(resource), OutCell(resource, Role.HEADER, wrap=True))
    for dimension in layout.dimensions:
        grid.put(top, layout.dimension_column(dimension), OutCell(dimension, Role.HEADER, wrap=True))
    for kpi in layout.kpis:
        grid.put(top, layout.kpi_column(kpi.key), OutCell(kpi.key, Role.HEADER, wrap=True))
    _initiative_rows(page)
    _synergy_rows(page)
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    grid.areas[SELECTION_NAME] = grid.area(top, 1, layout.last_initiative_row, last_scenario)
    if layout.last_row >= layout.first_row:
        grid.areas["sheetplan_figures"] = grid.area(top, layout.first_figure_column, layout.last_row, layout.last_column)
        marks = grid.area(layout.first_row, FIRST_SCENARIO_COLUMN, layout.last_row, last_scenario)
        page.highlights.append(Highlight(marks, f"={a1(marks.top, marks.left)}=1", Role.GOOD))


def _initiative_rows(page: _Page) -> None:
    layout, grid = page.layout, page.grid
    candidates = {
        position: {initiative.key for initiative in page.plan.candidates(page.plan.scenario(scenario.name))}
        for position, scenario, _ in page.answered
    }
    selected = {position: set(portfolio.selected) for position, _, portfolio in page.answered}
    last_scenario = layout.scenario_column(len(layout.scenarios) - 1)
    for offset, initiative in enumerate(layout.initiatives):
        row = layout.first_row + offset
        grid.put(row, 1, OutCell(initiative.key, Role.LABEL))
        grid.put(row, 2, OutCell(initiative.title or None))
        picked_in = sum(initiative.key in keys for keys in selected.values())
        marks = f"{a1(row, FIRST_SCENARIO_COLUMN)}:{a1(row, last_scenario)}"
        pattern = f'0" of {len(page.answered)}"'
        grid.put(row, 3, OutCell(Formula(f"=SUM({marks})", picked_in), number_format=pattern))
        for position, keys in selected.items():
            if initiative.key in candidates[position]:
                mark = OutCell(int(initiative.key in keys), number_format=PICKED_PATTERN)
                grid.put(row, layout.scenario_column(position), mark)
        for resource, cost in initiative.costs.items():
            grid.put(row, layout.resource_column(resource), OutCell(cost, number_format="#,##0.##"))
        for dimension, key in initiative.dimensions.items():
            grid.put(row, layout.dimension_column(dimension), OutCell(key))
        for kpi in layout.kpis:
            if kpi.key in initiative.contributions:
                contribution = OutCell(initiative.contributions[kpi.key], number_format=unit_named(kpi.unit).pattern)
                grid.put(row, layout.kpi_column(kpi.key), contribution)


def _synergy_rows(page: _Page) -> None:
    """One row per synergy below the initiatives, so that the same formulas add its value where it is earned."""
    layout, grid = page.layout, page.grid
    earned = {
        position: {outcome.synergy for outcome in portfolio.synergies if outcome.earned}
        for position, _, portfolio in page.answered
    }
    shown = {initiative.key: initiative for initiative in layout.initiatives}
    for offset, row_of in enumerate(layout.synergies):
        row, synergy = layout.last_initiative_row + 1 + offset, row_of.synergy
        grid.put(row, 1, OutCell("synergy", Role.NOTE))
        grid.put(row, 2, OutCell(synergy.label or " + ".join(synergy.members), Role.NOTE))
        members = [shown[key] for key in synergy.members if key in shown]
        for position in row_of.scenarios:
            column = layout.scenario_column(position)
            value = int(synergy in earned[position])
            if len(members) < len(synergy.members):
                cell = OutCell(0, number_format=PICKED_PATTERN)
            else:
                product = "*".join(a1(layout.initiative_row(key), column) for key in synergy.members)
                cell = OutCell(Formula(f"={product}", value), number_format=PICKED_PATTERN)
            grid.put(row, column, cell)
        kpi = page.plan.kpi(synergy.kpi)
        bonus = OutCell(synergy.value, number_format=unit_named(kpi.unit).pattern)
        grid.put(row, layout.kpi_column(kpi.key), bonus)
        for dimension in layout.dimensions:
            common = {member.dimensions.get(dimension) for member in members}
            if len(common) == 1 and (key := common.pop()) is not None:
                grid.put(row, layout.dimension_column(dimension), OutCell(key))


def _widths(layout: Layout) -> list[int]:
    titles = max((len(initiative.title) for initiative in layout.initiatives), default=0)
    widths = [22, min(max(titles, 24), 48), 12]
    widths += [16] * (max(len(layout.scenarios), LONG_TABLE_WIDTH - 3))
    return widths + [14] * (layout.last_column - len(widths))
