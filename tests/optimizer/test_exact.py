"""When a sum reaches a bound, at the very edge of the tolerance: as the numbers read, not as floats differ."""

from fractions import Fraction
from math import inf

import pytest

from optimizer import exact


@pytest.mark.parametrize(
    ("amount", "bound", "within"),
    [
        (110.00000011, 110.0, True),
        (110.000000110001, 110.0, False),
        (100000000.1, 100000000.0, True),
        (100000000.100001, 100000000.0, False),
        (1e-12, 0.0, True),
        (1.0001e-12, 0.0, False),
        (-inf, 1.0, True),
        (inf, 1.0, False),
    ],
)
def test_the_edge_of_the_tolerance_is_where_it_reads(amount: float, bound: float, within: bool) -> None:
    assert exact.stays_within(amount, bound) is within
    assert exact.reaches(-amount, -bound) is within


@pytest.mark.parametrize(
    ("addends", "bound", "within"),
    [
        ([110.00000000000001, 1.1e-07], 110.00000000000001, True),
        ([110.0, 1.100001e-07], 110.0, False),
        ([0.1, 0.2], 0.3, True),
        ([-200_000_000_000.0, 200.0], -200_000_000_000.0, True),
        ([-200_000_000_000.0, 200.0, 5e-9], -200_000_000_000.0, False),
        ([], 0.0, True),
        ([inf, 1.0], 1.0, False),
    ],
)
def test_a_sum_at_the_edge_is_added_up_without_rounding(addends: list[float], bound: float, within: bool) -> None:
    """The rounded sums are 110.00000011000002 and -199,999,999,800, on the other side of the edge."""
    assert exact.sum_stays_within(addends, bound) is within
    assert exact.sum_reaches([-addend for addend in addends], -bound) is within


def test_a_weighted_sum_that_cancels_is_that_of_the_addends_not_of_rounded_totals() -> None:
    """Half a ten-thousandth is lost in a floating point total of 1e12."""
    one = Fraction(1)
    assert exact.weighted([(1.0, one, [1e12, 5e-5]), (-1.0, -one, [1e12])]) == 5e-5
    assert exact.weighted([(1.0, one, [1e12, 5e-5]), (-1.0, -one, [1.0])]) == 1e12 - 1


@pytest.mark.parametrize(
    ("amount", "other", "left"),
    [(3.0000000000000004e-08, 3e-08, 0.0), (0.30000000000000004, 0.3, 0.0), (0.0, 0.0, 0.0), (3.5, 3.0, 0.5)],
)
def test_a_difference_is_no_rounding(amount: float, other: float, left: float) -> None:
    assert exact.difference(amount, other) == left
