"""One capacity and nothing else: dynamic programming finds what brute force finds, and says when it does not know."""

from itertools import product
from random import Random

import numpy as np
import pytest

from benchmarks.families import FAMILIES, NAME, family_plan
from optimizer import exact
from optimizer.model.rows import Row, Sense, Terms
from optimizer.scenario import solve_scenario
from optimizer.search import knapsack
from optimizer.search.knapsack import Knapsack
from tests.optimizer.plans import initiative, plan, scenario

KINDS = ("whole", "few", "pence", "fractions", "with zeros", "far apart")


def amounts_of(kind: str, source: Random, size: int) -> list[float]:
    return {
        "whole": lambda: [float(source.randint(1, 30)) for _ in range(size)],
        "few": lambda: [source.choice((2.0, 4.0, 6.0)) for _ in range(size)],
        "pence": lambda: [source.randint(1, 3000) / 100 for _ in range(size)],
        "fractions": lambda: [source.uniform(0.1, 10.0) for _ in range(size)],
        "with zeros": lambda: [float(source.choice((0, 0, 1, 5, 9))) for _ in range(size)],
        "far apart": lambda: [source.choice((1e-6, 1.0, 1e9)) * source.randint(1, 9) for _ in range(size)],
    }[kind]()


def best_by_brute_force(values: list[float], amounts: list[float], room: float) -> float:
    """The rule of `optimizer.exact` decides what fits."""
    return max(
        exact.total(v for v, bit in zip(values, bits, strict=True) if bit)
        for bits in product((0, 1), repeat=len(values))
        if exact.stays_within(exact.total(a for a, bit in zip(amounts, bits, strict=True) if bit), room)
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(25))
def test_knapsack_has_the_best_of_all(kind: str, seed: int) -> None:
    source = Random(f"{kind} {seed}")
    size = source.randint(1, 9)
    amounts = amounts_of(kind, source, size)
    values = [source.choice((-1, 1, 1, 1)) * v for v in amounts_of(source.choice(KINDS), source, size)]
    room = source.choice((0.3, 0.5, 0.7, 1.0)) * sum(amounts)
    rows = [Row(Terms(tuple(range(size)), tuple(amounts)), Sense.AT_MOST, room)]
    asked = Knapsack.of(rows, values, [0.0] * size, [1.0] * size)
    assert asked is not None
    bits = asked.best()
    assert bits is not None
    assert rows[0].cut(bits) is None
    chosen = exact.total(v for v, bit in zip(values, bits, strict=True) if bit)
    assert chosen == pytest.approx(best_by_brute_force(values, amounts, room), rel=1e-12, abs=1e-12)


def test_rows_of_one_column_and_rows_that_hold_anyway_leave_a_knapsack() -> None:
    columns = (0, 1, 2)
    rows = [
        Row(Terms((0,), (1.0,)), Sense.AT_LEAST, 1.0),
        Row(Terms((1,), (5.0,)), Sense.AT_MOST, 4.0),
        Row(Terms(columns, (1.0, 1.0, 1.0)), Sense.AT_MOST, 3.0),
        Row(Terms((0, 1, 2, 3), (2.0, 3.0, 4.0, 5.0)), Sense.AT_MOST, 7.0),
    ]
    asked = Knapsack.of(rows, [-1.0, 9.0, 2.0, 3.0], [0.0] * 4, [1.0] * 4)
    assert asked is not None
    assert asked.best() == (1, 0, 0, 1)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Row(Terms((0, 1), (1.0, 1.0)), Sense.AT_MOST, 1.0), id="another row that decides"),
        pytest.param(Row(Terms((0, 1), (1.0, 1.0)), Sense.AT_LEAST, 1.0), id="a floor"),
        pytest.param(Row(Terms((0,), (1.0,)), Sense.AT_LEAST, 2.0), id="a row that nothing keeps"),
        pytest.param(Row(Terms((0,), (1.0,)), Sense.AT_LEAST, 1.0, soft=True), id="a shortfall"),
    ],
)
def test_other_rows_make_it_no_knapsack(other: Row) -> None:
    capacity = Row(Terms((0, 1), (2.0, 3.0)), Sense.AT_MOST, 4.0)
    assert Knapsack.of([capacity, other], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]) is None


def test_equal_initiatives_are_taken_in_the_order_of_their_columns() -> None:
    asked = Knapsack(np.full(7, 2.0), np.full(7, 3.0), 12.0, np.arange(7), np.zeros(7, dtype=int))
    assert asked.best() == (1, 1, 1, 1, 0, 0, 0)


def test_too_many_states_end_in_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knapsack, "_MOST_STATES", 10)
    asked = family_plan("inverse strongly correlated", 60).initiatives
    values, amounts = ([i.contributions["value"] for i in asked], [i.tokens for i in asked])
    row = Row(Terms(tuple(range(60)), tuple(amounts)), Sense.AT_MOST, float(int(sum(amounts) / 2)))
    problem = Knapsack.of([row], values, [0.0] * 60, [1.0] * 60)
    assert problem is not None
    assert problem.best() is None


@pytest.mark.parametrize("family", list(FAMILIES)[:11])
def test_knapsacks_are_proven_without_a_solver_and_as_good_as_with_one(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pisinger's families, small ones: the same value as HiGHS proves."""
    asked = family_plan(family, 25)
    ours = solve_scenario(asked, NAME, explain=False)
    monkeypatch.setattr("optimizer.search.exact_search.Search.best_of_knapsack", lambda *_arguments, **_options: None)
    by_solver = solve_scenario(asked, NAME, explain=False)
    assert (ours.objective, ours.gap) == (by_solver.objective, 0.0)
    if ours.ties_broken and by_solver.ties_broken:
        assert ours.selected == by_solver.selected


def test_both_solvers_and_neither_choose_the_same_among_ties() -> None:
    pairs = enumerate([(2, 3), (2, 3), (4, 6), (1, 1)])
    rows = [initiative(f"I{n}", tokens, gmv=value) for n, (tokens, value) in pairs]
    asked = plan(rows, scenario(capacity=4.0))
    assert solve_scenario(asked, "S").selected == solve_scenario(asked, "S", solver="cbc").selected == ("I0", "I1")
