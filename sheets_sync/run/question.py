"""A question about a scenario, as data: what a caller of the service or an assistant asks, kept with the job for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MOST_CHANGES = 100
"""Changes that change-value allows at most."""
LARGEST_AMOUNT = 1e18
"""Beyond this a capacity or a budget is a slip of the hand, and not every solver can count with it."""


class QuestionKind(StrEnum):
    """The studies that can be asked for; each is a command of the same name."""

    EXPLAIN = "explain"
    WHAT_IF = "what-if"
    FRONTIER = "frontier"
    AUDIT = "audit"
    CAPACITY_VALUE = "capacity-value"
    RULE_PRICES = "rule-prices"
    PRIORITIES = "priorities"
    ALTERNATIVES = "alternatives"
    ROBUSTNESS = "robustness"
    CHANGE_VALUE = "change-value"


@dataclass(frozen=True)
class Question:
    """One question; fields that the kind does not have are left as they are.

    `initiative` is a key, a title, or a cell of its row, such as ``Backlog!B7`` (explain; None is all of them);
    `with_thresholds` asks at which numbers each decision turns. `force_in`, `leave_out`, `changes` (``FIELD=VALUE``)
    and `dropped` (cells of rules) are what-if's; `measures` (two) and `points` a frontier's; `column` is the header of
    the column that an audit is about; `of`, `low` and `high` are the capacity and the ends of its curve, or the
    resource and the budgets of priorities; `dimension` gets equal shares in rule-prices; `count` and `within` (a part
    of 1) are those of alternatives, `count` also the most changes of change-value; `samples`, `seed`, `spread`,
    `common` and `with_core` are robustness's.
    """

    kind: QuestionKind
    scenario: str
    initiative: str | None = None
    with_thresholds: bool | None = None
    force_in: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    points: int | None = None
    column: str | None = None
    of: str | None = None
    low: float | None = None
    high: float | None = None
    dimension: str | None = None
    count: int | None = None
    within: float | None = None
    samples: int | None = None
    seed: int | None = None
    spread: float | None = None
    common: float | None = None
    with_core: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; what was not asked is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Question":
        """The same question again."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        return cls(**values | {"kind": QuestionKind(document["kind"])})
