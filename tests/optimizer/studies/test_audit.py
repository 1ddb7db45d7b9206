"""A plan made by hand against brute force."""

from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import TOKENS, ObjectiveMode, Target, TargetKind
from optimizer.studies.audit import NEAR_BEST, Audit, audit_plan
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle, at_least
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
    """B and C bring 110 for 8 tokens; A and D bring 149 for 8; with D as well it is 159, within 1% of the best."""
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
    assert [(one.rule.wording, one.amount) for one in found.broken] == [("the token capacity is 10", 2.0)]
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


def prices(found: Audit) -> list[tuple[tuple[str, ...], tuple[str, ...], float, float]]:
    return [
        (move.came_in, move.went_out, move.objective_change, move.resource_changes.get(TOKENS, 0.0))
        for move in found.moves
    ]


def test_the_way_to_the_best_goes_in_swaps_with_a_price_each() -> None:
    """Two pairs of equal cost are exchanged, the one that gains more first; what fits as it is is added by itself."""
    pairs = [initiative(key, 4, gmv=gmv) for key, gmv in (("A", 100.0), ("B", 90.0), ("C", 40.0), ("D", 60.0))]
    found = audited(["C", "D"], *pairs, initiative("E", 2, gmv=10.0))
    assert prices(found) == [
        (("E",), (), 10.0, 2.0),
        (("A",), ("C",), 60.0, 0.0),
        (("B",), ("D",), 30.0, 0.0),
    ]
    assert [move.after.objective for move in found.moves] == [110.0, 170.0, 200.0]


def test_what_must_move_together_is_one_move() -> None:
    """A needs E, which brings nothing and fits only in the place of C."""
    found = audited(
        ["B", "C"],
        initiative("A", 2, gmv=100.0, prerequisite_keys=("E",)),
        initiative("B", 5, gmv=60.0),
        initiative("C", 5, gmv=50.0),
        initiative("E", 3),
    )
    assert prices(found) == [(("A", "E"), ("C",), 50.0, 0.0)]


def test_a_move_that_puts_a_rule_right_may_cost_something() -> None:
    found = audited(["A", "B", "D"], *FOUR)
    assert prices(found) == [((), ("D",), -49.0, -2.0)]


def test_goals_that_come_first_are_held() -> None:
    """A and D bring more for less than B, but only B meets the goal; so does C, for less."""
    goal = Target(kpi="retention_30d", value=1.0)
    retention = {"B": 1.0, "C": 1.0}
    found = audited(
        ["B"],
        *(one.model_copy(update={"contributions": {**one.contributions, "retention_30d": retention.get(one.key, 0.0)}})
          for one in FOUR),
        objective_mode=ObjectiveMode.LEXICOGRAPHIC,
        targets=(goal,),
    )  # fmt: skip
    assert found.better is None
    assert found.near_best is not None
    assert found.near_best.selected == ("A", "B")


def check_audit(seed: int, size: int) -> int:
    """Check an audit of a random selection of a random plan; how many answers and moves that were."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study = Study(whole, answer)
    random = Random(seed)
    hand = frozenset(key.key for key in study.candidates if random.random() < 0.5)
    found = audit_plan(study, hand)
    oracle = Oracle(study.plan, study.scenario)
    weights = oracle.weights()
    allowed = set(oracle.allowed)
    assert bool(found.broken) == (hand not in allowed)
    worth = {subset: oracle.value(weights, subset) for subset in [*oracle.allowed, hand]}
    resources = [use.resource for use in found.evaluation.resources]
    fits = [
        s
        for s in oracle.allowed
        if misses_no_more(oracle, s, hand)
        and all(oracle.cost(s, r) <= oracle.cost(hand, r) * (1 + Fraction(1, 10**9)) for r in resources)
    ]
    top = max((worth[s] for s in fits), default=None)
    if found.better is not None:
        mine = study.objective.sign * found.better.objective
        assert mine == pytest.approx(float(top), rel=1e-7, abs=1e-9)
        assert mine > float(worth[hand])
    elif top is not None:
        assert float(top) <= float(worth[hand]) + 1e-6 * abs(float(worth[hand])) + 1e-9
    assert found.near_best is not None
    best = worth[frozenset(answer.selected)]
    near = [
        s
        for s in oracle.allowed
        if worth[s] >= best - Fraction(NEAR_BEST) * abs(best) and misses_no_more(oracle, s, frozenset(answer.selected))
    ]
    fewest = min(len(s ^ hand) for s in near)
    assert len(found.near_best.came_in) + len(found.near_best.went_out) <= fewest
    way_is_right(found, study, oracle, hand)
    return 3 + len(found.moves)


@settings(ORACLE, max_examples=30)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 8))
def test_an_audit_agrees_with_brute_force(seed: int, size: int) -> None:
    """Better, cheaper and nearest are the best of all subsets; what breaks a rule breaks one for the oracle too."""
    check_audit(seed, size)


def misses_no_more(oracle: Oracle, subset: frozenset[str], than: frozenset[str]) -> bool:
    """Whether, where goals come first, a plan reaches each goal or as much of it as another."""
    if oracle.scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
        return True
    for target in oracle.scenario.targets:
        sign = oracle.plan.kpi(target.kpi).direction.sign
        mine, theirs = (sign * oracle.total(target.kpi, one, target.slice) for one in (subset, than))
        if target.kind is TargetKind.GOAL and not oracle.is_met(target, subset) and not at_least(mine, theirs):
            return False
    return True


def way_is_right(found: Audit, study: Study, oracle: Oracle, hand: frozenset[str]) -> None:
    """The moves lead to the plan with the fewest changes; each is as small as it can be, and is priced as it is."""
    assert found.near_best is not None
    allowed = set(oracle.allowed)
    here, end, left = hand, frozenset(found.near_best.selected), hand ^ frozenset(found.near_best.selected)
    for move in found.moves:
        there = here ^ frozenset((*move.came_in, *move.went_out))
        assert (frozenset(move.before.selected), frozenset(move.after.selected)) == (here, there)
        assert move.after.is_allowed == (there in allowed)
        then, now = oracle_value(oracle, there), oracle_value(oracle, here)
        # Objectives are floats, so that a difference is no more exact than they are.
        rounding = 1e-9 + 1e-14 * float(max(abs(then), abs(now)))
        gain = float(study.objective.sign * (then - now))
        assert move.objective_change == pytest.approx(gain, rel=1e-7, abs=rounding)
        if here in allowed:
            assert there in allowed
            if oracle.scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
                size = min(len(here ^ there), 5)
                smaller = (here ^ set(group) for n in range(1, size) for group in combinations(sorted(left), n))
                assert not [s for s in smaller if s in allowed and is_gain(oracle, s, here)]
        left, here = left - (here ^ there), there
    assert here == end


def oracle_value(oracle: Oracle, subset: frozenset[str]) -> Fraction:
    return oracle.value(oracle.weights(), subset)


def is_gain(oracle: Oracle, after: frozenset[str], before: frozenset[str]) -> bool:
    """By more than what rounding could hide."""
    was, now = oracle_value(oracle, before), oracle_value(oracle, after)
    return now - was > Fraction(1, 10**5) * max(abs(was), abs(now))
