"""What was planned before: the newest approval and the last run of each scenario."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any


class LastSelection(frozenset[str]):
    """What the last run of a scenario selected; `starts` has the period in which each starts, in plans over several."""

    starts: Mapping[str, str]

    def __new__(cls, keys: Iterable[str], starts: Mapping[str, str] = MappingProxyType({})) -> "LastSelection":
        """From keys, and the period of each as far as there is one."""
        made = super().__new__(cls, keys)
        made.starts = dict(starts)
        return made


def starts_of(selection: frozenset[str]) -> Mapping[str, str]:
    """The period in which each initiative of a selection starts, as far as that is known."""
    return selection.starts if isinstance(selection, LastSelection) else {}


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """What an earlier plan selected, its name in words (``the last run``), and when it was approved (UTC).

    `starts` has the period in which each starts, in a plan over several.
    """

    selected: tuple[str, ...]
    words: str
    at: datetime | None = None
    starts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        starts = {"starts": dict(self.starts)} if self.starts else {}
        return {"selected": list(self.selected), "words": self.words, "at": self.at and self.at.isoformat(), **starts}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "EarlierPlan":
        """The plan that `to_json` wrote down."""
        at = document.get("at")
        when = at and datetime.fromisoformat(at)
        return EarlierPlan(tuple(document["selected"]), document["words"], when, document.get("starts", {}))


@dataclass(frozen=True)
class EarlierPlans:
    """Earlier plans by folded scenario name."""

    approved: Mapping[str, EarlierPlan] = field(default_factory=dict)
    last_runs: Mapping[str, EarlierPlan] = field(default_factory=dict)
