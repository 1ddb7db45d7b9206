"""Checks over HTTP: every issue reported, nothing written, and only to those who may run the workbook."""

import threading
from collections.abc import Iterator

import pytest
import requests

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer
from tests.workbooks import WORKED_EXAMPLE, edited


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, google: SheetsServer, key_server: KeyServer
) -> Iterator[Installation]:
    made = Installation(
        tmp_path_factory.mktemp("checks"),
        google,
        audience=[AUDIENCE],
        certificates_url=key_server.url,
        check_deadline_s=2.0,
        concurrent_runs=1,
    )
    made.register("q3", google_workbook(google))
    made.register("broken", google_workbook(google, edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"})))
    made.register("gone", "x" * 44)
    made.register("finance", google_workbook(google), allowed=["cfo@example.com"])
    made.serve()
    yield made
    made.stop()


def check(service: Installation, token: str | None, workbook: str) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.post(f"{service.url}/v1/checks", json={"workbook": workbook}, headers=headers, timeout=20)


def test_a_check_tells_every_issue_with_one_read_and_writes_nothing(
    service: Installation, key_server: KeyServer, google: SheetsServer
) -> None:
    google.log.clear()
    answer = check(service, key_server.token(), "broken")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    (error,) = [issue for issue in found["issues"] if issue["severity"] == "error"]
    assert (error["tab"], error["cell"], error["scenario"]) == ("Scenarios", "B2", "Pure north star")
    assert 'Did you mean "north_star"?' in error["message"]
    assert (found["workbook"], found["errors"]) == ("broken", 1)
    assert (found["scenarios_ready"], found["scenarios_chosen"]) == (3, 4)
    assert (found["warnings"], found["summary"]) == (0, "1 error. 3 of 4 scenarios can run.")
    # Of a workbook that it meets first, the service asks for the titles first.
    assert [call.method for call in google.calls("/v4/")] == ["GET", "GET"]
    assert service.call("GET", "/v1/runs").json() == {"runs": []}
    page = requests.get(f"{service.url}/metrics", timeout=5).text
    assert 'sheetplan_phase_seconds_count{phase="check",workbook="broken"} 1.0' in page.splitlines()


def test_a_check_asks_for_the_same_rights_as_a_run(service: Installation, key_server: KeyServer) -> None:
    assert check(service, None, "q3").status_code == 401
    assert check(service, "nonsense", "q3").status_code == 401
    foreign = check(service, key_server.token(email="eve@example.com"), "q3")
    unknown = check(service, key_server.token(email="eve@example.com"), "y" * 44)
    assert foreign.status_code == 403
    assert foreign.json() == unknown.json()
    assert check(service, key_server.token(), "finance").status_code == 403


def test_a_workbook_that_cannot_be_read_is_reported_in_words(service: Installation, key_server: KeyServer) -> None:
    answer = check(service, key_server.token(), "gone")
    assert answer.status_code == 424
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:sheetplan:problem:workbook-unreadable"
    assert answer.json()["detail"].startswith("There is no spreadsheet at https://docs.google.com/spreadsheets/d/xxx")


def test_a_check_that_takes_too_long_is_given_up_and_the_next_one_finds_its_place_free(
    service: Installation, key_server: KeyServer, google: SheetsServer
) -> None:
    google.fault("delay", "GET .*spreadsheets/", delay_s=5.0, times=1)
    token = key_server.token()
    behind: list[int] = []
    second = threading.Timer(0.3, lambda: behind.append(check(service, token, "q3").status_code))
    second.start()
    first = check(service, token, "q3")
    second.join()
    assert first.status_code == 503
    assert first.headers["Retry-After"] == "60"
    assert first.json()["detail"].startswith("The workbook could not be read within 2 s: Google is slow")
    assert behind == [503]
    service.wait(lambda: check(service, token, "q3").status_code == 200, "a check gets its place")
