"""The price of each rule against brute force over the rules that are left."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import (
    Ban,
    CountBound,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    Slice,
    Target,
    TokenBound,
)
from optimizer.rules import rules_of
from optimizer.studies.rule_prices import RulePrice, RulePrices, solve_rule_prices
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import GMV, initiative, plan, random_plan, scenario

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
LEXICOGRAPHIC = ObjectiveMode.LEXICOGRAPHIC
MOBILE = Slice(dimension="department", key="Mobile")
FOUR = (
    initiative("A", 6, gmv=100.0, dimensions={"department": "Mobile"}),
    initiative("B", 4, gmv=60.0, dimensions={"department": "Mobile"}),
    initiative("C", 4, gmv=50.0, dimensions={"department": "Web"}),
    initiative("D", 2, gmv=49.0, dimensions={"department": "Web"}, is_mandatory=True, mandate_reason="law"),
)


def priced(whole: Plan, **more: object) -> RulePrices:
    return solve_rule_prices(Study(whole, solve_scenario(whole, "S", explain=False)), **more)


def brief(one: RulePrice) -> tuple[str, float | None, str, str]:
    return one.rule.wording, one.objective_change, "".join(one.came_in), "".join(one.went_out)


def test_each_rule_all_together_and_equal_shares() -> None:
    """With at most 3 tokens for Mobile it is C and D (99), without B, C and D (159), without any rule A and B (160)."""
    rules = (TokenBound(slice=MOBILE, max_tokens=3.0, source="Constraints!A2"), CountBound(slice=MOBILE, max_count=3))
    found = priced(plan(list(FOUR), scenario(capacity=10.0, rules=rules)), dimensions=["department", "market"])
    assert [brief(one) for one in found.rules] == [
        ("department Mobile gets at most 3 tokens (Constraints!A2)", 60.0, "B", ""),
        ("at most 3 initiatives are selected for department Mobile", 0.0, "", ""),
        ("D is mandatory: law", 0.0, "", ""),
    ]
    assert found.together is not None
    assert brief(found.together) == ("all of them together", 61.0, "AB", "CD")
    assert [brief(one) for one in found.equal_shares] == [
        ("an equal share of the capacity for each department", -50.0, "", "C")
    ]


def test_the_reserve_and_the_goals_of_a_lexicographic_scenario_have_a_price() -> None:
    goal = Target(kpi="retention_30d", value=0.5, source="Scenarios!E2")
    whole = plan(
        [initiative("A", 6, gmv=100.0), initiative("B", 5, gmv=10.0, retention_30d=0.5)],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC, capacity=11.0, reserve=0.1, reserve_source="Scenarios!F2", targets=(goal,)
        ),
    )
    found = priced(whole)
    assert [brief(one) for one in found.rules] == [
        ("10% of every capacity is kept free (Scenarios!F2)", 100.0, "A", ""),
        ("retention_30d must come to at least 0.5 (Scenarios!E2)", 90.0, "A", "B"),
    ]
    assert [[target.met for target in one.targets] for one in found.rules] == [[True], [False]]
    assert found.together is not None
    assert brief(found.together) == ("all of them together", 100.0, "A", "")


def test_a_cap_that_holds_in_each_period_is_one_rule() -> None:
    """Mobile's A and B take 5 in each of two quarters: without the cap in one of them alone nothing would change."""
    capped = scenario(
        from_period="Q1",
        to_period="Q2",
        rules=(
            TokenBound(slice=MOBILE, max_tokens=3.0, source="Constraints!A2"),
            PeriodCapacity(amount=9.0, source="Capacity!E2"),
        ),
    )
    mobile = {"dimensions": {"department": "Mobile"}, "duration": 2}
    both = (initiative("A", 6, gmv=100.0, **mobile), initiative("B", 4, gmv=60.0, **mobile))
    found = priced(Plan(kpis=(GMV,), initiatives=both, scenarios=(capped,), periods=("Q1", "Q2")))
    assert [brief(one) for one in found.rules] == [
        ("department Mobile gets at most 3 tokens in each period (Constraints!A2)", 60.0, "B", "")
    ]
    assert found.together is None


def test_all_together_is_without_the_goals_and_the_reserve_too() -> None:
    """With everything it is B alone, which the goal asks for and the reserve has room for; without any all three."""
    goal = Target(kpi="retention_30d", value=0.5, source="Scenarios!E2")
    whole = plan(
        [
            initiative("A", 5, gmv=100.0),
            initiative("B", 5, gmv=10.0, retention_30d=0.5),
            initiative("C", 5, gmv=50.0, dimensions={"department": "Mobile"}),
        ],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC,
            capacity=15.0,
            reserve=0.4,
            targets=(goal,),
            rules=(CountBound(slice=MOBILE, max_count=0), Ban(initiative="A")),
        ),
    )
    found = priced(whole)
    assert found.together is not None
    assert brief(found.together) == ("all of them together", 150.0, "AC", "")
    one_rule = plan([initiative("A", 5, gmv=100.0)], scenario(rules=(CountBound(slice=MOBILE, max_count=0),)))
    assert priced(one_rule).together is None


@settings(ORACLE, max_examples=20)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 7))
def test_prices_agree_with_brute_force(seed: int, size: int) -> None:
    check_prices(seed, size)


def check_prices(seed: int, size: int) -> int:
    """Without each rule, the best plan is the best of all that keep the others; returns how many rules were checked."""
    whole = random_plan(seed, size, mode=ObjectiveMode.NORTH_STAR, every_rule=True)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study = Study(whole, answer)
    oracle = Oracle(study.plan, study.scenario)
    weights, rules = oracle.weights(), rules_of(study.plan, study.scenario)
    found = solve_rule_prices(study)
    single = [one for one in found.rules if one.rule.kind != "reserve"]
    dropped = [rule for rule in rules if not rule.is_capacity]
    assert len(single) == len(dropped)
    for one, rule in zip(single, dropped, strict=True):
        allowed = [s for s in oracle.subsets() if all(other.violation(s) == 0 for other in rules if other is not rule)]
        best = max(float(oracle.value(weights, s)) for s in allowed)
        assert one.portfolio.objective is not None
        assert study.objective.sign * one.portfolio.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
    if found.together is not None:
        bare = study.plan.model_copy(update={"scenarios": (study.scenario.model_copy(update={"reserve": 0.0}),)})
        capacities = [rule for rule in rules_of(bare, bare.scenarios[0]) if rule.is_capacity]
        allowed = [s for s in oracle.subsets() if all(rule.violation(s) == 0 for rule in capacities)]
        best = max(float(oracle.value(weights, s)) for s in allowed)
        assert found.together.portfolio.objective is not None
        assert study.objective.sign * found.together.portfolio.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
    return len(dropped)
