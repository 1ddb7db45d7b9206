"""Problems whose optima are in print: each constraint is a resource, each item an initiative."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from optimizer import solve_scenario
from optimizer.plan import TOKENS, Initiative, Kpi, ObjectiveMode, Plan, Scenario
from optimizer.portfolio import Status

DATA = Path(__file__).parents[1] / "data"
FILES = ("petersen-rd-selection.txt", "weingartner-shih-knapsacks.txt")


def problems() -> Iterator[object]:
    for file in FILES:
        lines = [line for line in (DATA / file).read_text().splitlines() if not line.startswith("#")]
        numbers = iter(float(word) for word in " ".join(lines).split())
        for number in range(1, int(next(numbers)) + 1):
            items, constraints, optimum = int(next(numbers)), int(next(numbers)), next(numbers)
            profits = [next(numbers) for _ in range(items)]
            costs = [[next(numbers) for _ in range(items)] for _ in range(constraints)]
            capacities = [next(numbers) for _ in range(constraints)]
            yield pytest.param(optimum, profits, costs, capacities, id=f"{file.split('-')[0]}-{number}")


@pytest.mark.parametrize(("optimum", "profits", "costs", "capacities"), list(problems()))
@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_published_optimum_is_found_and_proven(
    optimum: float, profits: list[float], costs: list[list[float]], capacities: list[float], solver: str
) -> None:
    resources = [TOKENS, *(f"resource {row}" for row in range(2, len(capacities) + 1))]
    plan = Plan(
        kpis=(Kpi(key="profit", is_north_star=True),),
        initiatives=tuple(
            Initiative(
                key=f"P{item:02}",
                contributions={"profit": profit},
                costs={resource: row[item] for resource, row in zip(resources, costs, strict=True)},
            )
            for item, profit in enumerate(profits)
        ),
        scenarios=(
            Scenario(
                name="best",
                objective_mode=ObjectiveMode.NORTH_STAR,
                capacities=dict(zip(resources, capacities, strict=True)),
            ),
        ),
    )
    answer = solve_scenario(plan, "best", solver=solver)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(optimum, rel=1e-12)
    assert answer.bound == pytest.approx(optimum, rel=1e-6)
