"""Finding the best selection that keeps every demand exactly, not just within a solver's tolerance.

A solver accepts rows that are violated a little. So each answer is rounded and measured in exact arithmetic; a demand
that it breaks gives a cut that is valid for every exact selection and forbids this one, and the solver is asked again.
Since rows enter loosened (`optimizer.model.problem`), no exact selection is ever lost: what the loop ends with is right
on both sides.

That no selection exists at all is a verdict of the solver alone: nothing can be measured. Where such a verdict is told
to people, a second run without presolve must not find one (`Search.best` with `twice`). If it does, its selection is
measured like any other, and presolve stays off for the rest of the search.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer import exact
from optimizer.errors import DefectError, SolverError
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.problem import Model
from optimizer.model.rows import Bits, Candidates, Demand, Terms, flip_one_of
from optimizer.portfolio import SolverName, Stage, StopReason
from optimizer.rules.rule import Rule
from optimizer.search.clock import Clock
from optimizer.search.lagrangian_bound import Lagrangian, LagrangianBound
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits

_CLAIM_TOLERANCE = 1e-6
"""How far a solver's claimed value may be from the recomputed one, relative to value and largest coefficient."""
_SECOND_OPINION_S = 5.0
_SECOND_OPINION_TIMES = 4.0
"""A second opinion may take so many seconds, or so many times as long as the first if that is more; a run without
presolve can be far slower. When its time is over, the first verdict stands."""
_ATTEMPTS = 10
_CUTOFF_ROOM = 1e-7
"""How far beyond `as_good_as` a solver looks, relative to it: more than its inaccuracy, too little to cost time."""
_BLUR = 2e-6
"""What a solver may miss in the problem's own scale: its absolute gap, and as much again for its tolerances."""
_GRID_DIGITS = 7
_LEAST_CUTOFF_ROOM = 1e-6
"""In the problem's own scale, also where nothing has a cost: CBC takes nothing that is no better than a cutoff."""
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

    def as_stage(
        self, name: str, unit: str, seconds: float, *, sign: int = 1, is_held: bool = True, breaks_ties: bool = False
    ) -> Stage:
        """What people are told of it; `sign` turns value and bound into what they see."""
        return Stage(
            name=name,
            unit=unit,
            reason=self.reason,
            value=None if self.value is None else sign * self.value,
            bound=None if self.bound is None else sign * self.bound,
            gap=self.gap,
            tolerance=exact.tolerance(self.value) if is_held and self.value is not None else None,
            seconds=seconds,
            breaks_ties=breaks_ties,
        )


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
        cutoff = None if as_good_as is None else self._cutoff(sign, as_good_as)
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
                self._check_claim(sign * answer.objective / self.model.cost_scale, value)
                return Found(answer.reason, bits, value, self._settled(answer.reason, bound, value, terms, sign))
            for row in broken:
                self.model.add(row)
            if answer.reason is StopReason.TIME_LIMIT:
                return Found(StopReason.TIME_LIMIT, None, None, bound)

    def _cutoff(self, sign: int, value: float) -> float:
        """`value` in the problem's scale, with room for a solver's inaccuracy."""
        room = _CLAIM_TOLERANCE * self.model.largest_cost + _CUTOFF_ROOM * abs(value)
        return self.model.cost_scale * (sign * value + room) + _LEAST_CUTOFF_ROOM

    def _ask(self, clock: Clock, relative_gap: float, cutoff: float | None, *, twice: bool) -> Answer:
        if cutoff is not None:
            # Measured: presolve costs more here than it saves, and without it the verdict needs no second opinion.
            limits = replace(self._limits(clock, relative_gap), cutoff=cutoff, presolve=False)
            answer = solve.run(self.model, self.solver.name, limits)
            if answer.reason is not StopReason.OPTIMAL or answer.objective is not None:
                return answer
        begun = clock.elapsed_s
        answer = self._run(clock, relative_gap)
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

    def _run(self, clock: Clock, relative_gap: float) -> Answer:
        try:
            return solve.run(self.model, self.solver.name, self._limits(clock, relative_gap))
        except SolverError:
            # HiGHS' presolve was seen to end in "Solve error" where the problem itself is sound.
            if not self._presolve:
                raise
            self._presolve = False
            return solve.run(self.model, self.solver.name, self._limits(clock, relative_gap))

    def bound(self, terms: Terms, clock: Clock, *, sign: int = -1, improve: bool = False) -> LagrangianBound | None:
        """How good `terms` can be at most, larger being better; None where the relaxation was not solved in time.

        It holds for every selection that keeps the demands, so a solver's inaccuracy can make it weaker but not wrong.
        `improve` looks for better prices than the relaxation's.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        model = self.model
        model.minimize(terms, sign)
        try:
            scaled_prices = solve.duals(model, self.solver.name, self._limits(clock, 0.0))
        except SolverError:
            # The bound is a help: what ails the problem itself is told where the problem is solved.
            return None
        if scaled_prices is None:
            return None
        clock.check()
        scaled = zip(scaled_prices, model.scaled_rows(), strict=True)
        prices = [abs(price) / (scale * model.cost_scale) for price, (_, scale) in scaled]
        costs, lagrangian = self._costs(terms, sign), self._lagrangian(clock)
        if not improve:
            return lagrangian.bound(costs, prices)

        def minimize(matrix: Matrix) -> Floats | None:
            clock.check()
            return None if clock.is_over else solve.minimize_linear(matrix)

        return lagrangian.least_bound(costs, prices, minimize)

    def fix_what_cannot_tie(self, value: float, bound: LagrangianBound) -> None:
        """Fixes every column with whose other value no selection reaches `value` (larger is better) or ties with it."""
        for column, best in what_cannot_tie(value, bound):
            if best:
                self.model.fix(column, 1)
            else:
                self.model.leave_out(column)

    def _costs(self, terms: Terms, sign: int) -> list[float]:
        costs = [0.0] * len(self.model.variables)
        for column, coefficient in zip(terms.columns, terms.coefficients, strict=True):
            costs[column] = -sign * coefficient
        return costs

    def _lagrangian(self, clock: Clock) -> Lagrangian:
        rows = [row for row, _ in self.model.scaled_rows()]
        lower = [variable.lowBound for variable in self.model.variables]
        upper = [variable.upBound for variable in self.model.variables]
        return Lagrangian(rows, lower, upper, self.candidates.width, clock.check)

    def free_bound(self, terms: Terms, clock: Clock, *, sign: int = -1) -> LagrangianBound:
        """`bound` without a solver, and weaker: long rows have no price."""
        costs = self._costs(terms, sign)
        return self._lagrangian(clock).bound(costs, [0.0] * len(self.model.origin))

    def impossible(self, columns: Iterable[int], clock: Clock) -> list[int]:
        """Those of some columns that no selection within the demands has; none where that is not proven soon.

        Asks for as many of them as there can be, and again for as many of the others, until there are none.
        """
        open_ones = list(columns)
        for _ in range(_ATTEMPTS):
            if not open_ones:
                break
            found = self.best(Terms(tuple(open_ones), (1.0,) * len(open_ones)), clock)
            if found.bits is None or found.reason is not StopReason.OPTIMAL:
                return []
            if not found.value:
                return open_ones
            open_ones = [column for column in open_ones if not found.bits[column]]
        return []

    def _limits(self, clock: Clock, relative_gap: float) -> Limits:
        return Limits(clock.remaining_s, relative_gap, self.solver.threads, clock.cancel, self._presolve)

    def _check_claim(self, claimed: float, value: float) -> None:
        if abs(claimed - value) > _CLAIM_TOLERANCE * (abs(value) + self.model.cost_size):
            raise DefectError(f"{self.solver.name} claims an objective of {claimed!r}, but it is {value!r}")

    def _settled(self, reason: StopReason, bound: float | None, value: float, terms: Terms, sign: int) -> float | None:
        """The bound, never on the wrong side of the value; the value itself where only rounding lies between.

        A solver sees no differences below its own tolerances. Where those are no rounding, because the value is tiny
        beside a coefficient, the bound keeps that distance: nothing finer was proven.
        """
        if bound is None:
            return None
        largest = self.model.largest_cost
        noise = _NOISE * (abs(value) + largest) if reason is StopReason.OPTIMAL else 0.0
        if (value - bound) * sign < 0 or abs(bound - value) <= noise:
            blur = _BLUR / self.model.cost_scale
            is_fine = blur <= max(exact.RELATIVE * abs(value), exact.ABSOLUTE_AT_ZERO)
            is_fine = is_fine or _is_grid(self.model.open_coefficients(terms), 2 * blur)
            return value if is_fine or not largest else value - sign * blur
        return bound


def what_cannot_tie(value: float, bound: LagrangianBound) -> list[tuple[int, int]]:
    """Columns with whose other value no selection reaches `value` (larger is better) or ties with it, and their own."""
    columns = np.flatnonzero(bound.value - bound.losses < value - 2 * exact.tolerance(value))
    return list(zip(columns.tolist(), bound.best[columns].tolist(), strict=True))


def _is_grid(coefficients: Sequence[float], least: float) -> bool:
    """Whether all are multiples of one power of ten above `least`, so that sums of them differ by as much or not."""
    amounts = np.abs(np.array(coefficients))
    step = 10.0 ** np.floor(np.log10(amounts.min())) if len(amounts) else 1.0
    for _ in range(_GRID_DIGITS):
        if step <= least:
            return False
        steps = amounts / step
        if (np.abs(steps - np.round(steps)) <= _NOISE * np.maximum(1.0, steps)).all():
            return True
        step /= 10
    return False
