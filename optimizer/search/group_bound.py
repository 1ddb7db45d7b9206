"""How good a plan can be at most, group by group: a Lagrangian bound whose parts are solved by branch and bound.

Rows that link groups (a prerequisite of another team, a capacity that all share) are priced, with prices y >= 0 for
``>=`` rows and <= 0 for ``<=`` rows:

    L(y) = y b + sum over groups g of  min { (c - y A) z : z in g keeps the rows within g }

For any such prices L(y) bounds what a plan within the rules costs (Geoffrion 1974), and so it does with what a solver
proves of each group instead of its best. Where teams have capacities of their own it is far closer than the linear
relaxation, which halves initiatives to fill every team. Prices come from the relaxation, and go on by subgradients
with Polyak's step towards a plan that is known (Held, Wolfe and Crowder 1974).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from optimizer.model.matrix import Floats, Matrix, open_part
from optimizer.search.groups import Groups
from optimizer.solvers.answer import ABSOLUTE_GAP, Answer

_STEP, _LEAST_STEP = 1.0, 0.02
_NOTHING = 1e-7
_ROUNDING = 1e-12

Minimize = Callable[[Matrix], Answer]


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
    """

    def __init__(self, matrix: Matrix, groups: Groups, prices: Floats) -> None:
        self._matrix = matrix
        self._groups = groups
        self._prices = self._best_prices = self._allowed(prices * groups.links)
        self._step = _STEP
        self.bound = -np.inf
        self.is_over = False

    def next_round(self, target: float, minimize: Minimize) -> Round:
        """The bound at the next prices; `target` is what a known plan costs, `minimize` solves one group."""
        reached = self._at(self._prices, minimize)
        if reached.bound > self.bound:
            self.bound, self._best_prices = reached.bound, self._prices
        else:
            self._step /= 2
        lack = self._lack(self._prices, reached.values)
        size = float((lack**2).sum())
        self.is_over = not isfinite(reached.bound) or not size or self._step < _LEAST_STEP
        if not self.is_over:
            distance = self._step * max(0.0, target - reached.bound)
            self._prices = self._allowed(self._best_prices + distance / size * lack)
        return reached

    def begin_again(self) -> None:
        """Goes on from the best prices, with larger steps, where a solver is more thorough from now on."""
        self._prices, self._step, self.is_over = self._best_prices, _STEP, False

    def _at(self, prices: Floats, minimize: Minimize) -> Round:
        matrix, groups = self._matrix, self._groups
        cost = matrix.cost - np.bincount(
            matrix.index, weights=matrix.value * prices[matrix.row_of_entry], minlength=matrix.width
        )
        sides = self._sides(prices)
        bound = float(sides.sum()) - _ROUNDING * float(np.abs(sides).sum() + np.abs(cost).sum())
        values = matrix.lower.copy()
        for group in range(groups.count):
            part, columns = open_part(self._part(group, cost))
            if not part.width:
                bound += part.offset
                continue
            answer = minimize(part)
            bound += -np.inf if answer.bound is None else answer.bound - ABSOLUTE_GAP
            if answer.values is not None:
                values[columns] = answer.values
        return Round(bound, values)

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

    def _lack(self, prices: Floats, values: Floats) -> Floats:
        """By how much each linking row is broken, or kept with room to spare (where it has a price)."""
        matrix = self._matrix
        amounts = np.bincount(
            matrix.row_of_entry, weights=matrix.value * values[matrix.index], minlength=len(matrix.row_lower)
        )
        below = np.isfinite(matrix.row_lower)
        lack = np.where(below, matrix.row_lower, matrix.row_upper) - amounts
        lack = np.where(self._groups.links, lack, 0.0)
        is_kept = np.where(below, lack <= _NOTHING, lack >= -_NOTHING)
        return np.where(is_kept & (prices == 0), 0.0, lack)
