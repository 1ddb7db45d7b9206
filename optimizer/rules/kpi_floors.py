"""The rule that a KPI moves far enough. The number in brackets is that of the maths in `optimizer.rules`."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from optimizer import exact
from optimizer.model.rows import Candidates, Sense, Terms, counts_in, is_in
from optimizer.plan import Initiative, Kpi, Plan, Scenario, Synergy, Target, TargetKind
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
        moved = [self._moves[key] for key in selected if key in self._moves]
        moved += [s.value for s in self.synergies if s.members and selected.issuperset(s.members)]
        return self.kpi.direction.sign * exact.total(moved)

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
        """The KPI and the slice."""
        return "KPI", self.kpi.key, self.target.slice

    def what(self) -> str:
        """``floor for gmv in market UK``, or ``limit for churn`` where lower is better."""
        word = "floor" if self.kpi.direction.sign > 0 else "limit"
        return f"{word} for {self.kpi.key}{f' in {self.target.slice}' if self.target.slice else ''}"

    def shown(self, stated: float) -> str:
        """The level as people read amounts of the KPI."""
        return amount(stated, self.kpi)

    def sentence(self) -> str:
        """``gmv must reach at least 10,000 (baseline 9,900)``."""
        side = "at least" if self.kpi.direction.sign > 0 else "at most"
        where = f" in {self.target.slice}" if self.target.slice else ""
        base = f", from a baseline of {amount(self._baseline, self.kpi)}" if self.target.stated is not None else ""
        return f"{self.kpi.key}{where} must come to {side} {self.shown(self.stated)}{base}"
