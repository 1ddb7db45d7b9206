"""Everything near a bound, met in the middle: sets of columns of one half joined with those of the other.

Sets of columns that, turned to their other value, lose up to a reach grow fast in number with the columns. Half of the
columns have about the square root as many. What joins two sets to a selection that counts is that capacities with a
price are full almost to the last token: with p the price of a row, a selection that leaves s of its room reaches p s
less. So for each set of one half only those of the other are looked at that take what it leaves of one such row
(Horowitz and Sahni 1974, with the prices of the relaxation as what tells the sets apart).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Floats
from optimizer.search.listing import Deviations, GrowingSets

_SHORT = 0.25
_LARGE = 0.5
"""Columns that rows of so small a part of them tie are in one half, where they are no more than that part of all: what
such a row forbids is then seen at once."""
_AT_ONCE = 1_024
"""Sets of the first half whose partners are looked for together: they lose about as much."""

_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turned:
    """A set of turned columns that keeps the rows, and what it loses with the room that it leaves."""

    columns: tuple[int, ...]
    loss: float


def turned_within(
    reach: float, losses: Floats, changes: Floats, slack: Floats, prices: Floats, *, most_entries: int, most_pairs: int
) -> list[Turned] | None:
    """All sets that keep the rows and lose `reach` at most, the best first; None where there are too many to look at.

    Args:
        reach: what a set may lose: the losses of its columns, and the price of the room that it leaves.
        losses: what turning each column loses, at least 0.
        changes: what turning each column adds to the room of each row, a line for each row.
        slack: the room of each row, below 0 where it is broken before anything is turned.
        prices: of each row's room, at least 0.
        most_entries: so many sets of one half at once are too many, times rows that lie in both halves, and one.
        most_pairs: so many pairs of sets are.
    """
    groups, is_own = _groups(changes)
    shared = ~is_own
    if not shared.any():
        shared = np.append(shared, True)
        changes, slack, prices = np.pad(changes, ((0, 1), (0, 0))), np.append(slack, 0.0), np.append(prices, 0.0)
        is_own = ~shared
    halves = _halves(
        _Rows(reach, losses, changes, slack, prices, is_own), groups, most_entries // (1 + int(shared.sum()))
    )
    if halves is None:
        return None
    slack, prices = slack[shared], prices[shared]
    pairs = list(_joined(*halves, reach, slack, prices, most_pairs))
    if None in pairs:
        return None
    joined = [pair for pair in pairs if pair is not None]
    if not joined:
        return []
    firsts, seconds, lost = (np.concatenate([pair[part] for pair in joined]) for part in range(3))
    one, other = (Deviations(half.room, half.words) for half in halves)
    return [
        Turned((*one.columns(int(firsts[at])), *other.columns(int(seconds[at]))), float(lost[at]))
        for at in np.argsort(lost, kind="stable").tolist()
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What `turned_within` is asked; `is_own` says which rows lie within one group of columns."""

    reach: float
    losses: Floats
    changes: Floats
    slack: Floats
    prices: Floats
    is_own: NDArray[np.bool_]


def _groups(changes: Floats) -> tuple[list[_Numbers], NDArray[np.bool_]]:
    """Groups of columns that short rows tie, but for large ones; and which rows lie within one of them."""
    width = changes.shape[1]
    group = np.arange(width)
    touched = [np.flatnonzero(row) for row in changes]
    for columns in touched:
        if 1 < len(columns) <= _SHORT * width:
            group[np.isin(group, group[columns])] = group[columns].min()
    sizes = np.bincount(group, minlength=width)
    is_group = (sizes > 1) & (sizes <= _LARGE * width)
    is_own = np.zeros(len(changes), dtype=bool)
    for number, columns in enumerate(touched):
        tied = set(group[columns].tolist())
        is_own[number] = len(tied) == 1 and is_group[tied.pop()]
    return [np.flatnonzero(group == number) for number in np.flatnonzero(is_group).tolist()], is_own


def _halves(rows: _Rows, groups: list[_Numbers], most: int) -> tuple[GrowingSets, GrowingSets] | None:
    """The sets of two halves of the columns, about as many of each; None where there are too many.

    Groups come first, and then the other columns, those with the largest losses first, each into the half that has
    fewer sets.
    """
    width, shared = len(rows.losses), ~rows.is_own
    helps = np.maximum(rows.changes, 0.0)
    listed = []
    for group in groups:
        sets = _sets_of_group(rows, group, helps, most)
        if sets is None:
            return None
        listed.append((sets, helps[:, group].sum(axis=1)[shared]))
    listed.sort(key=lambda entry: -len(entry[0]))
    slack, changes, helps = rows.slack[shared], rows.changes[shared], helps[shared]
    # What all columns but those of a half so far can add to each row.
    helped = [helps.sum(axis=1)] * 2
    halves = GrowingSets(np.zeros(len(slack)), width), GrowingSets(np.zeros(len(slack)), width)
    for sets, help_ in listed:
        number = int(len(halves[1]) < len(halves[0]))
        helped[number] = helped[number] - help_
        if not halves[number].multiply(sets, rows.reach, -slack - helped[number], most):
            return None
    grouped = np.zeros(width, dtype=bool)
    for group in groups:
        grouped[group] = True
    for column in np.argsort(-rows.losses, kind="stable").tolist():
        if not grouped[column]:
            number = int(len(halves[1]) < len(halves[0]))
            helped[number] = helped[number] - helps[:, column]
            least = -slack - helped[number]
            halves[number].join(column, float(rows.losses[column]), changes[:, column], rows.reach, least)
            if len(halves[number]) > most:
                return None
    return halves


def _sets_of_group(rows: _Rows, group: _Numbers, helps: Floats, most: int) -> GrowingSets | None:
    """The sets of a group's columns that its own rows allow, with the price of the room that they leave of these."""
    own = rows.is_own & (rows.changes[:, group] != 0.0).any(axis=1)
    counted = own | ~rows.is_own
    sets = GrowingSets(np.zeros(int(counted.sum())), len(rows.losses))
    helped = helps.sum(axis=1)
    for column in group[np.argsort(-rows.losses[group], kind="stable")].tolist():
        helped = helped - helps[:, column]
        least = (-rows.slack - helped)[counted]
        sets.join(column, float(rows.losses[column]), rows.changes[counted, column], rows.reach, least)
        if len(sets) > most:
            return None
    is_own = own[counted]
    left = rows.slack[own, None] + sets.room[is_own]
    sets.lost = sets.lost + rows.prices[own] @ left
    sets.room = sets.room[~is_own]
    sets.keep((left >= 0).all(axis=0) & (sets.lost <= rows.reach))
    return sets


def _joined(
    first: GrowingSets, second: GrowingSets, reach: float, slack: Floats, prices: Floats, most: int
) -> Iterator[tuple[_Numbers, _Numbers, Floats] | None]:
    """Pairs of sets that keep the rows within the reach, with what each loses; None at the end where there are more."""
    if not len(first) or not len(second):
        return
    # The row that tells most sets apart; where none has a price, all of them are partners.
    row = int(np.argmax(prices * second.room.std(axis=1)))
    by_row = np.argsort(second.room[row], kind="stable")
    by_loss = np.argsort(first.lost, kind="stable")
    looked_at = 0
    for start in range(0, len(by_loss), _AT_ONCE):
        own = by_loss[start : start + _AT_ONCE]
        partners = by_row[second.lost[by_row] <= reach - first.lost[own[0]]]
        taken = second.room[row, partners]
        room = slack[row] + first.room[row, own]
        begins = np.searchsorted(taken, -room)
        ends = np.full(len(own), len(partners))
        if prices[row] > 0:
            ends = np.searchsorted(taken, (reach - first.lost[own]) / prices[row] - room, side="right")
        counts = np.maximum(0, ends - begins)
        looked_at += int(counts.sum())
        if looked_at > most:
            yield None
            return
        ones = np.repeat(own, counts)
        places = np.arange(len(ones)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begins, counts)
        others = partners[places]
        lost = first.lost[ones] + second.lost[others]
        for number in (row, *(n for n in range(len(slack)) if n != row)):
            left = slack[number] + first.room[number, ones] + second.room[number, others]
            is_kept = (left >= 0) & (lost + prices[number] * left <= reach)
            ones, others, lost = ones[is_kept], others[is_kept], lost[is_kept] + prices[number] * left[is_kept]
        if len(ones):
            yield ones, others, lost
