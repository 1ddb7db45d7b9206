"""The two measures of a frontier as KPIs of a plan, and the grids that their totals lie on."""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.plan import (
    TOKENS,
    Direction,
    Initiative,
    Kpi,
    ObjectiveMode,
    Plan,
    RuleSpec,
    Scenario,
    ShareBound,
    Target,
    TargetKind,
)
from optimizer.studies.grid import step_of

_DIGITS = 12
"""Sums of numbers of more digits than these are not on any grid that floats keep."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One axis of a frontier: the total of a KPI, or (`is_resource`) what is used of a resource.

    Of a resource, less is better.
    """

    name: str
    is_resource: bool = False


def with_axes(plan: Plan, scenario: Scenario, measures: tuple[Measure, Measure]) -> tuple[Plan, tuple[Kpi, Kpi]]:
    """The plan with one scenario that has an objective, and the KPIs of both measures; a resource becomes one.

    Raises:
        PlanError: a measure is none of the plan's.
    """
    kpis, initiatives, axes = list(plan.kpis), list(plan.initiatives), []
    capacities, rules = dict(scenario.capacities), list(scenario.rules)
    for measure in measures:
        if not measure.is_resource:
            known = next((kpi for kpi in plan.kpis if kpi.key == measure.name), None)
            if known is None:
                raise PlanError(f"{measure.name!r} is no KPI of the plan")
            axes.append(known)
            continue
        if not any(measure.name in initiative.costs for initiative in initiatives):
            raise PlanError(f"{measure.name!r} is no resource of the plan")
        capacity = capacities.pop(measure.name, None)
        rules = [_with_capacity(rule, measure.name, capacity) for rule in rules]
        used = Kpi(key=f"{measure.name} used", direction=Direction.LOWER)
        axes.append(used)
        kpis.append(used)
        stops = stop_costs(plan, scenario, measure)
        initiatives = [_spending(initiative, measure.name, used.key, stops) for initiative in initiatives]
    changed = scenario.model_copy(
        update={"objective_mode": ObjectiveMode.NORTH_STAR, "capacities": capacities, "rules": tuple(rules)}
    )
    return (
        plan.model_copy(update={"kpis": tuple(kpis), "initiatives": tuple(initiatives), "scenarios": (changed,)}),
        (axes[0], axes[1]),
    )


def _with_capacity(rule: RuleSpec, resource: str, capacity: float | None) -> RuleSpec:
    """A share of the capacity of a resource stays that of what the sheet states, where that limits nothing else."""
    if isinstance(rule, ShareBound) and rule.of_capacity and rule.resource == resource:
        return rule.model_copy(update={"capacity": capacity})
    return rule


def stop_costs(plan: Plan, scenario: Scenario, measure: Measure) -> dict[str, float]:
    """What it costs to stop each initiative that may be stopped, as far as that counts in a measure.

    The KPI of a resource is what is spent less all of these: who goes on saves what stopping would cost.
    """
    if not measure.is_resource or measure.name != TOKENS:
        return {}
    return {one.key: one.stop_cost for one in plan.stoppable(scenario)}


def _spending(initiative: Initiative, resource: str, key: str, stops: Mapping[str, float]) -> Initiative:
    cost = exact.total([initiative.costs.get(resource, 0.0), -stops.get(initiative.key, 0.0)])
    return initiative.model_copy(update={"contributions": {**initiative.contributions, key: cost}})


def floor_of(kpi: Kpi, value: float) -> Target:
    """So much of a KPI at least, in its own unit and on its better side."""
    return Target(kpi=kpi.key, value=value, kind=TargetKind.FLOOR)


def grid_of_totals(plan: Plan, scenario: Scenario, kpi: Kpi) -> float:
    """The decimal place on which every total of a KPI lies."""
    values = [one.contributions[kpi.key] for one in plan.candidates(scenario) if one.contributions.get(kpi.key)]
    values += [synergy.value for synergy in scenario.synergies if synergy.kpi == kpi.key and synergy.value]
    return step_of(values, _DIGITS)
