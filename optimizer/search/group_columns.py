"""What groups could do, as far as it is known, and how that goes together: the restricted master problem.

    min  sum over g, v of cost[v] chosen[v]
    (a)  row_lower <= sum over g, v of amounts[r, v] chosen[v] <= row_upper     for each row r that links groups
    (b)  sum over v of g of chosen[v] = 1                                         for each group g

A column v is what one group does altogether: a choice of its own columns that keeps the rows within the group. With
whole `chosen` the master's best is the best plan that can be put together from what is known; without, its row prices
say what links are worth (Dantzig and Wolfe 1960).
"""

from dataclasses import dataclass
from math import inf

import numpy as np

from optimizer.model.matrix import Floats, Matrix
from optimizer.search.groups import Groups
from optimizer.solvers import solve
from optimizer.solvers.answer import Limits

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Column:
    """What one group does: its own values, what they cost, and what they add to the rows that link groups."""

    values: Floats
    cost: float
    amounts: Floats


class GroupColumns:
    """The columns that are known of each group, each one once.

    Args:
        matrix: the whole problem.
        groups: its columns by group.
    """

    def __init__(self, matrix: Matrix, groups: Groups) -> None:
        self._matrix = matrix
        self._links = np.flatnonzero(groups.links)
        self._members = [np.flatnonzero(groups.of_column == group) for group in range(groups.count)]
        rows = matrix.row_of_entry
        is_link = groups.links[rows]
        self._row = (np.cumsum(groups.links) - 1)[rows[is_link]]
        self._index, self._value = matrix.index[is_link], matrix.value[is_link]
        self._known: list[dict[bytes, _Column]] = [{} for _ in self._members]

    @property
    def count(self) -> int:
        """How many are known."""
        return sum(map(len, self._known))

    def add(self, values: Floats) -> None:
        """Learns what each group does in a choice for the whole problem that keeps the rows within groups."""
        whole = np.where(self._matrix.is_integer, np.round(values), values)
        for group in range(len(self._members)):
            self.add_of(group, whole)

    def add_of(self, group: int, values: Floats) -> None:
        """Learns what one group does; the values of the others do not matter."""
        members, matrix = self._members[group], self._matrix
        own = np.zeros(matrix.width)
        own[members] = np.where(matrix.is_integer[members], np.round(values[members]), values[members])
        part = own[members]
        if part.tobytes() not in self._known[group]:
            amounts = np.bincount(self._row, weights=self._value * own[self._index], minlength=len(self._links))
            self._known[group][part.tobytes()] = _Column(part, float(matrix.cost @ own), amounts.astype(float))

    def cheapest(self, group: int, prices: Floats) -> Floats | None:
        """Values of the whole problem with what is best for a group at these prices; None where nothing is known."""
        known = self._known[group].values()
        if not known:
            return None
        priced = prices[self._links]
        best = min(known, key=lambda column: column.cost - float(priced @ column.amounts))
        values = np.zeros(self._matrix.width)
        values[self._members[group]] = best.values
        return values

    def estimate(self, prices: Floats) -> float:
        """What the groups cost at these prices as far as is known: the bound at these prices is no more than that."""
        priced = prices[self._links]
        total = 0.0
        for known in self._known:
            total += min((column.cost - float(priced @ column.amounts) for column in known.values()), default=inf)
        return total

    def promised(self, center: Floats, box: float) -> tuple[float, Floats] | None:
        """The most that prices no further than `box` from `center` promise by what is known, and these prices."""
        count = len(self._links)
        middle = center[self._links]
        # Within the master, what may be bought and sold at the ends of the box keeps prices within it.
        master = self._master((middle + box, box - middle))
        found = solve.linear_prices(master)
        if found is None:
            return None
        prices = np.zeros(len(center))
        prices[self._links] = found[1][:count]
        return found[0], prices

    def together(self, limits: Limits) -> tuple[Floats | None, float]:
        """The best values of the whole problem that can be put together within limits, and the work that took.

        Raises:
            SolverError: the solver crashed.
        """
        answer = solve.minimize(self._master(), limits)
        if answer.values is None:
            return None, answer.units
        values = np.zeros(self._matrix.width)
        for (group, column), chosen in zip(self._all(), answer.values.tolist(), strict=True):
            if chosen > _HALF:
                values[self._members[group]] = column.values
        return values, answer.units

    def _master(self, trade: tuple[Floats, Floats] | None = None) -> Matrix:
        """The problem above; with `trade`, what each linking row may be bought and sold at, its linear relaxation."""
        matrix, columns, count = self._matrix, self._all(), len(self._links)
        width = len(columns)
        amounts = np.array([column.amounts for _, column in columns]).reshape(width, count)
        places, entries = np.nonzero(amounts)
        groups = np.array([count + group for group, _ in columns], dtype=np.int64)
        row, index = np.concatenate([entries, groups]), np.concatenate([places, np.arange(width)])
        value = np.concatenate([amounts[places, entries], np.ones(width)])
        cost = np.array([column.cost for _, column in columns])
        if trade is not None:
            each = np.arange(count)
            row = np.concatenate([row, each, each])
            index = np.concatenate([index, width + each, width + count + each])
            value = np.concatenate([value, np.ones(count), -np.ones(count)])
            cost = np.concatenate([cost, *trade])
        order = np.lexsort((index, row))
        one_of, is_whole = np.ones(len(self._members)), trade is None
        return Matrix(
            offset=0.0,
            cost=cost,
            lower=np.zeros(len(cost)),
            upper=np.ones(len(cost)) if is_whole else np.full(len(cost), inf),
            is_integer=np.full(len(cost), is_whole),
            row_lower=np.concatenate([matrix.row_lower[self._links], one_of]),
            row_upper=np.concatenate([matrix.row_upper[self._links], one_of]),
            start=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count + len(one_of)))]).astype(np.int32),
            index=index[order].astype(np.int32),
            value=value[order],
        )

    def _all(self) -> list[tuple[int, _Column]]:
        return [(group, column) for group, known in enumerate(self._known) for column in known.values()]
