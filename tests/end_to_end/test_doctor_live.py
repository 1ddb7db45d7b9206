"""`doctor --live` on the command line: a key, tokens from the token endpoint, and a Google as hard as may be."""

from dataclasses import replace

import pytest
import requests
from requests.adapters import HTTPAdapter

from sheets_sync.google.credentials import KEY_VARIABLE
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.live.prove import Proofs
from tests.sheets_server.redirect import GOOGLE_HOSTS, RedirectAdapter
from tests.sheets_server.server import SheetsServer

ACCOUNT = "planner@team.iam.gserviceaccount.com"


@pytest.fixture
def google(monkeypatch, tmp_path):
    """A Google that the command line reaches under Google's own addresses, with small reads to be timed."""
    made = Proofs.of
    monkeypatch.setattr(Proofs, "of", lambda settings: replace(made(settings), sizes=(500,), drive_wait_s=5.0))
    with SheetsServer() as server:
        server.store.require_auth = True
        server.habits.modified_lag_s = 0.2
        server.habits.incomplete_search = True
        there, get_adapter = RedirectAdapter(server.url), requests.Session.get_adapter

        def adapter(session: requests.Session, url: str) -> HTTPAdapter:
            return (
                there
                if url.startswith(tuple(f"https://{host}/" for host in GOOGLE_HOSTS))
                else get_adapter(session, url)
            )

        monkeypatch.setattr(requests.Session, "get_adapter", adapter)
        monkeypatch.setenv(KEY_VARIABLE, str(server.service_account_file(tmp_path / "key.json", ACCOUNT)))
        # Google's own allowance per minute would make the proofs wait for it.
        monkeypatch.setenv("SHEETPLAN_GOOGLE__READS_PER_MINUTE", "6000")
        monkeypatch.setenv("SHEETPLAN_GOOGLE__WRITES_PER_MINUTE", "6000")
        shared_connection.cache_clear()
        yield server
        shared_connection.cache_clear()


def test_each_proof_is_one_line_and_the_answers_are_in_the_file(sheetplan, google, tmp_path):
    book = google.client().create("Scratch")
    google.share(book.id, ACCOUNT)
    said = sheetplan("doctor", "--live", book.url, "--answers", "answers.json")
    *lines, last = said.out.splitlines()
    assert [line for line in lines if not line.startswith("PASS ")] == []
    named = [line.removeprefix("PASS ").partition(":")[0] for line in lines]
    assert named[3:8] == ["credentials", "token", "workbook", "clock", "role"]
    assert f"PASS credentials: service account key as {ACCOUNT}" in lines
    # After how long is this machine's affair.
    (drive,) = [line for line in lines if line.startswith("PASS Drive: ")]
    assert drive.startswith("PASS Drive: Drive lists the sheet, and showed a change after ")
    assert "PASS two runs: two runs: the same tabs, names and charts, 3 checks say OK" in lines
    assert last == "Google's answers are in answers.json. Look through them before you pass them on."
    assert (said.code, said.err) == (0, "")
    assert (tmp_path / "answers.json").exists()


def test_a_sheet_that_is_not_empty_is_refused(sheetplan, google):
    book = google.client().create("Mine")
    google.share(book.id, ACCOUNT)
    google.edit(book.id, "Sheet1!A1", "mine")
    said = sheetplan("doctor", "--live", book.url)
    assert said.code == 3
    assert "is not empty, and this writes and removes tabs. Make a new Google Sheet" in said.err


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["--live"], "--live needs the address of an empty Google Sheet that is shared as Editor."),
        (["--live", "plan.xlsx"], "--live needs the address of an empty Google Sheet that is shared as Editor."),
        (["--answers", "answers.json"], "--answers goes with --live."),
    ],
)
def test_what_does_not_go_together_is_refused(sheetplan, arguments, cure):
    said = sheetplan("doctor", *arguments)
    assert said.code == 2
    assert f"Error: {cure}" in said.err
