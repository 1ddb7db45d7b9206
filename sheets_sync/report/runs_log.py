"""Runs: one row per run and scenario, appended and never rewritten; enough to compare with any earlier run."""

from collections.abc import Sequence

from config.units import unit_of
from optimizer.plan import TOKENS, Plan
from sheets_sync.issues.issue import Severity
from sheets_sync.outcome import RunOutcome, ScenarioOutcome, run_status
from sheets_sync.report.results_page import amount_pattern
from sheets_sync.workbook.changes import Log, OutCell

TITLE = "Runs"
RUN_ID = "run_id"
SCENARIO = "scenario_name"
STATUS = "status"
OUTCOME = "outcome"
STARTED = "started_utc"
SELECTED = "selected"
STARTS = "starts"
"""Only where a plan over several periods was made: `KEY: PERIOD`, each."""
FINGERPRINT = "inputs_fingerprint"
SEPARATOR = ", "
LONGEST_LIST = 30_000
"""Characters of a list of keys in one cell; spreadsheets end at 32,767."""
CUT_MARK = "…"
INSTANT = "yyyy-mm-dd hh:mm:ss"


def runs_log(outcome: RunOutcome, plan: Plan | None) -> Log:
    """The rows that this run appends."""
    totals = [f"total: {kpi.key}" for kpi in plan.kpis] if plan is not None else []
    timed = [item.portfolio for item in outcome.scenarios if item.portfolio is not None and item.portfolio.starts]
    starts = [STARTS] if timed else []
    columns = [
        RUN_ID, STARTED, "finished_utc", "trigger", "person", SCENARIO, STATUS, OUTCOME, "objective", "bound",
        "gap", "tokens_used", "tokens_available", *totals, "selected_count", "came_in", "went_out", SELECTED, *starts,
        "warnings", FINGERPRINT, "sheetplan_version", "solver",
    ]  # fmt: skip
    rows = [_row(outcome, scenario, plan) for scenario in outcome.scenarios]
    return Log(TITLE, columns, RUN_ID, rows)


def _row(outcome: RunOutcome, scenario: ScenarioOutcome, plan: Plan | None) -> dict[str, OutCell]:
    facts = outcome.facts
    warnings = sum(
        issue.severity is Severity.WARNING and issue.scenario in (None, scenario.name) for issue in outcome.issues
    )
    row = {
        RUN_ID: OutCell(facts.run_id),
        STARTED: OutCell(facts.started_at, number_format=INSTANT),
        "finished_utc": OutCell(facts.finished_at, number_format=INSTANT),
        "trigger": OutCell(facts.trigger),
        "person": OutCell(facts.person),
        SCENARIO: OutCell(scenario.name),
        STATUS: OutCell(scenario.status),
        OUTCOME: OutCell(run_status(scenario, plan)),
        "warnings": OutCell(warnings),
        FINGERPRINT: OutCell(facts.fingerprint),
        "sheetplan_version": OutCell(facts.sheetplan_version),
    }
    portfolio = scenario.portfolio
    if plan is None or portfolio is None:
        return row
    row["solver"] = OutCell(f"{portfolio.solver.name} {portfolio.solver.version}".strip())
    if not portfolio.status.has_portfolio:
        return row
    tokens = next((use for use in portfolio.resources if use.resource == TOKENS), None)
    row |= {
        "objective": OutCell(portfolio.objective, number_format="General"),
        "bound": OutCell(portfolio.bound, number_format="General"),
        "gap": OutCell(portfolio.gap, number_format="0.0000%"),
        "selected_count": OutCell(len(portfolio.selected)),
        "came_in": OutCell(None if scenario.came_in is None else _listed(scenario.came_in)),
        "went_out": OutCell(None if scenario.went_out is None else _listed(scenario.went_out)),
        SELECTED: OutCell(_listed(portfolio.selected)),
    }
    if portfolio.starts:
        row[STARTS] = OutCell(_listed([f"{key}: {portfolio.starts[key]}" for key in portfolio.selected]))
    if tokens is not None:
        pattern = amount_pattern(tokens.used, tokens.available)
        row["tokens_used"] = OutCell(tokens.used, number_format=pattern)
        row["tokens_available"] = OutCell(tokens.available, number_format=pattern)
    for kpi in plan.kpis:
        total = OutCell(portfolio.kpi_totals[kpi.key], number_format=unit_of(kpi).pattern)
        row[f"total: {kpi.key}"] = total
    return row


def read_starts(text: str) -> dict[str, str]:
    """The period of each initiative from a cell of the column; nothing where the cell was too small for all."""
    if text.endswith(CUT_MARK):
        return {}
    pairs = (item.rpartition(": ") for item in text.split(SEPARATOR))
    return {key: period for key, colon, period in pairs if colon}


def _listed(keys: Sequence[str]) -> str:
    text = SEPARATOR.join(keys)
    return text if len(text) <= LONGEST_LIST else text[: LONGEST_LIST - 1] + CUT_MARK
