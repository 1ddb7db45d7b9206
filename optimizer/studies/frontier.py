"""All efficient plans between two measures: KPIs, or a KPI and what is used of a resource.

A plan is efficient where no other is at least as good in both measures and better in one. They are found by the
epsilon-constraint method: the best of the first measure under a floor on the second, and again with the floor one step
above what that plan has of the second, until nothing is left. A plan is efficient where the next one has less of the
first measure; where it has as much, it takes the place of the one before it. Each step is proven, so a frontier that
says that it is complete leaves nothing out: totals of numbers on a grid are on that grid, and no plan lies between two
of its steps. With a number of points instead, floors are spread evenly between the ends, and of the plans as good as
the one found that with the best second measure is taken (the augmented method, Mavrotas 2009,
doi:10.1016/j.amc.2009.03.037), so every point is still efficient. Each question begins from the plan before it
(`optimizer.studies.quick_answers`).

A long frontier is found in parts, side by side: after the first points the rest of the second measure is cut into equal
parts, and each is a frontier of its own from its floor up to that of the next one.
"""

import threading
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.plan import Direction, Initiative, Kpi, ObjectiveMode, Plan, Scenario, Target, TargetKind
from optimizer.portfolio import Portfolio, SolverName
from optimizer.scenario import solve_scenario
from optimizer.studies.grid import step_of
from optimizer.studies.parallel import Stopped, solve_many
from optimizer.studies.quick_answers import quick_answer

_BEYOND = 4.0
"""So many tolerances beyond a total are kept by no plan that has only that total."""
ALONE, _MOST_PARTS = 20, 60
"""After so many points the rest is found in parts, no more than the second: fixed numbers, so that nothing depends on
how many cores there are."""
_DIGITS = 12
"""Sums of numbers of more digits than these are not on any grid that floats keep."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One axis of a frontier: the total of a KPI, or (`is_resource`) what is used of a resource.

    Of a resource, less is better.
    """

    name: str
    is_resource: bool = False


@dataclass(frozen=True, slots=True)
class EfficientPlan:
    """One point of a frontier: the totals of both measures in their own units, and the plan."""

    first: float
    second: float
    portfolio: Portfolio


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
    cancel: threading.Event | None = None,
    stop: Callable[[], bool] = lambda: False,
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
        on_done: called after each point, and after each part of a long frontier.
        workers: how many parts are found at once, None for one per core; the points are the same.
        alone: after so many points the rest is found in parts.
        cancel: stops the search when it is set from another thread.
        stop: asked before each solve; True ends the search with the points found so far, as Ctrl-C does.

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
    search = _Search(plan, scenario, first, second, solver, time_limit_s, ending, stop)
    return search.frontier(points, on_done, workers, alone)


class _Search:
    def __init__(
        self,
        plan: Plan,
        scenario: Scenario,
        first: Measure,
        second: Measure,
        solver: SolverName,
        time_limit_s: float | None,
        cancel: threading.Event,
        stop: Callable[[], bool],
    ) -> None:
        self.cancel, self.stop = cancel, stop
        self.first, self.second = first, second
        self.solver: SolverName = solver
        self.time_limit_s = time_limit_s
        self.plan, self.axes = _with_axes(plan, scenario, (first, second))
        self.scenario = self.plan.scenarios[0]
        self.is_proven = True
        self.near: tuple[tuple[str, ...], ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """What another process needs: with a wish to stop of its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("cancel", "stop")}

    def __setstate__(self, state: dict[str, object]) -> None:
        """The same search in another process."""
        self.__dict__.update(state, cancel=threading.Event(), stop=lambda: False)

    def frontier(
        self, points: int | None, on_done: Callable[[], None] | None, workers: int | None, alone: int
    ) -> Frontier:
        found: list[EfficientPlan] = []
        is_stopped = False
        try:
            for point in self._spread(points) if points is not None else self._all(on_done, workers, alone):
                if found and point.first == found[-1].first and point.second == found[-1].second:
                    continue
                found.append(point)
                if on_done is not None and points is not None:
                    on_done()
        except (KeyboardInterrupt, Stopped):
            is_stopped = True
        is_complete = points is None and self.is_proven and not is_stopped
        return Frontier(self.first, self.second, tuple(found), is_complete, self.is_proven, is_stopped)

    def _all(self, on_done: Callable[[], None] | None, workers: int | None, alone: int) -> Iterator[EfficientPlan]:
        """Every efficient plan, the best of the first measure first."""
        before: EfficientPlan | None = None
        for point in self._each(on_done, workers, alone):
            if before is not None and not self._is_as_good(point, before):
                yield before
            before = point
        if before is not None:
            yield before

    def _each(self, on_done: Callable[[], None] | None, workers: int | None, alone: int) -> Iterator[EfficientPlan]:
        """The points of `_chain` from one end of the frontier to the other, those beyond the first ones in parts."""
        begun: list[EfficientPlan] = []
        for point in self._chain(None, None):
            yield point
            begun.append(point)
            if on_done is not None:
                on_done()
            if len(begun) == alone:
                break
        else:
            return
        parts = self._parts(begun)
        questions = [partial(self._part, *part) for part in parts]
        found = solve_many(questions, self.cancel, self.stop, workers=workers, on_done=on_done)
        for points, is_proven in found:
            self.is_proven &= is_proven
            yield from points
        if len(found) < len(parts):
            raise Stopped

    def _parts(self, begun: list[EfficientPlan]) -> list[tuple[float, float | None]]:
        """From which floor on the second measure to which, in its own unit, beyond some points; None is no end.

        Each is about as long as what half of those points took, so that parts hold a few points each.
        """
        sign, step = self.axes[1].direction.sign, _grid_of_totals(self.plan, self.scenario, self.axes[1])
        first, last = sign * begun[0].second, sign * self._beyond(begun[-1].second, step)
        top = self._solve(self.axes[1], ())
        far = sign * self._point(top).second if top.status.has_portfolio else last
        length = max((last - first) / 2, (far - last) / _MOST_PARTS, step)
        unit = Decimal(repr(step))
        floors = [last]
        while floors[-1] + length < far:
            beyond = Decimal(repr(floors[-1] + length)) / unit
            floors.append(float(beyond.to_integral_value() * unit))
        ends: list[float | None] = [sign * floor for floor in floors[1:]]
        return list(zip((sign * floor for floor in floors), [*ends, None], strict=True))

    def _part(self, begin: float, end: float | None) -> tuple[list[EfficientPlan], bool]:
        """The points of a part, and whether all of them are proven."""
        own = copy(self)
        # Whoever asked for all parts ends them, by `cancel`.
        own.stop, own.is_proven = lambda: False, True
        return list(own._chain(begin, end)), own.is_proven

    def _chain(self, begin: float | None, end: float | None) -> Iterator[EfficientPlan]:
        """The best of the first measure under a floor on the second, and again beyond each, up to a floor."""
        sign, step = self.axes[1].direction.sign, _grid_of_totals(self.plan, self.scenario, self.axes[1])
        floors = () if begin is None else (_floor(self.axes[1], begin),)
        while (top := self._solve(self.axes[0], floors)).status.has_portfolio:
            point = self._point(top)
            if end is not None and exact.reaches(sign * point.second, sign * end):
                # It is the best under that floor too, where the next part begins.
                return
            yield point
            floors = (_floor(self.axes[1], self._beyond(point.second, step)),)

    def _is_as_good(self, point: EfficientPlan, before: EfficientPlan) -> bool:
        """Whether it has as much of the first measure as the plan before it, which had less of the second."""
        sign = self.axes[0].direction.sign
        return exact.reaches(sign * point.first, sign * before.first)

    def _point(self, portfolio: Portfolio) -> EfficientPlan:
        one, two = self.axes
        return EfficientPlan(portfolio.kpi_totals[one.key], portfolio.kpi_totals[two.key], portfolio)

    def _spread(self, points: int) -> Iterator[EfficientPlan]:
        """The efficient plans at floors spread evenly between the ends of the frontier."""
        best = self._best(None)
        if best is None:
            return
        yield best
        last = self._solve(self.axes[1], ())
        if not last.status.has_portfolio:
            return
        far = last.kpi_totals[self.axes[1].key]
        for number in range(1, points):
            point = self._best(best.second + (far - best.second) * number / max(1, points - 1))
            if point is not None:
                yield point

    def _best(self, bound: float | None) -> EfficientPlan | None:
        """The plan with the best first measure under a floor on the second, and of those the best second."""
        one, two = self.axes
        floors = () if bound is None else (_floor(two, bound),)
        top = self._solve(one, floors)
        if not top.status.has_portfolio:
            return None
        held = _floor(one, top.kpi_totals[one.key])
        settled = self._solve(two, (*floors, held))
        return self._point(settled if settled.status.has_portfolio else top)

    def _beyond(self, total: float, step: float) -> float:
        """The next total on the grid that is better than one by more than a bound is kept within."""
        sign = self.axes[1].direction.sign
        unit = Decimal(repr(step))
        beyond = float((round(Decimal(repr(sign * total)) / unit) + 1) * unit)
        return sign * max(beyond, sign * total + _BEYOND * exact.tolerance(total))

    def _solve(self, aim: Kpi, floors: tuple[Target, ...]) -> Portfolio:
        if self.stop():
            raise Stopped
        kept = tuple(target for target in self.scenario.targets if target.kind is TargetKind.FLOOR)
        asked = self.scenario.model_copy(update={"north_star": aim.key, "targets": (*kept, *floors)})
        plan = self.plan.model_copy(update={"scenarios": (asked,)})
        found = None
        if self.solver == "highs":
            found = quick_answer(plan, asked.name, self.near, time_limit_s=self.time_limit_s, cancel=self.cancel)
        if found is None:
            found = solve_scenario(
                plan,
                asked.name,
                solver=self.solver,
                time_limit_s=self.time_limit_s,
                explain=False,
                break_ties=False,
                cancel=self.cancel,
            )
        if found.status.has_portfolio:
            self.near = (found.selected,)
        self.is_proven &= found.status.value in ("optimal", "infeasible")
        return found


def _with_axes(plan: Plan, scenario: Scenario, measures: tuple[Measure, Measure]) -> tuple[Plan, tuple[Kpi, Kpi]]:
    """The plan with one scenario that has an objective, and the KPIs of both measures; a resource becomes one.

    Raises:
        PlanError: a measure is none of the plan's.
    """
    kpis, initiatives, axes = list(plan.kpis), list(plan.initiatives), []
    capacities = dict(scenario.capacities)
    for measure in measures:
        if not measure.is_resource:
            known = next((kpi for kpi in plan.kpis if kpi.key == measure.name), None)
            if known is None:
                raise PlanError(f"{measure.name!r} is no KPI of the plan")
            axes.append(known)
            continue
        if not any(measure.name in initiative.costs for initiative in initiatives):
            raise PlanError(f"{measure.name!r} is no resource of the plan")
        capacities.pop(measure.name, None)
        used = Kpi(key=f"{measure.name} used", direction=Direction.LOWER)
        axes.append(used)
        kpis.append(used)
        initiatives = [_spending(initiative, measure.name, used.key) for initiative in initiatives]
    changed = scenario.model_copy(update={"objective_mode": ObjectiveMode.NORTH_STAR, "capacities": capacities})
    return (
        plan.model_copy(update={"kpis": tuple(kpis), "initiatives": tuple(initiatives), "scenarios": (changed,)}),
        (axes[0], axes[1]),
    )


def _spending(initiative: Initiative, resource: str, key: str) -> Initiative:
    cost = initiative.costs.get(resource, 0.0)
    return initiative.model_copy(update={"contributions": {**initiative.contributions, key: cost}})


def _floor(kpi: Kpi, value: float) -> Target:
    return Target(kpi=kpi.key, value=value, kind=TargetKind.FLOOR)


def _grid_of_totals(plan: Plan, scenario: Scenario, kpi: Kpi) -> float:
    """The decimal place on which every total of a KPI lies."""
    values = [one.contributions[kpi.key] for one in plan.candidates(scenario) if one.contributions.get(kpi.key)]
    values += [synergy.value for synergy in scenario.synergies if synergy.kpi == kpi.key and synergy.value]
    return step_of(values, _DIGITS)
