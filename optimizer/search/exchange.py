"""A selection made better by exchanges: one column in, one out, or either alone, as long as that gains.

For columns that stand in long rows only (capacities, caps, floors, counts), whose slack decides. All pairs are looked
at together, and the one that gains most is taken.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Floats

EXCHANGED = 300
"""So many columns are worth the time."""
_MOST_ROWS = 40
_MOST_STEPS = 40


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
