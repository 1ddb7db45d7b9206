"""What is built without a solver keeps every rule, and no answer is worse than it, however short the time."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import FAMILIES, NAME, family_plan
from optimizer import evaluate, solve_scenario
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Candidates, Terms
from optimizer.plan import ObjectiveMode, Plan
from optimizer.portfolio import Status
from optimizer.rules import rules_of
from optimizer.search import feasible_start
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.exchange import recombined
from optimizer.search.solver_calls import SolverChoice
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario


def greedy(asked: Plan, name: str = "S") -> frozenset[str] | None:
    own = asked.scenario(name)
    candidates = Candidates(asked, own)
    search = Search(candidates, rules_of(asked, own), SolverChoice())
    built = search.starts(objective_of(asked, own).over(candidates).terms, Clock()).greedy()
    return None if built is None else candidates.keys(built)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 9))
def test_start_keeps_every_rule_and_is_never_better_than_the_best(seed: int, size: int) -> None:
    asked = random_plan(seed, size, mode=ObjectiveMode.NORTH_STAR)
    truth = Oracle(asked, asked.scenario("S")).answer()
    built = greedy(asked)
    if built is not None and evaluate(asked, "S", built).is_allowed:
        assert truth.selected is not None
        own = asked.scenario("S")
        sign = asked.kpi(own.north_star or "k0").direction.sign
        assert (
            sign * evaluate(asked, "S", built).objective <= float(truth.objective) + 1e-9 * abs(truth.objective) + 1e-12
        )
        # No time at all: the start is the answer.
        answer = solve_scenario(asked, "S", time_limit_s=0.0, explain=False)
        assert answer.status.has_portfolio
        assert sign * answer.objective >= sign * evaluate(asked, "S", built).objective


@pytest.mark.parametrize(
    "family", ["uncorrelated", "5 capacities", "30 capacities", "proportional to a second resource"]
)
def test_many_at_once_are_the_same_as_one_by_one(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are capacities only; in parts of a few columns, so that each kind of part comes up."""
    asked = family_plan(family, 300)
    monkeypatch.setattr(feasible_start, "_CHECK_EVERY", 40)
    at_once = greedy(asked, NAME)
    monkeypatch.setattr(feasible_start, "_MOST_TAKES", 0)
    assert at_once == greedy(asked, NAME)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_an_answer_without_a_solver_and_a_better_one_with(family: str) -> None:
    asked = family_plan(family, 120)
    built = greedy(asked, NAME)
    assert built is not None
    start = evaluate(asked, NAME, built)
    assert start.is_allowed
    answers = [solve_scenario(asked, NAME, time_limit_s=limit, explain=False) for limit in (0.0, 0.5)]
    assert start.objective <= answers[0].objective <= answers[1].objective <= answers[0].bound
    assert answers[1].bound <= answers[0].bound * (1 + 1e-9)


def test_prerequisites_and_bundles_are_taken_along() -> None:
    """A needs P, P and Q go together, and the three just fit; B is better alone, but excludes Q."""
    asked = plan(
        [
            initiative("A", 1.0, gmv=100.0, prerequisite_keys=("P",)),
            initiative("P", 1.0, bundle_key="b"),
            initiative("Q", 1.0, bundle_key="b", exclusion_keys=("B",)),
            initiative("B", 1.0, gmv=50.0),
        ],
        scenario(capacity=3.0),
    )
    assert greedy(asked) == {"A", "P", "Q"}


def test_mandatory_work_comes_first() -> None:
    asked = plan([initiative("A", 3.0, gmv=9.0), initiative("B", 3.0, is_mandatory=True)], scenario(capacity=5.0))
    assert greedy(asked) == {"B"}


def test_second_resource_that_values_are_multiples_of_has_an_answer_at_once() -> None:
    """Once `no_solution` after 40 s, where HiGHS alone needs 0.6 s."""
    asked = family_plan("proportional to a second resource", 300)
    short, longer = (solve_scenario(asked, NAME, time_limit_s=limit, explain=False) for limit in (0.2, 20.0))
    assert short.status.has_portfolio
    assert short.gap < 0.05
    assert longer.status is Status.OPTIMAL
    assert longer.objective >= short.objective


def test_last_run_is_no_worse_than_the_answer_without_time() -> None:
    source = Random(4)
    rows = [initiative(f"I{n:02}", float(source.randint(10, 99)), gmv=float(source.randint(10, 99))) for n in range(60)]
    asked = plan(rows, scenario(capacity=1000.0))
    best = solve_scenario(asked, "S")
    again = solve_scenario(asked, "S", previous_selection=best.selected, time_limit_s=0.0)
    assert again.objective == best.objective


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_few_columns_are_recombined_to_the_best_selection_that_rows_allow(seed: int) -> None:
    """Two capacities and a floor; every selection is looked at, since half of nine columns have few sets of changes."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 10))
    costs, amounts = random.integers(-5, 50, count) * 1.0, random.integers(-20, 0, (3, count)) * 1.0
    amounts[2] *= -1.0
    base = random.random(count) < 0.5
    slack = random.integers(-10, 30, 3) * 1.0
    chosen = recombined(base, costs, np.abs(costs), amounts, slack)
    allowed = [
        on for on in product((False, True), repeat=count) if (slack + amounts @ (np.array(on) * 1.0 - base) >= 0).all()
    ]
    best = max((float(costs[np.array(on)].sum()) for on in allowed), default=None)
    assert (None if chosen is None else float(costs[chosen].sum())) == best


def test_release_plans_begin_close_to_the_best() -> None:
    """Prices alone say little here: what a feature brings is in the price of the row that ties it to its enabler."""
    asked = family_plan("release planning", 1_000)
    own = asked.scenario(NAME)
    candidates = Candidates(asked, own)
    search = Search(candidates, rules_of(asked, own), SolverChoice())
    aim = objective_of(asked, own).over(candidates)
    bound = search.bound(aim.terms, Clock())
    assert bound is not None
    builder = search.starts(aim.terms, Clock())
    start = builder.as_relaxed(bound)
    assert start is not None
    refined = builder.refined(start, bound)
    assert refined is not None
    assert search.keeps_demands(start)
    assert search.keeps_demands(refined)
    assert bound.value >= aim.value(refined) >= 0.999 * bound.value


@pytest.mark.parametrize("seed", [149, 197, 298])
def test_the_shortest_limit_leaves_no_plan_without_an_answer(seed: int) -> None:
    """Also where nothing that keeps the rules is built: a solver then looks for any selection, which is filled up."""
    asked = random_plan(seed, 9, mode=ObjectiveMode.NORTH_STAR)
    own = asked.scenario("S")
    truth = Oracle(asked, own).answer()
    assert greedy(asked) is None
    assert truth.selected is not None
    answer = solve_scenario(asked, "S", time_limit_s=1e-4, explain=False)
    assert answer.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert evaluate(asked, "S", answer.selected).is_allowed
    candidates = Candidates(asked, own)
    search = Search(candidates, rules_of(asked, own), SolverChoice())
    aim = objective_of(asked, own).over(candidates)
    anything = search.best(Terms((), ()), Clock()).bits
    assert anything is not None
    filled = search.starts(aim.terms, Clock()).repaired([c for c in range(len(asked.initiatives)) if anything[c]])
    assert filled is not None
    assert search.keeps_demands(filled)
    assert aim.value(filled) >= aim.value(anything)
