"""Random plans over several periods that use every rule, mode and awkward number at once."""

from random import Random

from optimizer.plan import (
    TOKENS,
    Accrual,
    ChangeLimit,
    Initiative,
    Kept,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    Prerequisite,
    Scenario,
    Slice,
    Target,
)
from tests.optimizer.plans import random_plan

PERIODS = ("Q0", "Q1", "Q2", "Q3", "Q4", "Q5")


def random_timed_plan(seed: int, size: int, periods: int, *, mode: ObjectiveMode | None = None) -> Plan:
    """A plan of `size` initiatives and one scenario, ``S``, over so many periods; the same for the same seed."""
    return _Builder(Random(seed), periods, random_plan(seed, size, mode=mode, every_rule=seed % 2 == 0)).plan()


class _Builder:
    def __init__(self, random: Random, periods: int, base: Plan) -> None:
        self.random = random
        self.base = base
        first = random.randint(0, len(PERIODS) - periods)
        self.horizon = PERIODS[first : first + periods]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def plan(self) -> Plan:
        kpis = tuple(
            kpi.model_copy(update={"accrues": self.random.choice(list(Accrual))}) if self.chance(0.5) else kpi
            for kpi in self.base.kpis
        )
        initiatives = tuple(self.initiative(i) for i in self.base.initiatives)
        question = self.scenario(self.base.scenario("S"), initiatives)
        return Plan(kpis=kpis, initiatives=initiatives, scenarios=(question,), periods=PERIODS)

    def initiative(self, base: Initiative) -> Initiative:
        random = self.random
        duration = min(random.choice([1, 1, 1, 2, 2, 3]), max(1, len(self.horizon) - self.chance(0.8)))
        update: dict[str, object] = {"duration": duration}
        if self.chance(0.7):
            update["period_key"] = None
        if duration > 1 and self.chance(0.4):
            parts = [random.choice([0.0, 1.0, 1.5, 0.1]) for _ in range(duration)]
            update["profile"] = tuple(parts)
            update["costs"] = {**base.costs, TOKENS: sum(parts)}
        if self.chance(0.2):
            update["earliest_start"] = random.choice(PERIODS)
        if self.chance(0.2):
            update["latest_finish"] = random.choice(PERIODS[1:])
        if self.chance(0.15):
            update |= {
                "is_in_progress": True,
                "may_stop": self.chance(0.7),
                "stop_cost": random.choice([0.0, 0.5, 1.0]),
            }
        return Initiative(**{**dict(base), **update})

    def scenario(self, base: Scenario, initiatives: tuple[Initiative, ...]) -> Scenario:
        random = self.random
        rules = [*base.rules, *(self.capacity(initiatives) for _ in range(random.randint(0, 3)))]
        for place, rule in enumerate(rules):
            if isinstance(rule, Prerequisite) and self.chance(0.5):
                rules[place] = rule.model_copy(update={"lag": random.randint(0, 2)})
            elif isinstance(rule, Kept) and self.chance(0.5):
                rules[place] = rule.model_copy(update={"start": random.choice(self.horizon)})
            elif isinstance(rule, ChangeLimit) and self.chance(0.7):
                starts = {key: random.choice(self.horizon) for key in rule.reference if self.chance(0.7)}
                rules[place] = rule.model_copy(update={"starts": starts})
        targets = tuple(self.target(target) for target in base.targets)
        return Scenario(
            **{
                **dict(base),
                "period_key": None,
                "from_period": self.horizon[0],
                "to_period": self.horizon[-1],
                "rules": tuple(rules),
                "targets": targets,
            }
        )

    def target(self, base: Target) -> Target:
        return base.model_copy(update={"period": self.random.choice(self.horizon)}) if self.chance(0.4) else base

    def capacity(self, initiatives: tuple[Initiative, ...]) -> PeriodCapacity:
        """About what a random part of the initiatives spends in one period of its work."""
        random = self.random
        resource = random.choice([TOKENS, TOKENS, "design"])
        amounts = [i.spent_in(resource, random.randrange(i.duration)) for i in initiatives]
        part = sum(random.sample(amounts, random.randint(1, len(amounts))))
        part *= 1 + random.choice([0, 0, 1e-10, -1e-10, 4e-9, -4e-9, 0.1, -0.1])
        return PeriodCapacity(
            amount=abs(part),
            resource=resource,
            period=random.choice([None, *self.horizon]),
            slice=random.choice([None, Slice(dimension="market", key="UK"), Slice(dimension="team", key="x")]),
        )
