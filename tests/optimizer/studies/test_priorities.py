"""The list for every budget: each cut keeps the rules, and loses against the best plan what it says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import PlanError, solve_scenario
from optimizer.plan import TOKENS, Bundle, ObjectiveMode, Plan, TargetKind
from optimizer.studies.priorities import PriorityList, solve_priorities
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import GMV, initiative, plan, random_plan, scenario

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


def test_what_no_plan_selects_is_left_out_and_budgets_below_what_is_mandatory_have_no_plan() -> None:
    whole = plan(
        [initiative("A", 6, gmv=1.0, is_mandatory=True), initiative("B", 4, gmv=60.0), initiative("C", 3, gmv=-5.0)],
        scenario(capacity=10.0),
    )
    found = list_for(whole, budgets=2, bottom=5.0)
    assert found.left_out == ("C",)
    assert [(budget.amount, budget.best) for budget in found.budgets] == [(5.0, None), (10.0, 61.0)]
    assert lines(found) == ["B", "A"]


def test_an_empty_range_of_budgets_is_refused() -> None:
    with pytest.raises(PlanError, match="there are no budgets of engineering_tokens from 9 to 4"):
        list_for(plan([initiative("A", 6, gmv=1.0)], scenario(capacity=10.0)), bottom=9.0, top=4.0)


def test_a_plan_over_several_periods_has_no_list() -> None:
    asked = scenario(capacity=10.0, from_period="Q3", to_period="Q4")
    whole = Plan(kpis=(GMV,), initiatives=(initiative("A", 6, gmv=1.0),), scenarios=(asked,), periods=("Q3", "Q4"))
    with pytest.raises(PlanError, match="a list has one budget"):
        list_for(whole)


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
    mode = study.scenario.objective_mode
    keys = [key for line in found.lines for key in line.initiatives]
    assert len(keys) == len(set(keys))
    for budget in found.budgets:
        asked = study.scenario.model_copy(
            update={
                "capacities": {**study.scenario.capacities, TOKENS: budget.amount},
                "targets": tuple(t for t in study.scenario.targets if t.kind is TargetKind.FLOOR),
                "target_priorities": (),
                "objective_mode": study.scenario.secondary_objective if mode is ObjectiveMode.LEXICOGRAPHIC else mode,
            }
        )
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
        assert budget.loss is not None
        assert sign * budget.objective == pytest.approx(worth, rel=1e-9, abs=1e-9)
        assert budget.loss * abs(float(truth.objective)) == pytest.approx(
            float(truth.objective) - worth, rel=1e-4, abs=1e-6 * max(1.0, abs(float(truth.objective)))
        )
    return len(found.budgets)
