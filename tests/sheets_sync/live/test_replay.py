"""Answers of Google's that `doctor --live` kept: they fit its published description, and every proof passes on them.

`answers/stand-in.json` is from the stand-in: start `python -m tests.sheets_server`, make a sheet there, and run `doctor
--live SHEET --answers FILE` with SHEETS_EMULATOR_HOST set to write it anew; two long proofs are left out of it.
"""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from sheets_sync.google.connection import connect
from sheets_sync.google.known_sizes import KnownSizes
from sheets_sync.live.proofs import proofs
from sheets_sync.live.prove import confirmed
from sheets_sync.live.recording import SPREADSHEET
from sheets_sync.live.scratch import Scratch
from tests.sheets_server.conformance import response_violations
from tests.sheets_server.discovery import find_method, load
from tests.sheets_sync.google_sheets import OurTime

FOLDER = Path(__file__).parent / "answers"
FILES = sorted(FOLDER.glob("*.json"))
PROOFS = {proof.name: proof for proof in proofs(None, (), 0.0)}  # type: ignore[arg-type]

EMPTY = {"properties": {"locale": "en_US"}, "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}]}


class Replay(HTTPAdapter):
    """Answers each call with the next answer that was kept, if it is the same call."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        super().__init__()
        self.answers = answers

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = self.answers.pop(0)
        assert (request.method, str(request.path_url).partition("?")[0]) == (answer["method"], answer["path"])
        response = requests.Response()
        response.status_code = answer["status"]
        response.request = request
        response.raw = io.BytesIO(json.dumps(answer["body"]).encode())
        return response


def kept(file: Path) -> dict[str, list[dict[str, Any]]]:
    proofs: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))["proofs"]
    return proofs


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_proof_passes_on_the_answers_that_were_kept(file):
    for name, answers in kept(file).items():
        rest = [{"method": "GET", "path": f"/v4/spreadsheets/{SPREADSHEET}", "status": 200, "body": EMPTY}, *answers]
        connection = connect(
            emulator="http://replay.invalid", patience=OurTime().patience(), sizes=KnownSizes()
        )  # fmt: skip
        connection.sizes.note(SPREADSHEET, 0)
        connection.http.session.mount("http://", Replay(rest))
        found = confirmed(PROOFS[name], Scratch(SPREADSHEET, connection))
        assert found.passed, found
        assert rest == []
        connection.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_answers_fit_the_published_description(file):
    description = load("sheets")
    for answers in kept(file).values():
        for answer in answers:
            method = find_method(answer["method"], answer["path"])
            assert method is not None
            if answer["status"] == 200:
                assert response_violations(description, method[0].response, answer["body"]) == []
            else:
                assert answer["body"]["error"]["message"]


def test_there_are_answers():
    assert FILES
