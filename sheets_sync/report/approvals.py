"""An approved plan as a later run sees it, and what is different since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.names import fold_key


@dataclass(frozen=True)
class ApprovedPlan:
    """An approved plan as its tab says: `totals` by folded KPI key, native units."""

    scenario: str
    by: str
    at: datetime
    run_id: str
    selected: Sequence[str]
    totals: Mapping[str, float]
    tokens: float | None

    def changes(self, selected: Sequence[str]) -> tuple[list[str], list[str]]:
        """The keys that came in and that went out since, for a selection of today."""
        then, now = {fold_key(key) for key in self.selected}, {fold_key(key) for key in selected}
        came_in = [key for key in selected if fold_key(key) not in then]
        return came_in, [key for key in self.selected if fold_key(key) not in now]
