"""What more of a capacity would bring, asked on the command line; nothing is ever written."""

from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star")
CAP = [
    ["constraint_type", "dimension", "dimension_key", "max_tokens"],
    ["capacity_cap", "department", "Growth", 50],
]


def test_the_curve_says_what_more_and_less_would_change(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("capacity-value", worked_example, *ASK, "--from", "80", "--to", "120")
    assert (said.code, said.err) == (0, "")
    assert [" ".join(line.split()) for line in said.out.splitlines()] == [
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "",
        "Capacity of tokens: 100 now.",
        "With 10 tokens more (110 in all): £40,000 more Gross merchandise value. Nothing more up to 120 at least.",
        "With less than 100 tokens, down to 80: £40,000 less Gross merchandise value.",
        "From tokens Against the plan Targets Comes in Drops out",
        "80 £40,000 less Gross merchandise value",
        "100 as now C",
        "110 £40,000 more Gross merchandise value B C",
        "What comes in and drops out is against the row above.",
    ]
    assert worked_example.read_bytes() == before


def test_a_cap_is_named_by_its_cell(sheetplan: Sheetplan, tmp_path: Path) -> None:
    departments = ("Department", "Growth", "Growth", "Ops")
    tabs = edited(WORKED_EXAMPLE, {f"Initiatives!H{row}": text for row, text in enumerate(departments, start=1)})
    book = write_workbook(tmp_path / "plan.xlsx", {**tabs, "Constraints": CAP})
    found = sheetplan("capacity-value", book, *ASK, "--of", "Constraints!A2", "--to", "60", "--json").document
    (curve,) = found["capacities"]
    assert (curve["slice"], curve["now"], curve["proven"]) == ("department Growth", 50.0, True)
    assert curve["cell"] == "Constraints!D2"
    (own,) = sheetplan("capacity-value", book, *ASK, "--of", "tokens", "--json").document["capacities"]
    assert own["cell"] == "Scenarios!C2"
    assert [(one["amount"], one["selected"]) for one in curve["steps"]] == [(50.0, ["B", "C"]), (60.0, ["A", "C"])]


def test_a_capacity_of_each_period_is_said_to_be_one(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Two quarters of 10 for A and B, which take 10 and 12 of one team: the second one is in from 12 a quarter."""
    book = write_workbook(
        tmp_path / "plan.xlsx",
        {
            "KPIs": [["kpi_key", "kpi_level", "unit"], ["gmv", "north_star", "GBP"]],
            "Initiatives": [
                ["initiative_key", "engineering_tokens", "department", "gmv"],
                ["A", 10, "Growth", 100],
                ["B", 12, "Growth", 70],
                ["C", 4, "Ops", 5],
            ],
            "Scenarios": [
                ["scenario_name", "objective_mode", "from_period", "to_period"],
                ["Half a year", "north_star", "2026-Q3", "2026-Q4"],
            ],
            "Capacity": [
                ["period_key", "dimension", "dimension_key", "amount"],
                [None, "department", "Growth", 10],
                ["2026-Q4", "department", "Ops", 5],
            ],
            "Constraints": [
                ["constraint_type", "dimension", "dimension_key", "max_tokens"],
                ["capacity_cap", "department", "Ops", 5],
            ],
        },
    )
    said = sheetplan("capacity-value", book, "--scenario", "Half a year").out
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert [line for line in lines if line.startswith(("Cap", "With"))] == [
        "Cap of tokens for department Ops in each period (Constraints!D2): 5 now.",
        "Capacity of tokens for department Growth in each period (Capacity!D2): 10 now.",
        "With 2 tokens more in each period (12 each): £70 more gmv. More was not looked at.",
        "With less than 10 tokens in each period, down to 9: £100 less gmv.",
        "Capacity of tokens for department Ops in 2026-Q4 (Capacity!D3): 5 now.",
    ]


def test_a_workbook_with_errors_says_where(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": "a lot"}))
    said = sheetplan("capacity-value", book, *ASK)
    assert said.code == 3
    assert "Scenarios!C2" in said.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--of", "design"), 'sheetplan: The scenario has no capacity "design". It has: tokens.\n'),
        (
            ("--from", "150"),
            "sheetplan: The range of the curve is empty: it would begin above its end. "
            "The amount of tokens is 100 now.\n",
        ),
    ],
)
def test_what_has_no_curve_says_why(
    sheetplan: Sheetplan, worked_example: Path, options: tuple[str, ...], message: str
) -> None:
    said = sheetplan("capacity-value", worked_example, *ASK, *options)
    assert (said.code, said.err) == (2, message)


@pytest.mark.parametrize("name", ["capacity-value", "priorities"])
def test_an_amount_beyond_all_counting_is_refused(sheetplan: Sheetplan, worked_example: Path, name: str) -> None:
    said = sheetplan(name, worked_example, *ASK, "--to", "1e308")
    assert said.code == 2
    assert "1e308 is too large: 1e+18 is the most." in said.err


@pytest.mark.parametrize("name", ["tokens", "Effort (days)", "effort", "cost: tokens"])
def test_a_resource_is_named_by_the_header_of_its_column_too(sheetplan: Sheetplan, tmp_path: Path, name: str) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!C1": "Effort (days)"}))
    said = sheetplan("capacity-value", book, *ASK, "--of", name)
    assert (said.code, said.err) == (0, "")
    assert "Capacity of tokens: 100 now." in said.out


def test_at_least_so_much_can_be_given_up_where_no_less_was_looked_at(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Of 300 tokens half are used; the curve begins at nine tenths. From 100 on it sees where the loss begins."""
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": 300}))
    assert "At least 30 tokens could be given up without any loss." in sheetplan("capacity-value", book, *ASK).out
    lines = sheetplan("capacity-value", book, *ASK, "--from", "100").out.splitlines()
    assert "150 tokens could be given up without any loss." in lines
    assert "With less than 150 tokens, down to 110: £40,000 less Gross merchandise value." in lines


def test_one_design_day_is_one(sheetplan: Sheetplan, tmp_path: Path) -> None:
    cells = {"Initiatives!G1": "cost: design days", "Initiatives!G2": 4, "Initiatives!G3": 3}
    cells |= {"Scenarios!I1": "capacity: design days", "Scenarios!I2": 5}
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, cells))
    said = sheetplan("capacity-value", book, *ASK, "--of", "design days", "--from", "1")
    assert "1 design day could be given up without any loss." in said.out


@pytest.mark.parametrize("header", ["Person-weeks", "person days", "Dev weeks"])
def test_an_effort_may_be_headed_by_what_it_is_counted_in(sheetplan: Sheetplan, tmp_path: Path, header: str) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!C1": header}))
    said = sheetplan("capacity-value", book, *ASK, "--of", header)
    assert (said.code, said.err) == (0, "")
