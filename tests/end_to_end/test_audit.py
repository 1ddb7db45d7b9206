"""A plan ticked by hand, held against the best on the command line; nothing is ever written."""

from pathlib import Path

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star", "--column", "our plan")


def ticked(tmp_path: Path, *marks: object, **edits: object) -> Path:
    cells = {"Initiatives!H1": "Our plan"} | {f"Initiatives!H{row}": mark for row, mark in enumerate(marks, start=2)}
    return write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {**cells, **edits}))


def test_a_plan_is_compared_with_the_best(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = ticked(tmp_path, None, "x", "yes")
    before = book.read_bytes()
    said = sheetplan("audit", book, *ASK)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "The plan ticks 2 initiatives: Gross merchandise value £120,000, 90 tokens.",
        "It keeps every rule.",
        "The best plan: Gross merchandise value £160,000, 100 tokens.",
        "At the same cost no plan is better.",
        "Cheaper at the same value: add A (Faster search); drop B (Loyalty club), C (Gift cards). That is Gross "
        "merchandise value £120,000, 60 tokens.",
        "Fewest changes to within 1% of the best: add A (Faster search); drop B (Loyalty club): £40,000 more "
        "Gross merchandise value; tokens +10. That is Gross merchandise value £160,000, 100 tokens.",
    ]
    assert book.read_bytes() == before


def test_a_broken_rule_is_named_with_its_cell(sheetplan: Sheetplan, tmp_path: Path) -> None:
    said = sheetplan("audit", ticked(tmp_path, True, True, False), *ASK)
    assert "It breaks a rule: the engineering_tokens capacity is 100 (Scenarios!C2); off by 10." in said.out
    assert said.out.splitlines()[-3:] == [
        "Fewest changes to within 1% of the best: 2 moves, in this order; every rule is kept after each, so you can "
        "stop after any of them. That is Gross merchandise value £160,000, 100 tokens.",
        "  1. drop B (Loyalty club): £80,000 less Gross merchandise value; tokens -50",
        "  2. add C (Gift cards): £40,000 more Gross merchandise value; tokens +40",
    ]
    found = sheetplan("audit", ticked(tmp_path, True, True, False), *ASK, "--json").document
    assert found["ticked"] == ["A", "B"]
    assert found["audit"]["broken_rules"][0]["by"] == 10.0
    assert found["audit"]["fewest_changes_to_near_best"]["went_out"] == ["B"]
    assert found["audit"]["moves"][1] == {
        "came_in": ["C"],
        "went_out": [],
        "objective_change": 40000.0,
        "used_change": {"engineering_tokens": 40.0},
        "objective": 160000.0,
        "keeps_every_rule": True,
    }


def test_the_best_plan_is_recognized(sheetplan: Sheetplan, tmp_path: Path) -> None:
    said = sheetplan("audit", ticked(tmp_path, "x", None, "x"), *ASK)
    assert said.out.splitlines()[-3:] == [
        "At the same cost no plan is better.",
        "At the same value no plan is cheaper.",
        "It is within 1% of the best as it is.",
    ]


def test_a_cell_that_is_neither_ticked_nor_empty_is_refused_at_its_place(sheetplan: Sheetplan, tmp_path: Path) -> None:
    said = sheetplan("audit", ticked(tmp_path, "x", "perhaps"), *ASK)
    assert said.code == 2
    assert said.err == (
        'sheetplan: Initiatives!H3: our plan is the text "perhaps", which is neither a tick nor a word for one. '
        "Make it a check box, or type one of yes, y, x, TRUE, ✓; or no, n, FALSE, ✗. [not_a_checkbox]\n"
    )
    said = sheetplan("audit", ticked(tmp_path, "in", "later", "never"), *ASK)
    assert said.err == (
        'sheetplan: Initiatives!H2: our plan is the text "in", which is neither a tick nor a word for one. Make it a '
        "check box, or type one of yes, y, x, TRUE, ✓; or no, n, FALSE, ✗. Also in 2 more cells: H3:H4. "
        "[not_a_checkbox]\n"
    )


def test_an_unknown_column_names_those_that_there_are(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("audit", worked_example, *ASK)
    assert said.code == 2
    assert said.err == (
        'sheetplan: Initiatives has no column "our plan". Its columns are: initiative_key, title, engineering_tokens, '
        "gmv, retention_30d, conversion_rate.\n"
    )


def test_two_columns_of_that_name_are_refused(sheetplan: Sheetplan, tmp_path: Path) -> None:
    said = sheetplan("audit", ticked(tmp_path, "x", **{"Initiatives!I1": "OUR PLAN"}), *ASK)
    assert 'Initiatives has several columns "our plan": H1 and I1. Rename one of them.' in said.err


def test_a_scenario_over_several_periods_is_refused_in_words(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Ticks do not say what starts when."""
    periods = [["period_key"], ["2026-Q3"], ["2026-Q4"]]
    tabs = edited(
        WORKED_EXAMPLE,
        {"Initiatives!H1": "Our plan", "Scenarios!I1": "from_period", "Scenarios!J1": "to_period"}
        | {"Scenarios!I2": "2026-Q3", "Scenarios!J2": "2026-Q4"},
    )
    said = sheetplan("audit", write_workbook(tmp_path / "plan.xlsx", {**tabs, "Periods": periods}), *ASK)
    assert said.code == 2
    assert "plans over several periods, and ticks do not say what starts when" in said.err
