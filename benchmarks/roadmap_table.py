"""Plans over several periods: our objective stage, HiGHS alone on the same rows and CP-SAT, in turns, one thread each.

HiGHS and CP-SAT are stopped after so many CPU seconds, ours has the work of so many seconds and no more than so many
CPU seconds. `benchmarks.roadmap_log` measures plan by plan, ``make bench`` the whole family.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import highspy
from ortools.sat.python import cp_model

from benchmarks.clock import cpu_time
from benchmarks.direct import problem_of_search
from benchmarks.family_table import Side, loaded
from benchmarks.roadmaps import NAME, TEAM, VALUE, RoadmapSize, roadmap
from benchmarks.stage import Built, build, solve
from optimizer.plan import TOKENS, PeriodCapacity, Plan, Prerequisite, rules_of_kind
from optimizer.search.clock import Clock

SIZES = (RoadmapSize(50, 4, 4), RoadmapSize(100, 4, 6), RoadmapSize(300, 4, 10), RoadmapSize(300, 8, 10))
SECONDS, QUICK_SECONDS = 60.0, 3.0
"""CPU seconds of each contestant on each plan; and for a first impression."""
TARGETS = dict(zip(SIZES, (0.0, 0.005, 0.015, 0.04), strict=True))
"""The gap to reach by size."""
_SIXTHS = 6
"""Effort is spread over one, two or three periods: amounts in sixths are whole, as CP-SAT wants them."""
_LOOK_S = 0.1
_GAP_NOISE = 1e-6
"""A gap is proven to be 0 within this."""


@contextmanager
def _stopping(limit_s: float, stop: Callable[[], None]) -> Iterator[None]:
    """Within the context, `stop` is called once so many CPU seconds are used."""
    end, is_done = cpu_time() + limit_s, threading.Event()

    def watch() -> None:
        while not is_done.wait(_LOOK_S):
            if cpu_time() >= end:
                stop()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()


def _side(begun: float, value: float, bound: float) -> Side:
    return Side(cpu_time() - begun, value, abs(bound - value) / max(abs(value), 1e-6))


class _CpuClock(Clock):
    """A clock of CPU seconds: on a busy machine those on the wall say little."""

    @property
    def elapsed_s(self) -> float:
        """CPU seconds since the clock was made."""
        return cpu_time() - self._started


def solve_ours(built: Built, limit_s: float) -> Side:
    """The objective stage with the work that so many seconds buy, and no more than so many CPU seconds."""
    begun = cpu_time()
    clock = _CpuClock(limit_s, work=Clock.with_work(limit_s).work, _started=begun)
    answered = solve(replace(built, question=replace(built.question, clock=clock)))
    if answered is None or answered.core.found.value is None or answered.core.found.bound is None:
        raise ValueError("no plan was found")
    return _side(begun, answered.core.found.value, answered.core.found.bound)


def solve_with_highs_alone(built: Built, limit_s: float) -> Side:
    """The same rows, by HiGHS with the optimizer's settings."""
    problem = problem_of_search(built.search)
    highs = loaded(problem)
    is_over = threading.Event()

    def callback(_kind: object, _message: object, _out: object, wish: object, _data: object) -> None:
        if is_over.is_set():
            wish.user_interrupt = True  # type: ignore[attr-defined]

    highs.setCallback(callback, None)
    highs.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
    begun = cpu_time()
    with _stopping(limit_s, is_over.set):
        highs.run()
    info = highs.getInfo()
    scale = -problem.cost_scale
    return _side(begun, info.objective_function_value / scale, info.mip_dual_bound / scale)


def solve_with_cp_sat(plan: Plan, limit_s: float) -> Side:
    """The plan written for CP-SAT: a Boolean per start, capacities in sixths of a token."""
    scenario = plan.scenario(NAME)
    horizon = len(plan.horizon(scenario))
    model = cp_model.CpModel()
    z = {(i.key, start): model.new_bool_var("") for i in plan.initiatives for start in range(horizon - i.duration + 1)}
    for i in plan.initiatives:
        model.add_at_most_one(z[i.key, start] for start in range(horizon - i.duration + 1))
    for limit in rules_of_kind(scenario.rules, PeriodCapacity):
        for period in range(horizon):
            used = [
                round(_SIXTHS * plan.initiative(key).spent_in(TOKENS, period - start)) * chosen
                for (key, start), chosen in z.items()
                if limit.slice is not None and plan.initiative(key).dimensions[TEAM] == limit.slice.key
            ]
            model.add(sum(used) <= round(_SIXTHS * limit.amount))
    for rule in rules_of_kind(scenario.rules, Prerequisite):
        (needed,) = rule.requires
        lasts = plan.initiative(needed).duration
        for start in range(horizon - plan.initiative(rule.initiative).duration + 1):
            done = [z[needed, first] for first in range(horizon - lasts + 1) if first + lasts - 1 <= start]
            model.add(sum(z[rule.initiative, earlier] for earlier in range(start + 1)) <= sum(done))
    worth = []
    for (key, start), chosen in z.items():
        initiative = plan.initiative(key)
        times = plan.kpi(VALUE).times_counted(start + initiative.duration - 1, horizon - 1)
        worth.append(round(times * initiative.contributions[VALUE]) * chosen)
    model.maximize(sum(worth))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    begun = cpu_time()
    with _stopping(limit_s, solver.stop_search):
        solver.solve(model)
    return _side(begun, solver.objective_value, solver.best_objective_bound)


@dataclass(frozen=True)
class Row:
    """The three contestants on one plan."""

    seed: int
    ours: Side
    highs: Side
    cp_sat: Side


def measure(size: RoadmapSize, limit_s: float, seed: int, *, each_period: bool) -> Row:
    """Each contestant once."""
    plan = roadmap(size, seed, each_period=each_period)

    def built() -> Built:
        return build(plan, plan.scenario(NAME))

    return Row(
        seed, solve_ours(built(), limit_s), solve_with_highs_alone(built(), limit_s), solve_with_cp_sat(plan, limit_s)
    )


@dataclass(frozen=True)
class Line:
    """The plans of one size and one way of counting, one per seed."""

    size: RoadmapSize
    each_period: bool
    rows: Sequence[Row]


_HEADER = (
    "| initiatives x periods x teams | counts | our gap, by seed | asked | HiGHS | CP-SAT "
    "| our value to HiGHS' | to CP-SAT's | CPU seconds |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
)


def render_lines(lines: Sequence[Line]) -> str:
    """One row per line and the worst of all: our gaps, the others' largest, the least ratio of values, the time."""
    rows = [row for line in lines for row in line.rows]
    over = sum(row.ours.gap > TARGETS.get(line.size, 1.0) + _GAP_NOISE for line in lines for row in line.rows)
    asked = f"missed by {over}" if over else "reached by all"
    worst = [f"worst of {len(rows)} plans", "", f"{max(row.ours.gap for row in rows):.2%}", asked, *_beside(rows)]
    return "\n".join([_HEADER, *map(_render_line, lines), f"| {' | '.join(worst)} |"])


def _render_line(line: Line) -> str:
    counts = "each period" if line.each_period else "once"
    is_complete = [row.seed for row in line.rows] == [*range(len(line.rows))]
    gaps = ", ".join(f"{row.ours.gap:.2%}{'' if is_complete else f' (seed {row.seed})'}" for row in line.rows)
    asked = f"{TARGETS[line.size]:.1%}" if line.size in TARGETS else ""
    return f"| {' | '.join([str(line.size), counts, gaps, asked, *_beside(line.rows)])} |"


def _beside(rows: Sequence[Row]) -> list[str]:
    """The largest gaps of the others, the least ratios of values, the longest times."""
    others = [[row.highs for row in rows], [row.cp_sat for row in rows]]
    gaps = [f"{max(side.gap for side in sides):.2%}" for sides in others]
    ratios = [
        f"{min(row.ours.value / side.value for row, side in zip(rows, sides, strict=True)):.4f}" for sides in others
    ]
    seconds = [f"{max(side.seconds for side in sides):.0f}" for sides in ([row.ours for row in rows], *others)]
    return [*gaps, *ratios, ", ".join(seconds)]


def measure_line(size: RoadmapSize, limit_s: float, seeds: int, *, each_period: bool) -> Line:
    """Each contestant once on the plan of every seed."""
    rows = [measure(size, limit_s, seed, each_period=each_period) for seed in range(seeds)]
    return Line(size, each_period, rows)
