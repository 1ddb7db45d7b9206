"""What more changes to an earlier plan would bring: the best value with at most 0, 1, 2 ... changes.

For each number the scenario is solved with that limit in place of its own (22), and at last without any. Each answer is
known to the next question, which allows more: so the values never get worse, proven or not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from optimizer.plan import ChangeLimit, Plan
from optimizer.portfolio import Portfolio, Status
from optimizer.scenario import solve_scenario
from optimizer.studies.parallel import Stopped, solve_next
from optimizer.studies.study import Study, is_better

MOST_CHANGES = 10


@dataclass(frozen=True)
class ChangePoint:
    """The best plan with at most `most` changes (None: any number); `portfolio` has none where none keeps the rules."""

    most: int | None
    portfolio: Portfolio

    @property
    def is_proven(self) -> bool:
        """Whether nothing within as many changes is better, or possible."""
        return self.portfolio.status not in (Status.FEASIBLE, Status.NO_SOLUTION)


@dataclass(frozen=True)
class ChangeCurve:
    """The points from no change on, as long as more changes bring more; the last has any number of changes.

    `is_stopped` says that somebody ended the search: points before the last one are missing, or all of them.
    """

    limit: ChangeLimit
    points: tuple[ChangePoint, ...]
    is_stopped: bool = False


def solve_change_curve(
    study: Study, limit: ChangeLimit, most: int = MOST_CHANGES, *, stop: Callable[[], bool] = lambda: False
) -> ChangeCurve:
    """The curve for changes against the plan that `limit` names, up to `most`.

    `stop` is asked again and again; True ends the search with the points found so far, as Ctrl-C does.

    Raises:
        Cancelled: the study was cancelled.
        DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
    """
    points: list[ChangePoint] = []
    try:
        free = solve_next(partial(_solved, study, None, ()), study.cancel, stop)
    except (KeyboardInterrupt, Stopped):
        return ChangeCurve(limit, (), is_stopped=True)
    is_stopped = False
    try:
        for allowed in range(most + 1):
            known = tuple(point.portfolio for point in points[-1:] if point.portfolio.status.has_portfolio)
            question = partial(_solved, study, limit.model_copy(update={"most": allowed}), known)
            portfolio = solve_next(question, study.cancel, stop)
            points.append(ChangePoint(allowed, portfolio))
            are_known = portfolio.status.has_portfolio and free.status.has_portfolio
            if are_known and not is_better(study.worth(free), study.worth(portfolio), study.room):
                break
    except (KeyboardInterrupt, Stopped):
        is_stopped = True
    return ChangeCurve(limit, (*points, ChangePoint(None, free)), is_stopped)


def _solved(study: Study, limit: ChangeLimit | None, known: tuple[Portfolio, ...]) -> Portfolio:
    return solve_scenario(
        _limited(study.plan, limit),
        study.scenario.name,
        previous_selection=study.answer.selected if limit is None else limit.reference,
        solver=study.solver,
        time_limit_s=study.time_limit_s,
        explain=False,
        known=[portfolio.selection for portfolio in known],
        cancel=study.cancel,
    )


def _limited(plan: Plan, limit: ChangeLimit | None) -> Plan:
    """The plan with this limit instead of the scenario's own."""
    (scenario,) = plan.scenarios
    rules = tuple(rule for rule in scenario.rules if not isinstance(rule, ChangeLimit))
    rules += () if limit is None else (limit,)
    return plan.model_copy(update={"scenarios": (scenario.model_copy(update={"rules": rules}),)})
