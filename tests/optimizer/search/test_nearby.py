"""What is near a bound, looked at from two halves, against every selection there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import family_plan
from optimizer import solve_scenario
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Candidates
from optimizer.plan import Plan
from optimizer.portfolio import Status
from optimizer.rules import rules_of
from optimizer.search import nearby
from optimizer.search.clock import Clock
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.meeting import turned_within
from optimizer.search.nearby import MOST_ENTRIES, Nearby
from optimizer.search.solver_calls import SolverCalls, SolverChoice
from tests.optimizer.plans import random_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = 10**6


@settings(ORACLE, max_examples=100)
@given(seed=st.integers(0, 10**9), width=st.integers(0, 8), height=st.integers(0, 4))
def test_all_sets_that_keep_the_rows_within_reach_are_found_the_best_first(seed: int, width: int, height: int) -> None:
    random = np.random.default_rng(seed)
    losses = random.integers(0, 5, width).astype(float)
    changes = random.integers(-5, 6, (height, width)) * (random.random((height, width)) < random.choice([0.3, 1.0]))
    slack = random.integers(-4, 8, height).astype(float)
    prices = random.integers(0, 3, height) / 2.0
    reach = float(random.integers(0, 12))
    expected = []
    for bits in product((0, 1), repeat=width):
        left = slack + changes @ np.array(bits)
        lost = float(losses @ np.array(bits) + prices @ left)
        if (left >= 0).all() and lost <= reach:
            expected.append((tuple(np.flatnonzero(bits)), lost))
    found = turned_within(reach, losses, changes.astype(float), slack, prices, most_entries=MANY, most_pairs=MANY)
    assert found is not None
    assert [turned.loss for turned in found] == sorted(lost for _, lost in expected)
    assert sorted((tuple(sorted(turned.columns)), turned.loss) for turned in found) == sorted(expected)


def test_too_many_sets_or_pairs_are_not_looked_at() -> None:
    free = (np.zeros((0, 12)), np.zeros(0), np.zeros(0))
    assert turned_within(1.0, np.zeros(12), *free, most_entries=127, most_pairs=MANY) is None
    assert turned_within(1.0, np.zeros(12), *free, most_entries=128, most_pairs=4_095) is None
    found = turned_within(1.0, np.zeros(12), *free, most_entries=128, most_pairs=4_096)
    assert found is not None
    assert len({turned.columns for turned in found}) == 4_096


def searched(asked: Plan) -> Search:
    own = asked.scenario("S")
    return Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())


@settings(ORACLE, max_examples=60)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 9), share=st.sampled_from([-1.0, 0.5, 0.9, 1.0, 1.1]))
def test_everything_above_a_value_is_there_and_keeps_the_rules(seed: int, size: int, share: float) -> None:
    asked = random_plan(seed, size)
    search = searched(asked)
    aim = objective_of(asked, asked.scenario("S"), lambda _: 1.0).over(search.candidates)
    if search.model.is_impossible:
        return
    every = [bits for bits in product((0, 1), repeat=search.candidates.width) if _is_earned(search, bits)]
    kept = [bits for bits in every if search.keeps_demands(bits)]
    values = [aim.value(bits) for bits in kept]
    least = share * max(values, default=0.0)
    wanted = {bits for bits, value in zip(kept, values, strict=True) if value >= least}
    found = Nearby(search, aim.terms).above(least, MOST_ENTRIES)
    assert found is not None
    listed = list(found)
    assert wanted <= set(listed) <= set(kept)
    best = Nearby(search, aim.terms).best(least, aim.value)
    assert best is not None
    if wanted:
        assert best.bits is not None
        assert aim.value(best.bits) == pytest.approx(max(values), rel=1e-12, abs=1e-12)
    else:
        assert best.bits is None or aim.value(best.bits) < least


def _is_earned(search: Search, bits: tuple[int, ...]) -> bool:
    """Whether synergies are on where all of their members are, and only there."""
    return tuple(search.candidates.bits(list(map(float, bits)))) == bits


def test_what_lies_between_the_bound_and_the_best_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do its ties: 700 initiatives, shared enablers, two resources."""
    asked = family_plan("release planning", 700)
    own = asked.scenarios[0]
    search = Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())
    aim = objective_of(asked, own).over(search.candidates)
    with monkeypatch.context() as without:
        without.setattr(SolverCalls, "answer", None)
        found = best_by_core(search, aim.terms, Clock(), value_of=aim.value).found
    assert (found.gap, found.value) == (0.0, aim.value(found.bits or ()))
    solver = searched(asked).best(aim.terms, Clock(), value_of=aim.value, start=found.bits, nodes=200)
    assert solver.bound is not None
    assert found.value <= solver.value <= found.value * (1 + 1e-12)


def test_where_there_is_too_much_near_the_bound_the_solver_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = family_plan("release planning", 700)
    quick = solve_scenario(asked, "S", explain=False)
    monkeypatch.setattr(nearby, "MOST_COLUMNS", 0)
    slow = solve_scenario(asked, "S", explain=False)
    assert slow.status is quick.status is Status.OPTIMAL
    assert slow.objective == pytest.approx(quick.objective, rel=1e-6)
