"""The list for every budget: each cut keeps the rules, and loses against the best plan what it says."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import PlanError, solve_scenario
from optimizer.plan import (
    TOKENS,
    AnyPrerequisite,
    Bundle,
    CountBound,
    Initiative,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    Prerequisite,
    Scenario,
    TargetKind,
)
from optimizer.studies.priorities import Budget, PriorityList, solve_priorities
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import GMV, initiative, plan, random_plan, scenario
from tests.optimizer.time_oracle import OUT, TimedOracle
from tests.optimizer.timed_plans import random_timed_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def list_for(whole: Plan, budgets: int = 5, bottom: float | None = None, top: float | None = None) -> PriorityList:
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    return solve_priorities(study, TOKENS, budgets=budgets, bottom=bottom, top=top)


def lines(found: PriorityList) -> list[str]:
    return ["".join(line.initiatives) for line in found.lines]


def test_the_most_worth_per_token_comes_first_and_each_budget_says_what_the_list_loses() -> None:
    """At 5 tokens the best plan is B alone (60); at 10 it is A and C (115), which does not hold B."""
    whole = plan(
        [initiative("A", 6, gmv=75.0), initiative("B", 5, gmv=60.0), initiative("C", 4, gmv=40.0)],
        scenario(capacity=10.0),
    )
    found = list_for(whole, budgets=3, bottom=5.0)
    assert [budget.amount for budget in found.budgets] == [5.0, 10.0, 15.0]
    assert [budget.best for budget in found.budgets] == [60.0, 115.0, 175.0]
    assert lines(found) == ["B", "C", "A"]
    assert [budget.lines for budget in found.budgets] == [1, 2, 3]
    assert [budget.objective for budget in found.budgets] == [60.0, 100.0, 175.0]
    assert [budget.loss for budget in found.budgets] == pytest.approx([0.0, 15 / 115, 0.0])
    assert found.largest_loss == pytest.approx(15 / 115)
    assert [(line.cost, line.spent) for line in found.lines] == [(5.0, 5.0), (4.0, 9.0), (6.0, 15.0)]


def test_what_is_needed_comes_before_what_needs_it_and_a_bundle_is_one_line() -> None:
    """For 5 tokens A and the E that it needs are the best plan; D, worth more per token, comes with the next ones."""
    whole = plan(
        [
            initiative("A", 2, gmv=90.0, prerequisite_keys=("E",)),
            initiative("B", 2, gmv=10.0),
            initiative("C", 2, gmv=5.0),
            initiative("D", 1, gmv=30.0),
            initiative("E", 3),
        ],
        scenario(capacity=10.0, rules=(Bundle(label="pair", members=("B", "C")),)),
    )
    assert lines(list_for(whole, budgets=2, bottom=5.0, top=10.0)) == ["E", "A", "D", "BC"]


def test_a_little_lost_at_small_budgets_does_not_outweigh_what_matters_at_large_ones() -> None:
    """A tenth of a percent, C first, would be all there is at 5 tokens, and leave no room for the pair at 10."""
    whole = plan(
        [initiative("A", 5), initiative("B", 5, gmv=1000.0, prerequisite_keys=("A",)), initiative("C", 5, gmv=1.0)],
        scenario(capacity=10.0),
    )
    found = list_for(whole, budgets=11, bottom=5.0, top=15.0)
    assert lines(found) == ["A", "B", "C"]
    assert [budget.objective for budget in found.budgets if budget.amount in (5.0, 10.0, 15.0)] == [0, 1000, 1001]


def test_a_loss_against_a_best_plan_that_is_worth_nothing_is_an_amount() -> None:
    """One of A and B is a must: at 5 tokens A costs nothing of the objective, and leaves no room for B and C at 15."""
    either = CountBound(members=("A", "B"), min_count=1)
    members = [
        initiative("A", 5),
        initiative("B", 5, gmv=-10.0),
        initiative("C", 10, gmv=1e3, prerequisite_keys=("B",)),
    ]
    found = list_for(plan(members, scenario(capacity=15.0, rules=(either,))), budgets=2, bottom=5.0, top=15.0)
    assert lines(found) == ["B", "C"]
    assert [(one.best, one.loss, one.loss_amount) for one in found.budgets] == [(0.0, None, 10.0), (990.0, 0.0, 0.0)]
    assert (found.largest_loss, found.largest_loss_amount) == (None, 10.0)


def test_what_no_plan_selects_is_left_out_and_budgets_below_what_is_mandatory_have_no_plan() -> None:
    whole = plan(
        [initiative("A", 6, gmv=1.0, is_mandatory=True), initiative("B", 4, gmv=60.0), initiative("C", 3, gmv=-5.0)],
        scenario(capacity=10.0),
    )
    found = list_for(whole, budgets=2, bottom=5.0)
    assert found.left_out == ("C",)
    assert [(budget.amount, budget.best) for budget in found.budgets] == [(5.0, None), (10.0, 61.0)]
    assert lines(found) == ["A", "B"]


def test_an_empty_range_of_budgets_is_refused() -> None:
    with pytest.raises(PlanError, match="there are no budgets of tokens from 9 to 4"):
        list_for(plan([initiative("A", 6, gmv=1.0)], scenario(capacity=10.0)), bottom=9.0, top=4.0)


def test_one_of_several_that_are_enough_comes_before_what_needs_it() -> None:
    """C is worth the most per token and needs A or B, of which A is worth more."""
    whole = plan(
        [initiative("A", 5, gmv=20.0), initiative("B", 5, gmv=10.0), initiative("C", 1, gmv=90.0)],
        scenario(capacity=11.0, rules=(AnyPrerequisite(initiative="C", any_of=("B", "A")),)),
    )
    assert lines(list_for(whole, budgets=2, bottom=6.0, top=11.0)) == ["A", "C", "B"]


def test_what_needs_each_other_by_way_of_a_bundle_is_one_line() -> None:
    """A comes with B; A needs C, and C needs B."""
    whole = plan(
        [
            initiative("A", 2, gmv=9.0, bundle_key="b", prerequisite_keys=("C",)),
            initiative("B", 2, gmv=1.0, bundle_key="b"),
            initiative("C", 2, gmv=1.0, prerequisite_keys=("B",)),
            initiative("D", 2, gmv=8.0),
        ],
        scenario(capacity=8.0),
    )
    assert lines(list_for(whole, budgets=2, bottom=6.0, top=8.0)) == ["ABC", "D"]


def quarters(*initiatives: Initiative, **fields: object) -> Plan:
    asked = scenario(from_period="Q3", to_period="Q4", **fields)
    return Plan(kpis=(GMV,), initiatives=initiatives, scenarios=(asked,), periods=("Q3", "Q4"))


def test_over_several_periods_a_budget_is_a_part_of_each_capacity() -> None:
    """10 tokens in each quarter; of half of them, A fits only where it takes both quarters."""
    whole = quarters(
        initiative("A", 10, gmv=75.0, duration=2),
        initiative("B", 10, gmv=60.0),
        initiative("C", 5, gmv=40.0),
        rules=(PeriodCapacity(amount=10.0),),
    )
    found = list_for(whole, budgets=2)
    assert [budget.amount for budget in found.budgets] == [50.0, 100.0, 150.0]
    assert [budget.best for budget in found.budgets] == [75.0, 115.0, 175.0]
    assert lines(found) == ["A", "C", "B"]
    assert [budget.objective for budget in found.budgets] == [75.0, 115.0, 175.0]
    assert [line.starts for line in found.lines] == [{"A": "Q3"}, {"C": "Q3"}, {"B": "Q3"}]
    assert found.budgets[0].starts == {"A": "Q3"}


def test_what_nothing_limits_has_no_budget_over_several_periods() -> None:
    with pytest.raises(PlanError, match=r"^nothing limits tokens in scenario 'S'$"):
        list_for(quarters(initiative("A", 6, gmv=1.0)))


@settings(ORACLE, max_examples=12)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 5), periods=st.integers(1, 3))
def test_lists_over_several_periods_agree_with_brute_force(seed: int, size: int, periods: int) -> None:
    check_timed_list(seed, size, periods)


def check_timed_list(seed: int, size: int, periods: int) -> int:
    """Every cut at a budget is a plan with starts that keep the rules; best plans and losses are as stated."""
    whole = random_timed_plan(seed, size, periods)
    answer = solve_scenario(whole, "S", explain=False)
    study = Study(whole, answer) if answer.status.has_portfolio else None
    if study is None or not any(one.costs.get(TOKENS) for one in study.candidates):
        return 0
    found = solve_priorities(study, TOKENS, budgets=3, bottom=40.0, top=160.0)
    check_order(study, found)
    below = set[str]()
    for budget in found.budgets:
        part = Decimal(repr(budget.amount)) / 100
        asked = without_goals(study.scenario)
        tokens = float(Decimal(repr(asked.capacities[TOKENS])) * part)
        rules = tuple(
            rule.model_copy(update={"amount": float(Decimal(repr(rule.amount)) * part)})
            if isinstance(rule, PeriodCapacity) and rule.resource == TOKENS
            else rule
            for rule in asked.rules
        )
        asked = asked.model_copy(update={"capacities": {**asked.capacities, TOKENS: tokens}, "rules": rules})
        oracle = TimedOracle(study.plan.model_copy(update={"scenarios": (asked,)}), asked)
        values = oracle.value()
        if not len(oracle.allowed):
            assert (budget.best, budget.loss, budget.is_proven) == (None, None, True)
            continue
        sign, best = study.objective.sign, float(values[oracle.allowed].max())
        assert budget.best is not None
        assert sign * budget.best == pytest.approx(best, rel=1e-6, abs=1e-9)
        if budget.lines is None:
            continue
        cut = {key for line in found.lines[: budget.lines] for key in line.initiatives}
        assert cut == budget.starts.keys() >= below
        below = cut
        when = [oracle.horizon.index(budget.starts[i.key]) if i.key in cut else OUT for i in oracle.candidates]
        (row,) = np.flatnonzero((oracle.when == when).all(axis=1))
        assert row in oracle.allowed
        assert budget.objective is not None
        worth = float(values[row])
        assert sign * budget.objective == pytest.approx(worth, rel=1e-9, abs=1e-9)
        check_loss(budget, worth, best)
    return len(found.budgets)


def without_goals(asked: Scenario) -> Scenario:
    """A scenario that only floors and its last objective are left of."""
    mode = asked.objective_mode
    return asked.model_copy(
        update={
            "targets": tuple(target for target in asked.targets if target.kind is TargetKind.FLOOR),
            "target_priorities": (),
            "objective_mode": asked.secondary_objective if mode is ObjectiveMode.LEXICOGRAPHIC else mode,
        }
    )


def check_order(study: Study, found: PriorityList) -> None:
    """Wherever the list is cut, what needs others has them above it, and bundles are whole.

    Over several periods work in progress has begun already, whatever it needs.
    """
    scenario, above = study.scenario, set[str]()
    has_begun = {one.key for one in study.plan.initiatives if one.is_in_progress and study.plan.horizon(scenario)}
    last = {key for line in found.lines for key in line.initiatives}
    for line in found.lines:
        above |= set(line.initiatives)
        for key in line.initiatives:
            own = study.plan.initiative(key)
            assert key in has_begun or above >= set(own.prerequisite_keys) & last
            bundle = {one.key for one in study.plan.initiatives if own.bundle_key and one.bundle_key == own.bundle_key}
            assert above >= bundle & last
        for rule in scenario.rules:
            if isinstance(rule, Prerequisite) and rule.initiative in {*line.initiatives} - has_begun:
                assert above >= set(rule.requires) & last
            if isinstance(rule, AnyPrerequisite) and rule.initiative in {*line.initiatives} - has_begun:
                others = set(rule.any_of) - {rule.initiative}
                assert not others & last or others & above
            if isinstance(rule, Bundle) and set(rule.members) & set(line.initiatives):
                assert above >= set(rule.members) & last


@settings(ORACLE, max_examples=12)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 7))
def test_lists_agree_with_brute_force(seed: int, size: int) -> None:
    check_list(seed, size)


def check_list(seed: int, size: int) -> int:
    """Every cut at a budget is a plan that keeps the rules, and the best plan and the loss are as stated."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    study = Study(whole, answer) if answer.status.has_portfolio else None
    if study is None or not any(one.costs.get(TOKENS) for one in study.candidates):
        return 0
    found = solve_priorities(study, TOKENS, budgets=4, top=sum(one.costs[TOKENS] for one in study.candidates))
    check_order(study, found)
    keys = [key for line in found.lines for key in line.initiatives]
    assert len(keys) == len(set(keys))
    for budget in found.budgets:
        capacities = {**study.scenario.capacities, TOKENS: budget.amount}
        asked = without_goals(study.scenario).model_copy(update={"capacities": capacities})
        oracle = Oracle(study.plan.model_copy(update={"scenarios": (asked,)}), asked)
        truth = oracle.answer()
        if truth.objective is None:
            assert (budget.best, budget.loss, budget.is_proven) == (None, None, True)
            continue
        sign = study.objective.sign
        assert budget.best is not None
        assert sign * budget.best == pytest.approx(float(truth.objective), rel=1e-6, abs=1e-9)
        if budget.lines is None:
            continue
        cut = frozenset(key for line in found.lines[: budget.lines] for key in line.initiatives)
        assert cut in set(oracle.allowed)
        worth = float(oracle.value(oracle.weights(), cut))
        assert budget.objective is not None
        assert sign * budget.objective == pytest.approx(worth, rel=1e-9, abs=1e-9)
        check_loss(budget, worth, float(truth.objective))
    return len(found.budgets)


def check_loss(budget: Budget, worth: float, best: float) -> None:
    """What a list that brings `worth` is said to lose against the best: the amount, and its share of the best."""
    close = 1e-6 * max(1.0, abs(best))
    assert budget.loss_amount is not None
    assert budget.loss_amount == pytest.approx(best - worth, rel=1e-4, abs=close)
    if budget.loss is None:
        assert budget.loss_amount
        assert best == pytest.approx(0.0, abs=close)
    else:
        assert budget.loss * abs(best) == pytest.approx(budget.loss_amount, rel=1e-4, abs=close)
