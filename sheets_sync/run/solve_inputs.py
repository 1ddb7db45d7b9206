"""The second step of a run: solve the scenarios of what was read. Nothing is read or written here.

The answers are a function of the snapshot and the last selections: the same for a sheet, a file and a kept run.
"""

import threading
from collections.abc import Mapping

from optimizer import solve_plan
from optimizer.scenarios import Answer, answer_scenario, with_siblings
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.read_inputs import Reading


def solve_inputs(reading: Reading, request: RunRequest, progress: Progress) -> dict[str, Answer]:
    """Solve every scenario that can be solved; the answers by scenario name.

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
    return dict(zip(names, solved, strict=True))


def compare_answers(reading: Reading, answers: Mapping[str, Answer], request: RunRequest) -> dict[str, Answer]:
    """Answers solved one by one, none of them worse than another scenario's portfolio that keeps its rules."""
    plan = reading.checked.plan
    if plan is None:
        return dict(answers)
    return dict(zip(answers, with_siblings(plan, list(answers.values()), solver=request.solver), strict=True))


def solve_one(reading: Reading, scenario: str, request: RunRequest, cancel: threading.Event) -> Answer:
    """Solve one of `reading.scenarios`, for callers that keep each answer; `cancel` stops it from another thread.

    Raises:
        Cancelled: `cancel` was set.
    """
    assert reading.checked.plan is not None
    return answer_scenario(
        reading.checked.plan,
        scenario,
        previous_selection=reading.last_selections.get(scenario),
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        cancel=cancel,
    )
