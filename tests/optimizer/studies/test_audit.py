"""A plan made by hand against brute force."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import PlanError, solve_scenario
from optimizer.plan import TOKENS, ObjectiveMode, Plan
from optimizer.studies.audit import NEAR_BEST, Audit, audit_plan
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def audited(selection: list[str], *initiatives: object, **fields: object) -> Audit:
    whole = plan(list(initiatives), scenario(capacity=10.0, **fields))
    return audit_plan(Study(whole, solve_scenario(whole, "S", explain=False)), selection)


FOUR = (
    initiative("A", 6, gmv=100.0),
    initiative("B", 4, gmv=60.0),
    initiative("C", 4, gmv=50.0),
    initiative("D", 2, gmv=49.0),
)


def test_a_plan_that_keeps_the_rules_is_compared_with_the_best() -> None:
    """B and C bring 110 for 8 tokens; A and D bring 149 for 8; with D as well it is 159, within 1 % of the best."""
    found = audited(["B", "C"], *FOUR)
    assert (found.broken, found.strangers, found.best_objective) == ((), (), 160.0)
    assert found.better is not None
    assert (found.better.selected, found.better.objective) == (("A", "D"), 149.0)
    assert found.cheaper is None
    assert found.near_best is not None
    assert (found.near_best.came_in, found.near_best.went_out) == (("D",), ())


def test_a_plan_that_others_bring_for_less_is_not_the_cheapest() -> None:
    """C and D bring 99 for 6 tokens, as does nothing for less; B and C bring 110, which A and D exceed for as much."""
    found = audited(["A"], initiative("A", 8, gmv=90.0), *FOUR[1:])
    assert found.cheaper is not None
    assert (found.cheaper.selected, found.cheaper.resources[TOKENS]) == (("C", "D"), 6.0) or (
        found.cheaper.selected,
        found.cheaper.resources[TOKENS],
    ) == (("B", "D"), 6.0)


def test_a_plan_beyond_the_capacity_breaks_it_by_what_is_too_much() -> None:
    found = audited(["A", "B", "D"], *FOUR)
    assert [(one.rule.wording, one.amount) for one in found.broken] == [("the engineering_tokens capacity is 10", 2.0)]
    assert found.near_best is not None
    assert found.near_best.went_out == ("D",)


def test_the_best_plan_has_nothing_better_nor_cheaper() -> None:
    found = audited(["A", "B"], *FOUR)
    assert (found.better, found.cheaper) == (None, None)
    assert found.near_best is not None
    assert (found.near_best.came_in, found.near_best.went_out) == ((), ())


def test_what_is_no_candidate_is_named() -> None:
    found = audited(["A", "E"], *FOUR, initiative("E", 1, gmv=5.0, is_candidate=False))
    assert found.strangers == ("E",)


@settings(ORACLE, max_examples=30)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 8))
def test_an_audit_agrees_with_brute_force(seed: int, size: int) -> None:
    """Better, cheaper and nearest are the best of all subsets; what breaks a rule breaks one for the oracle too."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return
    study = Study(whole, answer)
    random = Random(seed)
    hand = frozenset(key.key for key in study.candidates if random.random() < 0.5)
    found = audit_plan(study, hand)
    oracle = Oracle(study.plan, study.scenario)
    weights = oracle.weights()
    assert bool(found.broken) == (hand not in set(oracle.allowed))
    worth = {subset: oracle.value(weights, subset) for subset in [*oracle.allowed, hand]}
    resources = [use.resource for use in found.evaluation.resources]
    fits = [
        s
        for s in oracle.allowed
        if all(oracle.cost(s, r) <= oracle.cost(hand, r) * (1 + Fraction(1, 10**9)) for r in resources)
    ]
    top = max((worth[s] for s in fits), default=None)
    if found.better is not None:
        mine = study.objective.sign * found.better.objective
        assert mine == pytest.approx(float(top), rel=1e-7, abs=1e-9)
        assert mine > float(worth[hand])
    elif top is not None:
        assert float(top) <= float(worth[hand]) + 1e-6 * abs(float(worth[hand])) + 1e-9
    if found.near_best is not None and study.scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
        best = max(worth[s] for s in oracle.allowed)
        near = [s for s in oracle.allowed if worth[s] >= best - Fraction(NEAR_BEST) * abs(best)]
        fewest = min(len(s ^ hand) for s in near)
        assert len(found.near_best.came_in) + len(found.near_best.went_out) <= fewest


def test_a_plan_over_several_periods_is_refused() -> None:
    """A selection does not say what starts when."""
    asked = scenario(capacity=10.0, from_period="Q3", to_period="Q4")
    kpis = plan([], scenario(capacity=1.0)).kpis
    whole = Plan(kpis=kpis, initiatives=FOUR, scenarios=(asked,), periods=("Q3", "Q4"))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    with pytest.raises(PlanError, match="a selection does not say what starts when"):
        audit_plan(study, ["A"])
