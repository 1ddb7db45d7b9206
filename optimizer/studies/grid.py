"""The numbers that a column may hold: multiples of the least decimal place that it uses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

_DIGITS = 6


def step_of(values: Iterable[float], digits: int = _DIGITS) -> float:
    """The least decimal place that any of the numbers uses: 10 for 250 and 1,300; 0.001 for 0.015. 1 without numbers.

    No finer than `digits` places below that of the largest number: what is beyond them is no part of an estimate.
    """
    numbers = [Decimal(repr(value)).normalize() for value in values if value]
    if not numbers:
        return 1.0
    least = min(int(number.as_tuple().exponent) for number in numbers)
    return float(Decimal(1).scaleb(max(least, max(number.adjusted() for number in numbers) - digits)))


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers that a column may hold, from the one in the plan on, one way."""

    now: float
    step: float
    way: int

    def number(self, steps: int) -> float:
        """The number so many steps away; the one in the plan is 0 steps away, and may lie between two of the grid."""
        if not steps:
            return self.now
        unit = Decimal(repr(self.step))
        begin = (floor if self.way > 0 else ceil)(Decimal(repr(self.now)) / unit)
        return float((begin + self.way * steps) * unit)


def last_that(holds: Callable[[int], bool], true_at: int, last: int) -> int:
    """The number furthest from `true_at`, as far as `last`, up to which something holds; it does at `true_at`."""
    if last == true_at or holds(last):
        return last
    near, far = true_at, last
    while abs(far - near) > 1:
        middle = (near + far) // 2
        near, far = (middle, far) if holds(middle) else (near, middle)
    return near
