"""One execution of a question: a study in one recorded step, after its parts where it has some.

It writes nothing, so it holds no lock.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from config.settings import Settings
from optimizer.errors import Cancelled
from optimizer.studies.draws import Draw
from sheets_sync.jobs.execution import JobExecution, Step, basis_of
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.question_parts import TO_FINISH, can_have_parts, known_draws, parts_of, request_of
from sheets_sync.jobs.run_table import Run, RunTable
from sheets_sync.outcome import ExitCode
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.answer_question import QuestionAnswer, answer_question, robustness_answer
from sheets_sync.run.kept_studies import keep_study
from sheets_sync.run.question import Question
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.robustness_study import RobustnessRequest, robustness_study
from sheets_sync.store import RunStore, open_store
from sheets_sync.workbook.backend import Workbook

Json = dict[str, Any]

logger = logging.getLogger(__name__)

NOTED_EVERY_S = 0.5
"""How often progress is noted, at most: a study may solve a hundred times a second."""


class QuestionExecution(JobExecution):
    """One execution; `stop` is set when the question was cancelled or is past its deadline."""

    def __init__(
        self, run: Run, question: Question, owner: str, workbook: Workbook, runs: RunTable, settings: Settings,
        observer: Observer, count_workers: Callable[[], int],
    ) -> None:  # fmt: skip
        super().__init__(run, owner, runs, settings)
        self._question = question
        self._count_workers = count_workers
        self._workbook = workbook
        self._observer = observer

    @property
    def can_have_parts(self) -> bool:
        """Whether the question is of a kind that is split where several workers run."""
        return can_have_parts(self._question)

    def split(self) -> Json:
        """Say which parts there are for the workers that are alive, and what their answers rest on."""
        return self.guarded(self._split).to_json()

    def _split(self) -> Step:
        parts = parts_of(self._question, self._count_workers())
        if not parts:
            return Step({"parts": [], "basis": ""})
        self.still_ours(phase="reading", scenarios_done=0)
        inputs = read_inputs(self._workbook, [self._question.scenario], open_store(self._settings.store))
        self.still_ours(phase="solving", scenarios_total=self._question.samples, scenarios_done=0)
        return Step({"parts": parts, "basis": basis_of(inputs)})

    def study(self, parts: Sequence[Json | None]) -> Json:
        """Read, solve and answer; the value is the answer in words and numbers."""
        with self._observer.phase("study", self.run.workbook):
            return self.guarded(partial(self._study, parts)).to_json()

    def _study(self, parts: Sequence[Json | None]) -> Step:
        settings = self._settings
        request = request_of(self._question, self.run, settings)
        progress = _NotedProgress(self)
        try:
            store = open_store(settings.store)
            found = self._answer(parts, request, store, progress)
        except Cancelled:
            self.still_ours(phase="solving")
            return Step(failed=self._too_late(), exit_code=ExitCode.UNSOLVED)
        self.still_ours(phase="solving")
        for notice in keep_study(store, self._question, request, found, found.document):
            logger.warning(notice, extra={"action": "study_not_kept"})
        outcome = {
            "sentences": list(found.sentences),
            "numbers": found.document,
            "inputs_fingerprint": found.document["inputs_fingerprint"],
        }
        return Step({"outcome": outcome, "exit_code": int(found.exit_code), "summary": found.summary})

    def _answer(
        self, parts: Sequence[Json | None], request: RunRequest, store: RunStore, progress: Progress
    ) -> QuestionAnswer:
        answered = [part for part in parts if part is not None]
        if not answered:
            return answer_question(
                self._workbook, self._question, request, store=store, progress=progress, stop=self._is_late
            )
        found = robustness_study(
            self._workbook,
            self._question.scenario,
            RobustnessRequest.of(self._question),
            request,
            store=store,
            progress=progress,
            stop=self._is_late,
            known=partial(self._known, answered),
        )
        return robustness_answer(found)

    def _is_late(self) -> bool:
        """Whether the time left is for putting together what was found so far."""
        return time.monotonic() > self.ends_at - TO_FINISH * self._settings.service.run_deadline_s

    def _known(self, parts: Sequence[Json], inputs: Reading) -> Mapping[int, Draw]:
        """The draws of the parts that read what this study has read."""
        basis = basis_of(inputs)
        return known_draws(part for part in parts if part["basis"] == basis)

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
        self._done = 0
        self._noted_at = float("-inf")

    def reading(self) -> None:
        """The workbook is being read."""
        self._execution.still_ours(phase="reading", scenarios_done=0)

    def solving(self, scenarios: int) -> None:
        """So many solves are to come."""
        self._done = 0
        self._execution.still_ours(phase="solving", scenarios_total=scenarios, scenarios_done=0)

    def solved(self) -> None:
        """One more is done."""
        self._done += 1
        now = time.monotonic()
        if now - self._noted_at >= NOTED_EVERY_S:
            self._noted_at = now
            self._execution.still_ours(scenarios_done=self._done)
