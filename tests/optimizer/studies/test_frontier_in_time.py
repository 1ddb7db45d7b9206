"""Frontiers of plans over several periods against brute force over all starts, what stopping work costs included."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.plan import TOKENS, Initiative, ObjectiveMode, Plan, Scenario, ShareBound, TargetKind
from optimizer.studies.frontier import Measure, solve_frontier
from tests.optimizer.plans import GMV, initiative, scenario
from tests.optimizer.time_oracle import TimedOracle
from tests.optimizer.timed_plans import random_timed_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SPENDING = Measure(TOKENS, is_resource=True)


def test_stopping_work_is_spending_too() -> None:
    """M goes on for 18 or is stopped for 2; A brings 100 for 10."""
    asked = scenario(from_period="Q1", to_period="Q2")
    work = initiative("M", 18, is_in_progress=True, may_stop=True, stop_cost=2.0)
    whole = Plan(
        kpis=(GMV,), initiatives=(work, initiative("A", 10, gmv=100.0)), scenarios=(asked,), periods=("Q1", "Q2")
    )
    found = solve_frontier(whole, "S", Measure("gmv"), SPENDING)
    assert [(point.first, point.second) for point in found.points] == [(100.0, 12.0), (0.0, 2.0)]


def whole_numbers(seed: int, size: int, periods: int) -> Plan:
    """A random plan whose amounts are whole, without floors on KPIs and synergies."""
    made = random_timed_plan(seed, size, periods, mode=ObjectiveMode.NORTH_STAR)
    (asked,) = made.scenarios
    rules = tuple(rule for rule in asked.rules if not hasattr(rule, "value"))
    targets = tuple(target for target in asked.targets if target.kind is not TargetKind.FLOOR)
    asked = asked.model_copy(update={"rules": rules, "targets": targets})
    return made.model_copy(update={"initiatives": tuple(map(_whole, made.initiatives)), "scenarios": (asked,)})


def _unlimited(asked: Scenario) -> Scenario:
    """What is measured is not limited; a share of its capacity stays one of what the sheet states."""
    tokens = asked.capacities[TOKENS]
    rules = tuple(
        rule.model_copy(update={"capacity": tokens})
        if isinstance(rule, ShareBound) and rule.of_capacity and rule.resource == TOKENS
        else rule
        for rule in asked.rules
    )
    free = {resource: amount for resource, amount in asked.capacities.items() if resource != TOKENS}
    return asked.model_copy(update={"rules": rules, "capacities": free})


def _whole(one: Initiative) -> Initiative:
    profile = tuple(float(round(part)) for part in one.profile)
    costs = {resource: float(round(cost)) for resource, cost in one.costs.items()}
    return one.model_copy(
        update={
            "contributions": {kpi: float(round(value) % 97) for kpi, value in one.contributions.items()},
            "profile": profile,
            "costs": costs | ({TOKENS: sum(profile)} if profile else {}),
            "stop_cost": float(round(2 * one.stop_cost)),
        }
    )


@settings(ORACLE, max_examples=25)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 5), periods=st.integers(1, 3))
def test_the_frontier_of_a_roadmap_is_exactly_its_efficient_plans(seed: int, size: int, periods: int) -> None:
    check_timed_frontier(seed, size, periods)


def check_timed_frontier(seed: int, size: int, periods: int) -> int:
    """Between a KPI and what is spent; how many efficient plans there are."""
    whole = whole_numbers(seed, size, periods)
    kpi = whole.kpis[0]
    oracle = TimedOracle(whole, _unlimited(whole.scenarios[0]))
    worth = kpi.direction.sign * oracle.total(kpi.key)[oracle.allowed]
    spent = oracle.spent(TOKENS)[oracle.allowed]
    points = set(zip(np.round(worth, 9).tolist(), np.round(spent, 9).tolist(), strict=True))
    truth = {p for p in points if not any(q != p and q[0] >= p[0] and q[1] <= p[1] for q in points)}
    found = solve_frontier(whole, "S", Measure(kpi.key), SPENDING)
    costs_any = any(one.tokens for one in whole.initiatives)
    assert found.is_complete
    assert {(kpi.direction.sign * p.first, p.second) for p in found.points} == truth
    for point in found.points:
        # Where no initiative costs any, tokens are not among what the portfolio uses.
        assert point.second in [u.used for u in point.portfolio.resources if u.resource == TOKENS] or not costs_any
    return len(truth)
