"""What was planned before: the newest approval and the last run of each scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """What an earlier plan selected, its name in words (``the last run``), and when it was approved (UTC)."""

    selected: tuple[str, ...]
    words: str
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        return {"selected": list(self.selected), "words": self.words, "at": self.at and self.at.isoformat()}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "EarlierPlan":
        """The plan that `to_json` wrote down."""
        at = document.get("at")
        return EarlierPlan(tuple(document["selected"]), document["words"], at and datetime.fromisoformat(at))


@dataclass(frozen=True)
class EarlierPlans:
    """Earlier plans by folded scenario name."""

    approved: Mapping[str, EarlierPlan] = field(default_factory=dict)
    last_runs: Mapping[str, EarlierPlan] = field(default_factory=dict)
