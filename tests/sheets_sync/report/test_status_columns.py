"""Status columns: where they stand and what they say."""

from sheets_sync.checks import check
from sheets_sync.report.status_columns import run_status, sync_status
from tests.sheets_sync.sheets import checked, snapshot


def test_a_missing_status_column_is_made_right_of_everything_in_the_tab() -> None:
    status = sync_status(checked({"Initiatives!C2": "4,500", "Initiatives!V9": "a note of finance"}))
    assert status is not None
    assert (status.tab, status.header, status.header_row, status.column, status.creates) == (
        "Initiatives", "sync_status", 1, 23, True)  # fmt: skip
    assert status.values == {
        2: 'Error C2: engineering_tokens is "4,500", which is text, not a number. '
        "Type a plain number, or clear the cell.",
        3: "OK",
        4: "OK",
        5: "OK",
        6: "OK",
    }


def test_an_existing_status_column_is_filled_and_old_texts_are_cleared() -> None:
    status = sync_status(checked({"Initiatives!S1": "Sync Status", "Initiatives!S9": "OK", "Initiatives!F2": None}))
    assert status is not None
    assert (status.header, status.column, status.creates) == ("Sync Status", 19, False)
    assert status.values[9] == ""
    assert status.values[2] == (
        'OK, but A2: "PAY-1" contributes to no active KPI. Give it a contribution, or untick is_candidate.'
    )


def test_scenarios_get_the_given_texts() -> None:
    result = checked({"Scenarios!A4": None})
    status = run_status(result, {"North": "Optimal", "Targets": "not there any more"})
    assert status is not None
    assert status.values == {
        2: "Optimal",
        4: "Error A4: Row 4 has content, but scenario_name is blank. Fill it in, or clear the whole row.",
    }


def test_without_a_header_row_there_is_nothing_to_write_under() -> None:
    result = check(snapshot({"Initiatives": [["something else"]]}))
    assert sync_status(result) is None
    assert run_status(result, {}) is None
