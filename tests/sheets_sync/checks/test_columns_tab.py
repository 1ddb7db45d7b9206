"""The Columns tab: what headers mean that no alias knows, and what is wrong with such a statement."""

import pytest

from sheets_sync.checks import check
from tests.sheets_sync.sheets import Case, brief, checked, edited, snapshot

HEADER = ["tab", "header", "field", "size", "tokens"]
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
