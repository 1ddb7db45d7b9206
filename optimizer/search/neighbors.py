"""Selections that differ from a given one in a few columns, all looked at together."""

from collections.abc import Iterable
from functools import lru_cache
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
_AT_ONCE = 500
"""So many sets are looked at together."""
_GAIN = 1e-9
"""What is gained less, relative to the largest worth, is rounding."""


@lru_cache(maxsize=20)
def _sets_of(width: int, size: int) -> NDArray[np.int64]:
    """All sets of up to so many of some columns; a column that is not there (`width`) stands for fewer."""
    few = [own + (width,) * (size - len(own)) for n in range(size + 1) for own in combinations(range(width), n)]
    return np.array(few, dtype=np.int64).reshape(len(few), size)


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
        sets = _sets_of(width, size)
        if len(sets) * len(kept) > _MOST_ENTRIES:
            sets = np.arange(width + 1)[:, None]
        # The best first, so that a look ends with the first few that fit.
        self._sets = sets[np.argsort(-self._gains[sets].sum(axis=1), kind="stable")]
        self._set_changes = self._changes[:, self._sets].sum(axis=2)
        self._pairs = _sets_of(width, 2)[1:]

    def turned(self, column: int) -> list[tuple[int, ...]]:
        """The best few neighbors in which a column has its other value, the best first."""
        return [self._with(column, *others) for others in self._best(self._changes[:, column], column)]

    def best(self) -> list[tuple[int, ...]]:
        """The best few neighbors, the best first; `bits` itself may break rows."""
        return [self._with(*others) for others in self._best(np.zeros(len(self._slack)), None)]

    def improved(self, bits: Bits, column: int) -> tuple[int, ...]:
        """A selection made better by changing two columns at a time, but for one, as long as that helps."""
        width = len(self._candidates.options)
        changed = [c for c in range(width) if bits[c] != self._bits[c]]
        slack = self._slack + self._changes[:, changed].sum(axis=1)
        signs = np.ones(width + 1)
        signs[changed] = -1.0
        pairs = self._pairs[~(self._pairs == column).any(axis=1)]
        if len(pairs) * len(slack) > _MOST_ENTRIES:
            return tuple(bits)
        while True:
            changes, own = self._changes * signs, self._gains * signs
            gains = own[pairs].sum(axis=1)
            numbers = np.flatnonzero(gains > _GAIN * np.abs(own).max())
            numbers = numbers[np.argsort(-gains[numbers], kind="stable")]
            fits = (changes[:, pairs[numbers, 0]] + changes[:, pairs[numbers, 1]] >= -slack[:, None]).all(axis=0)
            if not fits.any():
                break
            pair = pairs[numbers[int(fits.argmax())]]
            slack = slack + changes[:, pair].sum(axis=1)
            signs[pair] = -signs[pair]
        return self._with(*np.flatnonzero(signs[:width] < 0).tolist())

    def _best(self, changes: NDArray[np.float64], column: int | None) -> list[list[int]]:
        """The best few sets without a column that fit after some changes."""
        slack, found = -(self._slack + changes)[:, None], list[list[int]]()
        for first in range(0, len(self._sets), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            fits = (self._set_changes[:, part] >= slack).all(axis=0)
            if column is not None:
                fits &= ~(self._sets[part] == column).any(axis=1)
            numbers = first + np.flatnonzero(fits)[: _TRIES - len(found)]
            found += self._sets[numbers].tolist()
            if len(found) == _TRIES:
                break
        return found

    def _with(self, *changed: int) -> tuple[int, ...]:
        values = [float(bit) for bit in self._bits]
        for column in changed:
            if column < len(self._candidates.options):
                values[column] = 1.0 - values[column]
        return tuple(self._candidates.bits(values))
