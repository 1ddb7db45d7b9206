"""A capacity says how many fit: a row that no selection breaks, and that fractions do."""

from itertools import product
from random import Random

import pytest

from optimizer.model.count_rows import count_row
from optimizer.model.rows import Row, Sense, Terms

WIDTH = 20


def capacity(amounts: list[float], bound: float) -> Row:
    return Row(Terms(tuple(range(len(amounts))), tuple(amounts)), Sense.AT_MOST, bound)


def test_capacity_of_strongly_correlated_initiatives_says_how_many_fit() -> None:
    amounts = [float(n) for n in range(1, WIDTH + 1)]
    found = count_row(capacity(amounts, 50.0), {n: amount + 10.0 for n, amount in enumerate(amounts)})
    assert found is not None
    assert found.bound == 9.0, "1 + 2 + ... + 9 is 45, and 10 more does not fit"


def test_capacity_that_the_most_valuable_fill_before_needs_no_such_row() -> None:
    amounts = [float(n) for n in range(1, WIDTH + 1)]
    assert count_row(capacity(amounts, 50.0), {n: amount**2 for n, amount in enumerate(amounts)}) is None


@pytest.mark.parametrize("seed", range(5))
def test_no_selection_within_the_capacity_breaks_it(seed: int) -> None:
    source = Random(seed)
    amounts = [source.choice([0.1, 0.2, 1 / 3, 1.0, 2.5]) for _ in range(14)] + [3.0] * 6
    row = capacity(amounts, source.choice([0.3, 1.0, 2.0, 5.0]))
    found = count_row(row, {n: amount + 1.0 for n, amount in enumerate(amounts)})
    if found is not None:
        for bits in product((0, 1), repeat=14):
            assert found.cut((*bits, *[0] * 6)) is None or row.cut((*bits, *[0] * 6)) is not None
