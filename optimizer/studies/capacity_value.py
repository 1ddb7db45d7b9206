"""What more of a capacity would bring, and less would cost: the step curve, with every step proven from both sides.

Let W(b) be the worth of the best plan where a limit on spending (a capacity, that of a team or period, or a cap)
is b. W never falls as b grows, and changes only at single amounts. From the top down: the best plan at b still fits at
the least amount u that it needs, so W is the same from u to b; the next question is one step of the column below u.
Each solve is one step of the curve, and none is passed over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil, floor

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.evaluate import evaluate_with
from optimizer.model.rows import Sense
from optimizer.plan import PeriodCapacity, Scenario, ShareBound, TokenBound, spoken_resource
from optimizer.plan.parts import Slice
from optimizer.portfolio import Portfolio, Status
from optimizer.rules import rules_of
from optimizer.rules.rule import BoundRule
from optimizer.scenarios import cores
from optimizer.studies.edits import CapacityOf, Edit, LimitOf, edited
from optimizer.studies.grid import last_that, step_of
from optimizer.studies.parallel import Stopped, solve_many, solve_next, solve_until
from optimizer.studies.study import Study, Worth, is_better
from optimizer.studies.study_questions import StudyQuestions

_ROUNDING = 1e-6
"""A number of steps that is so near to a whole one is that one."""
_PARTS_ELSEWHERE = 16
"""The range is cut into so many parts for other workers; each takes a solve or more."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that limits spending of a resource: the scenario's capacity, or (`rule`) a cap or a row of capacity."""

    resource: str
    rule: TokenBound | PeriodCapacity | None = None

    def amount(self, scenario: Scenario) -> float:
        """The number in the plan."""
        if self.rule is None:
            return scenario.capacities[self.resource]
        given = self.rule.max_tokens if isinstance(self.rule, TokenBound) else self.rule.amount
        assert given is not None
        return given

    def edit(self, amount: float) -> Edit:
        """The change to another number."""
        return CapacityOf(self.resource, amount) if self.rule is None else LimitOf(self.rule, amount)

    @property
    def is_cap(self) -> bool:
        """Whether it is a cap, and not a capacity."""
        return isinstance(self.rule, TokenBound)

    @property
    def part(self) -> Slice | None:
        """The part of the portfolio that it limits; None is all of it."""
        return None if self.rule is None else self.rule.slice

    @property
    def period(self) -> str | None:
        """The period in which it limits spending; None is every one, or the whole plan."""
        return self.rule.period if isinstance(self.rule, PeriodCapacity) else None


@dataclass(frozen=True, slots=True)
class CapacityStep:
    """From `amount` on, up to the next step, the best plan is `portfolio`; with less by one step of the column it is
    worse.

    The first step of a curve may begin below the range that was asked for: then `amount` is the begin of the range.
    """

    amount: float
    worth: Worth
    portfolio: Portfolio


@dataclass(frozen=True, slots=True)
class CapacityCurve:
    """The steps of one limit between two amounts, in order; `step` is the least decimal place of its column.

    `least_possible` is the least amount, within the range, at which any plan keeps every rule; None where that holds
    in all of the range. `is_proven` says that time ended no proof. `is_stopped` says that somebody ended the search:
    the curve is then that of a smaller range than was asked for, today's amount within it where that was reached.
    """

    limit: Limit
    now: float
    low: float
    high: float
    step: float
    steps: tuple[CapacityStep, ...]
    least_possible: float | None
    is_proven: bool
    is_stopped: bool = False

    @property
    def here(self) -> CapacityStep | None:
        """The step that today's amount is on; None where no plan is possible, or it is outside of the range."""
        reached = [one for one in self.steps if exact.reaches(self.now, one.amount)]
        return reached[-1] if reached and exact.stays_within(self.now, self.high) else None


def limits_of(scenario: Scenario) -> tuple[Limit, ...]:
    """Every number of a scenario that limits spending, in its order: capacities, then rows of capacity and caps."""
    rules = [
        Limit(rule.resource, rule)
        for rule in scenario.rules
        if isinstance(rule, PeriodCapacity) or (isinstance(rule, TokenBound) and rule.max_tokens is not None)
    ]
    return (*(Limit(resource) for resource in scenario.capacities), *rules)


def has_floor_on_capacity(scenario: Scenario, resource: str) -> bool:
    """Whether some slice must get a share of the capacity: more capacity then also asks for more."""
    return any(
        isinstance(rule, ShareBound) and rule.of_capacity and rule.min_share and rule.resource == resource
        for rule in scenario.rules
    )


def fits(study: Study, edit: Edit, portfolio: Portfolio) -> bool:
    """Whether a plan keeps every rule after an edit."""
    plan = edited(study.plan, study.scenario.name, (edit,))
    scenario = plan.scenario(study.scenario.name)
    rules = rules_of(plan, scenario)
    return evaluate_with(plan, scenario, portfolio.selection, study.objective, rules).is_allowed


def resource_costs(study: Study, resource: str) -> list[float]:
    """What the candidates cost of a resource, as far as they do."""
    return [one.costs[resource] for one in study.candidates if resource in one.costs]


def solve_capacity_curve(
    study: Study,
    limit: Limit,
    *,
    low: float | None = None,
    high: float | None = None,
    workers: int | None = None,
    on_step: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> CapacityCurve:
    """The step curve of one limit, with parts of the range side by side.

    Args:
        study: the scenario and its answer.
        limit: one of its limits.
        low: where the curve begins; None is nine tenths of today's amount.
        high: where it ends; None is a fifth more than today's amount.
        workers: how many parts of the range at once; None is one per core.
        on_step: called after each solve, in one of the threads that solve; not for those of other workers.
        stop: asked again and again, in those threads too; True ends the search with the amounts looked at so far, as
            Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
        PlanError: a floor is a share of the capacity, so a larger one may be worse; or the range is empty.
        Stopped: the search was ended before anything was found.
    """
    if limit.rule is None and has_floor_on_capacity(study.scenario, limit.resource):
        raise PlanError(
            f"a floor is a share of the capacity of {spoken_resource(limit.resource)}: more of it also asks for more"
        )
    now = limit.amount(study.scenario)
    walk = _Walk(study, limit, step_of([*resource_costs(study, limit.resource), now]), on_step, stop)
    first = walk.up(0.9 * now if low is None else low)
    last = walk.down(1.2 * now if high is None else high)
    if first > last:
        raise PlanError("the range of the curve is empty")
    parts = walk.for_others(first, last) or walk.between(first, last, workers or cores())
    is_stopped = parts[0].first > first or not all(part.is_complete for part in parts)
    if is_stopped:
        parts = _without_gap(parts, now / walk.step)
        first, last = parts[0].reached, parts[-1].last
    steps = walk.without_flat([step for part in parts for step in part.steps])
    is_possible = bool(steps) and round(steps[0].amount / walk.step) <= first
    return CapacityCurve(
        limit=limit,
        now=now,
        low=walk.number(first),
        high=walk.number(last),
        step=walk.step,
        steps=tuple(steps),
        least_possible=steps[0].amount if steps and not is_possible else None,
        is_proven=all(part.is_proven for part in parts),
        is_stopped=is_stopped,
    )


@dataclass(slots=True)
class CurvePart:
    """A part of the range, looked at from `last` down to `reached` by one thread, with its steps in order of amount."""

    first: int
    last: int
    reached: int
    steps: list[CapacityStep] = field(default_factory=list)
    is_proven: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether all of it was looked at."""
        return self.reached <= self.first


def _cut(first: int, last: int, count: int) -> list[CurvePart]:
    """The range in up to so many parts, in order; nothing of them was looked at."""
    count = max(1, min(count, last - first))
    edges = [first + (last - first) * number // count for number in range(count + 1)]
    return [
        CurvePart(edges[number] + (1 if number else 0), edges[number + 1], edges[number + 1] + 1)
        for number in range(count)
    ]


@dataclass(frozen=True)
class CurveQuestions(StudyQuestions[CurvePart]):
    """Parts of the curve of a limit between two numbers of steps, the upper end first."""

    limit: Limit
    step: float
    first: int
    last: int

    def _parts(self) -> list[CurvePart]:
        return _cut(self.first, self.last, _PARTS_ELSEWHERE)[::-1]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._parts())

    def answer(self, number: int) -> CurvePart:
        """One part, with its steps."""
        part = self._parts()[number]
        _Walk(self.study, self.limit, self.step, None, lambda: False).look(part)
        return part


def _without_gap(parts: Sequence[CurvePart], now: float) -> list[CurvePart]:
    """Neighboring parts of which all but the first are complete: those around `now`, else those at the upper end.

    Raises:
        Stopped: nothing was looked at.
    """
    runs: list[list[CurvePart]] = []
    for part in parts:
        if part.reached > part.last:
            continue
        if runs and runs[-1][-1].last + 1 == part.reached:
            runs[-1].append(part)
        else:
            runs.append([part])
    if not runs:
        raise Stopped
    return next((run for run in runs if run[0].reached <= now <= run[-1].last), runs[-1])


class _Walk:
    """The search for the steps of one limit; amounts are whole numbers of steps of its column."""

    def __init__(
        self,
        study: Study,
        limit: Limit,
        step: float,
        on_step: Callable[[], None] | None,
        stop: Callable[[], bool],
    ) -> None:
        self.study, self.limit, self.step = study, limit, step
        self.on_step, self.stop = on_step, stop

    def number(self, steps: int) -> float:
        """So many steps as an amount; the product is rounded to the decimal number that people read."""
        return float(f"{steps * self.step:.12g}")

    def up(self, amount: float) -> int:
        """The first number of steps that is at least an amount."""
        return ceil(amount / self.step - _ROUNDING)

    def down(self, amount: float) -> int:
        """The last number of steps that is at most an amount."""
        return floor(amount / self.step + _ROUNDING)

    def between(self, first: int, last: int, count: int) -> list[CurvePart]:
        """The range from `first` to `last` in up to so many parts, each looked at in a thread of its own."""
        parts = _cut(first, last, count)
        asked = [partial(self.look, part) for part in parts]
        solve_until(asked, self.study.cancel, self.stop, workers=len(parts))
        return parts

    def for_others(self, first: int, last: int) -> list[CurvePart]:
        """The same in many parts, the upper ones where it was stopped; none where that is not worth it.

        How long a solve takes is measured at the upper end, where whoever looks at the curve begins.

        Raises:
            Stopped: nothing was looked at.
        """
        others = self.study.others
        if others is None:
            return []
        ask = partial(self.study.solve, self.limit.edit(self.number(last)), break_ties=False)
        top = solve_next(ask, self.study.cancel, self.stop)
        expected_s = top.solver.seconds * _PARTS_ELSEWHERE / cores()
        if expected_s <= others.after_s or not others.are_there():
            return []
        questions = CurveQuestions(self.study, self.limit, self.step, first, last)
        found = solve_many(questions, self.stop)
        if not found:
            raise Stopped
        return found[::-1]

    def look(self, part: CurvePart) -> None:
        """Look for the steps of one part of the range, from the top down."""
        while part.reached > part.first and not self.stop():
            here = part.reached - 1
            portfolio = self.study.solve(self.limit.edit(self.number(here)), break_ties=False)
            if self.on_step is not None:
                self.on_step()
            part.is_proven &= portfolio.status not in (Status.FEASIBLE, Status.NO_SOLUTION)
            if not portfolio.status.has_portfolio:
                part.reached = part.first
                return
            part.reached = self._least(portfolio, here, part.first)
            worth = self.study.worth(portfolio)
            part.steps.insert(0, CapacityStep(self.number(part.reached), worth, portfolio))

    def _least(self, portfolio: Portfolio, here: int, first: int) -> int:
        """The least number of steps, from `first` on, at which the best plan at `here` still fits."""
        needed = self.up(max(0.0, self._used(portfolio) * (1 - exact.RELATIVE)))
        # A cap may be a share of the capacity, and end the plan earlier than what it uses.
        return last_that(
            lambda steps: fits(self.study, self.limit.edit(self.number(steps)), portfolio),
            here,
            max(first, min(here, needed)),
        )

    def _used(self, portfolio: Portfolio) -> float:
        """The amount of the limit that the plan needs, what is kept free included."""
        study, limit = self.study, self.limit
        if limit.rule is None:
            used = next(use.used for use in portfolio.resources if use.resource == limit.resource)
            return used / (1 - study.scenario.reserve)
        rules = (rule for rule in rules_of(study.plan, study.scenario) if rule.spec == limit.rule)
        needs = [
            rule.stated_by(portfolio.selection)
            for rule in rules
            if isinstance(rule, BoundRule) and rule.sense is Sense.AT_MOST
        ]
        return max(needs, default=0.0)

    def without_flat(self, found: list[CapacityStep]) -> list[CapacityStep]:
        """The steps without those that are worth no more than the one below them, as at the edges of two parts."""
        kept: list[CapacityStep] = []
        for one in found:
            if not kept or is_better(one.worth, kept[-1].worth, self.study.room):
                kept.append(one)
        return kept
