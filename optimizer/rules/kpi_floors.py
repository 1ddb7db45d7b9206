"""The rule that a KPI moves far enough. The number in brackets is that of the maths in `optimizer.rules`."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from optimizer import exact
from optimizer.model.rows import Candidates, Sense, Terms, counts_in, is_in
from optimizer.plan import Initiative, Kpi, Plan, Scenario, Synergy, Target, TargetKind, start_of
from optimizer.rules.rule import BoundRule
from optimizer.wording import amount


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
    by: int | None = None
    """The period of the horizon by whose end; None in a plan of one period."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["KpiFloor"]:
        """One rule per target that is a floor."""
        for target in scenario.targets:
            if target.kind is TargetKind.FLOOR:
                yield KpiFloor.holding(plan, scenario, target)

    @staticmethod
    def holding(plan: Plan, scenario: Scenario, target: Target) -> "KpiFloor":
        """The rule that `target` is met, be it a floor or a goal that is to be held."""
        horizon = plan.horizon(scenario)
        end = len(horizon) - 1 if target.period is None else horizon.index(target.period)
        return KpiFloor(
            by=end if horizon else None,
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
        return candidates.kpi_terms(self.kpi.key, self.target.slice, self.kpi.direction.sign, self.target.period)

    def amount(self, selected: frozenset[str]) -> float:
        """``d *`` what the selection moves the KPI by, in its native unit."""
        return exact.total(self.addends(selected))

    def addends(self, selected: frozenset[str]) -> Sequence[float]:
        """``d *`` what each of the selection moves the KPI by, and each synergy that it earns."""
        return [self.kpi.direction.sign * addend for addend in self.moved(selected)]

    def moved(self, selected: frozenset[str]) -> Sequence[float]:
        """What each of the selection moves the KPI by, and each synergy that it earns, in its native unit."""
        moved = [self._moved_at(key, start_of(selected, key)) for key in selected if key in self._moves]
        for synergy in self.synergies:
            if synergy.members and selected.issuperset(synergy.members):
                finish = max(self._finish(key, start_of(selected, key)) for key in synergy.members)
                moved.append(synergy.value * self._times(finish))
        return moved

    def added_at(self, key: str, start: int) -> float:
        """``d *`` what its own contribution comes to at a start; synergies aside, which need others too."""
        return self.kpi.direction.sign * self._moved_at(key, start) if key in self._moves else 0.0

    def _moved_at(self, key: str, start: int) -> float:
        return self._moves[key] * self._times(self._finish(key, start))

    def _finish(self, key: str, start: int) -> int:
        return start + self._durations[key] - 1

    def _times(self, finish: int) -> int:
        return 1 if self.by is None else self.kpi.times_counted(finish, self.by)

    @cached_property
    def _durations(self) -> Mapping[str, int]:
        return {i.key: i.duration for i in self.initiatives}

    @cached_property
    def _moves(self) -> Mapping[str, float]:
        """What each initiative of the slice moves the KPI by, in its native unit."""
        inside = (i for i in self.initiatives if is_in(i, self.target.slice))
        return {i.key: i.contributions.get(self.kpi.key, 0.0) for i in inside}

    def added_by(self, key: str) -> float:
        """``d *`` its own contribution; synergies aside, which need others too."""
        return self.kpi.direction.sign * self._moves.get(key, 0.0)

    @property
    def measured(self) -> Hashable:
        """The KPI, the slice and the end of the time that counts."""
        return "KPI", self.kpi.key, self.target.slice, self.by

    def what(self) -> str:
        """``floor for gmv in market UK``, or ``limit for churn`` where lower is better."""
        word = "floor" if self.kpi.direction.sign > 0 else "limit"
        return f"{word} for {self.kpi.key}{self.target.scope}"

    def shown(self, stated: float) -> str:
        """The level as people read amounts of the KPI."""
        return amount(stated, self.kpi)

    def sentence(self) -> str:
        """``gmv must reach at least 10,000 (baseline 9,900)``."""
        side = "at least" if self.kpi.direction.sign > 0 else "at most"
        base = f", from a baseline of {amount(self._baseline, self.kpi)}" if self.target.stated is not None else ""
        return f"{self.kpi.key}{self.target.scope} must come to {side} {self.shown(self.stated)}{base}"
