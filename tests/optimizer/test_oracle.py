"""Every rule, mode and tie rule at once against brute force in exact arithmetic."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.portfolio import Status
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import random_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def check_against_oracle(seed: int, size: int, solver: str) -> None:
    plan = random_plan(seed, size, every_rule=True)
    random = Random(seed)
    previous = random.choice([None, [], random.sample([i.key for i in plan.initiatives], size // 2)])
    truth = Oracle(plan, plan.scenario("S")).answer(previous)
    # What explains an answer has tests of its own, and asks CBC, a program, dozens of times.
    answer = solve_scenario(plan, "S", solver=solver, previous_selection=previous, explain=solver == "highs")
    if truth.selected is None:
        assert answer.status is Status.INFEASIBLE
        return
    assert answer.status.has_portfolio
    assert frozenset(answer.selected) == truth.selected
    assert answer.ties_broken
    lexicographic = plan.scenario("S").objective_mode == "lexicographic"
    missed = lexicographic and not truth.goals_met
    assert answer.status is (Status.TARGETS_MISSED if missed else Status.OPTIMAL)
    assert abs(answer.objective) == pytest.approx(abs(float(truth.objective)), rel=1e-12, abs=1e-12)


@settings(ORACLE, max_examples=120)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 12))
def test_highs_agrees_with_brute_force(seed: int, size: int) -> None:
    check_against_oracle(seed, size, "highs")


@settings(ORACLE, max_examples=25)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 12))
def test_cbc_agrees_with_brute_force(seed: int, size: int) -> None:
    check_against_oracle(seed, size, "cbc")
