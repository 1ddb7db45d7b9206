"""Plans that one capacity alone decides: what every initiative would be worth at any cost and any capacity, at once.

Let f[i](b) be the best score of all initiatives but i that cost b together at most, in steps of the column of costs.
Dynamic programming gives one f by adding all but one initiative to a table; halving the list again and again shares
nearly all of that work between the initiatives: n log n additions instead of n^2. Then, for any score s, cost w and
capacity b of i, the best portfolio with i is worth ``s + f[i](b - w)`` and the best one without it ``f[i](b)``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.plan import ObjectiveMode, TargetKind
from optimizer.plan.parts import capacity_left
from optimizer.rules import main_capacity, rules_of
from optimizer.studies.edits import CapacityOf, ContributionOf, CostOf, Edit
from optimizer.studies.grid import step_of
from optimizer.studies.stated_kpis import worth_amounts
from optimizer.studies.study import Study, Worth

_MOST_ENTRIES = 30_000_000
"""Numbers in all tables together, some 240 MB."""
_NOISE = 1e-6
"""Relative to a step: an amount so near to a whole number of steps is that number."""
_WIDEST = 2.0
"""Capacities are followed up to so many times today's."""


@dataclass(frozen=True)
class OneCapacity:
    """The tables f[i] of a study, a row for each candidate; `step` is what costs are counted in."""

    study: Study
    resource: str
    step: float
    scores: dict[str, float]
    places: dict[str, int]
    table: Floats

    @classmethod
    def of(cls, study: Study) -> "OneCapacity | None":
        """The tables; None where anything but one capacity decides, or costs have too many digits to be counted."""
        plan, scenario = study.plan, study.scenario
        rules = rules_of(plan, scenario)
        capacity = main_capacity(rules)
        is_plain = scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC and not study.answer.horizon
        if capacity is None or len(rules) != 1 or not is_plain or scenario.synergies or len(scenario.capacities) != 1:
            return None
        if any(target.kind is TargetKind.FLOOR for target in scenario.targets):
            return None
        (resource,) = scenario.capacities
        most = scenario.capacities[resource]
        costs = {one.key: one.costs.get(resource, 0.0) for one in study.candidates}
        step = step_of([*costs.values(), most])
        counted = {key: _counted(cost, step) for key, cost in costs.items()}
        width = min(int(_WIDEST * most / step), sum(count or 0 for count in counted.values())) + 2
        if None in counted.values() or width * len(counted) > _MOST_ENTRIES:
            return None
        scores = worth_amounts(study)
        items = [(scores[key], int(count or 0)) for key, count in counted.items()]
        table = np.zeros((len(items), width))
        for place, row in _without_each(items, 0, len(items), np.zeros(width)):
            table[place] = row
        return cls(study, resource, step, scores, {key: place for place, key in enumerate(counted)}, table)

    def worth(self, initiative: str, *, is_in: bool, edit: Edit) -> Worth | None:
        """The worth of the best portfolio with, or without, a candidate and with one number changed; None without any.

        The change is of a number of this candidate, or of the capacity.
        """
        study = self.study
        one = study.plan.initiative(initiative)
        score, cost = self.scores[initiative], one.costs.get(self.resource, 0.0)
        capacity = study.scenario.capacities[self.resource]
        match edit:
            case ContributionOf():
                score += study.objective.coefficients.get(edit.kpi, 0.0) * (
                    edit.value - one.contributions.get(edit.kpi, 0.0)
                )
            case CostOf():
                cost = edit.amount
            case CapacityOf():
                capacity = edit.amount
        available = capacity_left(capacity, study.scenario.reserve)
        room = available + exact.tolerance(available) - (cost if is_in else 0.0)
        steps = int(np.floor(room / self.step + _NOISE))
        if steps < 0:
            return None
        row = self.table[self.places[initiative]]
        return (float(row[min(steps, len(row) - 1)]) + (score if is_in else 0.0),)


def _counted(amount: float, step: float) -> int | None:
    """An amount in steps; None where it is no whole number of them."""
    steps = amount / step
    whole = round(steps)
    return whole if abs(steps - whole) <= _NOISE else None


def _without_each(items: list[tuple[float, int]], first: int, last: int, best: Floats) -> Iterator[tuple[int, Floats]]:
    """For each item from `first` to `last` the table of all others; `best` is that of all outside of this range."""
    if last - first == 1:
        yield first, best
        return
    if first >= last:
        return
    middle = (first + last) // 2
    yield from _without_each(items, first, middle, _with(best, items[middle:last]))
    yield from _without_each(items, middle, last, _with(best, items[first:middle]))


def _with(best: Floats, items: list[tuple[float, int]]) -> Floats:
    """The table with more items to choose from."""
    best = best.copy()
    for score, cost in items:
        if score <= 0 or cost >= len(best):
            continue
        if cost:
            best[cost:] = np.maximum(best[cost:], best[:-cost] + score)
        else:
            best += score
    return best
