"""The second step of a run: solve the scenarios of what was read. Nothing is read or written here.

The answers are a function of the snapshot and the last selections: the same for a sheet, a file and a kept run.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from optimizer import solve_plan
from optimizer.errors import Cancelled, OptimizerError
from optimizer.plan import Plan
from optimizer.portfolio import Portfolio
from optimizer.scenarios import Answer, answer_scenario, with_siblings
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.read_inputs import Reading

logger = logging.getLogger(__name__)

WORK_OF_A_RUN, LEAST_SHARES = 500_000.0, 4
"""Work for the prices of all scenarios of a run (`optimizer.search.clock`), some ten seconds of an idle core; each gets
an equal share, as if there were at least so many."""


def solve_inputs(
    reading: Reading, request: RunRequest, progress: Progress, *, with_prices: bool = False
) -> dict[str, Answer]:
    """Solve every scenario that can be solved; the answers by scenario name.

    `with_prices` also asks what the opposite of each decision comes to, in plans that are small enough.

    Raises:
        Cancelled: `progress.cancel` was set.
    """
    plan, names = reading.checked.plan, reading.scenarios
    if plan is None:
        return {}
    progress.solving(len(names))
    solved = solve_plan(
        plan,
        names,
        previous=reading.last_selections,
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        on_done=lambda _: progress.solved(),
        cancel=progress.cancel,
    )
    answers = dict(zip(names, solved, strict=True))
    return priced(plan, answers, progress.cancel or threading.Event()) if with_prices else answers


def priced(plan: Plan, answers: Mapping[str, Answer], cancel: threading.Event) -> dict[str, Answer]:
    """The same answers, with the prices of their decisions where the plan is small enough; several side by side.

    Always with HiGHS, so that they are the same whichever solver found the answers.

    Raises:
        Cancelled: `cancel` was set.
    """
    # Loads the solvers: not before there is something to solve.
    from optimizer.studies.parallel import solve_all

    units = _work_for_each(len(answers))
    found = solve_all([partial(_priced, plan, answer, units, cancel) for answer in answers.values()], cancel)
    return dict(zip(answers, found, strict=True))


def _work_for_each(scenarios: int) -> float:
    return WORK_OF_A_RUN / max(scenarios, LEAST_SHARES)


def _priced(plan: Plan, answer: Answer, units: float, cancel: threading.Event) -> Answer:
    from optimizer.studies.prices import decision_prices, unproven_prices
    from optimizer.studies.study import Study

    if not isinstance(answer, Portfolio) or not answer.status.has_portfolio:
        return answer
    study = Study(plan, answer, cancel=cancel)
    try:
        return replace(answer, prices=decision_prices(study, units))
    except Cancelled:
        raise
    except OptimizerError as problem:
        # The answer stands by itself; what is only for information says that it is not known.
        logger.warning("What other decisions would come to is not known in %s: %s", answer.scenario, problem)
        return replace(answer, prices=unproven_prices(study))


def compare_answers(reading: Reading, answers: Mapping[str, Answer], request: RunRequest) -> dict[str, Answer]:
    """Answers solved one by one, none of them worse than another scenario's portfolio that keeps its rules."""
    plan = reading.checked.plan
    if plan is None:
        return dict(answers)
    return dict(zip(answers, with_siblings(plan, list(answers.values()), solver=request.solver), strict=True))


def solve_one(reading: Reading, scenario: str, request: RunRequest, cancel: threading.Event) -> Answer:
    """Solve and price one of `reading.scenarios`, for callers that keep each answer; `cancel` stops it from elsewhere.

    Raises:
        Cancelled: `cancel` was set.
    """
    assert reading.checked.plan is not None
    answer = answer_scenario(
        reading.checked.plan,
        scenario,
        previous_selection=reading.last_selections.get(scenario),
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        cancel=cancel,
    )
    return _priced(reading.checked.plan, answer, _work_for_each(len(reading.scenarios)), cancel)
