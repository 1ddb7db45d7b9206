"""What a solver is asked to stay within, and what it answers."""

import threading
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.portfolio import StopReason


def units_of_look(entries: int) -> float:
    """What a look of a solver counts for: it does more between two of them with more entries (measured)."""
    return sqrt(max(1, entries))


ABSOLUTE_GAP = 1e-6
"""In the model's scaled objective, whose largest coefficient is about 1e6."""


LinearMethod = Literal["simplex", "interior", "first order"]
"""To a vertex; to a relative 1e-8, by values that are no vertex; or roughly, with prices whenever its time ends it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a solver may use: wall time in seconds (None: unlimited), gap, threads, a wish to stop, presolve.

    `cutoff`: answers with a larger objective (in the problem's own scale) do not count, as if they were infeasible.
    `enough`: a selection whose objective is no larger ends the search (HiGHS only).
    `nodes`: so many nodes of the search tree, which is the same work on every machine; None is unlimited.
    `units`: so much work, counted in looks (`units_of_look`), which is the same on every machine too.
    `start`: values by column that the search may begin with.
    `proves_only`: nothing but a proof is wanted, beside an answer that is known: the solver looks for no answers by
    smaller problems of its own, nor for symmetries, which take most of the time of a small problem.
    `method`: how a linear problem is solved (HiGHS only); see `LinearMethod`.
    """

    time_limit_s: float | None = None
    relative_gap: float = 0.0
    threads: int = 1
    cancel: threading.Event | None = None
    presolve: bool = True
    cutoff: float | None = None
    enough: float | None = None
    nodes: int | None = None
    units: float | None = None
    start: NDArray[np.float64] | None = None
    proves_only: bool = False
    method: LinearMethod = "simplex"

    def looks(self, entries: int) -> int | None:
        """How often a solver may look whether to go on with a matrix of so many entries; None is unlimited."""
        return None if self.units is None else max(1, int(self.units / units_of_look(entries)))

    @property
    def is_cancelled(self) -> bool:
        """Whether someone wished to stop."""
        return self.cancel is not None and self.cancel.is_set()


@dataclass(frozen=True, slots=True)
class Answer:
    """Why the solver stopped and what it claims, in the problem's own scale.

    Attributes:
        reason: why it stopped.
        objective: of the incumbent; None where there is none.
        bound: nothing can be better; None where nothing is known.
        values: of the incumbent, by column.
        prices: of the rows, where the linear relaxation was asked for and solved to the end.
        units: of work that were done.
    """

    reason: StopReason
    objective: float | None = None
    bound: float | None = None
    values: NDArray[np.float64] | None = None
    prices: NDArray[np.float64] | None = None
    units: float = 0.0
