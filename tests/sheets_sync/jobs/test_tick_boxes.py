"""Tick boxes in a Google Sheet: noticed with few calls, run, taken off, with the status beside them."""

from collections.abc import Mapping
from typing import Any

import pytest

from sheets_sync.checks import check
from sheets_sync.jobs.run_now_cells import Ticked, find_ticked
from sheets_sync.workbook.changes import StatusColumn
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import Installation, google_workbook, rows_of
from tests.sheets_sync.sheets import snapshot
from tests.workbooks import WORKED_EXAMPLE, Rows

FIRST_ROW = 3
"""Row of the first scenario: a title block of one row, the header, the scenarios."""


def with_boxes(**ticks: bool) -> dict[str, Rows]:
    """The worked example with a box for the whole workbook (B1), and one in each scenario's row (first column)."""
    header, *rows = WORKED_EXAMPLE["Scenarios"]
    scenarios = [[ticks.get(row[0].replace(" ", "_"), False), *row] for row in rows]
    return WORKED_EXAMPLE | {"Scenarios": [["Run now", ticks.get("whole", False)], ["run now", *header], *scenarios]}


def cells(google: SheetsServer, key: str, *places: str) -> list[Any]:
    found: list[Mapping[str, Any]] = [
        google.cell(key, f"Scenarios!{place}").get("effectiveValue", {}) for place in places
    ]
    return [next(iter(cell.values()), None) for cell in found]


@pytest.fixture(autouse=True)
def _drive_is_quick(google: SheetsServer) -> None:
    """A tick may come after the first look at a sheet, which Drive then shows at once, and not minutes later."""
    google.habits.modified_lag_s = 0.2


@pytest.fixture
def watched(install: Install, google: SheetsServer) -> Installation:
    """A service that has looked into the sheet, without a tick."""
    made = install(tick_box_s=0.3)
    made.register("q3", google_workbook(google, with_boxes()), tick_box=True)
    made.register("other", google_workbook(google, with_boxes(whole=True)))
    made.serve()
    made.wait(lambda: len(google.calls("GET /drive/v3/files")) > 1, "the first look is over")
    return made


def test_a_scenarios_tick_runs_that_scenario_and_is_taken_off(watched: Installation, google: SheetsServer) -> None:
    key = watched.workbooks["q3"]["location"]
    google.edit(key, "Scenarios!A6", True)
    watched.wait(lambda: len(rows_of(google, key)) == 1, "the scenario is run")
    (row,) = rows_of(google, key)
    assert (row["scenario_name"], row["trigger"]) == ("Stretch", "tick box")
    assert cells(google, key, "A6") == [None]
    (run,) = watched.call("GET", "/v1/runs?workbook=q3").json()["runs"]
    assert watched.finished(run["run_id"])["state"] == "succeeded"
    assert cells(google, key, "J6")[0].startswith("Target missed. ")
    assert watched.call("GET", "/v1/runs?workbook=other").json()["runs"] == []


def test_the_whole_workbooks_tick_runs_all_and_shows_a_status_at_once(
    watched: Installation, google: SheetsServer
) -> None:
    key = watched.workbooks["q3"]["location"]
    google.fault("delay", f"GET .*spreadsheets/{key}", delay_s=3, skip=1, times=1)
    google.edit(key, "Scenarios!B1", True)
    watched.wait(lambda: str(cells(google, key, "J3")[0]).startswith("Queued at "), "the status says so")
    assert cells(google, key, "B1") == [None]
    watched.wait(lambda: len(rows_of(google, key)) == 4, "all are run")
    assert cells(google, key, "J3")[0].startswith("No target set. ")


def test_a_look_at_what_did_not_change_is_one_call(watched: Installation, google: SheetsServer) -> None:
    watched.wait(lambda: len(google.calls("GET /drive/v3/files")) > 2, "a few looks")
    google.log.clear()
    watched.wait(lambda: len(google.calls("GET /drive/v3/files")) > 3, "a few more looks")
    assert google.calls("/v4/") == []


def test_a_scenarios_box_and_that_of_the_workbook_are_reported_apart() -> None:
    def ticked(**ticks: bool) -> Ticked | None:
        read = snapshot(with_boxes(**ticks))
        return find_ticked(read.tabs["Scenarios"], check(read))

    assert ticked() is None
    assert ticked(Weighted=True, Stretch=True) == Ticked(
        ("Weighted", "Stretch"), (StatusColumn("Scenarios", "run now", 2, 1, False, {4: "", 6: ""}),)
    )
    both = ticked(whole=True, Weighted=True)
    assert both is not None
    assert both.scenarios is None
    assert [dict(reset.values) for reset in both.resets] == [{1: ""}, {4: ""}]


def test_a_tick_changes_no_fingerprint() -> None:
    from sheets_sync.inputs.fingerprint import fingerprint

    plain, ticked = (check(snapshot(tabs)).frames for tabs in (with_boxes(), with_boxes(Stretch=True, whole=True)))
    assert fingerprint(plain) == fingerprint(ticked)


def test_a_run_that_ends_without_writing_says_so_beside_its_scenario(
    watched: Installation, google: SheetsServer
) -> None:
    key = watched.workbooks["q3"]["location"]
    google.fault("delay", f"GET .*spreadsheets/{key}", delay_s=2, skip=1, times=1)
    google.edit(key, "Scenarios!A6", True)
    watched.wait(lambda: str(cells(google, key, "J6")[0]).startswith("Queued at "), "the status says that it waits")
    (run,) = watched.call("GET", "/v1/runs?workbook=q3").json()["runs"]
    watched.call("POST", f"/v1/runs/{run['run_id']}/cancel")
    watched.wait(lambda: cells(google, key, "J6") == ["Cancelled by ana@example.com; nothing was written."], "the end")
    assert cells(google, key, "J3", "J4", "J5") == [None, None, None]
    assert rows_of(google, key) == []


def test_a_run_that_fails_before_writing_says_why_beside_its_scenarios(install: Install, google: SheetsServer) -> None:
    made = install(tick_box_s=0.3)
    key = google_workbook(google, with_boxes() | {"Results": [["Our own results"]]})
    made.register("q3", key, tick_box=True)
    made.serve()
    google.edit(key, "Scenarios!B1", True)
    why = (
        'Not run: There is a tab "Results" that sheetplan did not write (its cell A1 holds "Our own results"). Rename '
        "that tab, then run again; sheetplan makes its own. Nothing was written."
    )
    made.wait(lambda: cells(google, key, "J3", "J4", "J5", "J6") == [why] * 4, "the reason")
