"""Petersen's R&D project selection problems (1967) solved through a workbook, each constraint a resource of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import write_workbook

SOURCE = Path(__file__).parents[1] / "data" / "petersen-rd-selection.txt"


@dataclass(frozen=True)
class Problem:
    """Maximize profit over projects that share several limited resources."""

    number: int
    optimum: float
    profits: list[float]
    costs: list[list[float]]
    capacities: list[float]


def problems() -> Iterator[Problem]:
    lines = [line for line in SOURCE.read_text().splitlines() if not line.startswith("#")]
    numbers = iter(float(word) for word in " ".join(lines).split())
    for number in range(1, int(next(numbers)) + 1):
        projects, resources, optimum = int(next(numbers)), int(next(numbers)), next(numbers)
        profits = [next(numbers) for _ in range(projects)]
        costs = [[next(numbers) for _ in range(projects)] for _ in range(resources)]
        yield Problem(number, optimum, profits, costs, [next(numbers) for _ in range(resources)])


@pytest.mark.parametrize("problem", list(problems()), ids=lambda problem: f"petersen-{problem.number}")
@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_published_optimum_is_found_through_a_workbook(
    sheetplan: Sheetplan, tmp_path: Path, problem: Problem, solver: str
) -> None:
    first, *further = problem.costs
    names = [f"resource {number}" for number in range(2, len(problem.costs) + 1)]
    header = ["initiative_key", "engineering_tokens", "profit", *(f"cost: {name}" for name in names)]
    projects = [
        [f"P{index + 1}", first[index], profit, *(costs[index] for costs in further)]
        for index, profit in enumerate(problem.profits)
    ]
    path = write_workbook(
        tmp_path / "petersen.xlsx",
        {
            "KPIs": [["kpi_key", "kpi_level"], ["profit", "north_star"]],
            "Initiatives": [header, *projects],
            "Scenarios": [
                ["scenario_name", "objective_mode", "capacity_total_tokens", *(f"capacity: {name}" for name in names)],
                ["best", "north_star", *problem.capacities],
            ],
        },
    )
    said = sheetplan("run", path, "--json", "--solver", solver)
    assert said.code == 0, said.out
    (scenario,) = said.document["scenarios"]
    assert scenario["status"] == "optimal"
    assert scenario["objective"] == pytest.approx(problem.optimum, rel=1e-12)
