"""How sure a plan is, asked on the command line; nothing is ever written."""

from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.end_to_end.test_live_starts import LIVE_YEAR
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star", "--samples", "40")


def test_everything_is_said_in_words(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("robustness", worked_example, *ASK, "--core")
    assert (said.code, said.err) == (0, "")
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[:5] == [
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "",
        "40 draws of what the 8 estimates may turn out to be (seed 1): 8 by 20% (the sheet says nothing about them). A "
        "range holds the truth 4 times in 5; a part of all errors (25% of their variance) is common to the estimates "
        "of a KPI or resource, such as a market that is smaller for all.",
        "The totals are not corrected: too few estimates of one kind to compare with each other.",
        "Chances that the plan fits: 100 tokens 60%; every rule at once 60%.",
    ]
    assert lines[lines.index("safe to select (2): A, C") - 1].startswith("Wherever in their ranges")
    assert "Gross merchandise value £160,000 £160,000 £157,319 £138,373" in lines
    assert lines[-3:] == ["C (Gift cards) in 57%", "B (Loyalty club) out 28%", "A (Faster search) in 88%"]
    assert worked_example.read_bytes() == before


def test_ranges_and_confidence_come_from_the_sheet(sheetplan: Sheetplan, tmp_path: Path) -> None:
    cells = {"H1": "gmv low", "H2": 60_000, "I1": "gmv high", "I2": 150_000, "J1": "Confidence", "J3": 0.9}
    cells |= {"K1": "Effort low", "K4": 30, "L1": "Effort high", "L4": 60}
    tabs = edited(WORKED_EXAMPLE, {f"Initiatives!{cell}": value for cell, value in cells.items()})
    found = sheetplan("robustness", write_workbook(tmp_path / "plan.xlsx", tabs), *ASK, "--json").document
    robust = found["robustness"]
    assert (robust["samples"], robust["seed"], robust["spread"]) == (40, 1, 0.2)
    assert robust["range_sources"] == {"range": 2, "confidence": 3, "default": 3}
    assert set(robust["picked"]) == {"A", "B", "C"}
    assert found["run_id"]
    first = robust["check_first"][0]
    assert (first["initiative"], first["low"], first["high"]) == ("A", 60_000.0, 150_000.0)


def test_the_same_seed_gives_the_same_figures(sheetplan: Sheetplan, worked_example: Path) -> None:
    one, other, third = (
        sheetplan("robustness", worked_example, *ASK, "--seed", seed, "--json").document["robustness"]
        for seed in ("3", "3", "4")
    )
    assert one == other != third


def test_weights_say_what_flips_and_where(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("robustness", worked_example, "--scenario", "Weighted", "--samples", "3")
    assert "The weight of Gross merchandise value is 1: below 1.4e-07, B comes in, A drops out." in said.out
    assert "The weight of Conversion is 0.2: no other weight changes the plan." in said.out


def test_it_stops_when_asked_and_says_so(sheetplan: Sheetplan, worked_example: Path) -> None:
    asked = ("--scenario", "Weighted", "--samples", "20000", "--stop-after", "0.2")
    said = sheetplan("robustness", worked_example, *asked)
    assert said.code == 0
    assert "of 20,000 draws: the figures are of these." in said.out


@pytest.mark.parametrize(
    ("spread", "problem"),
    [
        ("120%", "120% is not a percentage from 0% to 100%."),
        ("much", "much is not a percentage from 0% to 100%."),
        ("0.2", "0.2 could mean 0.2% or 20%. Write it with its sign."),
        ("1", "1 could mean 1% or 100%. Write it with its sign."),
    ],
)
def test_a_spread_is_a_percentage(sheetplan: Sheetplan, worked_example: Path, spread: str, problem: str) -> None:
    said = sheetplan("robustness", worked_example, *ASK, "--spread", spread)
    assert said.code == 2
    assert said.err.endswith(f"Error: Invalid value for '--spread': {problem}\n")


def test_a_workbook_with_errors_says_where(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": "a lot"}))
    said = sheetplan("robustness", book, *ASK)
    assert said.code == 3
    assert "Scenarios!C2" in said.out


def test_a_plan_over_several_periods_says_what_to_check_and_names_its_tightest_limits(
    sheetplan: Sheetplan, tmp_path: Path
) -> None:
    book = write_workbook(tmp_path / "year.xlsx", LIVE_YEAR)
    lines = sheetplan("robustness", book, "--scenario", "Year", "--samples", "2").out.splitlines()
    assert "No estimate is worth checking first: none of them alone, known exactly, would change the plan." in lines
    (fits,) = (line for line in lines if line.startswith("Chances that the plan fits: "))
    assert (fits.count(" tokens") + fits.count(" design"), "; the other 9 limits at least" in fits) == (6, True)


def test_where_goals_come_first_no_estimates_are_named(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("robustness", worked_example, "--scenario", "Reachable", "--samples", "1")
    assert (
        "No estimates are named to check first: goals decide here, and reaching them more or less often has no price "
        "in the objective."
    ) in said.out.splitlines()


BOOK = {
    "KPIs": [["kpi_key", "kpi_level", "unit"], ["gmv", "north_star", "GBP"], ["defects", "", "count"]],
    "Scenarios": [["scenario_name", "objective_mode", "capacity_total_tokens"], ["S", "north_star", 50]],
}
HEADERS = ["initiative_key", "tokens", "gmv", "gmv low", "gmv high", "defects"]
EASY = [
    ["A", 1, 100, None, None, -4],
    ["B", 1, 200, None, None, 3],
    ["C", 1, 300, None, None, 1],
]


def said_of(sheetplan: Sheetplan, tmp_path: Path, *rows: list[object]) -> list[str]:
    book = write_workbook(tmp_path / "plan.xlsx", {**BOOK, "Initiatives": [HEADERS, *map(list, rows)]})
    said = sheetplan("robustness", book, "--scenario", "S", "--samples", "20")
    assert (said.code, said.err) == (0, "")
    return [" ".join(line.split()) for line in said.out.splitlines()]


def test_where_nothing_can_be_gained_that_is_what_is_said(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Everything fits in every draw; and effects that cancel out to 0 read as 0, not as what rounding leaves."""
    lines = said_of(sheetplan, tmp_path, *EASY)
    assert "Where it keeps every rule, knowing all numbers beforehand would bring nothing more." in lines
    assert "Not in doubt: 3 of the 3 selected, in the best plan of at least 95% of the draws." in lines
    assert "The totals are not corrected: too few estimates of one kind to compare with each other." in lines
    assert next(line for line in lines if line.startswith("defects")).split()[1:3] == ["0", "0"]


def test_where_nothing_is_selected_only_what_is_left_out_is_counted(sheetplan: Sheetplan, tmp_path: Path) -> None:
    lines = said_of(sheetplan, tmp_path, ["A", 1, -100, None, None, 0], ["B", 1, -5, None, None, 0])
    assert "Not in doubt: 2 of the 2 left out, in the best plan of at most 5% of them." in lines


def test_a_lopsided_range_is_named_where_it_moves_the_total(sheetplan: Sheetplan, tmp_path: Path) -> None:
    lines = said_of(sheetplan, tmp_path, ["A", 1, 500, 300, 800, 0])
    assert (
        "Corrected by ranges only (a range that reaches further to one side, as a factor, moves its estimate to that "
        "side): too few estimates of one kind to compare with each other."
    ) in lines
    assert next(line for line in lines if line.startswith("gmv")).split()[1:3] == ["£500", "£493"]
