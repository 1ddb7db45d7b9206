"""The right answer to a small plan over several periods, by trying every start of every initiative.

Written from the workbook contract alone: it shares the plan's data classes with the optimizer, and nothing else. All
combinations of starts are looked at together, in 80-bit floating point: the sums are exact to 1e-17, and no random plan
has a bound nearer to one of them than 1e-10 without meaning to be equal to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.plan import (
    TOKENS,
    Accrual,
    AnyPrerequisite,
    Ban,
    Bundle,
    ChangeLimit,
    CountBound,
    Incompatibility,
    Initiative,
    Kept,
    Mandate,
    Normalization,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    Prerequisite,
    Scenario,
    ShareBound,
    Slice,
    Target,
    TargetKind,
    TokenBound,
    rules_of_kind,
)

Amounts = NDArray[np.longdouble]
OUT = -1


def at_least(amounts: Amounts, bound: float | Amounts) -> NDArray[np.bool_]:
    exact = np.asarray(bound, dtype=np.longdouble)
    tolerance = np.where(exact != 0, np.longdouble(1e-9) * abs(exact), np.longdouble(1e-12))
    return amounts >= exact - tolerance


def at_most(amounts: Amounts, bound: float | Amounts) -> NDArray[np.bool_]:
    return at_least(-amounts, -bound)


@dataclass(frozen=True)
class TimedTruth:
    """`starts` None: infeasible. `objective` larger is better; `ties` counts portfolios with the same objective."""

    starts: dict[str, str] | None
    objective: float | None
    goals_met: bool
    ties: int


class TimedOracle:
    """Every combination of starts as one row of `when`; OUT is not selected."""

    def __init__(self, plan: Plan, scenario: Scenario) -> None:
        self.plan, self.scenario = plan, scenario
        self.horizon = plan.periods[
            plan.periods.index(scenario.from_period) : plan.periods.index(scenario.to_period) + 1
        ]
        self.candidates = sorted(
            (i for i in plan.initiatives if i.is_candidate and self.is_of_horizon(i)), key=lambda i: i.key
        )
        self.at = {i.key: column for column, i in enumerate(self.candidates)}
        choices = [self.choices(i) for i in self.candidates]
        grids = np.meshgrid(*choices, indexing="ij") if choices else [np.zeros(1, dtype=int)]
        self.when = np.stack([grid.ravel() for grid in grids], axis=1)
        if not choices:
            self.when = self.when[:, :0]
        self.is_on = self.when != OUT
        self.allowed = np.flatnonzero(self.keeps_rules())

    def is_of_horizon(self, initiative: Initiative) -> bool:
        return initiative.is_in_progress or initiative.period_key is None or initiative.period_key in self.horizon

    def choices(self, i: Initiative) -> list[int]:
        """Starts that let it finish within the horizon, its dates and its period; and not being done, where allowed."""
        if i.is_in_progress:
            starts = [0]
        else:
            starts = [n for n, p in enumerate(self.horizon) if i.period_key in (None, p)]
            if i.earliest_start is not None:
                first = self.plan.periods.index(i.earliest_start) - self.plan.periods.index(self.horizon[0])
                starts = [start for start in starts if start >= first]
        starts = [start for start in starts if start + i.duration <= len(self.horizon)]
        if i.latest_finish is not None:
            last = self.plan.periods.index(i.latest_finish) - self.plan.periods.index(self.horizon[0])
            starts = [start for start in starts if start + i.duration - 1 <= last]
        return starts if i.is_in_progress and not i.may_stop else [*starts, OUT]

    def answer(self, previous: Sequence[str] | None = None) -> TimedTruth:
        ties = self.allowed
        if not len(ties):
            return TimedTruth(None, None, False, 0)
        if self.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            for level in self.levels():
                short = self.shortfall(level)[ties]
                ties = ties[short <= short.min() * (1 + np.longdouble(1e-9))]
        values = self.value()
        ties = ties[at_least(values[ties], values[ties].max())]
        count = len(ties)
        if previous is not None:
            last = np.array([i.key in previous for i in self.candidates], dtype=bool)
            changes = (self.is_on[ties] ^ last).sum(axis=1)
            ties = ties[changes == changes.min()]
        tokens = self.spent(TOKENS)[ties]
        ties = ties[at_most(tokens, tokens.min())]
        for column in range(len(self.candidates)):
            if self.is_on[ties, column].any():
                ties = ties[self.is_on[ties, column]]
        delay = np.where(self.is_on, self.when, 0).sum(axis=1)[ties]
        ties = ties[delay == delay.min()]
        for column in range(len(self.candidates)):
            ties = ties[self.when[ties, column] == self.when[ties, column].min()]
        assert len(ties) == 1
        chosen = ties[0]
        starts = {
            i.key: self.horizon[self.when[chosen, c]] for c, i in enumerate(self.candidates) if self.is_on[chosen, c]
        }
        goals = [t for t in self.scenario.targets if t.kind is TargetKind.GOAL]
        return TimedTruth(starts, float(values[chosen]), all(self.is_met(t)[chosen] for t in goals), count)

    # rules

    def keeps_rules(self) -> NDArray[np.bool_]:
        kept = np.ones(len(self.when), dtype=bool)
        for rule in (*self.amounts(), *self.choices_kept()):
            kept &= rule
        return kept

    def amounts(self) -> "list[NDArray[np.bool_]]":
        scenario = self.scenario
        free = 1 - np.longdouble(scenario.reserve)
        kept = [at_most(self.spent(r), free * np.longdouble(c)) for r, c in scenario.capacities.items()]
        for limit in rules_of_kind(scenario.rules, PeriodCapacity):
            for number, period in enumerate(self.horizon):
                if limit.period in (None, period):
                    used = self.spent(limit.resource, limit.slice, number)
                    kept.append(at_most(used, free * np.longdouble(limit.amount)))
        for bound in rules_of_kind(scenario.rules, TokenBound):
            if bound.min_tokens is not None:
                kept.append(at_least(self.spent(bound.resource, bound.slice), bound.min_tokens))
            if bound.max_tokens is not None:
                kept += [
                    at_most(self.spent(bound.resource, bound.slice, number), bound.max_tokens)
                    for number in range(len(self.horizon))
                ]
        for bound in rules_of_kind(scenario.rules, ShareBound):
            own = self.spent(bound.resource, bound.slice, with_stops=False)
            whole = self.spent(bound.resource, with_stops=False)
            if bound.of_capacity:
                stated = scenario.capacities[bound.resource] if bound.capacity is None else bound.capacity
                whole = np.full_like(own, stated)
            if bound.min_share is not None:
                kept.append(at_least(own, np.longdouble(bound.min_share) * whole))
            if bound.max_share is not None:
                kept.append(at_most(own, np.longdouble(bound.max_share) * whole))
        for count in rules_of_kind(scenario.rules, CountBound):
            columns = self.part(count.slice)
            if count.members:
                columns = [self.at[key] for key in set(count.members) if key in self.at]
            size = self.is_on[:, columns].sum(axis=1)
            if count.min_count is not None:
                kept.append(size >= count.min_count)
            if count.max_count is not None:
                kept.append(size <= count.max_count)
        return kept + [self.is_met(t) for t in scenario.targets if t.kind is TargetKind.FLOOR]

    def choices_kept(self) -> "list[NDArray[np.bool_]]":
        plan, scenario = self.plan, self.scenario
        must = {i.key for i in self.candidates if i.is_mandatory}
        must |= {mandate.initiative for mandate in rules_of_kind(scenario.rules, Mandate)}
        must |= {kept.initiative for kept in rules_of_kind(scenario.rules, Kept)} & {i.key for i in self.candidates}
        kept = [self.on(key) for key in must]
        kept += [
            self.start(rule.initiative) == self.horizon.index(rule.start)
            for rule in rules_of_kind(scenario.rules, Kept)
            if rule.start is not None and rule.initiative in self.at
        ]
        for limit in rules_of_kind(scenario.rules, ChangeLimit):
            changes = [~self.on(i.key) if i.key in limit.reference else self.on(i.key) for i in self.candidates]
            for key, period in limit.starts.items():
                changes.append(self.on(key) & (self.start(key) != self.horizon.index(period)))
            kept.append(sum(change.astype(int) for change in changes) <= limit.most)
        kept += [~self.on(ban.initiative) for ban in rules_of_kind(scenario.rules, Ban)]
        pairs = [{i.key, other} for i in plan.initiatives for other in i.exclusion_keys if other != i.key]
        pairs += [set(group.members) for group in rules_of_kind(scenario.rules, Incompatibility)]
        for name in {i.variant_of for i in plan.initiatives if i.variant_of}:
            pairs.append({i.key for i in plan.initiatives if i.variant_of == name or i.key == name})
        kept += [sum(self.on(key).astype(int) for key in pair) <= 1 for pair in pairs]
        bundles = [
            {i.key for i in plan.initiatives if i.bundle_key == name}
            for name in {i.bundle_key for i in plan.initiatives if i.bundle_key}
        ]
        bundles += [set(bundle.members) for bundle in rules_of_kind(scenario.rules, Bundle)]
        for bundle in bundles:
            size = sum(self.on(key).astype(int) for key in bundle)
            kept.append((size == 0) | (size == len(bundle)))
        needs = [(i.key, i.prerequisite_keys, 0) for i in plan.initiatives]
        needs += [(p.initiative, p.requires, p.lag) for p in rules_of_kind(scenario.rules, Prerequisite)]
        for key, required, lag in needs:
            if key in self.at and not plan.initiative(key).is_in_progress:
                for other in set(required) - {key}:
                    kept.append(~self.on(key) | (self.on(other) & (self.start(key) >= self.finish(other) + lag)))
        for either in rules_of_kind(scenario.rules, AnyPrerequisite):
            key, others = either.initiative, set(either.any_of) - {either.initiative}
            if others and key in self.at and not plan.initiative(key).is_in_progress:
                ready = [self.on(other) & (self.start(key) >= self.finish(other)) for other in others]
                kept.append(~self.on(key) | np.logical_or.reduce(ready))
        return kept

    # amounts

    def on(self, key: str) -> NDArray[np.bool_]:
        return self.is_on[:, self.at[key]] if key in self.at else np.zeros(len(self.when), dtype=bool)

    def start(self, key: str) -> NDArray[np.int_]:
        return self.when[:, self.at[key]] if key in self.at else np.zeros(len(self.when), dtype=int)

    def finish(self, key: str) -> NDArray[np.int_]:
        return self.start(key) + self.plan.initiative(key).duration - 1

    def part(self, part: Slice | None) -> list[int]:
        return [
            column
            for column, i in enumerate(self.candidates)
            if part is None or i.dimensions.get(part.dimension) == part.key
        ]

    def spent(
        self, resource: str, part: Slice | None = None, period: int | None = None, *, with_stops: bool = True
    ) -> Amounts:
        """What is spent in a period of the horizon, or (None) in all of them."""
        total = np.zeros(len(self.when), dtype=np.longdouble)
        for column in self.part(part):
            i = self.candidates[column]
            cost = np.longdouble(i.costs.get(resource, 0.0))
            for place in range(i.duration):
                tokens = sum(map(np.longdouble, i.profile)) if i.profile else np.longdouble(0)
                if not i.profile or (resource != TOKENS and not tokens):
                    amount = cost / i.duration
                elif resource == TOKENS:
                    amount = np.longdouble(i.profile[place])
                else:
                    amount = cost * np.longdouble(i.profile[place]) / tokens
                works = self.is_on[:, column]
                if period is not None:
                    works = works & (self.when[:, column] + place == period)
                total += np.where(works, amount, np.longdouble(0))
            if i.is_in_progress and resource == TOKENS and not period and with_stops:
                total += np.where(self.is_on[:, column], np.longdouble(0), np.longdouble(i.stop_cost))
        return total

    def total(self, kpi: str, part: Slice | None = None, period: str | None = None) -> Amounts:
        end = len(self.horizon) - 1 if period is None else self.horizon.index(period)

        def counted(finish: NDArray[np.int_], value: float) -> Amounts:
            if self.plan.kpi(kpi).accrues is Accrual.EACH_PERIOD:
                return np.longdouble(value) * np.maximum(0, end - finish)
            return np.where(finish <= end, np.longdouble(value), np.longdouble(0))

        moved = np.zeros(len(self.when), dtype=np.longdouble)
        columns = self.part(part)
        for column in columns:
            i = self.candidates[column]
            moved += np.where(self.is_on[:, column], counted(self.finish(i.key), i.contributions.get(kpi, 0.0)), 0)
        inside = {self.candidates[column].key for column in columns}
        for synergy in self.scenario.synergies:
            if synergy.kpi == kpi and set(synergy.members) <= inside:
                all_on = np.logical_and.reduce([self.on(key) for key in synergy.members])
                last = np.maximum.reduce([self.finish(key) for key in synergy.members])
                moved += np.where(all_on, counted(last, synergy.value), 0)
        return moved

    def is_met(self, target: Target) -> NDArray[np.bool_]:
        sign = self.plan.kpi(target.kpi).direction.sign
        return at_least(sign * self.total(target.kpi, target.slice, target.period), sign * target.value)

    # objective

    def levels(self) -> list[list[Target]]:
        goals = [t for t in self.scenario.targets if t.kind is TargetKind.GOAL]
        levels, seen = [], set()
        for group in self.scenario.target_priorities:
            levels.append([t for t in goals if t.kpi in group and t.kpi not in seen])
            seen |= set(group)
        levels.append([t for t in goals if t.kpi not in seen])
        return [level for level in levels if level]

    def shortfall(self, level: list[Target]) -> Amounts:
        short = np.zeros(len(self.when), dtype=np.longdouble)
        for target in level:
            sign = self.plan.kpi(target.kpi).direction.sign
            largest = max((abs(i.contributions.get(target.kpi, 0.0)) for i in self.candidates), default=0.0)
            missing = sign * (np.longdouble(target.value) - self.total(target.kpi, target.slice, target.period))
            missing = missing / np.longdouble(abs(target.value) or largest or 1.0)
            short += np.where(self.is_met(target), np.longdouble(0), missing)
        return short

    def value(self) -> Amounts:
        scenario = self.scenario
        if scenario.uses_north_star:
            star = scenario.north_star or next(kpi.key for kpi in self.plan.kpis if kpi.is_north_star)
            return self.plan.kpi(star).direction.sign * self.total(star)
        value = np.zeros(len(self.when), dtype=np.longdouble)
        for key, weight in scenario.weights.items():
            if weight:
                value += np.longdouble(weight) * self.factor(key) * self.plan.kpi(key).direction.sign * self.total(key)
        return value

    def factor(self, kpi: str) -> np.longdouble:
        scenario, one = self.scenario, np.longdouble(1)
        if scenario.normalization is Normalization.SCALE:
            return one / np.longdouble(self.plan.kpi(kpi).scale)
        if scenario.normalization is Normalization.TARGET:
            whole = [t for t in scenario.targets if t.kpi == kpi and t.slice is None and t.value]
            whole.sort(key=lambda t: (t.kind is TargetKind.FLOOR, t.period is not None))
            return one / abs(np.longdouble(whole[0].value))
        if scenario.normalization is Normalization.IDEAL:
            sign = self.plan.kpi(kpi).direction.sign
            best = (sign * self.total(kpi))[self.allowed].max()
            sizes = [abs(i.contributions.get(kpi, 0.0)) for i in self.candidates]
            sizes += [abs(s.value) for s in scenario.synergies if s.kpi == kpi]
            return one if abs(best) <= 1e-12 * max(sizes, default=0.0) else one / abs(best)
        return one
