"""No portfolio beats the bound, nor the bound less the loss of a column with that column at its other value."""

from math import fsum, inf
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import family_plan
from optimizer import evaluate, solve_scenario
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Incompatibility, ObjectiveMode, Plan
from optimizer.rules import rules_of
from optimizer.search import column_blocks
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.lagrangian_bound import Lagrangian, LagrangianBound
from optimizer.search.solver_calls import SolverChoice
from optimizer.solvers import solve
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

MANY = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def row(columns: dict[int, float], sense: Sense, bound: float) -> Row:
    return Row(Terms(tuple(columns), tuple(columns.values())), sense, bound)


def bound_of(rows: list[Row], costs: list[float], prices: list[float]) -> LagrangianBound:
    return Lagrangian(rows, [0.0] * len(costs), [1.0] * len(costs), len(costs)).bound(costs, prices)


def search_of(asked: Plan) -> Search:
    own = asked.scenario("S")
    return Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())


def test_short_rows_are_kept_whole() -> None:
    """Of three that exclude each other the relaxation takes half of each: 6; a block takes one: 4."""
    pairs = [row({one: 1, other: 1}, Sense.AT_MOST, 1) for one, other in ((0, 1), (1, 2), (0, 2))]
    found = bound_of(pairs, [4.0, 4.0, 3.0], [0.0, 0.0, 0.0])
    assert found.value == pytest.approx(4.0)
    assert found.best.sum() == 1
    assert found.losses.tolist() == [0.0, 0.0, 1.0]


def test_long_rows_are_priced() -> None:
    """max 3 a + 2 b + ... with a + b + ... <= 2 over 100 columns at a price of 2: 2 * 2 + (3 - 2)."""
    costs = [3.0, *[2.0] * 99]
    found = bound_of([row(dict.fromkeys(range(100), 1.0), Sense.AT_MOST, 2)], costs, [2.0])
    assert found.value == pytest.approx(5.0)
    assert (found.best[0], found.losses[0]) == (1, pytest.approx(1.0))
    assert not found.losses[1:].any()


def test_other_value_that_a_block_forbids_loses_everything() -> None:
    found = bound_of([row({0: 1, 1: -1}, Sense.AT_LEAST, 0), row({0: 1}, Sense.AT_MOST, 0)], [5.0, 7.0], [0.0, 0.0])
    assert found.best.tolist() == [0, 0]
    assert found.losses.tolist() == [inf, inf]


def test_bundle_of_many_is_one_block() -> None:
    """Forty columns that are all or none have two assignments, however many there are in between."""
    rows = [row({0: 1, other: -1}, sense, 0) for other in range(1, 40) for sense in Sense]
    found = bound_of(rows, [50.0, *[-1.0] * 39], [0.0] * len(rows))
    assert found.value == pytest.approx(11.0)
    assert found.losses.tolist() == [11.0] * 40


def test_group_with_too_many_assignments_is_priced() -> None:
    """At least one of twelve: 4,096 assignments but one."""
    found = bound_of([row(dict.fromkeys(range(12), 1.0), Sense.AT_LEAST, 1)], [-1.0] * 12, [1.0])
    assert found.value == pytest.approx(-1.0)


def test_impossible_block_is_left_to_the_solver() -> None:
    rows = [row({0: 1, 1: 1}, Sense.AT_LEAST, 2), row({0: 1, 1: 1}, Sense.AT_MOST, 1)]
    assert bound_of(rows, [1.0, 1.0], [0.0, 0.0]).value == pytest.approx(2.0)


def test_assignment_that_only_rounding_forbids_is_allowed() -> None:
    """Eight tenths added one by one fall short of 0.8, at this size by 1e-4; exactly added they do not."""
    tenth, whole = 0.1 * 2.0**40, 0.8 * 2.0**40
    assert fsum([*[tenth] * 8, -whole]) >= 0 > sum([tenth] * 8) - whole
    amounts = {**dict.fromkeys(range(8), tenth), 8: -whole}
    rows = [row(amounts, Sense.AT_LEAST, 0.0), *(row({column: 1}, Sense.AT_LEAST, 1) for column in (0, 1))]
    found = bound_of(rows, [1.0] * 9, [0.0] * 3)
    assert found.value == pytest.approx(9.0)
    assert found.best.tolist() == [1] * 9


def test_bound_allows_for_what_cancels() -> None:
    """Prices take away nearly all of the costs: what is left is rounding, and the bound must not rest on it."""
    columns = range(20)
    costs = [1e12 / 3 + c for c in columns]
    long = row(dict(zip(columns, costs, strict=True)), Sense.AT_MOST, sum(costs[:10]))
    found = bound_of([long], costs, [1.0])
    assert found.value >= sum(costs[:10])
    assert found.value - sum(costs[:10]) > 1e-12 * sum(costs)


@pytest.mark.parametrize("use_prices", ["simplex", "interior", "first order", "at random", "at random, in no time"])
@settings(MANY, max_examples=60)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 9))
def test_no_portfolio_beats_the_bound(monkeypatch: pytest.MonkeyPatch, seed: int, size: int, use_prices: str) -> None:
    """Wherever prices come from, and though time ends the blocks."""
    monkeypatch.setattr(solve, "_method", lambda _: use_prices)
    monkeypatch.setattr(column_blocks, "_LOOK_EVERY", 1)
    asked = random_plan(seed, size, mode=ObjectiveMode.NORTH_STAR)
    search = search_of(asked)
    candidates = search.candidates
    kpi = asked.scenario("S").north_star or "k0"
    terms = candidates.kpi_terms(kpi, sign=asked.kpi(kpi).direction.sign)
    if use_prices.startswith("at random"):
        random = Random(seed)
        rows = [row for row, _ in search.model.scaled_rows()]
        costs = np.zeros(len(search.model.variables))
        costs[list(terms.columns)] = terms.coefficients
        ones = [1.0] * len(costs)
        prices = [random.choice([0.0, random.random() * 10 ** random.uniform(-3, 3)]) for _ in rows]
        bounds = Lagrangian(
            rows, [0.0] * len(costs), ones, candidates.width, is_over=lambda: use_prices.endswith("no time")
        )
        bound = bounds.bound(costs.tolist(), prices)
    else:
        found = search.bound(terms, Clock()) if candidates.width else None
        if found is None:
            return
        bound = found
    for subset in Oracle(asked, asked.scenario("S")).allowed:
        bits = np.array(candidates.bits([float(i.key in subset) for i in candidates.initiatives]), dtype=int)
        value = terms.value(bits.tolist())
        assert value <= bound.value
        others = bits != bound.best
        assert not others.any() or value <= bound.value - bound.losses[others].max()


def test_what_cannot_tie_is_fixed_and_the_best_stays_possible() -> None:
    keys = [f"I{n}" for n in range(6)]
    asked = plan(
        [initiative(key, 1.0, gmv=float(10 + n)) for n, key in enumerate(keys)],
        scenario(capacity=2.0, rules=(Incompatibility(members=("I5", "I4", "I3")),)),
    )
    search = search_of(asked)
    terms = search.candidates.kpi_terms("gmv")
    bound = search.bound(terms, Clock())
    assert bound is not None
    best = evaluate(asked, "S", ["I5", "I2"]).objective
    search.fix_what_cannot_tie(best, bound)
    fixed = {key: search.model.variables[n].lowBound for n, key in enumerate(keys) if search.model.is_fixed(n)}
    assert fixed["I5"] == 1
    assert fixed["I0"] == fixed["I3"] == fixed["I4"] == 0


@pytest.mark.parametrize("family", ["uncorrelated", "5 capacities", "release planning", "exclusions"])
def test_bound_with_one_price_holds_and_is_closer_than_all_that_is_worth_something(family: str) -> None:
    """What a scenario has when time was too short for any solver."""
    asked = family_plan(family, 80)
    own = asked.scenarios[0]
    candidates = Candidates(asked, own)
    search = Search(candidates, rules_of(asked, own), SolverChoice())
    terms = candidates.kpi_terms("value")
    bound = search.free_bound(terms, Clock()).value
    best = solve_scenario(asked, own.name, time_limit_s=3.0, explain=False)
    assert best.objective <= bound < sum(terms.coefficients)


def test_many_capacities_are_priced_together_without_a_solver() -> None:
    """With one price alone the bound is 21% above that of the relaxation, with all of them 3%."""
    asked = family_plan("30 capacities", 300)
    search = search_of(asked)
    bound = search.free_bound(search.candidates.kpi_terms("value"), Clock()).value
    relaxed = search.bound(search.candidates.kpi_terms("value"), Clock())
    assert relaxed is not None
    assert relaxed.value <= bound <= 1.05 * relaxed.value
