"""Alternatives, lists for every budget and prices of rules, asked on the command line; nothing is ever written."""

from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star")


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_next_best_plans_and_what_all_have_in_common(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("alternatives", worked_example, *ASK, "--count", "1", "--within", "30%")
    assert (said.code, said.err) == (0, "")
    assert lines(said.out) == [
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "Plan Against the answer Comes in Drops out",
        "2nd best £40,000 less Gross merchandise value C",
        "2 different from all above £40,000 less Gross merchandise value B A",
        "In some of them: A (2 of 3), C (2 of 3), B (1 of 3).",
    ]
    assert worked_example.read_bytes() == before


def test_alternatives_as_json(sheetplan: Sheetplan, worked_example: Path) -> None:
    found = sheetplan("alternatives", worked_example, *ASK, "--count", "1", "--json").document
    assert found["scenario"]["selected"] == ["A", "C"]
    (second,) = found["alternatives"]["next_best"]
    assert (second["selected"], second["objective_change"], second["proven"]) == (["A"], -40000.0, True)
    assert found["alternatives"]["different"] == []
    assert (found["alternatives"]["all_plans"], found["alternatives"]["all_within"]) == (False, True)


def test_one_list_for_every_budget(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("priorities", worked_example, *ASK, "--from", "140")
    assert (said.code, said.err) == (0, "")
    shown = lines(said.out)
    assert shown[:5] == [
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "Initiative tokens In all",
        "1 A (Faster search) 60 60",
        "2 B (Loyalty club) 50 110",
        "3 C (Gift cards) 40 150",
    ]
    assert shown[-2:] == [
        "Cut the list at any of these budgets: it keeps every rule, and loses nothing against the best plan.",
        "Between two budgets, prerequisites and bundles hold wherever you cut.",
    ]
    assert worked_example.read_bytes() == before


def test_a_list_as_json_has_today_s_capacity_among_its_budgets(sheetplan: Sheetplan, worked_example: Path) -> None:
    found = sheetplan("priorities", worked_example, *ASK, "--from", "90", "--to", "110", "--json").document[
        "priorities"
    ]
    assert found["resource"] == "engineering_tokens"
    (today,) = [one for one in found["budgets"] if one["amount"] == 100]
    assert (today["best"], today["proven"]) == (160000.0, True)
    assert found["lines"][-1]["spent"] <= 110


def test_a_list_that_loses_where_the_best_plan_brings_nothing_says_the_amount(
    sheetplan: Sheetplan, tmp_path: Path
) -> None:
    """With 60 tokens A alone is best, and brings nothing; the list begins with B, which C needs."""
    cells = {"Initiatives!D2": 0, "Initiatives!D3": -2000, "Initiatives!G1": "prerequisite_keys", "Initiatives!G4": "B"}
    rules = [["constraint_type", "member_keys", "value"], ["count_floor", "A, B", 1]]
    book = write_workbook(tmp_path / "nothing.xlsx", {**edited(WORKED_EXAMPLE, cells), "Constraints": rules})
    said = sheetplan("priorities", book, *ASK, "--from", "60", "--to", "90", "--write")
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    shown = lines(said.out)
    assert "60 1 -£2,000 £0 £2,000" in shown
    assert "90 2 £38,000 £38,000 nothing" in shown
    losses = "it keeps every rule, and loses at most £2,000 against the best plan."
    assert f"Cut the list at any of these budgets: {losses}" in shown
    sheet = openpyxl.load_workbook(book, data_only=True)["Analysis"]
    top = [cell.value for cell in sheet["A"]].index("The list against the best plan")
    lost = [sheet.cell(top + row, 5) for row in (3, 6)]
    assert [(cell.value, cell.number_format) for cell in lost] == [(2000, "£#,##0"), (0, "0.00%")]


def over_two_quarters(tmp_path: Path) -> Path:
    """The worked example with 50 tokens in each of two quarters; A takes both of them."""
    ends = {"Scenarios!I1": "from_period", "Scenarios!J1": "to_period", "Scenarios!C2": None}
    ends |= {"Scenarios!I2": "2026-Q3", "Scenarios!J2": "2026-Q4"}
    lasts = {"Initiatives!H1": "duration_periods", "Initiatives!H2": 2}
    rows = {"Periods": [["period_key"], ["2026-Q3"], ["2026-Q4"]], "Capacity": [["amount"], [50]]}
    return write_workbook(tmp_path / "quarters.xlsx", {**edited(WORKED_EXAMPLE, ends | lasts), **rows})


def test_over_several_periods_a_budget_is_a_part_of_todays_capacity(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = over_two_quarters(tmp_path)
    said = sheetplan("priorities", book, *ASK, "--from", "50", "--to", "200", "--write")
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    shown = lines(said.out)
    assert shown[1:5] == [
        "Initiative tokens In all Starts",
        "1 A (Faster search) 60 60 2026-Q3",
        "2 C (Gift cards) 40 100 2026-Q3",
        "3 B (Loyalty club) 50 150 2026-Q3",
    ]
    assert shown[5:8] == [
        "Of today's capacity Lines List: Gross merchandise value Best plan: Gross merchandise value The list loses",
        "50% 0 £0 £0 nothing",
        "58% 0 £0 £0 nothing",
    ]
    assert "140% 2 £160,000 £160,000 nothing" in shown
    assert shown[-4:] == [
        "Cut the list at any of these budgets: it keeps every rule, and loses nothing against the best plan.",
        "Between two budgets, prerequisites and bundles hold wherever you cut.",
        "A budget is a part of today's capacity: the tokens of each period and of each team change alike.",
        "Starts are those at the first budget that has the line; with another budget some may be different.",
    ]
    sheet = openpyxl.load_workbook(book, data_only=True)["Analysis"]
    texts = [cell.value for cell in sheet["A"]]
    top = texts.index("The list against the best plan")
    assert sheet.cell(top + 2, 1).value == "Of today's capacity"
    again = sheet.cell(texts.index("Made again by") + 1, 2).value
    assert again == 'sheetplan priorities WORKBOOK --scenario "pure north star" --from 50 --to 200'
    assert (sheet.cell(top + 3, 1).value, sheet.cell(top + 3, 1).number_format) == (0.5, "0%")


def test_what_each_rule_costs(sheetplan: Sheetplan, tmp_path: Path) -> None:
    rules = [
        ["scenario_name", "constraint_type", "dimension", "dimension_key", "member_keys", "value"],
        ["", "exclude_initiative", "", "", "C", ""],
        ["", "count_cap", "", "", "A, B", 2],
    ]
    book = write_workbook(tmp_path / "rules.xlsx", {**WORKED_EXAMPLE, "Constraints": rules})
    before = book.read_bytes()
    said = sheetplan("rule-prices", book, *ASK)
    assert (said.code, said.err) == (0, "")
    assert lines(said.out) == [
        "Pure north star: Optimal: proven best; 1 selected, 60 of 100 tokens used.",
        "Rule Without it Comes in Drops out",
        "C is left out of this scenario (Constraints!E2) £40,000 more Gross merchandise value C",
        "all of them together £40,000 more Gross merchandise value C",
        "Cost nothing: at most 2 of A and B are selected (Constraints!F3).",
    ]
    found = sheetplan("rule-prices", book, *ASK, "--json").document["prices"]
    assert [(one["source"], one["objective_change"]) for one in found["rules"]] == [
        ("Constraints!F3", 0.0),
        ("Constraints!E2", 40000.0),
    ]
    assert found["equal_shares"] == []
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("priorities", *ASK, "--of", "money"),
            'sheetplan: "money" is no resource of the workbook. It has: tokens.\n',
        ),
        (
            ("priorities", *ASK, "--from", "90", "--to", "80"),
            "sheetplan: There is no list: there are no budgets of tokens from 90 to 80.\n",
        ),
        (
            ("rule-prices", *ASK, "--shares-of", "market"),
            'sheetplan: No initiative has a value in "market". The list has values in: no dimension.\n',
        ),
    ],
)
def test_what_cannot_be_asked_is_said(
    sheetplan: Sheetplan, worked_example: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    command, *rest = arguments
    said = sheetplan(command, worked_example, *rest)
    assert (said.code, said.err) == (2, sentence)


def test_a_percentage_is_from_0_to_100(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("alternatives", worked_example, *ASK, "--within", "lots")
    assert said.code == 2
    assert said.err.endswith("Error: Invalid value for '--within': lots is not a percentage from 0% to 100%.\n")


def test_errors_of_the_workbook_are_shown_and_nothing_is_listed(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "broken.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!C2": "many"}))
    for command in ("alternatives", "priorities", "rule-prices"):
        said = sheetplan(command, book, *ASK)
        assert said.code == 3
        assert "Initiatives!C2" in said.out
        assert "Budget" not in said.out
