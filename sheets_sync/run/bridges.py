"""From an earlier run's plan to a later one, step by step: what came from estimates, initiatives, capacity, rules."""

from collections.abc import Mapping
from typing import Any

from config.names import fold_key
from optimizer.plan import Plan
from optimizer.portfolio import SolverName
from optimizer.studies.bridge import Bridge, Side, bridge_between
from sheets_sync.checks import check
from sheets_sync.store import RunRecord


def side_of_run(record: RunRecord, scenario: str) -> Side | None:
    """What a kept run answered to a scenario, under the name that is asked for; None where it gave no portfolio."""
    answer = record.scenario(scenario)
    if answer is None or answer["objective"] is None:
        return None
    plan = check(record.snapshot, record.options["scenarios"]).plan
    return None if plan is None else side_of(plan, scenario, answer)


def side_of(plan: Plan, scenario: str, answer: Mapping[str, Any]) -> Side | None:
    """An answer to a scenario of a plan; None where the plan does not have the scenario, or what the answer selects."""
    asked = next((item for item in plan.scenarios if fold_key(item.name) == fold_key(scenario)), None)
    keys = {initiative.key for initiative in plan.initiatives}
    if asked is None or not keys.issuperset(answer["selected"]):
        return None
    renamed = plan.model_copy(update={"scenarios": (asked.model_copy(update={"name": scenario}),)})
    return Side(renamed, tuple(answer["selected"]), dict(answer["kpi_totals"]))


def bridge_of_runs(
    before: RunRecord, after: RunRecord, scenario: str, *, solver: SolverName, time_limit_s: float | None
) -> Bridge | None:
    """How a scenario's answer came from that of an earlier run; None where one of them has none."""
    then, now = side_of_run(before, scenario), side_of_run(after, scenario)
    if then is None or now is None:
        return None
    return bridge_between(scenario, then, now, solver=solver, time_limit_s=time_limit_s)


def bridge_json(bridge: Bridge) -> dict[str, Any]:
    """A bridge ready for json.dumps; each change is the float nearest to the exact one."""
    return {
        "before": dict(bridge.before),
        "after": dict(bridge.after),
        "steps": [
            {
                "causes": [cause.value for cause in step.causes],
                "changes": {kpi: float(change) for kpi, change in step.changes.items()},
                "came_in": list(step.came_in),
                "went_out": list(step.went_out),
            }
            for step in bridge.steps
        ],
    }
