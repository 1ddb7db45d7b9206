"""The OpenAPI document, and schemathesis against the running service: every answer is one that it describes."""

import contextlib
from collections.abc import Iterator

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import Installation
from tests.sheets_sync.keys import AUDIENCE, KeyServer

EXAMPLES = 8
"""Requests that are tried for each call and each way of making them."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, key_server: KeyServer) -> Iterator[Installation]:
    with SheetsServer() as google:
        made = Installation(
            tmp_path_factory.mktemp("openapi"), google, audience=[AUDIENCE], certificates_url=key_server.url
        )
        made.register("q3", "x" * 44)
        made.serve()
        yield made
        made.stop()


@pytest.fixture
def api(service: Installation) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{service.url}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_described(
    api: schemathesis.BaseSchema, service: Installation, key_server: KeyServer, mode: GenerationMode
) -> None:
    """Valid requests, and such as are not: status, media type and shape are as the document says."""
    headers = {"Authorization": f"Bearer {key_server.token()}"}
    tried = []
    for result in api.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy(generation_mode=mode)
        tried.append(operation.label)

        @hypothesis.settings(
            max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=strategy)
        def answers_as_described(case: schemathesis.Case) -> None:
            # Query parameters that mean nothing to us are no mistake: proxies and link trackers add some.
            case.call_and_validate(base_url=service.url, headers=headers, excluded_checks=[negative_data_rejection])

        with contextlib.suppress(Unsatisfiable):
            # A call without parameters cannot be made in a wrong way.
            answers_as_described()
    assert len(tried) == 17


def test_the_document_names_every_call_of_the_interface(service: Installation) -> None:
    document = requests.get(f"{service.url}/openapi.json", timeout=5).json()
    assert {(method, path) for path, item in document["paths"].items() for method in item} == {
        ("post", "/v1/runs"),
        ("get", "/v1/runs"),
        ("get", "/v1/runs/{run_id}"),
        ("get", "/v1/runs/{run_id}/difference"),
        ("post", "/v1/runs/{run_id}/cancel"),
        ("get", "/v1/approvals"),
        ("post", "/v1/approvals"),
        ("post", "/v1/approvals/revoke"),
        ("post", "/v1/adoptions"),
        ("post", "/v1/checks"),
        ("post", "/v1/questions"),
        ("get", "/v1/questions/{question_id}"),
        ("post", "/v1/questions/{question_id}/cancel"),
        ("get", "/v1/workbooks"),
        ("get", "/healthz"),
        ("get", "/readyz"),
        ("get", "/metrics"),
    }
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/nowhere", 404, "Nothing exists at /nowhere."),
        ("GET", "/v1/nowhere", 404, "Nothing exists at /v1/nowhere."),
        ("DELETE", "/v1/runs", 405, "DELETE is not allowed at /v1/runs."),
        ("POST", "/healthz", 405, "POST is not allowed at /healthz."),
    ],
)
def test_what_is_not_there_is_a_problem_document_too(
    service: Installation, key_server: KeyServer, method: str, path: str, status: int, detail: str
) -> None:
    headers = {"Authorization": f"Bearer {key_server.token()}"}
    answer = requests.request(method, service.url + path, headers=headers, timeout=5)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": {404: "Not Found", 405: "Method Not Allowed"}[status],
        "status": status,
        "detail": detail,
    }
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "body"),
        (b"{", "body.1"),
        (b"[]", "body"),
        (b"{}", "body.workbook"),
        (b'{"workbook": 7}', "body.workbook"),
        (b'{"workbook": ""}', "body.workbook"),
        (b'{"workbook": "a\\u0000b"}', "body.workbook"),
        (b'{"workbook": "\\ud800"}', "body.workbook"),
        (b'{"workbook": "q3", "scenarios": []}', "body.scenarios"),
        (b'{"workbook": "q3", "scenarios": "Stretch"}', "body.scenarios"),
        (b'{"workbook": "q3", "solver": "cbc"}', "body.solver"),
        (b'{"workbook": "q3", "trigger": "=1+1"}', "body.trigger"),
    ],
)
def test_a_request_that_is_not_valid_is_reported_by_place(
    service: Installation, key_server: KeyServer, body: bytes, place: str
) -> None:
    headers = {"Authorization": f"Bearer {key_server.token()}", "Content-Type": "application/json"}
    answer = requests.post(f"{service.url}/v1/runs", data=body, headers=headers, timeout=5)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:sheetplan:problem:invalid-request"
    assert [error["place"] for error in answer.json()["errors"]] == [place]
