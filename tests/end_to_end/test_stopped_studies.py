"""Studies that are ended early say so, on the command line and in the tab Analysis."""

from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, values, write_workbook

ASK = ("--scenario", "pure north star", "--stop-after", "0.000001")
RULES = [["constraint_type", "member_keys"], ["exclude_initiative", "B"]]
STUDIES = {
    "explain": (
        ("--initiative", "A"),
        "Stopped before it was complete: what the opposite decision would change was not found.",
    ),
    "capacity-value": ((), "Stopped before it was complete; not looked at: capacity of tokens."),
    "rule-prices": ((), "Stopped before it was complete: 1 other price was not found."),
    "priorities": ((), "Stopped before a list was found."),
    "alternatives": ((), "Stopped before it was complete: further plans were not looked for."),
    "audit": (
        ("--column", "Our plan"),
        "Stopped before it was complete; not looked for: what is better at the same cost, what is cheaper at the same "
        "value and the fewest changes to within 1% of the best.",
    ),
    "change-value": ((), "Stopped before anything was found."),
}


@pytest.mark.parametrize("command", STUDIES)
def test_a_study_that_is_stopped_says_so_in_words_in_the_workbook_and_in_json(
    command: str, sheetplan: Sheetplan, tmp_path: Path
) -> None:
    options, sentence = STUDIES[command]
    tabs = {**edited(WORKED_EXAMPLE, {"Initiatives!H1": "Our plan", "Initiatives!H2": "x"}), "Constraints": RULES}
    book = write_workbook(tmp_path / "plan.xlsx", tabs)
    if command == "change-value":
        assert sheetplan("run", book).code == 0
    said = sheetplan(command, book, *ASK, *options, "--write")
    assert (said.code, said.err) == (0, "Written to the tab Analysis.\n")
    assert sentence in said.out.splitlines()
    # A long sentence goes on, indented, in the cell below.
    tab = " ".join(" ".join(map(str, values(book, "Analysis").values())).split())
    assert sentence in tab
    assert "sheetplan replay" not in tab
    assert sheetplan(command, book, *ASK, *options, "--json").document["stopped"] is True
