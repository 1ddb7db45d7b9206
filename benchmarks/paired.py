"""Ours, HiGHS by hand and OR-Tools on the same problems, in turns, so that a busy machine slows all of them alike.

Times are CPU seconds: every contestant computes with one thread, here or, ours, in a process of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.clock import cpu_time
from benchmarks.direct import problem_of, problem_of_search, solve_with_highs
from benchmarks.models import Model
from benchmarks.or_tools import solve_with_or_tools
from benchmarks.stage import build, settle_ties, solve
from optimizer.plan import Plan, Scenario
from optimizer.search.clock import Clock
from optimizer.search.stages import EXACT_UP_TO

SCENARIOS = ("Most GMV", "Balanced")
SEEDS = {30: 6, 300: 6, 3_000: 2, 30_000: 1}
"""How many workbooks of each size: the time that HiGHS takes depends on luck, and single problems tell little."""
ROUNDS = {30: 5, 300: 3, 3_000: 1, 30_000: 1}
TIME_LIMIT_S = 120.0
OR_TOOLS_LIMIT_S = 60.0
"""Less, so that the whole benchmark stays within some ten minutes; where it is not enough the table says so."""
AGREEMENT = 1e-6
"""Relative; plans above `EXACT_UP_TO` are solved to a gap of half of it."""


@dataclass(frozen=True)
class Turn:
    """CPU seconds of one turn; `or_tools` None where its time ran out."""

    ours: float
    ties: float
    by_hand: float
    same_rows: float
    or_tools: float | None


@dataclass(frozen=True)
class Sides:
    """Medians over problems of the medians over turns."""

    problems: int
    seconds: float
    to_by_hand: float
    to_same_rows: float
    ties: float
    with_ties_to_by_hand: float
    or_tools_to_by_hand: float | None


class Disagreement(Exception):  # noqa: N818 - what it is, not that it is an error
    """Two contestants claim different best values for the same problem."""


def turn(plan: Plan, scenario: Scenario) -> Turn:
    """Each contestant once, from the plan to its answer; ours is checked without the solver.

    Raises:
        Disagreement: the values differ.
        TimeoutError: HiGHS or we did not finish within `TIME_LIMIT_S`.
    """
    begun = cpu_time()
    built = build(plan, scenario, time_limit_s=TIME_LIMIT_S)
    answered = solve(built)
    ours = cpu_time() - begun
    if answered is None:
        raise TimeoutError(f"no answer to {scenario.name!r} within {TIME_LIMIT_S:g} s")
    # Our rows have no trace of the answer yet: cuts and ties would add to them.
    rows = problem_of_search(built.search)

    begun = cpu_time()
    problem = problem_of(plan, scenario)
    building = cpu_time() - begun
    direct = solve_with_highs(problem, TIME_LIMIT_S)
    by_hand = cpu_time() - begun

    begun = cpu_time()
    solve_with_highs(rows, TIME_LIMIT_S)
    same_rows = building + cpu_time() - begun

    begun = cpu_time()
    other = solve_with_or_tools(problem, OR_TOOLS_LIMIT_S)
    or_tools = building + cpu_time() - begun

    exact = len(problem.keys) <= EXACT_UP_TO
    begun = cpu_time()
    settle_ties(answered, Clock() if exact else Clock(max(1.0, ours)))
    ties = cpu_time() - begun

    for name, solved in (("HiGHS", direct), ("OR-Tools", other)):
        value = answered.evaluation.objective
        if solved.objective is not None and abs(solved.objective - value) > AGREEMENT * abs(value):
            raise Disagreement(f"{scenario.name}: {name} says {solved.objective!r}, we say {value!r}")
    if direct.objective is None:
        raise TimeoutError(f"HiGHS did not answer {scenario.name!r} within {TIME_LIMIT_S:g} s")
    return Turn(ours, ties, by_hand, same_rows, None if other.objective is None else or_tools)


def side_by_side(size: int) -> Sides:
    """All contestants on all problems of a size."""
    problems = [_medians([turn(plan, scenario) for _ in range(ROUNDS[size])]) for plan, scenario in _problems(size)]
    finished = [turn.or_tools / turn.by_hand for turn in problems if turn.or_tools is not None]
    return Sides(
        problems=len(problems),
        seconds=median(turn.ours for turn in problems),
        to_by_hand=median(turn.ours / turn.by_hand for turn in problems),
        to_same_rows=median(turn.ours / turn.same_rows for turn in problems),
        ties=median(turn.ties / turn.ours for turn in problems),
        with_ties_to_by_hand=median((turn.ours + turn.ties) / turn.by_hand for turn in problems),
        or_tools_to_by_hand=median(finished) if len(finished) == len(problems) else None,
    )


def _problems(size: int) -> Iterator[tuple[Plan, Scenario]]:
    for seed in range(SEEDS[size]):
        plan = Model(size, seed).plan()
        for name in SCENARIOS:
            yield plan, plan.scenario(name)


def _medians(turns: list[Turn]) -> Turn:
    finished = [turn.or_tools for turn in turns if turn.or_tools is not None]
    return Turn(
        ours=median(turn.ours for turn in turns),
        ties=median(turn.ties for turn in turns),
        by_hand=median(turn.by_hand for turn in turns),
        same_rows=median(turn.same_rows for turn in turns),
        or_tools=median(finished) if len(finished) == len(turns) else None,
    )
