"""A PuLP problem as arrays, and the part of it that is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf

import numpy as np
import pulp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Matrix:
    """``minimize offset + cost z, row_lower <= A z <= row_upper, lower <= z <= upper``.

    Row r of A has the columns ``index[start[r]:start[r + 1]]`` and the coefficients at the same places of `value`.
    """

    offset: float
    cost: Floats
    lower: Floats
    upper: Floats
    is_integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.cost)

    @property
    def row_of_entry(self) -> NDArray[np.int64]:
        """The row of each entry of `value`."""
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.start))


class Arrays:
    """A PuLP problem whose rows only ever grow in number, as arrays: no row is converted twice.

    A thousandth of the time of PuLP's own way to HiGHS, which goes column by column.
    """

    def __init__(self, problem: pulp.LpProblem, variables: Sequence[pulp.LpVariable]) -> None:
        self._problem = problem
        self._variables = variables
        self._column = {variable: number for number, variable in enumerate(variables)}
        self._is_integer = np.array([variable.cat == pulp.LpInteger for variable in variables], dtype=bool)
        self._row_lower = self._row_upper = self._value = np.zeros(0)
        self._start = np.zeros(1, dtype=np.int32)
        self._index = np.zeros(0, dtype=np.int32)

    def matrix(self) -> Matrix:
        """The problem as it is now, columns in the order of `variables`."""
        self._convert(self._problem.constraints()[len(self._row_lower) :])
        variables = self._variables
        objective = self._problem.objective or {}
        return Matrix(
            offset=0.0,
            cost=np.array([objective.get(variable, 0.0) for variable in variables], dtype=float),
            lower=_bounds([variable.lowBound for variable in variables], -inf),
            upper=_bounds([variable.upBound for variable in variables], inf),
            is_integer=self._is_integer,
            row_lower=self._row_lower,
            row_upper=self._row_upper,
            start=self._start,
            index=self._index,
            value=self._value,
        )

    def _convert(self, constraints: Sequence[pulp.LpConstraint]) -> None:
        if not constraints:
            return
        column = self._column
        lengths = np.array([len(constraint) for constraint in constraints])
        index = np.array([column[v] for constraint in constraints for v in constraint], dtype=np.int32)
        value = np.array([a for constraint in constraints for a in constraint.values()], dtype=float)
        self._row_lower = np.append(self._row_lower, _bounds([c.getLb() for c in constraints], -inf))
        self._row_upper = np.append(self._row_upper, _bounds([c.getUb() for c in constraints], inf))
        self._start = np.append(self._start, self._start[-1] + np.cumsum(lengths)).astype(np.int32)
        self._index = np.append(self._index, index)
        self._value = np.append(self._value, value)


def _bounds(values: Sequence[float | None], none: float) -> Floats:
    return np.array([none if value is None else value for value in values], dtype=float)


def open_part(whole: Matrix) -> tuple[Matrix, NDArray[np.int64]]:
    """The problem without its fixed columns and without rows that the others cannot break; and which columns are left.

    For runs without presolve, which would solve every node over all columns; and the model that is handed over says how
    large the question is.
    """
    is_open = whole.lower < whole.upper
    kept_columns = np.flatnonzero(is_open)
    rows = whole.row_of_entry
    entry_is_open = is_open[whole.index]
    height = len(whole.row_lower)
    at_lower = whole.value * whole.lower[whole.index]
    at_upper = whole.value * whole.upper[whole.index]

    def sums(amounts: Floats) -> Floats:
        return np.bincount(rows, weights=amounts, minlength=height).astype(float)

    settled = sums(np.where(entry_is_open, 0.0, at_lower))
    row_lower, row_upper = whole.row_lower - settled, whole.row_upper - settled
    least = sums(np.where(entry_is_open, np.minimum(at_lower, at_upper), 0.0))
    most = sums(np.where(entry_is_open, np.maximum(at_lower, at_upper), 0.0))
    row_is_open = (least < row_lower) | (most > row_upper)
    kept = entry_is_open & row_is_open[rows]
    lengths = np.bincount(rows[kept], minlength=height)[row_is_open]
    new_number = np.cumsum(is_open) - 1
    part = Matrix(
        # Amounts of fixed columns may cancel: their sum is rounded once.
        offset=fsum([whole.offset, *(whole.cost * whole.lower)[~is_open].tolist()]),
        cost=whole.cost[kept_columns],
        lower=whole.lower[kept_columns],
        upper=whole.upper[kept_columns],
        is_integer=whole.is_integer[kept_columns],
        row_lower=row_lower[row_is_open],
        row_upper=row_upper[row_is_open],
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        index=new_number[whole.index[kept]].astype(np.int32),
        value=whole.value[kept],
    )
    return part, kept_columns
