"""A selection made better by exchanges: one column in, one out, or either alone, as long as that gains; or many.

For columns that only long rows (capacities, caps, floors, counts) hinder, whose slack decides. All pairs are looked at
together, and the one that gains most is taken.

Where prices say what each change costs at least (`recombined`), the cheapest few thousand sets of changes to either
half of the columns are put together in all ways (meet in the middle: Horowitz and Sahni 1974): millions of selections
near the bound, of which a few fill every capacity almost to the last token.
"""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Floats

EXCHANGED = 300
"""So many columns are worth the time."""
_MOST_ROWS = 40
_MOST_STEPS = 40
RECOMBINED = 60
"""So many columns: with more, none of those with larger losses would be in a set of changes."""
_MOST_SETS = 1_200
_AT_ONCE = 256


def exchanged(on: NDArray[np.bool_], costs: Floats, amounts: Floats, slack: Floats) -> NDArray[np.bool_]:
    """Which columns are selected after the exchanges.

    Args:
        on: by column, whether it is selected now.
        costs: by column, larger is better.
        amounts: by row and column; a selection is allowed while no row's sum over it falls short of what it needs.
        slack: by row, how much of its sum may go.
    """
    on, slack = on.copy(), slack.copy()
    if not len(on) or len(slack) > _MOST_ROWS:
        return on
    for _ in range(_MOST_STEPS):
        inside, outside = np.flatnonzero(on), np.flatnonzero(~on)
        # A column that is not there stands for taking one in, or out, alone.
        gains = np.append(costs[outside], 0.0)[:, None] - np.append(costs[inside], 0.0)[None, :]
        for row, room in zip(amounts, slack, strict=True):
            change = np.append(row[outside], 0.0)[:, None] - np.append(row[inside], 0.0)[None, :]
            gains[(room + change < 0) & (change < 0)] = 0.0
        into, out = np.unravel_index(int(gains.argmax()), gains.shape)
        if gains[into, out] <= 0:
            break
        if into < len(outside):
            on[outside[into]] = True
            slack += amounts[:, outside[into]]
        if out < len(inside):
            on[inside[out]] = False
            slack -= amounts[:, inside[out]]
    return on


def recombined(
    base: NDArray[np.bool_], costs: Floats, losses: Floats, amounts: Floats, slack: Floats
) -> NDArray[np.bool_] | None:
    """The best selection of some columns that few cheap changes lead to; None where none of them is allowed.

    Args:
        base: by column, whether prices would select it.
        costs: by column, larger is better.
        losses: by column, what its other value costs at least.
        amounts: by row and column; a selection is allowed while no row's sum over it falls short of what it needs.
        slack: by row, how much of its sum may go where `base` is selected; below 0 where `base` itself is not allowed.
    """
    if len(slack) > _MOST_ROWS:
        return None
    turns = np.where(base, -1.0, 1.0)
    gains, changes = costs * turns, amounts * turns
    halves = [np.arange(first, len(base), 2) for first in (0, 1)]
    sets = [_cheapest_sets(losses[half]) for half in halves]
    gained = [own @ gains[half] for own, half in zip(sets, halves, strict=True)]
    changed = [own @ changes[:, half].T for own, half in zip(sets, halves, strict=True)]
    order = np.argsort(-gained[0], kind="stable")
    best, most, other_most = (-1, -1), -np.inf, float(gained[1].max())
    for start in range(0, len(order), _AT_ONCE):
        part = order[start : start + _AT_ONCE]
        if gained[0][part[0]] + other_most <= most:
            break
        total = gained[0][part][:, None] + gained[1][None, :]
        for row, room in enumerate(slack):
            total[changed[0][part, row][:, None] + changed[1][None, :, row] < -room] = -np.inf
        at = np.unravel_index(int(total.argmax()), total.shape)
        if total[at] > most:
            best, most = (int(part[at[0]]), int(at[1])), float(total[at])
    if most == -np.inf:
        return None
    on = base.copy()
    for half, own, number in zip(halves, sets, best, strict=True):
        on[half] ^= own[number]
    return on


def _cheapest_sets(losses: Floats) -> NDArray[np.bool_]:
    """The sets of columns with the least sums of losses, the least first; one row for each."""
    order = np.argsort(losses, kind="stable")
    ordered = losses[order].tolist()
    found: list[tuple[int, ...]] = [()]
    waiting: list[tuple[float, tuple[int, ...]]] = [(ordered[0], (0,))] if ordered else []
    while waiting and len(found) < _MOST_SETS:
        total, places = heappop(waiting)
        found.append(places)
        last = places[-1] + 1
        if last < len(ordered):
            heappush(waiting, (total + ordered[last], (*places, last)))
            heappush(waiting, (total - ordered[places[-1]] + ordered[last], (*places[:-1], last)))
    sets = np.zeros((len(found), len(losses)), dtype=bool)
    for number, places in enumerate(found):
        sets[number, order[list(places)]] = True
    return sets
