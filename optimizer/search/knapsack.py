"""One capacity and nothing else: the best selection by dynamic programming over an expanding core, without a solver.

Initiatives are sorted by value per amount, the best first; those before the break item fill the capacity. From there
the core grows to both sides in turns: the next one to the left may be taken out, the next one to the right put in. What
is kept are the states (amount, value) that no other state beats in both and that can still become better than the best
so far, by the value per amount of the next ones on either side. Pisinger, "A minimal algorithm for the 0-1 knapsack
problem" (1997), with lists of states as arrays.

Amounts that are multiples of a step are counted in steps, so that every comparison is exact. Others are compared as
sums of floating point; the selection is measured exactly by whoever asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Row, Sense
from optimizer.model.steps import step_of
from optimizer.search.two_densities import best_of_two_densities

_MOST_STATES = 3_000_000
"""States in all steps together, some 0.2 s and 25 MB: the same work on every machine."""
_MOST_ROWS = 20
"""Where more rows link columns, it is no knapsack, and they are not looked at one by one."""
STEP_NOISE = 1e-6
"""Relative to a step: what rounding may add to a number of steps."""
_LARGEST_ROOM = 1e9
_MOST_WHOLE = 1e11
"""Sums of whole numbers up to here are exact, and so is room that was widened by `ROUNDING`."""
ROUNDING = 1e-12
"""Relative: what sums of floating point may be wrong by."""


@dataclass(frozen=True, slots=True)
class Knapsack:
    """``max values * x, amounts * x <= room`` over open columns; `fixed` are the values of all columns without them."""

    values: Floats
    amounts: Floats
    room: float
    columns: NDArray[np.int64]
    fixed: NDArray[np.int64]

    @classmethod
    def of(
        cls, rows: Iterable[Row], costs: Sequence[float], lower: Sequence[float], upper: Sequence[float]
    ) -> "Knapsack | None":
        """The knapsack that some rows over binary columns are once the columns that a row of one decides are set aside.

        None where more than one row is left, or one of another kind. `costs` are by column, larger is better.
        """
        least, most = np.array(lower, dtype=float), np.array(upper, dtype=float)
        long_rows = []
        for row in rows:
            if row.soft or (len(row.terms.columns) <= 1 and not _decides(row, least, most)):
                return None
            if len(row.terms.columns) > 1:
                long_rows.append(row)
            if len(long_rows) > _MOST_ROWS:
                return None
        left = [row for row in long_rows if not _is_kept_anyway(row, least, most)]
        if len(left) > 1 or any(row.sense is not Sense.AT_MOST for row in left):
            return None
        is_open = least < most
        amounts, room = np.zeros(len(least)), 0.0
        for row in left:
            amounts[np.array(row.terms.columns)] = row.terms.coefficients
            used = (amounts * least)[~is_open]
            room = exact.total([row.bound, exact.tolerance(row.bound), *(-used).tolist()])
        if (amounts[is_open] < 0).any() or room < 0:
            return None
        columns = np.flatnonzero(is_open)
        return cls(np.array(costs)[columns], amounts[columns], room, columns, (least > 0).astype(int))

    def best(self, ranks: Floats | None = None) -> tuple[int, ...] | None:
        """The values of all columns in a best selection; None where it takes too much work.

        Of equal initiatives, and mostly of those with equal value per amount, it takes those with the least of `ranks`
        (by column), or the first.
        """
        amounts, room = amounts_in_steps(self.amounts, self.room)
        values, step = values_in_steps(self.values)
        taken = (values > 0) & (amounts == 0)
        numbers = np.flatnonzero((values > 0) & (amounts > 0) & (amounts <= room))
        if amounts[numbers].sum() <= room:
            taken[numbers] = True
        else:
            own = None if ranks is None else ranks[self.columns[numbers]]
            lots = _lots_of(values[numbers], amounts[numbers], own)
            chosen = _by_units(lots, room) or _Core(lots, room, step).best()
            if chosen is None:
                return None
            for kind, count in chosen.items():
                taken[numbers[lots.members[kind][:count]]] = True
        bits = self.fixed.copy()
        bits[self.columns[taken]] = 1
        return tuple(bits.tolist())


def _decides(row: Row, least: Floats, most: Floats) -> bool:
    """Tightens the bounds of the one column of a row; False where that leaves none."""
    for column in row.terms.columns:
        bits = [int(least[column]), int(most[column])]
        fitting = [bit for bit in range(bits[0], bits[1] + 1) if row.suffices(bit * row.terms.coefficients[0])]
        if not fitting:
            return False
        least[column], most[column] = fitting[0], fitting[-1]
    return True


def _is_kept_anyway(row: Row, least: Floats, most: Floats) -> bool:
    columns, amounts = np.array(row.terms.columns), np.array(row.terms.coefficients)
    worst = amounts * np.where((amounts > 0) == (row.direction > 0), least[columns], most[columns])
    return row.suffices(exact.total(worst.tolist()))


@dataclass(frozen=True, slots=True)
class _Lots:
    """Equal items in lots of 1, 2, 4, ... and a rest, so that any number of them is some of the lots.

    Sorted by value per amount, the best first. `members` are the numbers of the items of each kind.
    """

    values: Floats
    amounts: Floats
    kinds: NDArray[np.int64]
    counts: NDArray[np.int64]
    members: list[NDArray[np.int64]]

    def counted(self, lots: Sequence[int] | NDArray[np.int64]) -> dict[int, int]:
        """How many of each kind some lots are."""
        counts = np.bincount(self.kinds[lots], weights=self.counts[lots])
        return {kind: int(count) for kind, count in enumerate(counts.tolist()) if count}


def _by_units(lots: _Lots, room: float) -> dict[int, int] | None:
    """How many of each kind, where values and amounts are whole and multiples of two units; None else."""
    if max(room, float(lots.values.sum())) > _MOST_WHOLE:
        return None
    whole = lots.values.astype(np.int64), lots.amounts.astype(np.int64)
    if not ((lots.values == whole[0]).all() and (lots.amounts == whole[1]).all()):
        return None
    chosen = best_of_two_densities(*whole, int(room))
    return None if chosen is None else lots.counted(chosen)


def _lots_of(values: Floats, amounts: Floats, ranks: Floats | None) -> _Lots:
    ranks = np.zeros(len(values)) if ranks is None else ranks
    order = np.lexsort((ranks, values, amounts))
    is_new = np.append(True, (np.diff(values[order]) != 0) | (np.diff(amounts[order]) != 0))
    members = np.split(order, np.flatnonzero(is_new)[1:])
    kinds, counts = [], []
    for kind, part in enumerate(members):
        left, lot = len(part), 1
        while left:
            kinds.append(kind)
            counts.append(min(lot, left))
            left -= counts[-1]
            lot *= 2
    first = np.array([part[0] for part in members])[kinds]
    many = np.array(counts)
    by_density = np.lexsort((ranks[first], -(values[first] / amounts[first])))
    first, many = first[by_density], many[by_density]
    return _Lots(values[first] * many, amounts[first] * many, np.array(kinds)[by_density], many, members)


def amounts_in_steps(amounts: Floats, room: float) -> tuple[Floats, float]:
    """Amounts and room in whole steps where there is a step; else with room for what rounding may add."""
    step = step_of(amounts[amounts > 0].tolist())
    if not step or room > step * _LARGEST_ROOM:
        return amounts, room * (1 + ROUNDING)
    whole, divisor = _divided(amounts / step)
    return whole, float(np.floor((room / step + STEP_NOISE) / divisor))


def values_in_steps(values: Floats) -> tuple[Floats, float]:
    """Values in steps, and by how much a better one is better at least."""
    step = step_of(values[values != 0].tolist())
    return (_divided(values / step)[0], 1.0) if step else (values, 0.0)


def _divided(steps: Floats) -> tuple[Floats, int]:
    """Whole numbers by their greatest common divisor, and the divisor."""
    whole = np.round(steps).astype(np.int64)
    divisor = max(1, int(np.gcd.reduce(whole)))
    return (whole // divisor).astype(float), divisor


class _Core:
    """The states of a core that grows from the break item; `values / amounts` fall."""

    def __init__(self, lots: _Lots, room: float, step: float) -> None:
        self.lots, self.room = lots, room
        values, amounts = self.values, self.amounts = lots.values, lots.amounts
        self.density = values / amounts
        before = self.break_at = int(np.searchsorted(np.cumsum(amounts), room, side="right"))
        self.state_amounts = np.array([amounts[:before].sum()])
        self.state_values = np.array([values[:before].sum()])
        self.least_gain = step * (1 - STEP_NOISE) if step else ROUNDING * float(values.sum())
        self.best_value, self.exchange = self._by_one_exchange()
        self.items: list[int] = []
        self.widths: list[int] = []
        self.sources: list[NDArray[np.int64]] = []
        self.best_source: tuple[int, int] | None = None
        """The step that made the best state, and the state's number among both halves then."""

    def best(self) -> dict[int, int] | None:
        """How many of each kind; None where there were too many states."""
        left, right, worked = self.break_at - 1, self.break_at, 0
        while len(self.state_values) and (left >= 0 or right < len(self.values)):
            if right < len(self.values):
                right += 1
                self._grow(right - 1, 1, left, right)
            if left >= 0:
                left -= 1
                self._grow(left + 1, -1, left, right)
            worked += 2 * len(self.state_values)
            if worked > _MOST_STATES:
                return None
        return self.lots.counted(np.flatnonzero(self._traced()))

    def _by_one_exchange(self) -> tuple[float, tuple[int, int]]:
        """The best of the items before the break, with one more put in, or the break item for another taken out."""
        before, count = self.break_at, len(self.values)
        amount, value = float(self.state_amounts[0]), float(self.state_values[0])
        best, exchange = value, (-1, -1)
        fits = np.flatnonzero(self.amounts[before:] <= self.room - amount) + before
        if len(fits):
            into = int(fits[self.values[fits].argmax()])
            best, exchange = value + float(self.values[into]), (into, -1)
        if before < count:
            frees = np.flatnonzero(self.amounts[:before] >= amount + self.amounts[before] - self.room)
            if len(frees):
                out = int(frees[self.values[frees].argmin()])
                swapped = value + float(self.values[before] - self.values[out])
                if swapped > best:
                    best, exchange = swapped, (before, out)
        return best, exchange

    def _grow(self, item: int, sign: int, left: int, right: int) -> None:
        """Adds an item to the core; `left` and `right` are the next ones."""
        width = len(self.state_values)
        amounts = np.concatenate([self.state_amounts, self.state_amounts + sign * self.amounts[item]])
        values = np.concatenate([self.state_values, self.state_values + sign * self.values[item]])
        order = np.argsort(amounts, kind="stable")
        amounts, values = amounts[order], values[order]
        is_best = values >= np.maximum.accumulate(values)
        is_best[1:] &= values[1:] > np.maximum.accumulate(values)[:-1]
        order, amounts, values = order[is_best], amounts[is_best], values[is_best]
        inside = int(np.searchsorted(amounts, self.room, side="right"))
        if inside and values[inside - 1] >= self.best_value + self.least_gain:
            self.best_value = float(values[inside - 1])
            self.best_source = (len(self.items), int(order[inside - 1]))
        more = self.density[right] if right < len(self.values) else 0.0
        less = self.density[left] if left >= 0 else np.inf
        room = self.room - amounts
        most = values + np.concatenate([room[:inside] * more, room[inside:] * less])
        is_open = most >= self.best_value + self.least_gain
        self.items.append(item)
        self.widths.append(width)
        self.sources.append(order[is_open])
        self.state_amounts, self.state_values = amounts[is_open], values[is_open]

    def _traced(self) -> NDArray[np.bool_]:
        """Which lots the best selection has."""
        is_in = np.arange(len(self.values)) < self.break_at
        if self.best_source is None:
            into, out = self.exchange
            if into >= 0:
                is_in[into] = True
            if out >= 0:
                is_in[out] = False
            return is_in
        step, source = self.best_source
        while True:
            if source >= self.widths[step]:
                is_in[self.items[step]] ^= True
                source -= self.widths[step]
            if not step:
                return is_in
            step -= 1
            source = int(self.sources[step][source])
