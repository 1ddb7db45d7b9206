"""Rules that keep tokens, another resource or a number of initiatives on one side of a number.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from optimizer import exact
from optimizer.model.rows import Candidates, Sense, Terms, is_in
from optimizer.plan import (
    TOKENS,
    CountBound,
    Initiative,
    Plan,
    Scenario,
    Slice,
    TokenBound,
    rules_of_kind,
)
from optimizer.portfolio import SliceUse
from optimizer.rules.reasons import Facts, Out, Reason
from optimizer.rules.rule import BoundRule
from optimizer.wording import number


@dataclass(frozen=True, kw_only=True, eq=False)
class _OfInitiatives(BoundRule, ABC):
    """An amount that is the sum of what each selected initiative adds to it."""

    @property
    @abstractmethod
    def added(self) -> Mapping[str, float]:
        """What each candidate that counts adds to the amount, by key."""

    def amount(self, selected: frozenset[str]) -> float:
        """The correctly rounded sum over the selection."""
        added = self.added
        return exact.total(added[key] for key in selected if key in added)

    def added_by(self, key: str) -> float:
        """Its own part of the sum."""
        return self.added.get(key, 0.0)

    def use_of(self, part: Slice | None, resource: str | None, selected: frozenset[str]) -> SliceUse:
        """The amount as Results shows it, with this bound at the end that it is."""
        used = self.amount(selected)
        if self.sense is Sense.AT_MOST:
            return SliceUse(part, resource, used, maximum=self.stated)
        return SliceUse(part, resource, used, minimum=self.stated)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spending(_OfInitiatives, ABC):
    """An amount of one resource that the selected initiatives of one slice cost."""

    only_grows: ClassVar[bool] = True

    initiatives: tuple[Initiative, ...]
    resource: str = TOKENS
    part: Slice | None = None

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of cost[i, r] x_i`` over the slice."""
        return candidates.terms(lambda i: i.costs.get(self.resource, 0.0) if is_in(i, self.part) else 0.0)

    @cached_property
    def added(self) -> Mapping[str, float]:
        """What each initiative of the slice costs, in the resource's unit."""
        return {i.key: i.costs.get(self.resource, 0.0) for i in self.initiatives if is_in(i, self.part)}

    @property
    def measured(self) -> Hashable:
        """The resource and the slice."""
        return self.resource, self.part

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``would not fit: needs 50 tokens for market UK, 40 left``."""
        what = "tokens" if self.resource == TOKENS else self.resource
        where = f" for {self.part}" if self.part else ""
        figures = f"needs {_figure(added)} {what}{where}, {_figure(max(0.0, self.bound - amount))} left"
        if facts.brings_less_per_token(key):
            return Reason(key, Out.NO_ROOM, f"brings less per token than those selected: {figures}")
        return Reason(key, Out.NO_ROOM, f"would not fit: {figures}")


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceCapacity(_Spending):
    """What is selected may not cost more of a resource than there is (1)."""

    kind: ClassVar[str] = "capacity"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["ResourceCapacity"]:
        """One rule per limited resource."""
        initiatives = plan.candidates(scenario)
        for resource, capacity in sorted(scenario.capacities.items()):
            yield ResourceCapacity(
                initiatives=initiatives,
                resource=resource,
                stated=capacity,
                source=scenario.capacity_sources.get(resource),
            )

    def what(self) -> str:
        """``engineering_tokens capacity``."""
        return f"{self.resource} capacity"

    def sentence(self) -> str:
        """``the engineering_tokens capacity is 1,000``."""
        return f"the {self.what()} is {number(self.stated)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenCap(_Spending):
    """A department, market, category or program may not get more than so many engineering tokens (2)."""

    kind: ClassVar[str] = "capacity_cap"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["TokenCap"]:
        """One rule per maximum."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, TokenBound):
            if bound.max_tokens is not None:
                yield TokenCap(
                    initiatives=initiatives, part=bound.slice, stated=bound.max_tokens, source=bound.source, spec=bound
                )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """The tokens that the slice uses."""
        return self.use_of(self.part, self.resource, selected)

    def what(self) -> str:
        """``cap for market UK``."""
        return f"cap for {self.part}"

    def sentence(self) -> str:
        """``market UK gets at most 200 engineering_tokens``."""
        return f"{self.part} gets at most {number(self.stated)} {TOKENS}"


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenFloor(_Spending):
    """A department, market, category or program must get at least so many engineering tokens (3)."""

    kind: ClassVar[str] = "capacity_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["TokenFloor"]:
        """One rule per minimum."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, TokenBound):
            if bound.min_tokens is not None:
                yield TokenFloor(
                    initiatives=initiatives, part=bound.slice, stated=bound.min_tokens, source=bound.source, spec=bound
                )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """The tokens that the slice uses."""
        return self.use_of(self.part, self.resource, selected)

    def what(self) -> str:
        """``floor for market UK``."""
        return f"floor for {self.part}"

    def sentence(self) -> str:
        """``market UK gets at least 200 engineering_tokens``."""
        return f"{self.part} gets at least {number(self.stated)} {TOKENS}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Counting(_OfInitiatives, ABC):
    """A number of selected initiatives, in one slice or (None) in the whole portfolio."""

    only_grows: ClassVar[bool] = True

    initiatives: tuple[Initiative, ...]
    part: Slice | None = None

    @property
    def where(self) -> str:
        """``market UK`` or ``the whole portfolio``."""
        return str(self.part) if self.part else "the whole portfolio"

    def counted(self) -> str:
        """``3 initiatives are`` or ``1 initiative is``."""
        return "1 initiative is" if self.stated == 1 else f"{number(self.stated)} initiatives are"

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of x_i`` over the slice."""
        return candidates.terms(lambda initiative: float(is_in(initiative, self.part)))

    @cached_property
    def added(self) -> Mapping[str, float]:
        """One for each initiative of the slice."""
        return {i.key: 1.0 for i in self.initiatives if is_in(i, self.part)}

    @property
    def measured(self) -> Hashable:
        """Initiatives and the slice."""
        return "initiatives", self.part

    def use(self, selected: frozenset[str]) -> SliceUse:
        """How many initiatives of the slice are selected."""
        return self.use_of(self.part, None, selected)

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``no place left: at most 3 initiatives are selected for market UK``."""
        del added, amount, facts
        return Reason(key, Out.NO_ROOM, f"no place left: {self.sentence()}")


@dataclass(frozen=True, kw_only=True, eq=False)
class CountCap(_Counting):
    """At most so many initiatives are selected, in a slice or in all (4)."""

    kind: ClassVar[str] = "count_cap"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["CountCap"]:
        """One rule per maximum."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, CountBound):
            if bound.max_count is not None:
                yield CountCap(
                    initiatives=initiatives,
                    part=bound.slice,
                    stated=float(bound.max_count),
                    source=bound.source,
                    spec=bound,
                )

    def what(self) -> str:
        """``largest number of initiatives for market UK``."""
        return f"largest number of initiatives for {self.where}"

    def sentence(self) -> str:
        """``at most 3 initiatives are selected for market UK``."""
        return f"at most {self.counted()} selected for {self.where}"


@dataclass(frozen=True, kw_only=True, eq=False)
class CountFloor(_Counting):
    """At least so many initiatives are selected, in a slice or in all (5)."""

    kind: ClassVar[str] = "count_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["CountFloor"]:
        """One rule per minimum."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, CountBound):
            if bound.min_count is not None:
                yield CountFloor(
                    initiatives=initiatives,
                    part=bound.slice,
                    stated=float(bound.min_count),
                    source=bound.source,
                    spec=bound,
                )

    def what(self) -> str:
        """``smallest number of initiatives for market UK``."""
        return f"smallest number of initiatives for {self.where}"

    def sentence(self) -> str:
        """``at least 3 initiatives are selected for market UK``."""
        return f"at least {self.counted()} selected for {self.where}"


def _figure(value: float) -> str:
    return number(exact.rounded_for_people(value, upwards=False))
