"""What is told about answers, and answers that time cut short, against brute force over random plans.

`make campaign NAME=sentences ARGS="100 0"` tries 100 plans of each kind from seed 0 on and prints what is wrong:

- goals: the most that a missed goal can reach, the capacity named for it (met there, and the least one where it is
  called needed), and that no capacity suffices;
- weights: a weight is called idle where the answer without it is the same, and only there; so is the north star;
- conflicts: the changes that are proposed where rules contradict each other are all that suffice alone, with the least
  numbers; where none does, the fewest that do together, and every conflict is one by itself; of mandatory initiatives
  as few as possible;
- short: whatever the time limit, an answer keeps the rules and is no worse than the greedy selection, nor than a
  sibling's portfolio that keeps its rules; none is missing where either is there.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import combinations, count
from random import Random

from optimizer import solve_plan, solve_scenario
from optimizer.model.rows import Candidates
from optimizer.plan import (
    TOKENS,
    CountBound,
    Incompatibility,
    Kpi,
    Mandate,
    ObjectiveMode,
    Plan,
    Prerequisite,
    Scenario,
    Target,
    TargetKind,
)
from optimizer.plan.rule_specs import RuleSpec
from optimizer.portfolio import Portfolio, Relaxation, Status
from optimizer.rules import rules_of
from optimizer.search import clock
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.solver_calls import SolverChoice
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

_NOTHING = "nothing"
_LIMITS = (0.0, 0.001, 0.01, 0.05)
_ROUNDING = Fraction(1, 10**7)


def at_capacity(asked: Plan, amount: float) -> Plan:
    """The plan with another token capacity."""
    own = asked.scenario("S")
    changed = own.model_copy(update={"capacities": {**own.capacities, TOKENS: amount}})
    return asked.model_copy(update={"scenarios": (changed,)})


def wrong_goals(seed: int) -> Iterator[str]:
    """What is wrong in what is told of missed goals."""
    now = Random(seed).choice([0.5, 1.0, 2.0, 5.0])
    asked = at_capacity(random_plan(seed, 5, mode=ObjectiveMode.LEXICOGRAPHIC, every_rule=seed % 2 == 0), now)
    oracle = Oracle(asked, asked.scenario("S"))
    for missed in solve_scenario(asked, "S").missed_goals:
        target, sign = missed.target, asked.kpi(missed.target.kpi).direction.sign
        most = max(sign * oracle.total(target.kpi, subset, target.slice) for subset in oracle.allowed)
        if missed.most is not None and abs(most - sign * Fraction(missed.most)) > _ROUNDING**2 * abs(most):
            yield f"most {missed.most} for {float(most)}"
        if missed.capacity_needed is not None and not _meets(asked, target, missed.capacity_needed):
            yield f"not met at {missed.capacity_needed}: {missed.sentence}"
        if "would need" in missed.sentence or missed.no_capacity_suffices:
            least = _least_capacity(asked, oracle, target, now, alone=missed.no_capacity_suffices)
            told = missed.capacity_needed
            is_same = (least is None) == (told is None)
            if least is not None and told is not None:
                is_same = abs(Fraction(told) - Fraction(least)) <= _ROUNDING * Fraction(least)
            if not is_same:
                yield f"capacity {told} for {least}: {missed.sentence}"


def _meets(asked: Plan, target: Target, amount: float) -> bool:
    richer = at_capacity(asked, amount)
    oracle = Oracle(richer, richer.scenario("S"))
    chosen = oracle.answer().selected
    return chosen is not None and oracle.is_met(target, chosen)


def _least_capacity(asked: Plan, oracle: Oracle, target: Target, now: float, *, alone: bool) -> float | None:
    """The least capacity above the present one at which the goal is met; sums of tokens are all that count.

    `alone`: at which any selection within the rules meets it.
    """
    free = 1 - Fraction(repr(asked.scenario("S").reserve))
    for amount in sorted({float(oracle.cost(subset, TOKENS) / free) for subset in oracle.subsets()}):
        if amount <= now:
            continue
        if alone:
            richer = Oracle(at_capacity(asked, amount), at_capacity(asked, amount).scenario("S"))
            if any(richer.is_met(target, subset) for subset in richer.allowed):
                return amount
        elif _meets(asked, target, amount):
            return amount
    return None


def wrong_weights(seed: int) -> Iterator[str]:
    """Weights and north stars that are called idle and are not, or the other way round."""
    asked = random_plan(seed, 6, every_rule=seed % 2 == 0)
    own = asked.scenario("S")
    previous = Random(seed).choice([None, [i.key for i in asked.initiatives][::2]])
    answer = solve_scenario(asked, "S", previous_selection=previous)
    if not answer.status.has_portfolio or not answer.ties_broken:
        return
    told = {finding.kpi for finding in answer.findings if finding.code in ("idle_weight", "weight_without_effect")}
    weighted = [kpi for kpi, weight in own.weights.items() if weight > 0] if own.uses_weights else []
    for kpi in weighted if len(weighted) > 1 else []:
        if not any(Candidates(asked, own).kpi_terms(kpi).coefficients):
            continue
        rest = {key: weight for key, weight in own.weights.items() if key != kpi}
        changed = asked.model_copy(update={"scenarios": (own.model_copy(update={"weights": rest}),)})
        same = Oracle(changed, changed.scenario("S")).answer(previous).selected == answer.selection
        if same != (kpi in told):
            yield f"{kpi} is {'idle' if same else 'no idle weight'}"
    if own.uses_north_star:
        star = own.north_star or next(kpi.key for kpi in asked.kpis if kpi.is_north_star)
        without = own.model_copy(update={"north_star": _NOTHING})
        changed = asked.model_copy(update={"kpis": (*asked.kpis, Kpi(key=_NOTHING)), "scenarios": (without,)})
        same = Oracle(changed, changed.scenario("S")).answer(None).selected == answer.selection
        is_told = any(finding.code == "idle_north_star" for finding in answer.findings)
        costs = any(asked.initiative(key).tokens for key in answer.selected)
        # Where nothing selected costs tokens, ties by the order of the sheet prove nothing about the north star.
        if any(Candidates(asked, own).kpi_terms(star).coefficients) and (costs or not same) and same != is_told:
            yield f"north star {star} is {'idle' if same else 'not idle'}"


def impossible_plan(seed: int) -> Plan:
    """Commitments that often cost more than there is, and rules between few, all of them in the scenario."""
    random = Random(seed)
    keys = [f"I{n}" for n in range(6)]
    rows = [
        initiative(key, float(random.randint(1, 9)), costs={"design": float(random.randint(0, 5))}, gmv=1.0)
        for key in keys
    ]
    cells = map(str, count(1))
    committed = random.sample(keys, random.randint(2, 5))
    rules: list[RuleSpec] = [Mandate(initiative=key, source=next(cells)) for key in committed]
    pairs = random.sample(list(combinations(keys, 2)), random.randint(0, 2))
    rules += [Incompatibility(members=pair, source=next(cells)) for pair in pairs]
    for _ in range(random.randint(0, 2)):
        needs, needed = random.sample(keys, 2)
        rules.append(Prerequisite(initiative=needs, requires=(needed,), source=next(cells)))
    if random.random() < 0.3:
        rules.append(CountBound(max_count=random.randint(1, 4), source=next(cells)))
    targets = (Target(kpi="gmv", value=float(random.randint(1, 6)), kind=TargetKind.FLOOR, source=next(cells)),)
    tokens = float(random.randint(3, sum(int(row.tokens) for row in rows)))
    capacities = {TOKENS: tokens} | ({"design": float(random.randint(1, 9))} if random.random() < 0.5 else {})
    sources = {resource: f"capacity {resource}" for resource in capacities}
    own = scenario(capacities=capacities, capacity_sources=sources, rules=tuple(rules), targets=targets)
    return plan(rows, own)


def wrong_conflicts(seed: int) -> Iterator[str]:
    """What is wrong in the ways out of conflicts."""
    asked = impossible_plan(seed)
    own = asked.scenario("S")
    found = solve_scenario(asked, "S").conflict
    if (found is None) != bool(Oracle(asked, own).allowed):
        yield "called impossible" if found else "not called impossible"
    if found is None:
        return
    sources = [
        *own.capacity_sources.values(),
        *(rule.source for rule in own.rules),
        *(target.source for target in own.targets),
    ]
    sizes = range(1, len(sources) + 1)
    ways = next(
        least
        for size in sizes
        if (least := {frozenset(out) for out in combinations(sources, size) if _allowed(asked, own, out)})
    )
    told = [frozenset(str(change.rule.source) for change in relaxation.changes) for relaxation in found.relaxations]
    fewest = min(map(len, told), default=0)
    if fewest != len(next(iter(ways))):
        yield f"{found.sentence} {[r.sentence for r in found.relaxations]}: not {sorted(map(sorted, ways))}"
    elif fewest == 1 and {way for way in told if len(way) == 1} != ways:
        yield f"{[r.sentence for r in found.relaxations]} are not all of {sorted(map(sorted, ways))}"
    for way, relaxation in zip(told, found.relaxations, strict=True):
        selections = _allowed(asked, own, way)
        if not selections:
            yield f"{relaxation.sentence} is no way out"
        for change in relaxation.changes if len(way) == 1 else ():
            resource = str(change.rule.source).removeprefix("capacity ")
            if resource in own.capacities:
                least = min(sum(asked.initiative(key).costs[resource] for key in keys) for keys in selections)
                if change.to_value != least:
                    yield f"{relaxation.sentence}: {least} suffices"
        if len(way) > 1 and fewest == 1:
            yield from _wrong_mandates(asked, own, relaxation)
    for rules in (found.rules, *found.further):
        kept = {str(rule.source) for rule in rules}
        if _allowed(asked, own, [source for source in sources if source not in kept]):
            yield f"{[rule.wording for rule in rules]} is no conflict"


def _wrong_mandates(asked: Plan, own: Scenario, relaxation: Relaxation) -> Iterator[str]:
    """Beside a change of something else: fewer commitments would do, or as many that cost less."""
    mandates = {
        rule.source: asked.initiative(rule.initiative).tokens for rule in own.rules if isinstance(rule, Mandate)
    }
    told = [mandates.get(str(change.rule.source)) for change in relaxation.changes]
    if None in told:
        yield f"{relaxation.sentence} is not of commitments alone"
        return
    ways = (
        (len(out), sum(mandates[source] for source in out))
        for size in range(1, len(told) + 1)
        for out in combinations(mandates, size)
        if _allowed(asked, own, out)
    )
    if min(ways) != (len(told), sum(amount or 0.0 for amount in told)):
        yield f"{relaxation.sentence}: others are fewer or cost less"


def _allowed(asked: Plan, own: Scenario, without: Collection[str]) -> list[frozenset[str]]:
    """The selections within the rules but some."""
    fields = {
        "capacities": {r: c for r, c in own.capacities.items() if own.capacity_sources[r] not in without},
        "rules": tuple(rule for rule in own.rules if rule.source not in without),
        "targets": tuple(target for target in own.targets if target.source not in without),
    }
    changed = own.model_copy(update=fields)
    return Oracle(asked.model_copy(update={"scenarios": (changed,)}), changed).allowed


def wrong_short(seed: int) -> Iterator[str]:
    """Answers under short limits that break rules, are missing, or are worse than what is there without a solver."""
    asked = random_plan(seed, 9, every_rule=seed % 2 == 0)
    own, random = asked.scenario("S"), Random(seed)
    siblings = tuple(
        own.model_copy(
            update={
                "name": name,
                "capacities": {r: c * random.choice([0.5, 1.0, 1.5]) for r, c in own.capacities.items()},
            }
        )
        for name in ("S", "T", "U")
    )
    asked = asked.model_copy(update={"scenarios": siblings})
    answers = solve_plan(asked, time_limit_s=random.choice(_LIMITS), workers=1)
    found = [answer.selection for answer in answers if isinstance(answer, Portfolio) and answer.status.has_portfolio]
    for sibling, answer in zip(siblings, answers, strict=True):
        if not isinstance(answer, Portfolio):
            yield f"{answer}"
            continue
        oracle = Oracle(asked, sibling)
        known = [selection for selection in (*found, _greedy(asked, sibling)) if selection in oracle.allowed]
        if answer.status is Status.INFEASIBLE and oracle.allowed:
            yield f"{sibling.name} is called infeasible"
        if not answer.status.has_portfolio:
            if known:
                yield f"{sibling.name} has no answer beside {sorted(known[0] or ())}"
            continue
        if answer.selection not in oracle.allowed:
            yield f"{sibling.name} breaks a rule"
            continue
        best = max(known, key=lambda subset: _worth(oracle, answer, subset))
        if _worth(oracle, answer, best) > _worth(oracle, answer, answer.selection):
            yield f"{sibling.name}: {sorted(answer.selected)} is worse than {sorted(best or ())}"


def _greedy(asked: Plan, scenario: Scenario) -> frozenset[str] | None:
    """By value per token, as `optimizer.search` builds it from the objective in native units."""
    from optimizer.model.objectives import objective_of

    candidates = Candidates(asked, scenario)
    search = Search(candidates, rules_of(asked, scenario), SolverChoice())
    terms = objective_of(asked, scenario, lambda _: 1.0).over(candidates).terms
    built = search.starts(terms, Clock()).greedy()
    return None if built is None else frozenset(candidates.keys(built))


def _worth(oracle: Oracle, answer: Portfolio, subset: frozenset[str]) -> tuple[float, ...]:
    """Shortfalls of goals, the most important first, then the objective by the answer's factors; larger is better.

    Rounded, so that what ties within the tolerance is as good.
    """
    levels = oracle.levels() if oracle.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else []
    weights: dict[str, Fraction] = {}
    if oracle.scenario.uses_north_star:
        weights = oracle.weights()
    else:
        for kpi, factor in answer.factors.items():
            sign = oracle.plan.kpi(kpi).direction.sign
            weights[kpi] = Fraction(oracle.scenario.weights[kpi]) * Fraction(factor) * sign
    parts = [*(-oracle.shortfall(level, subset) for level in levels), oracle.value(weights, subset)]
    return tuple(float(f"{float(part):.8g}") for part in parts)


KINDS = {"goals": wrong_goals, "weights": wrong_weights, "conflicts": wrong_conflicts, "short": wrong_short}


def main(arguments: list[str]) -> int:
    """Prints what is wrong as it comes, and how many plans were tried; 1 where anything is wrong."""
    kinds = [word for word in arguments if word in KINDS] or list(KINDS)
    given = [int(word) for word in arguments if word.isdigit()]
    number, first = [*given, *(100, 0)[len(given) :]]
    clock._LEAST_BRIEF_S = 600.0
    wrong: Counter[str] = Counter()
    for kind in kinds:
        for seed in range(first, first + number):
            for detail in KINDS[kind](seed):
                wrong[kind] += 1
                print(f"{kind}, seed {seed}: {detail}", flush=True)
        print(f"{kind}: {number} plans, {wrong[kind]} wrong", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
