"""Rows whose numbers differ much in size, said with numbers that do not, for the same selections.

A row over columns z in {0, 1} is ``sum of c_j z_j >= B`` with every c_j > 0, once z_j = 1 - x_j stands for a column x_j
that hurts the row. Then

    (a) z_j = 1 wherever the others together stay below B          such as work that costs more than the capacity
    (b) c_j > B counts no more than B                              such as a contribution far above its goal

so that neither an amount that can never be had nor one that more than suffices hides the small ones from a solver,
which sees no difference below some 1e-9 of the largest coefficient of a row (coefficient tightening; Crowder, Johnson
and Padberg 1983). A continuous column, such as a shortfall, counts with all that it can bring; it is left as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import fsum, inf

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Row, Sense, Terms

_WIDE = 1e6
"""Rows with coefficients this many times as large as others are worth it: HiGHS itself tightens the others."""
_ROUNDING = 1e-12
"""Relative to the amounts that are added up: far above what their sums round off, far below any tolerance."""


def tightened(row: Row, upper: Sequence[float], binaries: int) -> Iterator[Row]:
    """The rows that say the same of selections; the row itself unless its numbers differ much in size.

    `upper` has the upper bounds of all columns; those from number `binaries` on are continuous.
    """
    if not _is_wide(row.terms.coefficients):
        yield row
        return
    columns = np.array(row.terms.columns)
    # A row that is kept within the tolerance is kept.
    loosened = row.bound if row.soft else row.bound - row.direction * exact.tolerance(row.bound)
    helps, bound = row.direction * np.array(row.terms.coefficients, dtype=float), row.direction * loosened
    most = np.array([upper[column] for column in columns]) * np.maximum(helps, 0.0)
    is_open, is_binary = helps != 0.0, columns < binaries
    while True:
        best = fsum(most[is_open])
        # Without this one the others do not reach the bound: it must not hurt, or it must help.
        without = best - np.abs(helps)
        room = _ROUNDING * (best + np.abs(helps) + abs(bound))
        forced = is_open & is_binary & (helps < 0) & (without < bound - room)
        if not forced.any():
            break
        is_open &= ~forced
    for column in columns[(helps != 0.0) & ~is_open].tolist():
        yield Row(Terms((column,), (1.0,)), Sense.AT_MOST, 0.0, row.rule)
    if is_open.any():
        yield from _clipped(row, columns[is_open], helps[is_open], bound, is_binary[is_open])


def _is_wide(coefficients: Sequence[float]) -> bool:
    # Most rows link a few columns, and there may be thousands of them: arrays would take longer.
    sizes = [abs(coefficient) for coefficient in coefficients if coefficient]
    return bool(sizes) and _WIDE * min(sizes) < max(sizes) < inf


def _clipped(
    row: Row, columns: NDArray[np.int64], helps: Floats, bound: float, is_binary: NDArray[np.bool_]
) -> Iterator[Row]:
    """(b) of the module's docstring, for ``helps * x >= bound``."""
    hurts = np.minimum(helps, 0.0)
    enough = fsum([bound, *(-hurts)])
    if enough <= 0.0:
        return
    enough += _ROUNDING * (abs(bound) + fsum(-hurts))
    sizes = np.where(is_binary, np.minimum(np.abs(helps), enough), np.abs(helps))
    smaller = np.where(helps < 0, -sizes, sizes)
    moved = fsum([bound, *(smaller[helps < 0] - hurts[helps < 0])])
    terms = Terms(tuple(columns.tolist()), tuple((row.direction * smaller).tolist()))
    yield replace(row, terms=terms, bound=row.direction * moved)
