"""Rules that keep an amount on one side of a number: capacities, caps, floors, counts and KPI floors.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from optimizer import exact
from optimizer.model.rows import Candidates, Sense, Terms, counts_in, is_in
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario, Slice, Synergy, Target, TargetKind
from optimizer.rules.rule import BoundRule
from optimizer.wording import number


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spending(BoundRule, ABC):
    """An amount of one resource that the selected initiatives of one slice cost."""

    initiatives: tuple[Initiative, ...]
    resource: str = TOKENS
    part: Slice | None = None

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of cost[i, r] x_i`` over the slice."""
        return candidates.terms(lambda i: i.costs.get(self.resource, 0.0) if is_in(i, self.part) else 0.0)

    def amount(self, selected: frozenset[str]) -> float:
        """What the selection costs, in the resource's unit."""
        return exact.total(
            initiative.costs.get(self.resource, 0.0)
            for initiative in self.initiatives
            if initiative.key in selected and is_in(initiative, self.part)
        )


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
        for bound in scenario.token_bounds:
            if bound.max_tokens is not None:
                yield TokenCap(initiatives=initiatives, part=bound.slice, stated=bound.max_tokens, source=bound.source)

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
        for bound in scenario.token_bounds:
            if bound.min_tokens is not None:
                yield TokenFloor(
                    initiatives=initiatives, part=bound.slice, stated=bound.min_tokens, source=bound.source
                )

    def what(self) -> str:
        """``floor for market UK``."""
        return f"floor for {self.part}"

    def sentence(self) -> str:
        """``market UK gets at least 200 engineering_tokens``."""
        return f"{self.part} gets at least {number(self.stated)} {TOKENS}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Counting(BoundRule, ABC):
    """A number of selected initiatives, in one slice or (None) in the whole portfolio."""

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

    def amount(self, selected: frozenset[str]) -> float:
        """How many initiatives are selected."""
        return float(sum(i.key in selected and is_in(i, self.part) for i in self.initiatives))


@dataclass(frozen=True, kw_only=True, eq=False)
class CountCap(_Counting):
    """At most so many initiatives are selected, in a slice or in all (4)."""

    kind: ClassVar[str] = "count_cap"
    sense: ClassVar[Sense] = Sense.AT_MOST

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["CountCap"]:
        """One rule per maximum."""
        initiatives = plan.candidates(scenario)
        for bound in scenario.count_bounds:
            if bound.max_count is not None:
                yield CountCap(
                    initiatives=initiatives, part=bound.slice, stated=float(bound.max_count), source=bound.source
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
        for bound in scenario.count_bounds:
            if bound.min_count is not None:
                yield CountFloor(
                    initiatives=initiatives, part=bound.slice, stated=float(bound.min_count), source=bound.source
                )

    def what(self) -> str:
        """``smallest number of initiatives for market UK``."""
        return f"smallest number of initiatives for {self.where}"

    def sentence(self) -> str:
        """``at least 3 initiatives are selected for market UK``."""
        return f"at least {self.counted()} selected for {self.where}"


@dataclass(frozen=True, kw_only=True, eq=False)
class KpiFloor(BoundRule):
    """The portfolio, or one slice of it, must move a KPI at least so far, in every mode (12).

    A floor binds; a goal does not, it is a stage of the objective. For a KPI where lower is better the row is
    ``-total >= -value``. A synergy counts in a slice only if all its members belong to the slice.
    """

    kind: ClassVar[str] = "kpi_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    target: Target
    kpi: Kpi
    initiatives: tuple[Initiative, ...]
    synergies: tuple[Synergy, ...]

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["KpiFloor"]:
        """One rule per target that is a floor."""
        for target in scenario.targets:
            if target.kind is TargetKind.FLOOR:
                yield KpiFloor.holding(plan, scenario, target)

    @staticmethod
    def holding(plan: Plan, scenario: Scenario, target: Target) -> "KpiFloor":
        """The rule that `target` is met, be it a floor or a goal that is to be held."""
        return KpiFloor(
            target=target,
            kpi=plan.kpi(target.kpi),
            initiatives=plan.candidates(scenario),
            synergies=tuple(s for s in scenario.synergies if counts_in(plan, s, target.kpi, target.slice)),
            stated=target.value if target.stated is None else target.stated,
            source=target.source,
        )

    @property
    def bound(self) -> float:
        """``d * value``; the value is what the portfolio must bring, so without the baseline."""
        if self.target.stated is None:
            return self.kpi.direction.sign * self.stated
        # The number that the plan states wins over stated - baseline, which would round.
        if self.stated == self.target.stated:
            return self.kpi.direction.sign * self.target.value
        return self.kpi.direction.sign * float(Decimal(repr(self.stated)) - Decimal(repr(self._baseline)))

    @property
    def _baseline(self) -> float:
        return self.target.baseline or 0.0

    def stated_for(self, amount: float) -> float:
        """The level to write down so that moving by `amount` suffices."""
        moved = self.kpi.direction.sign * amount
        if self.target.stated is None:
            return moved
        return float(Decimal(repr(moved)) + Decimal(repr(self._baseline)))

    def terms(self, candidates: Candidates) -> Terms:
        """``d * sum of c[i, k] x_i`` over the slice."""
        return candidates.kpi_terms(self.kpi.key, self.target.slice, self.kpi.direction.sign)

    def amount(self, selected: frozenset[str]) -> float:
        """``d *`` what the selection moves the KPI by, in its native unit."""
        moved = [
            initiative.contributions.get(self.kpi.key, 0.0)
            for initiative in self.initiatives
            if initiative.key in selected and is_in(initiative, self.target.slice)
        ]
        moved += [s.value for s in self.synergies if s.members and selected.issuperset(s.members)]
        return self.kpi.direction.sign * exact.total(moved)

    def what(self) -> str:
        """``floor for gmv in market UK``, or ``limit for churn`` where lower is better."""
        word = "floor" if self.kpi.direction.sign > 0 else "limit"
        return f"{word} for {self.kpi.key}{f' in {self.target.slice}' if self.target.slice else ''}"

    def sentence(self) -> str:
        """``gmv must reach at least 10,000 (baseline 9,900)``."""
        side = "at least" if self.kpi.direction.sign > 0 else "at most"
        where = f" in {self.target.slice}" if self.target.slice else ""
        base = f", from a baseline of {number(self._baseline)}" if self.target.stated is not None else ""
        return f"{self.kpi.key}{where} must come to {side} {number(self.stated)}{base}"
