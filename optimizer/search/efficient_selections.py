"""Efficient selections for two aims: none is at least as good in both and better in one.

Both aims are counted in whole steps f[j] and g[j] of each column, larger is better. Known selections, F[1] > F[2] > ...
with G[1] < G[2] < ..., leave corners open: what is not known yet and matters has ``f >= F[k + 1] + 1`` and
``g >= G[k] + 1`` for some k. For a band of g, ``lo <= g < hi``, with prices on all rows and a price q on g, taken from
the linear relaxation of ``max f`` under ``g >= (lo + hi) / 2``:

    w[j] = f[j] + q g[j] + sum over rows of p[r] d[r] a[r, j]
    L = sum over j of max(w[j] x[j]) - sum over rows of p[r] d[r] b[r]

a selection that deviates from the best x[j] in the columns D has ``f + q g <= L - sum over D of |w[j]|``. So all that
reach a corner of the band are among those that lose no more than ``L - (least f + q g of its open corners)``. They are
listed (`optimizer.search.listing`); those that lose little come first, because what they find moves the corners up.

That is the two-phase method (Ulungu and Teghem 1995; for knapsacks Visee et al. 1998) with lists in place of a search
for each corner. Nothing rests on a solver: any prices give a bound. With one or two capacities there is little to list;
where rules leave too much of it, `settle` says so, and a solver has to say what the best is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.rows import Bits, Terms
from optimizer.search.deviations import PricedColumns, priced_columns
from optimizer.search.exact_search import Search
from optimizer.search.listing import Deviations, deviations_within, rows_as_arrays
from optimizer.solvers import solve

MOST_ENTRIES = 1_500_000
"""Selections at once times rows and aims: some 20 MB, and a tenth of a second."""
_MOST_STEPS = 1e8
"""Below 1e9 steps of all columns together the relative tolerance of 1e-9 is less than one."""
_MOST_CELLS = 1_000_000
_FIRST, _MORE = 10, 1.25
"""So many columns are open at first, and so many times as many after that."""
_STEP_NOISE = 1e-6
_LARGEST_COST = 2.0**10
"""Costs of the relaxation are scaled to this: its prices are a start, their accuracy decides nothing."""


class EfficientSelections:
    """What is known so far, and a way to know all of it, band by band.

    Args:
        search: whose demands are kept; binary columns only.
        first, second: the aims, larger is better.
        steps: what the coefficients of each aim are multiples of.
    """

    def __init__(self, search: Search, first: Terms, second: Terms, steps: tuple[float, float]) -> None:
        self._search = search
        width = search.candidates.width
        self._aims = np.zeros((2, width))
        for own, terms, step in zip(self._aims, (first, second), steps, strict=True):
            own[list(terms.columns)] = np.round(np.array(terms.coefficients) / step)
        self._known: dict[tuple[int, int], Bits] = {}
        variables = search.model.variables
        self._lower = [float(variable.lowBound) for variable in variables]
        self._upper = [float(variable.upBound) for variable in variables]
        rows = [row for row in search.rows() if not row.soft]
        self._amounts, self._room = rows_as_arrays(rows, width)
        self._relaxed, self._cost_scale, self._scales = self._relaxation()

    @staticmethod
    def can_list(search: Search, aims: Sequence[tuple[Terms, float]]) -> bool:
        """Whether columns and rows are of a kind that can be listed: binary, not too many, and aims in whole steps."""
        width = search.candidates.width
        if search.model.is_impossible or not 0 < width == len(search.model.variables):
            return False
        if width * sum(1 for _ in search.rows()) > _MOST_CELLS:
            return False
        for terms, step in aims:
            counts = np.array(terms.coefficients) / step
            if np.abs(counts).sum() > _MOST_STEPS or (np.abs(counts - np.round(counts)) > _STEP_NOISE).any():
                return False
        return True

    @property
    def known(self) -> dict[tuple[int, int], Bits]:
        """The efficient ones of what is known, by their totals in steps, the best of the first aim first."""
        return self._known

    def totals(self, bits: Bits) -> tuple[int, int]:
        """What a selection brings of both aims, in steps."""
        first, second = self._aims @ np.array(bits, dtype=float)
        return int(first), int(second)

    def learn(self, bits: Bits) -> None:
        """Adds a selection that keeps every demand."""
        self._merge([(self.totals(bits), tuple(bits))])

    def best_of(self, second: int) -> tuple[int, int] | None:
        """The totals of the known one that is best by the first aim with so much of the second."""
        return next((own for own in self._known if own[1] >= second), None)

    def bound(self, second: int) -> float:
        """More of the first aim, in steps, no selection has with so much of the second."""
        priced, price = self._priced(second)
        return priced.value + priced.rounding - price * second

    def settle(self, lo: int, hi: int, check: Callable[[], None], most_entries: int = MOST_ENTRIES) -> bool:
        """Whether all efficient selections with ``lo <= second < hi`` are known afterwards.

        Some selection with `lo` at least of the second has to be known, and no selection to have `hi` or more where
        none that is known has. What is found is kept in either case. `check` may end it by an exception;
        with more entries than `most_entries` there are too many at once.
        """
        priced, price = self._priced((lo + hi - 1) / 2)
        losses = np.sort(priced.losses[np.isfinite(priced.losses)])
        done, depth = -inf, _FIRST
        while True:
            check()
            corners = self._corners(lo, hi)
            least = min(first + price * second for first, second in corners)
            needed = priced.value - least + 2 * priced.rounding
            if needed <= max(0.0, done):
                return True
            reach = needed if depth >= len(losses) else min(needed, float(losses[depth]))
            if not self._list(priced, reach, min(first for first, _ in corners), lo, most_entries):
                return False
            done, depth = reach, int(_MORE * depth) + 1

    def _corners(self, lo: int, hi: int) -> list[tuple[int, int]]:
        """What a selection has at least of both aims in each corner of a band."""
        corners, second = [], lo
        for own in self._known:
            if own[1] >= second:
                corners.append((own[0] + 1, second))
                second = own[1] + 1
                if second >= hi:
                    break
        return corners

    def _list(self, priced: PricedColumns, reach: float, first: int, second: int, most_entries: int) -> bool:
        """Adds all selections with losses of `reach` at most and so much of both aims; False: too many to look at."""
        order = np.argsort(-priced.losses, kind="stable")
        columns = order[priced.losses[order] <= reach]
        turns = 1.0 - 2.0 * priced.best[columns]
        changes = self._amounts[:, columns] * turns
        slack = self._amounts @ priced.best + self._room
        # Rows that nothing can break say nothing.
        is_open = slack + np.minimum(changes, 0.0).sum(axis=1) < 0
        own = self._aims @ priced.best - (first, second)
        found = deviations_within(
            reach,
            priced.losses[columns],
            np.concatenate([changes[is_open], self._aims[:, columns] * turns]),
            np.concatenate([slack[is_open], own]),
            most_entries // (2 + int(is_open.sum())),
        )
        if found is None:
            return False
        self._add(found, columns, priced.best, found.slack[-2:] + np.array([[first], [second]]))
        return True

    def _add(self, found: Deviations, columns: NDArray[np.int64], best: Floats, totals: Floats) -> None:
        """Keeps what is efficient of some selections, after an exact look."""
        numbers = np.arange(len(found))
        while len(numbers):
            numbers = numbers[self._is_new(totals[:, numbers])]
            numbers = numbers[np.lexsort((-totals[1, numbers], -totals[0, numbers]))]
            seconds = totals[1, numbers]
            is_best = seconds > np.concatenate([[-inf], np.maximum.accumulate(seconds)[:-1]])[: len(seconds)]
            new = []
            for number in numbers[is_best].tolist():
                values = best.copy()
                turned = columns[found.columns(number)]
                values[turned] = 1.0 - values[turned]
                bits = tuple(self._search.candidates.bits(values.tolist()))
                if self._search.keeps_demands(bits):
                    new.append((self.totals(bits), bits))
            self._merge(new)
            # What only a refused one was better than is looked at in turn.
            numbers = numbers[~is_best]

    def _is_new(self, totals: Floats) -> NDArray[np.bool_]:
        """Which totals no known selection has as much of in both aims."""
        if not self._known:
            return np.ones(totals.shape[1], dtype=bool)
        known = np.array(list(self._known), dtype=float)
        place = np.searchsorted(known[:, 1], totals[1])
        firsts = np.append(known[:, 0], -inf)
        is_new: NDArray[np.bool_] = totals[0] > firsts[place]
        return is_new

    def _merge(self, new: Sequence[tuple[tuple[int, int], Bits]]) -> None:
        """Keeps the efficient ones of what is known and what is new; of equals what is known."""
        if not new:
            return
        every = {**dict(new), **self._known}
        known, most = dict[tuple[int, int], Bits](), -inf
        for own in sorted(every, key=lambda totals: (-totals[0], -totals[1])):
            if own[1] > most:
                known[own], most = every[own], own[1]
        self._known = known

    def _priced(self, second: float) -> tuple[PricedColumns, float]:
        """Prices for selections with about so much of the second aim, and its own price."""
        relaxed = self._relaxed
        scale = self._scales[-1]
        row_lower = relaxed.row_lower.copy()
        row_lower[-1] = second / scale
        priced = solve.linear_prices(replace(relaxed, row_lower=row_lower))
        prices = (
            np.zeros(len(self._scales)) if priced is None else np.abs(priced[1]) / (self._scales * self._cost_scale)
        )
        price = float(prices[-1])
        rows = [row for row, _ in self._search.model.scaled_rows()]
        costs = self._aims[0] + price * self._aims[1]
        return priced_columns(rows, prices[:-1].tolist(), costs.tolist(), self._lower, self._upper), price

    def _relaxation(self) -> tuple[Matrix, float, Floats]:
        """``max first`` with a row more, a floor on the second; the scale of its costs, and those of its rows."""
        own = self._search.model.arrays.matrix()
        first, second = self._aims
        cost_scale = _LARGEST_COST / exact.power_of_two_near(float(np.abs(first).max()))
        scale = exact.power_of_two_near(float(np.abs(second).max())) / _LARGEST_COST
        columns = np.flatnonzero(second)
        matrix = replace(
            own,
            cost=-cost_scale * first,
            row_lower=np.append(own.row_lower, 0.0),
            row_upper=np.append(own.row_upper, inf),
            start=np.append(own.start, own.start[-1] + len(columns)).astype(np.int32),
            index=np.append(own.index, columns).astype(np.int32),
            value=np.append(own.value, second[columns] / scale),
        )
        scales = [scale for _, scale in self._search.model.scaled_rows()]
        return matrix, cost_scale, np.array([*scales, scale])
