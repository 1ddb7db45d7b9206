"""Plans of any size for benchmarks: the same every time, with the kinds of rules that a planning workbook has."""

from random import Random

from optimizer.plan import (
    TOKENS,
    Direction,
    Initiative,
    Kpi,
    Normalization,
    ObjectiveMode,
    Plan,
    Scenario,
    Slice,
    Target,
    TargetKind,
    TokenBound,
)

KPIS = (
    Kpi(key="gmv", unit="GBP", is_north_star=True, scale=250_000.0),
    Kpi(key="conversion_rate", unit="fraction", scale=0.005, feeds="gmv"),
    Kpi(key="retention_30d", unit="fraction", scale=0.005),
    Kpi(key="active_sellers", unit="count", scale=200.0),
    Kpi(key="delivery_days", unit="days", direction=Direction.LOWER, scale=0.15),
)
DEPARTMENTS = ("Growth", "Checkout", "Supply", "Trust & Safety", "Logistics", "Platform")
MARKETS = ("UK", "DE", "FR", "Global")


def initiative(number: int, random: Random) -> Initiative:
    """One initiative; whole tokens and round estimates, so that ties are as common as in real plans."""
    contributions = {"gmv": random.randint(2, 90) * 10_000.0}
    for key, unit in (("conversion_rate", 0.001), ("retention_30d", 0.001), ("active_sellers", 10.0)):
        if random.random() < 0.5:
            contributions[key] = random.randint(1, 12) * unit
    if random.random() < 0.25:
        contributions["delivery_days"] = -random.randint(1, 6) * 0.05
    return Initiative(
        key=f"I{number:05d}",
        contributions=contributions,
        costs={TOKENS: float(random.randint(5, 120)), "design days": float(random.randint(0, 20))},
        dimensions={"department": random.choice(DEPARTMENTS), "market": random.choice(MARKETS)},
        is_mandatory=number % 40 == 0,
        mandate_reason="Regulation" if number % 40 == 0 else "",
        bundle_key=f"B{number // 20}" if number % 20 in (3, 4) else None,
        prerequisite_keys=(f"I{number - 1:05d}",) if number % 8 == 7 else (),
        variant_of=f"V{number // 15}" if number % 15 in (11, 12) else None,
    )


def plan(size: int) -> Plan:
    """A plan of `size` initiatives and one scenario per objective mode, with capacity for half of the tokens."""
    random = Random(size)
    initiatives = tuple(initiative(number, random) for number in range(size))
    tokens = sum(item.tokens for item in initiatives)
    caps = tuple(
        TokenBound(slice=Slice(dimension="department", key=key), max_tokens=round(tokens / 8)) for key in DEPARTMENTS
    )
    best_retention = sum(item.contributions.get("retention_30d", 0.0) for item in initiatives)
    common = {"capacities": {TOKENS: round(tokens / 2), "design days": 5.0 * size}, "token_bounds": caps}
    floor = Target(kpi="active_sellers", value=5.0 * size, kind=TargetKind.FLOOR)
    return Plan(
        kpis=KPIS,
        initiatives=initiatives,
        scenarios=(
            Scenario(name="north_star", objective_mode=ObjectiveMode.NORTH_STAR, targets=(floor,), **common),
            Scenario(
                name="weighted_kpis",
                objective_mode=ObjectiveMode.WEIGHTED_KPIS,
                weights={"gmv": 1.0, "retention_30d": 0.6, "active_sellers": 0.4, "delivery_days": 0.3},
                normalization=Normalization.SCALE,
                **common,
            ),
            Scenario(
                name="lexicographic",
                objective_mode=ObjectiveMode.LEXICOGRAPHIC,
                targets=(
                    Target(kpi="retention_30d", value=round(best_retention * 0.7, 3)),
                    Target(kpi="delivery_days", value=-0.01 * size),
                ),
                target_priorities=(("retention_30d",), ("delivery_days",)),
                **common,
            ),
        ),
    )
