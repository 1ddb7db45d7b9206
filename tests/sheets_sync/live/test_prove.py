"""`doctor --live` on a hard stand-in, with a real key and token endpoint; its answers, replayed."""

import json
from pathlib import Path

import pytest

from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.google.connection import connect
from sheets_sync.google.credentials import DRIVE_SCOPE, KEY_VARIABLE, find_identity
from sheets_sync.google.known_sizes import KnownSizes
from sheets_sync.live.prove import Confirmed, Proofs
from sheets_sync.workbook.backend import WorkbookRefusedError
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import OurTime

ACCOUNT = "planner@team.iam.gserviceaccount.com"
PROOFS = [
    "check boxes",
    "dates",
    "percents",
    "error values",
    "text with =",
    "ids given twice",
    "ids that are gone",
    "appended rows",
    "strict drop-down",
    "tables",
    "INDIRECT",
    "two runs",
    "copied Results",
    "deleted Results",
    "locales",
    "report in parts",
    "read times",
    "Drive",
    "clean up",
]


@pytest.fixture
def scratch(sheets_server: SheetsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The id of an empty sheet that is shared with a service account, and its proofs."""
    sheets_server.store.require_auth = True
    monkeypatch.setenv(KEY_VARIABLE, str(sheets_server.service_account_file(tmp_path / "key.json", ACCOUNT)))
    book = sheets_server.client().create("Scratch of Ann Example")
    sheets_server.share(book.id, ACCOUNT)
    time = OurTime()
    made = [
        connect(emulator=sheets_server.url, patience=time.patience(), identity=identity, sizes=KnownSizes())
        for identity in (find_identity(), find_identity(scope=DRIVE_SCOPE))
    ]
    yield book.id, Proofs(made[0], ChangedFiles(made[1]), sizes=(500, 1000), drive_wait_s=0.2)
    for connection in made:
        connection.close()


def failures(found: list[Confirmed]) -> list[Confirmed]:
    return [item for item in found if not item.passed]


def test_every_proof_passes_and_the_sheet_is_empty_again(scratch, sheets_server, tmp_path):
    key, proofs = scratch
    before = sheets_server.workbook_json(key)
    found = list(proofs.prove(key, tmp_path / "answers.json"))
    assert failures(found) == []
    assert [item.proof for item in found] == PROOFS
    after = sheets_server.workbook_json(key)
    assert [sheet["properties"] for sheet in after["sheets"]] == [sheet["properties"] for sheet in before["sheets"]]
    assert after.get("namedRanges", []) == after.get("developerMetadata", []) == []
    assert after["properties"]["locale"] == "en_US"
    kept = (tmp_path / "answers.json").read_text()
    for secret in (key, ACCOUNT, "Ann Example", "ya29.", "person@team.example", "PRIVATE KEY"):
        assert secret not in kept
    assert set(json.loads(kept)["proofs"]) == set(PROOFS) - {"report in parts", "read times", "Drive", "clean up"}


def test_other_habits_pass_too(scratch, sheets_server):
    key, proofs = scratch
    sheets_server.habits.broken_names = "gone tab"
    sheets_server.habits.copied_names = "prefixed"
    sheets_server.habits.blank_boxes = "blank"
    sheets_server.habits.duplicate_ids = "accepted"
    sheets_server.habits.tables = "refused"
    sheets_server.habits.incomplete_search = True
    sheets_server.habits.largest_answer = 200_000
    assert failures(list(proofs.prove(key, None))) == []


def test_a_sheet_with_something_in_it_is_refused(scratch, sheets_server):
    key, proofs = scratch
    sheets_server.edit(key, "Sheet1!B2", "mine")
    before = sheets_server.workbook_json(key)
    with pytest.raises(WorkbookRefusedError, match=r"is not empty.*Make a new Google Sheet, share it with planner@"):
        list(proofs.prove(key, None))
    assert sheets_server.workbook_json(key) == before


def test_a_name_of_a_person_is_content_too(scratch, sheets_server):
    key, proofs = scratch
    book = sheets_server.client().open_by_key(key)
    book.sheet1.define_named_range("A1:B2", "mine")
    with pytest.raises(WorkbookRefusedError, match="is not empty"):
        list(proofs.prove(key, None))
    assert [item["name"] for item in sheets_server.workbook_json(key)["namedRanges"]] == ["mine"]


def test_whoever_stops_listening_leaves_an_empty_sheet(scratch, sheets_server):
    """As a closed pipe does: the proofs end where they are."""
    key, proofs = scratch
    lines = proofs.prove(key, None)
    next(lines)
    lines.close()
    assert [sheet["properties"]["title"] for sheet in sheets_server.workbook_json(key)["sheets"]] == ["Sheet1"]


def test_a_proof_that_fails_says_why_and_the_rest_goes_on(scratch, sheets_server):
    key, proofs = scratch
    sheets_server.disable_api("drive.googleapis.com")
    found = list(proofs.prove(key, None))
    (failed,) = failures(found)
    assert failed.proof == "Drive"
    assert failed.what.startswith("The Google Drive API is not enabled in the Google Cloud project of these")
    assert found[-1] == Confirmed("clean up", passed=True, what="the sheet is empty again")
