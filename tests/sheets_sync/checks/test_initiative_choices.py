"""Statuses, MoSCoW words and sizes: who is a candidate, who is mandatory and why, and what it costs."""

import pytest

from sheets_sync.checks import Checked
from tests.sheets_sync.sheets import Case, checked

SIZES = {
    "Columns": [["tab", "header", "field", "size", "tokens"], [None, None, None, "S", 2], [None, None, None, "M", 5]]
}
NEW = {"Initiatives!A7": "NEW-1", "Initiatives!F7": 100, "Initiatives!S1": "Size"}

CASES = {
    "a size without tokens": Case(
        {**SIZES, **NEW, "Initiatives!S7": "XXL"},
        [
            "Initiatives!C7: engineering_tokens is blank. Type a number, 0 or more. [blank_value]",
            'Initiatives!S7: The size "XXL" has no tokens; known sizes: s, m. Add it to the sizes of the Columns tab, '
            "or type a number of tokens here. [unknown_size]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a size instead of tokens": Case({**SIZES, **NEW, "Initiatives!S7": "m"}, []),
    "a status that no tool has": Case(
        {"Initiatives!S1": "Status", "Initiatives!S2": "Parking lot"},
        [
            'Initiatives!S2: Status is "Parking lot", which is none of the words that sheetplan knows; it counts as '
            "proposed. Use a word for proposed, in progress, done or stopped if it is another. [unknown_status]"
        ],
    ),
    "priorities of one's own": Case(
        {"Initiatives!S1": "Priority", "Initiatives!S2": "High", "Initiatives!S3": "P1"}, []
    ),
    "a priority beside words of MoSCoW": Case(
        {"Initiatives!S1": "Priority", "Initiatives!S2": "Should", "Initiatives!S3": "P1"},
        [
            'Initiatives!S3: Priority is "P1", beside words of MoSCoW. Write must, should, could or won\'t, or clear '
            "the cell. [unknown_priority]"
        ],
        stopped=["North", "Weighted"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()


def candidates(result: Checked) -> set[str]:
    assert result.plan is not None
    return {one.key for one in result.plan.initiatives if one.is_candidate}


WORDS = {"Done": False, "Closed": False, "Won't do": False, "In Progress": True, "To Do": True, "Backlog": True}


@pytest.mark.parametrize(("word", "is_candidate"), WORDS.items())
def test_words_of_the_common_tools_say_who_is_a_candidate(word: str, is_candidate: bool) -> None:
    result = checked({"Initiatives!S1": "Status", "Initiatives!S2": word})
    assert ("PAY-1" in candidates(result)) is is_candidate


def test_what_is_done_satisfies_prerequisites_and_holds_no_bundle_together() -> None:
    result = checked({"Initiatives!S1": "Status", "Initiatives!S2": "Done", "Initiatives!N3": "PAY-1"})
    assert result.plan is not None
    assert result.plan.initiative("PAY-2").prerequisite_keys == ()
    assert [issue.code for issue in result.issues] == []


def test_moscow_words_make_mandatory_with_a_reason_and_leave_out() -> None:
    words = {"Initiatives!S2": "Must", "Initiatives!S3": "Could have", "Initiatives!S4": "Won't have"}
    result = checked({"Initiatives!S1": "MoSCoW", **words})
    assert result.plan is not None
    first = result.plan.initiative("PAY-1")
    assert (first.is_mandatory, first.mandate_reason) == (True, "MoSCoW is Must")
    assert "TRUST-1" not in candidates(result)
    assert not result.plan.initiative("PAY-2").is_mandatory


def test_words_of_a_must_have_column_are_ticks() -> None:
    result = checked({"Initiatives!K1": "Must have", "Initiatives!K2": "Must", "Initiatives!L2": "law",
                      "Initiatives!K3": "Should"})  # fmt: skip
    assert result.plan is not None
    assert [one.key for one in result.plan.initiatives if one.is_mandatory] == ["PAY-1"]


def test_a_size_is_its_number_of_tokens() -> None:
    result = checked({**SIZES, **NEW, "Initiatives!S7": "M"})
    assert result.plan is not None
    assert result.plan.initiative("NEW-1").tokens == 5
