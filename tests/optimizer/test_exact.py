"""When a sum reaches a bound, at the very edge of the tolerance: as the numbers read, not as floats differ."""

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
