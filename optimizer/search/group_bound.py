"""How good a plan can be at most, group by group: a Lagrangian bound whose parts are solved by branch and bound.

Rows that link groups (a prerequisite of another team, a capacity that all share) are priced, with prices y >= 0 for
``>=`` rows and <= 0 for ``<=`` rows:

    L(y) = y b + sum over groups g of  min { (c - y A) z : z in g keeps the rows within g }

For any such prices L(y) bounds what a plan within the rules costs (Geoffrion 1974), and so it does with what a solver
proves of each group instead of its best. Where teams have capacities of their own it is far closer than the linear
relaxation, which halves initiatives to fill every team.

Prices begin with those of the relaxation. Whatever a group was seen to do is a column
(`optimizer.search.group_columns`) and so a bound on what L can be anywhere. The next prices are the best by all columns
within a box around the best so far, which grows where they were better and shrinks where not (boxstep: Marsten, Hogan
and Blankenship 1975). What a group is seen to do need not be its best, so little work per group leads to good prices;
once these promise little more, more work per group proves the bound there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from optimizer.model.matrix import Floats, Matrix, open_part
from optimizer.portfolio import StopReason
from optimizer.search.group_columns import GroupColumns
from optimizer.search.groups import Groups
from optimizer.solvers.answer import ABSOLUTE_GAP, Answer

_BOX, _GROWTH, _SHRINKAGE = 0.1, 1.5, 0.7
"""How far prices may go at first, relative to the largest of the relaxation's."""
_ENLARGEMENT = 3.0
_LITTLE = 0.1
"""Prices that promise no more than this part of what is unproven are good enough to prove something there."""
_ROUNDING = 1e-12

Minimize = Callable[[Matrix, Floats | None], Answer]
"""Solves one group, from values to begin with where some are known."""


@dataclass(frozen=True)
class Round:
    """The bound at some prices, in the problem's own scale, and what the groups would do by themselves."""

    bound: float
    values: Floats


class GroupBound:
    """The bound as it gets closer, round by round.

    Args:
        matrix: the whole problem.
        groups: its columns by group.
        prices: of its rows, where to begin.

    Attributes:
        bound: the best so far.
        columns: what the groups were seen to do.
        is_over: whether no prices nearby promise much.
    """

    def __init__(self, matrix: Matrix, groups: Groups, prices: Floats) -> None:
        self._matrix = matrix
        self._groups = groups
        self._next = self._center = self._allowed(prices * groups.links)
        self._box = _BOX * float(np.abs(self._center).max(initial=0.0) or np.abs(matrix.cost).max(initial=1.0))
        self._proven: dict[int, float] = {}
        self.columns = GroupColumns(matrix, groups)
        self.bound = -inf
        self.is_over = False

    def next_round(self, target: float, minimize: Minimize) -> Round:
        """The bound at the next prices; `target` is what a known plan costs, `minimize` solves one group."""
        prices = self._next
        reached, proven = self._at(prices, minimize)
        self.bound = max(self.bound, reached.bound)
        is_better = self._estimate(prices) > self._estimate(self._center)
        if is_better or prices is self._center:
            self._center, self._proven = prices, proven
        if prices is not self._center or is_better:
            self._box *= _GROWTH if is_better else _SHRINKAGE
        least = self._estimate(self._center) + _LITTLE * max(0.0, target - self.bound)
        self.is_over = not self._looks_beyond(least)
        return reached

    def _looks_beyond(self, least: float) -> bool:
        """Sets the next prices; whether they promise more than `least`, in a larger box where need be."""
        most = max(self._box, float(np.abs(self._center).max(initial=0.0)))
        while True:
            promised = self.columns.promised(self._center, self._box)
            if promised is None:
                return False
            self._next = self._allowed(promised[1])
            if promised[0] > least or self._box >= most:
                return promised[0] > least
            self._box = min(most, _ENLARGEMENT * self._box)

    @property
    def unproven(self) -> float:
        """The share of groups of which it is not proven what they cost at the best prices."""
        return 1 - len(self._proven) / self._groups.count

    @property
    def entries(self) -> int:
        """How many coefficients the rows within groups have: what a round costs goes with them."""
        return int((self._groups.of_row[self._matrix.row_of_entry] >= 0).sum())

    def begin_again(self) -> None:
        """The next round is at the best prices so far, for a solver that is more thorough."""
        self._next, self.is_over = self._center, False

    def _estimate(self, prices: Floats) -> float:
        """What the bound at these prices can be at most, by what the groups were seen to do."""
        return float(self._sides(prices).sum()) + self.columns.estimate(prices)

    def _at(self, prices: Floats, minimize: Minimize) -> tuple[Round, dict[int, float]]:
        """The bound at these prices, and the groups that are proven there with what they cost."""
        matrix, groups = self._matrix, self._groups
        cost = matrix.cost - np.bincount(
            matrix.index, weights=matrix.value * prices[matrix.row_of_entry], minlength=matrix.width
        )
        sides = self._sides(prices)
        bound = float(sides.sum()) - _ROUNDING * float(np.abs(sides).sum() + np.abs(cost).sum())
        known = self._proven if prices is self._center else {}
        proven: dict[int, float] = {}
        values = matrix.lower.copy()
        for group in range(groups.count):
            if group in known:
                proven[group] = known[group]
                bound += known[group]
            else:
                least, is_proven = self._solve(group, cost, prices, minimize)
                bound += least
                if is_proven:
                    proven[group] = least
            best = self.columns.cheapest(group, prices)
            if best is not None:
                is_own = groups.of_column == group
                values[is_own] = best[is_own]
        return Round(bound, values), proven

    def _solve(self, group: int, cost: Floats, prices: Floats, minimize: Minimize) -> tuple[float, bool]:
        """What a group costs at least, and whether that is proven to be what it costs; what it does becomes known."""
        part, columns = open_part(self._part(group, cost))
        if not part.width:
            self.columns.add_of(group, self._matrix.lower)
            return part.offset, True
        start = self.columns.cheapest(group, prices)
        answer = minimize(part, None if start is None else start[columns])
        if answer.values is not None:
            values = self._matrix.lower.copy()
            values[columns] = answer.values
            self.columns.add_of(group, values)
        least = -inf if answer.bound is None else answer.bound - ABSOLUTE_GAP
        return least, answer.reason is StopReason.OPTIMAL

    def _part(self, group: int, cost: Floats) -> Matrix:
        """The columns of a group under the rows within it; all others are 0."""
        matrix, groups = self._matrix, self._groups
        is_own, keeps = groups.of_column == group, groups.of_row == group
        return replace(
            matrix,
            cost=np.where(is_own, cost, 0.0),
            lower=np.where(is_own, matrix.lower, 0.0),
            upper=np.where(is_own, matrix.upper, 0.0),
            row_lower=np.where(keeps, matrix.row_lower, -np.inf),
            row_upper=np.where(keeps, matrix.row_upper, np.inf),
        )

    def _sides(self, prices: Floats) -> Floats:
        """What each price counts for: with the side of the row that it is a price of."""
        sides = np.where(prices > 0, self._matrix.row_lower, self._matrix.row_upper)
        return prices * np.where(prices == 0, 0.0, sides)

    def _allowed(self, prices: Floats) -> Floats:
        """Prices without those of a side that a row does not have."""
        has_side = np.isfinite(np.where(prices > 0, self._matrix.row_lower, self._matrix.row_upper))
        return np.where(has_side, prices, 0.0)
