"""KPIs, initiatives, targets and scenarios, and the plan that holds them all."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from itertools import chain, compress
from math import fsum, isclose
from typing import Annotated, Self

from pydantic import Field, model_validator

from optimizer.plan.parts import (
    TOKENS,
    Finite,
    Key,
    NonNegative,
    PlanPart,
    Positive,
    Reserve,
    Share,
    Slice,
    capacity_left,
)
from optimizer.plan.rule_specs import RuleSpec, Synergy, rules_of_kind


class Direction(StrEnum):
    """Which way a KPI is better."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where more is better, -1 where less is better (d[k] in the formulas)."""
        return 1 if self is Direction.HIGHER else -1


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


class Accrual(StrEnum):
    """When a contribution counts in a plan over several periods."""

    ONCE = "once"
    """When the initiative is finished."""
    EACH_PERIOD = "each_period"
    """In every period of the horizon from the one after it is finished."""


class Kpi(PlanPart):
    """A measure that initiatives contribute to, in its native unit."""

    key: Key
    name: str = ""
    unit: str = ""
    number_format: str = ""
    """How the sheet's own cells show contributions, as a spreadsheet pattern; for reports only."""
    prefix: str = ""
    suffix: str = ""
    factor: Positive = 1.0
    """How people read an amount: what is before and behind the number, and what it is multiplied by (100 for 7%)."""
    direction: Direction = Direction.HIGHER
    is_north_star: bool = False
    scale: Positive | None = None
    feeds: Key | None = None
    accrues: Accrual = Accrual.ONCE

    def times_counted(self, finish: int, by: int) -> int:
        """How often a contribution of work that is finished in period `finish` counts by the end of period `by`."""
        if self.accrues is Accrual.EACH_PERIOD:
            return max(0, by - finish)
        return int(finish <= by)


class Initiative(PlanPart):
    """One candidate: what it contributes, what it costs, what it belongs to, what it depends on.

    `contributions` maps a KPI key to native units; a KPI that is absent gets no contribution. `costs` maps a resource
    to its amount in the resource's unit and always holds `TOKENS`. `ranges` and `cost_ranges` have the (low, high)
    ends of the estimates that have a range; the estimate lies between them. `confidence` is how sure the others are.
    `dimensions` maps a dimension (department, market, category, program) to this initiative's value in it.

    The rest counts in plans over several periods only. Work takes `duration` periods in a row; its tokens are spent as
    `profile` says, evenly where that is empty, and other resources in the same proportions. It starts in
    `earliest_start` or later, and is finished in `latest_finish` or earlier. Work that is in progress goes on in the
    first period with the `costs` that remain; only with `may_stop` it may be stopped, which costs `stop_cost` tokens.
    """

    key: Key
    title: str = ""
    contributions: Mapping[Key, Finite] = {}
    ranges: Mapping[Key, tuple[Finite, Finite]] = {}
    costs: Mapping[Key, NonNegative]
    cost_ranges: Mapping[Key, tuple[NonNegative, NonNegative]] = {}
    confidence: Share | None = None
    dimensions: Mapping[Key, Key] = {}
    period_key: Key | None = None
    longer_periods: tuple[Key, ...] = ()
    is_candidate: bool = True
    is_mandatory: bool = False
    mandate_reason: str = ""
    bundle_key: Key | None = None
    prerequisite_keys: tuple[Key, ...] = ()
    exclusion_keys: tuple[Key, ...] = ()
    variant_of: Key | None = None
    duration: Annotated[int, Field(ge=1)] = 1
    profile: tuple[NonNegative, ...] = ()
    earliest_start: Key | None = None
    latest_finish: Key | None = None
    is_in_progress: bool = False
    may_stop: bool = False
    stop_cost: NonNegative = 0.0
    source: str | None = None
    timing_sources: Mapping[str, str] = {}
    """The cells of `earliest_start` and `latest_finish`, by those names."""

    @property
    def tokens(self) -> float:
        """Cost in engineering tokens."""
        return self.costs[TOKENS]

    def spent_in(self, resource: str, place: int) -> float:
        """What it costs of a resource in the period that is `place` periods after its start; 0 outside of its work."""
        if not 0 <= place < self.duration:
            return 0.0
        cost = self.costs.get(resource, 0.0)
        if not self.profile or self.duration == 1:
            return cost / self.duration
        if resource == TOKENS:
            return self.profile[place]
        return cost * self.profile[place] / self.tokens if self.tokens else cost / self.duration

    @model_validator(mode="after")
    def _costs_hold_tokens(self) -> Self:
        if TOKENS not in self.costs:
            raise ValueError(f"initiative {self.key!r} has no cost in {TOKENS!r}")
        return self

    @model_validator(mode="after")
    def _profile_adds_up(self) -> Self:
        if self.profile and len(self.profile) != self.duration:
            raise ValueError(f"initiative {self.key!r} has a profile of another length than its duration")
        if self.profile and not isclose(fsum(self.profile), self.tokens, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(f"initiative {self.key!r} has a profile that does not add up to its tokens")
        return self


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


class Plan(PlanPart):
    """Everything a workbook asks: its active KPIs, all its initiatives (in the order of the sheet) and its scenarios.

    `periods` are all periods that it speaks of in plans over several periods, in the order of time, without gaps.

    Raises (through pydantic) a ValidationError where a key is repeated or names nothing.
    """

    kpis: tuple[Kpi, ...]
    initiatives: tuple[Initiative, ...]
    scenarios: tuple[Scenario, ...]
    periods: tuple[Key, ...] = ()

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """A copy with some fields replaced (not validated again); look-ups are made anew from the new fields."""
        copy = super().model_copy(update=update, deep=deep)
        for lookup in (
            *("_kpis_by_key", "_initiatives_by_key", "_scenarios_by_name", "_period_numbers"),
            *("resources", "_no_candidates", "_contributions", "_costs"),
        ):
            copy.__dict__.pop(lookup, None)
        return copy

    def kpi(self, key: str) -> Kpi:
        """The KPI of that key; KeyError where there is none."""
        return self._kpis_by_key[key]

    def initiative(self, key: str) -> Initiative:
        """The initiative of that key; KeyError where there is none."""
        return self._initiatives_by_key[key]

    def initiatives_among(self, keys: Collection[str]) -> dict[str, Initiative]:
        """The initiatives of some keys, in the order of the plan; keys that name none are left out."""
        by_key = self._initiatives_by_key
        return dict(compress(by_key.items(), map(keys.__contains__, by_key)))

    def contributions_to(self, kpi: str) -> Mapping[str, float]:
        """What each initiative that contributes to a KPI contributes, in the KPI's native unit; by key."""
        if kpi not in self._contributions:
            given = ((i.key, i.contributions) for i in self.initiatives)
            self._contributions[kpi] = {key: own[kpi] for key, own in given if kpi in own}
        return self._contributions[kpi]

    def costs_of(self, resource: str) -> Mapping[str, float]:
        """What each initiative that costs any of a resource costs of it; by key."""
        if resource not in self._costs:
            given = ((i.key, i.costs) for i in self.initiatives)
            self._costs[resource] = {key: own[resource] for key, own in given if resource in own}
        return self._costs[resource]

    @cached_property
    def resources(self) -> frozenset[str]:
        """Every resource that an initiative costs."""
        return frozenset(chain.from_iterable([initiative.costs for initiative in self.initiatives]))

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name; KeyError where there is none."""
        return self._scenarios_by_name[name]

    def candidates(self, scenario: Scenario) -> tuple[Initiative, ...]:
        """What the scenario may select: candidates of its period and of no period (of all where it has none).

        Over several periods: of any of them; work in progress whatever its period.
        """
        horizon = self.horizon(scenario)
        asked = horizon or ((scenario.period_key,) if scenario.period_key is not None else ())
        if not asked:
            return tuple([i for i in self.initiatives if i.is_candidate])
        return tuple(
            i
            for i in self.initiatives
            if i.is_candidate
            and (
                i.period_key is None
                or (bool(horizon) and i.is_in_progress)
                or any(_is_of(i, period) for period in asked)
            )
        )

    def no_candidates_among(self, keys: Collection[str], scenario: Scenario) -> frozenset[str]:
        """Those of some keys that the scenario may not select."""
        if scenario.period_key is None and not self.horizon(scenario):
            return self._no_candidates.intersection(keys)
        return frozenset(keys).difference(i.key for i in self.candidates(scenario))

    def horizon(self, scenario: Scenario) -> tuple[str, ...]:
        """The periods that a scenario plans, in the order of time; empty in a plan of one period."""
        if scenario.from_period is None or scenario.to_period is None:
            return ()
        first, last = self.period_number(scenario.from_period), self.period_number(scenario.to_period)
        return self.periods[first : last + 1]

    def period_number(self, period: str) -> int:
        """The place of a period among `periods`, from 0; KeyError where it is none of them."""
        return self._period_numbers[period]

    def starts(self, scenario: Scenario, initiative: Initiative) -> tuple[int, ...]:
        """The periods of the horizon, from 0, in which a candidate can start and still be finished within it.

        Work in progress goes on in the first one; work of a period starts in that period. In a plan of one period: 0.
        """
        horizon = self.horizon(scenario)
        if not horizon:
            return (0,)
        last = len(horizon) - initiative.duration
        if initiative.is_in_progress:
            return (0,) if last >= 0 else ()
        return tuple(start for start in range(last + 1) if _is_of(initiative, horizon[start]))

    def stoppable(self, scenario: Scenario) -> tuple[Initiative, ...]:
        """Candidates in progress that may be stopped; none in a plan of one period."""
        if not self.horizon(scenario):
            return ()
        return tuple(i for i in self.candidates(scenario) if i.is_in_progress and i.may_stop)

    @cached_property
    def _no_candidates(self) -> frozenset[str]:
        return frozenset(i.key for i in self.initiatives if not i.is_candidate)

    @cached_property
    def _contributions(self) -> dict[str, dict[str, float]]:
        return {}

    @cached_property
    def _costs(self) -> dict[str, dict[str, float]]:
        return {}

    @cached_property
    def _period_numbers(self) -> dict[str, int]:
        return {period: number for number, period in enumerate(self.periods)}

    @cached_property
    def _kpis_by_key(self) -> dict[str, Kpi]:
        return {kpi.key: kpi for kpi in self.kpis}

    @cached_property
    def _initiatives_by_key(self) -> dict[str, Initiative]:
        return {initiative.key: initiative for initiative in self.initiatives}

    @cached_property
    def _scenarios_by_name(self) -> dict[str, Scenario]:
        return {scenario.name: scenario for scenario in self.scenarios}

    @model_validator(mode="after")
    def _keys_are_unique_and_known(self) -> Self:
        for what, keys in (
            ("KPI", [kpi.key for kpi in self.kpis]),
            ("initiative", [initiative.key for initiative in self.initiatives]),
            ("scenario", [scenario.name for scenario in self.scenarios]),
            ("period", list(self.periods)),
        ):
            repeated = [key for key, count in Counter(keys).items() if count > 1]
            if repeated:
                raise ValueError(f"{what} given twice: {', '.join(repeated)}")
        for owner, kind, mentioned in self._mentions():
            known = self._kpis_by_key if kind == "KPI" else self._initiatives_by_key
            unknown = [key for key in mentioned if key not in known]
            if unknown:
                raise ValueError(f"{owner} mentions unknown {kind}: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _periods_are_known(self) -> Self:
        for initiative in self.initiatives:
            for period in (initiative.earliest_start, initiative.latest_finish):
                if period is not None and period not in self._period_numbers:
                    raise ValueError(f"initiative {initiative.key!r} mentions unknown period: {period}")
        for scenario in self.scenarios:
            owner = f"scenario {scenario.name!r}"
            ends = (scenario.from_period, scenario.to_period)
            if (ends[0] is None) != (ends[1] is None) or (ends[0] is not None and scenario.period_key is not None):
                raise ValueError(f"{owner} has either from_period and to_period, or period_key")
            if unknown := [period for period in ends if period is not None and period not in self._period_numbers]:
                raise ValueError(f"{owner} mentions unknown period: {', '.join(unknown)}")
            horizon = self.horizon(scenario)
            if ends[0] is not None and not horizon:
                raise ValueError(f"{owner} ends before it begins")
            mentioned = [target.period for target in scenario.targets]
            mentioned += [period for rule in scenario.rules for period in rule.mentions().periods]
            if outside := [period for period in mentioned if period is not None and period not in horizon]:
                raise ValueError(f"{owner} mentions a period that it does not plan: {', '.join(outside)}")
        return self

    def _mentions(self) -> Iterator[tuple[str, str, Iterable[str]]]:
        """(owner, kind of key, keys) for every reference in the plan."""
        for kpi in self.kpis:
            if kpi.feeds is not None:
                yield f"KPI {kpi.key!r}", "KPI", (kpi.feeds,)
        for initiative in self.initiatives:
            owner = f"initiative {initiative.key!r}"
            yield owner, "KPI", initiative.contributions
            yield owner, "initiative", initiative.prerequisite_keys
            yield owner, "initiative", initiative.exclusion_keys
        for scenario in self.scenarios:
            owner = f"scenario {scenario.name!r}"
            yield owner, "KPI", scenario.weights
            yield owner, "KPI", [target.kpi for target in scenario.targets]
            yield owner, "KPI", [key for level in scenario.target_priorities for key in level]
            if scenario.north_star is not None:
                yield owner, "KPI", (scenario.north_star,)
            for rule in scenario.rules:
                mentioned = rule.mentions()
                yield owner, "initiative", mentioned.initiatives
                yield owner, "KPI", mentioned.kpis


def _is_of(initiative: Initiative, period: str) -> bool:
    """Whether an initiative belongs to a period: it has none, has this one, or has one that lies within it."""
    return initiative.period_key in (None, period) or period in initiative.longer_periods
