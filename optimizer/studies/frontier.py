"""All efficient plans between two measures: KPIs, or a KPI and what is used of a resource.

A plan is efficient where no other is at least as good in both measures and better in one. Where rules leave little
else near the best, they are listed band by band (`optimizer.studies.frontier_bands`). Else they are found by the
epsilon-constraint method: the best of the first measure under a floor on the second, and again with the floor one step
above what that plan has of the second, until nothing is left. A plan is efficient where the next one has less of the
first measure; where it has as much, it takes the place of the one before it. Each step is proven, so a frontier that
says that it is complete leaves nothing out: totals of numbers on a grid are on that grid, and no plan lies between two
of its steps. With a number of points instead, floors are spread evenly between the ends, and of the plans as good as
the one found that with the best second measure is taken (the augmented method, Mavrotas 2009,
doi:10.1016/j.amc.2009.03.037), so every point is still efficient. Each question begins from the plan before it
(`optimizer.studies.quick_answers`).

A long frontier is found in parts, side by side: after the first points the rest of the second measure is cut into
parts, and each is a frontier of its own from its floor up to that of the next one.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.plan import Plan
from optimizer.portfolio import SolverName
from optimizer.search.efficient_selections import MOST_ENTRIES
from optimizer.studies.frontier_axes import Measure as Measure
from optimizer.studies.frontier_axes import floor_of, stop_costs
from optimizer.studies.frontier_bands import banded_plans
from optimizer.studies.frontier_questions import EfficientPlan as EfficientPlan
from optimizer.studies.frontier_questions import FrontierParts, Questions
from optimizer.studies.parallel import Stopped, solve_many
from optimizer.studies.question_set import OtherWorkers

ALONE, _MOST_PARTS = 20, 60
"""After so many points the rest is found in parts, no more than the second: fixed numbers, so that nothing depends on
how many cores there are."""
_BANDS_A_POINT = 0.75
"""What is left after so many bands is long enough for parts, each of which lists some of what others do."""


@dataclass(frozen=True, slots=True)
class Frontier:
    """Efficient plans, the best of the first measure first.

    `is_complete` says that there is no other efficient plan (other plans with the very same totals aside);
    `is_proven` that time ended no proof, so that every plan listed is efficient. `is_stopped` says that somebody ended
    it: what is missing is beyond the last point.
    """

    first: Measure
    second: Measure
    points: tuple[EfficientPlan, ...]
    is_complete: bool
    is_proven: bool
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class _Effort:
    """How a complete frontier is found; the points are the same."""

    on_done: Callable[[], None] | None
    workers: int | None
    alone: int
    most_entries: int


def solve_frontier(
    plan: Plan,
    scenario_name: str,
    first: Measure,
    second: Measure,
    *,
    points: int | None = None,
    solver: SolverName = "highs",
    time_limit_s: float | None = None,
    on_done: Callable[[], None] | None = None,
    workers: int | None = None,
    alone: int = ALONE,
    most_entries: int = MOST_ENTRIES,
    cancel: threading.Event | None = None,
    stop: Callable[[], bool] = lambda: False,
    others: OtherWorkers | None = None,
) -> Frontier:
    """The frontier of a scenario under all its rules and floors; goals, weights and its own objective play no part.

    A resource that is a measure is not limited by its capacity: the frontier shows what more of it would bring.

    Args:
        plan: what to choose from.
        scenario_name: whose rules hold.
        first: the measure that the points are ordered by.
        second: the other one.
        points: at most so many points, spread evenly; None for all.
        solver: ``highs`` or ``cbc``.
        time_limit_s: wall time in seconds for each solve.
        on_done: called after each point or band of them, and after each part of a long frontier.
        workers: how many parts are found at once, None for one per core; the points are the same.
        alone: after so many points, or three quarters as many bands, the rest is found in parts.
        most_entries: so much is listed at once before a solver is asked; with 0 it is asked for each point.
        cancel: stops the search when it is set from another thread.
        stop: asked before each solve; True ends the search with the points found so far, as Ctrl-C does.
        others: who may find parts elsewhere.

    Raises:
        Cancelled: `cancel` was set.
        DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        KeyError: no such scenario.
        PlanError: a measure is none of the plan's, or both are the same.
    """
    if first == second:
        raise PlanError(f"a frontier needs two measures, and both are {first.name!r}")
    scenario = plan.scenario(scenario_name)
    ending = threading.Event() if cancel is None else cancel
    ask = Questions(
        plan,
        scenario,
        (first, second),
        solver=solver,
        time_limit_s=time_limit_s,
        cancel=ending,
        stop=stop,
        others=others,
    )
    found: list[EfficientPlan] = []
    is_stopped = False
    effort = _Effort(on_done, workers, alone, most_entries)
    try:
        for point in _all(ask, effort) if points is None else _spread(ask, points):
            if found and point.first == found[-1].first and point.second == found[-1].second:
                continue
            found.append(point)
            if on_done is not None and points is not None:
                on_done()
    except (KeyboardInterrupt, Stopped):
        is_stopped = True
    is_complete = points is None and ask.is_proven and not is_stopped
    stops = [exact.total(stop_costs(plan, scenario, measure).values()) for measure in (first, second)]
    spent = tuple(
        replace(point, first=exact.total([point.first, stops[0]]), second=exact.total([point.second, stops[1]]))
        for point in found
    )
    return Frontier(first, second, spent, is_complete, ask.is_proven, is_stopped)


def _all(ask: Questions, effort: _Effort) -> Iterator[EfficientPlan]:
    """Every efficient plan, the best of the first measure first."""
    alone = ceil(_BANDS_A_POINT * effort.alone)
    banded = banded_plans(ask, effort.most_entries, alone=alone, workers=effort.workers, on_done=effort.on_done)
    if banded is not None:
        yield from banded
        return
    before: EfficientPlan | None = None
    for point in _each(ask, effort):
        if before is not None and not _is_as_good(ask, point, before):
            yield before
        before = point
    if before is not None:
        yield before


def _each(ask: Questions, effort: _Effort) -> Iterator[EfficientPlan]:
    """The points of `_chain` from one end of the frontier to the other, those beyond the first ones in parts."""
    begun: list[EfficientPlan] = []
    for point in _chain(ask, None, None):
        yield point
        begun.append(point)
        if effort.on_done is not None:
            effort.on_done()
        if len(begun) == effort.alone:
            break
    else:
        return
    parts = _parts(ask, begun)
    found = solve_many(ChainParts(ask, tuple(parts)), ask.stop, workers=effort.workers, on_done=effort.on_done)
    for points, is_proven in found:
        ask.is_proven &= is_proven
        yield from points
    if len(found) < len(parts):
        raise Stopped


def _parts(ask: Questions, begun: list[EfficientPlan]) -> list[tuple[float, float | None]]:
    """From which floor on the second measure to which, in its own unit, beyond some points; None is no end.

    Each is about as long as what half of those points took, so that parts hold a few points each.
    """
    sign, step = ask.sign, ask.step
    first, last = sign * begun[0].second, sign * ask.beyond(begun[-1].second)
    top = ask.solve(ask.axes[1], ())
    far = sign * ask.point(top).second if top.status.has_portfolio else last
    length = max((last - first) / 2, (far - last) / _MOST_PARTS, step)
    unit = Decimal(repr(step))
    floors = [last]
    while floors[-1] + length < far:
        beyond = Decimal(repr(floors[-1] + length)) / unit
        floors.append(float(beyond.to_integral_value() * unit))
    ends: list[float | None] = [sign * floor for floor in floors[1:]]
    return list(zip((sign * floor for floor in floors), [*ends, None], strict=True))


@dataclass(frozen=True)
class ChainParts(FrontierParts[tuple[list[EfficientPlan], bool]]):
    """Parts that are found point by point; each begins at a floor, and ends where the next one begins."""

    parts: tuple[tuple[float, float | None], ...]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.parts)

    def answer(self, number: int) -> tuple[list[EfficientPlan], bool]:
        """The points of a part, and whether all of them are proven."""
        own = self.ask.part()
        return list(_chain(own, *self.parts[number])), own.is_proven


def _chain(ask: Questions, begin: float | None, end: float | None) -> Iterator[EfficientPlan]:
    """The best of the first measure under a floor on the second, and again beyond each, up to a floor."""
    floors = () if begin is None else (floor_of(ask.axes[1], begin),)
    while (top := ask.solve(ask.axes[0], floors)).status.has_portfolio:
        point = ask.point(top)
        if end is not None and exact.reaches(ask.sign * point.second, ask.sign * end):
            # It is the best under that floor too, where the next part begins.
            return
        yield point
        floors = (floor_of(ask.axes[1], ask.beyond(point.second)),)


def _is_as_good(ask: Questions, point: EfficientPlan, before: EfficientPlan) -> bool:
    """Whether it has as much of the first measure as the plan before it, which had less of the second."""
    sign = ask.axes[0].direction.sign
    return exact.reaches(sign * point.first, sign * before.first)


def _spread(ask: Questions, points: int) -> Iterator[EfficientPlan]:
    """The efficient plans at floors spread evenly between the ends of the frontier."""
    best = _best(ask, None)
    if best is None:
        return
    yield best
    last = ask.solve(ask.axes[1], ())
    if not last.status.has_portfolio:
        return
    far = last.kpi_totals[ask.axes[1].key]
    for number in range(1, points):
        point = _best(ask, best.second + (far - best.second) * number / max(1, points - 1))
        if point is not None:
            yield point


def _best(ask: Questions, bound: float | None) -> EfficientPlan | None:
    """The plan with the best first measure under a floor on the second, and of those the best second."""
    one, two = ask.axes
    floors = () if bound is None else (floor_of(two, bound),)
    top = ask.solve(one, floors)
    if not top.status.has_portfolio:
        return None
    held = floor_of(one, top.kpi_totals[one.key])
    settled = ask.solve(two, (*floors, held))
    return ask.point(settled if settled.status.has_portfolio else top)
