"""Scenarios: what is preferred, what must be reached, and within which limits."""

from collections.abc import Mapping
from enum import StrEnum

from optimizer.plan.parts import Finite, Key, NonNegative, PlanPart, Reserve, Slice, capacity_left
from optimizer.plan.rule_specs import RuleSpec, Synergy, rules_of_kind


class ObjectiveMode(StrEnum):
    """What a scenario optimizes; see `optimizer.model.objectives` for the formulas."""

    NORTH_STAR = "north_star"
    WEIGHTED_KPIS = "weighted_kpis"
    LEXICOGRAPHIC = "lexicographic"


class Normalization(StrEnum):
    """How KPIs of different units are made comparable in a weighted sum (s[k] in the formulas)."""

    NONE = "none"
    SCALE = "scale"
    TARGET = "target"
    IDEAL = "ideal"


class TargetKind(StrEnum):
    """A floor binds in every mode; a goal binds first in lexicographic mode and is reported as a gap in the others."""

    FLOOR = "floor"
    GOAL = "goal"


class Target(PlanPart):
    """The portfolio (or one slice of it) must move a KPI by at least `value`, in native units.

    Met when ``d * sum_i contribution[i] * x[i] >= d * value`` with d = +1 for KPIs where higher is better, -1 where
    lower is. `value` is the movement that the portfolio must bring; where the sheet states an absolute level, that
    level and its baseline are kept in `stated` and `baseline` (`value = stated - baseline`).

    With a `period`, what counts is the movement by the end of that period; without one, by the end of the plan.
    """

    kpi: Key
    value: Finite
    kind: TargetKind = TargetKind.GOAL
    slice: Slice | None = None
    period: Key | None = None
    stated: Finite | None = None
    baseline: Finite | None = None
    source: str | None = None

    @property
    def scope(self) -> str:
        """`` in market UK by the end of 2026-Q3``, to be put after the KPI; empty for whole portfolio and plan."""
        where = f" in {self.slice}" if self.slice else ""
        return where + (f" by the end of {self.period}" if self.period else "")


class Scenario(PlanPart):
    """One question asked of the plan: objective, weights, targets, capacities and rules of its own.

    `weights` maps a KPI key to a number >= 0. `capacities` maps a resource to its amount; a resource that is absent is
    not limited, and the part `reserve` of each is kept free. `target_priorities` orders the goals, most important group
    first; goals on KPIs that are not named come last, together. `rules` hold for this scenario in addition to those
    that initiatives carry themselves.

    With `from_period` and `to_period` (both or neither) it is a plan over several periods, which also decides when each
    initiative starts; `capacities` then hold for all of its periods together.
    """

    name: Key
    objective_mode: ObjectiveMode
    period_key: Key | None = None
    from_period: Key | None = None
    to_period: Key | None = None
    north_star: Key | None = None
    weights: Mapping[Key, NonNegative] = {}
    targets: tuple[Target, ...] = ()
    target_priorities: tuple[tuple[Key, ...], ...] = ()
    secondary_objective: ObjectiveMode = ObjectiveMode.NORTH_STAR
    capacities: Mapping[Key, NonNegative]
    reserve: Reserve = 0.0
    normalization: Normalization = Normalization.NONE
    rules: tuple[RuleSpec, ...] = ()
    capacity_sources: Mapping[Key, str] = {}
    reserve_source: str | None = None
    source: str | None = None

    def available(self, resource: str) -> float | None:
        """What may be spent of a resource, beside the reserve; None where it is not limited."""
        return capacity_left(self.capacities[resource], self.reserve) if resource in self.capacities else None

    @property
    def synergies(self) -> tuple[Synergy, ...]:
        """Its synergies: the rules that no portfolio can break, because they only add to a KPI."""
        return rules_of_kind(self.rules, Synergy)

    @property
    def uses_weights(self) -> bool:
        """Whether weights take part in this scenario's objective."""
        return self.objective_mode is ObjectiveMode.WEIGHTED_KPIS or (
            self.objective_mode is ObjectiveMode.LEXICOGRAPHIC
            and self.secondary_objective is ObjectiveMode.WEIGHTED_KPIS
        )

    @property
    def uses_north_star(self) -> bool:
        """Whether a north star takes part in this scenario's objective."""
        return self.objective_mode is ObjectiveMode.NORTH_STAR or (
            self.objective_mode is ObjectiveMode.LEXICOGRAPHIC and self.secondary_objective is ObjectiveMode.NORTH_STAR
        )
