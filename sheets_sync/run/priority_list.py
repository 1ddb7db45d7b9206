"""One ordered list for every budget of a scenario in a workbook. Nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optimizer.errors import PlanError
from optimizer.plan import TOKENS, spoken_resource
from optimizer.studies.capacity_value import limits_of
from optimizer.studies.priorities import BUDGETS, PriorityList, solve_priorities
from optimizer.studies.study import Study
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.question_errors import UnanswerableError, UnknownLimitError
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.run.resource_names import find_resource
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class PriorityAnswer(StudyAnswer):
    """A scenario's answer and its list; `priorities` is None where the scenario has no answer."""

    priorities: PriorityList | None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.priorities is not None and self.priorities.is_stopped

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        found = self.priorities
        document: dict[str, Any] = {**self.beginning_json(), "priorities": None}
        if found is not None:
            document["priorities"] = {
                "resource": found.resource,
                "budgets_in": "percent of today's capacity" if found.is_in_percent else found.resource,
                "lines": [
                    {
                        "initiatives": list(line.initiatives),
                        "cost": line.cost,
                        "spent": line.spent,
                        "starts": dict(line.starts),
                    }
                    for line in found.lines
                ],
                "budgets": [
                    {
                        "amount": one.amount,
                        "lines": one.lines,
                        "objective": one.objective,
                        "best": one.best,
                        "loss": one.loss,
                        "loss_amount": one.loss_amount,
                        "proven": one.is_proven,
                        "starts": dict(one.starts),
                    }
                    for one in found.budgets
                ],
                "left_out": list(found.left_out),
                "largest_loss": found.largest_loss,
                "largest_loss_amount": found.largest_loss_amount,
            }
        return document


def priority_list(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    resource: str | None = None,
    bottom: float | None = None,
    top: float | None = None,
    store: RunStore | None = None,
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> PriorityAnswer:
    """The list of a scenario for one resource; None is the first that it limits. Budgets are from `bottom` to `top`.

    Over several periods these are percentages of today's capacities.
    `store` knows which approvals this installation recorded, as for a run. `stop` ends the study with what was found so
    far, as Ctrl-C does.

    Raises:
        UnanswerableError: nothing costs any of the resource, there are no budgets between `bottom` and `top`, or
            nothing limits the resource in a plan over several periods.
        UnknownLimitError: the workbook has no such resource.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    reading = read_study(workbook, scenario, request, store=store, progress=progress)
    study = reading.study
    if study is None:
        return PriorityAnswer(reading, None)
    name = _resource(study, resource)
    progress.solving(2 * BUDGETS)
    try:
        found = solve_priorities(study, name, bottom=bottom, top=top, on_done=progress.solved, stop=stop)
    except PlanError as error:
        raise UnanswerableError(f"There is no list: {error}.") from None
    return PriorityAnswer(reading, found)


def _resource(study: Study, text: str | None) -> str:
    """The resource that a person means.

    Raises:
        UnknownLimitError: the plan has no such resource; the message says which it has.
    """
    if text is None:
        limited = [limit.resource for limit in limits_of(study.scenario) if not limit.is_cap]
        return next(iter(limited), TOKENS)
    resources = list(dict.fromkeys(name for one in study.plan.initiatives for name in one.costs))
    found = find_resource(text, resources)
    if found is None:
        have = ", ".join(map(spoken_resource, resources))
        raise UnknownLimitError(f'"{text}" is no resource of the workbook. It has: {have}.')
    return found
