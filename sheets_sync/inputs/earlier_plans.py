"""What was planned before: the newest approval and the last run of each scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """What an earlier plan of a scenario selected, and its name in words: ``the last run``."""

    selected: tuple[str, ...]
    words: str

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        return {"selected": list(self.selected), "words": self.words}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "EarlierPlan":
        """The plan that `to_json` wrote down."""
        return EarlierPlan(tuple(document["selected"]), document["words"])


@dataclass(frozen=True)
class EarlierPlans:
    """Earlier plans by folded scenario name."""

    approved: Mapping[str, EarlierPlan] = field(default_factory=dict)
    last_runs: Mapping[str, EarlierPlan] = field(default_factory=dict)
