"""Random small plans whose numbers lie from 1e-9 to 1e12 in one objective, one rule and one goal."""

from random import Random

from optimizer.plan import (
    TOKENS,
    Bundle,
    Direction,
    Initiative,
    Kpi,
    Mandate,
    Normalization,
    ObjectiveMode,
    Plan,
    Prerequisite,
    RuleSpec,
    Scenario,
    ShareBound,
    Slice,
    Synergy,
    Target,
    TargetKind,
    TokenBound,
)

_DIGITS = (1, 2, 3, 5, 7, 1.5, 2.5, 1.1, 9.99)
_SIZES = ((-9, -7), (-1, 2), (10, 12))
"""Powers of ten: some plans have numbers of a few sizes only, so that small ones tie and cancel beside large ones."""
_TEAM_X = Slice(dimension="team", key="x")


def far_apart_plan(seed: int) -> Plan:
    """A plan of two to seven initiatives and one scenario, ``S``; the same for the same seed."""
    return _Builder(Random(f"far apart {seed}")).plan()


class _Builder:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.keys = [f"I{n}" for n in range(random.randint(2, 7))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def amount(self, least: int = -9, most: int = 12) -> float:
        return float(f"{self.random.choice(_DIGITS) * 10.0 ** self.random.randint(least, most - 1):.15g}")

    def any_amount(self) -> float:
        return self.amount() if self.chance(0.5) else self.amount(*self.random.choice(_SIZES))

    def near(self, amounts: list[float]) -> float:
        """What a random part of `amounts` adds up to: exactly, within the tolerance, or just beyond it."""
        part = sum(self.random.sample(amounts, self.random.randint(0, len(amounts))))
        return part * (1 + self.random.choice([0, 0, 0, 1e-10, -1e-10, 4e-9, -4e-9, 0.1, -0.1]))

    def initiative(self, key: str) -> Initiative:
        sign = [1, 1, 1, -1]
        return Initiative(
            key=key,
            costs={TOKENS: self.any_amount() if self.chance(0.8) else 0.0, "design": self.any_amount()},
            contributions={
                kpi: self.any_amount() * self.random.choice(sign) for kpi in ("k0", "k1") if self.chance(0.8)
            },
            dimensions={"team": self.random.choice("xy")},
        )

    def rules(self, tokens: list[float]) -> tuple[RuleSpec, ...]:
        pairs = [tuple(self.random.sample(self.keys, 2)) for _ in range(4)]
        possible: list[RuleSpec] = [
            TokenBound(slice=_TEAM_X, max_tokens=abs(self.near(tokens))),
            TokenBound(slice=_TEAM_X, min_tokens=abs(self.near(tokens)) / 3),
            ShareBound(slice=_TEAM_X, max_share=self.random.choice([0.2, 0.5, 1e-6])),
            Bundle(label="B", members=pairs[0]),
            Prerequisite(initiative=pairs[1][0], requires=pairs[1][1:]),
            Mandate(initiative=self.random.choice(self.keys)),
            *(Synergy(members=pair, kpi="k0", value=self.any_amount()) for pair in pairs[2:3]),
            *(Synergy(members=pair, kpi="k1", value=-self.any_amount()) for pair in pairs[3:]),
        ]
        return tuple(rule for rule in possible if self.chance(0.2))

    def target(self, initiatives: list[Initiative], kind: TargetKind) -> Target:
        kpi = self.random.choice(["k0", "k1"])
        value = self.near([initiative.contributions.get(kpi, 0.0) for initiative in initiatives])
        return Target(kpi=kpi, value=value, kind=kind, slice=_TEAM_X if self.chance(0.2) else None)

    def plan(self) -> Plan:
        random = self.random
        initiatives = [self.initiative(key) for key in self.keys]
        tokens = [initiative.tokens for initiative in initiatives]
        capacities = {TOKENS: abs(self.near(tokens)) or 1.0} if self.chance(0.8) else {}
        if self.chance(0.4):
            capacities["design"] = abs(self.near([initiative.costs["design"] for initiative in initiatives])) or 1e-9
        kinds = (TargetKind.FLOOR, TargetKind.GOAL, TargetKind.GOAL)
        question = Scenario(
            name="S",
            objective_mode=random.choice(list(ObjectiveMode)),
            weights={kpi: self.amount() if self.chance(0.5) else 1.0 for kpi in ("k0", "k1")},
            targets=tuple(self.target(initiatives, kind) for kind in kinds if self.chance(0.3)),
            target_priorities=random.choice([(), (("k1",), ("k0",))]),
            secondary_objective=random.choice([ObjectiveMode.NORTH_STAR, ObjectiveMode.WEIGHTED_KPIS]),
            capacities=capacities,
            normalization=random.choice([Normalization.NONE, Normalization.SCALE, Normalization.IDEAL]),
            rules=self.rules(tokens),
        )
        kpis = (
            Kpi(key="k0", is_north_star=True, scale=self.amount()),
            Kpi(key="k1", scale=self.amount(), direction=random.choice(list(Direction))),
        )
        return Plan(kpis=kpis, initiatives=tuple(initiatives), scenarios=(question,))
