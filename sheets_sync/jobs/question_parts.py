"""Studies of many solves in parts: which parts there are, and one execution of a part.

Only the draws of `robustness` are split so far: each of them is a solve of its own, and they take nearly all the time.
A part reads the workbook and solves the scenario for itself, which is quick, and then its own draws. Its answer counts
only where it read what the study did. What is missing, for whatever reason, the study solves itself.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from config.settings import Settings
from optimizer.errors import Cancelled
from optimizer.studies.draws import Draw
from sheets_sync.jobs.execution import JobExecution, Step, SupersededError, basis_of
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import Run, RunTable
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.question import Question, QuestionKind
from sheets_sync.run.read_study import read_study
from sheets_sync.run.robustness_study import RobustnessRequest, draws_of
from sheets_sync.store import open_store
from sheets_sync.workbook.backend import Workbook

Json = dict[str, Any]

logger = logging.getLogger(__name__)

TO_FINISH = 0.1
"""The part of its time that a study has left when it, or a part of it, ends with what was found so far."""
LEAST_DRAWS = 50
"""A part of fewer draws is not worth another reading of the workbook."""
PARTS_FOR_EACH = 2
"""So many parts for each worker: those that are quicker, or less busy, take more of them."""


def can_have_parts(question: Question) -> bool:
    """Whether a question is split where several workers run."""
    return question.kind is QuestionKind.ROBUSTNESS and (question.samples or 0) >= 2 * LEAST_DRAWS


def parts_of(question: Question, workers: int) -> list[Json]:
    """The parts of a question for so many workers, each from a draw to before another; none for one worker."""
    if workers < 2 or not can_have_parts(question):
        return []
    samples = question.samples or 0
    count = min(workers * PARTS_FOR_EACH, samples // LEAST_DRAWS)
    ends = [samples * number // count for number in range(count + 1)]
    return [{"first": first, "before": before} for first, before in pairwise(ends)]


def known_draws(parts: Iterable[Json | None]) -> dict[int, Draw]:
    """The draws of the parts that have an answer, by their numbers."""
    answers = [part["draws"] for part in parts if part is not None]
    return {int(number): Draw.from_json(draw) for draws in answers for number, draw in draws.items()}


class PartExecution(JobExecution):
    """One execution of a part; `stop` is set when its study has ended or is past its deadline."""

    def __init__(
        self, run: Run, question: Question, part: Json, basis: str, workbook: Workbook, runs: RunTable,
        settings: Settings, observer: Observer,
    ) -> None:  # fmt: skip
        super().__init__(run, run.owner or "", runs, settings)
        self._question = question
        self._numbers: Sequence[int] = range(part["first"], part["before"])
        self._basis = basis
        self._workbook = workbook
        self._observer = observer

    def is_current(self, now: Run | None) -> bool:
        """Whether somebody still waits for the answer: it does not matter in which process."""
        return now is not None and not now.state.is_final

    def solve(self) -> Json:
        """Read and solve; the value is the draws by their numbers, or None where the workbook has changed."""
        with self._observer.phase("part", self.run.workbook):
            try:
                return self.guarded(self._solve).to_json()
            except Cancelled:
                return Step().to_json()
            except Exception:
                # The study solves this part itself, and is where a defect ends a question.
                logger.exception("A part of a study failed", extra={"action": "part_failed"})
                return Step().to_json()

    def _solve(self) -> Step:
        settings = self._settings
        request = request_of(self._question, self.run, settings)
        reading = read_study(self._workbook, self._question.scenario, request, store=open_store(settings.store))
        if reading.study is None or basis_of(reading.inputs) != self._basis:
            return Step()
        progress = _CountedProgress(self)
        found = draws_of(reading.study, RobustnessRequest.of(self._question), self._numbers, progress)
        return Step({"basis": self._basis, "draws": {str(number): draw.to_json() for number, draw in found.items()}})

    def count(self) -> None:
        """Note one more solve.

        Raises:
            SupersededError: the study has ended.
        """
        if not self._runs.count_solve(self.run.run_id):
            raise SupersededError(self.run.run_id)


def request_of(question: Question, run: Run, settings: Settings) -> RunRequest:
    """The run that a study begins with, which writes nothing."""
    return RunRequest(
        scenarios=[question.scenario],
        dry_run=True,
        solver=settings.solver,
        time_limit_s=settings.time_limit_s,
        trigger=run.trigger,
        person=run.person,
    )


class _CountedProgress(Progress):
    """Counts the solves of a part in the run table, as those of its study."""

    def __init__(self, execution: PartExecution) -> None:
        self.cancel: threading.Event | None = execution.stop
        self._execution = execution

    def solved(self) -> None:
        """One more is done."""
        self._execution.count()
