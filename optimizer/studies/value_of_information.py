"""Which estimates to check first: what knowing one number exactly, before deciding, is worth on average.

That is the expected value of perfect information on one parameter. Who knows the truth x of a number chooses between
the plan and the best plan that decides the other way about its initiative. With d what the plan with the initiative is
worth more than the one without it, and t = coefficient * times * (x - estimate), choosing afterwards is worth
E max(d + t, 0) against max(d + E t, 0). `times` is how often the number counts in the plan with the initiative:
once, or over several periods in each after the one in which it is finished.

All plans with the initiative gain the same by t, and those without it nothing, so no third plan is better than these
two. Where a KPI accrues in each period a plan that starts the initiative at another time can be: there it is worth at
least that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.plan import Accrual
from optimizer.portfolio import Portfolio
from optimizer.studies.estimates import Estimate
from optimizer.studies.opposite import Opposite, solve_opposites
from optimizer.studies.study import Study, is_better

SHOWN_TO_CHECK = 5


@dataclass(frozen=True, slots=True)
class EstimateToCheck:
    """An estimate, and what knowing it exactly before deciding is worth on average, in the unit of the objective.

    `is_least` says that it may be worth more, because the number may also decide when the initiative starts.
    """

    estimate: Estimate
    worth: float
    is_least: bool = False


def estimates_to_check(
    study: Study,
    estimates: Sequence[Estimate],
    draws: NDArray[np.float64],
    *,
    workers: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[EstimateToCheck, ...] | None:
    """The estimates that are worth the most to know, the most valuable one first; at most `SHOWN_TO_CHECK`.

    `draws` has a row for each draw of all `estimates`. Of costs nothing is said, nor of initiatives about which goals
    or rules decide, or for which time ended the proof. None where `stop`, or Ctrl-C, came first.

    Raises:
        DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    coefficients = study.objective.coefficients
    opposites = solve_opposites(study, workers=workers, stop=stop)
    if len(opposites) < len(study.candidates):
        return None
    by_key = {one.initiative: one for one in opposites}
    found = []
    for number, one in enumerate(estimates):
        opposite = by_key[one.initiative]
        price = _price(study, opposite)
        if one.is_cost or one.of not in coefficients or price is None:
            continue
        times = _times(study, one, study.answer if opposite.is_selected else opposite.portfolio)
        moved = price + coefficients[one.of] * times * (draws[:, number] - one.value)
        worth = float(np.maximum(moved, 0.0).mean() - max(float(moved.mean()), 0.0))
        if worth > exact.tolerance(study.answer.objective or 0.0):
            accrues = study.plan.kpi(one.of).accrues
            is_least = bool(study.answer.horizon) and accrues is Accrual.EACH_PERIOD
            found.append(EstimateToCheck(one, worth, is_least))
    return tuple(sorted(found, key=lambda one: -one.worth)[:SHOWN_TO_CHECK])


def _price(study: Study, opposite: Opposite) -> float | None:
    """What the plan with the initiative is worth more than without it; None where goals, or rules, decide."""
    if study.is_commanded(opposite.initiative) or not opposite.is_proven:
        return None
    if opposite.worth is None or opposite.objective_change is None:
        return None
    if is_better(study.worth(study.answer)[:-1], opposite.worth[:-1]):
        return None
    change = study.objective.sign * opposite.objective_change
    return -change if opposite.is_selected else change


def _times(study: Study, estimate: Estimate, portfolio: Portfolio) -> int:
    """How often an estimate counts in a plan that selects its initiative."""
    horizon = portfolio.horizon
    if not horizon:
        return 1
    start = horizon.index(portfolio.starts[estimate.initiative])
    finish = start + study.plan.initiative(estimate.initiative).duration - 1
    return study.plan.kpi(estimate.of).times_counted(finish, len(horizon) - 1)
