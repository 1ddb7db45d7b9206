"""What a caller can reach: registered workbooks and Google Sheets, never a file of the service's machine."""

import os
import re
from urllib.parse import quote

import pytest

from sheets_sync.google.locator import parse_locator
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import Installation, google_workbook
from tests.sheets_sync.tricky_addresses import ID, TRICKS
from tests.workbooks import WORKED_EXAMPLE, write_workbook


@pytest.fixture
def open_service(install: Install, google: SheetsServer) -> Installation:
    """A service in open mode, in a folder with files that nobody may reach."""
    made = install(open_workbooks=True)
    for name in ("hr-secret.xlsx", ID, "a" * 25 + ".xlsx"):
        write_workbook(made.folder / name, WORKED_EXAMPLE)
    os.mkfifo(made.folder / ("x" * 30))
    made.register("q3", google_workbook(google))
    made.register("payroll", str(made.folder / "hr-secret.xlsx"), allowed=["cfo@example.com"])
    google.log.clear()
    made.serve()
    return made


def test_two_hundred_tricks_reach_no_file_and_no_other_host(open_service: Installation, google: SheetsServer) -> None:
    """Each is refused, or is the id of a Google Sheet, which is then not there."""
    assert len(TRICKS) >= 200
    for text in TRICKS:
        answer = open_service.call("POST", "/v1/checks", {"workbook": text}, person="eve@example.com")
        assert answer.status_code in (403, 422, 424), (text, answer.text)
        if answer.status_code == 424:
            assert answer.json()["detail"].startswith(
                "There is no spreadsheet at https://docs.google.com/spreadsheets/d/"
            ), text
        listed = open_service.call("GET", f"/v1/runs?workbook={quote(text)}", person="eve@example.com")
        assert listed.status_code in (200, 403, 422), (text, listed.text)
        assert listed.status_code != 200 or listed.json() == {"runs": []}
    for call in google.calls("/v4/spreadsheets/"):
        assert re.fullmatch(r"/v4/spreadsheets/[A-Za-z0-9_-]{20,}", call.path.partition("?")[0].partition(":")[0]), call
    assert "Traceback" not in open_service.logs()


def test_a_file_is_run_by_its_registered_name_only(open_service: Installation) -> None:
    """Neither its path nor a file named like a spreadsheet's id is opened."""
    path = str(open_service.folder / "hr-secret.xlsx")
    for text in (path, f"file://{path}", "hr-secret.xlsx", "./hr-secret.xlsx"):
        assert open_service.call("POST", "/v1/runs", {"workbook": text}).status_code == 403
    assert open_service.finished(open_service.click("PAYROLL "))["state"] == "succeeded"
    for named_like_a_file in (ID, "x" * 30):
        run = open_service.finished(open_service.click(named_like_a_file))
        assert run["summary"].startswith(
            f"There is no spreadsheet at https://docs.google.com/spreadsheets/d/{named_like_a_file}"
        )


@pytest.mark.parametrize("text", TRICKS)
def test_a_trick_is_an_id_or_nothing(text: str) -> None:
    try:
        found = parse_locator(text)
    except WorkbookUnreachableError:
        return
    assert found is None or re.fullmatch(r"[A-Za-z0-9_-]{20,200}", found, re.ASCII)
