"""The plan: KPIs, initiatives, periods and scenarios together, with every key that one of them mentions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, compress
from typing import Self

from pydantic import model_validator

from optimizer.plan.initiative import Initiative, Kpi
from optimizer.plan.parts import Key, PlanPart
from optimizer.plan.scenario import Scenario


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
            *("resources", "_no_candidates", "_candidates", "_contributions", "_costs"),
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
        known = self._contributions.get(kpi)
        if known is None:
            # Returned as made: of two threads that ask first, one may replace the dictionary that the other fills.
            given = ((i.key, i.contributions) for i in self.initiatives)
            known = self._contributions[kpi] = {key: own[kpi] for key, own in given if kpi in own}
        return known

    def costs_of(self, resource: str) -> Mapping[str, float]:
        """What each initiative that costs any of a resource costs of it; by key."""
        known = self._costs.get(resource)
        if known is None:
            given = ((i.key, i.costs) for i in self.initiatives)
            known = self._costs[resource] = {key: own[resource] for key, own in given if resource in own}
        return known

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
        known = self._candidates.get((bool(horizon), asked))
        if known is None:
            known = self._candidates[bool(horizon), asked] = self._candidates_of(horizon, asked)
        return known

    def _candidates_of(self, horizon: tuple[str, ...], asked: tuple[str, ...]) -> tuple[Initiative, ...]:
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
    def done(self) -> frozenset[str]:
        """The keys of initiatives that were finished before."""
        return frozenset(i.key for i in self.initiatives if i.is_done)

    @cached_property
    def in_progress(self) -> frozenset[str]:
        """The keys of initiatives that go on."""
        return frozenset(i.key for i in self.initiatives if i.is_in_progress)

    @cached_property
    def _no_candidates(self) -> frozenset[str]:
        return frozenset(i.key for i in self.initiatives if not i.is_candidate)

    @cached_property
    def _candidates(self) -> dict[tuple[bool, tuple[str, ...]], tuple[Initiative, ...]]:
        return {}

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
