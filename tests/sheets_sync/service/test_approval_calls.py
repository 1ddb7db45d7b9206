"""Approvals over HTTP: as the person of the token, never as somebody that a caller only names."""

from typing import Any

import pytest
import requests

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer

SCENARIO = "Weighted"


@pytest.fixture
def service(install: Install, google: SheetsServer, key_server: KeyServer) -> Installation:
    made = install(audience=[AUDIENCE], certificates_url=key_server.url)
    made.register("q3", google_workbook(google), allowed=["ana@example.com", "bo@example.com", "eve@example.com"])
    return made


def post(service: Installation, token: str, path: str = "/v1/approvals", **order: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    body = {"workbook": "q3", "scenario": SCENARIO, **order}
    return requests.post(f"{service.url}{path}", json=body, headers=headers, timeout=60)


def problem(answer: requests.Response) -> tuple[int, str, str]:
    document = answer.json()
    return answer.status_code, document["type"].removeprefix("urn:sheetplan:problem:"), document["detail"]


def test_a_plan_is_approved_listed_and_revoked_as_the_person_of_the_token(
    service: Installation, key_server: KeyServer
) -> None:
    service.serve()
    ana, eve = (key_server.token(email=f"{name}@example.com") for name in ("ana", "eve"))
    status, kind, detail = problem(post(service, ana))
    assert (status, kind) == (409, "not-approvable")
    assert detail.endswith("has no Results yet, so there is nothing to approve. Run again, then approve.")
    run_id = service.click("q3")
    service.finished(run_id)
    assert problem(post(service, ana, scenario="Weighty"))[:2] == (404, "unknown-scenario")
    made = post(service, ana, by="The CFO", comment="fine")
    assert made.status_code == 201, made.text
    approval = made.json()
    assert (approval["state"], approval["tab"], approval["run_id"]) == ("approved", "Approved Weighted", run_id)
    assert approval["summary"] == 'Weighted is approved by ana@example.com (as "The CFO"): tab Approved Weighted.'
    revoked = post(service, eve, "/v1/approvals/revoke", comment="too early").json()
    assert (revoked["state"], revoked["revoked"]["identity"]) == ("revoked", "eve@example.com")
    listed = requests.get(
        f"{service.url}/v1/approvals?workbook=q3", headers={"Authorization": f"Bearer {ana}"}, timeout=60
    ).json()
    assert [item["approval_id"] for item in listed["approvals"]] == [approval["approval_id"]]


def test_whoever_holds_the_secret_or_has_no_right_approves_nothing(
    service: Installation, key_server: KeyServer
) -> None:
    service.serve()
    signed = service.call("POST", "/v1/approvals", {"workbook": "q3", "scenario": SCENARIO})
    assert problem(signed) == (
        403,
        "identity-token-needed",
        "An approval needs an identity token: a request that is signed with the shared secret does not prove who "
        "sends it.",
    )
    assert problem(post(service, key_server.token(email="mallory@example.org")))[:2] == (403, "workbook-not-allowed")
    assert post(service, "nonsense").status_code == 401
    ana = key_server.token(email="ana@example.com")
    assert post(service, ana, identity="cfo@example.com").status_code == 422
    assert post(service, ana, comment="x" * 501).status_code == 422


def test_two_people_approve_over_http(service: Installation, key_server: KeyServer) -> None:
    service.settings["approvals"] = {"needed": 2}
    service.serve()
    run_id = service.click("q3")
    person = service.finished(run_id)["person"]
    ana, bo = (key_server.token(email=f"{name}@example.com") for name in ("bo", "eve"))
    own = post(service, key_server.token(email=person))
    assert problem(own)[2].startswith(f"{person} started the run {run_id}, and so cannot approve it")
    first = post(service, ana).json()
    assert (first["state"], first["tab"], first["needed"]) == ("waiting", None, 2)
    assert problem(post(service, ana))[:2] == (409, "not-approvable")
    second = post(service, bo).json()
    assert (second["state"], len(second["signatures"])) == ("approved", 2)
