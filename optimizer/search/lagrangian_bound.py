"""How good any portfolio can be at most, and what the other value of a column would cost: a Lagrangian bound.

Rows that link many columns (capacities, caps, floors, goals) are priced, with prices p >= 0 and d +1 for ``>=`` and -1
for ``<=``:

    L(p) = max over z of  sum of c[j] z[j]  +  sum over priced rows of p[r] d[r] (a[r] z - b[r])

Rows between few columns stay what they are: they tie columns into small blocks, and the best of a block is found by
going through all its assignments (`optimizer.search.column_blocks`).

For any prices L(p) bounds what a portfolio within the rules reaches (Geoffrion 1974). With column j at the other value
it bounds it by ``L(p) - loss[j]``, where loss[j] is what its block then loses. Prices come from the linear relaxation,
and are then improved. Because blocks are whole, the bound is often far closer than the relaxation itself: half an
initiative in a triangle of exclusions is no assignment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.rows import Row
from optimizer.search.column_blocks import LONGEST, ROUNDING, blocks_of
from optimizer.search.column_trees import is_pair, trees_of

_BOX = 0.01
"""How far prices may go from the best so far at first, relative to the relaxation's."""
_STEPS = 30
_MOST_CRITICAL = 20
_MUCH_SHORTER = 0.01
"""So many rows, the longest first, are tried as the only one with a price: each takes as long as a bound. One that is
so short beside the longest decides nothing alone."""
_SUMS = 4e-16
"""By column, relative as `ROUNDING`: what sums along a tree may be wrong by, one number after the other."""
_MOST_PRICES = 200
"""More prices are left as they are: cuts over all of them would take longer than they save."""
_MILLIONTH = 1e-6
_LEAST_STEP = 1e-3
"""In millionths of the bound: what promises less is not worth a step."""


@dataclass(frozen=True)
class LagrangianBound:
    """What any portfolio reaches at most, in the objective's native unit, larger is better.

    Attributes:
        value: the bound, rounding included.
        best: 0 or 1 per binary column, in an assignment that attains the bound within the blocks.
        losses: by how much less a portfolio reaches at most with a binary column at the other value; infinite where
            the block's rows forbid it.
        relaxed: values of the columns in the linear relaxation, where it was solved on the way.
        worths: by binary column, what is left of its cost after the prices of long rows in that relaxation.
    """

    value: float
    best: NDArray[np.int64]
    losses: NDArray[np.float64]
    relaxed: Floats | None = None
    worths: Floats | None = None


class Lagrangian:
    """The bound as a function of costs and prices.

    Args:
        rows: the rows that every portfolio keeps within the tolerance of `optimizer.exact`.
        lower, upper: bounds of each column.
        width: how many columns, from the first, are binary; the others are never negative.
        check: called now and then; what it raises ends the work.
        is_over: whether time is up: what was done until then gives a bound too, a weaker one.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        lower: Sequence[float],
        upper: Sequence[float],
        width: int,
        check: Callable[[], None] = lambda: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self._upper = np.array(upper, dtype=float)
        self._lower = lower
        self._width = width
        self._rows = rows
        self._check, self._is_over = check, is_over
        self._groups, others = blocks_of(rows, lower, upper, width, check, is_over)
        self._priced = _PricedRows(others, [rows[number] for number in others])

    def bound(self, costs: Sequence[float], prices: Sequence[float]) -> LagrangianBound:
        """The bound at `prices` (of all rows, native units per unit of the row), for ``max costs * z``."""
        return self._at(np.array(costs, dtype=float), np.array(prices, dtype=float)).bound

    def worths(self, costs: Sequence[float], prices: Sequence[float]) -> Floats:
        """What is left of the cost of each binary column after the prices of long rows."""
        signed = self._priced.signed(np.array(prices, dtype=float))
        signed[self._priced.lengths <= LONGEST] = 0.0
        left = np.array(costs, dtype=float) + self._priced.by_column(signed, len(costs))
        return left[: self._width]

    def with_trees(self, bound: LagrangianBound, costs: Sequence[float], prices: Sequence[float]) -> LagrangianBound:
        """A bound with what trees of columns prove besides, at `prices`, where rows of two columns are in no block.

        Rows with the largest prices are in the trees: at prices of zero and nearly so the others are as good as kept.
        """
        pairs = [number for number in self._priced.numbers.tolist() if is_pair(self._rows[number], self._width)]
        if not pairs or self._is_over():
            return bound
        rows, given, cost = self._rows, np.array(prices, dtype=float), np.array(costs, dtype=float)
        sizes = [prices[number] * row.terms.largest() for number, row in enumerate(rows)]
        every = [number for number, row in enumerate(rows) if is_pair(row, self._width)]
        trees = trees_of(rows, sorted(every, key=lambda number: -sizes[number]), self._width, self._check)
        others = [number for number in range(len(rows)) if number not in trees.kept]
        left = _PricedRows(others, [rows[number] for number in others]).left(cost, given, self._upper)
        most = trees.most(left.reduced[: self._width].tolist(), self._lower, self._upper.tolist())
        rest = np.maximum(left.reduced, 0.0)[self._width :] * self._upper[self._width :]
        constant = left.constant + float(rest.sum()) + max(ROUNDING, _SUMS * len(cost)) * left.size
        return _both(bound, constant + most)

    def critical_bound(self, costs: Sequence[float]) -> LagrangianBound:
        """The best bound with a price on one row alone, or on all capacities by their room, found without a solver.

        The price of a capacity is what its last token brings where columns are taken by cost per token, the best first;
        of several together, what the last share of their room does.
        """
        cost = np.array(costs, dtype=float)
        best = self._at(cost, np.zeros(len(self._rows))).bound
        shares, rooms = np.zeros(len(cost)), dict[int, float]()
        for place, row in enumerate(self._priced.longest(_MOST_CRITICAL)):
            if place and self._is_over():
                break
            amounts, room = -row.direction * row.coefficients, -row.direction * row.kept
            if room > 0 and (amounts >= 0).all():
                shares[row.columns] += amounts / room
                rooms[row.number] = room
            price = _critical_price(amounts, cost[row.columns], room)
            best = self._better(best, cost, {row.number: price})
        if len(rooms) > 1:
            price = _critical_price(shares, cost, float(len(rooms)))
            best = self._better(best, cost, {number: price / room for number, room in rooms.items()})
        return best

    def _better(self, best: LagrangianBound, costs: Floats, prices: Mapping[int, float]) -> LagrangianBound:
        """The bound with prices on these rows, or one that is known where that is no weaker."""
        given = np.zeros(len(self._rows))
        given[list(prices)] = list(prices.values())
        return min(best, self._at(costs, given).bound, key=lambda bound: bound.value) if given.any() else best

    def least_bound(
        self, costs: Sequence[float], prices: Sequence[float], minimize: Callable[[Matrix], Floats | None]
    ) -> LagrangianBound:
        """The bound at better prices than `prices`, found near them by cutting planes within a box.

        Every assignment that was found is a cut: L(p) is at least what it is worth at p. The prices that are best
        by all cuts come next; the box grows where they were better and shrinks where not (boxstep: Marsten, Hogan,
        Blankenship 1975). `minimize` solves a small linear problem, or says None to end it. Prices of 0 stay 0.
        """
        cost, given = np.array(costs, dtype=float), np.array(prices, dtype=float)
        is_priced = given[self._priced.numbers] > 0
        numbers = self._priced.numbers[is_priced]
        if not 0 < len(numbers) <= _MOST_PRICES:
            return self._at(cost, given).bound
        unit = given[numbers]
        best = at = self._at(cost, given)
        # In units of `unit`, so that a price of 1 is what the relaxation says; worth counts in millionths of the bound.
        place, box = np.ones(len(numbers)), _BOX
        worth = max(_MILLIONTH * abs(best.bound.value), _MILLIONTH**2 * float(np.abs(cost).sum()))
        cuts: list[tuple[float, Floats, Floats]] = []
        spot = place
        for _ in range(_STEPS):
            slopes = self._priced.slopes(at.z)[is_priced] * unit
            cuts.append((at.bound.value, slopes, spot))
            step = minimize(_model_of_cuts(cuts, best.bound.value, place, box, worth))
            if step is None or step[-1] > -_LEAST_STEP:
                break
            spot = place + step[:-1]
            trial = given.copy()
            trial[numbers] = spot * unit
            at = self._at(cost, trial)
            if at.bound.value < best.bound.value:
                best, place, box = at, spot, 2 * box
            else:
                box /= 2
        return best.bound

    def _at(self, costs: Floats, prices: Floats) -> "_Spot":
        """The bound at `prices` with the assignment that attains it."""
        left = self._priced.left(costs, prices, self._upper)
        value, reduced = left.constant, left.reduced
        z = np.where(reduced > 0, self._upper, 0.0)
        rest = float((reduced * z)[self._width :].sum())
        value += rest
        losses = np.zeros(self._width)
        for group in self._groups:
            columns, table = group.columns, group.assignments
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
        return _Spot(LagrangianBound(value + ROUNDING * left.size, z[: self._width].astype(int), losses), z)


def _critical_price(amounts: Floats, costs: Floats, room: float) -> float:
    """What the last unit of room brings where columns are taken by cost per amount; 0 where there is room for all."""
    takes = (amounts > 0) & (costs > 0)
    worths = costs[takes] / amounts[takes]
    order = np.argsort(-worths, kind="stable")
    last = int(np.searchsorted(np.cumsum(amounts[takes][order]), room))
    return float(worths[order[last]]) if last < len(order) else 0.0


def _largest(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest of each row; minus infinity where there are no columns."""
    largest: NDArray[np.float64] = amounts.max(axis=1, initial=-inf)
    return largest


def _model_of_cuts(
    cuts: Sequence[tuple[float, Floats, Floats]], best: float, place: Floats, box: float, worth: float
) -> Matrix:
    """``min t`` over steps within `box` of `place`, ``t >= (value - best + slopes * (place + step - spot)) / worth``.

    No price falls below 0.
    """
    width = len(place) + 1
    values = np.array([[*(-slopes / worth), 1.0] for _, slopes, _ in cuts])
    least = np.array([(value - best + slopes @ (place - spot)) / worth for value, slopes, spot in cuts])
    return Matrix(
        offset=0.0,
        cost=np.array([*np.zeros(len(place)), 1.0]),
        lower=np.array([*np.maximum(-box, -place), -inf]),
        upper=np.array([*np.full(len(place), box), inf]),
        is_integer=np.zeros(width, dtype=bool),
        row_lower=least,
        row_upper=np.full(len(cuts), inf),
        start=(np.arange(len(cuts) + 1) * width).astype(np.int32),
        index=np.tile(np.arange(width, dtype=np.int32), len(cuts)),
        value=values.ravel(),
    )


def _both(bound: LagrangianBound, most: Floats) -> LagrangianBound:
    """A bound with another: `most`, by value and column, for selections with that column at that value."""
    columns = np.arange(len(bound.best))
    known = np.full(most.shape, bound.value)
    known[1 - bound.best, columns] -= bound.losses
    most = np.minimum(known, most)
    value = float(most.max(axis=0).min())
    if not isfinite(value):
        # Nothing keeps the rows, or numbers overflow: that is for a solver to say.
        return bound
    best = np.where(most[1 - bound.best, columns] > most[bound.best, columns], 1 - bound.best, bound.best)
    return replace(bound, value=value, best=best, losses=np.maximum(0.0, value - most[1 - best, columns]))


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of costs after prices: `reduced` by column, a constant beside, and the size of what was added up."""

    constant: float
    reduced: Floats
    size: float


@dataclass(frozen=True, slots=True)
class _Spot:
    bound: LagrangianBound
    z: Floats


@dataclass(frozen=True, slots=True)
class _PricedRow:
    """`kept`: what every portfolio that counts keeps, within the tolerance, whatever slack the solver's row has."""

    number: int
    direction: float
    kept: float
    columns: NDArray[np.int64]
    coefficients: Floats


class _PricedRows:
    """Rows that no block keeps, by their numbers among all rows; entry by entry, so that many rows take no longer."""

    def __init__(self, numbers: Sequence[int], rows: Sequence[Row]) -> None:
        self.numbers = np.array(numbers, dtype=np.int64)
        self.direction = np.array([row.direction for row in rows], dtype=float)
        self.kept = np.array(
            [row.bound if row.soft else row.bound - row.direction * exact.tolerance(row.bound) for row in rows]
        )
        self.lengths = np.array([len(row.terms.columns) for row in rows], dtype=np.int64)
        self._row = np.repeat(np.arange(len(rows)), self.lengths)
        self._columns = np.fromiter(chain.from_iterable(row.terms.columns for row in rows), dtype=np.int64)
        self._coefficients = np.fromiter(chain.from_iterable(row.terms.coefficients for row in rows), dtype=float)

    def signed(self, prices: Floats) -> Floats:
        """Their prices, of those of all rows, below 0 for an upper bound."""
        signed: Floats = self.direction * prices[self.numbers]
        return signed

    def by_column(self, signed: Floats, width: int) -> Floats:
        """What signed prices add to the cost of each column."""
        amounts = signed[self._row] * self._coefficients
        return np.bincount(self._columns, weights=amounts, minlength=width).astype(float)

    def sizes_by_column(self, signed: Floats, width: int) -> Floats:
        """The same without signs: what the sums are made of."""
        amounts = np.abs(signed[self._row] * self._coefficients)
        return np.bincount(self._columns, weights=amounts, minlength=width).astype(float)

    def left(self, costs: Floats, prices: Floats, upper: Floats) -> "_Left":
        """What prices leave of `costs`; `upper` has the upper bounds of columns."""
        signed = self.signed(prices)
        constant, size = -float(signed @ self.kept), float(np.abs(signed * self.kept).sum())
        reduced = costs + self.by_column(signed, len(costs))
        magnitude = np.abs(costs) + self.sizes_by_column(signed, len(costs))
        # A column that is fixed at 0 adds nothing, nor any rounding.
        is_out = upper == 0.0
        reduced[is_out] = magnitude[is_out] = 0.0
        return _Left(constant, reduced, size + float(magnitude.sum()))

    def slopes(self, z: Floats) -> Floats:
        """How L changes with the price of each row where `z` attains it."""
        amounts = np.bincount(self._row, weights=self._coefficients * z[self._columns], minlength=len(self.numbers))
        slopes: Floats = self.direction * (amounts - self.kept)
        return slopes

    def longest(self, most: int) -> Iterator[_PricedRow]:
        """The longest of them, the first first; none that is far shorter."""
        starts = np.cumsum(self.lengths) - self.lengths
        for place in np.argsort(-self.lengths, kind="stable")[:most].tolist():
            if self.lengths[place] < _MUCH_SHORTER * self.lengths.max():
                return
            own = slice(int(starts[place]), int(starts[place] + self.lengths[place]))
            yield _PricedRow(
                int(self.numbers[place]),
                float(self.direction[place]),
                float(self.kept[place]),
                self._columns[own],
                self._coefficients[own],
            )
