"""Setting up over HTTP: a proposal without a trace, and what was agreed written once, only for those who may run it."""

from typing import Any

import pytest
import requests

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer
from tests.workbooks import WORKED_EXAMPLE, Rows

LIST: Rows = [
    ["ID", "Idea", "Effort", "Value", "MoSCoW"],
    ["A", "One", 3, 10, "Must"],
    ["B", "Two", 4, 9, "Should"],
    ["C", "Three", 2, 7, "Could"],
]


@pytest.fixture
def service(install: Install, google: SheetsServer, key_server: KeyServer) -> Installation:
    made = install(audience=[AUDIENCE], certificates_url=key_server.url)
    made.register("ideas", google_workbook(google, {"Q3 ideas": LIST}))
    made.register("notes", google_workbook(google, {"Q3 ideas": [["Hello"]]}))
    made.register("planned", google_workbook(google, WORKED_EXAMPLE))
    made.register("gone", "x" * 44)
    made.register("finance", google_workbook(google, {"Q3 ideas": LIST}), allowed=["cfo@example.com"])
    made.serve()
    google.log.clear()
    return made


def adopt(service: Installation, token: str | None, workbook: str, **order: Any) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{service.url}/v1/adoptions"
    return requests.post(url, json={"workbook": workbook, **order}, headers=headers, timeout=20)


def test_a_proposal_writes_nothing_and_what_is_confirmed_is_written_once(
    service: Installation, key_server: KeyServer, google: SheetsServer
) -> None:
    token = key_server.token()
    first = adopt(service, token, "ideas")
    assert first.status_code == 200, first.text
    asked = first.json()
    assert [question["name"] for question in asked["questions"]] == ["value", "capacity"]
    assert (asked["tab"], asked["mark"], asked["tabs"], asked["written"]) == ("Q3 ideas", None, [], False)
    answers: dict[str, Any] = {"value": "MoSCoW", "capacity": 7, "worths": {"must": 8, "should": 4, "could": 2}}
    proposal = adopt(service, token, "ideas", **answers).json()
    assert [tab["title"] for tab in proposal["tabs"]] == ["KPIs", "Scenarios", "Constraints", "Columns"]
    assert (proposal["questions"], [issue.rpartition(" ")[2] for issue in proposal["issues"]]) == (
        [],
        ["[ignored_numeric_column]"],
    )
    assert {call.method for call in google.calls("/v4/")} == {"GET"}
    # Other answers than those that were shown have another mark; no answers have none.
    mark = adopt(service, token, "ideas", value="Value", capacity=7).json()["mark"]
    for order in ({"value": "Value", "capacity": 8}, {"value": "MoSCoW", "capacity": 7}, {}):
        assert adopt(service, token, "ideas", **order, confirm=mark).status_code == 409
    written = adopt(service, token, "ideas", **answers, confirm=proposal["mark"]).json()
    assert written["created"] == ["KPIs", "Scenarios", "Constraints", "Columns"]
    assert written["workbook"] == "ideas"
    again = adopt(service, token, "ideas", **answers, confirm=proposal["mark"])
    assert (again.status_code, again.json()["type"]) == (409, "urn:sheetplan:problem:proposal-changed")
    check = requests.post(
        f"{service.url}/v1/checks",
        json={"workbook": "ideas"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    ).json()
    assert check["summary"] == "1 warning. 1 of 1 scenario can run."


REFUSED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("notes", {}, 422, "not-adoptable", "No tab looks like a list of things to do"),
    ("ideas", {"value": "Idea"}, 422, "not-adoptable", '"Idea" is no column that could be the value'),
    ("ideas", {"tab": "Nope"}, 422, "not-adoptable", 'There is no tab "Nope"'),
    ("gone", {}, 424, "workbook-unreadable", "There is no spreadsheet at"),
    ("ideas", {"capacity": 0}, 422, "invalid-request", "body.capacity"),
    ("ideas", {"sprint_start": "2026-02-30"}, 422, "invalid-request", "body.sprint_start"),
    ("ideas", {"sprint_start": 20_000}, 422, "invalid-request", "body.sprint_start"),
    ("ideas", {"sprint_days": 0}, 422, "invalid-request", "body.sprint_days"),
    ("ideas", {"sizes": {"M": -1}}, 422, "invalid-request", "body.sizes.M"),
    ("ideas", {"worths": {f"w{n}": 1 for n in range(201)}}, 422, "invalid-request", "body.worths"),
    ("ideas", {"confirm": "yes"}, 422, "invalid-request", "body.confirm"),
    ("ideas", {"write": True}, 422, "invalid-request", "body.write"),
]


def test_what_cannot_be_is_a_problem_document(service: Installation, key_server: KeyServer) -> None:
    token = key_server.token()
    for workbook, order, status, kind, detail in REFUSED:
        answer = adopt(service, token, workbook, **order)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == f"urn:sheetplan:problem:{kind}"
        assert answer.json()["detail"].startswith(detail)
    assert adopt(service, None, "ideas").status_code == 401
    assert adopt(service, "nonsense", "ideas").status_code == 401
    foreign = adopt(service, key_server.token(email="eve@example.com"), "ideas")
    assert foreign.status_code == 403
    assert foreign.json() == adopt(service, key_server.token(email="eve@example.com"), "y" * 44).json()
    assert adopt(service, token, "finance").status_code == 403
    found = adopt(service, token, "planned").json()
    assert (found["tab"], [tab["title"] for tab in found["tabs"]]) == ("Initiatives", ["Constraints"])
    assert found["questions"] == []
