"""The server as a process: its address, its state file, its admin paths."""

import contextlib
import http.client
import json
import subprocess
import sys

import pytest
import requests

from tests.sheets_server import SheetsServer


@contextlib.contextmanager
def process(*options):
    command = [sys.executable, "-m", "tests.sheets_server", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def call(url, path, method="GET", **body):
    answer = requests.request(method, f"{url}/__admin__/{path}", json=body or None, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_was_written_survives_a_kill(tmp_path):
    state = str(tmp_path / "state.json")
    with process("--state", state) as url:
        made = requests.post(f"{url}/v4/spreadsheets", json={"properties": {"title": "Plan"}}, timeout=5).json()
        key = made["spreadsheetId"]
        values = {"values": [["1.234,5", "=A1*2"]]}
        options = {"valueInputOption": "USER_ENTERED"}
        properties = {"properties": {"locale": "de_DE"}, "fields": "locale"}
        body = {"requests": [{"updateSpreadsheetProperties": properties}]}
        requests.post(f"{url}/v4/spreadsheets/{key}:batchUpdate", json=body, timeout=5).raise_for_status()
        path = f"{url}/v4/spreadsheets/{key}/values/A1"
        requests.put(path, params=options, json=values, timeout=5).raise_for_status()
        call(url, f"workbooks/{key}/share", "POST", email="pm@example.com", role="reader")
        account = call(url, "service-accounts", "POST", email="robot@x.iam.gserviceaccount.com")
        before = call(url, f"workbooks/{key}")
    with process("--state", state) as url:
        assert call(url, f"workbooks/{key}") == before
        assert [item["role"] for item in call(url, "workbooks")[0]["permissions"]] == ["owner", "reader"]
        shown = requests.get(f"{url}/v4/spreadsheets/{key}/values/A1:B1", timeout=5).json()
        assert shown["values"] == [["1.234,50", "2.469,00"]]
        assert account["client_email"] in json.loads((tmp_path / "state.json").read_text())["service_keys"]


def test_the_state_of_a_workbook_reads_back_as_it_was(tmp_path):
    path = tmp_path / "state.json"
    with SheetsServer(state=path) as first:
        book = first.client().create("Plan")
        results = book.add_worksheet("It's", 20, 5)
        book.sheet1.update([["=SUM('It''s'!A1:A3)", "x"]], "A1", value_input_option="USER_ENTERED")
        results.update([[1], [2]], "A1")
        results.freeze(rows=1)
        results.define_named_range("A1:B2", "block")
        results.add_protected_range("A1:A2")
        results.merge_cells("D1:E2")
        book.sheet1.format("A1:B1", {"textFormat": {"bold": True}})
        book.sheet1.update_note("B1", "note")
        before, modified = first.workbook_json(book.id), book.get_lastUpdateTime()
    with SheetsServer(state=path) as second:
        assert second.workbook_json(book.id) == before
        again = second.client().open_by_key(book.id)
        assert again.get_lastUpdateTime() == modified
        again.worksheet("It's").update_title("Results")
        assert again.sheet1.acell("A1", value_render_option="FORMULA").value == "=SUM(Results!A1:A3)"


def test_options_reach_the_server():
    with process("--quota", "1,", "--require-auth") as url:
        assert requests.get(f"{url}/v4/spreadsheets/x", timeout=5).status_code == 401


def test_admin_paths(server, client, book):
    url = server.url
    call(url, "reset", "POST")
    book.values_get("A1")
    (logged,) = call(url, "calls")
    assert (logged["method"], logged["status"]) == ("GET", 200)
    assert logged["response_bytes"] > 0
    assert call(url, "count?match=batchUpdate") == {"count": 0}
    call(url, "faults", "POST", kind="status", match="values", status=500, times=None)
    assert call(url, "faults")[0]["status"] == 500
    assert requests.get(f"{url}/v4/spreadsheets/{book.id}/values/A1", timeout=5).status_code == 500
    call(url, "faults", "DELETE")
    call(url, f"workbooks/{book.id}/edit", "POST", range="Sheet1!C3", value="5%")
    assert book.sheet1.acell("C3").value == "5%"
    call(url, f"workbooks/{book.id}/formula-results", "POST", formula="=X()", result={"numberValue": 3})
    book.sheet1.update([["=X()"]], "A1", value_input_option="USER_ENTERED")
    assert book.sheet1.acell("A1").value == "3"
    call(url, "quota", "POST", reads=0)
    assert requests.get(f"{url}/v4/spreadsheets/{book.id}", timeout=5).status_code == 429
    call(url, "quota", "POST", reads=None)
    call(url, "clock", "POST", advance=5)
    call(url, "apis", "POST", service="sheets.googleapis.com", disabled=True)
    assert requests.get(f"{url}/v4/spreadsheets/{book.id}", timeout=5).status_code == 403
    call(url, "apis", "POST", service="sheets.googleapis.com", disabled=False)
    assert call(url, "users", "POST", email="pm@example.com", scopes=[])["type"] == "authorized_user"
    call(url, "reset?workbooks=true", "POST")
    assert call(url, "workbooks") == []


@pytest.mark.parametrize(("path", "code"), [("nope", 404), ("faults", 400), ("workbooks/x/edit", 400)])
def test_admin_mistakes(server, path, code):
    answer = requests.post(f"{server.url}/__admin__/{path}", json={"kind": "nope"}, timeout=5)
    assert answer.status_code == code
    assert "error" in answer.json()


def test_one_connection_serves_many_calls(server, book):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    with contextlib.closing(connection):
        connection.connect()
        socket = connection.sock
        for _ in range(5):
            connection.request("GET", f"/v4/spreadsheets/{book.id}/values/A1")
            assert connection.getresponse().read()
            assert connection.sock is socket
