"""What adopt proposes for a list, and what it has to ask."""

from datetime import datetime
from typing import Any

import pytest

from sheets_sync.adopt.proposal import Proposal, propose
from sheets_sync.adopt.questions import AdoptionError, Answers
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
    assert said(proposal) == [{"Tab": "Backlog", "Header": "Dev guess", "Field": "effort"}]


RICE: Rows = [
    ["ID", "Reach", "Impact", "Confidence", "Effort", "RICE Score"],
    ["A", 100, 2, 0.5, 4, 25],
    ["B", 50, 1, 1, 1, 50],
]
PRODUCT = "Reach x Impact x Confidence"


def said(proposal: Proposal, title: str = "Columns") -> list[dict[str, Any]]:
    """The rows of a new tab, by header, without blanks."""
    (tab,) = [tab for tab in proposal.tabs if tab.title == title]
    headers = [column.header for column in tab.columns]
    return [{name: v for name, v in zip(headers, row, strict=True) if v is not None} for row in tab.rows]


def factors(*parts: str, kpi: str) -> list[dict[str, Any]]:
    return [{"Tab": "Backlog", "Header": part, "Field": f"factor: {kpi}"} for part in parts]


@pytest.mark.parametrize("value", [PRODUCT, "RICE Score", "reach x impact x confidence"])
def test_rice_is_reach_x_impact_x_confidence_without_the_effort(value: str) -> None:
    assert proposed(RICE).questions[0].choices == (PRODUCT, "Impact", "Reach")
    proposal = proposed(RICE, value=value, capacity=4)
    ignored = {"Tab": "Backlog", "Header": "RICE Score", "Field": "ignore"}
    assert said(proposal) == [ignored, *factors("Reach", "Impact", "Confidence", kpi=PRODUCT)]
    assert said(proposal, "KPIs") == [{"KPI": PRODUCT, "Level": "north_star", "Direction": "higher"}]
    assert [column.meaning for column in proposal.columns[1:4]] == [f"factor: {PRODUCT}"] * 3
    assert proposal.notes == [
        '"RICE Score" already divides by the effort, which the plan does itself: large initiatives would count too '
        'little. "Reach x Impact x Confidence" is computed from your columns instead.'
    ]


def test_ice_is_impact_x_confidence() -> None:
    rows = [
        ["ID", "Impact (1-10)", "Confidence", "Ease", "ICE", "Effort"],
        ["A", 8, 5, 2, 80, 3],
        ["B", 3, 9, 8, 216, 1],
    ]
    proposal = proposed(rows, value="ICE", capacity=4)
    assert said(proposal)[1:] == factors("Impact (1-10)", "Confidence", kpi="Impact (1-10) x Confidence")


def test_a_score_without_its_factors_is_refused() -> None:
    rows = [["ID", "Effort", "WSJF"], ["A", 4, 25], ["B", 1, 50]]
    message = '"WSJF" already divides .* Choose the value before that division, or add a column with it.'
    assert proposed(rows).questions[0].choices == ()
    with pytest.raises(AdoptionError, match=message):
        proposed(rows, value="WSJF")


def test_a_rank_is_inverted() -> None:
    rows = [["ID", "Effort", "Priority"], ["A", 5, 1], ["B", 5, 2], ["C", 5, 3]]
    asked = proposed(rows)
    assert asked.questions[0].choices == ("Priority",)
    assert asked.notes == [
        '"Priority" is a rank: 1 is the best. As the value it is inverted: of n different ranks the first counts n and '
        "the last 1. A rank says which comes first, not by how much, so a column of amounts is better where you have "
        "one."
    ]
    proposal = proposed(rows, value="priority", capacity=5)
    assert said(proposal) == [{"Tab": "Backlog", "Header": "Priority", "Field": "rank: Priority points"}]
    kpi = {"KPI": "Priority points", "Level": "north_star", "Unit": "points", "Direction": "higher"}
    assert said(proposal, "KPIs") == [kpi]


def test_words_are_worth_what_the_person_says() -> None:
    """Each word is asked for once, with a first guess; what is answered goes into the Columns tab."""
    rows = [
        ["ID", "Effort", "MoSCoW"],
        *([key, 2, word] for key, word in zip("ABC", ["Could", "Must", "Should"], strict=True)),
    ]
    (question, _) = proposed(rows, value="MoSCoW").questions
    assert (question.name, question.words) == ("worths", ("Must", "Should", "Could"))
    assert question.flag == "--worth Must=8 --worth Should=4 --worth Could=2"
    (question,) = proposed(rows, value="MoSCoW", worths={"must": 9, "should": 3}, capacity=4).questions
    assert question.words == ("Could",)
    proposal = proposed(rows, value="MoSCoW", worths={"must": 9, "should": 3, "COULD": 1}, capacity=4)
    assert said(proposal) == [
        {"Tab": "Backlog", "Header": "MoSCoW", "Field": "worth: MoSCoW points", "Word": "Must", "Worth": 9},
        {"Word": "Should", "Worth": 3},
        {"Word": "Could", "Worth": 1},
    ]
    assert proposal.notes == [
        '"MoSCoW" holds words. As the value, each counts what you say it is worth. Rows with Must are always selected.'
    ]


@pytest.mark.parametrize("words", [("High", "Low", "Low"), ("P0", "P2", "P1")])
def test_other_scales_of_priority_are_words_too(words: tuple[str, ...]) -> None:
    rows = [["ID", "Effort", "Priority"], *([key, 2, word] for key, word in zip("ABC", words, strict=True))]
    assert proposed(rows).questions[0].choices == ("Priority",)


def test_a_list_on_a_tab_of_any_name_is_named_in_the_columns_tab() -> None:
    proposal = proposed(title="Sheet1", value="Value", capacity=4)
    assert said(proposal) == [{"Tab": "Sheet1", "Field": "Initiatives"}]
    two = {"Backlog": BACKLOG, "Q3 ideas": [*BACKLOG, ["D", "Four", 4, 40]]}
    chosen = propose(snapshot(two), Answers(tab="q3 ideas", value="Value", capacity=4))
    assert said(chosen) == [{"Tab": "Q3 ideas", "Field": "Initiatives"}]


def test_a_tab_columns_that_is_there_is_read_and_not_edited() -> None:
    header = ["tab", "header", "field", "size", "tokens"]
    tabs = {"Sheet1": [["ID", "Gut", "Value"], ["A", 1, 2], ["B", 2, 3]]}
    stated = [header, ["Sheet1", None, "Initiatives"], ["Sheet1", "Gut", "effort"]]
    answers = Answers(value="Value", capacity=2)
    proposal = propose(snapshot({**tabs, "Columns": stated}), answers)
    assert [tab.title for tab in proposal.tabs] == ["KPIs", "Scenarios", "Constraints"]
    with pytest.raises(AdoptionError) as refused:
        propose(
            snapshot({**tabs, "Columns": stated[:2]}), Answers(value="Value", capacity=2, meanings={"Gut": "effort"})
        )
    assert str(refused.value) == (
        'The tab "Columns" is there already and is not edited. Add these rows to it: tab = Sheet1, header = Gut, '
        "field = effort."
    )


def test_empty_tabs_are_no_plan() -> None:
    tabs = {"Backlog": BACKLOG, "KPIs": [["KPI", "Level"]], "Scenarios": [["Scenario", "Objective mode"]]}
    with pytest.raises(AdoptionError) as refused:
        propose(snapshot(tabs), Answers())
    assert str(refused.value) == (
        '"KPIs" and "Scenarios" are empty, and a tab that is there is not edited. Delete them and adopt again; they '
        "are then made with your values."
    )


def test_an_answer_for_a_tab_that_is_there_is_not_used_and_said_so() -> None:
    tabs = {
        "KPIs": [["kpi_key", "kpi_level"], ["value", "north_star"]],
        "Backlog": BACKLOG,
        "Scenarios": [["scenario", "mode", "capacity"], ["Q1", "north_star", 8]],
    }
    assert propose(snapshot(tabs), Answers(value="Value", capacity=3)).notes == [
        'The tab "KPIs" is there already and is not edited, so --value is not used.',
        'The tab "Scenarios" is there already and is not edited, so --capacity is not used.',
    ]


def test_a_key_that_no_alias_knows_can_be_mapped() -> None:
    rows = [["Thing", "Effort", "Value"], ["A", 1, 2], ["B", 2, 3]]
    with pytest.raises(AdoptionError, match="No tab looks like a list"):
        proposed(rows, title="Sheet1")
    proposal = proposed(rows, title="Sheet1", meanings={"Thing": "initiative_key"}, value="Value", capacity=2)
    assert said(proposal)[1] == {"Tab": "Sheet1", "Header": "Thing", "Field": "initiative_key"}


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
    assert {"Tab": "Backlog", "Header": "Sprint", "Field": "ignore"} in said(proposal)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"tab": "Ideas"}, 'no tab "Ideas"; the tabs are "Notes", "Backlog"'),
        ({"tab": "Notes"}, "No tab looks like a list"),
        ({"meanings": {"Guess": "effort"}}, 'has no header "Guess"'),
        ({"meanings": {"Value": "efort"}}, '"efort" in --map is no field'),
        ({"value": "Title"}, '"Title" is no column that could be the value; those are: "Value".'),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers: dict[str, Any], message: str) -> None:
    with pytest.raises(AdoptionError, match=message):
        proposed(**answers)


@pytest.mark.parametrize(("scale", "normalization"), [(50, "scale"), (None, None)])
def test_scales_of_the_own_kpis_preset_the_normalization(scale: object, normalization: str | None) -> None:
    """Whoever gave scales wants KPIs weighed by them once a scenario weights several."""
    kpis = [["kpi_key", "kpi_level", "unit", "scale"], ["value", "north_star", "count", scale]]
    proposal = propose(snapshot({"KPIs": kpis, "Backlog": BACKLOG}), Answers(capacity=4.0))
    (scenarios,) = [tab for tab in proposal.tabs if tab.title == "Scenarios"]
    names = [column.header for column in scenarios.columns]
    (row,) = scenarios.rows
    assert row[names.index("Normalization")] == normalization


TIMED: Rows = [
    [*BACKLOG[0], "Team", "Sprint", "Start date", "Due date", "Status"],
    ["A", "One", 1, 10, "X", "Sprint 10", datetime(2026, 8, 3), datetime(2026, 9, 30), "To do"],
    ["B", "Two", 2, 20, "Y", "Sprint 9", None, "2026-10-09", "To do"],
    ["C", "Three", 3, 30, "X", "Sprint 8", datetime(2025, 1, 1), datetime(2025, 2, 1), "Done"],
]


def test_a_list_with_dates_or_sprints_may_be_planned_over_them() -> None:
    proposal = proposed(TIMED, capacity=4, value="Value")
    assert proposal.over == ("sprint", "month", "quarter")
    assert proposal.notes == [
        '"Sprint" names 2 periods. With --over sprint the plan decides what starts when: rows with one of them start '
        "in it, the others in any.",
        '"Start date" and "Due date" hold dates. With --over month or --over quarter the plan decides what starts '
        "when, within these dates.",
    ]
    assert [tab.title for tab in proposal.tabs] == ["KPIs", "Scenarios", "Constraints"]


def test_sprints_become_periods_in_the_order_of_time() -> None:
    """Those of what is done are past; the capacity is that of each sprint."""
    proposal = proposed(TIMED, capacity=4, value="Value", over="sprint")
    assert (proposal.over, proposal.sprints_lack_dates) == ((), True)
    assert proposal.notes == [
        "These periods have no dates, so a plan over them can hold no day, such as a deadline. Give --sprint-start and "
        "--sprint-days (the first day of the first one, and the days from one to the next), or fill in Starts and Ends "
        "on the tab Periods."
    ]
    assert said(proposal, "Periods") == [{"Period": "Sprint 9"}, {"Period": "Sprint 10"}]
    assert said(proposal, "Capacity") == [{"Amount": 4}]
    scenario = {"From period": "Sprint 9", "To period": "Sprint 10"}
    assert said(proposal, "Scenarios") == [
        {"Scenario": "Most Value", "Run": True, "Objective mode": "north_star", **scenario}
    ]
    lists = {(tab.title, c.header): c.choices for tab in proposal.tabs for c in tab.columns}
    assert lists["Capacity", "Dimension key"] == ("X", "Y")
    assert lists["Capacity", "Period"] == ("Sprint 9", "Sprint 10")


def test_sprints_have_the_days_that_are_given() -> None:
    start = datetime(2026, 7, 6).date()
    proposal = proposed(TIMED, capacity=4, value="Value", over="sprint", sprint_start=start, sprint_days=14)
    assert proposal.notes == []
    assert said(proposal, "Periods") == [
        {"Period": "Sprint 9", "Starts": "2026-07-06", "Ends": "2026-07-19"},
        {"Period": "Sprint 10", "Starts": "2026-07-20", "Ends": "2026-08-02"},
    ]


def test_sprints_have_the_days_of_their_names() -> None:
    """And come in the order of these days; a text that is no day is none."""
    names = {"Sprint 10": "Bravo (2026-07-06 to 2026-07-17)", "Sprint 9": "Zulu 2026-06-22", "Sprint 8": "2026-99-99"}
    rows = [[names.get(value, value) for value in row] for row in TIMED]
    proposal = proposed(rows, capacity=4, value="Value", over="sprint")
    assert (proposal.notes, proposal.sprints_lack_dates) == ([], False)
    assert said(proposal, "Periods") == [
        {"Period": "Zulu 2026-06-22", "Starts": "2026-06-22"},
        {"Period": "Bravo (2026-07-06 to 2026-07-17)", "Starts": "2026-07-06", "Ends": "2026-07-17"},
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"sprint_days": 14}, "Give both --sprint-start and --sprint-days, or neither."),
        ({"over": None, "sprint_days": 14}, "--sprint-start and --sprint-days go with --over sprint."),
        (
            {"sprint_start": datetime(9999, 12, 30).date(), "sprint_days": 14},
            "--sprint-days 14 is too long: the calendar ends before Sprint 9.",
        ),
        (
            {"over": "quarter", "sprint_start": datetime(2026, 7, 6).date(), "sprint_days": 14},
            "--sprint-start and --sprint-days are for --over sprint.",
        ),
    ],
    ids=["half", "one period", "beyond the calendar", "quarters"],
)
def test_days_that_no_sprint_can_have_are_refused(answers: dict[str, Any], expected: str) -> None:
    with pytest.raises(AdoptionError) as refused:
        proposed(TIMED, capacity=4, value="Value", **{"over": "sprint", **answers})
    assert str(refused.value) == expected


def test_dates_become_quarters_and_say_when_work_may_be() -> None:
    proposal = proposed(TIMED, capacity=4, value="Value", over="quarter")
    assert said(proposal, "Periods") == [
        {"Period": "2026-Q3", "Starts": "2026-07-01", "Ends": "2026-09-30"},
        {"Period": "2026-Q4", "Starts": "2026-10-01", "Ends": "2026-12-31"},
    ]
    columns = {"Start date": "earliest_start", "Due date": "latest_finish", "Sprint": "ignore"}
    assert said(proposal) == [{"Tab": "Backlog", "Header": h, "Field": meaning} for h, meaning in columns.items()]
    meanings = {column.header: column.meaning for column in proposal.columns}
    assert (meanings["Start date"], meanings["Due date"], meanings["Sprint"]) == (
        "earliest_start",
        "latest_finish",
        None,
    )


@pytest.mark.parametrize(
    ("rows", "over", "expected"),
    [
        (BACKLOG, "sprint", "--over sprint needs a column of sprints with at least two different values in the list."),
        (
            BACKLOG,
            "month",
            "--over month needs a column of dates, such as Start date or Due date, with at least two different values "
            "in the list.",
        ),
        (
            [*TIMED, ["D", "Four", 1, 1, "X", None, None, datetime(2062, 1, 1), "To do"]],
            "month",
            "The dates go from 2026-08-03 to 2062-01-01, which are 426 months. Correct them, or plan over longer "
            "periods.",
        ),
    ],
    ids=["no sprints", "no dates", "a year that is a mistake"],
)
def test_periods_that_the_list_does_not_have_are_refused(rows: Rows, over: str, expected: str) -> None:
    with pytest.raises(AdoptionError) as refused:
        proposed(rows, capacity=4, value="Value", over=over)
    assert str(refused.value) == expected


def test_the_capacity_is_asked_for_each_period() -> None:
    assert proposed(TIMED, value="Value", over="sprint").questions[0].text == (
        'How much can you take on in each period, in the unit of "Effort"? All rows together are 6.'
    )
