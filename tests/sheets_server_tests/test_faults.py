"""Faults on order: each kind, on the calls that it names and on no others."""

import time

import pytest
import requests

from tests.sheets_server import Fault


@pytest.fixture(autouse=True)
def some_values(sheet):
    sheet.update([["before"]], "A1")


def write(sheet):
    sheet.update([["after"]], "A1")


def test_a_status_with_retry_after_has_no_effect(server, sheet, refused):
    server.fault("status", r"PUT .*/values/", status=503, retry_after="7")
    error = refused(write, sheet)
    assert error == {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}
    assert sheet.acell("A1").value == "before"
    write(sheet)
    assert sheet.acell("A1").value == "after"


def test_the_header_is_as_ordered(server, book):
    server.fault("status", "GET", status=429, retry_after="7")
    answer = requests.get(f"{server.url}/v4/spreadsheets/{book.id}", timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    server.fault("status", "GET", status=500)
    assert "Retry-After" not in requests.get(f"{server.url}/v4/spreadsheets/{book.id}", timeout=5).headers


def test_what_google_answers_besides_its_usual_errors(server, book, client, refused):
    server.fault("status", "GET", status=502)
    answer = requests.get(f"{server.url}/v4/spreadsheets/{book.id}", timeout=5)
    assert answer.headers["Content-Type"].startswith("text/html")
    limit = {"domain": "usageLimits", "reason": "userRateLimitExceeded", "message": "User Rate Limit Exceeded"}
    body = {"error": {"code": 403, "message": "User Rate Limit Exceeded", "errors": [limit]}}
    server.fault("status", "/drive/", status=403, body=body)
    assert refused(client.list_spreadsheet_files)["errors"] == [limit]


def test_reset_before_it_took_effect(server, sheet):
    server.fault("reset_before", "PUT")
    with pytest.raises(requests.exceptions.ConnectionError):
        write(sheet)
    assert sheet.acell("A1").value == "before"


def test_applied_but_the_answer_lost(server, sheet):
    server.fault("reset_after", "PUT")
    with pytest.raises(requests.exceptions.ConnectionError):
        write(sheet)
    assert sheet.acell("A1").value == "after"


def test_half_of_the_answer(server, sheet):
    server.fault("cut_body", "PUT")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        write(sheet)
    assert sheet.acell("A1").value == "after"


def test_a_delay(server, sheet):
    server.fault("delay", "PUT", delay_s=0.3)
    started = time.perf_counter()
    write(sheet)
    assert time.perf_counter() - started >= 0.3


def test_the_nth_call_and_the_next_ones(server, book, refused):
    server.fault("status", r"values/", skip=1, times=2)
    codes = []
    for _ in range(4):
        answer = requests.get(f"{server.url}/v4/spreadsheets/{book.id}/values/A1", timeout=5)
        codes.append(answer.status_code)
    assert codes == [200, 503, 503, 200]


def test_every_call_until_cleared(server, book):
    server.fault("status", r"values/", times=None)
    url = f"{server.url}/v4/spreadsheets/{book.id}/values/A1"
    assert [requests.get(url, timeout=5).status_code for _ in range(3)] == [503] * 3
    server.faults.clear()
    assert requests.get(url, timeout=5).status_code == 200


def test_the_log_tells_what_happened(server, sheet):
    server.fault("reset_after", "PUT")
    with pytest.raises(requests.exceptions.ConnectionError):
        write(sheet)
    last = server.calls("PUT")[-1]
    assert (last.status, last.response_bytes, last.fault) == (0, 0, "reset_after")
    assert last.request_bytes > 0


def test_a_misspelt_fault_is_refused():
    with pytest.raises(ValueError, match="There is no fault 'rest'"):
        Fault("rest")
