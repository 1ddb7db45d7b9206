"""Who may run what: forged, old, foreign and replayed proofs, against the real service over HTTP."""

import base64
import itertools
import json
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sheets_sync.service.secret import NONCE, PERSON, SIGNATURE, TIMESTAMP, signature
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import SECRET, Installation, google_workbook, rows_of
from tests.sheets_sync.keys import AUDIENCE, Key, KeyServer


@pytest.fixture(scope="module")
def google_of_module() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, google_of_module: SheetsServer, key_server: KeyServer
) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("identity")
    made = Installation(
        folder, google_of_module, audience=[AUDIENCE], hosted_domains=["example.com"], certificates_url=key_server.url
    )
    made.register("q3", google_workbook(google_of_module))
    made.register("finance", google_workbook(google_of_module), allowed=["@finance.example.com"])
    made.register("nobody", google_workbook(google_of_module), allowed=[])
    made.serve()
    yield made
    made.stop()


def post(service: Installation, token: str | None, workbook: str = "q3", scheme: str = "Bearer") -> requests.Response:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return requests.post(f"{service.url}/v1/runs", json={"workbook": workbook}, headers=headers, timeout=10)


def refusal(answer: requests.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    return str(problem["detail"])


def test_a_valid_token_of_someone_on_the_list_runs(
    service: Installation, key_server: KeyServer, google_of_module: SheetsServer
) -> None:
    answer = post(service, key_server.token(email="Ana@Example.com"))
    assert answer.status_code == 202, answer.text
    run = service.finished(answer.json()["run_id"])
    assert run["state"] == "succeeded"
    assert {row["person"] for row in rows_of(google_of_module, service.workbooks["q3"]["location"])} == {
        "ana@example.com"
    }


def test_a_domain_on_the_list_admits_its_people(service: Installation, key_server: KeyServer) -> None:
    assert post(service, key_server.token(email="cfo@finance.example.com"), "finance").status_code == 202


def unsigned(**claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "iat": now, "exp": now + 3600}
    who = {"email": "ana@example.com", "email_verified": True, "hd": "example.com"}
    head = {"alg": "none", "typ": "JWT", "kid": "first"}
    return f"{part(json.dumps(head))}.{part(json.dumps(usual | who | claims))}."


HOUR = 3600
BAD_CLAIMS = [
    pytest.param({"exp": int(time.time()) - HOUR, "iat": int(time.time()) - 2 * HOUR}, "it has expired", id="expired"),
    pytest.param({"aud": "other.apps.googleusercontent.com"}, "made for another service", id="wrong-audience"),
    pytest.param({"iss": "https://evil.example.com"}, "not issued by Google", id="wrong-issuer"),
    pytest.param({"email_verified": False}, "no verified e-mail", id="unverified-e-mail"),
    pytest.param({"email_verified": "true"}, "no verified e-mail", id="verified-as-text"),
    pytest.param({"email": None}, "no verified e-mail", id="no-e-mail"),
    pytest.param({"hd": "evil.com"}, "outside the allowed organisations", id="foreign-domain"),
    pytest.param({"hd": None}, "outside the allowed organisations", id="no-domain"),
    pytest.param({"iat": int(time.time()) + HOUR, "exp": int(time.time()) + 2 * HOUR}, "not valid yet", id="not-yet"),
    pytest.param({"exp": None}, "it cannot be read", id="for-ever"),
]


@pytest.mark.parametrize(("claims", "reason"), BAD_CLAIMS)
def test_a_token_with_wrong_claims_is_refused(
    service: Installation, key_server: KeyServer, claims: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(post(service, key_server.token(**claims)), 401)


def test_a_token_signed_by_another_key_is_refused(service: Installation) -> None:
    assert "its signature is wrong" in refusal(post(service, Key("first").sign()), 401)
    assert "not one of Google's" in refusal(post(service, Key("unknown").sign()), 401)


def test_a_token_whose_claims_were_changed_is_refused(service: Installation, key_server: KeyServer) -> None:
    head, _, tail = key_server.token().split(".")
    forged = f"{head}.{unsigned(email='boss@example.com').split('.')[1]}.{tail}"
    assert "its signature is wrong" in refusal(post(service, forged), 401)


def test_a_token_without_signature_is_refused(service: Installation) -> None:
    """`alg: none`."""
    refusal(post(service, unsigned()), 401)


def test_a_token_signed_with_the_public_certificate_is_refused(service: Installation, key_server: KeyServer) -> None:
    """`alg: HS256`, with what everybody knows as the secret."""
    import hashlib
    import hmac

    body = unsigned().rsplit(".", 1)[0].split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"first"}').rstrip(b"=").decode()
    digest = hmac.new(key_server.keys[0].certificate.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    refusal(post(service, f"{head}.{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"), 401)


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


DEEP = "[" * 2000 + "]" * 2000
ODD_KEY_IDS = [None, "", 0, [], {}, True, ["first"], "first ", "FIRST", "../first", "first\n", "x" * 500]


@pytest.mark.parametrize("key_id", ODD_KEY_IDS, ids=repr)
def test_a_token_is_checked_with_the_key_that_it_names_and_no_other(
    service: Installation, key_server: KeyServer, key_id: Any
) -> None:
    """Signed with a published key, but without its id, or with an odd one."""
    header = {"alg": "RS256", "typ": "JWT"} | ({} if key_id is None else {"kid": key_id})
    body = key_server.token().split(".")[1]
    signed_part = f"{part(json.dumps(header))}.{body}"
    refusal(post(service, f"{signed_part}.{key_server.keys[0].signature(signed_part)}"), 401)


@pytest.mark.parametrize(
    "token",
    [
        f"{part(DEEP)}.{part(DEEP)}.x",
        f"{part(json.dumps({'alg': 'RS256', 'kid': 'first'}))}.{part(DEEP)}.x",
        f"{part(json.dumps({'alg': 'RS256', 'kid': 'first'}))}.{part('1' * 6000)}.x",
        f"{part('[]')}.{part('[]')}.x",
        f"{part('null')}.{part('null')}.",
        f"{part(json.dumps({'alg': ['RS256'], 'kid': 'first'}))}.{part('{}')}.x",
        "a" * 30_000,
    ],
    ids=["deep", "deep-claims", "long-number", "lists", "null", "odd-algorithm", "long"],
)
def test_tokens_that_break_parsers_are_refused_without_a_log_line(service: Installation, token: str) -> None:
    before = len(service.logs())
    for _ in range(30):
        refusal(post(service, token), 401)
    assert len(service.logs()) == before


LONG = "x" * 600


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v1/runs?workbook=%00", None),
        ("GET", "/v1/runs?workbook=q3%0A", None),
        ("GET", "/v1/runs?workbook=~nosuch", None),
        ("GET", f"/v1/runs?workbook={LONG}", None),
        ("GET", f"/v1/runs?limit={'9' * 5000}", None),
        ("GET", f"/v1/runs/{LONG}", None),
        ("GET", "/v1/runs/%00", None),
        ("GET", f"/v1/{LONG}", None),
        ("POST", "/v1/runs", {"workbook": "~nosuch"}),
        ("POST", "/v1/runs", {"workbook": "\x00"}),
        ("POST", "/v1/runs", {"workbook": "q3\ud800"}),
        ("POST", "/v1/runs", {"workbook": LONG}),
        ("POST", "/v1/runs", {"workbook": "q3", "scenarios": [LONG]}),
        ("POST", "/v1/runs", {"workbook": "q3", "scenarios": ["s"] * 201}),
        ("POST", "/v1/runs", {"workbook": "q3", "trigger": "x\x00"}),
        ("POST", "/v1/checks", {"workbook": ["q3"]}),
        ("POST", "/v1/checks", json.loads("[" * 500 + "]" * 500)),
    ],
)
def test_no_input_is_a_defect(service: Installation, method: str, target: str, body: Any) -> None:
    answer = service.call(method, target, body)
    assert answer.status_code in (400, 403, 404, 422), answer.text
    assert len(answer.text) < 5_000
    assert "Traceback" not in service.logs()


def test_a_body_that_is_no_json_is_refused(service: Installation, key_server: KeyServer) -> None:
    headers = {"Authorization": f"Bearer {key_server.token()}", "Content-Type": "application/json"}
    for body in (b"[" * 30_000, b"\xff\xfe\x00", b'{"workbook": 1e999}', b"\x00", b'{"workbook":"q3"} x'):
        answer = requests.post(f"{service.url}/v1/runs", data=body, headers=headers, timeout=10)
        assert answer.status_code in (400, 422), (body[:20], answer.text)


def test_an_odd_host_or_length_is_no_defect(service: Installation) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    heads = ["Host: [", "Host: ", "Host: a b", f"Host: x\r\nContent-Length: {'9' * 19}"]
    for head, path in itertools.product(heads, ("/nothing", "/v1/runs/", "/healthz/")):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n".encode())
            assert int(connection.recv(200).split()[1]) in range(400, 500), (head, path)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ä.ö.ü", "." * 10, "a" * 5000])
def test_what_is_no_token_is_refused(service: Installation, token: str) -> None:
    refusal(post(service, token.encode().decode("latin-1")), 401)
    refusal(post(service, token.encode().decode("latin-1"), scheme="Basic"), 401)


def test_nobody_runs_without_proof(service: Installation) -> None:
    answer = post(service, None)
    assert refusal(answer, 401) == "Send an identity token: Authorization: Bearer TOKEN."
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("workbook", ["finance", "nobody", "unheard of", "F" * 44, "/etc/passwd", "plan.xlsx"])
def test_a_foreign_workbook_is_refused_like_one_that_is_not_there(
    service: Installation, key_server: KeyServer, workbook: str
) -> None:
    detail = refusal(post(service, key_server.token(), workbook), 403)
    assert detail.startswith(
        "This workbook is not registered with the service, or ana@example.com may not run it. Ask its operator"
    )
    key = service.workbooks.get(workbook, {}).get("location")
    if key is not None:
        for name in (key, f"https://docs.google.com/spreadsheets/d/{key}/edit#gid=0"):
            assert refusal(post(service, key_server.token(), name), 403) == detail


def test_a_foreign_person_is_refused_and_sees_no_run(service: Installation, key_server: KeyServer) -> None:
    mine, theirs = key_server.token(), key_server.token(email="eve@example.com")
    refusal(post(service, theirs), 403)
    run_id = post(service, mine).json()["run_id"]
    headers = {"Authorization": f"Bearer {theirs}"}
    calls = [("GET", f"/{run_id}"), ("POST", f"/{run_id}/cancel"), ("GET", "?workbook=q3")]
    answers = [
        requests.request(method, f"{service.url}/v1/runs{path}", headers=headers, timeout=5) for method, path in calls
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 403]
    assert requests.get(f"{service.url}/v1/runs", headers=headers, timeout=5).json() == {"runs": []}
    assert requests.get(f"{service.url}/v1/workbooks", headers=headers, timeout=5).json() == {"workbooks": []}
    service.finished(run_id)


def test_keys_are_fetched_seldom_and_anew_when_they_change(key_server: KeyServer) -> None:
    from sheets_sync.service.identity import NotIdentifiedError, TokenVerifier

    now = 1000.0
    verifier = TokenVerifier([AUDIENCE], certificates_url=key_server.url, clock=lambda: now)
    before = key_server.fetched
    for _ in range(5):
        verifier.verify(key_server.token())
    assert key_server.fetched == before + 1
    new = Key("second")
    with pytest.raises(NotIdentifiedError):
        verifier.verify(new.sign())
    assert key_server.fetched == before + 1
    key_server.keys.append(new)
    now += 11
    assert verifier.verify(new.sign()).email == "ana@example.com"
    key_server.keys.remove(new)


def test_unreachable_keys_are_no_fault_of_the_caller(key_server: KeyServer) -> None:
    from sheets_sync.service.identity import TokenVerifier
    from sheets_sync.service.published_keys import KeysUnreachableError

    for url in (f"{key_server.url}", "http://127.0.0.1:9/certs"):
        key_server.answer_status = 500
        with pytest.raises(KeysUnreachableError):
            TokenVerifier([AUDIENCE], certificates_url=url).verify(key_server.token())
    key_server.answer_status = 200


def signed(service: Installation, **changes: str) -> requests.Response:
    """A signed request, changed after it was signed."""
    body = b'{"workbook": "q3"}'
    proof = {
        TIMESTAMP: changes.pop("timestamp", str(int(time.time()))),
        NONCE: changes.pop("nonce", secrets.token_urlsafe(16)),
        PERSON: "ana@example.com",
    }
    proof[SIGNATURE] = signature(
        changes.pop("secret", SECRET),
        method="POST",
        target="/v1/runs",
        timestamp=proof[TIMESTAMP],
        nonce=proof[NONCE],
        person=proof[PERSON],
        body=body,
    )
    headers = proof | {"Content-Type": "application/json"} | {name.replace("_", "-"): v for name, v in changes.items()}
    return requests.post(f"{service.url}/v1/runs", data=body, headers=headers, timeout=10)


def test_what_is_no_http_does_not_fill_the_log(service: Installation) -> None:
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", service.service["port"]), timeout=10) as made:
            made.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
            assert made.recv(100).startswith(b"HTTP/1.1 400")
    lines = [line for line in service.log_lines() if line["message"] == "Invalid HTTP request received."]
    assert 0 < len(lines) <= 10


def test_a_signed_request_is_good_once(service: Installation) -> None:
    nonce, stamp = secrets.token_urlsafe(16), str(int(time.time()))
    assert signed(service, nonce=nonce, timestamp=stamp).status_code == 202
    assert "was already sent" in refusal(signed(service, nonce=nonce, timestamp=stamp), 401)
    assert "was already sent" in refusal(signed(service, nonce=nonce), 401)


def test_a_signed_request_that_is_old_forged_or_changed_is_refused(service: Installation) -> None:
    assert "too far off" in refusal(signed(service, timestamp=str(int(time.time()) - 301)), 401)
    assert "too far off" in refusal(signed(service, timestamp=str(int(time.time()) + 320)), 401)
    assert "signature is wrong" in refusal(signed(service, secret="another secret of the same length"), 401)
    assert "signature is wrong" in refusal(signed(service, x_sheetplan_person="boss@example.com"), 401)
    assert "needs x-sheetplan-timestamp" in refusal(signed(service, nonce="short"), 401)
    assert "needs x-sheetplan-timestamp" in refusal(signed(service, timestamp="soon"), 401)


def test_requests_have_a_size_and_a_rate(google_of_module: SheetsServer, tmp_path: Path) -> None:
    made = Installation(tmp_path, google_of_module, requests_per_minute=5, clicks_per_minute=2, largest_request_kb=1)
    made.register("q3", "x" * 44)
    made.serve()
    try:
        large = made.call("POST", "/v1/runs", {"workbook": "x" * 2000})
        assert refusal(large, 413) == "A request can have at most 1,000 bytes."
        chunks = iter([b"x" * 600, b"x" * 600])
        refusal(requests.post(f"{made.url}/v1/runs", data=chunks, timeout=5), 413)
        answers = [made.call("GET", "/v1/runs") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) in range(1, 61)
        # What an open page reads does not use up what a person clicks.
        clicks = [made.call("POST", "/v1/runs", {"workbook": "q3"}) for _ in range(3)]
        assert [answer.status_code for answer in clicks] == [202, 202, 429]
        strangers = [requests.get(f"{made.url}/v1/runs", timeout=5).status_code for _ in range(6)]
        assert strangers == [401] * 5 + [429]
        assert requests.get(f"{made.url}/healthz", timeout=5).ok
    finally:
        made.stop()
