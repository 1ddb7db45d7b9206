"""Every family of hard plans: our objective stage and HiGHS alone on the same rows, in turns; for the documentation.

``python -m benchmarks.family_table 300 5`` measures plans of 300 initiatives with five seconds for each.
"""

import sys
from dataclasses import dataclass

import highspy
import numpy as np

from benchmarks.clock import cpu_time
from benchmarks.direct import Problem, problem_of_search
from benchmarks.families import FAMILIES, NAME, family_plan
from benchmarks.stage import build, settle_ties, solve
from optimizer.search.clock import Clock

GAP = 1e-6
"""Relative: what counts as proven, as in the status of an answer."""


@dataclass(frozen=True)
class Side:
    """CPU seconds, the best value, and how much better another could be at most, relative to it."""

    seconds: float
    value: float
    gap: float

    @property
    def is_proven(self) -> bool:
        """Whether nothing is better by more than `GAP`."""
        return self.gap <= GAP


def solve_directly(problem: Problem, time_limit_s: float) -> Side:
    """HiGHS with the optimizer's settings, stopped or not."""
    begun = cpu_time()
    highs = highspy.Highs()
    for option, setting in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": problem.relative_gap,
        "mip_abs_gap": 1e-6,
        "small_matrix_value": 1e-12,
        "time_limit": time_limit_s,
    }.items():
        highs.setOptionValue(option, setting)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(problem.cost), len(problem.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.column_lower, np.ones(len(problem.cost))
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = problem.start, problem.index, problem.value
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(problem.cost)
    highs.passModel(lp)
    highs.run()
    info = highs.getInfo()
    value, bound = -info.objective_function_value / problem.cost_scale, -info.mip_dual_bound / problem.cost_scale
    return Side(cpu_time() - begun, value, abs(bound - value) / max(abs(value), GAP))


def measure(family: str, size: int, time_limit_s: float) -> tuple[Side, Side, float, bool]:
    """Ours, HiGHS, the CPU seconds of tie-breaking, and whether every tie was compared."""
    plan = family_plan(family, size)
    built = build(plan, plan.scenario(NAME), time_limit_s=time_limit_s)
    rows = problem_of_search(built.search)
    begun = cpu_time()
    answered = solve(built)
    seconds = cpu_time() - begun
    if answered is None:
        raise ValueError(f"no portfolio for {family}")
    found = answered.core.found
    ours = Side(seconds, found.value or 0.0, 1.0 if found.gap is None else found.gap)
    direct = solve_directly(rows, time_limit_s)
    begun = cpu_time()
    ties = settle_ties(answered, Clock(max(1.0, seconds)))
    return ours, direct, cpu_time() - begun, ties.complete


def main(size: int, time_limit_s: float) -> None:
    """Prints one row per family."""
    print(f"| {size:,} initiatives, {time_limit_s:g} s | ours | HiGHS | ours : HiGHS | our gap | its gap | ties |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for family in FAMILIES:
        ours, direct, ties, is_complete = measure(family, size, time_limit_s)
        print(
            f"| {family} | {ours.seconds:.2f} s | {direct.seconds:.2f} s | {ours.seconds / direct.seconds:.2f} "
            f"| {ours.gap:.1e} | {direct.gap:.1e} | {ties:.2f} s{'' if is_complete else ', cut short'} |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
