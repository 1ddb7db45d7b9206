"""The rule that a portfolio is worth enough. The number in brackets is that of the maths in `optimizer.rules`."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.objectives import Objective
from optimizer.model.rows import Candidates, Sense, Terms
from optimizer.plan import Plan, Scenario, Target, TargetKind
from optimizer.rules.kpi_floors import KpiFloor
from optimizer.rules.rule import BoundRule
from optimizer.wording import number


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectiveFloor(BoundRule):
    """The objective comes to at least so much, larger being better (36).

    No sheet states it: studies ask for what is as good as another plan. It is the one floor over several KPIs, which
    may accrue in different ways.
    """

    kind: ClassVar[str] = "objective_floor"
    sense: ClassVar[Sense] = Sense.AT_LEAST

    objective: Objective
    kpis: Mapping[str, KpiFloor]
    """Each KPI that counts, as the rule that measures its total."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["ObjectiveFloor"]:
        """None: no scenario states one."""
        del plan, scenario
        return iter(())

    @staticmethod
    def holding(plan: Plan, scenario: Scenario, objective: Objective, least: float) -> "ObjectiveFloor":
        """The rule that the objective comes to at least `least`."""
        kpis = {
            kpi: KpiFloor.holding(plan, scenario, Target(kpi=kpi, value=0.0, kind=TargetKind.FLOOR))
            for kpi in objective.coefficients
        }
        return ObjectiveFloor(objective=objective, kpis=kpis, stated=least)

    def terms(self, candidates: Candidates) -> Terms:
        """``sum over k of w[k] s[k] d[k] * the total of k``."""
        return self.objective.over(candidates).terms

    def amount(self, selected: frozenset[str]) -> float:
        """The objective of a selection, from KPI totals."""
        return self.objective.value({kpi: rule.moved(selected) for kpi, rule in self.kpis.items()})

    def added_by(self, key: str) -> float:
        """Its score with each contribution counted once."""
        return self._sum({kpi: rule.added_by(key) for kpi, rule in self.kpis.items()})

    def added_at(self, key: str, start: int) -> float:
        """Its score at a start; synergies aside, which need others too."""
        return self._sum({kpi: rule.added_at(key, start) for kpi, rule in self.kpis.items()})

    def _sum(self, added: Mapping[str, float]) -> float:
        signs = {kpi: rule.kpi.direction.sign for kpi, rule in self.kpis.items()}
        return self.objective.value({kpi: (signs[kpi] * amount,) for kpi, amount in added.items()})

    @property
    def measured(self) -> Hashable:
        """The objective."""
        return "objective", self.objective.name

    def what(self) -> str:
        """``floor for the objective``."""
        return "floor for the objective"

    def sentence(self) -> str:
        """``the objective must come to at least 120,000``."""
        return f"the objective must come to at least {number(self.stated)}"
