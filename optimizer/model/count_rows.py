"""How many columns fit into a capacity at most, as a row of its own where a relaxation would take more of them.

If the k + 1 columns that take least do not fit together, no selection has more than k of them. That follows from the
capacity for whole selections, but not for fractions: where value hardly grows with cost (strongly correlated knapsacks)
the relaxation takes the k smallest and a part of the next, and no bound from prices of the capacity alone is any good.
"""

from collections.abc import Mapping

import numpy as np

from optimizer import exact
from optimizer.model.rows import Row, Sense, Terms

_LEAST_COLUMNS = 20


def count_row(row: Row, costs: Mapping[int, float]) -> Row | None:
    """``sum of x <= k`` over the columns of a capacity, where a relaxation with these costs breaks it; else None."""
    if len(row.terms.columns) < _LEAST_COLUMNS or row.soft or row.sense is not Sense.AT_MOST:
        return None
    amounts = np.array(row.terms.coefficients)
    if (amounts <= 0).any():
        return None
    room = row.bound + 2 * exact.tolerance(row.bound)
    most = int(np.searchsorted(np.cumsum(np.sort(amounts)), room, side="right"))
    worth = np.array([costs.get(column, 0.0) for column in row.terms.columns])
    taken = np.cumsum(amounts[np.argsort(-worth / amounts, kind="stable")])
    # Whole columns of the relaxation, and one more in part.
    relaxed = int(np.searchsorted(taken, room, side="right")) + 1
    if not 0 < most < min(relaxed, len(amounts)):
        return None
    return Row(Terms(row.terms.columns, (1.0,) * len(amounts)), Sense.AT_MOST, float(most))
