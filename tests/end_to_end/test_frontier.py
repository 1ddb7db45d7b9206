"""All efficient plans, asked on the command line; nothing is ever written."""

from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star", "--by", "gmv", "--by")


def test_every_efficient_plan_is_listed_with_what_changes(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("frontier", worked_example, *ASK, "30-day retention")
    assert (said.code, said.err) == (0, "")
    assert [" ".join(line.split()) for line in said.out.splitlines()] == [
        "Pure north star: 2 efficient plans, all of them.",
        "Gross merchandise value 30-day retention Comes in Drops out",
        "£160,000 0.000%",
        "£120,000 1.500% B A",
        "What comes in and drops out is against the row above.",
        "The answer to Pure north star: Gross merchandise value £160,000 and 30-day retention 0.000%; none of these "
        "plans is better.",
        "The answer to Weighted: Gross merchandise value £160,000 and 30-day retention 0.000%; none of these plans is "
        "better.",
        "The answer to Reachable: Gross merchandise value £120,000 and 30-day retention 1.500%; none of these plans is "
        "better.",
        "The answer to Stretch: Gross merchandise value £120,000 and 30-day retention 1.500%; none of these plans is "
        "better.",
    ]
    assert worked_example.read_bytes() == before


def test_a_resource_is_a_measure_without_its_capacity(sheetplan: Sheetplan, worked_example: Path) -> None:
    found = sheetplan("frontier", worked_example, *ASK, "tokens", "--json").document
    assert [point["totals"] for point in found["points"]] == [
        [240000.0, 150.0],
        [200000.0, 110.0],
        [160000.0, 100.0],
        [120000.0, 60.0],
        [80000.0, 50.0],
        [40000.0, 40.0],
        [0.0, 0.0],
    ]
    assert (found["complete"], found["by"]) == (True, ["gmv", "engineering_tokens"])
    placed = {one["scenario"]: one["better"] for one in found["scenarios"]}
    assert placed["Pure north star"] is None
    assert placed["Reachable"] == [120000.0, 60.0]


def test_a_number_of_points_says_that_they_are_spread(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("frontier", worked_example, *ASK, "tokens", "--points", "2")
    assert said.out.startswith("Pure north star: 2 efficient plans, spread evenly.\n")


def test_it_stops_when_asked_and_says_so(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("frontier", worked_example, *ASK, "tokens", "--stop-after", "0.000001")
    assert said.out.startswith("Pure north star: stopped before a plan was found.\n")


def test_an_impossible_scenario_has_no_plans(sheetplan: Sheetplan, tmp_path: Path) -> None:
    rules = [["constraint_type", "member_keys"], ["exclude_initiative", "B"]]
    floors = [["kpi_key", "floor_or_goal", "target_value"], ["retention_30d", "floor", 0.015]]
    book = write_workbook(tmp_path / "plan.xlsx", {**WORKED_EXAMPLE, "Constraints": rules, "Targets": floors})
    said = sheetplan("frontier", book, *ASK, "retention_30d")
    assert (said.code, said.out) == (4, "Pure north star: no plan keeps every rule.\n")


def test_a_workbook_with_errors_says_where(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": "a lot"}))
    said = sheetplan("frontier", book, *ASK, "retention_30d")
    assert said.code == 3
    assert "Scenarios!C2" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (*ASK, "nps"),
            'sheetplan: "nps" is neither a KPI nor a resource of the workbook. It has: gmv, retention_30d, '
            "conversion_rate, tokens.\n",
        ),
        ((*ASK, "GMV"), "sheetplan: A frontier needs two different measures, and both are gmv.\n"),
        (("--scenario", "x", "--by", "gmv", "--by", "tokens"), "sheetplan: There is no scenario x in the workbook."),
        (ASK[:-1], "Give --by twice: the two measures between which to choose."),
    ],
)
def test_a_mistake_on_the_command_line_is_a_sentence(
    sheetplan: Sheetplan, worked_example: Path, arguments: tuple[str, ...], message: str
) -> None:
    said = sheetplan("frontier", worked_example, *arguments)
    assert said.code == 2
    assert message in said.err
