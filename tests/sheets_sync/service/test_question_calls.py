"""Studies over HTTP: a question is a job of its own, answered in words and numbers, and nothing is written."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import FINAL, PERSON_EMAIL, Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer
from tests.workbooks import WORKED_EXAMPLE, edited

TICKED = edited(WORKED_EXAMPLE, {"Initiatives!G1": "Our plan", "Initiatives!G2": True})


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, google: SheetsServer, key_server: KeyServer
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("questions")
    made = Installation(folder, google, audience=[AUDIENCE], certificates_url=key_server.url)
    made.register("q3", google_workbook(google, TICKED))
    made.register("slow", google_workbook(google))
    made.register("slower", google_workbook(google))
    made.register("broken", google_workbook(google, edited(WORKED_EXAMPLE, {"Initiatives!C2": "many"})))
    made.register("finance", google_workbook(google), allowed=["cfo@example.com"])
    made.serve()
    yield made
    made.stop()


def ask(service: Installation, order: dict[str, Any], **headers: str) -> requests.Response:
    return service.call("POST", "/v1/questions", {"scenario": "Pure north star", **order}, **headers)


def answered(service: Installation, order: dict[str, Any]) -> dict[str, Any]:
    accepted = ask(service, order)
    assert accepted.status_code == 202, accepted.text
    url = accepted.json()["status_url"]
    service.wait(lambda: service.call("GET", url).json()["state"] in FINAL, "the answer")
    found: dict[str, Any] = service.call("GET", url).json()
    return found


def test_the_row_of_a_cell_is_explained_and_nothing_is_written(service: Installation, google: SheetsServer) -> None:
    before = google.workbook_json(service.workbooks["q3"]["location"])
    order = {"workbook": "q3", "kind": "explain", "initiative": "Initiatives!B3", "trigger": "menu"}
    found = answered(service, order)
    assert (found["state"], found["exit_code"], found["person"]) == ("succeeded", 0, PERSON_EMAIL)
    assert found["asked"] == {"kind": "explain", "scenario": "Pure north star", "initiative": "Initiatives!B3"}
    assert found["sentences"][1] == "B (Loyalty club)"
    assert found["sentences"][3] == ("With it: £40,000 less Gross merchandise value; A would drop out.")
    (scenario,) = found["numbers"]["scenarios"]
    (decision,) = scenario["initiatives"]
    assert (decision["initiative"], decision["opposite"]["objective_change"]) == ("B", -40000.0)
    assert found["inputs_fingerprint"] == found["numbers"]["inputs_fingerprint"]
    assert google.workbook_json(service.workbooks["q3"]["location"]) == before
    # It is no run: no list has it, and no call about runs knows it.
    assert service.call("GET", "/v1/runs").json() == {"runs": []}
    assert service.call("GET", f"/v1/runs/{found['question_id']}").status_code == 404


@pytest.mark.parametrize(
    ("order", "line"),
    [
        (
            {"kind": "what-if", "force_in": ["B"], "changes": ["capacity_total_tokens=110"]},
            "Gross merchandise value: £160,000 before, £200,000 after (+£40,000).",
        ),
        (
            {"kind": "frontier", "by": ["gmv", "tokens"]},
            "Gross merchandise value £200,000 and tokens used 110.",
        ),
        (
            {"kind": "audit", "column": "our plan"},
            "The plan ticks 1 initiative: Gross merchandise value £120,000, 60 tokens.",
        ),
        ({"kind": "capacity-value", "of": "tokens", "high": 150}, "Capacity of tokens: 100 now."),
        ({"kind": "rule-prices"}, "The scenario has no rules but its capacities."),
        ({"kind": "priorities", "low": 140}, "1. A (Faster search): 60 tokens, 60 in all."),
        ({"kind": "alternatives", "count": 1}, "2nd best: £40,000 less Gross merchandise value; C out."),
        (
            {"kind": "robustness", "samples": 2},
            "The totals are not corrected: too few estimates of one kind to compare with each other.",
        ),
    ],
)
def test_every_study_is_answered_in_words_and_numbers(service: Installation, order: dict[str, Any], line: str) -> None:
    found = answered(service, {"workbook": "q3", **order})
    assert (found["state"], found["exit_code"]) == ("succeeded", 0), found
    assert line in found["sentences"], found["sentences"]
    assert found["summary"] == found["sentences"][0]
    assert found["numbers"]["issues"] == []


def test_a_question_about_what_is_not_there_ends_with_the_sentence_of_the_command(service: Installation) -> None:
    found = answered(service, {"workbook": "q3", "kind": "explain", "initiative": "Gift crads"})
    assert (found["state"], found["exit_code"], found["numbers"]) == ("failed", 2, None)
    assert found["summary"] == 'There is no initiative "Gift crads" in the workbook. Did you mean Gift cards?'
    found = answered(service, {"workbook": "q3", "kind": "change-value", "most": 2})
    assert (found["state"], found["exit_code"]) == ("failed", 2)
    assert found["summary"] == (
        '"Pure north star" has no approval and no run yet, so there is nothing to change. Run it first.'
    )
    found = answered(service, {"workbook": "q3", "kind": "explain", "initiative": "KPIs!A2"})
    assert found["summary"] == "KPIs!A2 is not in the list of initiatives. Select a cell of an initiative there."


def test_mistakes_in_the_workbook_are_what_the_answer_says(service: Installation) -> None:
    found = answered(service, {"workbook": "broken", "kind": "explain"})
    assert (found["state"], found["exit_code"]) == ("failed", 3)
    assert [issue["cell"] for issue in found["numbers"]["issues"]] == ["C2"]


def test_equal_questions_share_an_answer_and_a_key_is_for_one_question(service: Installation) -> None:
    order = {"workbook": "q3", "kind": "what-if", "leave_out": ["A"]}
    first = ask(service, order, Idempotency_Key="k1").json()
    assert ask(service, order, Idempotency_Key="k1").json() == first
    other = ask(service, order | {"leave_out": ["B"]}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["type"]) == (422, "urn:sheetplan:problem:idempotency-key-reused")


@pytest.mark.parametrize(
    ("order", "status", "kind"),
    [
        ({"workbook": "q3", "kind": "what-if"}, 422, "nothing-to-change"),
        ({"workbook": "q3", "kind": "guess"}, 422, "invalid-request"),
        ({"workbook": "q3", "kind": "frontier", "by": ["gmv"]}, 422, "invalid-request"),
        ({"workbook": "q3", "kind": "alternatives", "within": 2}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    service: Installation, order: dict[str, Any], status: int, kind: str
) -> None:
    answer = ask(service, order)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:sheetplan:problem:{kind}"), answer.text


def test_only_those_who_may_run_a_workbook_ask_about_it_and_read_answers(
    service: Installation, key_server: KeyServer
) -> None:
    order = {"workbook": "finance", "kind": "explain", "scenario": "Pure north star"}
    found = answered(service, order)
    headers = {"Authorization": f"Bearer {key_server.token(email='ana@example.com')}"}
    refused = requests.post(f"{service.url}/v1/questions", json=order, headers=headers, timeout=20)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:sheetplan:problem:workbook-not-allowed")
    hidden = requests.get(f"{service.url}/v1/questions/{found['question_id']}", headers=headers, timeout=20)
    assert (hidden.status_code, hidden.json()["type"]) == (404, "urn:sheetplan:problem:unknown-question")


def delay_reads(google: SheetsServer, service: Installation, workbook: str, delay_s: float) -> None:
    """The next read of this workbook alone: another question, cancelled or not, may still be reading its own."""
    google.fault("delay", f"GET .*spreadsheets/{service.workbooks[workbook]['location']}", delay_s=delay_s, times=1)


def test_a_question_is_cancelled(service: Installation, google: SheetsServer) -> None:
    delay_reads(google, service, "slow", 2.0)
    accepted = ask(service, {"workbook": "slow", "kind": "explain"}).json()
    service.wait(lambda: service.call("GET", accepted["status_url"]).json()["state"] == "running", "it begins")
    cancelled = service.call("POST", accepted["status_url"] + "/cancel")
    assert cancelled.status_code == 202
    words = f"Cancelled by {PERSON_EMAIL}; nothing was written."
    assert (cancelled.json()["state"], cancelled.json()["summary"]) == ("cancelled", words)


def test_a_question_is_answered_though_the_service_dies_meanwhile(service: Installation, google: SheetsServer) -> None:
    delay_reads(google, service, "slower", 3.0)
    accepted = ask(service, {"workbook": "slower", "kind": "explain", "initiative": "A"}).json()
    service.wait(lambda: service.call("GET", accepted["status_url"]).json()["state"] == "running", "it begins")
    service.kill(service.processes[0])
    service.serve()
    service.wait(lambda: service.call("GET", accepted["status_url"]).json()["state"] in FINAL, "the answer")
    assert service.call("GET", accepted["status_url"]).json()["sentences"][1] == "A (Faster search)"
