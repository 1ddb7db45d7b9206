"""Every selection near a bound, where what prices leave open is little enough to look at all of it.

Of the columns that are still open some are turned from the best at the prices of the relaxation over them, and what
they lose adds up (`optimizer.search.meeting`). A solver needs thousands of nodes for what lies between a bound and the
best selection, because halves of columns fill each capacity; few selections fill all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Floats, Matrix, open_part
from optimizer.model.rows import Bits, Terms
from optimizer.portfolio import StopReason
from optimizer.search.column_blocks import ROUNDING
from optimizer.search.deviations import Nearest
from optimizer.search.exact_search import Search
from optimizer.search.meeting import Turned, turned_within
from optimizer.solvers import solve

MOST_COLUMNS, _MOST_ROWS = 400, 200
"""With more open ones there are too many selections, and looking for that costs more than it is worth."""
MOST_ENTRIES, _PAIRS = 3_000_000, 2
"""Sets of turned columns of one half times rows, which take half a second; and pairs of sets, as a multiple of that."""

Held = tuple[NDArray[np.bool_], NDArray[np.int64]]
"""Which binary columns are held, and every column's value then."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The open part of a problem, larger being better: ``max costs * x`` with ``amounts * x >= least``."""

    costs: Floats
    amounts: Floats
    least: Floats
    prices: Floats


class Nearby:
    """The selections under the rows of a search, by the value of `terms`; larger (`sign` -1) or less (+1) is better.

    What the model has fixed stays so; rows that it gets later are not seen. Values count upward, in native units.
    """

    def __init__(self, search: Search, terms: Terms, sign: int = -1) -> None:
        search.model.minimize(terms, sign)
        self._search = search
        self._whole = search.model.arrays.matrix()
        self._scale = search.model.cost_scale

    def best(
        self,
        least: float,
        value_of: Callable[[Bits], float],
        held: Held | None = None,
        most_entries: int = MOST_ENTRIES,
    ) -> Nearest | None:
        """The best of those whose value is at least `least`, if there is one; None: too much to look at."""
        found = self._found(least, held, most_entries)
        if found is None:
            return None
        best, within = None, inf
        for turned, bits in self._kept(found):
            if turned.loss > within:
                break
            if best is None:
                # Of what rounding alone tells apart the exact values decide.
                within = turned.loss + 2 * found.rounding
            if best is None or value_of(bits) > value_of(best):
                best = bits
        return Nearest(best)

    def above(self, least: float, most_entries: int) -> Iterator[tuple[int, ...]] | None:
        """All whose value is at least `least`, the best first; None: too much to look at.

        A little below `least` others may come too.
        """
        found = self._found(least, None, most_entries)
        return None if found is None else (bits for _, bits in self._kept(found))

    def _found(self, least: float, held: Held | None, most_entries: int) -> "_Near | None":
        whole = self._whole
        if not whole.is_integer.all():
            return None
        if held is not None:
            is_held, values = held
            lower, upper = (np.where(is_held, values, bounds) for bounds in (whole.lower, whole.upper))
            whole = replace(whole, lower=lower, upper=upper)
        part, columns = open_part(whole)
        return _near(part, columns, whole.lower, self._scale * least, most_entries)

    def _kept(self, found: "_Near") -> Iterator[tuple[Turned, tuple[int, ...]]]:
        """Those that keep every demand, exactly."""
        for turned in found.turned:
            own = found.best.copy()
            own[list(turned.columns)] = 1.0 - own[list(turned.columns)]
            values = found.base.copy()
            values[found.columns] = own
            bits = tuple(self._search.candidates.bits(values.tolist()))
            if self._search.keeps_demands(bits):
                yield turned, bits


@dataclass(frozen=True, slots=True)
class _Near:
    """Sets of the open `columns` to be turned from the best, the best first; `base` has the values of all columns.

    `rounding` is what a loss may be wrong by.
    """

    base: Floats
    columns: NDArray[np.int64]
    best: Floats
    turned: list[Turned]
    rounding: float = 0.0


def _near(part: Matrix, columns: NDArray[np.int64], base: Floats, least: float, most: int) -> _Near | None:
    none = _Near(base, columns, np.zeros(part.width), [])
    if part.width > MOST_COLUMNS or len(part.row_lower) > _MOST_ROWS:
        return None
    if not part.width:
        # Rows that are left are broken whatever comes.
        is_good = not len(part.row_lower) and -part.offset >= least
        return replace(none, turned=[Turned((), 0.0)]) if is_good else none
    relaxed = solve.linear_answer(part)
    if relaxed is not None and relaxed.reason is StopReason.INFEASIBLE:
        return none
    if relaxed is None or relaxed.reason is not StopReason.OPTIMAL or relaxed.prices is None:
        return None
    own = _open(part, relaxed.prices)
    worths = own.costs + own.prices @ own.amounts
    best = (worths > 0).astype(float)
    sizes = np.abs(own.costs) + own.prices @ np.abs(own.amounts)
    rounding = ROUNDING * (abs(part.offset) + float(sizes.sum()) + float(own.prices @ np.abs(own.least)))
    reach = float(worths @ best) - float(own.prices @ own.least) - part.offset - least + rounding
    if reach < 0:
        return none
    losses = np.abs(worths)
    near = np.flatnonzero(losses <= reach)
    slack = own.amounts @ best - own.least + ROUNDING * (np.abs(own.amounts).sum(axis=1) + np.abs(own.least))
    changes = (own.amounts * (1.0 - 2.0 * best))[:, near]
    # What no set breaks, and what no set pays for, need not be added up.
    counts = (slack + np.minimum(changes, 0.0).sum(axis=1) < 0) | (own.prices > 0)
    turned = turned_within(
        reach,
        losses[near],
        changes[counts],
        slack[counts],
        own.prices[counts],
        most_entries=most,
        most_pairs=_PAIRS * most,
    )
    if turned is None:
        return None
    sets = [Turned(tuple(near[list(found.columns)].tolist()), found.loss) for found in turned]
    return _Near(base, columns, best, sets, rounding)


def _open(part: Matrix, prices: Floats) -> _Open:
    amounts = np.zeros((len(part.row_lower), part.width))
    amounts[part.row_of_entry, part.index] = part.value
    is_least, is_most = np.isfinite(part.row_lower), np.isfinite(part.row_upper)
    return _Open(
        -part.cost,
        np.concatenate([amounts[is_least], -amounts[is_most]]),
        np.concatenate([part.row_lower[is_least], -part.row_upper[is_most]]),
        np.concatenate([np.maximum(0.0, prices[is_least]), np.maximum(0.0, -prices[is_most])]),
    )
