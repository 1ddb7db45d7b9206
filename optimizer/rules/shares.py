"""Rules about what a slice gets of a whole. The numbers in brackets are those of the maths in `optimizer.rules`.

A share of what is spent has the whole on both sides: more for others asks for more for the slice. It is kept within
1e-9 relative of ``share * whole``, and a portfolio that spends nothing keeps it. Stopping work costs nothing here.
"""

from abc import ABC
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.rows import Bits, Candidates, JudgedRow, Row, Sense, Terms, is_in
from optimizer.plan import (
    TOKENS,
    Initiative,
    Plan,
    Scenario,
    ShareBound,
    Slice,
    capacity_of,
    rules_of_kind,
    spoken_resource,
)
from optimizer.portfolio import SliceUse
from optimizer.rules.bounds import Spending
from optimizer.rules.capacity import ResourceCapacity
from optimizer.rules.percent_bound import PercentBound
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import Rule
from optimizer.wording import percent

_LEAST = 2.0**20
"""The least cost is about this: beside it, or a part of it, the absolute tolerance of a bound of 0 is nothing."""
_ROUNDING = 1e-14
"""Relative to what is added up: more than floating point is wrong by here."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _ShareOfSpend(PercentBound, ABC):
    """A slice's part of what all selected initiatives cost of a resource.

    The amount is what the slice gets beyond ``share * whole``, in parts of what the cheapest initiative costs.
    """

    depends_on_number: ClassVar[bool] = True
    initiatives: tuple[Initiative, ...]
    part: Slice
    resource: str = TOKENS

    @property
    def bound(self) -> float:
        """The slice is to get nothing less, or nothing more, than its share."""
        return 0.0

    @cached_property
    def costs(self) -> Mapping[str, float]:
        """What each candidate costs of the resource."""
        return {i.key: cost for i in self.initiatives if (cost := i.costs.get(self.resource, 0.0))}

    @cached_property
    def inside(self) -> frozenset[str]:
        """The candidates of the slice."""
        return frozenset(i.key for i in self.initiatives if is_in(i, self.part))

    @cached_property
    def _surplus(self) -> Mapping[str, float]:
        """What each candidate adds to the amount: its cost where it belongs to the slice, less its share."""
        direction = 1 if self.sense is Sense.AT_MOST else -1
        share = exact.as_written(self.stated) * (1 + direction * exact.as_written(exact.RELATIVE))
        own, other = float(1 - share), float(-share)
        scale = _LEAST / exact.power_of_two_near(min(self.costs.values(), default=1.0))
        return {key: (own if key in self.inside else other) * (cost * scale) for key, cost in self.costs.items()}

    def terms(self, candidates: Candidates) -> Terms:
        """``sum over S of cost[i, r] x_i - share * sum over I of cost[i, r] x_i``."""
        return candidates.terms(lambda i: self._surplus.get(i.key, 0.0))

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """One row, which the costs and the share as they are written decide at its edge."""

        def judge(bits: Bits) -> bool:
            return not self.violation(candidates.keys(bits))

        yield JudgedRow(self.terms(candidates), self.sense, self.bound, self, judge=judge)

    def amount(self, selected: frozenset[str]) -> float:
        """What the slice gets beyond its share."""
        return exact.total(self._surplus[key] for key in selected if key in self._surplus)

    def added_by(self, key: str) -> float:
        """What one initiative adds to it."""
        return self._surplus.get(key, 0.0)

    def spent(self, selected: frozenset[str]) -> tuple[float, float]:
        """What the slice costs, and what everything costs."""
        costs = self.costs
        own = exact.total(costs[key] for key in selected if key in costs and key in self.inside)
        return own, exact.total(costs[key] for key in selected if key in costs)

    def violation(self, selected: frozenset[str]) -> float:
        """How much the slice lacks, or gets too much, in the resource's unit."""
        own, whole = self.spent(selected)
        due = self.stated * whole
        lacking = (due - own if self.sense is Sense.AT_LEAST else own - due) - exact.tolerance(due)
        if abs(lacking) > _ROUNDING * (own + due):
            return abs(own - due) if lacking > 0 else 0.0
        return 0.0 if self._is_kept_as_written(selected) else abs(own - due)

    def _is_kept_as_written(self, selected: frozenset[str]) -> bool:
        """The same without any rounding."""
        costs = {key: exact.as_written(self.costs[key]) for key in selected if key in self.costs}
        own = sum((cost for key, cost in costs.items() if key in self.inside), Fraction(0))
        due = exact.as_written(self.stated) * sum(costs.values(), Fraction(0))
        direction = 1 if self.sense is Sense.AT_LEAST else -1
        return exact.reaches_as_written(direction * own, direction * due)

    def stated_by(self, selected: frozenset[str]) -> float:
        """The slice's part of what is spent; the share itself where nothing is."""
        own, whole = self.spent(selected)
        return own / whole if whole else self.stated

    @property
    def measured(self) -> Hashable:
        """Itself: a floor above a cap leaves the portfolio that spends nothing."""
        return self

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``keeps department Platform at 20% or more``, for what the share cannot do without."""
        amount = self.amount(facts.selected)
        side = "less" if self.sense is Sense.AT_MOST else "more"
        for key in facts.selected:
            if not self.keeps(amount - self.added_by(key)):
                yield Reason(key, In.NEEDED, f"keeps {self.part} at {percent(self.stated)} or {side}")

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``would push department Platform below 20% of what is spent``."""
        del added, amount, facts
        side = "above" if self.sense is Sense.AT_MOST else "below"
        return Reason(key, Out.BREAKS, f"would push {self.part} {side} {self.of_what}")

    @property
    def of_what(self) -> str:
        """``20% of the tokens spent``."""
        return f"{percent(self.stated)} of the {spoken_resource(self.resource)} spent"


@dataclass(frozen=True, kw_only=True, eq=False)
class ShareFloor(_ShareOfSpend):
    """A slice must get at least a share of all that is spent of a resource (16)."""

    kind: ClassVar[str] = "share_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["ShareFloor"]:
        """One rule per smallest share of what is spent."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, ShareBound):
            if bound.min_share is not None and not bound.of_capacity:
                yield ShareFloor(
                    initiatives=initiatives,
                    part=bound.slice,
                    resource=bound.resource,
                    stated=bound.min_share,
                    source=bound.source,
                    spec=bound,
                )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """What the slice gets."""
        own, whole = self.spent(selected)
        return SliceUse(self.part, self.resource, own, minimum=self.stated * whole, share=self.stated)

    def what(self) -> str:
        """``share for department Platform``."""
        return f"share for {self.part}"

    def sentence(self) -> str:
        """``department Platform gets at least 20% of the tokens spent``."""
        return f"{self.part} gets at least {self.of_what}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ShareCap(_ShareOfSpend):
    """A slice may not get more than a share of all that is spent of a resource (17)."""

    kind: ClassVar[str] = "share_cap"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["ShareCap"]:
        """One rule per largest share of what is spent."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, ShareBound):
            if bound.max_share is not None and not bound.of_capacity:
                yield ShareCap(
                    initiatives=initiatives,
                    part=bound.slice,
                    resource=bound.resource,
                    stated=bound.max_share,
                    source=bound.source,
                    spec=bound,
                )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """What the slice gets."""
        own, whole = self.spent(selected)
        return SliceUse(self.part, self.resource, own, maximum=self.stated * whole, share=self.stated)

    def what(self) -> str:
        """``share for department Platform``."""
        return f"share for {self.part}"

    def sentence(self) -> str:
        """``department Platform gets at most 20% of the tokens spent``."""
        return f"{self.part} gets at most {self.of_what}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _ShareOfCapacity(PercentBound, Spending, ABC):
    """A slice's part of a capacity, as the sheet states it: a reserve takes nothing from it."""

    capacity: float

    def terms(self, candidates: Candidates) -> Terms:
        """``sum over S of cost[i, r] x_i``."""
        return candidates.terms(lambda i: self.added.get(i.key, 0.0))

    def beside(self, changed: Rule) -> Rule:
        """The same share of a capacity that has changed."""
        if isinstance(changed, ResourceCapacity) and changed.resource == self.resource:
            return self if changed.total == self.capacity else replace(self, capacity=changed.total)
        return self

    @property
    def bound(self) -> float:
        """The share of the capacity, in the resource's unit."""
        return self.stated * self.capacity

    def stated_for(self, amount: float) -> float:
        """The share that an amount is."""
        return amount / self.capacity if self.capacity else 0.0

    def use(self, selected: frozenset[str]) -> SliceUse:
        """What the slice gets."""
        used = self.amount(selected)
        least, most = (None, self.bound) if self.sense is Sense.AT_MOST else (self.bound, None)
        return SliceUse(
            self.part, self.resource, used, minimum=least, maximum=most, share=self.stated, of_capacity=True
        )

    def what(self) -> str:
        """``share for department Platform``."""
        return f"share for {self.part}"

    @property
    def of_what(self) -> str:
        """``20% of the token capacity of 1,000``."""
        return f"{percent(self.stated)} of the {capacity_of(self.resource)}"


def _capacity(scenario: Scenario, bound: ShareBound) -> float:
    if bound.capacity is not None:
        return bound.capacity
    if bound.resource not in scenario.capacities:
        raise PlanError(f"a share of the {capacity_of(bound.resource)} is asked for, but it is not limited")
    return scenario.capacities[bound.resource]


@dataclass(frozen=True, kw_only=True, eq=False)
class CapacityShareFloor(_ShareOfCapacity):
    """A slice must get at least a share of a capacity (18)."""

    kind: ClassVar[str] = "share_floor_of_capacity"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["CapacityShareFloor"]:
        """One rule per smallest share of a capacity."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, ShareBound):
            if bound.min_share is not None and bound.of_capacity:
                yield CapacityShareFloor(
                    initiatives=initiatives,
                    part=bound.slice,
                    resource=bound.resource,
                    stated=bound.min_share,
                    capacity=_capacity(scenario, bound),
                    source=bound.source,
                    spec=bound,
                )

    def sentence(self) -> str:
        """``department Platform gets at least 20% of the token capacity``."""
        return f"{self.part} gets at least {self.of_what}"


@dataclass(frozen=True, kw_only=True, eq=False)
class CapacityShareCap(_ShareOfCapacity):
    """A slice may not get more than a share of a capacity (19)."""

    kind: ClassVar[str] = "share_cap_of_capacity"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["CapacityShareCap"]:
        """One rule per largest share of a capacity."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, ShareBound):
            if bound.max_share is not None and bound.of_capacity:
                yield CapacityShareCap(
                    initiatives=initiatives,
                    part=bound.slice,
                    resource=bound.resource,
                    stated=bound.max_share,
                    capacity=_capacity(scenario, bound),
                    source=bound.source,
                    spec=bound,
                )

    def sentence(self) -> str:
        """``department Platform gets at most 20% of the token capacity``."""
        return f"{self.part} gets at most {self.of_what}"
