"""The best selection by looking at all that are near a bound: what prices leave open is often very little.

With a price p[r] >= 0 on every row d[r] a[r] x >= d[r] b[r], and what a column is then worth,

    w[j] = c[j] + sum over rows of p[r] d[r] a[r, j]
    L = sum over j of max(w[j] x[j]) - sum over rows of p[r] d[r] b[r]

a selection that deviates from the best x[j] in the columns D reaches at most ``L - sum over D of |w[j]|``. So every
selection whose value is above L - d is among those with losses of d at most. They are listed, the largest loss first
(`optimizer.search.listing`). The best one found is the best of all where its value is above L - d; else d was too
small, and is made larger until that is so, or there are too many.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Bits, Candidates, Row
from optimizer.search.column_blocks import ROUNDING
from optimizer.search.listing import deviations_within, rows_as_arrays

_DEPTHS = (8, 12, 16, 20, 26, 34, 44)
"""Numbers of open columns, one after the other."""
_MOST_ENTRIES = 200_000
"""States at once times rows: some milliseconds."""
_TRIES = 50


@dataclass(frozen=True, slots=True)
class PricedColumns:
    """L, and by column its cost, the best value, and the loss at the other one, infinite where there is no other.

    `rounding` is what L and sums of losses may be wrong by, which the amounts that cancel in them decide.
    """

    value: float
    rounding: float
    costs: Floats
    best: Floats
    losses: Floats


def priced_columns(
    rows: Sequence[Row], prices: Sequence[float], costs: Sequence[float], lower: Sequence[float], upper: Sequence[float]
) -> PricedColumns:
    """The bound at some prices of rows, over columns with these costs (larger is better) and bounds 0 and 1."""
    given, value = np.array(costs, dtype=float), 0.0
    reduced, size = given.copy(), float(np.abs(given).sum())
    for row, price in zip(rows, prices, strict=True):
        if price and not row.soft:
            amounts = price * row.direction * np.array(row.terms.coefficients)
            reduced[list(row.terms.columns)] += amounts
            value += price * (exact.tolerance(row.bound) - row.direction * row.bound)
            size += price * abs(row.bound) + float(np.abs(amounts).sum())
    least, most = np.array(lower, dtype=float), np.array(upper, dtype=float)
    best = np.where(reduced > 0, most, least)
    losses = np.where(least < most, np.abs(reduced), np.inf)
    return PricedColumns(value + float(reduced @ best), ROUNDING * size, given, best, losses)


@dataclass(frozen=True, slots=True)
class Nearest:
    """What looking near the bound came to: the best selection, or (None) that there is none above the value asked."""

    bits: tuple[int, ...] | None


def best_near_bound(
    candidates: Candidates,
    rows: Sequence[Row],
    bound: PricedColumns,
    *,
    above: float | None,
    value_of: Callable[[Bits], float],
    is_kept: Callable[[Bits], bool],
) -> Nearest | None:
    """The best selection whose value is at least `above` (None: any); None where there is too much to look at.

    Args:
        candidates: the columns.
        rows: what selections keep; soft rows forbid nothing.
        bound: prices on them.
        above: selections of less value do not count.
        value_of: the exact value of a selection, larger is better.
        is_kept: whether a selection keeps everything, exactly.
    """
    search = _Listing(candidates, [row for row in rows if not row.soft], bound)
    rounding = bound.rounding
    most = np.inf if above is None else bound.value - above + rounding
    if most < 0:
        return Nearest(None)
    for depth in _DEPTHS:
        reach, is_all = search.reach(depth)
        reach = min(reach, most)
        found = search.within(reach)
        if found is None:
            return None
        best = next((bits for bits in found if is_kept(bits)), None)
        if best is None and len(found) == _TRIES:
            return None
        value = -np.inf if best is None else value_of(best)
        if value > bound.value - reach + rounding:
            return Nearest(best)
        if is_all or reach == most:
            return Nearest(best if above is None or value >= above - rounding else None)
    return None


class _Listing:
    def __init__(self, candidates: Candidates, rows: Sequence[Row], bound: PricedColumns) -> None:
        self.candidates = candidates
        self.best, self.losses = bound.best, bound.losses
        order = np.argsort(self.losses, kind="stable")
        self.order = order[np.isfinite(self.losses[order])]
        amounts, room = rows_as_arrays(rows, candidates.width)
        self.slack = room + amounts @ self.best
        turns = 1.0 - 2.0 * self.best
        self.changes = amounts * turns
        self.gains = bound.costs * turns

    def reach(self, depth: int) -> tuple[float, bool]:
        """The losses up to which so many columns are open, and whether those are all."""
        if depth >= len(self.order):
            return np.inf, True
        return float(self.losses[self.order[depth]]), False

    def within(self, reach: float) -> list[tuple[int, ...]] | None:
        """The best few of the selections with losses up to `reach`, the best first; None: too many to look at."""
        columns = self.order[self.losses[self.order] <= reach][::-1]
        changes = self.changes[:, columns]
        counted = np.flatnonzero(np.abs(changes).any(axis=1) | (self.slack < 0))
        # What is gained is a row that nothing can break, so that it is added up along the way.
        gains = self.gains[columns]
        unbroken = 1.0 + float(np.abs(gains).sum())
        found = deviations_within(
            reach,
            self.losses[columns],
            np.concatenate([changes[counted], gains[None, :]]),
            np.append(self.slack[counted], unbroken),
            _MOST_ENTRIES // max(1, len(counted)),
        )
        if found is None:
            return None
        best = []
        for number in np.argsort(-found.slack[-1], kind="stable")[:_TRIES].tolist():
            values = self.best.copy()
            turned = columns[found.columns(number)]
            values[turned] = 1.0 - values[turned]
            best.append(tuple(self.candidates.bits(values.tolist())))
        return best
