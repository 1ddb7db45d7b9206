"""Every family of hard plans: our objective stage and HiGHS alone on the same rows, in turns; for the documentation.

``python -m benchmarks.family_table 300 5`` measures plans of 300 initiatives with five seconds for each; names of
families after that measure those alone. On a busy machine ours has fewer CPU seconds than that: where it has no proof,
HiGHS gets as many as ours took.
"""

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np

from benchmarks.clock import cpu_time
from benchmarks.direct import Problem, problem_of_search
from benchmarks.families import FAMILIES, NAME, family_plan
from benchmarks.stage import build, settle_ties, solve

TURNS, ENOUGH_S = 5, 2.0
"""At most so many turns, and no further one after so many CPU seconds."""
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


def loaded(problem: Problem, time_limit_s: float = highspy.kHighsInf) -> highspy.Highs:
    """HiGHS with the optimizer's settings and the problem."""
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
    return highs


def solve_directly(problem: Problem, time_limit_s: float, cpu_limit_s: float | None = None) -> Side:
    """HiGHS with the optimizer's settings, stopped or not: by the clock, or after so many CPU seconds instead."""
    begun = cpu_time()
    highs = loaded(problem, time_limit_s if cpu_limit_s is None else highspy.kHighsInf)
    if cpu_limit_s is not None:
        end = begun + cpu_limit_s

        def callback(_kind: object, _message: object, _out: object, wish: object, _data: object) -> None:
            if cpu_time() >= end:
                wish.user_interrupt = True  # type: ignore[attr-defined]

        highs.setCallback(callback, None)
        highs.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
    highs.run()
    info = highs.getInfo()
    value, bound = -info.objective_function_value / problem.cost_scale, -info.mip_dual_bound / problem.cost_scale
    return Side(cpu_time() - begun, value, abs(bound - value) / max(abs(value), GAP))


@dataclass(frozen=True)
class Measured:
    """Ours and HiGHS, each in its quickest turn; CPU seconds of ties, and whether every tie was compared."""

    ours: Side
    direct: Side
    ties: float
    every_tie: bool

    @property
    def ratio(self) -> float:
        """How many times as long ours took."""
        return self.ours.seconds / self.direct.seconds


def measure(family: str, size: int, time_limit_s: float) -> Measured:
    """Both sides in turns, the quick ones several times: what else the machine does only ever adds to a time."""
    plan = family_plan(family, size)
    ours, direct = [], []
    while True:
        built = build(plan, plan.scenario(NAME), time_limit_s=time_limit_s)
        rows = problem_of_search(built.search)
        # As for HiGHS, rows become arrays before the clock starts.
        built.search.model.arrays.matrix()
        # Who comes next does not clear away what was built before.
        gc.collect()
        begun = cpu_time()
        answered = solve(built)
        ours.append(cpu_time() - begun)
        if answered is None:
            raise ValueError(f"no portfolio for {family}")
        found = answered.core.found
        is_open = found.gap is None or found.gap > GAP
        direct.append(solve_directly(rows, time_limit_s, ours[-1] if is_open else None))
        if len(ours) == TURNS or sum(ours) + sum(side.seconds for side in direct) > ENOUGH_S:
            break
    begun = cpu_time()
    # As in a run, but for the time that is left of it: what is done now and no more.
    ties = settle_ties(answered, replace(answered.built.question.clock, limit_s=None).ties(ours[-1]))
    seconds = cpu_time() - begun
    side = Side(min(ours), found.value or 0.0, 1.0 if found.gap is None else found.gap)
    return Measured(side, min(direct, key=lambda side: side.seconds), seconds, ties.complete)


def main(size: int, time_limit_s: float, families: Sequence[str]) -> None:
    """Prints one row per family."""
    print(f"| {size:,} initiatives, {time_limit_s:g} s | ours | HiGHS | ours : HiGHS | our gap | its gap | ties |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for family in families or FAMILIES:
        row = measure(family, size, time_limit_s)
        print(
            f"| {family} | {row.ours.seconds:.3f} s | {row.direct.seconds:.3f} s | {row.ratio:.2f} "
            f"| {row.ours.gap:.1e} | {row.direct.gap:.1e} | {row.ties:.2f} s{'' if row.every_tie else ', cut short'} |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
