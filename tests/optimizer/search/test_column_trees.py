"""What trees of columns say against every assignment there is."""

from itertools import product
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.families import family_plan
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.column_trees import is_pair, trees_of
from optimizer.search.exact_search import Search
from optimizer.search.lagrangian_bound import Lagrangian
from optimizer.search.solver_calls import SolverChoice

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def pair(one: int, other: int, amounts: tuple[float, float], sense: Sense, bound: float) -> Row:
    return Row(Terms((one, other), amounts), sense, bound)


def random_pairs(random: Random, width: int) -> list[Row]:
    """Prerequisites, exclusions, equalities, and pairs of which one is needed, between random columns."""
    rows = []
    for _ in range(random.randint(0, 2 * width)):
        one, other = random.sample(range(width), 2)
        amounts = (1.0, random.choice([1.0, -1.0]))
        rows.append(pair(one, other, amounts, random.choice(list(Sense)), random.choice([0.0, 1.0])))
    return rows


@settings(ORACLE, max_examples=100)
@given(seed=st.integers(0, 10**9), width=st.integers(2, 7))
def test_most_with_each_value_of_a_column_is_that_of_all_assignments(seed: int, width: int) -> None:
    random = Random(seed)
    rows = random_pairs(random, width)
    trees = trees_of(rows, range(len(rows)), width, lambda: None)
    worths = [random.uniform(-5, 5) for _ in range(width)]
    lower = [float(random.random() < 0.1) for _ in range(width)]
    upper = [max(bound, float(random.random() < 0.9)) for bound in lower]
    kept = [rows[number] for number in trees.kept]
    expected = np.full((2, width), -inf)
    for bits in product((0, 1), repeat=width):
        is_within = all(low <= bit <= up for bit, low, up in zip(bits, lower, upper, strict=True))
        if is_within and all(row.cut(bits) is None for row in kept):
            value = float(np.dot(worths, bits))
            for column, bit in enumerate(bits):
                expected[bit, column] = max(expected[bit, column], value)
    assert trees.most(worths, lower, upper) == pytest.approx(expected)


def test_row_that_closes_a_cycle_is_left_out() -> None:
    rows = [pair(0, 1, (1, 1), Sense.AT_MOST, 1), pair(1, 2, (1, 1), Sense.AT_MOST, 1)]
    rows.append(pair(0, 2, (1, 1), Sense.AT_MOST, 1))
    assert trees_of(rows, [2, 0, 1], 3, lambda: None).kept == {0, 2}


def test_only_two_binary_columns_make_a_pair() -> None:
    assert is_pair(pair(0, 1, (1, 1), Sense.AT_MOST, 1), 2)
    assert not is_pair(pair(0, 2, (1, 1), Sense.AT_MOST, 1), 2)
    assert not is_pair(Row(Terms((0, 1, 2), (1.0, 1.0, 1.0)), Sense.AT_MOST, 1.0), 3)
    assert not is_pair(Row(Terms((0, 1), (1.0, 1.0)), Sense.AT_MOST, 1.0, soft=True), 2)


@settings(ORACLE, max_examples=60)
@given(seed=st.integers(0, 10**9), width=st.integers(2, 7))
def test_bound_with_trees_holds_at_any_prices_for_every_selection(seed: int, width: int) -> None:
    """And is no weaker than the one without."""
    random = Random(seed)
    costs = [float(random.randint(-9, 30)) for _ in range(width)]
    amounts = tuple(float(random.randint(1, 9)) for _ in range(width))
    long = Row(Terms(tuple(range(width)), amounts), Sense.AT_MOST, float(random.randint(0, 20)))
    rows = [long, *random_pairs(random, width)]
    prices = [random.choice([0.0, random.random() * 10]) for _ in rows]
    bounds = Lagrangian(rows, [0.0] * width, [1.0] * width, width)
    # As if every block were too large.
    bounds._priced = type(bounds._priced)(list(range(len(rows))), rows)
    before = bounds.bound(costs, prices)
    bound = bounds.with_trees(before, costs, prices)
    assert bound.value <= before.value
    for bits in product((0, 1), repeat=width):
        if all(row.cut(bits) is None for row in rows):
            value = float(np.dot(costs, bits))
            assert value <= bound.value
            others = np.array(bits) != bound.best
            assert not others.any() or value <= bound.value - bound.losses[others].max()


def test_shared_enablers_leave_few_initiatives_open() -> None:
    """What an enabler costs is put on some of those that need it, which then look as if they brought nothing."""
    plan = family_plan("release planning", 700)
    own = plan.scenarios[0]
    search = Search(Candidates(plan, own), rules_of(plan, own), SolverChoice())
    terms = search.candidates.kpi_terms("value")
    relaxed = search._relaxed(terms, Clock(), -1)
    assert relaxed is not None
    prices, costs = relaxed.prices.tolist(), search.costs(terms)
    bounds = search._lagrangian(Clock())
    before = bounds.bound(costs, prices)
    bound = bounds.with_trees(before, costs, prices)
    assert np.count_nonzero(before.losses < 20) > 100
    assert np.count_nonzero(bound.losses < 20) < 50
