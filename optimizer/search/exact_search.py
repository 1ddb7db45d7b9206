"""Finding the best selection that keeps every demand exactly, not just within a solver's tolerance.

A solver accepts rows that are violated a little. So each answer is rounded and measured in exact arithmetic; a demand
that it breaks gives a cut that is valid for every exact selection and forbids this one, and the solver is asked again.
Since rows enter loosened (`optimizer.model.problem`), no exact selection is ever lost: what the loop ends with is right
on both sides.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from optimizer import exact
from optimizer.errors import SolverError
from optimizer.model.cliques import merged
from optimizer.model.count_rows import count_row
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.problem import Model
from optimizer.model.rows import Bits, Candidates, Demand, Row, Terms, flip_one_of
from optimizer.model.steps import step_of
from optimizer.portfolio import StopReason
from optimizer.rules.rule import Rule
from optimizer.search.clock import Clock
from optimizer.search.deviations import Nearest, best_near_bound, priced_columns
from optimizer.search.direct_search import DirectSearch
from optimizer.search.feasible_start import FeasibleStart
from optimizer.search.found import Found
from optimizer.search.lagrangian_bound import Lagrangian, LagrangianBound
from optimizer.search.solver_calls import CLAIM_TOLERANCE, SolverCalls, SolverChoice, Task
from optimizer.solvers import solve

_ATTEMPTS = 10
_BLUR = 2e-6
"""What a solver may miss in the problem's own scale: its absolute gap, and as much again for its tolerances."""
_GRID_DIGITS = 7
_NO_BETTER = 1e-8
_CUTOFF_ROOM = 1e-7
_FEW_ROWS = 8
"""With more rows prices leave more open than can be listed (measured)."""
_STEPS_SEEN = 8.0
"""A step that is so many times as large as what a solver may miss cannot be missed."""
_NOISE = 1e-9
"""A bound this close (as above) to a value that the solver calls optimal differs from it by rounding only."""


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
        self.model = Model(candidates, shortfall_bounds)
        self.calls = SolverCalls(self.model, solver)
        self._demands: list[Demand] = []
        self._counted: set[Row] = set()
        self._implied: set[Row] = set()
        self._forbidden: list[Row] = []
        self.direct = DirectSearch(candidates, self.model, self._demands, self._implied, self._forbidden)
        rows = [row for rule in rules for row in candidates.rows_of(rule)]
        rows += candidates.start_rows
        self._demands += rows
        # Answers are measured by the rules' own rows; what the solver is given says the same in fewer and sharper ones.
        for row in merged([*rows, *candidates.links()]):
            self.model.add(row)

    @property
    def solver(self) -> SolverChoice:
        """Who answers."""
        return self.calls.solver

    def demand(self, demand: Demand) -> None:
        """Adds something that every later answer keeps exactly."""
        self._demands.append(demand)
        for row in demand.rows():
            self.model.add(row)

    def forbid(self, bits: Bits, columns: Iterable[int]) -> None:
        """Later answers differ from `bits` in at least one of `columns`."""
        row = flip_one_of(columns, bits)
        self._forbidden.append(row)
        self.model.add(row)

    def limit(self, limits: Iterable[tuple[int, float]]) -> None:
        """No answer that counts has more than so much of these continuous columns; for rows that are still to come."""
        for column, most in limits:
            self.model.limit(column, most)

    def leave_out_presolve(self) -> None:
        """For later answers that are wanted within a short time: HiGHS does not look at the clock in all of presolve.

        With 30,000 columns, and rows over all of them, it was seen to take 25 s where 3 were left.
        """
        self.calls.presolve = False

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
        enough: float | None = None,
        start: Bits | None = None,
        nodes: int | None = None,
    ) -> Found:
        """The selection with the largest (`sign` -1) or least (+1) value of `terms`.

        `value_of` measures a selection exactly where `terms` has shortfall columns. `twice` asks for a second opinion
        before there is said to be none. What is clearly worse than `as_good_as` is not looked for: where nothing else
        is left, the answer is INFEASIBLE. What is as good as `enough` ends the search (EFFORT). `start` is a selection
        that keeps every demand: the answer is never worse.
        After `nodes` nodes a solver stops as if its time were up.

        Raises:
            Cancelled: the clock's caller wished to stop.
            SolverError: the solver crashed, and there is no `start`.
        """
        self.model.minimize(terms, sign)
        task = Task(terms, sign, value_of or terms.value, relative_gap, twice, as_good_as, enough, start, nodes)
        if start is None:
            return self._best(task, clock)
        try:
            found = self._best(task, clock)
        except SolverError:
            found = Found(StopReason.ERROR, None, None, None)
        return found.no_worse_than(start, task.value_of(start), sign)

    def better(
        self,
        terms: Terms,
        clock: Clock,
        *,
        than: float | None,
        value_of: Callable[[Bits], float],
    ) -> Found:
        """The selection with the largest value, where it is larger than a known one's (`than`; None: where any is).

        INFEASIBLE where there is none; what is found may be no better than the known one, by rounding. Made for many
        questions that differ little: asked of HiGHS alone, for a proof rather than an answer.

        Raises:
            Cancelled: the clock's caller wished to stop.
            SolverError: the solver crashed.
        """
        self.model.minimize(terms, -1)
        bar = than
        if than is not None:
            step = step_of(terms.coefficients)
            # What is better is better by a step; half of one is far more than a solver's inaccuracy.
            if step > _STEPS_SEEN * (CLAIM_TOLERANCE * self.model.largest_cost + _CUTOFF_ROOM * abs(than)):
                bar = than + step / 2
        near = self._near_bound(terms, clock, bar, value_of)
        if near is not None:
            if near.bits is None:
                return Found(StopReason.INFEASIBLE, None, None, None)
            value = value_of(near.bits)
            return Found(StopReason.OPTIMAL, near.bits, value, value)
        return self._best(Task(terms, -1, value_of, 0.0, False, bar, proves_only=True), clock)

    def _near_bound(
        self, terms: Terms, clock: Clock, above: float | None, value_of: Callable[[Bits], float]
    ) -> Nearest | None:
        """The answer by prices and a short list; None where that is not enough."""
        width = self.candidates.width
        if len(self.model.variables) > width or self.model.is_impossible:
            return None
        own_rows = list(self.rows())
        if len(own_rows) > _FEW_ROWS:
            return None
        relaxed = self._relaxed(terms, clock, -1)
        if relaxed is None:
            return None
        variables = self.model.variables
        lower, upper = [v.lowBound for v in variables], [v.upBound for v in variables]
        rows = [row for row, _ in self.model.scaled_rows()]
        return best_near_bound(
            self.candidates,
            own_rows,
            priced_columns(rows, relaxed.prices.tolist(), self.costs(terms, -1), lower, upper),
            above=above,
            value_of=value_of,
            is_kept=self.keeps_demands,
        )

    def _best(self, task: "Task", clock: Clock) -> Found:
        sign = task.sign
        while True:
            clock.check()
            if self.model.is_impossible:
                return Found(StopReason.INFEASIBLE, None, None, None)
            if not self.candidates.width:
                value = task.value_of(())
                return Found(StopReason.OPTIMAL, (), value, value)
            if clock.is_spent:
                reason = StopReason.TIME_LIMIT if clock.is_over else StopReason.EFFORT
                return Found(reason, None, None, None)
            few = self.direct.best_of_few(task.terms, sign, task.value_of)
            if few is not None:
                if few.bits is None:
                    return Found(StopReason.INFEASIBLE, None, None, None)
                least = task.value_of(few.bits)
                return Found(StopReason.OPTIMAL, few.bits, least, least)
            answer = self.calls.answer(task, clock)
            bound = None if answer.bound is None else sign * answer.bound / self.model.cost_scale
            if answer.objective is None:
                return Found(answer.reason, None, None, bound)
            values = self.model.values()
            bits = tuple(self.candidates.bits(values))
            broken = [row for demand in self._demands if (row := demand.cut(bits)) is not None]
            if not broken:
                value = task.value_of(bits)
                if not self._is_claim_true(sign * answer.objective / self.model.cost_scale, value):
                    if self.calls.presolve:
                        # HiGHS was seen to return a selection with the objective of another one after its presolve.
                        self.calls.presolve = False
                        continue
                    # What the solver did not see, it did not bound either.
                    free = max(self.free_bound(task.terms, clock, sign=sign).value, -sign * value)
                    return Found(StopReason.ERROR, bits, value, -sign * free)
                return Found(answer.reason, bits, value, self._settled(answer.reason, bound, value, task.terms, sign))
            for row in broken:
                self.model.add(row)
            if answer.reason.is_limit:
                return Found(answer.reason, None, None, bound)

    def bound(
        self, terms: Terms, clock: Clock, *, sign: int = -1, improve: bool = False, roughly: bool = False
    ) -> LagrangianBound | None:
        """How good `terms` can be at most, larger being better; None where the relaxation was not solved in time.

        It holds for every selection that keeps the demands, so a solver's inaccuracy can make it weaker but not wrong.
        `improve` looks for better prices than the relaxation's; `roughly` takes what prices can be had in the time.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        relaxed = self._relaxed(terms, clock, sign, roughly=roughly)
        if relaxed is None:
            return None
        value, prices = relaxed.value, relaxed.prices.tolist()
        costs, lagrangian = self.costs(terms, sign), self._lagrangian(clock)
        worths = lagrangian.worths(costs, prices)

        def beside(bound: LagrangianBound) -> LagrangianBound:
            sharper = lagrangian.with_trees(bound, costs, prices)
            return replace(sharper, relaxed=relaxed.values, worths=worths)

        bound = lagrangian.bound(costs, prices)
        # Where whole blocks are worth no less than fractions of them, no prices are better than the relaxation's.
        if not improve or bound.value >= value - _NO_BETTER * abs(value):
            return beside(bound)

        def minimize(matrix: Matrix) -> Floats | None:
            clock.check()
            return None if clock.is_over else solve.minimize_linear(matrix)

        return beside(lagrangian.least_bound(costs, prices, minimize))

    def _relaxed(self, terms: Terms, clock: Clock, sign: int, *, roughly: bool = False) -> "solve.Relaxation | None":
        """The relaxation in native units, larger being better; None where time ended it."""
        model = self.model
        model.minimize(terms, sign)
        try:
            relaxed = solve.relaxation(model, self.calls.solver.name, self.calls.limits(clock), roughly=roughly)
        except SolverError:
            # The bound is a help: what ails the problem itself is reported where the problem is solved.
            return None
        if relaxed is None:
            return None
        clock.check()
        scales = np.array([scale for _, scale in model.scaled_rows()])
        prices = np.abs(relaxed.prices) / (scales * model.cost_scale)
        return solve.Relaxation(-relaxed.value / model.cost_scale, prices, relaxed.values)

    def add_count_rows(self, terms: Terms, *, sign: int = -1) -> None:
        """Adds what follows from capacities for whole selections, and sharpens the relaxation for `terms`."""
        costs = dict(zip(terms.columns, (-sign * coefficient for coefficient in terms.coefficients), strict=True))
        for demand in self._demands:
            if isinstance(demand, Row):
                row = count_row(demand, costs)
                if row is not None and demand not in self._counted:
                    self._counted.add(demand)
                    self._implied.add(row)
                    self.model.add(row)

    def fix_what_cannot_tie(self, value: float, bound: LagrangianBound) -> None:
        """Fixes every column with whose other value no selection reaches `value` (larger is better) or ties with it."""
        for column, best in what_cannot_tie(value, bound):
            if best:
                self.model.fix(column, 1)
            else:
                self.model.leave_out(column)

    def costs(self, terms: Terms, sign: int = -1) -> list[float]:
        """What each column of the model adds to the value of `terms`; larger is better."""
        costs = [0.0] * len(self.model.variables)
        for column, coefficient in zip(terms.columns, terms.coefficients, strict=True):
            costs[column] = -sign * coefficient
        return costs

    def _lagrangian(self, clock: Clock) -> Lagrangian:
        rows = [row for row, _ in self.model.scaled_rows()]
        lower = [variable.lowBound for variable in self.model.variables]
        upper = [variable.upBound for variable in self.model.variables]
        return Lagrangian(rows, lower, upper, self.candidates.width, clock.check, lambda: clock.is_over)

    def free_bound(self, terms: Terms, clock: Clock, *, sign: int = -1) -> LagrangianBound:
        """`bound` without a solver, and weaker: no more than one long row has a price."""
        return self._lagrangian(clock).critical_bound(self.costs(terms, sign))

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

    def starts(self, terms: Terms, clock: Clock, *, sign: int = -1) -> FeasibleStart:
        """Selections that keep every demand, built without a solver."""
        rows = [row for demand in self._demands for row in demand.rows()]
        lower = [variable.lowBound for variable in self.model.variables]
        upper = [variable.upBound for variable in self.model.variables]
        return FeasibleStart(self.candidates, rows, lower, upper, self.costs(terms, sign), clock.check)

    def best_of_knapsack(self, terms: Terms, clock: Clock, *, sign: int = -1) -> tuple[int, ...] | None:
        """`DirectSearch.best_of_knapsack` of `terms`.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        return self.direct.best_of_knapsack(self.costs(terms, sign), clock)

    def rows(self) -> Iterator[Row]:
        """Every row that was demanded, and those that tie synergies to their members; no cuts."""
        return self.direct.rows()

    def keeps_demands(self, bits: Bits) -> bool:
        """Whether a selection keeps everything that was demanded, exactly."""
        return self.direct.keeps_demands(bits)

    def _is_claim_true(self, claimed: float, value: float) -> bool:
        return abs(claimed - value) <= CLAIM_TOLERANCE * (abs(value) + self.model.cost_size)

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
