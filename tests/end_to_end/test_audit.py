"""A plan ticked by hand, held against the best on the command line; nothing is ever written."""

from datetime import datetime
from pathlib import Path

import openpyxl

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
    assert "It breaks a rule: the token capacity is 100 (Scenarios!C2); off by 10." in said.out
    assert said.out.splitlines()[-3:] == [
        "Fewest changes to within 1% of the best: 2 moves, in this order; every rule is kept after each, so you can "
        "stop after any of them. That is Gross merchandise value £160,000, 100 tokens.",
        "  1. drop B (Loyalty club): £80,000 less Gross merchandise value; tokens -50; puts right: the "
        "token capacity is 100",
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
        "puts_right": [],
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


def roadmap(tmp_path: Path, *marks: object, **edits: object) -> Path:
    """The worked example over three quarters with at most 70 tokens in each, and a plan that says when."""
    periods = [["period_key"], ["2026-Q3"], ["2026-Q4"], ["2027-Q1"]]
    capacity = [["period_key", "amount"], [None, 70]]
    ends = {"Scenarios!I1": "from_period", "Scenarios!J1": "to_period", "Scenarios!I2": "2026-Q3"}
    book = ticked(tmp_path, *marks, **{**ends, "Scenarios!J2": "2027-Q1", "Scenarios!C2": 150.0, **edits})
    with_tabs = openpyxl.load_workbook(book)
    for title, rows in (("Periods", periods), ("Capacity", capacity)):
        sheet = with_tabs.create_sheet(title)
        for row in rows:
            sheet.append(row)
    with_tabs.save(book)
    return book


def test_a_plan_over_several_periods_says_when_each_initiative_starts(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """A and B overload the first quarter, C would not be finished; a period is read however it is spelt."""
    lasts = {"Initiatives!I1": "duration_periods", "Initiatives!I4": 2}
    book = roadmap(tmp_path, "Q3 2026", datetime(2026, 8, 1), "2027 Q1", **lasts)
    before = book.read_bytes()
    said = sheetplan("audit", book, *ASK)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1:] == [
        "The plan starts 3 initiatives: Gross merchandise value £200,000, 150 tokens.",
        "It starts C (Gift cards) in 2027-Q1; it takes 2 periods, so it would not be finished by 2027-Q1.",
        "It breaks a rule: the token capacity in 2026-Q3 is 70 (Capacity!B2); off by 40.",
        "The best plan: Gross merchandise value £240,000, 150 tokens.",
        "Better at the same cost: move B (Loyalty club) from 2026-Q3 to 2026-Q4, C (Gift cards) from 2027-Q1 to "
        "2026-Q4. That is Gross merchandise value £240,000, 150 tokens.",
        "Cheaper at the same value: drop C (Gift cards); move B (Loyalty club) from 2026-Q3 to 2026-Q4. That is Gross "
        "merchandise value £200,000, 110 tokens.",
        "Fewest changes to within 1% of the best: 2 moves, in this order; every rule is kept after the last. That is "
        "Gross merchandise value £240,000, 150 tokens.",
        "  1. move C (Gift cards) from 2027-Q1 to 2026-Q4: £40,000 more Gross merchandise value",
        "  2. move B (Loyalty club) from 2026-Q3 to 2026-Q4: exactly as good; puts right: the token "
        "capacity in 2026-Q3 is 70",
    ]
    assert book.read_bytes() == before


def test_moves_over_several_periods_are_in_the_document(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """What sheetplan's own decision says is read too; work that is not in the plan is blank, or out."""
    book = roadmap(tmp_path, "In: on merit; from 2026-Q3", "2026-Q3", "out")
    found = sheetplan("audit", book, *ASK, "--json").document
    assert (found["ticked"], found["starts"]) == (["A", "B"], {"A": "2026-Q3", "B": "2026-Q3"})
    moves = found["audit"]["moves"]
    assert [(move["came_in"], move["went_out"], move["moved"]) for move in moves] == [
        ([], [], [{"initiative": "B", "from": "2026-Q3", "to": "2026-Q4"}]),
        (["C"], [], []),
    ]
    assert found["audit"]["fewest_changes_to_near_best"]["moved"] == moves[0]["moved"]
    assert sheetplan("audit", book, *ASK, "--write").code == 0
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(book, data_only=True)["Analysis"].iter_rows()
    ]
    top = next(at for at, row in enumerate(rows) if row[0] == "The fewest changes, move by move")
    assert rows[top + 1][1:4] == ["Add", "Drop", "Move to"]
    assert [row[1:4] for row in rows[top + 2 : top + 4]] == [
        [None, None, "B to 2026-Q4"],
        ["C in 2027-Q1", None, None],
    ]


def test_a_tick_does_not_say_when(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Not even a period that is none of the plan's, or a year of several of them; of A there is only one start."""
    only = {"Initiatives!I1": "duration_periods", "Initiatives!I2": 3}
    said = sheetplan("audit", roadmap(tmp_path, "x", True, "2026", **only), *ASK)
    assert said.code == 2
    assert said.err == (
        'sheetplan: Initiatives!H3: our plan is "TRUE", which is none of the periods of the plan. Type the period in '
        "which it starts, one of 2026-Q3, 2026-Q4, 2027-Q1; or leave the cell blank if it is not in the plan. "
        '[not_a_start] Initiatives!H4: our plan is "2026", which is none of the periods of the plan. Type the period '
        "in which it starts, one of 2026-Q3, 2026-Q4, 2027-Q1; or leave the cell blank if it is not in the plan. "
        "[not_a_start]\n"
    )


def test_what_was_done_or_begun_before_the_plan_may_say_so(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """A is done, so it is not in the plan; B is in progress, so it goes on in the first quarter."""
    states = {"Initiatives!I1": "status", "Initiatives!I2": "done", "Initiatives!I3": "in progress"}
    book = roadmap(tmp_path, "2026-Q1", "2026-Q2", "2026-Q4", **states)
    assert sheetplan("audit", book, *ASK, "--json").document["starts"] == {"B": "2026-Q3", "C": "2026-Q4"}
