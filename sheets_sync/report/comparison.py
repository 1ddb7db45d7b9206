"""Scenarios side by side: one column each, in the same columns as in the selection block."""

from collections.abc import Sequence

from config.units import unit_named
from optimizer.plan import TOKENS, ObjectiveMode, Plan
from sheets_sync.changes import Formula, OutCell, Role
from sheets_sync.outcome import STATUS_WORDS, ScenarioOutcome
from sheets_sync.report.grid import fixed, fixed_range
from sheets_sync.report.page import Page, north_star_of

TEXT_LIST_LIMIT = 30
"""Keys that one cell lists before it only counts the rest."""


def scenario_block_height(page: Page) -> int:
    """Heading, header, the fixed measures, one row per KPI, and a blank row."""
    return 2 + 13 + len(page.plan.kpis) + 1


def scenario_block(page: Page) -> None:
    """Measures as rows, scenarios as columns; the figures refer to the long tables, written before."""
    top = page.row
    layout, grid = page.layout, page.grid
    grid.put(top, 1, OutCell("Scenarios side by side", Role.HEADING))
    grid.put_row(
        top + 1, 1, [OutCell("Measure", Role.HEADER), OutCell(None, Role.HEADER), OutCell("Unit", Role.HEADER)]
    )
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


def _scenario_measures(page: Page, position: int, scenario: ScenarioOutcome, top: int) -> list[OutCell | None]:
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
