"""One execution of a part of a study: some of the many questions that another worker has handed over."""

import logging
import time
from typing import Any

from config.settings import Settings
from optimizer.studies.parallel import solve_many
from optimizer.studies.question_json import answers_to_json, questions_from_json
from sheets_sync.jobs.execution import JobExecution, Step
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import Run, RunTable

Json = dict[str, Any]

logger = logging.getLogger(__name__)

TO_FINISH = 0.1
"""The part of its time that a study has left when it, or a part of it, ends with what was found so far."""
NOTED_EVERY_S = 0.5
"""How often progress is noted, at most: a study may solve a hundred times a second."""


class PartExecution(JobExecution):
    """One execution of a part; `stop` is set when its study has ended or is past its deadline."""

    def __init__(
        self, run: Run, part_id: str, part: Json, runs: RunTable, settings: Settings, observer: Observer
    ) -> None:
        super().__init__(run, run.owner or "", runs, settings)
        self._part_id = part_id
        self._part = part
        self._observer = observer

    def is_current(self, now: Run | None) -> bool:
        """Whether somebody still waits for the answers: it does not matter in which process."""
        return now is not None and not now.state.is_final

    def solve(self) -> Json:
        """Answer the questions; the value is the answers to the first of them, None where there are none."""
        with self._observer.phase("part", self.run.workbook):
            try:
                return self._solve().to_json()
            except Exception:
                # The study answers these questions itself, and is where a defect ends it.
                logger.exception("A part of a study failed", extra={"action": "part_failed"})
                return Step().to_json()

    def _solve(self) -> Step:
        questions = questions_from_json(self._part["questions"])
        first, before = self._part["first"], self._part["before"]
        solved, noted_at = 0, float("-inf")

        def count(answer: object) -> None:
            nonlocal solved, noted_at
            solved += questions.solves(answer)
            now = time.monotonic()
            if now - noted_at >= NOTED_EVERY_S:
                noted_at = now
                self._runs.note_part(self._part_id, solved)

        self._runs.note_part(self._part_id, 0)
        found = solve_many(questions, self.stop.is_set, numbers=range(first, before), on_answer=count)
        return Step({"first": first, "answers": answers_to_json(questions, found)} if found else None)
