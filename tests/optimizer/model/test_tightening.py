"""Rows whose numbers differ much in size allow the same selections in numbers that do not."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from optimizer.model.rows import Row, Sense, Terms
from optimizer.model.tightening import tightened

CAPACITY = Row(Terms((0, 1, 2, 3), (3e12, 2.0, 1e-6, 4.0)), Sense.AT_MOST, 5.0)


def said(
    row: Row, upper: tuple[float, ...] = (1.0,) * 4, binaries: int = 4
) -> list[tuple[dict[int, float], str, float]]:
    return [
        (dict(zip(part.terms.columns, part.terms.coefficients, strict=True)), part.sense.value, part.bound)
        for part in tightened(row, upper, binaries)
    ]


def test_what_alone_exceeds_a_capacity_is_out_and_no_longer_in_the_row() -> None:
    out, rest = said(CAPACITY)
    assert out == ({0: 1.0}, "<=", 0.0)
    assert rest[0].keys() == {1, 2, 3}


def test_what_more_than_suffices_for_a_floor_counts_as_enough() -> None:
    ((terms, sense, bound),) = said(Row(Terms((0, 1, 2), (3e12, 2.0, 1.0)), Sense.AT_LEAST, 3.0))
    assert (sense, bound) == (">=", pytest.approx(3.0))
    assert terms == {0: pytest.approx(3.0), 1: 2.0, 2: 1.0}


def test_a_shortfall_is_left_as_it_is_and_gives_room() -> None:
    """A goal of 3 may be missed by 6, so that a harm of 4 is possible, and one of 3e12 is not."""
    goal = Row(Terms((0, 1, 2, 3), (-3e12, 2.0, -4.0, 3.0)), Sense.AT_LEAST, 3.0, soft=True)
    out, (terms, _, bound) = said(goal, upper=(1.0, 1.0, 1.0, 2.0), binaries=3)
    assert out == ({0: 1.0}, "<=", 0.0)
    assert (terms, bound) == ({1: 2.0, 2: -4.0, 3: 3.0}, 3.0)


def test_numbers_of_ordinary_sizes_are_left_alone() -> None:
    row = Row(Terms((0, 1), (900_000.0, 1.0)), Sense.AT_MOST, 3.0)
    assert list(tightened(row, (1.0, 1.0), 2)) == [row]


@pytest.mark.parametrize("seed", range(150))
def test_the_same_selections_are_allowed(seed: int) -> None:
    """Bounds are near sums of some of the coefficients; a selection may differ only where it is at the tolerance."""
    source = Random(seed)
    width = source.randint(1, 7)
    coefficients = tuple(
        source.choice((1, 1, 1, -1)) * source.choice((1.0, 2.5, 7.0)) * 10.0 ** source.randint(-9, 12)
        for _ in range(width)
    )
    part = sum(source.sample(coefficients, source.randint(0, width)))
    bound = part * source.choice((1.0, 1.0, 0.7, 1.3)) + source.choice((0.0, 0.0, 1.0))
    row = Row(Terms(tuple(range(width)), coefficients), source.choice(list(Sense)), bound)
    parts = [replace(part, tight=True) for part in tightened(row, (1.0,) * width, width)]
    for bits in product((0, 1), repeat=width):
        kept = all(part.suffices(part.terms.value(bits)) for part in parts)
        amount, room = row.terms.value(bits), 2e-9 * abs(bound) + 1e-12
        if row.suffices(amount):
            assert kept
        elif row.direction * (bound - amount) > room + 1e-11 * sum(map(abs, coefficients)):
            assert not kept
