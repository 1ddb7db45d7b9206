"""KPIs, and the initiatives that contribute to them."""

from collections.abc import Mapping
from enum import StrEnum
from math import fsum, isclose
from typing import Annotated, Self

from pydantic import Field, model_validator

from optimizer.plan.parts import TOKENS, Finite, Key, NonNegative, PlanPart, Positive, Share


class Direction(StrEnum):
    """Which way a KPI is better."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where more is better, -1 where less is better (d[k] in the formulas)."""
        return 1 if self is Direction.HIGHER else -1


class Accrual(StrEnum):
    """When a contribution counts in a plan over several periods."""

    ONCE = "once"
    """When the initiative is finished."""
    EACH_PERIOD = "each_period"
    """In every period of the horizon from the one after it is finished."""


class Kpi(PlanPart):
    """A measure that initiatives contribute to, in its native unit."""

    key: Key
    name: str = ""
    unit: str = ""
    number_format: str = ""
    """How the sheet's own cells show contributions, as a spreadsheet pattern; for reports only."""
    prefix: str = ""
    suffix: str = ""
    factor: Positive = 1.0
    """How people read an amount: what is before and behind the number, and what it is multiplied by (100 for 7%)."""
    direction: Direction = Direction.HIGHER
    is_north_star: bool = False
    scale: Positive | None = None
    feeds: Key | None = None
    accrues: Accrual = Accrual.ONCE

    def times_counted(self, finish: int, by: int) -> int:
        """How often a contribution of work that is finished in period `finish` counts by the end of period `by`."""
        if self.accrues is Accrual.EACH_PERIOD:
            return max(0, by - finish)
        return int(finish <= by)


class Initiative(PlanPart):
    """One candidate: what it contributes, what it costs, what it belongs to, what it depends on.

    `contributions` maps a KPI key to native units; a KPI that is absent gets no contribution. `costs` maps a resource
    to its amount in the resource's unit and always holds `TOKENS`. `ranges` and `cost_ranges` have the (low, high)
    ends of the estimates that have a range; the estimate lies between them. `confidence` is how sure the others are.
    `dimensions` maps a dimension (department, market, category, program) to this initiative's value in it.

    The rest counts in plans over several periods only. Work takes `duration` periods in a row; its tokens are spent as
    `profile` says, evenly where that is empty, and other resources in the same proportions. It starts in
    `earliest_start` or later, and is finished in `latest_finish` or earlier. Work that is in progress goes on in the
    first period with the `costs` that remain; only with `may_stop` it may be stopped, which costs `stop_cost` tokens.
    What `is_done` was finished before: it is no candidate, and nothing of it counts any more.
    """

    key: Key
    title: str = ""
    contributions: Mapping[Key, Finite] = {}
    ranges: Mapping[Key, tuple[Finite, Finite]] = {}
    costs: Mapping[Key, NonNegative]
    cost_ranges: Mapping[Key, tuple[NonNegative, NonNegative]] = {}
    confidence: Share | None = None
    dimensions: Mapping[Key, Key] = {}
    period_key: Key | None = None
    longer_periods: tuple[Key, ...] = ()
    is_candidate: bool = True
    is_done: bool = False
    is_mandatory: bool = False
    mandate_reason: str = ""
    bundle_key: Key | None = None
    prerequisite_keys: tuple[Key, ...] = ()
    exclusion_keys: tuple[Key, ...] = ()
    variant_of: Key | None = None
    duration: Annotated[int, Field(ge=1)] = 1
    profile: tuple[NonNegative, ...] = ()
    earliest_start: Key | None = None
    latest_finish: Key | None = None
    is_in_progress: bool = False
    may_stop: bool = False
    stop_cost: NonNegative = 0.0
    source: str | None = None
    timing_sources: Mapping[str, str] = {}
    """The cells of `earliest_start` and `latest_finish`, by those names."""

    @property
    def tokens(self) -> float:
        """Cost in engineering tokens."""
        return self.costs[TOKENS]

    def spent_in(self, resource: str, place: int) -> float:
        """What it costs of a resource in the period that is `place` periods after its start; 0 outside of its work."""
        if not 0 <= place < self.duration:
            return 0.0
        cost = self.costs.get(resource, 0.0)
        if not self.profile or self.duration == 1:
            return cost / self.duration
        if resource == TOKENS:
            return self.profile[place]
        return cost * self.profile[place] / self.tokens if self.tokens else cost / self.duration

    @model_validator(mode="after")
    def _costs_hold_tokens(self) -> Self:
        if TOKENS not in self.costs:
            raise ValueError(f"initiative {self.key!r} has no cost in {TOKENS!r}")
        return self

    @model_validator(mode="after")
    def _profile_adds_up(self) -> Self:
        if self.profile and len(self.profile) != self.duration:
            raise ValueError(f"initiative {self.key!r} has a profile of another length than its duration")
        if self.profile and not isclose(fsum(self.profile), self.tokens, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(f"initiative {self.key!r} has a profile that does not add up to its tokens")
        return self
