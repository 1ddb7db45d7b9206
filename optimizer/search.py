"""Finding the best selection that keeps every demand exactly, not just within a solver's tolerance.

A solver accepts rows that are violated a little. So each answer is rounded and measured in exact arithmetic; a demand
that it breaks gives a cut that is valid for every exact selection and forbids this one, and the solver is asked again.
Since rows enter loosened (`optimizer.model`), no exact selection is ever lost: what the loop ends with is right on both
sides.

That no selection exists at all is a verdict of the solver alone: nothing can be measured. Where such a verdict is told
to people, a second run without presolve must not find one (`Search.best` with `twice`). If it does, its selection is
measured like any other, and presolve stays off for the rest of the search.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer import exact, solve
from optimizer.clock import Clock
from optimizer.errors import DefectError
from optimizer.lagrangian import Lagrangian, LagrangianBound
from optimizer.limits import Answer, Limits
from optimizer.model import Model
from optimizer.portfolio import SolverName, StopReason
from optimizer.rows import Bits, Candidates, Demand, Terms, flip_one_of
from optimizer.rule import Rule

_CLAIM_TOLERANCE = 1e-6
"""How far a solver's claimed value may be from the recomputed one, relative to value and largest coefficient."""
_SECOND_OPINION_S = 5.0
_SECOND_OPINION_TIMES = 4.0
"""A second opinion may take so many seconds, or so many times as long as the first if that is more; a run without
presolve can be far slower. When its time is over, the first verdict stands."""
_CUTOFF_ROOM = 1e-7
"""How far beyond `as_good_as` a solver looks, relative to it: more than its inaccuracy, too little to cost time."""
_PRICES_AS_THEY_ARE = 250
"""Up to so many binary columns better prices cost more than they save."""
_NOISE = 1e-9
"""A bound this close (as above) to a value that the solver calls optimal differs from it by rounding only."""


@dataclass(frozen=True, slots=True)
class SolverChoice:
    """Which solver answers, and with how many threads."""

    name: SolverName = "highs"
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    `bits` is None without a selection; `value` is exact; nothing can be better than `bound` (None: not known). Both are
    in the objective's native unit.
    """

    reason: StopReason
    bits: tuple[int, ...] | None
    value: float | None
    bound: float | None
    unit_size: float = exact.ABSOLUTE_AT_ZERO

    @property
    def gap(self) -> float | None:
        """``|bound - value| / max(|value|, unit_size)``."""
        if self.value is None or self.bound is None:
            return None
        return abs(self.bound - self.value) / max(abs(self.value), self.unit_size)


class Search:
    """Repeated searches over one growing set of demands: what was demanded once holds for all later searches."""

    def __init__(
        self,
        candidates: Candidates,
        rules: Iterable[Rule],
        solver: SolverChoice,
        shortfall_bounds: Sequence[float] = (),
    ) -> None:
        self.candidates = candidates
        self.solver = solver
        self.model = Model(candidates, shortfall_bounds)
        self._presolve = True
        self._demands: list[Demand] = []
        for rule in rules:
            for row in candidates.rows_of(rule):
                self.demand(row)
        for row in candidates.links():
            self.model.add(row)

    def demand(self, demand: Demand) -> None:
        """Adds something that every later answer keeps exactly."""
        self._demands.append(demand)
        for row in demand.rows():
            self.model.add(row)

    def forbid(self, bits: Bits, columns: Iterable[int]) -> None:
        """Later answers differ from `bits` in at least one of `columns`."""
        self.model.add(flip_one_of(columns, bits))

    def leave_out_presolve(self) -> None:
        """For later answers that are wanted within a short time: HiGHS does not look at the clock in all of presolve.

        With 30,000 columns, and rows over all of them, it was seen to take 25 s where 3 were left.
        """
        self._presolve = False

    def best(
        self,
        terms: Terms,
        clock: Clock,
        *,
        sign: int = -1,
        relative_gap: float = 0.0,
        value_of: Callable[[Bits], float] | None = None,
        twice: bool = False,
        as_good_as: float | None = None,
    ) -> Found:
        """The selection with the largest (`sign` -1) or least (+1) value of `terms`.

        `value_of` measures a selection exactly where `terms` has shortfall columns. `twice` asks for a second opinion
        before there is said to be none. What is clearly worse than `as_good_as` is not looked for: where nothing else
        is left, the answer is INFEASIBLE.

        Raises:
            Cancelled: the clock's caller wished to stop.
            DefectError: the solver's claimed value disagrees with the recomputed one.
            SolverError: the solver crashed.
        """
        self.model.minimize(terms, sign)
        cutoff = None if as_good_as is None else self._cutoff(terms, sign, as_good_as)
        while True:
            clock.check()
            if self.model.is_impossible:
                return Found(StopReason.INFEASIBLE, None, None, None)
            if not self.candidates.width:
                value = value_of(()) if value_of else 0.0
                return Found(StopReason.OPTIMAL, (), value, value)
            if clock.is_over:
                return Found(StopReason.TIME_LIMIT, None, None, None)
            answer = self._ask(clock, relative_gap, cutoff, twice=twice)
            bound = None if answer.bound is None else sign * answer.bound / self.model.cost_scale
            if answer.objective is None:
                return Found(answer.reason, None, None, bound)
            values = self.model.values()
            bits = tuple(self.candidates.bits(values))
            broken = [row for demand in self._demands if (row := demand.cut(bits)) is not None]
            if not broken:
                value = value_of(bits) if value_of else terms.value(bits)
                self._check_claim(sign * answer.objective / self.model.cost_scale, value, terms)
                return Found(answer.reason, bits, value, _settled(answer.reason, bound, value, terms, sign))
            for row in broken:
                self.model.add(row)
            if answer.reason is StopReason.TIME_LIMIT:
                return Found(StopReason.TIME_LIMIT, None, None, bound)

    def _cutoff(self, terms: Terms, sign: int, value: float) -> float:
        """`value` in the problem's scale, with room for a solver's inaccuracy."""
        room = _CLAIM_TOLERANCE * terms.largest() + _CUTOFF_ROOM * abs(value)
        return self.model.cost_scale * (sign * value + room)

    def _ask(self, clock: Clock, relative_gap: float, cutoff: float | None, *, twice: bool) -> Answer:
        if cutoff is not None:
            # Measured: presolve costs more here than it saves, and without it the verdict needs no second opinion.
            limits = replace(self._limits(clock, relative_gap), cutoff=cutoff, presolve=False)
            answer = solve.run(self.model, self.solver.name, limits)
            if answer.reason is not StopReason.OPTIMAL or answer.objective is not None:
                return answer
        begun = clock.elapsed_s
        answer = solve.run(self.model, self.solver.name, self._limits(clock, relative_gap))
        if answer.reason is not StopReason.INFEASIBLE or not twice or not self._presolve:
            return answer
        patience = max(_SECOND_OPINION_S, _SECOND_OPINION_TIMES * (clock.elapsed_s - begun))
        limits = replace(self._limits(clock.at_most(patience), relative_gap), presolve=False)
        second = solve.run(self.model, self.solver.name, limits)
        if second.objective is None:
            return answer
        self._presolve = False
        # Its time was short: the search goes on from the model itself.
        return second if second.reason is StopReason.OPTIMAL else self._ask(clock, relative_gap, None, twice=False)

    def bound(self, terms: Terms, clock: Clock, *, sign: int = -1) -> LagrangianBound | None:
        """How good `terms` can be at most, larger being better; None where the relaxation was not solved in time.

        It holds for every selection that keeps the demands, so a solver's inaccuracy can make it weaker but not wrong.
        """
        model = self.model
        model.minimize(terms, sign)
        scaled_prices = solve.duals(model, self.solver.name, self._limits(clock, 0.0))
        if scaled_prices is None:
            return None
        costs = [0.0] * len(model.variables)
        for column, coefficient in zip(terms.columns, terms.coefficients, strict=True):
            costs[column] = -sign * coefficient
        rows = list(model.scaled_rows())
        prices = [abs(p) / (scale * model.cost_scale) for p, (_, scale) in zip(scaled_prices, rows, strict=True)]
        lower = [variable.lowBound for variable in model.variables]
        upper = [variable.upBound for variable in model.variables]
        lagrangian = Lagrangian([row for row, _ in rows], lower, upper, self.candidates.width)
        if self.candidates.width <= _PRICES_AS_THEY_ARE:
            return lagrangian.bound(costs, prices)
        return lagrangian.least_bound(costs, prices, solve.minimize_linear)

    def fix_what_cannot_tie(self, value: float, bound: LagrangianBound) -> None:
        """Fixes every column with whose other value no selection reaches `value` (larger is better) or ties with it."""
        least = value - 2 * exact.tolerance(value)
        for column in np.flatnonzero(bound.value - bound.losses < least).tolist():
            self.model.fix(column, int(bound.best[column]))

    def _limits(self, clock: Clock, relative_gap: float) -> Limits:
        return Limits(clock.remaining_s, relative_gap, self.solver.threads, clock.cancel, self._presolve)

    def _check_claim(self, claimed: float, value: float, terms: Terms) -> None:
        if abs(claimed - value) > _CLAIM_TOLERANCE * (abs(value) + terms.largest()):
            raise DefectError(f"{self.solver.name} claims an objective of {claimed!r}, but it is {value!r}")


def _settled(reason: StopReason, bound: float | None, value: float, terms: Terms, sign: int) -> float | None:
    """The bound, never on the wrong side of the value; the value itself where only rounding lies between."""
    if bound is None:
        return None
    noise = _NOISE * (abs(value) + terms.largest()) if reason is StopReason.OPTIMAL else 0.0
    if abs(bound - value) <= noise or (value - bound) * sign < 0:
        return value
    return bound
