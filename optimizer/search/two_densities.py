"""A knapsack whose items are multiples of one or two units of (value, amount): counted in units, not item by item.

Value per amount then has one or two values only, so that a relaxation cannot tell items apart and dynamic programming
over items keeps nearly all of its states. Which numbers of a unit can be reached at all is a set of bits, shifted once
per lot. The best pair of numbers is found by going through those of the denser unit from the top, until not even
fractions of the other unit could make up for fewer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_BITS = 100_000_000
"""Bits in all sets together, some 12 MB and milliseconds."""
_MOST_NUMBERS = 1_000
"""So many numbers of the denser unit are tried; where densities are as near as that, others are as quick."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """`lots` are (number of the lot, units in it); `reached[n]` has the numbers of units that the first n come to."""

    value: int
    amount: int
    lots: Sequence[tuple[int, int]]
    reached: Sequence[int]

    def most(self, number: int) -> int:
        """The largest number of units up to `number` that some lots come to; -1 below 0."""
        if number < 0:
            return -1
        reached = self.reached[-1]
        # No mask where all lots fit: room for billions of units would be as many bits.
        is_all = number >= reached.bit_length()
        return (reached if is_all else reached & ((1 << (number + 1)) - 1)).bit_length() - 1

    def lots_of(self, number: int) -> list[int]:
        """Lots that come to this number of units."""
        chosen = []
        for (lot, units), before in zip(reversed(self.lots), self.reached[-2::-1], strict=True):
            if not before >> number & 1:
                chosen.append(lot)
                number -= units
        return chosen


def best_of_two_densities(values: NDArray[np.int64], amounts: NDArray[np.int64], room: int) -> list[int] | None:
    """Which lots of whole values and amounts (above 0) a best selection has.

    None where they are multiples of more than two units, or of units that are too small.
    """
    units = _units_of(values, amounts)
    if units is None:
        return None
    first, second = sorted(units, key=lambda unit: unit.value / unit.amount, reverse=True)
    best, numbers = -1, (0, 0)
    many = first.most(room // first.amount)
    for _ in range(_MOST_NUMBERS):
        left = room - many * first.amount
        # In whole numbers: what fractions of the other unit would bring at most.
        if many < 0 or many * first.value + left * second.value // second.amount <= best:
            return [*first.lots_of(numbers[0]), *second.lots_of(numbers[1])]
        others = second.most(left // second.amount)
        value = many * first.value + others * second.value
        if value > best:
            best, numbers = value, (many, others)
        many = first.most(many - 1)
    return None


def _units_of(values: NDArray[np.int64], amounts: NDArray[np.int64]) -> list[_Unit] | None:
    """The two units (the second one may be of no lot); None where there are more, or where they are too small."""
    times = np.gcd(values, amounts)
    kinds = np.stack([values // times, amounts // times])
    of_first = (kinds == kinds[:, :1]).all(axis=0)
    others = kinds[:, ~of_first]
    if (others != others[:, :1]).any():
        return None
    units = []
    for is_of in (of_first, ~of_first):
        numbers = np.flatnonzero(is_of)
        step = max(1, int(np.gcd.reduce(times[numbers])))
        counts = (times[numbers] // step).tolist()
        if float(sum(counts)) * len(counts) > _MOST_BITS:
            return None
        value, amount = (step * kinds[:, numbers[0]]).tolist() if counts else (0, 1)
        reached = [1]
        for count in counts:
            reached.append(reached[-1] | reached[-1] << count)
        units.append(_Unit(value, amount, list(zip(numbers.tolist(), counts, strict=True)), reached))
    return units
