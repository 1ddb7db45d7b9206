"""Plans of which it is in print how many efficient ones there are."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from optimizer.plan import TOKENS, Initiative, Kpi, ObjectiveMode, Plan, Scenario
from optimizer.studies.frontier import Measure

MEASURES = (Measure("first"), Measure("second"))
_RESOURCES = (TOKENS, "money")
_FILE = Path(__file__).parents[1] / "data" / "zitzler-thiele-knapsacks.txt"


def two_knapsacks(size: int) -> tuple[Plan, int]:
    """The knapsacks of Zitzler and Thiele with 100 or 250 items, and the number of efficient points between profits."""
    return next((plan, points) for plan, points in _plans() if len(plan.initiatives) == size)


def _plans() -> Iterator[tuple[Plan, int]]:
    lines = (line for line in _FILE.read_text().splitlines() if not line.startswith("#"))
    numbers = (float(word) for line in lines for word in line.split())
    for items in numbers:
        size, points = int(items), int(next(numbers))
        columns = [(next(numbers), list(islice(numbers, size)), list(islice(numbers, size))) for _ in _RESOURCES]
        capacities, weights, profits = zip(*columns, strict=True)
        initiatives = tuple(
            Initiative(
                key=f"I{row:03}",
                costs=dict(zip(_RESOURCES, costs, strict=True)),
                contributions={kpi.name: profit for kpi, profit in zip(MEASURES, both, strict=True)},
            )
            for row, (costs, both) in enumerate(
                zip(zip(*weights, strict=True), zip(*profits, strict=True), strict=True)
            )
        )
        first, second = MEASURES
        yield (
            Plan(
                kpis=(Kpi(key=first.name, is_north_star=True), Kpi(key=second.name)),
                initiatives=initiatives,
                scenarios=(
                    Scenario(
                        name="S",
                        objective_mode=ObjectiveMode.NORTH_STAR,
                        capacities=dict(zip(_RESOURCES, capacities, strict=True)),
                    ),
                ),
            ),
            points,
        )
