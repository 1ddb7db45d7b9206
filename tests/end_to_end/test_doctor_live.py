"""`doctor --live` on the command line."""

from dataclasses import replace

import pytest

from sheets_sync.google.credentials import EMULATOR_VARIABLE
from sheets_sync.live.prove import Proofs
from tests.sheets_server.server import SheetsServer


@pytest.fixture
def google(monkeypatch):
    """A Google that the command line reaches, with small reads to be timed."""
    made = Proofs.of
    monkeypatch.setattr(Proofs, "of", lambda settings: replace(made(settings), sizes=(500,), drive_wait_s=0.1))
    with SheetsServer() as server:
        monkeypatch.setenv(EMULATOR_VARIABLE, server.url)
        # Google's own allowance per minute would make the proofs wait for it.
        monkeypatch.setenv("SHEETPLAN_GOOGLE__READS_PER_MINUTE", "6000")
        monkeypatch.setenv("SHEETPLAN_GOOGLE__WRITES_PER_MINUTE", "6000")
        yield server


def test_each_proof_is_one_line_and_the_answers_are_in_the_file(sheetplan, google, tmp_path):
    book = google.client().create("Scratch")
    said = sheetplan("doctor", "--live", book.url, "--answers", "answers.json")
    *lines, last = said.out.splitlines()
    assert [line for line in lines if not line.startswith("PASS ")] == []
    assert "PASS two runs: two runs: the same tabs, names and charts, 3 checks say OK" in lines
    assert last == "Google's answers are in answers.json. Look through them before you pass them on."
    assert (said.code, said.err) == (0, "")
    assert (tmp_path / "answers.json").exists()


def test_a_sheet_that_is_not_empty_is_refused(sheetplan, google):
    book = google.client().create("Mine")
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
