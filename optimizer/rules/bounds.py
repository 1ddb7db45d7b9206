"""Rules that keep tokens, another resource or a number of initiatives on one side of a number.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    keys_of,
    rules_of_kind,
    spoken_resource,
    start_of,
)
from optimizer.portfolio import SliceUse
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import BoundRule
from optimizer.wording import listing, number


@dataclass(frozen=True, kw_only=True, eq=False)
class _OfInitiatives(BoundRule, ABC):
    """An amount that is the sum of what each selected initiative adds to it."""

    @property
    @abstractmethod
    def added(self) -> Mapping[str, float]:
        """What each candidate that counts adds to the amount, by key."""

    def amount(self, selected: frozenset[str]) -> float:
        """The correctly rounded sum over the selection."""
        return exact.total(self.addends(selected))

    def addends(self, selected: frozenset[str]) -> Sequence[float]:
        """What each of the selection adds."""
        added = self.added
        return [added[key] for key in selected if key in added]

    def added_by(self, key: str) -> float:
        """Its own part of the sum."""
        return self.added.get(key, 0.0)

    def use_of(
        self, part: Slice | None, resource: str | None, selected: frozenset[str], period: str | None = None
    ) -> SliceUse:
        """The amount as Results shows it, with this bound at the end that it is."""
        used = self.amount(selected)
        if self.sense is Sense.AT_MOST:
            return SliceUse(part, resource, used, maximum=self.stated, period=period)
        return SliceUse(part, resource, used, minimum=self.stated, period=period)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spending(_OfInitiatives, ABC):
    """An amount of one resource that the selected initiatives of one slice cost, in one period or in the whole plan.

    Stopping work in progress costs tokens too, in the first period.
    """

    initiatives: tuple[Initiative, ...]
    resource: str = TOKENS
    part: Slice | None = None
    horizon: tuple[str, ...] = ()
    period: int | None = None
    """The period of the horizon; None is all of the plan."""

    @property
    def only_grows(self) -> bool:
        """Over the whole plan, where nothing is paid for stopping work."""
        return self.period is None and not self._stop_costs

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of cost[i, r] x_i`` over the slice; in one period the part of it that is spent then."""
        return candidates.cost_terms(self.resource, self.part, self.period)

    @cached_property
    def added(self) -> Mapping[str, float]:
        """What each initiative of the slice costs, in the resource's unit."""
        of_part = self.initiatives if self.part is None else [i for i in self.initiatives if is_in(i, self.part)]
        return {i.key: i.costs.get(self.resource, 0.0) for i in of_part}

    def addends(self, selected: frozenset[str]) -> Sequence[float]:
        """What each of the selection costs, and the work that is stopped."""
        added = self.added
        if self.period is None:
            spent = [amount for amount in map(added.get, keys_of(selected)) if amount is not None]
        else:
            spent = [self._spent(key, start_of(selected, key)) for key in selected if key in added]
        return [*spent, *(cost for key, cost in self._stop_costs.items() if key not in selected)]

    def added_at(self, key: str, start: int) -> float:
        """What it costs at a start, less what stopping it would."""
        return self._spent(key, start) - self._stop_costs.get(key, 0.0) if key in self.added else 0.0

    def forbids(self, key: str, start: int) -> bool:
        """Whether it alone costs more than there is."""
        return self.sense is Sense.AT_MOST and key in self.added and not self.keeps(self._spent(key, start))

    def _spent(self, key: str, start: int) -> float:
        if self.period is None:
            return self.added[key]
        return self._by_key[key].spent_in(self.resource, self.period - start)

    @cached_property
    def _by_key(self) -> Mapping[str, Initiative]:
        return {initiative.key: initiative for initiative in self.initiatives}

    @cached_property
    def _stop_costs(self) -> Mapping[str, float]:
        if not self.horizon or self.resource != TOKENS or self.period:
            return {}
        stoppable = (i for i in self.initiatives if i.is_in_progress and i.may_stop and is_in(i, self.part))
        return {i.key: i.stop_cost for i in stoppable if i.stop_cost}

    @property
    def when(self) -> str:
        """`` in 2026-Q4``, or nothing for the whole plan."""
        return "" if self.period is None else f" in {self.horizon[self.period]}"

    @property
    def measured(self) -> Hashable:
        """The resource, the slice and the period."""
        return self.resource, self.part, self.period

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``would not fit: needs 50 tokens for market UK, 40 left``."""
        needed = _figure(added)
        what = spoken_resource(self.resource, needed)
        where = (f" for {self.part}" if self.part else "") + self.when
        figures = f"{needed} {what}{where}, {_figure(max(0.0, self.bound - amount))} left"
        why = "would not fit"
        if facts.brings_less_per_token(key):
            why = "brings less per token than those on merit"
        return Reason(key, Out.NO_ROOM, f"{why}: needs", figures=figures)


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenCap(Spending):
    """A department, market, category or program may not get more than so much of a resource, in any period (2)."""

    kind: ClassVar[str] = "capacity_cap"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["TokenCap"]:
        """One rule per maximum; over several periods, one for each."""
        initiatives, horizon = plan.candidates(scenario), plan.horizon(scenario)
        for bound in rules_of_kind(scenario.rules, TokenBound):
            for period in range(len(horizon)) if horizon else (None,):
                if bound.max_tokens is not None:
                    yield TokenCap(
                        initiatives=initiatives,
                        part=bound.slice,
                        resource=bound.resource,
                        horizon=horizon,
                        period=period,
                        stated=bound.max_tokens,
                        source=bound.source,
                        spec=bound,
                    )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """The tokens that the slice uses."""
        period = None if self.period is None else self.horizon[self.period]
        return self.use_of(self.part, self.resource, selected, period)

    def what(self) -> str:
        """``cap for market UK``, ``design days cap for market UK in 2026-Q3``."""
        return f"{_named(self.resource)}cap for {self.part}{self.when}"

    def sentence(self) -> str:
        """``market UK gets at most 200 tokens``, and in which period."""
        stated = number(self.stated)
        return f"{self.part} gets at most {stated} {spoken_resource(self.resource, stated)}{self.when}"


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenFloor(Spending):
    """A department, market, category or program must get at least so much of a resource (3)."""

    kind: ClassVar[str] = "capacity_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["TokenFloor"]:
        """One rule per minimum."""
        initiatives = plan.candidates(scenario)
        for bound in rules_of_kind(scenario.rules, TokenBound):
            if bound.min_tokens is not None:
                yield TokenFloor(
                    initiatives=initiatives,
                    part=bound.slice,
                    resource=bound.resource,
                    horizon=plan.horizon(scenario),
                    stated=bound.min_tokens,
                    source=bound.source,
                    spec=bound,
                )

    def use(self, selected: frozenset[str]) -> SliceUse:
        """The tokens that the slice uses."""
        return self.use_of(self.part, self.resource, selected)

    def what(self) -> str:
        """``floor for market UK``, or ``design days floor for market UK``."""
        return f"{_named(self.resource)}floor for {self.part}"

    def sentence(self) -> str:
        """``market UK gets at least 200 tokens``."""
        stated = number(self.stated)
        return f"{self.part} gets at least {stated} {spoken_resource(self.resource, stated)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Counting(_OfInitiatives, ABC):
    """A number of selected initiatives: of some that are named, in one slice, or in the whole portfolio."""

    initiatives: tuple[Initiative, ...]
    part: Slice | None = None
    members: tuple[str, ...] = ()

    @property
    def only_grows(self) -> bool:
        """It does."""
        return True

    @property
    def where(self) -> str:
        """``market UK``, ``the whole portfolio`` or ``A, B and C``."""
        if self.members:
            return listing(self.members)
        return str(self.part) if self.part else "the whole portfolio"

    @property
    def among(self) -> str:
        """``for market UK``, or ``out of A, B and C``."""
        return f"out of {self.where}" if self.members else f"for {self.where}"

    def counted(self) -> str:
        """``3 initiatives are selected for market UK``, or ``1 of A, B and C is selected``."""
        return self._counted("is selected" if self.stated == 1 else "are selected")

    def _counted(self, state: str) -> str:
        if self.members:
            return f"{number(self.stated)} of {self.where} {state}"
        what = "initiative" if self.stated == 1 else "initiatives"
        return f"{number(self.stated)} {what} {state} for {self.where}"

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of x_i`` over those that count."""
        return candidates.terms(lambda initiative: self.added.get(initiative.key, 0.0))

    @cached_property
    def added(self) -> Mapping[str, float]:
        """One for each initiative that counts."""
        members = frozenset(self.members)
        counting = (i for i in self.initiatives if (i.key in members if members else is_in(i, self.part)))
        return {i.key: 1.0 for i in counting}

    @property
    def measured(self) -> Hashable:
        """Initiatives, and which."""
        return "initiatives", self.part, frozenset(self.members)

    def use(self, selected: frozenset[str]) -> SliceUse:
        """How many of those that count are selected."""
        return replace(self.use_of(self.part, None, selected), members=self.members)

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``no place left: at most 3 initiatives are selected for market UK``; of some by name before room."""
        del added, amount, facts
        return Reason(key, Out.RIVALLED if self.members else Out.NO_ROOM, f"no place left: {self.sentence()}")


@dataclass(frozen=True, kw_only=True, eq=False)
class CountCap(_Counting):
    """At most so many initiatives are selected, of those named, in a slice or in all (4)."""

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
                    members=tuple(dict.fromkeys(bound.members)),
                    stated=float(bound.max_count),
                    source=bound.source,
                    spec=bound,
                )

    def what(self) -> str:
        """``largest number of initiatives for market UK``."""
        return f"largest number of initiatives {self.among}"

    def sentence(self) -> str:
        """``at most 3 initiatives are selected for market UK``."""
        return f"at most {self.counted()}"


@dataclass(frozen=True, kw_only=True, eq=False)
class CountFloor(_Counting):
    """At least so many initiatives are selected, of those named, in a slice or in all (5)."""

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
                    members=tuple(dict.fromkeys(bound.members)),
                    stated=float(bound.min_count),
                    source=bound.source,
                    spec=bound,
                )

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``keeps 2 of A, B and C selected``, where no more of them are."""
        if not self.keeps(self.amount(facts.selected) - 1):
            for key in facts.selected & self.added.keys():
                yield Reason(key, In.NEEDED, f"keeps {self._counted('selected')}")

    def what(self) -> str:
        """``smallest number of initiatives for market UK``."""
        return f"smallest number of initiatives {self.among}"

    def sentence(self) -> str:
        """``at least 3 initiatives are selected for market UK``."""
        return f"at least {self.counted()}"


def _named(resource: str) -> str:
    return "" if resource == TOKENS else f"{resource} "


def _figure(value: float) -> str:
    return number(exact.rounded_for_people(value, upwards=False))
