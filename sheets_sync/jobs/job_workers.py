"""All workers of an installation, as those who answer the many questions of a study.

The worker of the study hands over what is left in parts, through the job engine: workflows on a queue of their own,
which any worker takes, this one included. A part carries the questions, so nobody reads the workbook again. One whose
worker dies is taken over; where the study itself is taken over, the same questions find the parts that there are. What
is missing in the end, for whatever reason, the study answers itself.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from optimizer.errors import Cancelled
from optimizer.studies.question_json import answers_from_json, questions_to_json
from optimizer.studies.question_set import Found, QuestionSet
from sheets_sync.jobs.run_table import RunTable
from sheets_sync.request import Progress

Json = dict[str, Any]

PART = "-part-"
"""In the id of a part, between the run's own id and what tells it from other parts of the run."""
PARTS_FOR_EACH = 2
"""So many parts at least for each worker: those that are quicker, or less busy, take more of them."""
PART_S = 20.0
"""A part takes no longer than about so many seconds, so that little is lost with a worker, or at a deadline."""
LOOK_S = 0.3
"""Seconds between two looks at what has been answered."""
COUNT_S = 5.0
"""Seconds for which the number of workers is taken to be the same."""


class PartQueue(Protocol):
    """The job engine, as far as parts of studies need it."""

    def enqueue_part(self, part_id: str, run_id: str, part: Json) -> None:
        """Hand over a part; harmless where the engine has it already."""

    def parts_with(self, prefix: str) -> list[str]:
        """The parts whose ids begin like this."""

    def ended_parts(self, part_ids: Collection[str]) -> Mapping[str, Json | None]:
        """Of these parts those that have ended, with what they found, if anything."""

    def cancel_parts(self, part_ids: Collection[str]) -> None:
        """Have nobody begin these parts."""


class JobWorkers:
    """Who answers questions of one run's study; as `optimizer.studies.question_set.OtherWorkers`."""

    def __init__(
        self, run_id: str, queue: PartQueue, runs: RunTable, progress: Progress, count_workers: Callable[[], int],
        split_after_s: float, to_hand_in_s: float,
    ) -> None:  # fmt: skip
        """Of a study that runs; its parts have `to_hand_in_s` after it was stopped to say what they have found."""
        self._run_id = run_id
        self._queue = queue
        self._runs = runs
        self._progress = progress
        self._count_workers = count_workers
        self._split_after_s = split_after_s
        self._to_hand_in_s = to_hand_in_s
        self._counted, self._counted_at = 0, float("-inf")

    @property
    def after_s(self) -> float:
        """As the setting says; 0 where an earlier execution handed over parts."""
        return 0.0 if self._was_split else self._split_after_s

    def are_there(self) -> bool:
        """Whether several workers run, or there are such parts."""
        return self._workers > 1 or self._was_split

    @cached_property
    def _was_split(self) -> bool:
        return bool(self._queue.parts_with(f"{self._run_id}{PART}"))

    @property
    def _workers(self) -> int:
        now = time.monotonic()
        if now - self._counted_at > COUNT_S:
            self._counted, self._counted_at = self._count_workers(), now
        return self._counted

    def answer(
        self,
        questions: QuestionSet[Found],
        numbers: Sequence[int],
        expected_s: float,
        stop: Callable[[], bool],
        on_answer: Callable[[Found], None],
    ) -> Mapping[int, Found]:
        """Answers by the numbers of their questions, from whichever workers gave them.

        Raises:
            Cancelled: `questions.cancel` was set.
        """
        waiting, wanted = self._enqueue(questions, numbers, expected_s), set(numbers)
        found: dict[int, Found] = {}
        ends_at = float("inf")
        try:
            while waiting and time.monotonic() < ends_at:
                for part_id, value in self._queue.ended_parts(waiting).items():
                    waiting.discard(part_id)
                    for number, answer in _answers(questions, value):
                        if number in wanted:
                            found[number] = answer
                            on_answer(answer)
                self._progress.elsewhere(self._runs.solved_in_parts(waiting))
                if ends_at == float("inf") and stop():
                    ends_at = time.monotonic() + self._to_hand_in_s
                if waiting and questions.cancel.wait(LOOK_S):
                    raise Cancelled("stopped on request")
        finally:
            if waiting:
                self._queue.cancel_parts(waiting)
        self._progress.elsewhere(0)
        return found

    def _enqueue(self, questions: QuestionSet[Any], numbers: Sequence[int], expected_s: float) -> set[str]:
        """The ids of all parts; those that an earlier execution handed over are among them."""
        document = questions_to_json(questions)
        digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        prefix = f"{self._run_id}{PART}{digest[:16]}-"
        left = set(numbers)
        ids: set[str] = set()
        for part_id in self._queue.parts_with(prefix):
            first, before = map(int, part_id.removeprefix(prefix).split("-"))
            if not left.isdisjoint(range(first, before)):
                left.difference_update(range(first, before))
                ids.add(part_id)
        parts = {f"{prefix}{part.start}-{part.stop}": part for part in self._cut(sorted(left), expected_s)}
        ids |= parts.keys()
        self._runs.expect_parts(self._run_id, ids)
        for part_id, part in parts.items():
            asked = {"questions": document, "first": part.start, "before": part.stop}
            self._queue.enqueue_part(part_id, self._run_id, asked)
        return ids

    def _cut(self, numbers: Sequence[int], expected_s: float) -> list[range]:
        """Numbers that follow each other, in parts that take about as long each."""
        count = max(1, PARTS_FOR_EACH * self._workers, round(expected_s / PART_S))
        most = -(-len(numbers) // count)
        parts: list[range] = []
        for number in numbers:
            if parts and parts[-1].stop == number and len(parts[-1]) < most:
                parts[-1] = range(parts[-1].start, number + 1)
            else:
                parts.append(range(number, number + 1))
        return parts


def _answers(questions: QuestionSet[Found], value: Json | None) -> list[tuple[int, Found]]:
    """The answers of a part, with the numbers of the questions."""
    return [] if value is None else list(enumerate(answers_from_json(questions, value["answers"]), value["first"]))
