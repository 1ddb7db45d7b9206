"""The Columns tab: what headers mean that no alias knows, and what is wrong with such a statement."""

import pytest

from sheets_sync.checks import check
from tests.sheets_sync.sheets import Case, brief, checked, edited, snapshot

HEADER = ["tab", "header", "field", "size", "tokens"]
NOTHING = [None] * 5
ALL = ["North", "Weighted", "Targets"]

CASES = {
    "a header of people's own is the effort": Case(
        {"Initiatives!C1": "Dev guess", "Columns": [HEADER, ["Initiatives", "Dev guess", "effort"]]}, []
    ),
    "a header without a tab is one of the list": Case(
        {"Initiatives!C1": "Dev guess", "Columns": [HEADER, [None, "dev-guess", "Effort (days)"]]}, []
    ),
    "a column is left alone": Case(
        {"Initiatives!S1": "Effort", "Initiatives!S2": 5, "Columns": [HEADER, ["Initiatives", "Effort", "ignore"]]}, []
    ),
    "sizes": Case({"Columns": [HEADER, [None, None, None, "S", 2], [None, None, None, "M", 5]]}, []),
    "a tab that is not there": Case(
        {"Columns": [HEADER, ["Backlgo", "title", "title"]]},
        [
            'Columns!A2: "Backlgo" is none of the tabs that sheetplan reads here ("KPIs", "Initiatives", "Scenarios", '
            '"Constraints", "Targets"). Write one of them, or nothing for the list of initiatives. '
            "[unknown_tab_in_columns]"
        ],
        stopped=ALL,
    ),
    "a header that is not there": Case(
        {"Columns": [HEADER, ["Initiatives", "titel", "title"]]},
        ['Columns!B2: The tab "Initiatives" has no header "titel". Did you mean "title"? [unknown_header_in_columns]'],
        stopped=ALL,
    ),
    "a field that does not exist": Case(
        {"Columns": [HEADER, ["Initiatives", "title", "efort"]]},
        [
            'Columns!C2: "efort" is neither a column of the Initiatives tab nor a KPI. Did you mean "effort"? '
            "[unknown_field_in_columns]"
        ],
        stopped=ALL,
    ),
    "two meanings of one header": Case(
        {"Columns": [HEADER, ["Initiatives", "title", "title"], ["Initiatives", "Title", "category"]]},
        ['Columns!B3: The header "Title" already means title. Keep one of the two rows. [repeated_meaning]'],
        stopped=ALL,
    ),
    "half a row": Case(
        {"Columns": [HEADER, ["Initiatives", "title", None, "S", None]]},
        [
            "Columns!C2: field is blank. Fill it in, or clear the row. [blank_value]",
            "Columns!E2: tokens is blank. Fill it in, or clear the row. [blank_value]",
        ],
        stopped=ALL,
    ),
    "a tab that is the list by its name": Case({"Columns": [HEADER, ["Initiatives", None, "Initiatives"]]}, []),
    "a list that is not there": Case(
        {"Columns": [HEADER, ["Shet1", None, "Initiatives"]]},
        [
            'Columns!A2: "Shet1" cannot be read as that input; the tabs of the workbook are "KPIs", "Initiatives", '
            '"Scenarios", "Constraints", "Targets", "Columns". Write the title of one that holds neither another input '
            "nor results of sheetplan. [unknown_list_in_columns]"
        ],
        stopped=ALL,
    ),
    "a list that is another input": Case(
        {"Columns": [HEADER, ["Scenarios", None, "Initiatives"]]},
        [
            'Columns!A2: "Scenarios" cannot be read as that input; the tabs of the workbook are "KPIs", "Initiatives", '
            '"Scenarios", "Constraints", "Targets", "Columns". Write the title of one that holds neither another input '
            "nor results of sheetplan. [unknown_list_in_columns]"
        ],
        stopped=ALL,
    ),
    "a list that sheetplan writes": Case(
        {"Runs": [["run_id"]], "Columns": [HEADER, ["Runs", None, "Initiatives"]]},
        [
            'Columns!A2: "Runs" cannot be read as that input; the tabs of the workbook are "KPIs", "Initiatives", '
            '"Scenarios", "Constraints", "Targets", "Runs", "Columns". Write the title of one that holds neither '
            "another input nor results of sheetplan. [unknown_list_in_columns]"
        ],
        stopped=ALL,
    ),
    "two lists": Case(
        {
            "Sheet1": [["key", "effort"], ["A", 1]],
            "Columns": [HEADER, ["Initiatives", None, "Initiatives"], ["Sheet1", None, "Backlog"]],
        },
        [
            "Columns!A3: Another row says already which tab is Initiatives. Keep one of the two rows. "
            "[repeated_list_in_columns]"
        ],
        stopped=ALL,
    ),
    "two worths of one word": Case(
        {"Columns": [[*HEADER, "word", "worth"], [*NOTHING, "Must", 2], [*NOTHING, "must", 3]]},
        ['Columns!F3: The word "must" already has another worth. Keep one of the two rows. [repeated_worth]'],
        stopped=ALL,
    ),
    "a KPI that is computed and has a column": Case(
        {"Initiatives!S1": "Prio", "Initiatives!S2": 5, "Columns": [HEADER, [None, "Prio", "rank: gmv"]]},
        [
            'Initiatives!F1: "gmv" comes from "gmv" and is computed from "Prio" too. Keep one of the two: change the '
            "Columns tab, or rename the column. [computed_twice]"
        ],
        stopped=ALL,
    ),
    "a KPI that is not there": Case(
        {"Initiatives!S1": "Prio", "Initiatives!S2": 5, "Columns": [HEADER, [None, "Prio", "rank: gmw"]]},
        [
            'Columns!C2: "rank: gmw" is neither a column of the Initiatives tab nor a KPI. Did you mean "rank: gmv"? '
            "[unknown_field_in_columns]",
            'Initiatives!S1: The column "Prio" contains numbers, but is neither a column of the Initiatives tab nor a '
            "KPI. If it should count, add it to the KPIs tab, or use a header from the documentation. "
            "[ignored_numeric_column]",
        ],
        stopped=ALL,
    ),
    "a header of the list that only the Columns tab can give its meaning": Case(
        {"Initiatives!S1": "rank: gmv", "Initiatives!S2": "first"}, []
    ),
    "two amounts of one size": Case(
        {"Columns": [HEADER, [None, None, None, "S", 2], [None, None, None, "s", 3]]},
        ['Columns!D3: The size "s" already has another number of tokens. Keep one of the two rows. [repeated_size]'],
        stopped=ALL,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()


def test_what_the_tab_says_is_what_the_plan_has() -> None:
    result = checked({"Initiatives!C1": "Dev guess", "Columns": [HEADER, [None, "Dev guess", "effort"]]})
    assert result.plan is not None
    assert [initiative.costs["engineering_tokens"] for initiative in result.plan.initiatives][:2] == [60.0, 50.0]


def test_the_key_column_itself_may_be_stated() -> None:
    tabs = edited({"Initiatives!A1": "What", "Initiatives!B1": "Story so far"})
    result = check(snapshot({**tabs, "Columns": [HEADER, [None, "What", "initiative_key"]]}))
    assert brief(result) == []
