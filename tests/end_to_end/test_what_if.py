"""The same plan with changes, asked on the command line; nothing is ever written."""

from pathlib import Path

import openpyxl
import pytest

from config.settings import Settings
from sheets_sync.opening import open_workbook
from sheets_sync.request import RunRequest
from sheets_sync.run.what_if import WhatIfRequest, what_if
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, named_range_values, write_workbook

NORTH = ("--scenario", "Pure north star")
RULES = [["scenario_name", "constraint_type", "member_keys"], ["", "exclude_initiative", "A"]]


def test_a_change_is_shown_as_words_and_as_a_table(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("what-if", worked_example, *NORTH, "--in", "loyalty club", "--set", "Capacity Total Tokens=110")
    assert (said.code, said.err) == (0, "")
    assert [" ".join(line.split()) for line in said.out.splitlines()] == [
        "What if capacity_total_tokens (Scenarios!C2) is 110 instead of 100",
        "What if B must be selected",
        "",
        "Before: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "After: Optimal: proven best; 2 selected, 110 of 110 tokens used.",
        "In: B (Loyalty club)",
        "Out: C (Gift cards)",
        "Before After Change",
        "Gross merchandise value £160,000 £200,000 +£40,000",
        "30-day retention 0.000% 1.500% +1.500%",
        "Conversion 0.200% 0.200%",
        "tokens used 100 110 +10",
    ]
    assert worked_example.read_bytes() == before


def test_why_goals_are_missed_is_left_to_run(sheetplan: Sheetplan, worked_example: Path) -> None:
    """Another question is answered: the status and how much is short, once before and once after."""
    lines = sheetplan("what-if", worked_example, "--scenario", "Stretch", "--out", "A").out.splitlines()
    missed = "Targets missed: proven as close as possible; 2 selected, 90 of 100 tokens used"
    assert [line for line in lines if line.startswith(("Before:", "After:"))] == [
        f"Before: {missed}; 30-day retention short by 0.500%.",
        f"After:  {missed}; 30-day retention short by 0.500%.",
    ]


def test_whatever_the_sheet_allows_may_be_set(sheetplan: Sheetplan, worked_example: Path) -> None:
    """A cell, an initiative's estimate, a column that the sheet does not have yet, several at once."""
    asked = (
        "--set",
        "Initiatives!C3=40",
        "--set",
        "C.gmv=90000",
        "--set",
        "capacity: design=5",
        "--set",
        "C.cost: design=6",
    )
    found = sheetplan("what-if", worked_example, *NORTH, *asked, "--json").document
    assert found["cells"] == [
        {
            "cell": "Initiatives!C3",
            "about": "B: engineering_tokens",
            "before": "50",
            "after": "40",
            "left_aside": False,
        },
        {"cell": "Initiatives!D4", "about": "C: gmv", "before": "40000", "after": "90000", "left_aside": False},
        {"cell": "Scenarios!I2", "about": "capacity: design", "before": "", "after": "5", "left_aside": False},
        {"cell": "Initiatives!G4", "about": "C: cost: design", "before": "", "after": "6", "left_aside": False},
    ]
    assert found["after"]["selected"] == ["A", "B"]
    assert (found["came_in"], found["went_out"]) == (["B"], ["C"])


def test_a_rule_is_dropped_by_any_cell_of_its_row(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", {**WORKED_EXAMPLE, "Constraints": RULES})
    asked = ("what-if", book, *NORTH, "--without", "constraints!b2")
    found = sheetplan(*asked, "--json").document
    assert (found["before"]["selected"], found["after"]["selected"]) == (["B", "C"], ["A", "C"])
    assert sheetplan(*asked).out.splitlines()[0] == "What if Constraints row 2 is dropped: exclude_initiative, A"


def percents(tmp_path: Path) -> Path:
    """The worked example as people format it: shares as percentages, and two initiatives of one title."""
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!B4": "Loyalty club", "Initiatives!E4": None})
    path = write_workbook(tmp_path / "plan.xlsx", tabs)
    book = openpyxl.load_workbook(path)
    for row in (2, 3, 4):
        book["Initiatives"][f"E{row}"].number_format = "0.0%"
    for row in (4, 5):
        book["Scenarios"][f"G{row}"].number_format = "0.0%"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("B.retention_30d=1.2", "B.retention_30d is shown as a percentage: 1.2 could mean 1.2% or 120%."),
        ("C.retention_30d=0.5", "C.retention_30d is shown as a percentage: 0.5 could mean 0.5% or 50%."),
        ("Initiatives!E3=-2", "Initiatives!E3 is shown as a percentage: -2 could mean -2% or -200%."),
    ],
)
def test_a_bare_number_where_percentages_are_shown_could_be_two(
    sheetplan: Sheetplan, tmp_path: Path, change: str, message: str
) -> None:
    """Also where the cell itself is blank, and the others of its column show percentages."""
    said = sheetplan("what-if", percents(tmp_path), *NORTH, "--set", change)
    assert (said.code, said.out, said.err) == (2, "", f"sheetplan: {message} Write it with its sign.\n")


def test_percentages_and_nothing_are_typed_where_percentages_are_shown(sheetplan: Sheetplan, tmp_path: Path) -> None:
    asked = ("--set", "B.retention_30d=1.2%", "--set", "A.retention_30d=0", "--set", "A.gmv=90000")
    found = sheetplan("what-if", percents(tmp_path), *NORTH, *asked, "--json")
    assert found.code == 0
    assert [one["after"] for one in found.document["cells"]] == ["1.2%", "0", "90000"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("loyalty club.gmv=5", '"loyalty club" is the title of B and C. Give the key of the one that you mean.'),
        ("Z.gmv=5", 'There is no initiative "Z" in the workbook.'),
        ("A.gmvv=5", 'Initiatives has no column "gmvv". Did you mean gmv?'),
        (
            "A.profit=5",
            'Initiatives has no column "profit". Its columns are headed initiative_key, title, engineering_tokens, '
            "gmv, retention_30d, conversion_rate.",
        ),
    ],
)
def test_what_is_wrong_with_a_cell_of_the_list_is_said(
    sheetplan: Sheetplan, tmp_path: Path, change: str, message: str
) -> None:
    said = sheetplan("what-if", percents(tmp_path), *NORTH, "--set", change)
    assert (said.code, said.out, said.err) == (2, "", f"sheetplan: {message}\n")


def test_an_initiative_is_set_by_its_title_too(sheetplan: Sheetplan, tmp_path: Path) -> None:
    found = sheetplan("what-if", percents(tmp_path), *NORTH, "--set", "faster search.gmv=5", "--json").document
    assert [(one["cell"], one["after"]) for one in found["cells"]] == [("Initiatives!D2", "5")]


RANGES = {
    "KPIs": [["kpi_key", "kpi_level", "unit"], ["gmv", "north_star", "GBP"]],
    "Initiatives": [
        ["initiative_key", "effort", "effort low", "effort high", "cost: design", "cost low: design", "gmv", "gmv low",
         "gmv high"],
        ["A", 60, 50, 70, 4, 3, 100, 80, 130],
        ["B", 50, None, None, 4, None, 90, None, None],
    ],
    "Scenarios": [["scenario_name", "objective_mode", "capacity_total_tokens"], ["S", "north_star", 60]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "aside"),
    [
        ("A.gmv=50", {"Initiatives!H2": "80", "Initiatives!I2": "130"}),
        ("A.gmv=", {"Initiatives!H2": "80", "Initiatives!I2": "130"}),
        ("A.effort=20", {"Initiatives!C2": "50", "Initiatives!D2": "70"}),
        ("A.cost: design=2", {"Initiatives!F2": "3"}),
        ("A.gmv=81", {}),
    ],
)
def test_a_number_outside_of_its_own_range_leaves_the_range_aside(
    sheetplan: Sheetplan, tmp_path: Path, change: str, aside: dict[str, str]
) -> None:
    """ "What if it brings only half?" has an answer; the range, which decides nothing here, is left aside and named."""
    book = write_workbook(tmp_path / "plan.xlsx", RANGES)
    asked = ("what-if", book, "--scenario", "S", "--set", change)
    found = sheetplan(*asked, "--json")
    assert found.code == 0
    cells = found.document["cells"]
    assert {one["cell"]: one["before"] for one in cells if one["left_aside"]} == aside
    assert [one["cell"] for one in cells if not one["left_aside"]] == [cells[0]["cell"]]
    said = [line for line in sheetplan(*asked).out.splitlines() if line.endswith("is not within that range")]
    assert len(said) == len(aside)
    assert all(
        f"({place}), {before}, is left aside" in line for line, (place, before) in zip(said, aside.items(), strict=True)
    )


def test_a_range_that_is_itself_asked_for_must_hold_the_estimate(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", RANGES)
    said = sheetplan("what-if", book, "--scenario", "S", "--set", "A.gmv low=110")
    assert said.code == 3
    assert "The estimate must lie between low and high. [range_order]" in said.out
    fine = ("--set", "A.gmv=50", "--set", "A.gmv low=40")
    assert sheetplan("what-if", book, "--scenario", "S", *fine).code == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--set", "capacity"), '"capacity" is no change. Write FIELD=VALUE, such as capacity_total_tokens=900.'),
        (("--without", "KPIs!A2"), "KPIs!A2 is in no row of a rule or target. The workbook has no such rows."),
        (("--in", "B", "--out", "b"), "B cannot be forced in and left out at once. Ask for one of the two."),
        (("--set", "Scenarios!C1=90"), "Scenarios!C1 is not below the headers of Scenarios. Name a cell from C2 on."),
        (("--in", "D"), 'There is no initiative "D" in the workbook.'),
        (
            ("--set", "budget=3"),
            '"budget" names no cell. Write a header of Scenarios (scenario_name, objective_mode, '
            "capacity_total_tokens, weight: gmv, weight: retention_30d, weight: conversion_rate, "
            "target: retention_30d, target_priority), "
            "INITIATIVE.HEADER for a cell of Initiatives, or a cell such as Scenarios!B2.",
        ),
    ],
)
def test_a_change_that_names_nothing_is_a_mistake_on_the_command_line(
    sheetplan: Sheetplan, worked_example: Path, change: tuple[str, ...], message: str
) -> None:
    said = sheetplan("what-if", worked_example, *NORTH, *change)
    assert (said.code, said.out, said.err) == (2, "", f"sheetplan: {message}\n")


def test_nothing_to_change_is_a_mistake(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("what-if", worked_example, *NORTH)
    assert said.code == 2
    assert "Say what to change: --in, --out, --set or --without." in said.err


def test_a_value_that_the_sheet_would_refuse_is_refused_at_its_cell(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("what-if", worked_example, *NORTH, "--set", "capacity_total_tokens=plenty")
    assert said.code == 3
    assert "Scenarios!C2" in said.out
    assert "After:  Invalid" in said.out


def test_an_impossible_change_says_why(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("what-if", worked_example, *NORTH, "--in", "A", "--in", "B")
    assert said.code == 4
    assert "raise the token capacity from 100 to 110" in said.out


def test_percentages_and_truths_are_typed_as_a_sheet_types_them(sheetplan: Sheetplan, tmp_path: Path) -> None:
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!G1": "is_candidate", "Initiatives!G2": True, "Initiatives!G3": True})
    book = write_workbook(tmp_path / "plan.xlsx", edited(tabs, {"Initiatives!G4": True}))
    found = sheetplan(
        "what-if", book, *NORTH, "--set", "A.is_candidate=false", "--set", "B.retention_30d=2.5%", "--json"
    )
    assert found.document["after"]["selected"] == ["B", "C"]
    assert found.document["after"]["kpi_totals"]["retention_30d"] == 0.025


def test_a_workbook_is_opened_once_for_both_solves(worked_example: Path) -> None:
    """Both sides of the comparison are of one reading: nobody's edit in between is taken for an effect."""
    workbook = open_workbook(str(worked_example), Settings())
    reads = []
    original = workbook.read
    workbook.read = lambda *asked: reads.append(1) or original(*asked)
    what_if(workbook, WhatIfRequest("Weighted", leave_out=["A"]), RunRequest(dry_run=True))
    assert len(reads) == 1


YEAR = {
    "KPIs": [["kpi_key", "kpi_level", "unit", "accrues"], ["arr", "north_star", "GBP", "each_period"]],
    "Initiatives": [
        ["initiative_key", "engineering_tokens", "arr", "duration_periods"],
        ["A", 6, 100000, 1],
        ["B", 6, 60000, 1],
    ],
    "Scenarios": [
        ["scenario_name", "objective_mode", "from_period", "to_period"],
        ["Year", "north_star", "2026-Q3", "2027-Q1"],
    ],
    "Capacity": [["period_key", "amount"], [None, 6]],
    "Targets": [["kpi_key", "period_key", "floor_or_goal", "target_value"], ["arr", "2026-Q4", "goal", 50000]],
}


def test_a_plan_over_several_periods_says_what_starts_when(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Its capacities are on the Capacity tab alone."""
    book = write_workbook(tmp_path / "year.xlsx", YEAR)
    said = sheetplan("run", book, "--dry-run")
    assert said.code == 0
    assert "Starting in 2026-Q3: A\n  Starting in 2026-Q4: B\n  Starting in 2027-Q1: nothing\n" in said.out
    assert "arr by the end of 2026-Q4: £100,000 of £50,000, met\n" in said.out


def test_a_change_that_moves_starts_says_so(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "year.xlsx", YEAR)
    said = sheetplan("what-if", book, "--scenario", "Year", "--set", "Capacity!B2=12")
    assert "B would start in 2026-Q3 instead of 2026-Q4.\n" in said.out


def test_a_plan_over_several_periods_needs_some_capacity(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "year.xlsx", {title: rows for title, rows in YEAR.items() if title != "Capacity"})
    said = sheetplan("check", book)
    assert said.code == 3
    assert "capacity" in said.out.lower()


def test_each_period_has_its_own_share_of_the_capacity_used(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """The chart of capacities is drawn from these rows: one that another period overwrote would be a false bar."""
    rows = [["period_key", "dimension", "dimension_key", "amount"], [None, "department", "Growth", 12]]
    team = [[*row, "department" if n == 0 else "Growth"] for n, row in enumerate(YEAR["Initiatives"])]
    book = write_workbook(tmp_path / "year.xlsx", {**YEAR, "Capacity": rows, "Initiatives": team})
    sheetplan("run", book)
    shares = named_range_values(book, "sheetplan_loads_year")
    assert [[row[0], *row[3:]] for row in shares] == [
        ["Of what", "2026-Q3", "2026-Q4", "2027-Q1", "Limit"],
        ["Growth", 1, 0, 0, 1],
    ]


@pytest.mark.parametrize("unit", ["GBP", "GBP thousands", ""])
def test_half_of_an_amount_is_asked_for_by_the_amount(sheetplan: Sheetplan, tmp_path: Path, unit: str) -> None:
    """-50% of what? It was half a thousand less than nothing where the unit is one that is not known."""
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"KPIs!D2": unit}))
    said = sheetplan("what-if", book, *NORTH, "--set", "A.gmv=-50%")
    assert said.code == 3
    assert "Initiatives!D2: gmv is -50%: -50% of what?" in said.out


def test_shares_may_have_a_unit_that_is_not_known(sheetplan: Sheetplan, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"KPIs!D3": "of all buyers"}))
    book = openpyxl.load_workbook(path)
    book["Initiatives"]["E3"].number_format = "0.0%"
    book.save(path)
    assert sheetplan("what-if", path, *NORTH, "--set", "A.retention_30d=2%").code == 0
