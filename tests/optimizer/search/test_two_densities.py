"""Multiples of two units: what brute force finds; and what is none of that is left to others."""

from itertools import product
from random import Random

import numpy as np
import pytest

from optimizer.search import two_densities
from optimizer.search.two_densities import best_of_two_densities


@pytest.mark.parametrize("seed", range(40))
def test_the_best_of_two_units(seed: int) -> None:
    source = Random(seed)
    units = [(source.randint(1, 9), source.randint(1, 9)) for _ in range(source.choice((1, 2, 2)))]
    items = [(source.choice(units), source.randint(1, 4)) for _ in range(source.randint(1, 10))]
    values = np.array([value * times for (value, _), times in items])
    amounts = np.array([amount * times for (_, amount), times in items])
    room = int(source.choice((0.3, 0.6, 0.9)) * amounts.sum())
    chosen = best_of_two_densities(values, amounts, room)
    best = max(values @ bits for bits in map(np.array, product((0, 1), repeat=len(items))) if amounts @ bits <= room)
    assert chosen is not None
    assert len(set(chosen)) == len(chosen)
    assert amounts[chosen].sum() <= room
    assert values[chosen].sum() == best


def test_three_units_are_left_to_others() -> None:
    assert best_of_two_densities(np.array([1, 2, 3]), np.array([3, 2, 1]), 4) is None


def test_so_are_too_many_units_and_densities_that_are_too_near(monkeypatch: pytest.MonkeyPatch) -> None:
    values, amounts = np.array([7, 14, 8]), np.array([7, 14, 9])
    assert best_of_two_densities(values, amounts, 20) == [0, 2]
    monkeypatch.setattr(two_densities, "_MOST_NUMBERS", 0)
    assert best_of_two_densities(values, amounts, 20) is None
    monkeypatch.setattr(two_densities, "_MOST_BITS", 2)
    assert best_of_two_densities(values, amounts, 20) is None


def test_room_for_billions_of_units_takes_no_memory() -> None:
    """Two equal lots, of which one fits: what is left would be a set of 40 billion bits."""
    amounts = np.array([60_000_000_000, 60_000_000_000])
    assert best_of_two_densities(np.array([7, 7]), amounts, 100_000_000_000) in ([0], [1])


def test_units_with_a_common_factor_are_counted_in_the_largest_unit() -> None:
    """500,000 of value and amount is one unit, not 500,000 of them."""
    values, amounts = np.array([500_000, 1_000_000, 7]), np.array([500_000, 1_000_000, 9])
    chosen = best_of_two_densities(values, amounts, 1_000_009)
    assert chosen is not None
    assert sorted(chosen) == [1, 2]
