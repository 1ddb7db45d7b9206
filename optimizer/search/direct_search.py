"""Best selections without a solver, where the rules are simple enough: one capacity, small blocks beside it, or one row
that decides because the objective is proportional to it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from math import inf

import numpy as np

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.problem import Model
from optimizer.model.rows import Bits, Candidates, Demand, Row, Sense, Terms
from optimizer.search.block_knapsack import best_of_blocks
from optimizer.search.clock import Clock
from optimizer.search.column_blocks import are_small_blocks, small_blocks_of
from optimizer.search.enumeration import Enumerated, are_far_apart, are_few, best_of_all
from optimizer.search.knapsack import Knapsack

_BLOCKS_ABOVE = 30
"""Up to so many binary columns a solver takes a millisecond or two, and less than blocks do."""
_FEW_WORTHS = 0.01
"""Where so few columns differ in what a unit of a row brings, the row's price decides about none of the others."""
_SAME_WORTH = 1e-9
"""Relative to the largest worth: what rounding adds to a quotient, and much more."""
_FEW_DEMANDS = 1_000
"""Up to so many are made into arrays anew where another one joins them."""
_EXACT_BELOW = 2.0**52
_DOUBT = 1e-12
"""Relative to the amounts of a row: far more than what adding them up may round off."""


class DirectSearch:
    """The same demands and the same model as a `Search` has, as they are when it is asked.

    `costs` of its methods are what each column of the model adds to what is wanted; larger is better.

    Args:
        candidates: the columns.
        model: its bounds say what is decided already.
        demands: what selections keep.
        implied: rows of the model that follow from others.
        forbidden: rows of the model that forbid single selections.
    """

    def __init__(
        self,
        candidates: Candidates,
        model: Model,
        demands: Sequence[Demand],
        implied: Collection[Row],
        forbidden: Sequence[Row],
    ) -> None:
        self._candidates, self._model = candidates, model
        self._demands, self._implied, self._forbidden = demands, implied, forbidden
        self._looked_at, self._far_apart = 0, False
        self._cleared, self._clear = 0, list[_ClearRows]()

    def keeps_demands(self, bits: Bits) -> bool:
        """Whether a selection keeps everything that was demanded, exactly."""
        new = self._demands[self._cleared :]
        if new:
            if len(self._demands) <= _FEW_DEMANDS:
                self._clear, new = [], self._demands
            self._clear.append(_ClearRows(new))
            self._cleared = len(self._demands)
        values = np.array(bits, dtype=float)
        for part in self._clear:
            doubtful = part.doubtful(values)
            if doubtful is None or any(demand.cut(bits) is not None for demand in doubtful):
                return False
        return True

    def rows(self) -> Iterator[Row]:
        """The rows of every demand, and those that tie synergies to their members; no cuts."""
        yield from (row for demand in self._demands for row in demand.rows())
        yield from self._candidates.links()

    def best_of_few(self, terms: Terms, sign: int, value_of: Callable[[Bits], float | Fraction]) -> Enumerated | None:
        """The selection with the largest (`sign` -1) or least (+1) value, where few columns are open, and numbers lie
        so far apart that a solver's verdict would rest on its tolerance; else None.
        """
        lower = [float(variable.lowBound) for variable in self._model.variables]
        upper = [float(variable.upBound) for variable in self._model.variables]
        if not are_few(self._candidates, lower, upper) or not (are_far_apart(terms) or self._is_far_apart()):
            return None
        return best_of_all(
            self._candidates,
            [*self.rows(), *self._forbidden],
            lower,
            upper,
            terms=terms,
            sign=sign,
            value_of=value_of,
            is_kept=self.keeps_demands,
        )

    def _is_far_apart(self) -> bool:
        """Whether numbers of a demand are; what was looked at before is not looked at again."""
        new = self._demands[self._looked_at :]
        self._looked_at = len(self._demands)
        self._far_apart = self._far_apart or any(are_far_apart(row.terms) for demand in new for row in demand.rows())
        return self._far_apart

    def best_of_knapsack(self, costs: Sequence[float], clock: Clock) -> tuple[int, ...] | None:
        """The selection with the largest sum of `costs`, where one capacity is all that decides, or all
        but rules that tie initiatives into small blocks.

        None where other rules do too, or where that takes more work than it is worth.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        variables = self._model.variables
        if len(variables) > self._candidates.width:
            return None
        if not self._candidates.synergies:
            lower, upper = [v.lowBound for v in variables], [v.upBound for v in variables]
            rows = [row for demand in self._demands for row in demand.rows()]
            problem = Knapsack.of(rows, costs, lower, upper)
            chosen = None if problem is None else problem.best()
            if problem is not None:
                return chosen if chosen is not None and self.keeps_demands(chosen) else None
        return self.best_of_blocks(costs, clock) if self._candidates.width > _BLOCKS_ABOVE else None

    def best_of_blocks(self, costs: Sequence[float], clock: Clock) -> tuple[int, ...] | None:
        """The same where, beside one capacity, rules tie open columns into small blocks only.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        variables = self._model.variables
        if len(variables) > self._candidates.width:
            return None
        rows = [row for row, _ in self._model.scaled_rows() if not self._implied or row not in self._implied]
        if self._model.is_impossible:
            return None
        lower, upper = [v.lowBound for v in variables], [v.upBound for v in variables]
        small = small_blocks_of(rows, lower, upper, clock.check)
        if small is None:
            return None
        groups, row = small
        amounts, room = np.zeros(len(variables)), inf
        if row is not None:
            if row.sense is not Sense.AT_MOST or min(row.terms.coefficients) < 0:
                return None
            amounts[np.array(row.terms.columns)] = row.terms.coefficients
            room = row.bound + exact.tolerance(row.bound)
        bits = best_of_blocks(groups, np.array(costs), amounts, room, np.array(lower, dtype=int))
        chosen = None if bits is None else tuple(bits.tolist())
        return chosen if chosen is not None and self.keeps_demands(chosen) else None

    def proportional_row(self, costs: Sequence[float], part: float) -> Row | None:
        """A row of at least that part of the columns to which `costs` are proportional, but for a few factors.

        Prices decide nothing then.
        """
        gains = np.array(costs)
        for demand in self._demands:
            if isinstance(demand, Row) and len(demand.terms.columns) >= part * self._candidates.width > 1:
                worths = np.sort(gains[np.array(demand.terms.columns)] / np.array(demand.terms.coefficients))
                others = np.count_nonzero(np.diff(worths) > _SAME_WORTH * np.abs(worths).max())
                if 2 * np.count_nonzero(worths) > len(worths) > others / _FEW_WORTHS:
                    return demand
        return None

    def best_by_one_row(self, costs: Sequence[float], row: Row) -> tuple[int, ...] | None:
        """The selection with the largest sum of `costs`, where it is the best that one capacity allows.

        Of many that are as good by that capacity, one that takes little of the others is tried. None where it does not
        keep every other demand: nothing is known then.
        """
        variables = self._model.variables
        if len(variables) > len(self._candidates.options):
            return None
        lower, upper = [v.lowBound for v in variables], [v.upBound for v in variables]
        rows = [other for demand in self._demands for other in demand.rows()]
        problem = Knapsack.of([row, *(other for other in rows if len(other.terms.columns) == 1)], costs, lower, upper)
        ranks, own = np.zeros(len(variables)), np.ones(len(variables))
        own[np.array(row.terms.columns)] = row.terms.coefficients
        for other in rows:
            if other is not row and other.sense is Sense.AT_MOST and other.bound > 0 and other.terms.columns:
                ranks[np.array(other.terms.columns)] += np.array(other.terms.coefficients) / other.bound
        chosen = None if problem is None else problem.best(ranks / np.maximum(own, exact.ABSOLUTE_AT_ZERO))
        return chosen if chosen is not None and self.keeps_demands(chosen) else None

    def has_small_blocks(self) -> bool:
        """Whether rules tie columns into small blocks only, but for a few long ones."""
        return are_small_blocks([row for row, _ in self._model.scaled_rows()], len(self._model.variables))


class _ClearRows:
    """Rows that a selection keeps, or breaks, by so much that no rounding matters; the others are to be asked."""

    def __init__(self, demands: Sequence[Demand]) -> None:
        self._rows = [demand for demand in demands if isinstance(demand, Row) and not demand.soft]
        self._others = [demand for demand in demands if not isinstance(demand, Row)]
        lengths = np.array([len(row.terms.columns) for row in self._rows], dtype=np.int64)
        self._row = np.repeat(np.arange(len(self._rows)), lengths)
        self._columns = np.fromiter(chain.from_iterable(row.terms.columns for row in self._rows), dtype=np.int64)
        amounts = np.fromiter(chain.from_iterable(row.terms.coefficients for row in self._rows), dtype=float)
        direction = np.array([row.direction for row in self._rows], dtype=float)
        self._amounts = direction[self._row] * amounts
        self._bounds = direction * np.array([row.bound for row in self._rows], dtype=float)
        doubt = np.array([2 * exact.tolerance(row.bound) for row in self._rows], dtype=float)
        sizes = self._sums(np.abs(self._amounts))
        doubt += _DOUBT * (np.abs(self._bounds) + sizes)
        # Sums of whole numbers are exact, and the tolerance is less than one.
        is_exact = np.array([row.is_whole for row in self._rows], dtype=bool) & (sizes < _EXACT_BELOW)
        self._doubt = np.where(is_exact, 0.0, doubt)

    def _sums(self, amounts: Floats) -> Floats:
        return np.bincount(self._row, weights=amounts, minlength=len(self._rows)).astype(float)

    def doubtful(self, values: Floats) -> list[Demand] | None:
        """The demands that have to be asked about a selection; None where one is broken for certain."""
        over = self._sums(self._amounts * values[self._columns]) - self._bounds
        if (over < -self._doubt).any():
            return None
        return [*self._others, *(self._rows[number] for number in np.flatnonzero(over < self._doubt).tolist())]
