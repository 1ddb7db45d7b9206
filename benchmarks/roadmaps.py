"""Plans over several periods for several teams, made at random: what each is worth is close to what it costs.

So hardly anything is clearly in or out, and nearly every team is full in nearly every period.
"""

from dataclasses import dataclass
from random import Random

from optimizer.plan import (
    TOKENS,
    Accrual,
    Initiative,
    Kpi,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    Prerequisite,
    Scenario,
    Slice,
)

NAME, VALUE, TEAM = "Roadmap", "value", "department"
LARGEST = 40
"""The most that an initiative costs, in tokens."""
LONGEST = 3
"""The most periods that an initiative takes."""
CAPACITY_SHARE = 0.6
"""Of all that the initiatives of a team cost there is capacity for so much."""
ONE_OF = 3
"""One initiative in so many needs another one, of any team."""


@dataclass(frozen=True)
class RoadmapSize:
    """How large a plan is."""

    initiatives: int
    periods: int
    teams: int

    def __str__(self) -> str:
        return f"{self.initiatives:,} x {self.periods} x {self.teams}"


def roadmap(size: RoadmapSize, seed: int = 0, *, each_period: bool = False) -> Plan:
    """The plan of a size, the same one for the same seed; with `each_period` what is finished counts from then on."""
    source = Random(f"{size} {seed}")
    periods = tuple(f"P{number}" for number in range(1, size.periods + 1))
    teams = [f"T{number}" for number in range(1, size.teams + 1)]
    initiatives = []
    for number in range(size.initiatives):
        cost = source.randint(5, LARGEST)
        initiatives.append(
            Initiative(
                key=f"I{number:04}",
                costs={TOKENS: float(cost)},
                contributions={VALUE: float(round(cost * source.uniform(0.8, 1.2) * 10))},
                dimensions={TEAM: teams[number % size.teams]},
                duration=source.choices(range(1, LONGEST + 1), (5, 3, 2))[0],
            )
        )
    rules: list[PeriodCapacity | Prerequisite] = []
    for team in teams:
        asked = sum(i.tokens for i in initiatives if i.dimensions[TEAM] == team)
        amount = float(round(CAPACITY_SHARE * asked / size.periods))
        rules.append(PeriodCapacity(amount=amount, slice=Slice(dimension=TEAM, key=team)))
    for number in range(1, size.initiatives):
        if source.randrange(ONE_OF) == 0:
            needed = initiatives[source.randrange(number)].key
            rules.append(Prerequisite(initiative=initiatives[number].key, requires=(needed,)))
    return Plan(
        kpis=(Kpi(key=VALUE, is_north_star=True, accrues=Accrual.EACH_PERIOD if each_period else Accrual.ONCE),),
        initiatives=tuple(initiatives),
        scenarios=(
            Scenario(
                name=NAME,
                objective_mode=ObjectiveMode.NORTH_STAR,
                from_period=periods[0],
                to_period=periods[-1],
                capacities={},
                rules=tuple(rules),
            ),
        ),
        periods=periods,
    )
