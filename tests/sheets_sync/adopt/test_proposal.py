"""What adopt proposes for a list, and what it has to ask."""

from typing import Any

import pytest

from sheets_sync.adopt.proposal import AdoptionError, Answers, Proposal, propose
from tests.sheets_sync.sheets import Rows, snapshot

BACKLOG = [["ID", "Title", "Effort", "Value"], ["A", "One", 1, 10], ["B", "Two", 2, 20], ["C", "Three", 3, 30]]


def proposed(rows: Rows = BACKLOG, title: str = "Backlog", **answers: Any) -> Proposal:
    return propose(snapshot({"Notes": [["Hello"]], title: rows}), Answers(**answers))


def test_a_plain_backlog_needs_two_answers() -> None:
    proposal = proposed()
    assert [(question.name, question.choices) for question in proposal.questions] == [
        ("value", ("Value",)),
        ("capacity", ()),
    ]
    assert "All rows together are 6." in proposal.questions[1].text
    assert proposal.tabs == ()
    assert [(column.header, column.meaning, column.examples) for column in proposal.columns] == [
        ("ID", "initiative_key", ("A", "B", "C")),
        ("Title", "title", ("One", "Two", "Three")),
        ("Effort", "engineering_tokens", ("1", "2", "3")),
        ("Value", None, ("10", "20", "30")),
    ]


def test_an_effort_beyond_every_float_is_asked_about_like_any_other() -> None:
    """No total is named where there is none, and nothing falls over."""
    questions = proposed([BACKLOG[0], ["A", "One", 10**400, 10], *BACKLOG[2:]]).questions
    assert [question.name for question in questions] == ["value", "capacity"]
    assert "All rows together" not in questions[1].text


def test_the_tabs_have_their_values_and_nothing_else() -> None:
    rows = [
        [*BACKLOG[0], "Team", "Quarter"],
        *([*row, team, "Q3 2026"] for row, team in zip(BACKLOG[1:], "XYX", strict=True)),
    ]
    proposal = proposed(rows, capacity=4, value="value")
    tabs = {tab.title: tab for tab in proposal.tabs}
    assert list(tabs) == ["KPIs", "Scenarios", "Constraints"]
    filled = {title: [[value for value in row if value is not None] for row in tab.rows] for title, tab in tabs.items()}
    assert filled == {
        "KPIs": [["Value", "north_star", "higher"]],
        "Scenarios": [["Most Value", True, "north_star", 4]],
        "Constraints": [],
    }
    lists = {(title, c.header): c.choices for title, tab in tabs.items() for c in tab.columns}
    assert lists["Constraints", "Dimension key"] == ("X", "Y")
    assert lists["Scenarios", "Period"] == ("Q3 2026",)


def test_headers_that_no_alias_knows_are_asked_for_and_go_into_the_columns_tab() -> None:
    rows = [["ID", "Title", "Dev guess", "Value"], *BACKLOG[1:]]
    (first, *_) = proposed(rows).questions
    assert (first.name, first.flag, first.choices) == ("effort", '--map "HEADER=effort"', ("Dev guess", "Value"))
    proposal = proposed(rows, capacity=4, value="Value", meanings={"Dev guess": "effort"})
    assert proposal.tabs[-1].title == "Columns"
    assert proposal.tabs[-1].rows == (("Backlog", "Dev guess", "effort", None, None),)


def test_a_score_that_divides_by_effort_is_refused_with_the_product_to_use() -> None:
    rows = [
        ["ID", "Reach", "Impact", "Confidence", "Effort", "RICE Score"],
        ["A", 100, 2, 0.5, 4, 25],
        ["B", 50, 1, 1, 1, 50],
    ]
    proposal = proposed(rows)
    assert proposal.questions[0].choices == ("Impact", "Reach")
    assert any("=B2*C2*D2" in note for note in proposal.notes)
    with pytest.raises(AdoptionError, match="already divides by the effort"):
        proposed(rows, value="RICE Score")


def test_a_rank_is_no_value() -> None:
    rows = [["ID", "Effort", "Priority"], ["A", 5, 1], ["B", 5, 2], ["C", 5, 3]]
    assert proposed(rows).questions[0].choices == ()
    with pytest.raises(AdoptionError, match="1 is the best"):
        proposed(rows, value="Priority")


def test_what_is_there_is_not_asked_for_nor_made_again() -> None:
    tabs = {
        "KPIs": [["kpi_key", "kpi_level"], ["value", "north_star"]],
        "Product Backlog": BACKLOG,
        "Scenarios": [["scenario", "mode", "capacity"], ["Q1", "north_star", 8]],
    }
    proposal = propose(snapshot(tabs), Answers())
    assert (proposal.tab, proposal.questions) == ("Product Backlog", [])
    assert [tab.title for tab in proposal.tabs] == ["Constraints"]


def test_repeated_columns_are_left_alone_and_said_so() -> None:
    rows = [[*BACKLOG[0], "Sprint", "Sprint"], *([*row, "S1", "S2"] for row in BACKLOG[1:])]
    proposal = proposed(rows, capacity=4, value="Value")
    assert proposal.notes == ['Several columns are headed "Sprint": none of them is read.']
    assert ("Backlog", "Sprint", "ignore", None, None) in proposal.tabs[-1].rows


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"tab": "Ideas"}, 'no tab "Ideas"; the tabs are "Notes", "Backlog"'),
        ({"tab": "Notes"}, "No tab looks like a list"),
        ({"meanings": {"Guess": "effort"}}, 'has no header "Guess"'),
        ({"meanings": {"Value": "efort"}}, '"efort" in --map is no field'),
        ({"value": "Title"}, '"Title" is no column of numbers'),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers: dict[str, Any], message: str) -> None:
    with pytest.raises(AdoptionError, match=message):
        proposed(**answers)
