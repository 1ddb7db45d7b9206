"""What there is of each resource, and what of it is kept free.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.rows import Sense
from optimizer.plan import TOKENS, PeriodCapacity, Plan, Scenario, capacity_left, capacity_of, rules_of_kind
from optimizer.portfolio import SliceUse
from optimizer.rules.bounds import Spending
from optimizer.rules.percent_bound import PercentBound
from optimizer.rules.rule import BoundRule, joined_sources
from optimizer.wording import number, percent, with_source


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceCapacity(Spending):
    """What is selected may not cost more of a resource than there is, less what is kept free (1)."""

    kind: ClassVar[str] = "capacity"
    is_capacity: ClassVar[bool] = True
    sense: ClassVar[Sense] = Sense.AT_MOST

    reserve: float = 0.0
    reserve_source: str | None = None

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["ResourceCapacity"]:
        """One rule per limited resource."""
        initiatives = plan.candidates(scenario)
        for resource, capacity in sorted(scenario.capacities.items()):
            yield ResourceCapacity(
                initiatives=initiatives,
                horizon=plan.horizon(scenario),
                resource=resource,
                stated=capacity,
                reserve=scenario.reserve,
                reserve_source=scenario.reserve_source if scenario.reserve else None,
                source=scenario.capacity_sources.get(resource),
            )

    @property
    def total(self) -> float:
        """The capacity, reserve included."""
        return self.stated

    @property
    def bound(self) -> float:
        """``(1 - reserve) * capacity``."""
        return capacity_left(self.stated, self.reserve)

    def stated_for(self, amount: float) -> float:
        """The capacity that leaves room for an amount beside the reserve."""
        return amount / (1 - self.reserve) if self.reserve else amount

    def restatable(self) -> tuple[BoundRule, ...]:
        """The capacity, and the reserve where there is one; of a capacity of 0 none is kept free."""
        if not self.reserve or not self.stated:
            return (self,)
        reserve = _Reserve(
            initiatives=self.initiatives,
            horizon=self.horizon,
            resource=self.resource,
            stated=self.reserve,
            capacity=self.stated,
            source=self.reserve_source,
        )
        return self, reserve

    def what(self) -> str:
        """``token capacity``."""
        return capacity_of(self.resource)

    def sentence(self) -> str:
        """``the token capacity is 1,000, of which 10% are kept free``."""
        kept_free = f", of which {percent(self.reserve)} is kept free" if self.reserve else ""
        return f"the {self.what()} is {number(self.stated)}{kept_free}"

    def wording(self) -> str:
        """With the cells of the capacity and of the reserve."""
        sources = joined_sources(self.source, self.reserve_source)
        return f"{self.sentence()} ({sources})" if sources else self.sentence()


@dataclass(frozen=True, kw_only=True, eq=False)
class _KeptFree(PercentBound):
    """A capacity with the reserve as its number."""

    capacity: float

    @property
    def bound(self) -> float:
        """``(1 - reserve) * capacity``."""
        return capacity_left(self.capacity, self.stated)

    def stated_for(self, amount: float) -> float:
        """The reserve that leaves room for an amount."""
        return 1 - amount / self.capacity

    def what(self) -> str:
        """``reserve``."""
        return "reserve"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reserve(_KeptFree, ResourceCapacity):
    """The same rule with the reserve as its number."""

    @property
    def total(self) -> float:
        """The capacity, reserve included."""
        return self.capacity

    def sentence(self) -> str:
        """``10% of the token capacity is kept free``."""
        return f"{percent(self.stated)} of the {capacity_of(self.resource)} is kept free"


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodLimit(Spending):
    """What is spent of a resource in one period, in a slice or in all, may not exceed what there is of it then (35)."""

    kind: ClassVar[str] = "period_capacity"
    is_capacity: ClassVar[bool] = True
    sense: ClassVar[Sense] = Sense.AT_MOST

    reserve: float = 0.0
    reserve_source: str | None = None

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["PeriodLimit"]:
        """One rule per period of each capacity that has periods."""
        initiatives, horizon = plan.candidates(scenario), plan.horizon(scenario)
        for limit in rules_of_kind(scenario.rules, PeriodCapacity):
            for place, period in enumerate(horizon):
                if limit.period in (None, period):
                    yield PeriodLimit(
                        initiatives=initiatives,
                        resource=limit.resource,
                        part=limit.slice,
                        horizon=horizon,
                        period=place,
                        stated=limit.amount,
                        reserve=scenario.reserve,
                        reserve_source=scenario.reserve_source if scenario.reserve else None,
                        source=limit.source,
                        spec=limit,
                    )

    @property
    def bound(self) -> float:
        """``(1 - reserve) * capacity``."""
        return capacity_left(self.stated, self.reserve)

    def stated_for(self, amount: float) -> float:
        """The capacity that leaves room for an amount beside the reserve."""
        return amount / (1 - self.reserve) if self.reserve else amount

    def restatable(self) -> tuple[BoundRule, ...]:
        """The capacity, and the reserve where there is one; of a capacity of 0 none is kept free."""
        if not self.reserve or not self.stated:
            return (self,)
        reserve = _PeriodReserve(
            initiatives=self.initiatives,
            resource=self.resource,
            part=self.part,
            horizon=self.horizon,
            period=self.period,
            stated=self.reserve,
            capacity=self.stated,
            source=self.reserve_source,
        )
        return self, reserve

    def use(self, selected: frozenset[str]) -> SliceUse:
        """What the slice uses in the period, beside what may be used."""
        period = None if self.period is None else self.horizon[self.period]
        return SliceUse(self.part, self.resource, self.amount(selected), maximum=self.bound, period=period)

    def what(self) -> str:
        """``capacity for department Data in 2026-Q4``."""
        capacity = "capacity" if self.resource == TOKENS and self.part else capacity_of(self.resource)
        return f"{capacity}{f' for {self.part}' if self.part else ''}{self.when}"

    def sentence(self) -> str:
        """``the capacity for department Data in 2026-Q4 is 12, of which 10% is kept free``."""
        kept_free = f", of which {percent(self.reserve)} is kept free" if self.reserve else ""
        return f"the {self.what()} is {number(self.stated)}{kept_free}"

    def wording(self) -> str:
        """With the cells of the capacity and of the reserve."""
        return with_source(self.sentence(), joined_sources(self.source, self.reserve_source))


@dataclass(frozen=True, kw_only=True, eq=False)
class _PeriodReserve(_KeptFree, PeriodLimit):
    """The same rule with the reserve as its number."""

    def sentence(self) -> str:
        """``10% of the capacity for department Data in 2026-Q4 is kept free``."""
        return f"{percent(self.stated)} of the {PeriodLimit.what(self)} is kept free"
