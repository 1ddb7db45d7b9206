"""Many questions of one study that can be answered apart from each other: how a study is cut into parts.

A study with many solves states them as a `QuestionSet`: what all of them share, and a number for each. Whoever has the
set can answer any of its questions, in a thread, in another process, or (`optimizer.studies.question_json`) on another
machine, and what was found is put together by numbers, so it does not matter who answered what. Who does is decided in
one place, `optimizer.studies.parallel.solve_many`.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, Protocol, TypeVar

Found = TypeVar("Found")


class OtherWorkers(Protocol):
    """Workers elsewhere, which answer questions too where there are enough of them to pay for it."""

    @property
    def after_s(self) -> float:
        """What would take more seconds than this here is worth being handed over."""

    def are_there(self) -> bool:
        """Whether there are any now."""

    def answer(
        self,
        questions: "QuestionSet[Found]",
        numbers: Sequence[int],
        expected_s: float,
        stop: Callable[[], bool],
        on_answer: Callable[[Found], None],
    ) -> Mapping[int, Found]:
        """Answers by the numbers of their questions; of fewer where `stop` says so, or somebody gave none.

        `on_answer` is called in the caller's thread for each.

        Raises:
            Cancelled: `questions.cancel` was set.
        """


class QuestionSet(ABC, Generic[Found]):
    """The questions, numbered from 0; a subclass is a frozen dataclass of what can be pickled and stated as JSON."""

    @property
    @abstractmethod
    def cancel(self) -> threading.Event:
        """Ends whoever answers when it is set from another thread."""

    @property
    @abstractmethod
    def others(self) -> OtherWorkers | None:
        """Who else may answer."""

    @abstractmethod
    def __len__(self) -> int:
        """How many there are."""

    @abstractmethod
    def answer(self, number: int) -> Found:
        """The answer to one of them, which does not depend on what was asked before."""

    def solves(self, answer: Found) -> int:
        """What an answer counts for where people are shown how far the study is."""
        del answer
        return 1

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: what follows from it is made anew."""
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]
