"""One execution of a question: a study in one recorded step, with the help of other workers where it takes long.

It writes nothing, so it holds no lock.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from config.settings import Settings
from optimizer.errors import Cancelled
from sheets_sync.jobs.execution import JobExecution, Step
from sheets_sync.jobs.job_workers import JobWorkers, PartQueue
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.question_parts import NOTED_EVERY_S, TO_FINISH
from sheets_sync.jobs.run_table import Run, RunTable
from sheets_sync.outcome import ExitCode
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.answer_question import answer_question
from sheets_sync.run.kept_studies import keep_study
from sheets_sync.run.question import Question
from sheets_sync.store import open_store
from sheets_sync.workbook.backend import Workbook

Json = dict[str, Any]

logger = logging.getLogger(__name__)


class QuestionExecution(JobExecution):
    """One execution; `stop` is set when the question was cancelled or is past its deadline."""

    def __init__(
        self, run: Run, question: Question, owner: str, workbook: Workbook, runs: RunTable, settings: Settings,
        observer: Observer, queue: PartQueue, count_workers: Callable[[], int],
    ) -> None:  # fmt: skip
        super().__init__(run, owner, runs, settings)
        self._question = question
        self._queue = queue
        self._count_workers = count_workers
        self._workbook = workbook
        self._observer = observer

    def study(self) -> Json:
        """Read, solve and answer; the value is the answer in words and numbers."""
        with self._observer.phase("study", self.run.workbook):
            return self.guarded(self._study).to_json()

    def _study(self) -> Step:
        settings = self._settings
        request = RunRequest(
            scenarios=[self._question.scenario],
            dry_run=True,
            solver=settings.solver,
            time_limit_s=settings.time_limit_s,
            trigger=self.run.trigger,
            person=self.run.person,
        )
        progress = _NotedProgress(self)
        progress.others = JobWorkers(
            self.run.run_id,
            self._queue,
            self._runs,
            progress,
            self._count_workers,
            settings.service.split_after_s,
            TO_FINISH * settings.service.run_deadline_s / 2,
        )
        try:
            store = open_store(settings.store)
            found = answer_question(
                self._workbook, self._question, request, store=store, progress=progress, stop=self._is_late
            )
        except Cancelled:
            self.still_ours(phase="solving")
            return Step(failed=self._too_late(), exit_code=ExitCode.UNSOLVED)
        progress.note()
        for notice in keep_study(store, self._question, request, found, found.document):
            logger.warning(notice, extra={"action": "study_not_kept"})
        outcome = {
            "sentences": list(found.sentences),
            "numbers": found.document,
            "inputs_fingerprint": found.document["inputs_fingerprint"],
        }
        return Step({"outcome": outcome, "exit_code": int(found.exit_code), "summary": found.summary})

    def _is_late(self) -> bool:
        """Whether the time left is for putting together what was found so far."""
        return time.monotonic() > self.ends_at - TO_FINISH * self._settings.service.run_deadline_s

    def _too_late(self) -> str:
        return (
            f"The study took longer than {self._settings.service.run_deadline_s:.0f} s and was stopped. Ask about "
            "less, lower the time limit of the scenarios, or raise service.run_deadline_s."
        )


class _NotedProgress(Progress):
    """Notes in the run table how far the study is, and stops it where it is nobody's any more."""

    def __init__(self, execution: QuestionExecution) -> None:
        self.cancel: threading.Event | None = execution.stop
        self._execution = execution
        self._done = self._elsewhere = 0
        self._noted_at = float("-inf")

    def reading(self) -> None:
        """The workbook is being read."""
        self._execution.still_ours(phase="reading", scenarios_done=0)

    def solving(self, scenarios: int) -> None:
        """So many solves are to come."""
        self._done = self._elsewhere = 0
        self._execution.still_ours(phase="solving", scenarios_total=scenarios, scenarios_done=0)

    def solved(self) -> None:
        """One more is done."""
        self._done += 1
        if time.monotonic() - self._noted_at >= NOTED_EVERY_S:
            self.note()

    def elsewhere(self, solves: int) -> None:
        """So many more are done by others that have not handed in their answers."""
        self._elsewhere = solves
        self.note()

    def note(self) -> None:
        """Note how far it is now."""
        self._noted_at = time.monotonic()
        self._execution.still_ours(scenarios_done=self._done + self._elsewhere)
