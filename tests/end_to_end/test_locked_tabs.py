"""A tab that the account may not edit, on the command line: what was left out is said, and no more is said written."""

import pytest

from sheets_sync.google.credentials import EMULATOR_VARIABLE
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import google_workbook

NOTICE = (
    "The column {} was not written, because the account that runs sheetplan may not edit protected cells there ({}). "
    "To have it written, open Data > Protect sheets and ranges and add the account that runs sheetplan to those who "
    "may edit them."
)
STATUSES = NOTICE.format("sync_status of Initiatives", "Initiatives by the boss")
DECISIONS = NOTICE.format("decision of Initiatives", "Initiatives by the boss")


@pytest.fixture
def locked(monkeypatch):
    """A sheet whose Initiatives only somebody else may edit."""
    with SheetsServer() as server:
        monkeypatch.setenv(EMULATOR_VARIABLE, server.url)
        client = server.client()
        book = client.open_by_key(google_workbook(server))
        item = {"range": {"sheetId": book.worksheet("Initiatives").id}, "description": "by the boss"}
        item["editors"] = {"users": ["boss@team.example"]}
        book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": item}}]})
        yield book
        client.http_client.session.close()


def test_a_check_says_which_statuses_it_could_not_write(sheetplan, locked):
    said = sheetplan("check", locked.id, "--write")
    assert (said.code, said.out, said.err) == (0, "No errors, no warnings.\n", f"{STATUSES}\n")
    assert sheetplan("check", locked.id, "--write", "--json").document["notices"] == [STATUSES]
    assert locked.worksheet("Scenarios").acell("I2").value == "OK: ready to run."


def test_a_run_names_the_tabs_that_it_wrote_and_no_other(sheetplan, locked):
    said = sheetplan("run", locked.id)
    assert (said.code, said.err) == (0, f"{STATUSES}\n{DECISIONS}\n")
    assert said.out.splitlines()[-1] == f"Written to {locked.id}: Results, Results details, Runs, Scenarios."
