"""Where a decision turns: the contribution, the cost, or the capacity at which an initiative enters or leaves.

Let V be the worth of the best portfolio without initiative i, and V_i(c) that of the best one with i, where c is one
number of i: its contribution to a KPI, or its cost of a resource. V does not depend on c, so i is selected for certain
where V_i(c) > V, and left out for certain where V_i(c) < V; between, where both are equal, ties decide. Each threshold
is a number on the grid of its column (the least decimal place that the column uses), with the last number on the other
side one step away: both sides were solved, nothing is interpolated.

A portfolio with i that was found for one number of i is one for each number at which it keeps every rule, and V_i is at
least what it is worth there. Where that is enough, nothing is solved; the search for the number at which
the decision turns looks first beside the last one that such a portfolio decides.

A capacity changes both V and V_i, neither of which falls as the capacity grows, and an initiative may enter, leave, and
enter again. The first capacity at which it is in, or out, for certain comes from the best plans at all capacities
(`optimizer.studies.capacity_turns`). Where one capacity alone decides, it is found in rounds: with V at the capacity
reached so far, the least larger capacity at which V_i is above that V. Below it V_i is at most V, so nothing was passed
over; where V at the new capacity is no longer below V_i, the next round begins there. Leaving is the same, downwards.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, partial
from math import ceil, floor

from optimizer.evaluate import evaluate_with
from optimizer.plan import (
    Accrual,
    ObjectiveMode,
    PeriodCapacity,
    Scenario,
    Selection,
    ShareBound,
    TargetKind,
    TokenBound,
    rules_of_kind,
)
from optimizer.portfolio import Portfolio
from optimizer.rules import rules_of
from optimizer.studies.capacity_turns import CapacityTurns, NotProven
from optimizer.studies.capacity_value import Limit, has_floor_on_capacity, limits_of
from optimizer.studies.edits import CapacityOf, ContributionOf, CostOf, Edit, ForceIn, LeaveOut, edited
from optimizer.studies.grid import Grid, last_that, step_of
from optimizer.studies.one_capacity import OneCapacity
from optimizer.studies.opposite import Opposite, is_verdict
from optimizer.studies.parallel import solve_many, solve_until
from optimizer.studies.study import Study, Worth, is_better
from optimizer.studies.study_questions import StudyQuestions

_MOST_ROUNDS = 20
"""So many rounds in which a capacity neither turns the decision nor is proven not to, and the search is given up."""
_ENOUGH_LEFT = 0.125
"""What is best is so to a billionth of what all of it is worth: that decides nothing where less than this is left."""
_MOST_KNOWN = 4
"""Portfolios with an initiative that are tried before a solver is asked: each takes a hundredth of a solve."""
DOUBLINGS = 5
"""An estimate so many doublings away from the largest of its column is none that somebody would change it to."""


class ThresholdKind(StrEnum):
    """Which number of the plan a threshold is about."""

    CONTRIBUTION = "contribution"
    COST = "cost"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number at which a decision turns.

    `of` is the KPI or resource; `now` is the number in the plan. At `turns_at` the decision is the other one, and (a
    capacity aside) beyond as far as was looked; at `holds_until`, one `step` nearer, it is not, nor is it anywhere
    between there and `now`. `limit` is the row of the sheet, where it is a capacity of a period or team.
    """

    of: str
    kind: ThresholdKind
    now: float
    turns_at: float
    holds_until: float
    step: float
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Unturned:
    """A cost or a capacity that turns no decision: nowhere from `now` to `looked_to` is the other decision better.

    `is_however_far` says that it is not beyond that either: nothing costs less than nothing, and where everything fits
    more capacity changes nothing. `limit` is as in `Threshold`.
    """

    of: str
    kind: ThresholdKind
    now: float
    looked_to: float
    is_however_far: bool
    limit: Limit | None = None


def all_thresholds(
    study: Study,
    opposites: Sequence[Opposite],
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[tuple[Threshold, ...], ...]:
    """The thresholds of many candidates, in the order of their opposites; of the first ones where it was stopped.

    `workers` is how many are looked for at once, None for one per core; `on_done` is called after each. `stop` is asked
    again and again; True ends the search with what was found so far, as Ctrl-C does.

    Raises:
        DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    tables = OneCapacity.of(study)
    if tables is None:
        questions = ThresholdQuestions(study, tuple(map(_in_brief, opposites)))
        return tuple(solve_many(questions, stop, workers=workers, on_done=on_done))
    asked = [partial(_thresholds, study, opposite, tables=tables) for opposite in opposites]
    return tuple(solve_until(asked, study.cancel, stop, workers=1, on_done=on_done))


@dataclass(frozen=True)
class ThresholdQuestions(StudyQuestions[tuple[Threshold, ...]]):
    """The thresholds of candidates whose opposites are known."""

    opposites: tuple[Opposite, ...]

    def __len__(self) -> int:
        """How many candidates there are."""
        return len(self.opposites)

    def answer(self, number: int) -> tuple[Threshold, ...]:
        """Those of one."""
        return _thresholds(self.study, self.opposites[number], turns=self._turns)

    @cached_property
    def _turns(self) -> CapacityTurns:
        """What one asks about capacities is known to the next."""
        return CapacityTurns(self.study)


def _in_brief(opposite: Opposite) -> Opposite:
    """What thresholds need to know of an opposite: what it comes to, and what it selects."""
    found = opposite.portfolio
    portfolio = Portfolio(
        found.scenario, found.status, selected=found.selected, starts=found.starts, horizon=found.horizon
    )
    return replace(opposite, portfolio=portfolio, targets_worse=())


def _thresholds(
    study: Study, opposite: Opposite, *, tables: OneCapacity | None = None, turns: CapacityTurns | None = None
) -> tuple[Threshold, ...]:
    return tuple(thresholds(study, opposite, tables=tables, turns=turns)) if opposite.is_proven else ()


def thresholds(
    study: Study, opposite: Opposite, *, tables: OneCapacity | None = None, turns: CapacityTurns | None = None
) -> Iterator[Threshold]:
    """The thresholds of a candidate, as `turns_of` finds them."""
    return (one for one in turns_of(study, opposite, tables=tables, turns=turns) if isinstance(one, Threshold))


def turns_of(
    study: Study, opposite: Opposite, *, tables: OneCapacity | None = None, turns: CapacityTurns | None = None
) -> Iterator[Threshold | Unturned]:
    """The thresholds of a candidate: of its contributions to KPIs that matter, of each cost that is limited, and of
    each capacity; and which of these costs and capacities are proven to turn nothing.

    Where it contributes to none of the KPIs that matter, any of them may be the one that it would have to move.
    Nothing about a contribution that no change of would turn the decision; nothing at all where time ended a proof, and
    for what a rule commands: numbers do not decide there. `tables` answer at once where one capacity alone decides, and
    `turns` has what other candidates of the study asked about its capacities.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    if study.is_commanded(opposite.initiative) or (opposite.is_selected and not opposite.is_possible):
        # Without it nothing is possible, whatever its numbers are, and with less capacity still less.
        return
    turning = _Turning(study, opposite, tables, turns or CapacityTurns(study))
    matter = _kpis_that_matter(study)
    own = turning.initiative.contributions
    for kpi in [kpi for kpi in matter if own.get(kpi)] or matter:
        if (turn := turning.contribution(kpi)) is not None:
            yield turn
    for resource in dict.fromkeys(limit.resource for limit in limits_of(study.scenario) if not limit.is_cap):
        found = turning.cost(resource)
        if found is not None:
            yield found
    for limit in limits_of(study.scenario):
        found = turning.capacity(limit) if turning.is_within(limit) else None
        if found is not None:
            yield found


def _kpis_that_matter(study: Study) -> tuple[str, ...]:
    """The KPIs that the objective, a goal or a floor is about, in the order of the plan.

    A goal of 0 counts by the largest contribution to its KPI: with it, the plan without the initiative changes too.
    """
    scenario = study.scenario
    about = set(study.objective.coefficients) | {target.kpi for target in scenario.targets}
    if scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        about -= _moving_goals(scenario)
    return tuple(kpi.key for kpi in study.plan.kpis if kpi.key in about)


def _moving_goals(scenario: Scenario) -> frozenset[str]:
    """The KPIs with a goal of 0, whose shortfall is measured by the largest contribution."""
    goals = (target for target in scenario.targets if target.kind is TargetKind.GOAL)
    return frozenset(target.kpi for target in goals if not target.value)


class _Turning:
    """The search for the numbers at which the decision about one initiative turns."""

    def __init__(self, study: Study, opposite: Opposite, tables: OneCapacity | None, turns: CapacityTurns) -> None:
        self.study = study
        self.tables = tables
        self.turns = turns
        self.key = opposite.initiative
        self.initiative = study.plan.initiative(self.key)
        self.is_selected = opposite.is_selected
        self.opposite = opposite
        known = study.answer if self.is_selected else opposite.portfolio
        self.with_it = [known.selection] if known.status.has_portfolio else []
        """Portfolios with the initiative, the newest one last."""

    def contribution(self, kpi: str) -> Threshold | None:
        """Where the contribution to a KPI turns the decision: the least that suffices to enter, or to stay."""
        now = self.initiative.contributions.get(kpi, 0.0)
        column = [i.contributions[kpi] for i in self.study.candidates if kpi in i.contributions]
        good = self.study.plan.kpi(kpi).direction.sign
        if self.is_selected and good * now <= 0:
            return None
        step = step_of(column)
        # An initiative enters as its contribution gets better, and leaves as it goes down to nothing.
        grid = Grid(now, step, -good if self.is_selected else good)
        largest = max(abs(now), max(map(abs, column), default=0.0), step)
        steps, doublings = (floor(abs(now) / step), 1) if self.is_selected else (ceil(largest / step), DOUBLINGS)
        try:
            found = self._search(grid, partial(ContributionOf, self.key, kpi), steps, doublings, self._guess(kpi, step))
        except NotProven:
            return None
        return None if found is None else Threshold(kpi, ThresholdKind.CONTRIBUTION, now, *found, step)

    def cost(self, resource: str) -> Threshold | Unturned | None:
        """Where the cost of a resource turns the decision; None where that is not known."""
        now = self.initiative.costs.get(resource, 0.0)
        column = [i.costs[resource] for i in self.study.candidates if resource in i.costs]
        limits = self._most_spent(resource)
        step = step_of([*column, *limits])
        grid = Grid(now, step, 1 if self.is_selected else -1)
        reach = (sum(limits) - now) / step + 1 if self.is_selected else now / step
        try:
            found = self._search(grid, partial(CostOf, self.key, resource), floor(reach), 1, None)
        except NotProven:
            return None
        if found is not None:
            return Threshold(resource, ThresholdKind.COST, now, *found, step)
        least = grid.number(floor(reach))
        if self.is_selected or not now or least or self._costs_may_help(resource):
            return None
        return Unturned(resource, ThresholdKind.COST, now, least, is_however_far=True)

    def _costs_may_help(self, resource: str) -> bool:
        """Whether a rule asks for spending, or for a part of it: costing less may then make things worse."""
        return any(
            rule.resource == resource
            for rule in self.study.scenario.rules
            if isinstance(rule, ShareBound) or (isinstance(rule, TokenBound) and rule.min_tokens is not None)
        )

    def _most_spent(self, resource: str) -> list[float]:
        """Amounts that together are more than can be spent: the capacity, else those of periods and teams."""
        scenario = self.study.scenario
        if resource in scenario.capacities:
            return [scenario.capacities[resource]]
        periods = len(self.study.answer.horizon)
        rules = [rule for rule in rules_of_kind(scenario.rules, PeriodCapacity) if rule.resource == resource]
        return [rule.amount for rule in rules for _ in range(1 if rule.period else periods)]

    def is_within(self, limit: Limit) -> bool:
        """Whether a limit is a capacity that the initiative would use; that of the whole plan always counts."""
        if limit.is_cap:
            return False
        part, costs = limit.part, self.initiative.costs.get(limit.resource)
        is_of_part = part is None or self.initiative.dimensions.get(part.dimension) == part.key
        return limit.rule is None or bool(costs and is_of_part)

    def capacity(self, limit: Limit) -> Threshold | Unturned | None:
        """The first amount of a capacity, away from today's, at which the decision is the other one; unturned where
        there is none between half and twice today's capacity.

        None where that is not known (by `tables`, where it was not reached in `_MOST_ROUNDS`), and where a floor is a
        share of the capacity, which then takes away as much as it gives.
        """
        resource = limit.resource
        if limit.rule is None and has_floor_on_capacity(self.study.scenario, resource):
            return None
        way = self.turns.of(limit, is_upwards=not self.is_selected)
        grid = way.grid
        try:
            if self.tables is None:
                steps = way.first(self.key)
            else:
                steps = self._first_capacity(grid, partial(CapacityOf, resource), way.most)
        except NotProven:
            return None
        row = limit if limit.rule is not None else None
        if steps is None:
            looked_to = grid.number(max(0, way.most))
            return Unturned(resource, ThresholdKind.CAPACITY, grid.now, looked_to, way.all_fit, row)
        return Threshold(
            of=resource,
            kind=ThresholdKind.CAPACITY,
            now=grid.now,
            turns_at=grid.number(steps),
            holds_until=grid.number(steps - 1),
            step=grid.step,
            limit=row,
        )

    def _first_capacity(self, grid: Grid, edit: Callable[[float], Edit], most: int) -> int | None:
        """The first number of steps at which the decision is the other one for certain; see the module's docstring.

        Raises:
            NotProven: it was not reached in `_MOST_ROUNDS`.
        """
        room = self.study.room

        def beyond(steps: int, bar: Worth | None) -> bool:
            """Whether what has to give way, or to catch up, is past the bar at so many steps."""
            mine = self._worth(edit(grid.number(steps)), is_in=True)
            if self.is_selected:
                return bar is not None and (mine is None or is_better(bar, mine, room))
            return mine is not None and (bar is None or is_better(mine, bar, room))

        low = 0
        for _ in range(_MOST_ROUNDS):
            if low >= most:
                return None
            bar = self._worth(edit(grid.number(low)), is_in=False)
            if not beyond(most, bar):
                return None
            far, near = most, low
            while far - near > 1:
                middle = (near + far) // 2
                near, far = (near, middle) if beyond(middle, bar) else (middle, far)
            if beyond(far, self._worth(edit(grid.number(far)), is_in=False)):
                return far
            low = far
        raise NotProven

    def _guess(self, kpi: str, step: float) -> int | None:
        """The steps to where the decision turns if the objective alone counts: V_i(c) is a straight line then."""
        slope = abs(self.study.objective.coefficients.get(kpi, 0.0))
        change = self.opposite.objective_change
        return None if not slope or change is None else floor(abs(change) / slope / step) + 1

    def _search(
        self, grid: Grid, edit: Callable[[float], Edit], reach: int, doublings: int, guess: int | None
    ) -> tuple[float, float] | None:
        """The first number on the grid at which the decision is the other one, and the one before it.

        Raises:
            NotProven: time ended a proof.
        """
        low, far = 0, None
        if guess is not None and guess <= reach * 2 ** (doublings - 1) and self._turns(edit(grid.number(guess))):
            far = guess
            low = guess - 1 if not self._turns(edit(grid.number(guess - 1))) else 0
        for _ in range(doublings if far is None else 0):
            if reach > 0 and self._turns(edit(grid.number(reach))):
                far = reach
                break
            low, reach = reach, reach * 2
        if far is None:
            return None
        low, far = self._edge(lambda steps: edit(grid.number(steps)), low, far)
        return grid.number(far), grid.number(low)

    def _edge(self, edit: Callable[[int], Edit], low: int, far: int) -> tuple[int, int]:
        """The two numbers of steps, side by side, between which the decision turns: it does at `far`, not at `low`."""

        is_solved, width = self.tables is None, 1
        newest: Selection | None = None
        while far - low > 1:
            # What is selected stays in as far as a known portfolio shows; what is left out comes in from there on.
            if is_solved and self.with_it and self.with_it[-1] is not newest:
                tried = self.with_it if newest is None else self.with_it[-1:]
                newest = self.with_it[-1]
                is_shown = partial(self._is_shown_at, edit, tried)
                if self.is_selected:
                    low = last_that(is_shown, low, far - 1)
                else:
                    far = last_that(is_shown, far, low + 1)
            half = (far - low) // 2
            if half:
                # The turn is most often near what is shown: each further look is twice as far.
                way = max(1, min(width, half)) if is_solved else half
                at = low + way if self.is_selected or not is_solved else far - way
                has_turned = self._turns_solved(edit(at))
                low, far = (low, at) if has_turned else (at, far)
                width = width if has_turned is self.is_selected else 2 * width
        return low, far

    def _is_shown_at(self, edit: Callable[[int], Edit], tried: Sequence[Selection], steps: int) -> bool:
        return self._is_shown_in(edit(steps), tried)

    def _turns(self, edit: Edit) -> bool:
        """Whether the decision is the other one for certain."""
        if self.tables is None and self._is_shown_in(edit, self.with_it):
            return not self.is_selected
        return self._turns_solved(edit)

    def _turns_solved(self, edit: Edit) -> bool:
        """The same, where no known portfolio shows it."""
        inside, outside = self._worth(edit, is_in=True), self._worth(edit, is_in=False)
        here, there = (inside, outside) if self.is_selected else (outside, inside)
        return there is not None and (here is None or is_better(there, here, self.study.room))

    def _is_shown_in(self, edit: Edit, tried: Sequence[Selection]) -> bool:
        """Whether a known portfolio with the initiative shows that it is in after an edit: that nothing is better
        without it where it is selected, and that the portfolio is better where it is left out.
        """
        study, outside = self.study, self._worth(edit, is_in=False)
        plan = edited(study.plan, study.scenario.name, (edit,))
        (scenario,) = plan.scenarios
        rules = rules_of(plan, scenario)
        for selection in reversed(tried):
            found = evaluate_with(plan, scenario, selection, study.objective, rules)
            if not found.is_allowed:
                continue
            inside = study.worth(found, edit)
            if outside is None or is_better(inside, outside, study.room):
                return True
            if self.is_selected and not is_better(outside, inside, study.room):
                return True
        return False

    def _worth(self, edit: Edit, *, is_in: bool) -> Worth | None:
        """The worth of the best portfolio with, or without, the initiative, after an edit; None where there is none."""
        if self.tables is not None:
            return self.tables.worth(self.key, is_in=is_in, edit=edit)
        if not is_in and not self._is_measure(edit):
            return self._without
        known = self._known_with if is_in else None
        if known is not None and isinstance(edit, ContributionOf) and self._counts_once(edit.kpi):
            # What is best with it stays best, and is worth more or less by what it brings.
            now = self.initiative.contributions.get(edit.kpi, 0.0)
            left = known[0] + self.study.objective.coefficients.get(edit.kpi, 0.0) * (edit.value - now)
            if abs(left) >= _ENOUGH_LEFT * abs(known[0]):
                return (left,)
        return self._solved(ForceIn(self.key) if is_in else LeaveOut(self.key), edit)

    def _solved(self, *edits: Edit) -> Worth | None:
        found = self.study.solve(*edits, break_ties=False, near=self.opposite.portfolio.selected)
        if not is_verdict(found):
            raise NotProven
        if not found.status.has_portfolio:
            return None
        if self.key in found.selected:
            self.with_it = [*self.with_it[1 - _MOST_KNOWN :], found.selection]
        return self.study.worth(found, *edits)

    @cached_property
    def _without(self) -> Worth | None:
        """What the best portfolio without it is worth, whatever its own numbers are; None where there is none.

        Raises:
            NotProven: time ended the proof.
        """
        if self.study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            # Of those as good within a billionth, what is known may be the least: where goals are held, that decides.
            return self._solved(LeaveOut(self.key))
        found = self.opposite.portfolio if self.is_selected else self.study.answer
        if not is_verdict(found):
            raise NotProven
        return self.opposite.worth if self.is_selected else self.study.worth(found)

    def _is_measure(self, edit: Edit) -> bool:
        """Whether goals are measured by the number: one of 0 counts by the largest contribution to its KPI."""
        is_first = self.study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC
        return is_first and isinstance(edit, ContributionOf) and edit.kpi in _moving_goals(self.study.scenario)

    @cached_property
    def _known_with(self) -> Worth | None:
        """What the best portfolio with it is worth as things are, where only the objective counts; None: not known."""
        if self.study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            return None
        if not self.is_selected:
            return self.opposite.worth
        return self.study.worth(self.study.answer) if is_verdict(self.study.answer) else None

    def _counts_once(self, kpi: str) -> bool:
        """Whether a contribution to a KPI decides nothing but what the portfolio is worth, whatever else is selected.

        A floor decides what is possible; and what accrues in each period is worth more where it starts earlier.
        """
        accrues = self.study.plan.kpi(kpi).accrues is Accrual.EACH_PERIOD and bool(self.study.answer.horizon)
        return kpi not in self._bounded_kpis and not accrues

    @cached_property
    def _bounded_kpis(self) -> frozenset[str]:
        """The KPIs with floors, which decide what is possible."""
        return frozenset(target.kpi for target in self.study.scenario.targets if target.kind is TargetKind.FLOOR)
