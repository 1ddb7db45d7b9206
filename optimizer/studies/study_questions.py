"""Many questions about the answer of a study."""

import threading
from dataclasses import dataclass

from optimizer.studies.question_set import Found, OtherWorkers, QuestionSet
from optimizer.studies.study import SharedStudy


@dataclass(frozen=True)
class StudyQuestions(QuestionSet[Found]):
    """Questions about the answer of a study."""

    study: SharedStudy

    @property
    def cancel(self) -> threading.Event:
        """The study's."""
        return self.study.cancel

    @property
    def others(self) -> OtherWorkers | None:
        """The study's."""
        return self.study.others
