"""The right answer to a small scenario, by trying every subset in exact rational arithmetic.

Written from the workbook contract alone: it shares the plan's data classes with the optimizer, and nothing else.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import lcm

from optimizer.plan import (
    TOKENS,
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

RELATIVE = Fraction(1, 10**9)
AT_ZERO = Fraction(1, 10**12)


@cache
def written(number: float) -> Fraction:
    """The decimal number that a sheet shows."""
    return Fraction(repr(number))


def tolerance(bound: Fraction) -> Fraction:
    return RELATIVE * abs(bound) if bound else AT_ZERO


def at_least(amount: Fraction, bound: Fraction) -> bool:
    return amount >= bound - tolerance(bound)


def at_most(amount: Fraction, bound: Fraction) -> bool:
    return amount <= widened(bound)


def widened(bound: Fraction) -> Fraction:
    """The most that is still within a bound."""
    return bound + tolerance(bound)


def costs_of(initiative: Initiative) -> Mapping[str, float]:
    return initiative.costs


def contributions_of(initiative: Initiative) -> Mapping[str, float]:
    return initiative.contributions


@dataclass(frozen=True)
class Truth:
    """`selected` None: infeasible. `objective` larger is better."""

    selected: frozenset[str] | None
    objective: Fraction | None
    goals_met: bool
    ties: int


class Oracle:
    def __init__(self, plan: Plan, scenario: Scenario) -> None:
        self.plan = plan
        self.scenario = scenario
        self.candidates = {
            i.key: i
            for i in plan.initiatives
            if i.is_candidate and (scenario.period_key is None or i.period_key in (None, scenario.period_key))
        }
        self.columns: dict[str, tuple[dict[str, int], int]] = {}
        free = 1 - written(scenario.reserve)
        self.most_used = {r: widened(free * Fraction(c)) for r, c in scenario.capacities.items()}
        self.allowed = [subset for subset in self.subsets() if self.keeps_rules(subset)]

    def subsets(self) -> Iterator[frozenset[str]]:
        """Every selection of candidates."""
        keys = sorted(self.candidates)
        return (frozenset(c) for size in range(len(keys) + 1) for c in combinations(keys, size))

    def answer(self, previous: Collection[str] | None = None) -> Truth:
        ties = self.allowed
        if not ties:
            return Truth(None, None, False, 0)
        if self.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            for level in self.levels():
                least = min(self.shortfall(level, subset) for subset in ties)
                ties = [s for s in ties if self.shortfall(level, s) <= least * (1 + RELATIVE)]
        weights = self.weights()
        values = {subset: self.value(weights, subset) for subset in ties}
        best = max(values.values())
        ties = [subset for subset in ties if at_least(values[subset], best)]
        count = len(ties)
        if previous is not None:
            last = frozenset(previous) & frozenset(self.candidates)
            ties = [s for s in ties if len(s ^ last) == min(len(other ^ last) for other in ties)]
        least = min(self.cost(subset, TOKENS) for subset in ties)
        ties = [subset for subset in ties if at_most(self.cost(subset, TOKENS), least)]
        chosen = max(ties, key=lambda subset: [key in subset for key in sorted(self.candidates)])
        goals = [t for t in self.scenario.targets if t.kind is TargetKind.GOAL]
        return Truth(chosen, values[chosen], all(self.is_met(t, chosen) for t in goals), count)

    # rules

    def keeps_rules(self, subset: frozenset[str]) -> bool:
        return self.keeps_amounts(subset) and self.keeps_choices(subset)

    def keeps_amounts(self, subset: frozenset[str]) -> bool:
        scenario = self.scenario
        if not all(self.cost(subset, r) <= most for r, most in self.most_used.items()):
            return False
        if not all(self.keeps_share(subset, bound) for bound in rules_of_kind(scenario.rules, ShareBound)):
            return False
        for bound in rules_of_kind(scenario.rules, TokenBound):
            used = self.cost(self.part(subset, bound.slice), bound.resource)
            if bound.min_tokens is not None and not at_least(used, written(bound.min_tokens)):
                return False
            if bound.max_tokens is not None and not at_most(used, written(bound.max_tokens)):
                return False
        for count in rules_of_kind(scenario.rules, CountBound):
            size = len(subset & set(count.members)) if count.members else len(self.part(subset, count.slice))
            if count.min_count is not None and size < count.min_count:
                return False
            if count.max_count is not None and size > count.max_count:
                return False
        return all(self.is_met(t, subset) for t in scenario.targets if t.kind is TargetKind.FLOOR)

    def keeps_share(self, subset: frozenset[str], bound: ShareBound) -> bool:
        own = self.cost(self.part(subset, bound.slice), bound.resource)
        whole = self.cost(subset, bound.resource)
        if bound.of_capacity:
            whole = written(self.scenario.capacities[bound.resource])
        if bound.min_share is not None and not at_least(own, written(bound.min_share) * whole):
            return False
        return bound.max_share is None or at_most(own, written(bound.max_share) * whole)

    def keeps_choices(self, subset: frozenset[str]) -> bool:
        plan, scenario = self.plan, self.scenario
        must = {i.key for i in self.candidates.values() if i.is_mandatory}
        must |= {mandate.initiative for mandate in rules_of_kind(scenario.rules, Mandate)}
        if not must <= subset or any(ban.initiative in subset for ban in rules_of_kind(scenario.rules, Ban)):
            return False
        must |= {kept.initiative for kept in rules_of_kind(scenario.rules, Kept)} & set(self.candidates)
        if not must <= subset:
            return False
        for limit in rules_of_kind(scenario.rules, ChangeLimit):
            if len(subset ^ (set(limit.reference) & set(self.candidates))) > limit.most:
                return False
        pairs = [{i.key, other} for i in plan.initiatives for other in i.exclusion_keys if other != i.key]
        pairs += [set(group.members) for group in rules_of_kind(scenario.rules, Incompatibility)]
        for name in {i.variant_of for i in plan.initiatives if i.variant_of}:
            pairs.append({i.key for i in plan.initiatives if i.variant_of == name or i.key == name})
        if any(len(subset & pair) > 1 for pair in pairs):
            return False
        bundles = [
            {i.key for i in plan.initiatives if i.bundle_key == name}
            for name in {i.bundle_key for i in plan.initiatives if i.bundle_key}
        ]
        bundles += [set(bundle.members) for bundle in rules_of_kind(scenario.rules, Bundle)]
        if any(subset & bundle and not bundle <= subset for bundle in bundles):
            return False
        for either in rules_of_kind(scenario.rules, AnyPrerequisite):
            others = set(either.any_of) - {either.initiative}
            if others and either.initiative in subset and not subset & others:
                return False
        needs = [(i.key, set(i.prerequisite_keys)) for i in plan.initiatives]
        needs += [(p.initiative, set(p.requires)) for p in rules_of_kind(scenario.rules, Prerequisite)]
        return all(key not in subset or required <= subset for key, required in needs)

    # amounts

    def part(self, subset: Iterable[str], part: Slice | None) -> list[str]:
        if part is None:
            return list(subset)
        return [key for key in subset if self.plan.initiative(key).dimensions.get(part.dimension) == part.key]

    def sum_of(self, what: str, amounts: Callable[[Initiative], Mapping[str, float]], keys: Iterable[str]) -> Fraction:
        """The exact sum of one amount: whole numbers of a unit that all of them have, which add up quickly."""
        name = f"{amounts.__name__} {what}"
        if name not in self.columns:
            exact = {one.key: written(amounts(one).get(what, 0.0)) for one in self.plan.initiatives}
            unit = lcm(*(value.denominator for value in exact.values()))
            self.columns[name] = {key: int(value * unit) for key, value in exact.items()}, unit
        column, unit = self.columns[name]
        return Fraction(sum(map(column.__getitem__, keys)), unit)

    def cost(self, subset: Iterable[str], resource: str) -> Fraction:
        return self.sum_of(resource, costs_of, subset)

    def total(self, kpi: str, subset: frozenset[str], part: Slice | None = None) -> Fraction:
        moved = self.sum_of(kpi, contributions_of, self.part(subset, part))
        for synergy in self.scenario.synergies:
            members = set(synergy.members)
            if synergy.kpi == kpi and members <= subset and len(self.part(members, part)) == len(members):
                moved += written(synergy.value)
        return moved

    def is_met(self, target: Target, subset: frozenset[str]) -> bool:
        sign = self.plan.kpi(target.kpi).direction.sign
        return at_least(sign * self.total(target.kpi, subset, target.slice), sign * written(target.value))

    # objective

    def levels(self) -> list[list[Target]]:
        goals = [t for t in self.scenario.targets if t.kind is TargetKind.GOAL]
        levels, seen = [], set()
        for group in self.scenario.target_priorities:
            levels.append([t for t in goals if t.kpi in group and t.kpi not in seen])
            seen |= set(group)
        levels.append([t for t in goals if t.kpi not in seen])
        return [level for level in levels if level]

    def shortfall(self, level: list[Target], subset: frozenset[str]) -> Fraction:
        total = Fraction(0)
        for target in level:
            if not self.is_met(target, subset):
                sign = self.plan.kpi(target.kpi).direction.sign
                largest = max(
                    (abs(written(i.contributions.get(target.kpi, 0.0))) for i in self.candidates.values()), default=0
                )
                short = sign * (written(target.value) - self.total(target.kpi, subset, target.slice))
                total += short / (abs(written(target.value)) or largest or 1)
        return total

    def weights(self) -> dict[str, Fraction]:
        """w s d by KPI."""
        scenario = self.scenario
        if scenario.uses_north_star:
            star = scenario.north_star or next(kpi.key for kpi in self.plan.kpis if kpi.is_north_star)
            return {star: Fraction(self.plan.kpi(star).direction.sign)}
        return {
            k: written(w) * self.factor(k) * self.plan.kpi(k).direction.sign for k, w in scenario.weights.items() if w
        }

    def factor(self, kpi: str) -> Fraction:
        match self.scenario.normalization:
            case Normalization.NONE:
                return Fraction(1)
            case Normalization.SCALE:
                return 1 / written(self.plan.kpi(kpi).scale)
            case Normalization.TARGET:
                whole = [t for t in self.scenario.targets if t.kpi == kpi and t.slice is None]
                whole.sort(key=lambda t: t.kind is TargetKind.FLOOR)
                return 1 / abs(written(whole[0].value))
            case Normalization.IDEAL:
                sign = self.plan.kpi(kpi).direction.sign
                best = max(sign * self.total(kpi, subset) for subset in self.allowed)
                sizes = [i.contributions.get(kpi, 0.0) for i in self.candidates.values()]
                sizes += [s.value for s in self.scenario.synergies if s.kpi == kpi]
                is_nothing = abs(best) <= Fraction(1, 10**12) * written(max(map(abs, sizes), default=0.0))
                # Results shows an ideal as a number, and that is the number that counts.
                return Fraction(1) if is_nothing else 1 / written(float(abs(best)))

    def value(self, weights: dict[str, Fraction], subset: frozenset[str]) -> Fraction:
        return sum((weight * self.total(kpi, subset) for kpi, weight in weights.items()), Fraction(0))
