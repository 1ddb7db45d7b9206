"""Why an initiative is in or out, asked on the command line; nothing is ever written."""

from pathlib import Path

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook


def test_an_initiative_that_is_out_is_explained_in_four_sentences(sheetplan: Sheetplan, worked_example: Path) -> None:
    """Cost of having it in, who drops out, and the numbers at which it enters."""
    before = worked_example.read_bytes()
    said = sheetplan("explain", worked_example, "--scenario", "pure north star", "--initiative", "loyalty club")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "",
        "Pure north star: Optimal: proven best; 2 selected, 100 of 100 tokens used.",
        "  B (Loyalty club)",
        "    Not selected: would not fit: needs 50 tokens, 0 left.",
        "    With it: £40,000 less Gross merchandise value; A would drop out.",
        "    It would be selected with Gross merchandise value of at least £130,000 (now £80,000), 40 tokens or fewer "
        "(now 50) or a capacity of 110 tokens (now 100).",
    ]
    assert worked_example.read_bytes() == before


def test_a_selected_initiative_says_how_much_worse_it_may_get(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("explain", worked_example, "--scenario", "Pure north star", "--initiative", "A")
    assert said.out.splitlines()[3:] == [
        "    Selected: on merit.",
        "    Without it: £40,000 less Gross merchandise value; B would come in.",
        "    It stays selected as long as its Gross merchandise value is at least £80,000 (now £120,000) and it costs "
        "at most 100 tokens (now 60), each taken alone.",
        "    It would drop out if the capacity fell below 60 tokens (now 100).",
    ]


def test_an_applied_threshold_turns_the_decision_and_one_step_less_does_not(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    """What explain says is what a run does once the sheet says so."""
    ask = ("--scenario", "Pure north star", "--json")
    (scenario,) = sheetplan("explain", worked_example, "--initiative", "B", *ask).document["scenarios"]
    (b,) = scenario["initiatives"]
    gmv = next(one for one in b["thresholds"] if one["of"] == "gmv")
    for number, is_selected in ((gmv["turns_at"], True), (gmv["holds_until"], False)):
        sheetplan("run", worked_example, "--scenario", "Pure north star")
        found = sheetplan("what-if", worked_example, "--set", f"B.gmv={number}", *ask).document
        assert ("B" in found["after"]["selected"]) is is_selected


def test_without_an_initiative_every_decision_has_a_line(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("explain", worked_example, "--scenario", "Pure north star")
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[2:4] == [
        "Selected Why Without it Would come in Would drop out",
        "A (Faster search) on merit £40,000 less Gross merchandise value B",
    ]
    assert any(line.startswith("B (Loyalty club) would not fit: needs") for line in lines)


def test_the_numbers_at_which_all_decisions_turn(sheetplan: Sheetplan, worked_example: Path) -> None:
    """Of each initiative what it says alone; a deadline that is over leaves what was found, and says so."""
    ask = ("--scenario", "Pure north star", "--json")
    alone = sheetplan("explain", worked_example, "--initiative", "B", *ask).document["scenarios"][0]
    every = sheetplan("explain", worked_example, "--thresholds", *ask).document["scenarios"][0]
    of_b = next(one for one in every["initiatives"] if one["initiative"] == "B")
    assert of_b["thresholds"] == alone["initiatives"][0]["thresholds"] != []
    assert every["stopped"] is False
    said = sheetplan("explain", worked_example, "--thresholds", "--stop-after", "0.000001", *ask[:2])
    assert "Stopped before it was complete: 0 of 3 initiatives are explained." in said.out


def test_what_a_mandate_costs_and_why_something_cannot_be_selected(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """A rule is named with its cell, and what it would take is proven by solving."""
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!C2": 130})
    book = write_workbook(tmp_path / "plan.xlsx", tabs)
    said = sheetplan("explain", book, "--scenario", "Pure north star", "--initiative", "A")
    assert said.out.splitlines()[3:] == [
        "    Not selected: brings less per token than those on merit: needs 130 tokens, 10 left.",
        "    It cannot be selected: the token capacity is 100 (Scenarios!C2).",
        "    To make it possible: raise the token capacity from 100 to 130.",
        "    It would be selected with 60 tokens or fewer (now 130) or a capacity of 170 tokens (now 100).",
    ]


def test_an_unknown_initiative_is_a_mistake_on_the_command_line(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("explain", worked_example, "--initiative", "Gift crads")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'sheetplan: There is no initiative "Gift crads" in the workbook. Did you mean Gift cards?\n'


def test_a_workbook_with_errors_is_explained_as_far_as_it_can_be(sheetplan: Sheetplan, tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!C2": "a lot"}))
    said = sheetplan("explain", book, "--initiative", "A")
    assert said.code == 3
    assert "Scenarios!C2" in said.out
    assert "Weighted: Optimal" in said.out


def test_an_infeasible_scenario_says_why_instead(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Where there is no portfolio there are no decisions; the rules in conflict are named."""
    floor = [["scenario_name", "constraint_type", "min_tokens", "member_keys"], ["", "exclude_initiative", None, "B"]]
    goal = [["kpi_key", "floor_or_goal", "target_value"], ["retention_30d", "floor", 0.015]]
    book = write_workbook(tmp_path / "plan.xlsx", {**WORKED_EXAMPLE, "Constraints": floor, "Targets": goal})
    said = sheetplan("explain", book, "--scenario", "Pure north star")
    assert said.code == 4
    assert "Pure north star: Infeasible" in said.out
    assert "Selected" not in said.out


def test_a_title_of_several_initiatives_names_none(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """It said that there is no such initiative, and asked whether that very title was meant."""
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!B4": "loyalty Club"}))
    said = sheetplan("explain", book, "--scenario", "Weighted", "--initiative", "Loyalty club")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'sheetplan: "Loyalty club" is the title of B and C. Give the key of the one that you mean.\n'


def test_what_turns_nothing_is_said_of_one_initiative(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """A makes things worse, whatever it costs and however much there is to spend."""
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!D2": -5000}))
    asked = ("explain", book, "--scenario", "Pure north star", "--initiative")
    lines = [line.strip() for line in sheetplan(*asked, "A").out.splitlines()]
    assert lines[-1] == (
        "It stays out even if it costs no tokens (now 60) or however large the capacity of tokens is (now 100), each "
        "taken alone: no plan with it is better than the best one without it."
    )
    (found,) = sheetplan(*asked, "A", "--json").document["scenarios"][0]["initiatives"]
    assert [(one["kind"], one["looked_to"], one["however_far"], one["cell"]) for one in found["unturned"]] == [
        ("cost", 0.0, True, "Initiatives!C2"),
        ("capacity", 160.0, True, "Scenarios!C2"),
    ]
    lines = [line.strip() for line in sheetplan(*asked, "B").out.splitlines()]
    assert lines[-1] == (
        "It stays in down to a capacity of 50 tokens (now 100): no plan without it is better than the best one "
        "with it. Less was not looked at."
    )
