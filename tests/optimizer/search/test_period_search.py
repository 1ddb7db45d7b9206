"""Plans over several periods, by parts: values and bounds that enclose the best, the same for the same work."""

from math import inf

import numpy as np
import pytest

from benchmarks import stage
from benchmarks.roadmaps import NAME, TEAM, RoadmapSize, roadmap
from optimizer.evaluate import evaluate
from optimizer.plan import PeriodCapacity
from optimizer.portfolio import Status, StopReason
from optimizer.scenario import solve_scenario
from optimizer.search.clock import Clock, Work
from optimizer.search.group_bound import GroupBound
from optimizer.search.groups import Groups, neighbors
from optimizer.search.neighborhoods import Neighborhoods
from optimizer.search.period_search import best_over_periods
from optimizer.search.sides import Aim, FromAbove, FromBelow
from optimizer.solvers import solve
from optimizer.solvers.answer import Limits
from tests.optimizer.timed_plans import random_timed_plan

SIZE = RoadmapSize(30, 4, 3)


@pytest.fixture(scope="module")
def plan():
    return roadmap(SIZE)


@pytest.fixture(scope="module")
def best(plan):
    """What HiGHS proves of the whole plan."""
    built = stage.build(plan, plan.scenario(NAME))
    found = built.search.best(built.aim.terms, Clock())
    assert found.reason is StopReason.OPTIMAL
    return found.value


def found_within(plan, units):
    built = stage.build(plan, plan.scenario(NAME))
    clock = Clock(work=Work(units))
    found = best_over_periods(built.search, built.aim.terms, clock, value_of=built.aim.value).found
    return found, built.question.candidates.keys(found.bits)


@pytest.mark.parametrize(("units", "is_large"), [(4_000.0, False), (20_000.0, False), (4_000.0, True)])
def test_answer_and_bound_enclose_the_best(plan, best, units, is_large, monkeypatch):
    """However little work there is, the answer keeps every rule and the best lies between it and its bound.

    So it is where the plan counts as large: it is built first, and each look at the whole costs several times as much.
    """
    if is_large:
        monkeypatch.setattr("optimizer.search.period_search.CORE_ABOVE", 0)
        monkeypatch.setattr("optimizer.search.period_search._HEAVY_ABOVE", 50.0)
    found, selection = found_within(plan, units)
    assert found.value <= best * (1 + 1e-9)
    assert found.bound >= best * (1 - 1e-9)
    evaluation = evaluate(plan, NAME, selection)
    assert evaluation.is_allowed
    assert evaluation.objective == pytest.approx(found.value)


def test_parts_prove_what_the_whole_proves(plan, best):
    """Groups and neighborhoods meet at the best plan, where the whole has hardly begun."""
    found, _ = found_within(plan, 100_000.0)
    assert (found.reason, found.value, found.bound) == (StopReason.OPTIMAL, best, best)


def test_same_work_is_the_same_answer(plan):
    """Cut short: neither the machine nor luck decides."""
    first, second = (found_within(plan, 10_000.0) for _ in range(2))
    assert first[0].bits == second[0].bits
    assert first[0].bound == second[0].bound


def test_answer_is_never_worse_than_what_is_known(plan, best):
    known = solve_scenario(plan, NAME, explain=False, break_ties=False)
    assert known.objective == best
    again = solve_scenario(plan, NAME, explain=False, time_limit_s=0.0, known=[known.selection])
    assert again.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert again.objective == best


def test_large_plans_begin_between_a_built_selection_and_the_relaxation(plan, best):
    """Without a solver's search: what is built keeps every demand, a known better one is taken, the bound holds."""
    built = stage.build(plan, plan.scenario(NAME))
    aim = Aim(built.search, built.aim.terms, built.aim.value, 0.0)
    start = aim.built([])
    assert built.search.keeps_demands(start)
    assert 0 < built.aim.value(start) <= best
    known = found_within(plan, 100_000.0)[0].bits
    assert built.aim.value(aim.built([known])) == best
    built.search.model.minimize(built.aim.terms, -1)
    bound, prices = aim.relaxed(Clock())
    assert bound >= best
    assert len(prices) == len(built.search.model.arrays.matrix().row_lower)


@pytest.mark.parametrize("seed", range(3))
def test_bound_of_groups_holds_for_any_prices(plan, best, seed):
    """Good prices or bad ones: no plan within the rules is better than the bound."""
    built = stage.build(plan, plan.scenario(NAME))
    model = built.search.model
    matrix = model.arrays.matrix()
    groups = Groups.of(built.search.candidates, matrix)
    source = np.random.default_rng(seed)
    prices = source.normal(scale=model.cost_scale * 50, size=len(matrix.row_lower))
    bound = GroupBound(matrix, groups, prices)
    for _ in range(2):
        bound.next_round(
            -best * model.cost_scale, lambda part, start: solve.minimize(part, Limits(units=5_000.0, start=start))
        )
    assert -bound.bound / model.cost_scale >= best * (1 - 1e-9)


def test_bound_of_groups_is_in_the_unit_of_the_plan_whatever_a_neighborhood_left_open(plan, best):
    """Without the most valuable starts the model counts in another scale; the bound's own stays what it was."""
    built = stage.build(plan, plan.scenario(NAME))
    aim, model = Aim(built.search, built.aim.terms, built.aim.value, 0.0), built.search.model
    matrix, scale = model.arrays.matrix(), model.cost_scale
    groups = Groups.of(built.search.candidates, matrix)
    bound, prices = aim.relaxed(Clock())
    below = FromBelow(aim, groups, aim.built([]), bound)
    above = FromAbove(aim, GroupBound(matrix, groups, prices), below, inf)
    valuable = [c for c, worth in zip(aim.terms.columns, aim.terms.coefficients, strict=True) if worth * scale > 2**19]
    with model.fixed([(column, 0) for column in valuable]):
        model.minimize(aim.terms, -1)
    assert model.cost_scale != scale
    above.go_on(Clock(work=Work(1.0)))
    assert best * (1 - 1e-9) <= below.bound <= bound


def test_groups_at_the_best_prices_prove_what_the_whole_proves(plan, best):
    """Solved to the end, round by round, the bound comes down to the best plan, and the groups' work goes together."""
    built = stage.build(plan, plan.scenario(NAME))
    aim = Aim(built.search, built.aim.terms, built.aim.value, 0.0)
    model = built.search.model
    matrix = model.arrays.matrix()
    groups = Groups.of(built.search.candidates, matrix)
    bound = GroupBound(matrix, groups, aim.relaxed(Clock())[1])
    start = built.search.calls.start_values(aim.built([]))
    bound.columns.add(start)
    known = bound.columns.count
    bound.columns.add(start)
    assert bound.columns.count == known == groups.count
    for _ in range(40):
        reached = bound.next_round(
            -best * model.cost_scale, lambda part, start: solve.minimize(part, Limits(start=start))
        )
        assert -reached.bound / model.cost_scale >= best * (1 - 1e-9)
        if bound.is_over:
            break
    assert bound.unproven == 0
    assert -bound.bound / model.cost_scale == pytest.approx(best, rel=1e-3)
    values, _ = bound.columns.together(Limits(units=20_000.0))
    bits = tuple(built.search.candidates.bits(values))
    assert built.search.keeps_demands(bits)
    assert best * (1 - 1e-3) <= built.aim.value(bits) <= best


def test_groups_are_the_teams_that_have_capacities(plan):
    built = stage.build(plan, plan.scenario(NAME))
    candidates = built.search.candidates
    groups = Groups.of(candidates, built.search.model.arrays.matrix())
    teams = {frozenset(plan.initiative(key).dimensions[TEAM] for key in keys) for keys in groups.keys(candidates)}
    assert teams == {frozenset({"T1"}), frozenset({"T2"}), frozenset({"T3"})}


def test_there_are_no_groups_where_one_capacity_is_for_all(plan):
    scenario = plan.scenario(NAME)
    shared = tuple(
        rule.model_copy(update={"slice": None}) if isinstance(rule, PeriodCapacity) else rule for rule in scenario.rules
    )
    plan = plan.model_copy(update={"scenarios": (scenario.model_copy(update={"rules": shared}),)})
    built = stage.build(plan, plan.scenario(NAME))
    assert Groups.of(built.search.candidates, built.search.model.arrays.matrix()) is None


def test_neighborhoods_are_of_four_kinds_and_sizes_of_their_own(plan):
    """In turns: teams, periods, chains, at random; a kind grows where it was small for a solver."""
    built = stage.build(plan, plan.scenario(NAME))
    candidates = built.search.candidates
    ties = neighbors(candidates, [row.terms.columns for row in built.search.rows()])
    groups = Groups.of(candidates, built.search.model.arrays.matrix()).keys(candidates)
    neighborhoods = Neighborhoods(candidates, groups, ties)
    bits = built.search.starts(built.aim.terms, Clock()).greedy()
    sizes: dict[int, list[int]] = {0: [], 1: [], 2: [], 3: []}
    for turn in range(12):
        keys = neighborhoods.next(bits)
        assert keys <= set(candidates.columns)
        sizes[turn % 4].append(len(keys))
        neighborhoods.adapt(is_small=False, is_large=turn % 4 == 3)
    assert sizes[0] == sizes[2] == [30, 30, 30]
    assert sizes[3] == [30, 27, 24]


def test_parts_come_to_what_the_whole_comes_to_with_every_rule(monkeypatch):
    """Random plans with targets, floors, counts, synergies and work in progress; most have a portfolio."""
    plans = [random_timed_plan(seed, 8 + seed % 8, 2 + seed % 4) for seed in range(2_000, 2_024)]
    wholes = [solve_scenario(made, "S", explain=False) for made in plans]
    monkeypatch.setattr("optimizer.search.period_search.CORE_ABOVE", 0)
    monkeypatch.setattr("optimizer.search.period_search._WHOLE_UP_TO", 0)
    monkeypatch.setattr("optimizer.search.period_search._TURN_UNITS", 2_000.0)
    parts = [solve_scenario(made, "S", explain=False) for made in plans]
    assert sum(answer.status.has_portfolio for answer in parts) > len(plans) / 3
    assert [(answer.status, answer.starts) for answer in parts] == [(answer.status, answer.starts) for answer in wholes]
