"""Selections that differ from a given one in a few columns, all looked at together."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.rows import Bits, Candidates, Row, Terms

_THREE_UP_TO = 50
"""Up to so many columns three are changed beside the one that is asked about, else two."""
_MOST_ENTRIES = 4_000_000
"""Sets of changes times rows: with more (some 100 MB), one column is changed beside the one that is asked about."""
_TRIES = 3
"""So many of the best are handed on: the first may break a row by rounding, or a synergy change its worth."""


class Neighbors:
    """Selections near `bits`: one column at its other value, and up to two or three others too.

    Synergies are left as they are while looking; whoever asks measures exactly.

    Args:
        candidates: the columns.
        rows: what selections keep; soft rows forbid nothing.
        bits: a selection.
        worths: what is wanted, larger is better.
    """

    def __init__(self, candidates: Candidates, rows: Iterable[Row], bits: Bits, worths: Terms) -> None:
        self._candidates, self._bits = candidates, list(bits)
        width = len(candidates.options)
        kept = [row for row in rows if not row.soft]
        amounts, slack = np.zeros((len(kept), candidates.width)), np.zeros(len(kept))
        for number, row in enumerate(kept):
            amounts[number, list(row.terms.columns)] = row.direction * np.array(row.terms.coefficients)
            slack[number] = exact.tolerance(row.bound) - row.direction * row.bound
        values = np.array(bits, dtype=float)
        self._slack = slack + amounts @ values
        turns = 1.0 - 2.0 * values[:width]
        # A column that is not there stands for changing fewer.
        self._changes = np.column_stack([amounts[:, :width] * turns, np.zeros(len(kept))])
        gains = np.zeros(candidates.width)
        gains[list(worths.columns)] = worths.coefficients
        self._gains = np.append(gains[:width] * turns, 0.0)
        size = 3 if width <= _THREE_UP_TO else 2
        few = [own + (width,) * (size - len(own)) for n in range(size + 1) for own in combinations(range(width), n)]
        sets = np.array(few, dtype=np.int64)
        if len(sets) * len(kept) > _MOST_ENTRIES:
            sets = np.arange(width + 1)[:, None]
        self._sets = sets
        self._set_changes = self._changes[:, sets].sum(axis=2)
        self._set_gains = self._gains[sets].sum(axis=1)

    def turned(self, column: int) -> list[tuple[int, ...]]:
        """The best few neighbors in which a column has its other value, the best first."""
        fits = (self._set_changes >= -(self._slack + self._changes[:, column])[:, None]).all(axis=0)
        fits &= ~(self._sets == column).any(axis=1)
        return [self._with(column, *others) for others in self._best(fits)]

    def best(self) -> list[tuple[int, ...]]:
        """The best few neighbors, the best first; `bits` itself may break rows."""
        return [self._with(*others) for others in self._best((self._set_changes >= -self._slack[:, None]).all(axis=0))]

    def _best(self, fits: NDArray[np.bool_]) -> list[list[int]]:
        numbers = np.flatnonzero(fits)
        best = numbers[np.argsort(-self._set_gains[numbers], kind="stable")[:_TRIES]]
        found: list[list[int]] = self._sets[best].tolist()
        return found

    def _with(self, *changed: int) -> tuple[int, ...]:
        values = [float(bit) for bit in self._bits]
        for column in changed:
            if column < len(self._candidates.options):
                values[column] = 1.0 - values[column]
        return tuple(self._candidates.bits(values))
