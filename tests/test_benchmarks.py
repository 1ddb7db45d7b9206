"""The benchmarks measure what they say: valid plans, and contestants that solve the same problem."""

from math import inf

import numpy as np
import pytest

from benchmarks import stage
from benchmarks.direct import problem_of, problem_of_search, solve_with_highs
from benchmarks.models import SIZES, Model
from optimizer.evaluate import evaluate
from optimizer.plan import ObjectiveMode, TokenBound, rules_of_kind
from optimizer.search import tie_breaking
from optimizer.search.clock import Clock
from optimizer.search.lagrangian_bound import LagrangianBound

COMPARED = ("Most GMV", "Lean year", "Balanced", "Weighted by target")


@pytest.fixture(scope="module")
def plan():
    return Model(30).plan()


@pytest.mark.parametrize("size", SIZES[:2])
def test_model_is_a_valid_plan_of_its_size(size):
    plan = Model(size).plan()
    assert len(plan.initiatives) == size
    assert len(plan.kpis) == 5
    assert len(plan.scenarios) == 5
    assert {scenario.objective_mode for scenario in plan.scenarios} == set(ObjectiveMode)
    assert {len(rules_of_kind(scenario.rules, TokenBound)) for scenario in plan.scenarios} == {6}


def test_model_is_the_same_every_time():
    assert Model(30).plan() == Model(30).plan()
    assert Model(30, seed=1).plan() != Model(30).plan()


@pytest.mark.parametrize("name", COMPARED)
def test_direct_model_agrees_with_ours(plan, name):
    """By hand and as our rows: the same best value, and a selection that keeps every rule exactly."""
    scenario = plan.scenario(name)
    built = stage.build(plan, scenario)
    rows = problem_of_search(built.search)
    best = stage.solve(built).evaluation.objective
    for problem in (problem_of(plan, scenario), rows):
        solved = solve_with_highs(problem)
        assert solved.objective == pytest.approx(best, rel=1e-9)
        evaluation = evaluate(plan, name, solved.selected)
        assert evaluation.is_allowed
        assert evaluation.objective == pytest.approx(best, rel=1e-9)


def test_ties_keep_the_objective(plan):
    built = stage.build(plan, plan.scenario("Most GMV"))
    answered = stage.solve(built)
    settled = stage.settle_ties(answered, Clock())
    assert settled.complete
    assert built.aim.value(settled.bits) == pytest.approx(answered.evaluation.objective, rel=1e-9)


def test_ties_are_found_where_a_solver_drops_them_for_a_rounding_error(monkeypatch):
    """1,000 initiatives, totals in whole steps: asked with a cutoff, HiGHS 1.16 denies the third of five portfolios."""
    monkeypatch.setattr(tie_breaking, "_ASKED", 4)
    plan = Model(1000, seed=3).plan()
    answered = stage.solve(stage.build(plan, plan.scenario("Most GMV")))
    width = answered.built.search.candidates.width
    decides_nothing = LagrangianBound(inf, np.zeros(width, dtype=int), np.zeros(width))
    found = tie_breaking.break_ties(
        answered.built.search, answered.built.aim, answered.core.found, None, Clock(), bound=decides_nothing
    )
    others = [asked for asked in found.stages if asked.name == "others as good"]
    assert max(asked.value for asked in others) == 4


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_ties_are_settled_alike_however_often_others_are_asked_for(seed, monkeypatch):
    plan = Model(1000, seed).plan()
    chosen = set()
    for times in (1, 8):
        monkeypatch.setattr(tie_breaking, "_ASKED", times)
        settled = stage.settle_ties(stage.solve(stage.build(plan, plan.scenario("Most GMV"))), Clock())
        assert settled.complete
        chosen.add(settled.bits)
    assert len(chosen) == 1
