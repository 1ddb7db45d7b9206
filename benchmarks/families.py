"""Families of plans that are hard, each in its own way: the shapes on which a search could be slower than a solver.

Knapsacks are Pisinger's ("Where are the hard knapsack problems?", 2005), with amounts up to `RANGE`. A family is a
function from a size and a source of randomness to a plan with one scenario, `NAME`; the same seed makes the same plan.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from random import Random

from optimizer.plan import (
    TOKENS,
    Bundle,
    CountBound,
    Incompatibility,
    Initiative,
    Kpi,
    ObjectiveMode,
    Plan,
    Prerequisite,
    Scenario,
    Synergy,
    Target,
    TargetKind,
)

RANGE = 1_000
"""The largest amount of a knapsack's initiative, in tokens."""
NAME = "S"
VALUE, SECOND = "value", "second"

Family = Callable[[int, Random], Plan]


def family_plan(name: str, size: int, seed: int = 0) -> Plan:
    """The plan of a family; see `FAMILIES` for the names."""
    return FAMILIES[name](size, Random(f"{name} {size} {seed}"))


def _plan(
    weights: Sequence[float],
    profits: Sequence[float],
    costs: Mapping[str, Sequence[float]] = {},
    share: float = 0.5,
    **scenario: object,
) -> Plan:
    """Initiatives with weights (tokens) and profits; `costs` are of other resources, each with a share as capacity."""
    initiatives = tuple(
        Initiative(
            key=f"I{n:05}",
            costs={TOKENS: float(weight)} | {name: float(amounts[n]) for name, amounts in costs.items()},
            contributions={VALUE: float(profits[n])} | ({SECOND: float(n % 7)} if "targets" in scenario else {}),
        )
        for n, weight in enumerate(weights)
    )
    capacities = {name: float(int(share * sum(amounts))) for name, amounts in {TOKENS: weights, **costs}.items()}
    fields = {"name": NAME, "objective_mode": ObjectiveMode.NORTH_STAR, "capacities": capacities} | scenario
    kpis = (Kpi(key=VALUE, is_north_star=True), Kpi(key=SECOND))
    return Plan(kpis=kpis, initiatives=initiatives, scenarios=(Scenario.model_validate(fields),))


def _weights(size: int, source: Random) -> list[int]:
    return [source.randint(1, RANGE) for _ in range(size)]


def _uncorrelated(size: int, source: Random) -> Plan:
    return _plan(_weights(size, source), _weights(size, source))


def _weakly_correlated(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [max(1, w + source.randint(-RANGE // 10, RANGE // 10)) for w in weights])


def _strongly_correlated(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [w + RANGE // 10 for w in weights])


def _inverse_strongly_correlated(size: int, source: Random) -> Plan:
    profits = _weights(size, source)
    return _plan([p + RANGE // 10 for p in profits], profits)


def _almost_strongly_correlated(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [w + RANGE // 10 + source.randint(-RANGE // 500, RANGE // 500) for w in weights])


def _subset_sum(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, weights)


def _even_odd(size: int, source: Random) -> Plan:
    """Even weights and an odd capacity."""
    weights = [2 * source.randint(1, RANGE // 2) for _ in range(size)]
    plan = _plan(weights, [w + RANGE // 10 for w in weights])
    odd = {TOKENS: float(sum(weights) // 4 * 2 + 1)}
    return plan.model_copy(update={"scenarios": (plan.scenarios[0].model_copy(update={"capacities": odd}),)})


def _spanner(size: int, source: Random) -> Plan:
    """Multiples of two initiatives."""
    kinds = [(w := source.randint(1, RANGE), w + RANGE // 10) for _ in range(2)]
    chosen = [(source.choice(kinds), source.randint(1, 10)) for _ in range(size)]
    return _plan([w * times for (w, _), times in chosen], [p * times for (_, p), times in chosen])


def _multiple_strongly_correlated(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [w + (3 if w % 6 == 0 else 2) * RANGE // 10 for w in weights])


def _profit_ceiling(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [3 * -(-w // 3) for w in weights])


def _circle(size: int, source: Random) -> Plan:
    weights = _weights(size, source)
    return _plan(weights, [round(2 / 3 * sqrt(4 * RANGE**2 - (w - 2 * RANGE) ** 2), 6) for w in weights])


def _many_capacities(count: int) -> Family:
    def made(size: int, source: Random) -> Plan:
        weights = _weights(size, source)
        costs = {f"r{n}": _weights(size, source) for n in range(1, count)}
        rows = [weights, *costs.values()]
        profits = [sum(row[n] for row in rows) // count + source.randint(0, RANGE // 2) for n in range(size)]
        return _plan(weights, profits, costs)

    return made


def _proportional_to_a_second_resource(size: int, source: Random) -> Plan:
    budget = _weights(size, source)
    profits = [source.choice((1.5, 2.0, 2.5)) * amount for amount in budget]
    return _plan(_weights(size, source), profits, {"budget": budget})


def _cardinality(*, exactly: bool) -> Family:
    def made(size: int, source: Random) -> Plan:
        weights = _weights(size, source)
        profits = [w + source.randint(-RANGE // 10, RANGE // 10) for w in weights]
        bound = CountBound(min_count=size // 3 if exactly else None, max_count=size // 3)
        return _plan(weights, profits, share=0.3, rules=(bound,))

    return made


def _few_kinds(size: int, source: Random) -> Plan:
    kinds = [(source.randint(1, 50), source.randint(1, 50)) for _ in range(8)]
    chosen = [source.choice(kinds) for _ in range(size)]
    return _plan([w for w, _ in chosen], [p for _, p in chosen])


def _keys(columns: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"I{n:05}" for n in columns)


def _needs(pairs: Sequence[tuple[int, int]]) -> tuple[Prerequisite, ...]:
    return tuple(Prerequisite(initiative=f"I{n:05}", requires=(f"I{other:05}",)) for n, other in pairs)


def _chains(size: int, source: Random) -> Plan:
    """Each initiative needs the one before it, five to a chain."""
    pairs = [(n, n - 1) for n in range(size) if n % 5]
    return _plan(_weights(size, source), _weights(size, source), rules=_needs(pairs))


def _closures(size: int, source: Random) -> Plan:
    """One in ten is an enabler without value of its own, and each other one needs two of them."""
    enablers = max(2, size // 10)
    profits = [0 if n < enablers else source.randint(1, RANGE) for n in range(size)]
    pairs = [(n, other) for n in range(enablers, size) for other in source.sample(range(enablers), 2)]
    return _plan(_weights(size, source), profits, share=0.3, rules=_needs(pairs))


def _dag(size: int, source: Random) -> Plan:
    pairs = [(n, source.randrange(max(0, n - 30), n)) for n in range(1, size) for _ in range(source.randint(0, 2))]
    return _plan(_weights(size, source), _weights(size, source), share=0.3, rules=_needs(pairs))


def _bundles(size: int, source: Random) -> Plan:
    order = source.sample(range(size), size)
    groups = [order[n : n + 4] for n in range(0, size // 2, 4)]
    bundles = tuple(Bundle(label=f"B{n}", members=_keys(group)) for n, group in enumerate(groups) if len(group) > 1)
    return _plan(_weights(size, source), _weights(size, source), rules=bundles)


def _synergies(size: int, source: Random) -> Plan:
    made = tuple(
        Synergy(members=_keys(source.sample(range(size), 2)), kpi=VALUE, value=float(source.randint(-500, 1000)))
        for _ in range(size // 3)
    )
    return _plan(_weights(size, source), _weights(size, source), rules=made)


def _variants(size: int, source: Random) -> Plan:
    plan = _plan(_weights(size, source), _weights(size, source), share=0.25)
    rows = [i.model_copy(update={"variant_of": f"V{n // 4}", "dimensions": {}}) for n, i in enumerate(plan.initiatives)]
    return plan.model_copy(update={"initiatives": tuple(rows)})


def _exclusions(size: int, source: Random) -> Plan:
    """Ten random pairs for each initiative."""
    pairs = {tuple(sorted(source.sample(range(size), 2))) for _ in range(10 * size)}
    groups = tuple(Incompatibility(members=_keys(pair)) for pair in sorted(pairs))
    return _plan(_weights(size, source), _weights(size, source), rules=groups)


def _floors_with_pence(size: int, source: Random) -> Plan:
    weights = [source.randint(1, 100 * RANGE) / 100 for _ in range(size)]
    profits = [round(w * source.uniform(0.8, 1.2), 2) for w in weights]
    floor = Target(kpi=SECOND, value=round(0.55 * 3 * size, 2), kind=TargetKind.FLOOR)
    return _plan(weights, profits, targets=(floor,))


def _release_planning(size: int, source: Random) -> Plan:
    """Features in pairs that need a shared enabler, two teams, some that exclude each other."""
    enablers = max(2, size // 20)
    profits = [0 if n < enablers else source.randint(100, RANGE) for n in range(size)]
    pairs = [(n, source.randrange(enablers)) for n in range(enablers, size)]
    apart = tuple(
        Incompatibility(members=_keys(pair))
        for pair in pairwise(source.sample(range(enablers, size), (size - enablers) // 4))
    )
    return _plan(
        _weights(size, source),
        profits,
        {"design": _weights(size, source)},
        share=0.3,
        rules=(*_needs(pairs), *apart),
    )


FAMILIES: Mapping[str, Family] = {
    "uncorrelated": _uncorrelated,
    "weakly correlated": _weakly_correlated,
    "strongly correlated": _strongly_correlated,
    "inverse strongly correlated": _inverse_strongly_correlated,
    "almost strongly correlated": _almost_strongly_correlated,
    "subset sum": _subset_sum,
    "even-odd": _even_odd,
    "spanner": _spanner,
    "multiple strongly correlated": _multiple_strongly_correlated,
    "profit ceiling": _profit_ceiling,
    "circle": _circle,
    "5 capacities": _many_capacities(5),
    "10 capacities": _many_capacities(10),
    "30 capacities": _many_capacities(30),
    "proportional to a second resource": _proportional_to_a_second_resource,
    "at most so many": _cardinality(exactly=False),
    "exactly so many": _cardinality(exactly=True),
    "few kinds": _few_kinds,
    "closures": _closures,
    "chains": _chains,
    "dag": _dag,
    "bundles": _bundles,
    "synergies": _synergies,
    "variants": _variants,
    "exclusions": _exclusions,
    "floors with pence": _floors_with_pence,
    "release planning": _release_planning,
}
