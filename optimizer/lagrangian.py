"""How good any portfolio can be at most, and what the other value of a column would cost: a Lagrangian bound.

Rows that link many columns (capacities, caps, floors, goals) are priced, with prices p >= 0 and d +1 for ``>=`` and -1
for ``<=``:

    L(p) = max over z of  sum of c[j] z[j]  +  sum over priced rows of p[r] d[r] (a[r] z - b[r])

Rows between few columns (prerequisites, bundles, exclusions, variants, synergies) stay what they are. They tie columns
into small blocks, and the best of a block is found by going through all assignments that its rows allow.

For any prices L(p) bounds what a portfolio within the rules reaches (Geoffrion 1974). With column j at the other value
it bounds it by ``L(p) - loss[j]``, where loss[j] is what its block then loses. Prices come from the linear relaxation,
and are then improved. Because blocks are whole, the bound is often far closer than the relaxation itself: half an
initiative in a triangle of exclusions is no assignment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.matrix import Floats, Matrix
from optimizer.rows import Row

_LONGEST = 12
"""Rows of more columns are priced."""
_MOST_ASSIGNMENTS = 256
"""A row that would leave a block with more assignments is priced."""
_MOST_AT_ONCE = 4_096
"""So many assignments may come up on the way there."""
_ROUNDING = 1e-11
"""Relative to the amounts that a sum is made of, before any of them cancel: more than floating point is wrong by."""

_BOX = 0.01
"""How far prices may go from the best so far at first, relative to the relaxation's."""
_STEPS = 30
_MILLIONTH = 1e-6
_LEAST_STEP = 1e-3
"""In millionths of the bound: what promises less is not worth a step."""

_Table = NDArray[np.float64]
"""Allowed assignments of a block: one row each, one column of 0 and 1 per column of the block."""


@dataclass(frozen=True)
class LagrangianBound:
    """What any portfolio reaches at most, in the objective's native unit, larger is better.

    Attributes:
        value: the bound, rounding included.
        best: 0 or 1 per binary column, in an assignment that attains the bound within the blocks.
        losses: by how much less a portfolio reaches at most with a binary column at the other value; infinite where
            the block's rows forbid it.
    """

    value: float
    best: NDArray[np.int64]
    losses: NDArray[np.float64]


class Blocks:
    """Rows sorted into blocks and priced rows.

    Args:
        rows: the rows that every portfolio keeps within the tolerance of `optimizer.exact`.
        lower, upper: bounds of each column.
        width: how many columns, from the first, are binary; the others are never negative.
    """

    def __init__(self, rows: Sequence[Row], lower: Sequence[float], upper: Sequence[float], width: int) -> None:
        self._upper = np.array(upper, dtype=float)
        self._width = width
        self._tables = _Tables()
        blocks = {c: _Block((c,), self._tables.of_column(lower[c], upper[c])) for c in range(width)}
        self._priced: list[_PricedRow] = []
        for number in sorted(range(len(rows)), key=lambda number: len(rows[number].terms.columns)):
            if not self._tie(rows[number], blocks):
                self._priced.append(_PricedRow.of(number, rows[number]))
        same_table: dict[int, list[tuple[int, ...]]] = {}
        for block in {id(block): block for block in blocks.values()}.values():
            same_table.setdefault(block.table, []).append(block.columns)
        self._groups = [(np.array(columns), self._tables[table]) for table, columns in same_table.items()]

    def bound(self, costs: Sequence[float], prices: Sequence[float]) -> LagrangianBound:
        """The bound at `prices` (of all rows, native units per unit of the row), for ``max costs * z``."""
        return self._at(np.array(costs, dtype=float), np.array(prices, dtype=float)).bound

    def least_bound(
        self, costs: Sequence[float], prices: Sequence[float], minimize: Callable[[Matrix], Floats | None]
    ) -> LagrangianBound:
        """The bound at better prices than `prices`, found near them by cutting planes within a box.

        Every assignment that was found is a cut: L(p) is at least what it is worth at p. The prices that are best
        by all cuts come next; the box shrinks where they were no better (boxstep: Marsten, Hogan, Blankenship 1975).
        `minimize` solves a small linear problem. Prices of 0 stay 0.
        """
        cost, given = np.array(costs, dtype=float), np.array(prices, dtype=float)
        rows = [row for row in self._priced if given[row.number] > 0]
        if not rows:
            return self._at(cost, given).bound
        numbers = [row.number for row in rows]
        unit = given[numbers]
        best = at = self._at(cost, given)
        # In units of `unit`, so that a price of 1 is what the relaxation says; worth counts in millionths of the bound.
        place, box = np.ones(len(rows)), np.full(len(rows), _BOX)
        worth = _MILLIONTH * (abs(best.bound.value) or 1.0)
        cuts: list[tuple[float, Floats, Floats]] = []
        spot = place
        for _ in range(_STEPS):
            slopes = np.array([row.slope(at.z) for row in rows]) * unit
            cuts.append((at.bound.value, slopes, spot))
            lower = np.maximum(-box, -place)
            problem = _model_of_cuts(cuts, best.bound.value, place, lower, box, worth)
            step = minimize(problem)
            if step is None or step[-1] > -_LEAST_STEP:
                break
            spot = place + step[:-1]
            trial = given.copy()
            trial[numbers] = spot * unit
            at = self._at(cost, trial)
            if at.bound.value < best.bound.value:
                best, place = at, spot
            else:
                box = box / 2
        return best.bound

    def _at(self, costs: Floats, prices: Floats) -> "_Spot":
        """The bound at `prices` with the assignment that attains it."""
        reduced, magnitude = costs.copy(), np.abs(costs)
        value, size = 0.0, 0.0
        for row in self._priced:
            price = row.direction * float(prices[row.number])
            if price:
                value -= price * row.kept
                size += abs(price * row.kept)
                reduced[row.columns] += price * row.coefficients
                magnitude[row.columns] += np.abs(price * row.coefficients)
        size += float(magnitude.sum())
        z = np.where(reduced > 0, self._upper, 0.0)
        rest = float((reduced * z)[self._width :].sum())
        value += rest
        losses = np.zeros(self._width)
        for columns, table in self._groups:
            amounts = reduced[columns] @ table.T
            best = amounts.argmax(axis=1)
            most = amounts[np.arange(len(best)), best]
            value += float(most.sum())
            for number in range(table.shape[1]):
                is_on = table[:, number] > 0
                values = table[best, number]
                others = np.where(values > 0, _largest(amounts[:, ~is_on]), _largest(amounts[:, is_on]))
                z[columns[:, number]] = values
                losses[columns[:, number]] = most - others
        return _Spot(LagrangianBound(value + _ROUNDING * size, z[: self._width].astype(int), losses), z)

    def _tie(self, row: Row, blocks: dict[int, "_Block"]) -> bool:
        """Makes one block of the columns of a row, if that leaves few assignments; whether it did."""
        columns = row.terms.columns
        if row.soft or not columns or len(columns) > _LONGEST or max(columns) >= self._width:
            return False
        tied = list({id(blocks[column]): blocks[column] for column in columns}.values())
        place = {c: (number, at) for number, block in enumerate(tied) for at, c in enumerate(block.columns)}
        key = _Key(
            tables=tuple(block.table for block in tied),
            places=tuple(place[column] for column in columns),
            amounts=tuple(row.direction * coefficient for coefficient in row.terms.coefficients),
            least=row.direction * row.bound - 2 * exact.tolerance(row.bound) - _ROUNDING * row.terms.largest(),
        )
        table = self._tables.joined(key)
        if table is None:
            return False
        block = _Block(tuple(column for block in tied for column in block.columns), table)
        for column in block.columns:
            blocks[column] = block
        return True


def _largest(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest of each row; minus infinity where there are no columns."""
    largest: NDArray[np.float64] = amounts.max(axis=1, initial=-inf)
    return largest


def _model_of_cuts(
    cuts: Sequence[tuple[float, Floats, Floats]], best: float, place: Floats, lower: Floats, upper: Floats, worth: float
) -> Matrix:
    """``min t`` over steps from `place` in a box, ``t >= (value - best + slopes * (place + step - spot)) / worth``."""
    width = len(place) + 1
    values = np.array([[*(-slopes / worth), 1.0] for _, slopes, _ in cuts])
    least = np.array([(value - best + slopes @ (place - spot)) / worth for value, slopes, spot in cuts])
    return Matrix(
        offset=0.0,
        cost=np.array([*np.zeros(len(place)), 1.0]),
        lower=np.array([*lower, -inf]),
        upper=np.array([*upper, inf]),
        is_integer=np.zeros(width, dtype=bool),
        row_lower=least,
        row_upper=np.full(len(cuts), inf),
        start=(np.arange(len(cuts) + 1) * width).astype(np.int32),
        index=np.tile(np.arange(width, dtype=np.int32), len(cuts)),
        value=values.ravel(),
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    bound: LagrangianBound
    z: Floats


@dataclass(frozen=True, slots=True)
class _PricedRow:
    """`kept`: what every portfolio that counts keeps, within the tolerance, whatever slack the solver's row has."""

    number: int
    direction: int
    kept: float
    columns: NDArray[np.int64]
    coefficients: Floats

    @classmethod
    def of(cls, number: int, row: Row) -> "_PricedRow":
        kept = row.bound if row.soft else row.bound - row.direction * exact.tolerance(row.bound)
        columns = np.array(row.terms.columns, dtype=int)
        return cls(number, row.direction, kept, columns, np.array(row.terms.coefficients, dtype=float))

    def slope(self, z: Floats) -> float:
        """How L changes with the row's price where `z` attains it."""
        return self.direction * (float(self.coefficients @ z[self.columns]) - self.kept)


@dataclass(frozen=True, slots=True)
class _Block:
    columns: tuple[int, ...]
    table: int


@dataclass(frozen=True, slots=True)
class _Key:
    """Tables to be joined under ``sum of amounts >= least``; `places` says which table and which of its columns."""

    tables: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    amounts: tuple[float, ...]
    least: float


class _Tables:
    """Tables by number, each join made once: blocks of a plan have few shapes."""

    def __init__(self) -> None:
        self._tables: list[_Table] = []
        self._joined: dict[_Key | tuple[float, float], int | None] = {}

    def __getitem__(self, number: int) -> _Table:
        return self._tables[number]

    def of_column(self, lower: float, upper: float) -> int:
        """The table of a column on its own."""
        number = self._joined.get((lower, upper))
        if number is None:
            number = self._add(np.array([[value] for value in (0.0, 1.0) if lower <= value <= upper]))
            self._joined[lower, upper] = number
        return number

    def joined(self, key: _Key) -> int | None:
        """The table of all combinations that keep the row; None where there are too many, or none at all."""
        if key not in self._joined:
            table = self._join(key)
            self._joined[key] = None if table is None else self._add(table)
        return self._joined[key]

    def _add(self, table: _Table) -> int:
        self._tables.append(table)
        return len(self._tables) - 1

    def _join(self, key: _Key) -> _Table | None:
        tables = [self._tables[number] for number in key.tables]
        amounts = [np.zeros(table.shape[1]) for table in tables]
        for (number, at), amount in zip(key.places, key.amounts, strict=True):
            amounts[number][at] = amount
        sums = [table @ amount for table, amount in zip(tables, amounts, strict=True)]
        joined, total = np.zeros((1, 0)), np.zeros(1)
        for number, (table, own) in enumerate(zip(tables, sums, strict=True)):
            if len(joined) * len(table) > _MOST_AT_ONCE:
                return None
            joined = np.hstack([np.repeat(joined, len(table), axis=0), np.tile(table, (len(joined), 1))])
            total = np.repeat(total, len(table)) + np.tile(own, len(total))
            # What not even the best of the tables to come can make good is left out at once.
            is_open = total + sum(later.max() for later in sums[number + 1 :]) >= key.least
            joined, total = joined[is_open], total[is_open]
        return joined if 0 < len(joined) <= _MOST_ASSIGNMENTS else None
