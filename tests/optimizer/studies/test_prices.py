"""The price of every decision, and the contribution at which it turns, against brute force in exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.model.objectives import goal_levels
from optimizer.plan import TOKENS, Mandate, ObjectiveMode, Target
from optimizer.portfolio import Edge, Price
from optimizer.studies.edits import ContributionOf, ForceIn, LeaveOut
from optimizer.studies.opposite import flip, is_verdict
from optimizer.studies.prices import decision_prices
from optimizer.studies.study import Study
from tests.optimizer.plans import initiative, plan, scenario
from tests.optimizer.studies.test_studies import beats, best, study_of

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def check_decision_prices(seed: int, size: int) -> tuple[int, int]:
    """Check every price of a random plan; how many prices and how many edges were checked."""
    study = study_of(seed, size)
    if study is None:
        return 0, 0
    found, edges = decision_prices(study), 0
    if not is_verdict(study.answer):
        assert not found
        return 0, 0
    answer = study.worth(study.answer)
    for one in study.candidates:
        if study.is_commanded(one.key):
            assert one.key not in found
            continue
        price, truth = found[one.key], best(study, flip(study, one.key))
        assert price.is_proven
        assert price.is_possible == (truth is not None)
        if truth is None:
            continue
        known = tuple(map(Fraction, answer))
        if price.objective_change is None:
            check_goals(study, price, known, truth)
            continue
        if price.objective_change == 0:
            assert not beats(known[-1:], truth[-1:], 1e-3)
        else:
            change = study.objective.sign * float(truth[-1] - known[-1])
            assert price.objective_change == pytest.approx(change, rel=1e-6, abs=1e-9)
        assert bool(price.targets_worse) or not beats(known[:-1], truth[:-1])
        if price.edge is not None:
            edges += 1
            check_edge(study, one.key, price.edge)
    return len(found), edges


def check_goals(study: Study, price: Price, known: tuple[Fraction, ...], truth: tuple[Fraction, ...]) -> None:
    """The first level of goals that is met less is the price; its amount is the least, where it is one goal's."""
    levels = goal_levels(study.plan, study.scenario)
    number = next(at for at in range(len(levels)) if beats(known[at : at + 1], truth[at : at + 1]))
    assert not beats(known[:number], truth[:number])
    goals = {goal.target: goal for goal in levels[number].goals}
    assert {after.target for _, after in price.targets_worse} <= set(goals)
    if len(goals) == 1:
        ((_, after),) = price.targets_worse
        assert after.shortfall / goals[after.target].denominator == pytest.approx(-float(truth[number]), rel=1e-6)


def check_edge(study: Study, key: str, edge: Edge) -> None:
    """At one number the decision is the other one for certain, at the one before it is not."""
    turned, held = (ContributionOf(key, edge.kpi, at) for at in (edge.turns_at, edge.holds_until))
    is_selected = key in study.answer.selected
    here, there = (ForceIn, LeaveOut) if is_selected else (LeaveOut, ForceIn)
    assert beats(best(study, there(key), turned), best(study, here(key), turned), -1e-3), (key, edge)
    assert not beats(best(study, there(key), held), best(study, here(key), held)), (key, edge)


@settings(ORACLE, max_examples=15)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 7))
@example(438846087, 3).via("one contribution is 1e15 times what decides once it is gone")
@example(442488291, 8).via("what is lost is more steps of a tiny KPI than a range can have")
def test_prices_and_edges_agree_with_brute_force(seed: int, size: int) -> None:
    check_decision_prices(seed, size)


def study(*initiatives: object, **fields: object) -> Study:
    whole = plan(list(initiatives), scenario(**fields))
    return Study(whole, solve_scenario(whole, "S", explain=False))


TRIO = (initiative("A", 6, gmv=100.0), initiative("B", 4, gmv=60.0), initiative("C", 4, gmv=55.0))


def test_a_price_says_what_is_lost_who_changes_and_where_it_turns() -> None:
    """A and B fill 10 tokens with 160. With C and A it is 155; without A it is B and C, 115."""
    found = decision_prices(study(*TRIO, capacity=10.0))
    assert found["C"].objective_change == -5.0
    assert (found["C"].came_in, found["C"].went_out) == ((), ("B",))
    assert found["C"].edge == Edge("gmv", 55.0, turns_at=61.0, holds_until=60.0)
    assert found["A"].objective_change == -45.0
    assert (found["A"].came_in, found["A"].went_out) == (("C",), ())
    assert found["A"].edge == Edge("gmv", 100.0, turns_at=54.0, holds_until=55.0)


def test_what_a_rule_commands_has_no_price() -> None:
    found = decision_prices(study(*TRIO, capacity=10.0, rules=(Mandate(initiative="C", reason="law"),)))
    assert list(found) == ["A", "B"]
    assert not found["B"].is_possible or found["B"].objective_change is not None


def test_where_no_plan_keeps_the_rules_there_is_no_amount() -> None:
    found = decision_prices(study(*TRIO, initiative("D", 11, gmv=500.0), capacity=10.0))
    assert (found["D"].is_proven, found["D"].is_possible, found["D"].objective_change) == (True, False, None)


def test_a_goal_that_gives_way_is_named_and_no_contribution_turns_that() -> None:
    goal = Target(kpi="retention_30d", value=0.02)
    found = decision_prices(
        study(
            initiative("A", 6, gmv=100.0, retention_30d=0.02),
            initiative("B", 6, gmv=900.0),
            capacity=10.0,
            mode=ObjectiveMode.LEXICOGRAPHIC,
            targets=(goal,),
        )
    )
    (worse,) = found["B"].targets_worse
    assert (worse[0].shortfall, worse[1].shortfall) == (0.0, 0.02)
    assert found["B"].objective_change is None
    assert found["B"].edge is None


def test_equally_good_is_no_change_and_no_edge() -> None:
    found = decision_prices(study(initiative("A", 5, gmv=50.0), initiative("B", 5, gmv=50.0), capacity=5.0))
    assert [(one.objective_change, one.edge) for one in found.values()] == [(0.0, None), (0.0, None)]


def test_where_work_runs_out_the_price_says_so() -> None:
    """With so many capacities nothing is proven without a solver."""
    others = [f"resource {number}" for number in range(9)]
    rules = {"capacities": {TOKENS: 10.0, **dict.fromkeys(others, 9.0)}}
    many = [
        initiative(
            f"I{n}", 3 + n % 4, gmv=50.0 + 7 * n, costs={name: 1.0 + (n * k) % 5 for k, name in enumerate(others)}
        )
        for n in range(12)
    ]
    found = decision_prices(study(*many, **rules), work_units=0.0)
    assert found
    assert not any(one.is_proven for one in found.values())
