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
    sets = GrowingSets(slack, len(losses))
    if not len(losses):
        kept = bool((slack >= 0).all())
        return Deviations(sets.room[:, : int(kept)], sets.words[:, : int(kept)])
    for place, loss in enumerate(losses.tolist()):
        sets.join(place, loss, changes[:, place], reach, -later[:, place + 1])
        if len(sets) > most:
            return None
    return Deviations(sets.room, sets.words)


class GrowingSets:
    """Sets of the columns so far, what each has `lost`, and the `room` that it leaves of each row: a line for each row.

    Args:
        slack: the room of each row where nothing is turned.
        columns: how many columns there may be.
    """

    def __init__(self, slack: Floats, columns: int) -> None:
        self.lost, self.room = np.zeros(1), slack[:, None]
        self.words = np.zeros((1 + max(0, columns - 1) // _WORD, 1), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self.lost)

    def join(self, place: int, loss: float, change: Floats, reach: float, least: Floats) -> None:
        """Joins each set by itself with a further column, where that loses no more than `reach`.

        Sets that leave less than `least` of the room of a row are left out then.
        """
        fits = np.flatnonzero(self.lost <= reach - loss)
        turned = self.words[:, fits]
        turned[place // _WORD] |= np.uint64(1 << place % _WORD)
        self.lost = np.concatenate([self.lost, self.lost[fits] + loss])
        self.room = np.concatenate([self.room, self.room[:, fits] + change[:, None]], axis=1)
        self.words = np.concatenate([self.words, turned], axis=1)
        self.keep(np.all(self.room >= least[:, None], axis=0))

    def multiply(self, others: "GrowingSets", reach: float, least: Floats, most: int) -> bool:
        """Joins each set with each of others, of other columns, and keeps those as `join` does.

        False, and nothing done, where that would be more than `most` before any of them is left out.
        """
        by_loss = np.argsort(self.lost, kind="stable")
        counts = np.searchsorted(self.lost[by_loss], reach - others.lost, side="right")
        if int(counts.sum()) > most:
            return False
        theirs = np.repeat(np.arange(len(others)), counts)
        ours = by_loss[np.arange(len(theirs)) - np.repeat(np.cumsum(counts) - counts, counts)]
        self.lost = self.lost[ours] + others.lost[theirs]
        self.room = self.room[:, ours] + others.room[:, theirs]
        self.words = self.words[:, ours] | others.words[:, theirs]
        self.keep(np.all(self.room >= least[:, None], axis=0))
        return True

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Leaves out the others."""
        if not which.all():
            self.lost, self.room, self.words = self.lost[which], self.room[:, which], self.words[:, which]
