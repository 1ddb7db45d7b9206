"""Plans for tests: small ones by hand, and random ones that use every rule, mode and awkward number at once."""

from random import Random

from optimizer.plan import (
    TOKENS,
    AnyPrerequisite,
    Ban,
    Bundle,
    ChangeLimit,
    CountBound,
    Direction,
    Incompatibility,
    Initiative,
    Kept,
    Kpi,
    Mandate,
    Normalization,
    ObjectiveMode,
    Plan,
    Prerequisite,
    Scenario,
    ShareBound,
    Slice,
    Synergy,
    Target,
    TargetKind,
    TokenBound,
)


def initiative(key: str, tokens: float = 1.0, **fields: object) -> Initiative:
    """An initiative; KPI contributions are given as ``gmv=120.0``, everything else by the plan's own names."""
    own = {name: fields.pop(name) for name in list(fields) if name in Initiative.model_fields}
    costs = {TOKENS: tokens} | dict(own.pop("costs", {}))
    return Initiative(key=key, costs=costs, contributions=fields, **own)


def scenario(
    mode: ObjectiveMode = ObjectiveMode.NORTH_STAR, capacity: float | None = None, **fields: object
) -> Scenario:
    capacities = {} if capacity is None else {TOKENS: capacity}
    return Scenario(**{"name": "S", "objective_mode": mode, "capacities": capacities, **fields})


GMV = Kpi(key="gmv", unit="GBP", is_north_star=True)
RETENTION = Kpi(key="retention_30d", unit="fraction")
CONVERSION = Kpi(key="conversion_rate", unit="fraction")
CHURN = Kpi(key="churn", unit="count", direction=Direction.LOWER)


def plan(
    initiatives: list[Initiative], *scenarios: Scenario, kpis: tuple[Kpi, ...] = (GMV, RETENTION, CONVERSION, CHURN)
) -> Plan:
    return Plan(kpis=kpis, initiatives=tuple(initiatives), scenarios=scenarios)


# random plans

_UNITS = (1.0, 1.0, 1e-6, 1e-3, 1e4, 3e9)
_AWKWARD = (0.1, 0.2, 0.3, 1 / 3, 2 / 3, 0.7, 1.1, 0.015, 1e-3)


def random_plan(
    seed: int, size: int, *, mode: ObjectiveMode | None = None, every_rule: bool = False, is_wild: bool = False
) -> Plan:
    """A plan of `size` initiatives and one scenario, ``S``; the same for the same seed.

    `every_rule` adds shares, a reserve, counts of members and alternatives to what the same seed gives without.
    `is_wild` spreads the numbers of some columns from 1e-9 to 1e12.
    """
    builder = _Builder(Random(seed), size)
    if is_wild:
        builder.wild = builder.random.choice([("k0",), ("k1",), ("k0", "k2"), ("k0", TOKENS), (TOKENS,), ("design",)])
    made = builder.plan(mode)
    if not every_rule:
        return made
    builder.random = Random(f"more {seed}")
    (question,) = made.scenarios
    return made.model_copy(update={"scenarios": (builder.with_more_rules(question, made.initiatives),)})


class _Builder:
    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.keys = random.sample([f"I{n:02}" for n in range(size + 5)], size)
        self.kpis = [
            Kpi(
                key=key,
                direction=random.choice([Direction.HIGHER, Direction.HIGHER, Direction.LOWER]),
                is_north_star=key == "k0",
                scale=random.choice([1.0, 3.0, 1e4, 0.007]),
            )
            for key in ("k0", "k1", "k2")
        ]
        self.units = {kpi.key: random.choice(_UNITS) for kpi in self.kpis}
        self.is_coarse = random.random() < 0.5
        self.density = random.choice([0.0, 0.15, 0.15, 0.4])
        self.wild: tuple[str, ...] = ()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def some(self, least: int, most: int) -> tuple[str, ...]:
        return tuple(self.random.sample(self.keys, min(len(self.keys), self.random.randint(least, most))))

    def amount(self, unit: float = 1.0) -> float:
        """Few distinct values make ties; thirds and tenths make rounding matter."""
        if self.is_coarse or self.chance(0.3):
            return unit * self.random.choice([1.0, 1.0, 2.0, 3.0, *_AWKWARD])
        return unit * round(self.random.uniform(0.1, 9.0), self.random.choice([0, 2, 6]))

    def spread(self, column: str) -> float:
        """1, or any power of ten for a column that is wild."""
        return 10.0 ** self.random.randint(-9, 12) if column in self.wild else 1.0

    def signed(self, unit: float) -> float:
        return self.amount(unit) * self.random.choice([1, 1, 1, -1])

    def initiative(self, key: str) -> Initiative:
        random = self.random
        costs = {TOKENS: random.choice([0.0, 1.0, 2.0]) if self.chance(0.2) else self.amount()}
        if self.chance(0.6):
            costs["design"] = self.amount()
        if self.wild:
            costs = {resource: cost * self.spread(resource) for resource, cost in costs.items()}
        own = self.density / 2
        return Initiative(
            key=key,
            costs=costs,
            contributions={
                k.key: self.signed(self.units[k.key]) * self.spread(k.key) for k in self.kpis if self.chance(0.75)
            },
            dimensions={"market": random.choice(["UK", "DE"]), "team": random.choice(["x", "y", "z"])},
            period_key=random.choice([None, None, "Q1", "Q2"]),
            is_candidate=not self.chance(0.08),
            is_mandatory=self.chance(own / 2),
            bundle_key="b" if self.chance(own) else None,
            prerequisite_keys=self.some(1, 2) if self.chance(own) else (),
            exclusion_keys=self.some(1, 1) if self.chance(own) else (),
            variant_of=random.choice(["v", self.keys[0]]) if self.chance(own) else None,
        )

    def near(self, amounts: list[float]) -> float:
        """About what a random part of `amounts` adds up to: exactly, within the tolerance, or just beyond it."""
        part = sum(self.random.sample(amounts, self.random.randint(0, len(amounts))))
        return part * (1 + self.random.choice([0, 0, 0, 1e-10, -1e-10, 4e-9, -4e-9, 3e-8, -3e-8, 0.1, -0.1]))

    def target(self, initiatives: list[Initiative], kind: TargetKind) -> Target:
        kpi = self.random.choice(self.kpis).key
        value = self.near([i.contributions.get(kpi, 0.0) for i in initiatives])
        return Target(kpi=kpi, value=value, kind=kind, slice=self.slice() if self.chance(0.3) else None)

    def slice(self) -> Slice:
        return self.random.choice([Slice(dimension="market", key="UK"), Slice(dimension="team", key="x")])

    def maybe(self, make: object, most: int = 2) -> tuple[object, ...]:
        return tuple(make() for _ in range(most) if self.chance(self.density))

    def token_bound(self, initiatives: list[Initiative]) -> TokenBound:
        amounts = [i.tokens for i in initiatives]
        kept = self.random.choice(["max_tokens", "max_tokens", "min_tokens"])
        divisor = 3 if kept == "min_tokens" else 1
        return TokenBound(slice=self.slice(), **{kept: abs(self.near(amounts)) / divisor})

    def count_bound(self) -> CountBound:
        part = self.slice() if self.chance(0.6) else None
        if self.chance(0.5):
            return CountBound(slice=part, min_count=self.random.randint(0, 2))
        return CountBound(slice=part, max_count=self.random.randint(1, 6))

    def plan(self, mode: ObjectiveMode | None) -> Plan:
        random = self.random
        initiatives = [self.initiative(key) for key in self.keys]
        costs = [i.tokens for i in initiatives]
        design = [i.costs.get("design", 0.0) for i in initiatives]
        capacities = {TOKENS: abs(self.near(costs)) or 1.0}
        if self.chance(0.4):
            capacities["design"] = abs(self.near(design))
        goals = [self.target(initiatives, TargetKind.GOAL) for _ in range(random.randint(0, 3))]
        normalization = random.choice(list(Normalization))
        weights = {kpi.key: random.choice([0.0, 0.2, 0.4, 1.0, 3.0]) for kpi in self.kpis}
        weights["k1"] = weights["k1"] or 1.0
        if normalization is Normalization.TARGET:
            goals += [Target(kpi=k.key, value=self.signed(self.units[k.key]) or 1.0) for k in self.kpis]
            goals = [goal for goal in goals if goal.value or goal.slice]
        question = Scenario(
            name="S",
            objective_mode=mode or random.choice(list(ObjectiveMode)),
            period_key=random.choice([None, "Q1"]),
            north_star=random.choice([None, "k2"]),
            weights=weights,
            targets=(*goals, *self.maybe(lambda: self.target(initiatives, TargetKind.FLOOR))),
            target_priorities=random.choice([(), (("k1",), ("k0",)), (("k2", "k0"), ("k1",))]),
            secondary_objective=random.choice([ObjectiveMode.NORTH_STAR, ObjectiveMode.WEIGHTED_KPIS]),
            capacities=capacities,
            normalization=normalization,
            rules=(
                *self.maybe(lambda: self.token_bound(initiatives)),
                *self.maybe(self.count_bound),
                *self.maybe(lambda: Mandate(initiative=random.choice(self.keys)), 1),
                *self.maybe(lambda: Ban(initiative=random.choice(self.keys)), 1),
                *self.maybe(lambda: Incompatibility(members=self.some(2, 3))),
                *self.maybe(lambda: Bundle(label="B", members=self.some(2, 3)), 1),
                *self.maybe(lambda: Prerequisite(initiative=random.choice(self.keys), requires=self.some(1, 1))),
                *(self.synergy() for _ in range(random.randint(0, 3)) if self.chance(0.6)),
            ),
        )
        return Plan(kpis=tuple(self.kpis), initiatives=tuple(initiatives), scenarios=(question,))

    def synergy(self) -> Synergy:
        kpi = self.random.choice(self.kpis).key
        return Synergy(members=self.some(1, 3), kpi=kpi, value=self.signed(self.units[kpi]))

    def with_more_rules(self, question: Scenario, initiatives: tuple[Initiative, ...]) -> Scenario:
        random = self.random
        more = (
            *self.maybe(lambda: self.share_bound(question, initiatives)),
            *self.maybe(self.count_of_members),
            *self.maybe(lambda: AnyPrerequisite(initiative=random.choice(self.keys), any_of=self.some(1, 3))),
        )
        if self.chance(self.density / 2):
            more = (*more, *(Kept(initiative=key) for key in self.some(0, 2)))
        if self.chance(self.density):
            more = (*more, ChangeLimit(reference=self.some(0, len(self.keys)), most=random.randint(0, 4)))
        reserve = random.choice([0.1, 0.25, 1 / 3]) if self.chance(self.density) else 0.0
        return question.model_copy(update={"rules": (*question.rules, *more), "reserve": reserve})

    def share_bound(self, question: Scenario, initiatives: tuple[Initiative, ...]) -> ShareBound:
        """Near the share of some selection: at it, within the tolerance, or just beyond."""
        random = self.random
        resource = random.choice([TOKENS, TOKENS, "design"])
        of_capacity = question.capacities.get(resource, 0.0) > 0 and self.chance(0.3)
        part = self.slice()
        some = random.sample(initiatives, random.randint(1, len(initiatives)))
        whole = sum(i.costs.get(resource, 0.0) for i in some)
        own = sum(i.costs.get(resource, 0.0) for i in some if i.dimensions[part.dimension] == part.key)
        share = self.near([own]) / (question.capacities[resource] if of_capacity else whole) if whole else 0.2
        share = min(1.0, abs(random.choice([share, share, 0.2, 0.5, 1.0, 0.0])))
        kept = random.choice(["max_share", "min_share"])
        return ShareBound(slice=part, resource=resource, of_capacity=of_capacity, **{kept: share})

    def count_of_members(self) -> CountBound:
        members = self.some(1, 5)
        if self.chance(0.5):
            return CountBound(members=members, min_count=self.random.randint(0, 2))
        return CountBound(members=members, max_count=self.random.randint(0, 3))
