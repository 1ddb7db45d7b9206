"""What a scenario's rules say, one class per kind: the numbers and keys; `optimizer.rules` gives them their meaning.

A scenario holds them in one tuple, in the order of the sheet. Each rule class of `optimizer.rules` picks those that it
is made from.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field

from optimizer.plan.parts import TOKENS, Finite, Key, NonNegative, PlanPart, Share, Slice

Kind = TypeVar("Kind", bound="RuleSpec")


class Mentioned(NamedTuple):
    """Keys of initiatives and of KPIs, slices of the portfolio, and periods."""

    initiatives: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    slices: tuple[Slice, ...] = ()
    periods: tuple[str, ...] = ()


class RuleSpec(PlanPart, ABC):
    """One rule of a scenario as a person wrote it down, at `source`."""

    source: str | None = None

    @abstractmethod
    def mentions(self) -> Mentioned:
        """What it names; all keys must be in the plan."""


def rules_of_kind(rules: Iterable[RuleSpec], kind: type[Kind]) -> tuple[Kind, ...]:
    """The rules of one kind, in their order."""
    return tuple(rule for rule in rules if isinstance(rule, kind))


class TokenBound(RuleSpec):
    """Spending of a resource in one slice: at least `min_tokens`, at most `max_tokens`; one of the two is given."""

    slice: Slice
    min_tokens: NonNegative | None = None
    max_tokens: NonNegative | None = None
    resource: Key = TOKENS

    def mentions(self) -> Mentioned:
        """Its slice."""
        return Mentioned(slices=(self.slice,))


class ShareBound(RuleSpec):
    """What one slice gets of all that is spent of a resource, or (`of_capacity`) of its capacity; 0.2 is 20 percent.

    `capacity` is that capacity where the scenario no longer limits the resource; None is the scenario's.
    """

    slice: Slice
    min_share: Share | None = None
    max_share: Share | None = None
    resource: Key = TOKENS
    of_capacity: bool = False
    capacity: NonNegative | None = None

    def mentions(self) -> Mentioned:
        """Its slice."""
        return Mentioned(slices=(self.slice,))


class PeriodCapacity(RuleSpec):
    """At most `amount` of a resource is spent in a period (None: in each), in one slice or in the whole portfolio."""

    amount: NonNegative
    resource: Key = TOKENS
    period: Key | None = None
    slice: Slice | None = None

    def mentions(self) -> Mentioned:
        """Its slice and its period, if any."""
        return Mentioned(
            slices=() if self.slice is None else (self.slice,), periods=() if self.period is None else (self.period,)
        )


class CountBound(RuleSpec):
    """Number of initiatives selected: of `members` where there are any, in one slice, or in the whole portfolio."""

    slice: Slice | None = None
    members: tuple[Key, ...] = ()
    min_count: Annotated[int, Field(ge=0)] | None = None
    max_count: Annotated[int, Field(ge=0)] | None = None

    def mentions(self) -> Mentioned:
        """Its members and its slice, if any."""
        return Mentioned(self.members, slices=() if self.slice is None else (self.slice,))


class Mandate(RuleSpec):
    """An initiative that a scenario must select."""

    initiative: Key
    reason: str = ""

    def mentions(self) -> Mentioned:
        """The initiative."""
        return Mentioned((self.initiative,))


class Ban(RuleSpec):
    """An initiative that a scenario must not select."""

    initiative: Key

    def mentions(self) -> Mentioned:
        """The initiative."""
        return Mentioned((self.initiative,))


class Incompatibility(RuleSpec):
    """At most one of these initiatives together: exclusions between two, or the members of a variant group."""

    members: tuple[Key, ...]
    label: str = ""

    def mentions(self) -> Mentioned:
        """The members."""
        return Mentioned(self.members)


class Bundle(RuleSpec):
    """All of these initiatives or none."""

    label: str
    members: tuple[Key, ...]

    def mentions(self) -> Mentioned:
        """The members."""
        return Mentioned(self.members)


class Prerequisite(RuleSpec):
    """`initiative` is selected only if all of `requires` are.

    Over several periods it starts in the period in which they are finished, or `lag` periods after that; or later.
    """

    initiative: Key
    requires: tuple[Key, ...]
    lag: Annotated[int, Field(ge=0)] = 0

    def mentions(self) -> Mentioned:
        """The initiative and what it requires."""
        return Mentioned((self.initiative, *self.requires))


class AnyPrerequisite(RuleSpec):
    """`initiative` is selected only if at least one of `any_of` is."""

    initiative: Key
    any_of: tuple[Key, ...]

    def mentions(self) -> Mentioned:
        """The initiative and the alternatives."""
        return Mentioned((self.initiative, *self.any_of))


class Kept(RuleSpec):
    """An initiative that an earlier plan selected stays selected; `since` is that plan in words.

    With a `start` it also starts in that period, in a plan over several.
    """

    initiative: Key
    since: str = "the last run"
    start: Key | None = None

    def mentions(self) -> Mentioned:
        """The initiative, and the period if any."""
        return Mentioned((self.initiative,), periods=() if self.start is None else (self.start,))


class ChangeLimit(RuleSpec):
    """At most so many initiatives in, out or moved against an earlier plan, which selected `reference`.

    `starts` has the period in which each of those starts, as far as that counts, in a plan over several periods.
    """

    reference: tuple[Key, ...]
    most: Annotated[int, Field(ge=0)]
    since: str = "the last run"
    starts: Mapping[Key, Key] = {}

    def mentions(self) -> Mentioned:
        """What the earlier plan selected, and when it starts."""
        return Mentioned(self.reference, periods=tuple(self.starts.values()))


class Synergy(RuleSpec):
    """When all `members` are selected, KPI `kpi` moves by a further `value` (native unit, either sign)."""

    members: tuple[Key, ...]
    kpi: Key
    value: Finite
    label: str = ""

    def mentions(self) -> Mentioned:
        """The members, and the KPI that gains."""
        return Mentioned(self.members, (self.kpi,))
