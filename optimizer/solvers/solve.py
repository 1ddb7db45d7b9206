"""The only door to a solver: HiGHS, in process or, for large problems, in a process of its own; or CBC.

PuLP's status is not used: after a time limit it says Optimal for a mere incumbent. The solvers' own verdict, incumbent
and bound are read instead.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import Cancelled, SolverError, SolverUnavailableError
from optimizer.model.matrix import Floats, Matrix, open_part
from optimizer.model.problem import Model
from optimizer.portfolio import SolverName as SolverName
from optimizer.portfolio import StopReason
from optimizer.solvers import cbc, highs
from optimizer.solvers.answer import Answer, Limits, LinearMethod
from optimizer.solvers.highs_process import minimize_apart

APART_ABOVE = 5_000
"""With more columns to decide HiGHS is a process of its own: it then has phases that do not look at the clock. So it is
for large relaxations but the quick ones."""
_MANY_ROWS = 1_000
"""A relaxation of fewer rows the simplex is as quick with."""
_HUGE = 300_000
"""Entries of a matrix beyond which an interior point takes minutes (measured with rows between random pairs)."""
_WILD = 1e7
"""A shortfall of 2.3e16 times its goal, or a coefficient of 8e8, made HiGHS without presolve read outside its memory.
Scaled rows seldom have coefficients above a thousand."""
_WIDE = 1e9
"""Beside a cost of 1,650,000,000,080 CBC was seen to overlook one of 20.48."""
_ROUNDING = 1e-9
"""How far a row without open columns may be from its bounds, in the model's scale."""


def solver_version(name: SolverName) -> tuple[str, str]:
    """Name for people and version of a solver.

    Raises:
        SolverUnavailableError: it is not installed.
    """
    return ("HiGHS", highs.highs_version()) if name == "highs" else ("CBC", cbc.cbc_version())


def run(model: Model, name: SolverName, limits: Limits) -> Answer:
    """Minimizes a model; its variables carry the incumbent afterwards.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: the solver crashed.
        SolverUnavailableError: it is not installed.
    """
    whole = model.arrays.matrix()
    part, columns = open_part(whole)
    if limits.start is not None:
        limits = replace(limits, start=limits.start[columns])
    answer = _minimize(part, name, limits) if part.width else _settled(part)
    if answer.values is not None:
        values = whole.lower.copy()
        values[columns] = answer.values
        for variable, value in zip(model.variables, values.tolist(), strict=True):
            variable.varValue = value
    return _within(answer, limits.cutoff)


def is_wild(model: Model) -> bool:
    """Whether a model's numbers are so large that solvers were seen to mislead: a second opinion is worth its time."""
    part, _ = open_part(model.arrays.matrix())
    return _is_wild(part)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The linear relaxation, solved: its value, the prices of rows in their order, and the values of columns."""

    value: float
    prices: Floats
    values: Floats


def relaxation(model: Model, name: SolverName, limits: Limits, *, roughly: bool = False) -> Relaxation | None:
    """The linear relaxation; None where it was not solved.

    Where it is large and has many rows, values and prices are those of an interior point, right to a relative 1e-8.
    Where it is huge, or `roughly` so, they are what could be had in that time; the value is then no bound. Few rows are
    not solved roughly: one price is found sooner, and says as much.
    """
    matrix = model.arrays.matrix()
    if roughly and not _has_many_rows(matrix):
        return None
    limits = replace(limits, method="first order" if roughly else _method(matrix))
    name = "highs" if limits.method == "first order" else name
    answer = _minimize(matrix, name, limits, relaxed=True)
    is_solved = answer.reason is StopReason.OPTIMAL or limits.method == "first order"
    if not is_solved or answer.prices is None or answer.objective is None:
        return None
    assert answer.values is not None
    return Relaxation(answer.objective, answer.prices, answer.values)


def _method(matrix: Matrix) -> LinearMethod:
    """The quickest to the end."""
    if matrix.width <= APART_ABOVE or not _has_many_rows(matrix):
        return "simplex"
    return "first order" if len(matrix.value) > _HUGE else "interior"


def _has_many_rows(matrix: Matrix) -> bool:
    return len(matrix.row_lower) > _MANY_ROWS


def minimize(matrix: Matrix, limits: Limits) -> Answer:
    """The best values of a part of a model, by HiGHS.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: HiGHS crashed.
    """
    return _minimize(matrix, "highs", limits)


def minimize_linear(matrix: Matrix) -> Floats | None:
    """The best values of a small linear problem, by HiGHS in process; None where HiGHS has none."""
    answer = linear_answer(matrix)
    return None if answer is None else answer.values


def linear_answer(matrix: Matrix) -> Answer | None:
    """What HiGHS in process says of a small problem without its integers; None where it crashes."""
    try:
        return highs.minimize(matrix, Limits(), relaxed=True)
    except SolverError:
        return None


def linear_prices(matrix: Matrix) -> tuple[float, Floats] | None:
    """Value and row prices of a small linear problem, by HiGHS in process; None where HiGHS has none."""
    answer = linear_answer(matrix)
    if answer is None or answer.reason is not StopReason.OPTIMAL or answer.objective is None or answer.prices is None:
        return None
    return answer.objective, answer.prices


def _minimize(matrix: Matrix, name: SolverName, limits: Limits, *, relaxed: bool = False) -> Answer:
    if limits.is_cancelled:
        raise Cancelled("stopped before the solver began")
    if name not in ("highs", "cbc"):
        raise SolverUnavailableError(f"there is no solver {name!r}; use highs or cbc")
    is_wild = not relaxed and _is_wild(matrix)
    # CBC was seen to call nothing selected the optimum of such a problem, where HiGHS has the best plan.
    if name == "cbc" and not is_wild and not _has_wide_costs(matrix):
        return cbc.minimize(matrix, limits, relaxed=relaxed)
    # The simplex looks at the clock all the time, and few rows take it less than a process takes to start.
    is_quick = relaxed and limits.method == "simplex" and not _has_many_rows(matrix)
    if (matrix.width > APART_ABOVE and not is_quick) or is_wild:
        return minimize_apart(matrix, limits, relaxed=relaxed)
    return highs.minimize(matrix, limits, relaxed=relaxed)


def _is_wild(matrix: Matrix) -> bool:
    """Whether numbers are so large that HiGHS was seen to crash in process, and CBC to be wrong."""
    is_large = bool((np.isfinite(matrix.upper) & (matrix.upper > _WILD)).any())
    return is_large or bool((np.abs(matrix.value) > _WILD).any())


def _has_wide_costs(matrix: Matrix) -> bool:
    """Whether some costs are so small beside others that CBC was seen to overlook them."""
    sizes = np.abs(matrix.cost[matrix.cost != 0])
    return bool(len(sizes)) and float(sizes.max() / sizes.min()) > _WIDE


def _settled(part: Matrix) -> Answer:
    """The answer where every column is fixed."""
    if (part.row_lower > _ROUNDING).any() or (part.row_upper < -_ROUNDING).any():
        return Answer(StopReason.INFEASIBLE)
    return Answer(StopReason.OPTIMAL, part.offset, part.offset, np.zeros(0))


def _within(answer: Answer, cutoff: float | None) -> Answer:
    """The answer without an incumbent beyond the cutoff: HiGHS may return one, and calls it optimal.

    That nothing else is left (INFEASIBLE) is only believed where the bound says so too: next to an incumbent that is
    one unit beyond the cutoff, HiGHS was seen to drop the answer for the sake of a rounding error of 1e-13.
    """
    if cutoff is None or (answer.objective is not None and answer.objective <= cutoff):
        return answer
    is_proven = answer.reason is StopReason.OPTIMAL and answer.bound is not None and answer.bound > cutoff
    return Answer(StopReason.INFEASIBLE if is_proven else answer.reason, None, answer.bound, units=answer.units)
