"""An approved plan as a later run sees it, what is different since, and in what state its approval is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from config.names import fold_key

Json = dict[str, Any]


@dataclass(frozen=True)
class ApprovedPlan:
    """An approved plan as its tab says: `totals` by folded KPI key, native units.

    `starts` has the period in which each initiative starts, in a plan over several.
    """

    scenario: str
    by: str
    at: datetime
    run_id: str
    selected: Sequence[str]
    totals: Mapping[str, float]
    tokens: float | None
    starts: Mapping[str, str] = field(default_factory=dict)

    def changes(self, selected: Sequence[str], done: Collection[str] = ()) -> tuple[list[str], list[str]]:
        """The keys that came in and that went out since, for a selection of today; what is done did not go out."""
        then, now = {fold_key(key) for key in self.selected}, {fold_key(key) for key in (*selected, *done)}
        came_in = [key for key in selected if fold_key(key) not in then]
        return came_in, [key for key in self.selected if fold_key(key) not in now]

    def finished(self, done: Collection[str]) -> list[str]:
        """What was approved and is done today."""
        over = {fold_key(key) for key in done}
        return [key for key in self.selected if fold_key(key) in over]

    def moved(self, starts: Mapping[str, str], in_progress: Collection[str] = ()) -> list[tuple[str, str, str]]:
        """(key, period then, period now) of what starts in another period today; what goes on has begun already."""
        begun = {fold_key(key) for key in in_progress}
        then = {fold_key(key): period for key, period in self.starts.items() if fold_key(key) not in begun}
        pairs = ((key, then.get(fold_key(key)), now) for key, now in starts.items())
        return [(key, was, now) for key, was, now in pairs if was is not None and fold_key(was) != fold_key(now)]


@dataclass(frozen=True)
class Signature:
    """Somebody who approved, or revoked: `identity` is whom the service or the operating system knows.

    `typed` is the name that they gave themselves, for people to read; nothing rests on it.
    """

    identity: str
    at: datetime
    typed: str = ""
    comment: str = ""

    @property
    def who(self) -> str:
        """The identity, with the typed name beside it where it says something else."""
        typed = self.typed.strip()
        return (
            self.identity if typed.casefold() in ("", self.identity.casefold()) else f'{self.identity} (as "{typed}")'
        )

    def to_json(self) -> Json:
        """Ready for json.dumps."""
        return vars(self) | {"at": self.at.isoformat()}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Signature":
        """The signature that `to_json` wrote down."""
        return Signature(**{**document, "at": datetime.fromisoformat(document["at"])})


class StateKind(StrEnum):
    """What is known of a scenario's newest approval."""

    NONE = "none"
    PENDING = "pending"
    """Signed by fewer people than are needed."""
    UNCHANGED = "unchanged"
    ALTERED = "altered"
    REVOKED = "revoked"
    ELSEWHERE = "elsewhere"
    """Approved in the workbook that this one is a copy of."""
    UNSEALED = "unsealed"
    """Approved before there were seals."""


@dataclass(frozen=True)
class ApprovalState:
    """A scenario's newest approval as a run or `verify` found it.

    `words` are one line for people; `plan` is what was approved, None where that is not surely known or does not count.
    `differences` are sentences, one for each cell of the tab that is not as it was sealed.
    """

    kind: StateKind
    words: str
    plan: ApprovedPlan | None = None
    approval_id: str = ""
    tab: str = ""
    differences: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Ready for json.dumps."""
        plan = self.plan
        document: Json = vars(self) | {"kind": self.kind.value, "differences": list(self.differences), "plan": None}
        if plan is not None:
            parts = {"at": plan.at.isoformat(), "selected": list(plan.selected), "totals": dict(plan.totals)}
            parts |= {"starts": dict(plan.starts)}
            document["plan"] = vars(plan) | parts
        return document

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "ApprovalState":
        """The state that `to_json` wrote down."""
        plan = document["plan"]
        if plan is not None:
            at, selected = datetime.fromisoformat(plan["at"]), tuple(plan["selected"])
            plan = ApprovedPlan(**{**plan, "at": at, "selected": selected})
        kind, differences = StateKind(document["kind"]), tuple(document["differences"])
        return ApprovalState(**{**document, "kind": kind, "plan": plan, "differences": differences})


NOT_APPROVED = ApprovalState(StateKind.NONE, "not approved")
