"""What more of a capacity would bring, and less would cost: the step curve, with every step proven from both sides.

Let W(b) be the worth of the best plan where a limit on spending (a capacity, that of a team or period, or a cap)
is b. W never falls as b grows, and changes only at single amounts. From the top down: the best plan at b still fits at
the least amount u that it needs, so W is the same from u to b; the next question is one step of the column below u.
Each solve is one step of the curve, and none is passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil, floor

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.rows import Sense
from optimizer.plan import PeriodCapacity, Scenario, ShareBound, TokenBound
from optimizer.plan.parts import Slice
from optimizer.portfolio import Portfolio, Status
from optimizer.rules import rules_of
from optimizer.rules.rule import BoundRule
from optimizer.scenarios import cores
from optimizer.studies.edits import CapacityOf, Edit, LimitOf
from optimizer.studies.grid import step_of
from optimizer.studies.parallel import solve_all
from optimizer.studies.study import Study, Worth, is_better

_ROUNDING = 1e-6
"""A number of steps that is so near to a whole one is that one."""


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
    in all of the range. `is_proven` says that time ended no proof.
    """

    limit: Limit
    now: float
    low: float
    high: float
    step: float
    steps: tuple[CapacityStep, ...]
    least_possible: float | None
    is_proven: bool

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
) -> CapacityCurve:
    """The step curve of one limit, with parts of the range side by side.

    Args:
        study: the scenario and its answer.
        limit: one of its limits.
        low: where the curve begins; None is nine tenths of today's amount.
        high: where it ends; None is a fifth more than today's amount.
        workers: how many parts of the range at once; None is one per core.
        on_step: called after each solve, in one of the threads that solve.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
        PlanError: a floor is a share of the capacity, so a larger one may be worse; or the range is empty.
    """
    if limit.rule is None and has_floor_on_capacity(study.scenario, limit.resource):
        raise PlanError(f"a floor is a share of the capacity of {limit.resource}: more of it also asks for more")
    now = limit.amount(study.scenario)
    walk = _Walk(study, limit, step_of([*resource_costs(study, limit.resource), now]), on_step)
    first = walk.up(0.9 * now if low is None else low)
    last = walk.down(1.2 * now if high is None else high)
    if first > last:
        raise PlanError("the range of the curve is empty")
    steps = walk.between(first, last, workers or cores())
    is_possible = bool(steps) and round(steps[0].amount / walk.step) <= first
    return CapacityCurve(
        limit=limit,
        now=now,
        low=walk.number(first),
        high=walk.number(last),
        step=walk.step,
        steps=tuple(steps),
        least_possible=steps[0].amount if steps and not is_possible else None,
        is_proven=walk.is_proven,
    )


class _Walk:
    """The search for the steps of one limit; amounts are whole numbers of steps of its column."""

    def __init__(self, study: Study, limit: Limit, step: float, on_step: Callable[[], None] | None) -> None:
        self.study, self.limit, self.step = study, limit, step
        self.on_step = on_step
        self.is_proven = True

    def number(self, steps: int) -> float:
        """So many steps as an amount; the product is rounded to the decimal number that people read."""
        return float(f"{steps * self.step:.12g}")

    def up(self, amount: float) -> int:
        """The first number of steps that is at least an amount."""
        return ceil(amount / self.step - _ROUNDING)

    def down(self, amount: float) -> int:
        """The last number of steps that is at most an amount."""
        return floor(amount / self.step + _ROUNDING)

    def between(self, first: int, last: int, parts: int) -> list[CapacityStep]:
        """The steps from `first` to `last`, each part of the range in a thread of its own."""
        parts = max(1, min(parts, last - first))
        edges = [first + (last - first) * part // parts for part in range(parts + 1)]
        questions = [partial(self._down, edges[part] + (1 if part else 0), edges[part + 1]) for part in range(parts)]
        ranges = solve_all(questions, self.study.cancel, workers=parts)
        found = [step for steps in ranges for step in steps]
        return self._without_flat(found)

    def _down(self, first: int, last: int) -> list[CapacityStep]:
        """The steps of one part of the range, found from the top down, in order of amount."""
        found: list[CapacityStep] = []
        here = last
        while here >= first:
            portfolio = self.study.solve(self.limit.edit(self.number(here)), break_ties=False)
            if self.on_step is not None:
                self.on_step()
            self.is_proven &= portfolio.status not in (Status.FEASIBLE, Status.NO_SOLUTION)
            if not portfolio.status.has_portfolio:
                break
            needed = min(here, self._needed(portfolio))
            worth = self.study.worth(portfolio)
            found.append(CapacityStep(self.number(max(first, needed)), worth, portfolio))
            here = needed - 1
        return found[::-1]

    def _needed(self, portfolio: Portfolio) -> int:
        """The least number of steps at which the plan still fits."""
        return self.up(max(0.0, self._used(portfolio) * (1 - exact.RELATIVE)))

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

    def _without_flat(self, found: list[CapacityStep]) -> list[CapacityStep]:
        """The steps without those that are worth no more than the one below them, as at the edges of two parts."""
        kept: list[CapacityStep] = []
        for one in found:
            if not kept or is_better(one.worth, kept[-1].worth, self.study.room):
                kept.append(one)
        return kept
