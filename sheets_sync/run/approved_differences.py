"""Where a run's plans differ from those that were approved."""

from typing import Any

from config.names import fold_key
from sheets_sync.outcome import RunOutcome
from sheets_sync.run.bridges import moved_json
from sheets_sync.run.known_approvals import plans_of, states_of
from sheets_sync.store import RunStore
from sheets_sync.workbook.snapshot import Snapshot


def differences_from_approved(outcome: RunOutcome, snapshot: Snapshot, store: RunStore) -> list[dict[str, Any]]:
    """By scenario, what came in and went out since its newest approval; scenarios without a difference are left out."""
    approved = plans_of(states_of(snapshot, store))
    found = []
    for scenario in outcome.scenarios:
        plan = approved.get(fold_key(scenario.name))
        if plan is None or scenario.portfolio is None or not scenario.portfolio.status.has_portfolio:
            continue
        assert outcome.plan is not None
        came_in, went_out = plan.changes(scenario.portfolio.selected, outcome.plan.done)
        moved = plan.moved(scenario.portfolio.starts, outcome.plan.in_progress)
        if came_in or went_out or moved:
            starts = {"moved": moved_json(moved)}
            found.append({
                "scenario": scenario.name,
                "approved_by": plan.by,
                "approved_run_id": plan.run_id,
                "came_in": came_in,
                "went_out": went_out,
                **(starts if moved else {}),
            })  # fmt: skip
    return found
