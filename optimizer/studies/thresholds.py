"""Where a decision turns: the contribution, or the cost, at which an initiative enters the portfolio or leaves it.

Let V be the worth of the best portfolio without initiative i, and V_i(c) that of the best one with i, where c is one
number of i: its contribution to a KPI, or its cost of a resource. V does not depend on c, so i is selected for certain
where V_i(c) > V, and left out for certain where V_i(c) < V; between, where both are equal, ties decide. Each threshold
is a number on the grid of its column (the least decimal place that the column uses), with the last number on the other
side one step away: both sides were solved, nothing is interpolated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import ceil, floor

from optimizer.plan import ObjectiveMode, TargetKind
from optimizer.studies.edits import ContributionOf, CostOf, Edit, ForceIn, LeaveOut
from optimizer.studies.opposite import Opposite, is_verdict
from optimizer.studies.study import Study, Worth, is_better

_DIGITS = 6
_DOUBLINGS = 5
"""An estimate so many doublings away from the largest of its column is none that somebody would change it to."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number at which a decision turns.

    `of` is the KPI or resource, `is_cost` says which; `now` is the number in the plan. At `turns_at`, and beyond as far
    as was looked, the decision is the other one; at `holds_until`, one `step` nearer, it is not.
    """

    of: str
    is_cost: bool
    now: float
    turns_at: float
    holds_until: float
    step: float


def thresholds(study: Study, opposite: Opposite) -> Iterator[Threshold]:
    """The thresholds of a candidate: of its contributions to KPIs that matter, and of each cost that is limited.

    Where it contributes to none of the KPIs that matter, any of them may be the one that it would have to move.
    None for a number that no change of would turn the decision; none at all where time ended a proof, and for what a
    rule commands: numbers do not decide there.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    if study.is_commanded(opposite.initiative):
        return
    turning = _Turning(study, opposite)
    matter = _kpis_that_matter(study)
    own = turning.initiative.contributions
    for kpi in [kpi for kpi in matter if own.get(kpi)] or matter:
        found = turning.contribution(kpi)
        if found is not None:
            yield found
    for resource in study.scenario.capacities:
        found = turning.cost(resource)
        if found is not None:
            yield found


def _kpis_that_matter(study: Study) -> tuple[str, ...]:
    """The KPIs that the objective, a goal or a floor is about, in the order of the plan.

    A goal of 0 counts by the largest contribution to its KPI: with it, the plan without the initiative changes too.
    """
    scenario = study.scenario
    about = set(study.objective.coefficients) | {target.kpi for target in scenario.targets}
    moving = {target.kpi for target in scenario.targets if not target.value and target.kind is TargetKind.GOAL}
    if scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        about -= moving
    return tuple(kpi.key for kpi in study.plan.kpis if kpi.key in about)


class _NotProven(Exception):  # noqa: N818 - ends one search, on purpose
    """Time ended a proof, so nothing is known about the number asked for."""


class _Turning:
    """The search for the numbers at which the decision about one initiative turns."""

    def __init__(self, study: Study, opposite: Opposite) -> None:
        self.study = study
        self.key = opposite.initiative
        self.initiative = study.plan.initiative(self.key)
        self.is_selected = opposite.is_selected
        self.opposite = opposite

    def contribution(self, kpi: str) -> Threshold | None:
        """Where the contribution to a KPI turns the decision: the least that suffices to enter, or to stay."""
        now = self.initiative.contributions.get(kpi, 0.0)
        column = [i.contributions[kpi] for i in self.study.candidates if kpi in i.contributions]
        good = self.study.plan.kpi(kpi).direction.sign
        if self.is_selected and good * now <= 0:
            return None
        step = _grid(column)
        # An initiative enters as its contribution gets better, and leaves as it goes down to nothing.
        grid = _Grid(now, step, -good if self.is_selected else good)
        largest = max(abs(now), max(map(abs, column), default=0.0), step)
        steps, doublings = (floor(abs(now) / step), 1) if self.is_selected else (ceil(largest / step), _DOUBLINGS)
        found = self._search(grid, partial(ContributionOf, self.key, kpi), steps, doublings, self._guess(kpi, step))
        return None if found is None else Threshold(kpi, False, now, *found, step)

    def cost(self, resource: str) -> Threshold | None:
        """Where the cost of a resource turns the decision."""
        now = self.initiative.costs.get(resource, 0.0)
        capacity = self.study.scenario.capacities[resource]
        column = [i.costs[resource] for i in self.study.candidates if resource in i.costs]
        step = _grid([*column, capacity])
        grid = _Grid(now, step, 1 if self.is_selected else -1)
        reach = (capacity - now) / step + 1 if self.is_selected else now / step
        found = self._search(grid, partial(CostOf, self.key, resource), floor(reach), 1, None)
        return None if found is None else Threshold(resource, True, now, *found, step)

    def _guess(self, kpi: str, step: float) -> int | None:
        """The steps to where the decision turns if the objective alone counts: V_i(c) is a straight line then."""
        slope = abs(self.study.objective.coefficients.get(kpi, 0.0))
        change = self.opposite.objective_change
        return None if not slope or change is None else floor(abs(change) / slope / step) + 1

    def _search(
        self, grid: "_Grid", edit: Callable[[float], Edit], reach: int, doublings: int, guess: int | None
    ) -> tuple[float, float] | None:
        """The first number on the grid at which the decision is the other one, and the one before it."""
        try:
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
            while far - low > 1:
                middle = (low + far) // 2
                low, far = (low, middle) if self._turns(edit(grid.number(middle))) else (middle, far)
        except _NotProven:
            return None
        return grid.number(far), grid.number(low)

    def _turns(self, edit: Edit) -> bool:
        """Whether the decision is the other one for certain."""
        inside, outside = self._worth(ForceIn(self.key), edit), self._worth(LeaveOut(self.key))
        here, there = (inside, outside) if self.is_selected else (outside, inside)
        return there is not None and (here is None or is_better(there, here, self.study.room))

    def _worth(self, *edits: Edit) -> Worth | None:
        """The worth of the best portfolio with some edits; None where there is none."""
        found = self.study.solve(*edits, break_ties=False)
        if not is_verdict(found):
            raise _NotProven
        return self.study.worth(found, *edits) if found.status.has_portfolio else None


@dataclass(frozen=True, slots=True)
class _Grid:
    """The numbers that a column may hold, from the one in the plan on, one way."""

    now: float
    step: float
    way: int

    def number(self, steps: int) -> float:
        """The number so many steps away; the one in the plan is 0 steps away, and may lie between two of the grid."""
        if not steps:
            return self.now
        unit = Decimal(repr(self.step))
        begin = (floor if self.way > 0 else ceil)(Decimal(repr(self.now)) / unit)
        return float((begin + self.way * steps) * unit)


def _grid(values: list[float]) -> float:
    """The least decimal place that any of the numbers uses: 10 for 250 and 1,300; 0.001 for 0.015.

    No finer than `_DIGITS` places below that of the largest number: what is beyond them is no part of an estimate.
    """
    numbers = [Decimal(repr(value)).normalize() for value in values if value]
    if not numbers:
        return 1.0
    least = min(int(number.as_tuple().exponent) for number in numbers)
    return float(Decimal(1).scaleb(max(least, max(number.adjusted() for number in numbers) - _DIGITS)))
