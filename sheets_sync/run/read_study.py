"""The first step of every study: read the workbook, solve one scenario, and hold its answer. Nothing is written."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optimizer.studies.study import Study
from sheets_sync.outcome import ExitCode, RunOutcome, ScenarioOutcome, issues_json
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class StudyReading:
    """A scenario's answer, as a run that wrote nothing; `study` is None where there is no portfolio to ask about.

    `inputs` is what was read.
    """

    outcome: RunOutcome
    study: Study | None
    inputs: Reading

    @property
    def scenario(self) -> ScenarioOutcome | None:
        """The scenario's outcome; None where the workbook has no plan at all."""
        return self.outcome.scenarios[0] if self.outcome.scenarios else None

    def to_json(self) -> dict[str, object]:
        """What every study's document begins with."""
        facts, scenarios = self.outcome.facts, self.outcome.to_json()["scenarios"]
        return {
            "workbook": facts.workbook,
            "run_id": facts.run_id,
            "inputs_fingerprint": facts.fingerprint,
            "issues": issues_json(self.outcome.issues),
            "scenario": scenarios[0] if scenarios else None,
        }


@dataclass(frozen=True)
class StudyAnswer(ABC):
    """What every study's answer has: the run that it began with."""

    reading: StudyReading

    @property
    def outcome(self) -> RunOutcome:
        """The run, which wrote nothing."""
        return self.reading.outcome

    @property
    def inputs(self) -> Reading:
        """What was read."""
        return self.reading.inputs

    @property
    def exit_code(self) -> ExitCode:
        """Of the command that asked."""
        return self.outcome.exit_code

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return False

    def beginning_json(self) -> dict[str, Any]:
        """What the document begins with: the run, and whether the study ended early."""
        return {**self.reading.to_json(), "stopped": self.is_stopped}

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""


def read_study(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
) -> StudyReading:
    """Read a workbook and answer one of its scenarios; `store` knows which approvals this installation recorded.

    Raises:
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    return study_of(read_inputs(workbook, [scenario], store), request, workbook, started_at, clock, progress)


def study_of(
    reading: Reading,
    request: RunRequest,
    workbook: Workbook,
    started_at: datetime,
    clock: Callable[[], datetime],
    progress: Progress,
) -> StudyReading:
    """Answer the one scenario of what was read."""
    answers = solve_inputs(reading, request, progress)
    outcome = make_outcome(
        reading,
        answers,
        request,
        run_id=new_run_id(started_at),
        workbook=workbook.locator,
        started_at=started_at,
        finished_at=clock(),
    )
    plan = reading.checked.plan
    answered = outcome.scenarios[0] if outcome.scenarios else None
    if plan is None or answered is None or answered.portfolio is None or not answered.solved:
        return StudyReading(outcome, None, reading)
    cancel = progress.cancel or threading.Event()
    study = Study(
        plan,
        answered.portfolio,
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        cancel=cancel,
        others=progress.others,
    )
    return StudyReading(outcome, study, reading)
