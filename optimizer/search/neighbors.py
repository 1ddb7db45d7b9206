"""Selections that differ from a given one in a few columns, all looked at together."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Bits, Candidates, Row

_THREE_UP_TO = 50
"""Up to so many columns three are changed beside the one that is asked about, else two."""
_MOST_ENTRIES = 4_000_000
_TRIES = 3


class Neighbors:
    """Selections near `bits`: one column at its other value, and up to two or three others too.

    Synergies are left as they are while looking; whoever asks measures exactly.

    Args:
        candidates: the columns.
        rows: what selections keep; soft rows forbid nothing.
        bits: a selection that keeps them.
        worths: by column, larger is better.
    """

    def __init__(self, candidates: Candidates, rows: Iterable[Row], bits: Bits, worths: Floats) -> None:
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
        self._gains = np.append(worths[:width] * turns, 0.0)
        size = 3 if width <= _THREE_UP_TO else 2
        sets = np.array(list(combinations(range(width + 1), size)), dtype=np.int64).reshape(-1, size)
        if len(sets) * len(kept) > _MOST_ENTRIES:
            sets = np.arange(width + 1)[:, None]
        self._sets = sets
        self._set_changes = self._changes[:, sets].sum(axis=2)
        self._set_gains = self._gains[sets].sum(axis=1)

    def turned(self, column: int) -> list[tuple[int, ...]]:
        """The best few neighbors in which a column has its other value, the best first."""
        fits = (self._set_changes >= -(self._slack + self._changes[:, column])[:, None]).all(axis=0)
        fits &= ~(self._sets == column).any(axis=1)
        numbers = np.flatnonzero(fits)
        best = numbers[np.argsort(-self._set_gains[numbers], kind="stable")[:_TRIES]]
        return [self._with(column, self._sets[number].tolist()) for number in best.tolist()]

    def _with(self, column: int, others: list[int]) -> tuple[int, ...]:
        values = [float(bit) for bit in self._bits]
        width = len(self._candidates.options)
        for changed in (column, *(other for other in others if other < width)):
            values[changed] = 1.0 - values[changed]
        return tuple(self._candidates.bits(values))
