"""Scenarios side by side in the details: what was optimized, what is proven, and the totals."""

from collections.abc import Iterator, Sequence

from config.units import unit_of
from optimizer.plan import ObjectiveMode, Plan
from optimizer.portfolio import Portfolio
from sheets_sync.outcome import ScenarioOutcome
from sheets_sync.report.people_words import north_star_of
from sheets_sync.report.results_page import SHARE, Page, amount_pattern, header, heading
from sheets_sync.report.sheet_grid import across, fixed, fixed_range, quoted
from sheets_sync.workbook.changes import Align, Formula, OutCell, Role

TEXT_LIST_LIMIT = 30
"""Keys that one cell lists before it only counts the rest."""


MEASURES = (
    ("Status", ""),
    ("Objective mode", ""),
    ("Objective", ""),
    ("Objective value", ""),
    ("Best possible", ""),
    ("Gap to best possible", ""),
    ("Initiatives selected", "count"),
    ("Tokens used", "tokens"),
    ("Tokens available", "tokens"),
    ("Capacity used", ""),
    ("Targets met", ""),
    ("Came in since last run", ""),
    ("Went out since last run", ""),
    ("To note", ""),
)
"""Label and unit of each measure, above the KPIs."""


def scenario_block(page: Page) -> int:
    """Measures as rows, scenarios as columns; returns the row of the first KPI's total."""
    top = page.details.row
    layout, grid = page.layout, page.details.grid
    heading(page.details, top, "Scenarios side by side")
    grid.put_row(top + 1, 1, [header("Measure"), header(""), header("Unit")])
    for offset, (label, unit) in enumerate(_measures(page)):
        grid.put_row(top + 2 + offset, 1, [OutCell(label, Role.LABEL), None, OutCell(unit or None, Role.NOTE)])
    kpis = top + 2 + len(MEASURES)
    for offset, kpi in enumerate(page.plan.kpis):
        better = "" if kpi.direction.sign > 0 else " (lower is better)"
        name = OutCell(f"{kpi.name}{better}".strip() or None)
        grid.put_row(kpis + offset, 1, [OutCell(kpi.key, Role.LABEL), name, OutCell(kpi.unit or None, Role.NOTE)])
    for position, scenario in enumerate(page.outcome.scenarios):
        column = layout.scenario_column(position)
        grid.put(top + 1, column, header(scenario.name, Align.RIGHT))
        for offset, cell in enumerate(_scenario_measures(page, position, scenario, top + 2)):
            if cell is not None:
                grid.put(top + 2 + offset, column, cell)
        for offset, kpi in enumerate(page.plan.kpis):
            source = page.total_cells.get((scenario.name, kpi.key))
            if source is not None and scenario.portfolio is not None:
                total = Formula(f"={across(source)}", scenario.portfolio.kpi_totals[kpi.key])
                grid.put(kpis + offset, column, OutCell(total, Role.FIGURE, unit_of(kpi).pattern))
    last_column = layout.scenario_column(len(page.outcome.scenarios) - 1)
    grid.areas["sheetplan_scenarios"] = grid.area(top + 1, 1, kpis + len(page.plan.kpis) - 1, last_column)
    page.details.row = kpis + len(page.plan.kpis) + 1
    return kpis


def _measures(page: Page) -> Iterator[tuple[str, str]]:
    """Label and unit of each measure; a plan without tokens names what it spends instead."""
    named = {portfolio.main_use.resource for _, _, portfolio in page.answered}
    for label, unit in MEASURES:
        if label.startswith("Tokens ") and not page.layout.has_tokens:
            yield f"{next(iter(named)) if len(named) == 1 else 'Resource'} {label.removeprefix('Tokens ')}", ""
        else:
            yield label, unit


def _scenario_measures(page: Page, position: int, scenario: ScenarioOutcome, top: int) -> list[OutCell | None]:
    """The cells of one scenario's column, in the order of the labels; `top` is the row of the first."""
    words = OutCell(scenario.words, _status_role(scenario), wrap=True, align=Align.RIGHT)
    problems = "; ".join(problem.removesuffix(".") for problem in scenario.problems)
    note = OutCell(problems or None, Role.NOTE, wrap=True, align=Align.RIGHT)
    portfolio = scenario.portfolio
    if portfolio is None or not portfolio.status.has_portfolio:
        return [words, OutCell(scenario.objective_mode, align=Align.RIGHT), *([None] * (len(MEASURES) - 3)), note]
    column = page.layout.scenario_column(position)
    selected = page.layout.column_area(page.layout.selected_column(position), with_synergies=False)
    tokens = portfolio.main_use
    used = page.limit_cells[scenario.name, portfolio.resources.index(tokens)]
    amounts = amount_pattern(tokens.used, tokens.available)
    pattern, meaning = _objective_format(page.plan, scenario.name)
    share = tokens.used / tokens.available if tokens.available else 0.0
    used_cell, available_cell = fixed(top + 7, column), fixed(top + 8, column)
    return [
        words,
        OutCell(scenario.objective_mode, align=Align.RIGHT),
        OutCell(meaning, wrap=True, align=Align.RIGHT),
        OutCell(portfolio.objective, Role.FIGURE, pattern),
        OutCell(portfolio.bound, number_format=pattern),
        OutCell(portfolio.gap, number_format="0.0000%"),
        OutCell(Formula(f"=SUM({across(selected)})", len(portfolio.selected)), number_format="0"),
        OutCell(Formula(f"={across(used)}", tokens.used), number_format=amounts),
        OutCell(tokens.available, number_format=amounts),
        OutCell(Formula(f"=IF({available_cell}=0,0,{used_cell}/{available_cell})", share), number_format=SHARE),
        _targets_met(page, scenario, portfolio),
        OutCell(key_list(scenario.came_in), wrap=True, align=Align.RIGHT),
        OutCell(key_list(scenario.went_out), wrap=True, align=Align.RIGHT),
        note,
    ]


def _targets_met(page: Page, scenario: ScenarioOutcome, portfolio: Portfolio) -> OutCell | None:
    """How many of the scenario's targets are met, counted in the Targets table."""
    if not portfolio.targets:
        return None
    table = page.details.grid.areas["sheetplan_targets"]
    names, met = (fixed_range(page.details.grid.area(table.top + 1, at, table.bottom, at)) for at in (1, 9))
    formula = f'=SUMPRODUCT(--({names}={quoted(scenario.name)}),--({met}="met"))'
    count = sum(outcome.met for outcome in portfolio.targets)
    return OutCell(Formula(formula, count), number_format=f'0" of {len(portfolio.targets)}"')


def _status_role(scenario: ScenarioOutcome) -> Role:
    if scenario.status == "optimal":
        return Role.GOOD
    return Role.CAUTION if scenario.solved else Role.BAD


def key_list(keys: Sequence[str] | None) -> str:
    """The keys that came in or went out since the last run (None: there was none), cut where there are many."""
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
            return unit_of(kpi).pattern, f"total {kpi.key}"
    prefix = "after targets: " if scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else ""
    return "#,##0.000000", f"{prefix}weighted sum ({scenario.normalization.value})"
