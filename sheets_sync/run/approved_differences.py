"""Where a run's plans differ from those that were approved."""

from typing import Any

from config.names import fold_key
from sheets_sync.outcome import RunOutcome
from sheets_sync.run.previous_runs import approved_plans
from sheets_sync.workbook.snapshot import Snapshot


def differences_from_approved(outcome: RunOutcome, snapshot: Snapshot) -> list[dict[str, Any]]:
    """By scenario, what came in and went out since its newest approval; scenarios without a difference are left out."""
    approved = approved_plans(snapshot)
    found = []
    for scenario in outcome.scenarios:
        plan = approved.get(fold_key(scenario.name))
        if plan is None or scenario.portfolio is None or not scenario.portfolio.status.has_portfolio:
            continue
        before = {fold_key(key) for key in plan.selected}
        now = {fold_key(key) for key in scenario.portfolio.selected}
        if before != now:
            found.append({
                "scenario": scenario.name,
                "approved_by": plan.by,
                "approved_run_id": plan.run_id,
                "came_in": [key for key in scenario.portfolio.selected if fold_key(key) not in before],
                "went_out": [key for key in plan.selected if fold_key(key) not in now],
            })  # fmt: skip
    return found
