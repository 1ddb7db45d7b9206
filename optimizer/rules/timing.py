"""Rules about when work is done, in plans over several periods. The numbers in brackets are those of `optimizer.rules`.

Periods are counted from 1, the first of the horizon, so that 0 can mean that something is not selected.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.options import Option
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Initiative, Plan, Scenario, start_of
from optimizer.rules.reasons import Facts, In, Reason
from optimizer.rules.rule import BoundRule, Rule


@dataclass(frozen=True, kw_only=True, eq=False)
class _Window(BoundRule, ABC):
    """An initiative is at work on one side of a period."""

    sense: ClassVar[Sense] = Sense.AT_MOST

    initiative: Initiative
    horizon: tuple[str, ...]

    @abstractmethod
    def periods_used(self, start: int) -> int:
        """What a start counts against the bound."""

    @abstractmethod
    def period_of(self, stated: float) -> str:
        """The period that a bound means."""

    def terms(self, candidates: Candidates) -> Terms:
        """What the start that is chosen counts; 0 without one."""
        key = self.initiative.key
        return candidates.terms_at(
            lambda o: 0.0 if o.start is None or o.key != key else float(self.periods_used(o.start))
        )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``z_i,p <= 0`` for each start beyond the bound: stronger than one row over all of them."""
        for column in candidates.columns[self.initiative.key]:
            if not self._allows(candidates.options[column]):
                yield Row(Terms((column,), (1.0,)), Sense.AT_MOST, 0.0, self)

    def _allows(self, option: Option) -> bool:
        return option.start is None or self.periods_used(option.start) <= self.bound

    def forbids(self, key: str, start: int) -> bool:
        """Whether the start is beyond the bound."""
        return key == self.initiative.key and self.periods_used(start) > self.bound

    def amount(self, selected: frozenset[str]) -> float:
        """What the start of the initiative counts; 0 where it is not selected."""
        key = self.initiative.key
        return float(self.periods_used(start_of(selected, key))) if key in selected else 0.0

    def added_by(self, key: str) -> float:
        """What its first start counts."""
        return self.added_at(key, 0)

    def added_at(self, key: str, start: int) -> float:
        """What a start of the initiative counts; nothing for others."""
        return float(self.periods_used(start)) if key == self.initiative.key else 0.0

    def shown(self, stated: float) -> str:
        """``2 periods``."""
        return _periods(int(stated))

    @property
    def measured(self) -> Hashable:
        """The initiative and the side."""
        return self.kind, self.initiative.key

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """None: it asks for nothing."""
        del facts
        return iter(())


@dataclass(frozen=True, kw_only=True, eq=False)
class EarliestStart(_Window):
    """An initiative starts in a given period or later (32)."""

    kind: ClassVar[str] = "earliest_start"

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["EarliestStart"]:
        """One rule per candidate whose earliest start lies after the first period."""
        horizon = plan.horizon(scenario)
        for initiative in plan.candidates(scenario) if horizon else ():
            if initiative.earliest_start is None or initiative.is_in_progress:
                continue
            late = plan.period_number(initiative.earliest_start) - plan.period_number(horizon[0])
            if late > 0:
                yield EarliestStart(
                    initiative=initiative,
                    horizon=horizon,
                    stated=float(max(0, len(horizon) - late)),
                    source=initiative.timing_sources.get("earliest_start", initiative.source),
                )

    def periods_used(self, start: int) -> int:
        """The periods from the start to the end of the horizon."""
        return len(self.horizon) - start

    def period_of(self, stated: float) -> str:
        """The earliest start."""
        return self.horizon[len(self.horizon) - int(stated)] if stated >= 1 else f"a period after {self.horizon[-1]}"

    def what(self) -> str:
        """``earliest start of SSO``."""
        return f"earliest start of {self.initiative.key}"

    def sentence(self) -> str:
        """``SSO starts in 2026-Q4 or later``."""
        period = self.initiative.earliest_start if self.stated < 1 else self.period_of(self.stated)
        return f"{self.initiative.key} starts in {period} or later"

    def without(self) -> str:
        """``let SSO start at any time``."""
        return f"let {self.initiative.key} start at any time"

    def change(self, stated: float) -> str:
        """``let SSO start in 2026-Q3``."""
        return f"let {self.initiative.key} start in {self.period_of(stated)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class LatestFinish(_Window):
    """An initiative is finished in a given period or earlier (33)."""

    kind: ClassVar[str] = "latest_finish"

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["LatestFinish"]:
        """One rule per candidate whose latest finish lies before the last period."""
        horizon = plan.horizon(scenario)
        for initiative in plan.candidates(scenario) if horizon else ():
            if initiative.latest_finish is None:
                continue
            last = plan.period_number(initiative.latest_finish) - plan.period_number(horizon[0]) + 1
            if last < len(horizon):
                yield LatestFinish(
                    initiative=initiative,
                    horizon=horizon,
                    stated=float(max(0, last)),
                    source=initiative.timing_sources.get("latest_finish", initiative.source),
                )

    def periods_used(self, start: int) -> int:
        """The periods from the beginning of the horizon to the finish."""
        return start + self.initiative.duration

    def period_of(self, stated: float) -> str:
        """The latest finish."""
        return self.horizon[int(stated) - 1] if stated >= 1 else f"a period before {self.horizon[0]}"

    def what(self) -> str:
        """``latest finish of SSO``."""
        return f"latest finish of {self.initiative.key}"

    def sentence(self) -> str:
        """``SSO is finished in 2026-Q4 or earlier``."""
        period = self.initiative.latest_finish if self.stated < 1 else self.period_of(self.stated)
        return f"{self.initiative.key} is finished in {period} or earlier"

    def without(self) -> str:
        """``let SSO finish at any time``."""
        return f"let {self.initiative.key} finish at any time"

    def change(self, stated: float) -> str:
        """``let SSO finish 1 period later, in 2027-Q1``."""
        later = int(stated - self.stated)
        return f"let {self.initiative.key} finish {_periods(later)} later, in {self.period_of(stated)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Continues(Rule):
    """Work in progress goes on in the first period, unless it may be stopped (34)."""

    kind: ClassVar[str] = "in_progress"

    initiative: str
    too_long_for: str = ""
    """The horizon, where it cannot be finished within it."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Continues"]:
        """One rule per candidate that is in progress and may not be stopped."""
        horizon = plan.horizon(scenario)
        for initiative in plan.candidates(scenario) if horizon else ():
            if initiative.is_in_progress and not initiative.may_stop:
                is_possible = bool(plan.starts(scenario, initiative))
                yield Continues(
                    initiative=initiative.key,
                    too_long_for="" if is_possible else f"{horizon[0]} to {horizon[-1]}",
                    source=initiative.source,
                )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``z_i,0 >= 1``."""
        columns = candidates.columns[self.initiative]
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the work is stopped, or starts again later."""
        return float(self.initiative not in selected or start_of(selected, self.initiative) != 0)

    def demands(self) -> tuple[str, ...]:
        """The initiative."""
        return (self.initiative,)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``in progress``."""
        if self.initiative in facts.selected:
            yield Reason(self.initiative, In.DEMANDED, "in progress")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """None: it keeps nothing out."""
        del facts
        return iter(())

    def sentence(self) -> str:
        """``SSO is in progress and goes on``."""
        lacking = f", but it cannot be finished within {self.too_long_for}" if self.too_long_for else ""
        return f"{self.initiative} is in progress and goes on{lacking}"

    def without(self) -> str:
        """``let SSO be stopped``."""
        return f"let {self.initiative} be stopped"


def _periods(count: int) -> str:
    return "1 period" if count == 1 else f"{count} periods"
