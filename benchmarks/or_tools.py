"""The same arrays through OR-Tools' MathOpt with SCIP, the fastest of its solvers here; same gaps, one thread.

Its own HiGHS is left out: two builds of HiGHS in one process crash.
"""

from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from benchmarks.direct import ABSOLUTE_GAP, Problem, Solved


def solve_with_or_tools(problem: Problem, time_limit_s: float) -> Solved:
    """The problem built variable by variable and row by row, as MathOpt's own examples do.

    Raises:
        RuntimeError: it found no proven answer for another reason than time.
    """
    model = mathopt.Model()
    z = [model.add_variable(lb=lower, ub=1.0, is_integer=True) for lower in problem.column_lower.tolist()]
    model.minimize(mathopt.LinearSum(c * x for c, x in zip(problem.cost.tolist(), z, strict=True)))
    starts, index, value = problem.start.tolist(), problem.index.tolist(), problem.value.tolist()
    for row, (lower, upper) in enumerate(zip(_plain(problem.row_lower), _plain(problem.row_upper), strict=True)):
        constraint = model.add_linear_constraint(lb=lower, ub=upper)
        for entry in range(starts[row], starts[row + 1]):
            constraint.set_coefficient(z[index[entry]], value[entry])
    parameters = mathopt.SolveParameters(
        threads=1,
        relative_gap_tolerance=problem.relative_gap,
        absolute_gap_tolerance=ABSOLUTE_GAP,
        time_limit=timedelta(seconds=time_limit_s),
    )
    result = mathopt.solve(model, mathopt.SolverType.GSCIP, params=parameters)
    if result.termination.limit is mathopt.Limit.TIME:
        return Solved(frozenset(), None)
    if result.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        raise RuntimeError(f"OR-Tools ended with {result.termination}")
    return Solved(problem.selected(result.variable_values(z)), -result.objective_value() / problem.cost_scale)


def _plain(bounds: np.ndarray) -> list[float]:
    """Bounds with a plain infinity in place of HiGHS'."""
    return np.where(np.abs(bounds) >= 1e30, np.copysign(np.inf, bounds), bounds).tolist()
