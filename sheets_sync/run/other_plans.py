"""Other plans for a scenario of a workbook: the next best ones and the most different ones. Nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optimizer.studies.alternatives import Alternatives, OtherPlan, share_of_plans, solve_alternatives
from sheets_sync.outcome import targets_json
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class OtherPlansAnswer(StudyAnswer):
    """A scenario's answer and other plans; `alternatives` is None where there is no answer to compare with."""

    alternatives: Alternatives | None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.alternatives is not None and self.alternatives.is_stopped

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        found, study = self.alternatives, self.reading.study
        document: dict[str, Any] = {**self.beginning_json(), "alternatives": None}
        if found is not None and study is not None:
            document["alternatives"] = {
                "next_best": [_plan_json(one) for one in found.next_best],
                "different": [_plan_json(one) for one in found.different],
                "within": found.within,
                "all_plans": found.is_all,
                "all_within": found.is_all_within,
                "share_of_plans": share_of_plans(study.answer, found.plans),
            }
        return document


def _plan_json(other: OtherPlan) -> dict[str, Any]:
    found = other.portfolio
    return {
        "selected": list(found.selected),
        "starts": dict(found.starts),
        "came_in": list(other.came_in),
        "went_out": list(other.went_out),
        "objective": found.objective,
        "objective_change": other.objective_change,
        "kpi_totals": dict(found.kpi_totals),
        "used": {use.resource: use.used for use in found.resources},
        "targets": targets_json(found.targets),
        "differences": other.differences,
        "proven": other.is_proven,
    }


def other_plans(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    count: int,
    within: float,
    store: RunStore | None = None,
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> OtherPlansAnswer:
    """Up to `count` next best plans, and up to `count` most different ones within a share of the best.

    `store` knows which approvals this installation recorded, as for a run. `stop` ends the study with what was found so
    far, as Ctrl-C does.

    Raises:
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    reading = read_study(workbook, scenario, request, store=store, progress=progress)
    if reading.study is None:
        return OtherPlansAnswer(reading, None)
    progress.solving(2 * count)
    return OtherPlansAnswer(
        reading, solve_alternatives(reading.study, count=count, within=within, on_done=progress.solved, stop=stop)
    )
