"""Everything near one selection: all sets of columns that, turned to their other value, lose little and keep some rows.

They are listed column by column, all at once: each set so far is joined by itself with the next column, where the
losses of both are still within reach, and is left out where no further column can bring it back within the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Row
from optimizer.search.column_blocks import ROUNDING

_WORD = 64


@dataclass(frozen=True, slots=True)
class Deviations:
    """Sets of turned columns: one for each entry of the last axis.

    `slack` is what each row has left of its room, a line for each row; `words` the sets themselves, a bit for a column.
    """

    slack: Floats
    words: NDArray[np.uint64]

    def __len__(self) -> int:
        return int(self.words.shape[1])

    def columns(self, number: int) -> list[int]:
        """Places of the columns that one set turns."""
        found = []
        for first, word in enumerate(self.words[:, number].tolist()):
            while word:
                found.append(first * _WORD + (word & -word).bit_length() - 1)
                word &= word - 1
        return found


def rows_as_arrays(rows: Sequence[Row], width: int) -> tuple[Floats, Floats]:
    """What each column adds to the room of each row, and the room of each where nothing is selected.

    With what rounding or the tolerance could decide: whoever lists asks exactly later.
    """
    amounts, room = np.zeros((len(rows), width)), np.zeros(len(rows))
    for number, row in enumerate(rows):
        amounts[number, list(row.terms.columns)] = row.direction * np.array(row.terms.coefficients)
        # Amounts may cancel, as those of a share do: then it is not the bound that says how exact their sum is.
        rounding = 2 * exact.tolerance(row.bound) + ROUNDING * float(np.abs(row.terms.coefficients).sum())
        room[number] = rounding - row.direction * row.bound
    return amounts, room


def deviations_within(reach: float, losses: Floats, changes: Floats, slack: Floats, most: int) -> Deviations | None:
    """All sets of columns with losses of `reach` at most that keep the rows; None where there are too many to look at.

    Args:
        reach: what a set may lose.
        losses: what turning each column loses, at least 0; quickest with the largest first.
        changes: what turning each column adds to the room of each row, a line for each row.
        slack: the room of each row, below 0 where it is broken before anything is turned.
        most: so many sets at once are too many.
    """
    helps = np.maximum(changes, 0.0)
    # What the columns that are still to come can add to each row.
    later = np.concatenate([helps[:, ::-1].cumsum(axis=1)[:, ::-1], np.zeros((len(helps), 1))], axis=1)
    lost, room = np.zeros(1), slack[:, None]
    words = np.zeros((1 + max(0, len(losses) - 1) // _WORD, 1), dtype=np.uint64)
    if not len(losses):
        kept = bool((room >= 0).all())
        return Deviations(room[:, : int(kept)], words[:, : int(kept)])
    for place, loss in enumerate(losses.tolist()):
        fits = np.flatnonzero(lost <= reach - loss)
        turned = words[:, fits]
        turned[place // _WORD] |= np.uint64(1 << place % _WORD)
        lost = np.concatenate([lost, lost[fits] + loss])
        room = np.concatenate([room, room[:, fits] + changes[:, place : place + 1]], axis=1)
        words = np.concatenate([words, turned], axis=1)
        possible = (room >= -later[:, place + 1 : place + 2]).all(axis=0)
        if not possible.all():
            lost, room, words = lost[possible], room[:, possible], words[:, possible]
        if len(lost) > most:
            return None
    return Deviations(room, words)
