"""A scenario as a PuLP problem: always a minimization over numbered columns and rows.

Data    rows of `optimizer.rules` (1)-(14), goals of `optimizer.model.objectives`
Vars    x0, x1, ...  candidates, sorted by key, and their starts        y0, y1, ...  synergies
        u0, u1, ...  relative shortfalls of goals
Model   minimize  p * objective                      p a power of two so that the largest coefficient is about 2^20
        q * terms <= q * (bound + tol)               q a power of two so that the largest coefficient is about 2^9
Names   capacity_1, prerequisite_12, ... rows by the kind of their rule     row_1, row_2, ...  rows of no rule

Rows of whole numbers are exact as they are, and rows of decimal numbers, such as pence or half days, are counted in
steps (0.01, 0.5) so that they are whole too. Other rows enter loosened by more than the tolerance of `optimizer.exact`,
so that no solver's presolve can cut off a portfolio that keeps them exactly; what a solver then accepts too much is
caught by exact cuts (`optimizer.search.exact_search`). Powers of two scale without rounding. No name holds a key of the
plan, because PuLP rewrites those, and then two keys can collide; `origin` leads from a row's name to the rule and from
there to the cell. The same model in the plan's own numbers is `optimizer.stated_model`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import ceil, floor, isfinite

import pulp

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.matrix import Arrays
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.model.steps import step_of
from optimizer.model.tightening import tightened

_LARGEST_COST = 2.0**20
_LARGEST_COEFFICIENT = 2.0**9
_LARGEST_RATIO = 2.0**20
"""How far a row is scaled up for the sake of a small bound or shortfall: solvers refuse coefficients above 1e15."""
_MOST_STEPS = 1e6
"""A coefficient of so many steps is scaled so that one step is far above what a solver neglects."""
_MOST_STEPS_OF_BOUND = 1e8
"""Below 1e9 steps the relative tolerance of 1e-9 is less than one."""
_STEP_NOISE = 1e-6
_TINY = 1e-6
"""Scaled coefficients of rows below this mislead HiGHS' presolve: it called an answer optimal that was not, because of
1e-7 beside 900. Rows are loosened by them instead, and exact cuts take their place where they count."""
_NOTHING = 1e-15
"""Scaled coefficients below this are nothing beside the others, and solvers may refuse them."""
LOOSE = 3.7e-7
_LOOSE_OF_LARGEST = 4e-9
"""Presolve tightens a row that its largest activity exceeds by very little to coefficients as small as that excess,
where its absolute tolerances and rounding swallow them; it then calls answers optimal that are not, and possible plans
infeasible (seen with HiGHS 1.16; `tests/optimizer/search/test_exact_search.py` holds cases; a tighter tolerance makes
it worse).
Sums of people's numbers either equal a bound, but for rounding, or differ in the sixth digit or so: loosening by an odd
amount between the two keeps rows away from that."""


class Model:
    """The PuLP problem of one scenario; rows are added, never taken away.

    Attributes:
        problem: the PuLP problem.
        variables: its variables by column.
        arrays: the same as arrays.
        origin: the row behind each constraint's name.
        is_impossible: whether a row is out of reach, so that there is nothing to solve.
        cost_scale: a value of the problem's objective divided by this is in native units.
        largest_cost: the largest absolute coefficient of the objective among columns that are not fixed.
        cost_size: the same among all columns that are not left out.
    """

    def __init__(self, candidates: Candidates, shortfall_bounds: Sequence[float] = ()) -> None:
        self.problem = pulp.LpProblem("scenario", pulp.LpMinimize)
        add = self.problem.add_variable
        self.variables = [add(f"x{i}", 0, 1, pulp.LpInteger) for i in range(len(candidates.options))]
        self.variables += [add(f"y{j}", 0, 1, pulp.LpInteger) for j in range(len(candidates.synergies))]
        self.variables += [add(f"u{t}", 0, bound) for t, bound in enumerate(shortfall_bounds)]
        self._binaries = candidates.width
        self._upper = [1.0] * candidates.width + list(shortfall_bounds)
        self.arrays = Arrays(self.problem, self.variables)
        self.origin: dict[str, Row] = {}
        self._names: Counter[str] = Counter()
        self._scales: list[float] = []
        self._left_out: set[int] = set()
        self.is_impossible = False
        self.cost_scale = 1.0
        self.cost_size = self.largest_cost = 0.0

    def add(self, row: Row) -> None:
        """Adds a row, scaled and loosened; one whose numbers differ much in size as rows in which they do not.

        Raises:
            PlanError: a number is so large that its row overflows, or so small that it vanishes beside the others.
        """
        if row.is_out_of_reach:
            self.is_impossible = True
            return
        terms = self._without_left_out(row.terms)
        rest = row if terms is row.terms else replace(row, terms=terms)
        for part in tightened(rest, self._upper, self._binaries) if terms.largest() else ():
            self._add_scaled(part)

    def _add_scaled(self, row: Row) -> None:
        terms, largest = row.terms, row.terms.largest()
        if row.soft and row.bound and largest > exact.LARGEST_MULTIPLE * abs(row.bound):
            raise PlanError(f"a target of {row.bound:g} is too small beside amounts of {largest:g} to be planned with")
        step = 0.0 if row.soft or row.is_whole else _step_of(terms, row.bound)
        if step:
            counted = [float(round(coefficient / step)) for coefficient in terms.coefficients]
            bound = _in_steps(row, step)
            self._add(row, Terms(terms.columns, counted), bound, _scale_of_whole(largest / step, bound), step)
            return
        bound = row.bound - row.direction * self._slack(row, largest)
        scale = self._row_scale(row, largest)
        if not isfinite(bound) or not isfinite(largest / scale):
            raise PlanError(f"a number is too large to be planned with: {largest or row.bound:g}")
        self._add(row, terms, bound, scale)

    def _add(self, row: Row, terms: Terms, bound: float, scale: float, unit: float = 1.0) -> None:
        """Adds ``terms / scale`` within ``bound / scale``, which are those of the row in `unit`s."""
        terms, bound = self._without_tiny(row, terms, bound, _TINY * scale)
        expression = self._expression(terms, 1.0 / scale)
        sense = pulp.LpConstraintGE if row.sense is Sense.AT_LEAST else pulp.LpConstraintLE
        self._names[row.kind] += 1
        name = f"{row.kind}_{self._names[row.kind]}"
        self.problem.addConstraint(pulp.LpConstraint(expression, sense, name, bound / scale))
        self.origin[name] = row
        self._scales.append(scale * unit)

    def scaled_rows(self) -> Iterator[tuple[Row, float]]:
        """Each row in the solver's model with the scale that it was divided by."""
        return zip(self.origin.values(), self._scales, strict=True)

    def _without_tiny(self, row: Row, terms: Terms, bound: float, least: float) -> tuple[Terms, float]:
        """The row without the coefficients of binary columns below `least`, as if each of them helped."""
        pairs = list(zip(terms.columns, terms.coefficients, strict=True))
        tiny = [(column, value) for column, value in pairs if abs(value) < least and column < self._binaries]
        if not tiny:
            return terms, bound
        out = {column for column, _ in tiny}
        kept = [(column, value) for column, value in pairs if column not in out]
        help_ = exact.total(value for _, value in tiny if value * row.direction > 0)
        return Terms(tuple(column for column, _ in kept), tuple(value for _, value in kept)), bound - help_

    @staticmethod
    def _slack(row: Row, largest: float) -> float:
        if row.soft or row.is_whole:
            return 0.0
        if row.tight:
            return exact.tolerance(row.bound)
        return max(exact.tolerance(row.bound), LOOSE * abs(row.bound), _LOOSE_OF_LARGEST * largest)

    @staticmethod
    def _row_scale(row: Row, largest: float) -> float:
        if row.is_whole and largest <= _LARGEST_COEFFICIENT:
            return 1.0
        if not row.soft:
            return _scale_of(largest, row.bound)
        # The shortfall column's coefficient is about the bound: it must not fall below the solver's tolerance.
        return exact.power_of_two_near(max(abs(row.bound), largest / _LARGEST_RATIO)) / _LARGEST_COEFFICIENT

    def minimize(self, terms: Terms, sign: int = 1) -> None:
        """Sets the objective: minimize ``sign * terms``."""
        terms = self._without_left_out(terms)
        self.largest_cost = self.largest(terms)
        self.cost_size = terms.largest()
        largest = self.largest_cost or self.cost_size
        self.cost_scale = _LARGEST_COST / exact.power_of_two_near(largest) if largest else 1.0
        expression = self._expression(terms, sign * self.cost_scale)
        if len(expression) < len(self.variables):
            for variable in self.variables:
                # Columns without cost are named too, so that the solver knows every column, even one in no row.
                expression.setdefault(variable, 0.0)
        self.problem.setObjective(expression)

    def fix(self, column: int, value: int) -> None:
        """Fixes a binary column."""
        self.variables[column].lowBound = self.variables[column].upBound = value

    def limit(self, column: int, most: float) -> None:
        """Lowers the upper bound of a continuous column, where no answer that counts needs more."""
        if most < self._upper[column]:
            self._upper[column] = self.variables[column].upBound = most

    def leave_out(self, column: int) -> None:
        """Fixes a binary column at 0 for good: its coefficients no longer count for the scale of rows to come."""
        self.fix(column, 0)
        self._left_out.add(column)

    def open_coefficients(self, terms: Terms) -> list[float]:
        """The coefficients of columns that are not fixed."""
        is_fixed = [variable.lowBound == variable.upBound for variable in self.variables]
        pairs = zip(terms.columns, terms.coefficients, strict=True)
        return [coefficient for column, coefficient in pairs if not is_fixed[column]]

    def largest(self, terms: Terms) -> float:
        """The largest absolute coefficient of a column that is not fixed; 0 without any."""
        return max(map(abs, self.open_coefficients(terms)), default=0.0)

    @contextmanager
    def fixed(self, values: Iterable[tuple[int, int]]) -> Iterator[None]:
        """Within the context, these binary columns have these values."""
        before = []
        for column, value in values:
            before.append((column, self.variables[column].lowBound, self.variables[column].upBound))
            self.fix(column, value)
        try:
            yield
        finally:
            for column, lower, upper in before:
                self.variables[column].lowBound, self.variables[column].upBound = lower, upper

    def is_fixed(self, column: int) -> bool:
        """Whether a column was fixed."""
        return bool(self.variables[column].lowBound == self.variables[column].upBound)

    def values(self) -> list[float]:
        """The solver's values by column."""
        return [variable.varValue or 0.0 for variable in self.variables]

    def _without_left_out(self, terms: Terms) -> Terms:
        if self._left_out.isdisjoint(terms.columns):
            return terms
        pairs = [p for p in zip(terms.columns, terms.coefficients, strict=True) if p[0] not in self._left_out]
        return Terms(tuple(column for column, _ in pairs), tuple(coefficient for _, coefficient in pairs))

    def _expression(self, terms: Terms, factor: float) -> pulp.LpAffineExpression:
        variables = self.variables
        scaled = ((column, factor * value) for column, value in zip(terms.columns, terms.coefficients, strict=True))
        return pulp.LpAffineExpression({variables[c]: value for c, value in scaled if abs(value) >= _NOTHING})


def _scale_of(largest: float, bound: float) -> float:
    """The power of two that a row is divided by."""
    is_nothing = abs(bound) <= 2 * exact.ABSOLUTE_AT_ZERO
    size = largest if is_nothing else max(min(largest, _LARGEST_RATIO * abs(bound)), largest / _LARGEST_RATIO)
    return exact.power_of_two_near(size) / _LARGEST_COEFFICIENT


def _scale_of_whole(largest: float, bound: float) -> float:
    return 1.0 if largest <= _LARGEST_COEFFICIENT else _scale_of(largest, bound)


def _step_of(terms: Terms, bound: float) -> float:
    """The power of ten whose multiples the terms are, where counting in it decides a row exactly; else 0.

    That is so where the tolerance at the bound is less than a step, and where a solver sees one.
    """
    step = step_of(terms.coefficients, _MOST_STEPS * len(terms.columns))
    return step if terms.largest() <= _MOST_STEPS * step and abs(bound) < _MOST_STEPS_OF_BOUND * step else 0.0


def _in_steps(row: Row, step: float) -> float:
    """The last number of steps that keeps the row."""
    steps = (row.bound - row.direction * exact.tolerance(row.bound)) / step
    return float(ceil(steps - _STEP_NOISE) if row.direction > 0 else floor(steps + _STEP_NOISE))
