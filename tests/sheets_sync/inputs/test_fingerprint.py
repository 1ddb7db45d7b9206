"""The fingerprint changes with what a run would be given, and with nothing else."""

from typing import Any

import pytest

from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from tests.sheets_sync.sheets import Shown, edited, snapshot


def printed(edits: dict[str, Any] | None = None) -> str:
    return fingerprint(check(snapshot(edited(edits or {}))).frames)


@pytest.mark.parametrize(
    "edits",
    [{"Initiatives!S1": "Owner", "Initiatives!S2": "Kim"}, {"Initiatives!S1": "sync_status", "Initiatives!S2": "OK"},
     {"Initiatives!C1": "Effort"}, {"Initiatives!F2": Shown(120000.0, "£120,000")}, {"Targets": [
         ["KPI", "scenario_name", "Floor or goal", "target_value"], [], ["gmv", "Weighted", "floor", 10000]]},
     {"Initiatives!A12": "", "Scenarios!B9": False}],
    ids=["foreign column", "status column", "alias", "format", "order of columns and blank rows", "blank cells"],
)  # fmt: skip
def test_it_stays(edits: dict[str, Any]) -> None:
    assert printed(edits) == printed()


@pytest.mark.parametrize(
    "edits",
    [{"Initiatives!F2": 120001}, {"Initiatives!A2": "PAY-9"}, {"Scenarios!B2": False}, {"Initiatives!F2": "120000"},
     {"Initiatives!A2": Shown(7, "007")}, {"Constraints": None}],
    ids=["number", "key", "tick", "text for a number", "a key as shown", "a tab gone"],
)  # fmt: skip
def test_it_changes(edits: dict[str, Any]) -> None:
    assert printed(edits) != printed()


def test_it_follows_the_order_of_rows() -> None:
    tabs = edited({})
    tabs["Initiatives"][1:3] = tabs["Initiatives"][2:0:-1]
    assert fingerprint(check(snapshot(tabs)).frames) != printed()
