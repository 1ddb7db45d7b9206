"""The best selection of a few open columns whose numbers lie far apart: every one of them, measured exactly.

A solver sees no difference below some 1e-9 of the largest coefficient of a row or an objective. Where numbers lie
further apart than that, its verdict that nothing else is left, or that something is best, may be wrong, and a second
run of the same solver is wrong in the same way. With few open columns there is another way that rests on no tolerance:
the amounts of all selections at once in floating point, with room for what these may be wrong by, and the exact measure
for those that this leaves open.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Bits, Candidates, Row, Terms

MOST_OPEN = 14
"""Up to so many open columns: some 16,000 selections."""
_WIDEST = 200
"""Up to so many columns in all."""
_MOST_MEASURED = 5_000
"""So many exact measures, some 0.2 s; where more are open, a solver is asked."""
_FAR = 1e6
"""Numbers this many times as large as others of the same row or objective lie far apart."""
_ROUNDING = 1e-14
"""Relative to the amounts that are added up: more than a floating point sum of so few is wrong by."""


@dataclass(frozen=True, slots=True)
class Enumerated:
    """The best of all selections; None where there is none."""

    bits: tuple[int, ...] | None


def are_far_apart(terms: Terms) -> bool:
    """Whether a solver could overlook one number of an expression beside another."""
    sizes = [abs(coefficient) for coefficient in terms.coefficients if coefficient]
    return bool(sizes) and max(sizes) > _FAR * min(sizes)


def are_few(candidates: Candidates, lower: Sequence[float], upper: Sequence[float]) -> bool:
    """Whether so few columns are open that every selection can be looked at."""
    width = len(candidates.options)
    return candidates.width <= _WIDEST and sum(map(float.__lt__, lower[:width], upper[:width])) <= MOST_OPEN


def best_of_all(
    candidates: Candidates,
    rows: Iterable[Row],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    terms: Terms,
    sign: int,
    value_of: Callable[[Bits], float | Fraction],
    is_kept: Callable[[Bits], bool],
) -> Enumerated | None:
    """The selection with the largest (`sign` -1) or least (+1) value; None where too many have to be measured.

    Args:
        candidates: the columns.
        rows: what selections keep; soft rows forbid nothing.
        lower, upper: bounds of each column.
        terms: what is wanted, near enough to say what to look at first.
        sign: see above.
        value_of: the exact value of a selection; a fraction where rounding could hide which is better.
        is_kept: whether a selection keeps everything, exactly.
    """
    selections = _selections(candidates, lower, upper)
    for row in rows:
        if not row.soft:
            amounts, doubt = _amounts(row.terms, selections)
            least = row.direction * row.bound - 2 * exact.tolerance(row.bound) - doubt
            selections = selections[row.direction * amounts >= least]
    if len(selections) > _MOST_MEASURED:
        return None
    worths, _ = _amounts(terms, selections)
    best: tuple[int, ...] | None = None
    most: float | Fraction = -np.inf
    for place in np.argsort(sign * worths, kind="stable").tolist():
        bits = tuple(selections[place].astype(int).tolist())
        value = -sign * value_of(bits)
        if value > most and is_kept(bits):
            best, most = bits, value
    return Enumerated(best)


def _selections(candidates: Candidates, lower: Sequence[float], upper: Sequence[float]) -> NDArray[np.bool_]:
    """One row for each choice of the open columns, with the synergies that it earns, where their bounds allow that."""
    width = len(candidates.options)
    is_open = [column for column in range(width) if lower[column] < upper[column]]
    count = 1 << len(is_open)
    chosen = np.zeros((count, candidates.width), dtype=bool)
    chosen[:, :width] = np.array(lower[:width]) > 0
    for place, column in enumerate(is_open):
        chosen[:, column] = (np.arange(count) >> place) & 1
    for column, members in enumerate(candidates.members, start=width):
        chosen[:, column] = np.all([chosen[:, list(group)].any(axis=1) for group in members], axis=0)
    earned = chosen[:, width:]
    least, most = np.array(lower[width : candidates.width]), np.array(upper[width : candidates.width])
    possible: NDArray[np.bool_] = chosen[((earned >= least) & (earned <= most)).all(axis=1)]
    return possible


def _amounts(terms: Terms, selections: NDArray[np.bool_]) -> tuple[Floats, float]:
    """The sum of an expression over binary columns on each selection, and by how much it may be wrong."""
    pairs = zip(terms.columns, terms.coefficients, strict=True)
    amounts = np.zeros(selections.shape[1])
    for column, coefficient in pairs:
        if column < len(amounts):
            amounts[column] += coefficient
    return selections @ amounts, _ROUNDING * float(np.abs(amounts).sum())
