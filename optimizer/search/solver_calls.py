"""Asking a solver, so that what it says can be believed: cutoffs, second opinions, starts, and crashes.

That no selection exists at all is a verdict of the solver alone: nothing can be measured. Where people see such a
verdict, a second run without presolve must not find one (`Task.twice`). If it does, its selection is measured like any
other, and presolve stays off for the rest of the search.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from optimizer import exact
from optimizer.errors import SolverError
from optimizer.model.matrix import Floats
from optimizer.model.problem import Model
from optimizer.model.rows import Bits, Terms
from optimizer.portfolio import SolverName, StopReason
from optimizer.search.clock import Clock
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits

CLAIM_TOLERANCE = 1e-6
"""How far a solver's claimed value may be from the recomputed one, relative to value and largest coefficient."""
_SECOND_OPINION_S = 5.0
_SECOND_OPINION_TIMES = 4.0
"""A second opinion may take so many seconds, or so many times as long as the first if that is more; a run without
presolve can be far slower. When its time is over, the first verdict stands."""
_CUTOFF_ROOM = 1e-7
"""How far beyond `as_good_as` a solver looks, relative to it: more than its inaccuracy, too little to cost time."""
_LEAST_CUTOFF_ROOM = 1e-6
"""In the problem's own scale, also where nothing has a cost: CBC takes nothing that is no better than a cutoff."""


@dataclass(frozen=True, slots=True)
class SolverChoice:
    """Which solver answers, and with how many threads."""

    name: SolverName = "highs"
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """What `Search.best` is asked."""

    terms: Terms
    sign: int
    value_of: Callable[[Bits], float]
    relative_gap: float
    twice: bool
    as_good_as: float | None
    enough: float | None = None
    start: Bits | None = None
    nodes: int | None = None
    proves_only: bool = False


class SolverCalls:
    """A solver and a model that grows between calls; presolve stays off once it was seen to mislead."""

    def __init__(self, model: Model, solver: SolverChoice) -> None:
        self.model = model
        self.solver = solver
        self.presolve = True

    def _cutoff(self, sign: int, value: float) -> float:
        """`value` in the problem's scale, with room for a solver's inaccuracy."""
        room = CLAIM_TOLERANCE * self.model.largest_cost + max(_CUTOFF_ROOM * abs(value), 2 * exact.tolerance(value))
        return self.model.cost_scale * (sign * value + room) + _LEAST_CUTOFF_ROOM

    def answer(self, task: Task, clock: Clock) -> Answer:
        """What the solver says of the model, whose objective is set; a second one too where the task asks for it.

        Raises:
            Cancelled: the clock's caller wished to stop.
            SolverError: the solver crashed.
        """
        # Without presolve HiGHS was seen to find nothing where numbers lie very far apart, and there is a selection.
        is_quick = (task.proves_only or task.as_good_as is not None) and not solve.is_wild(self.model)
        if task.proves_only and is_quick:
            limits = replace(self.limits(clock, task), presolve=False, proves_only=True)
            if task.as_good_as is not None:
                limits = replace(limits, cutoff=self._cutoff(task.sign, task.as_good_as))
            return self._solved(clock, limits, "highs")
        # CBC's verdict with a cutoff is not believed: it takes nothing that is no better than one.
        if task.as_good_as is not None and self.solver.name != "cbc" and is_quick:
            # Measured: presolve costs more here than it saves, and without it the verdict needs no second opinion.
            cutoff = self._cutoff(task.sign, task.as_good_as)
            limits = replace(self.limits(clock, task), cutoff=cutoff, presolve=False)
            quick = self._unless_crashed(clock, limits)
            if quick is not None and (quick.reason is not StopReason.OPTIMAL or quick.objective is not None):
                return quick
        begun = clock.elapsed_s
        answer = self._run(clock, task)
        if answer.reason is not StopReason.INFEASIBLE or not task.twice or not self.presolve:
            return answer
        patience = max(_SECOND_OPINION_S, _SECOND_OPINION_TIMES * (clock.elapsed_s - begun))
        limits = replace(self.limits(clock.at_most(patience), task), presolve=False)
        # CBC was seen to call problems infeasible that it had solved, with presolve and without: HiGHS is there too.
        second = self._unless_crashed(clock, limits)
        if second is None or second.objective is None:
            return answer
        self.presolve = False
        # Its time was short: the search goes on from the model itself.
        again = replace(task, as_good_as=None, twice=False)
        return second if second.reason is StopReason.OPTIMAL else self.answer(again, clock)

    def _run(self, clock: Clock, task: Task) -> Answer:
        try:
            return self._solved(clock, self.limits(clock, task))
        except SolverError:
            # HiGHS' presolve was seen to end in "Solve error" where the problem itself is sound.
            if not self.presolve:
                raise
            self.presolve = False
            return self._solved(clock, self.limits(clock, task))

    def _unless_crashed(self, clock: Clock, limits: Limits) -> Answer | None:
        """What HiGHS says where there is another way to an answer; None where it crashes."""
        try:
            return self._solved(clock, limits, "highs")
        except SolverError:
            return None

    def _solved(self, clock: Clock, limits: Limits, name: SolverName | None = None) -> Answer:
        answer = solve.run(self.model, name or self.solver.name, limits)
        clock.work.spend(answer.units)
        return answer

    def limits(self, clock: Clock, task: Task | None = None) -> Limits:
        """What a call may use."""
        limits = Limits(clock.remaining_s, 0.0, self.solver.threads, clock.cancel, self.presolve)
        if clock.work.left < inf:
            limits = replace(limits, units=clock.work.left)
        if task is None:
            return limits
        start = None if task.start is None else self.start_values(task.start)
        enough = None if task.enough is None else self.model.cost_scale * task.sign * task.enough
        return replace(limits, relative_gap=task.relative_gap, nodes=task.nodes, start=start, enough=enough)

    def start_values(self, bits: Bits) -> Floats | None:
        """A selection as values of all columns; None where a fixed column has another value."""
        values = np.zeros(len(self.model.variables))
        values[: len(bits)] = bits
        for row in self.model.origin.values():
            shortfall = row.terms.columns[-1]
            if row.soft and row.direction > 0 and shortfall >= len(bits):
                pairs = zip(row.terms.columns[:-1], row.terms.coefficients[:-1], strict=True)
                short = row.bound - sum(amount * values[column] for column, amount in pairs)
                values[shortfall] = max(0.0, short / row.terms.coefficients[-1])
        for variable, value in zip(self.model.variables, values.tolist(), strict=True):
            if not variable.lowBound <= value <= variable.upBound:
                return None
        return values
