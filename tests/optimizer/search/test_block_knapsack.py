"""One capacity over small blocks: dynamic programming finds what brute force finds, and leaves the rest to others."""

from itertools import product
from math import inf
from random import Random

import numpy as np
import pytest

from benchmarks.families import NAME, family_plan
from optimizer import exact
from optimizer.model.rows import Row, Sense, Terms
from optimizer.scenario import solve_scenario
from optimizer.search import block_knapsack
from optimizer.search.block_knapsack import best_of_blocks
from optimizer.search.column_blocks import small_blocks_of
from optimizer.solvers import solve

KINDS = ("whole", "pence", "fractions")


def amount_of(kind: str, source: Random) -> float:
    return {
        "whole": lambda: float(source.randint(0, 30)),
        "pence": lambda: source.randint(0, 3000) / 100,
        "fractions": lambda: source.uniform(0.0, 10.0),
    }[kind]()


def short_row(source: Random, size: int) -> Row:
    """An exclusion, a prerequisite, or at least one of some."""
    columns = tuple(source.sample(range(size), source.choice((2, 2, 3))))
    if source.random() < 0.4:
        return Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 1.0)
    if source.random() < 0.7:
        return Row(Terms(columns, (*(1.0,) * (len(columns) - 1), -1.0)), Sense.AT_LEAST, 0.0)
    return Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_the_best_of_all(kind: str, seed: int) -> None:
    source = Random(f"{kind} {seed}")
    size = 13
    amounts = [amount_of(kind, source) for _ in range(size)]
    values = [source.choice((-1, 1, 1)) * amount_of(source.choice(KINDS), source) for _ in range(size)]
    capacity = Row(Terms(tuple(range(size)), tuple(amounts)), Sense.AT_MOST, source.uniform(0.2, 0.9) * sum(amounts))
    rows = [capacity, *(short_row(source, size) for _ in range(source.randint(0, 6)))]
    fixed = source.sample(range(size), source.randint(0, 3))
    lower = [float(column in fixed and source.random() < 0.5) for column in range(size)]
    upper = [lower[column] if column in fixed else 1.0 for column in range(size)]
    sides = [(int(low), int(up)) if low < up else (int(low),) for low, up in zip(lower, upper, strict=True)]
    allowed = np.array(list(product(*sides)))
    for row in rows:
        sums = row.direction * (allowed[:, row.terms.columns] @ row.terms.coefficients)
        allowed = allowed[sums >= row.direction * row.bound - exact.tolerance(row.bound)]
    asked = small_blocks_of(rows, lower, upper, lambda: None)
    if asked is None:
        assert not len(allowed)
        return
    groups, row = asked
    own, room = np.zeros(size), inf
    if row is not None:
        own[list(row.terms.columns)] = row.terms.coefficients
        room = row.bound + exact.tolerance(row.bound)
    bits = best_of_blocks(groups, np.array(values), own, room, np.array(lower, dtype=int))
    if not len(allowed):
        assert bits is None
        return
    assert bits is not None
    assert all(row.cut(bits.tolist()) is None for row in rows)
    assert bits @ values == pytest.approx((allowed @ values).max(), abs=1e-9)


@pytest.mark.parametrize("family", ["variants", "bundles", "chains", "synergies"])
def test_no_solver_is_asked_where_blocks_are_small(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = family_plan(family, 60)
    with monkeypatch.context() as patch:
        patch.setattr(solve, "run", None)
        quick = solve_scenario(plan, NAME, break_ties=False, explain=False)
    monkeypatch.setattr(block_knapsack, "_MOST_STATES", 0)
    asked = solve_scenario(plan, NAME, break_ties=False, explain=False)
    assert (quick.status, quick.objective) == (asked.status, asked.objective)


def test_too_many_states_are_left_to_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = family_plan("variants", 60)
    quick = solve_scenario(plan, NAME, explain=False)
    monkeypatch.setattr(block_knapsack, "_MOST_STATES", 0)
    slow = solve_scenario(plan, NAME, explain=False)
    assert slow.selected == quick.selected
    assert (slow.objective, slow.status) == (quick.objective, quick.status)


def test_two_long_rows_and_rows_that_tie_too_many_are_no_small_blocks() -> None:
    columns = tuple(range(13))
    long_row = Row(Terms(columns, (1.0,) * 13), Sense.AT_MOST, 4.0)
    bounds = [0.0] * 13, [1.0] * 13
    assert small_blocks_of([long_row, long_row], *bounds, lambda: None) is None
    pairs = [Row(Terms((n, n + 1), (1.0, 1.0)), Sense.AT_LEAST, 0.0) for n in range(12)]
    assert small_blocks_of([long_row, *pairs], *bounds, lambda: None) is None
