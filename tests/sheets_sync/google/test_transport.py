"""Patience: what is tried again, when, until when, and what is not."""

import pytest
import requests
from google.auth import exceptions as auth_exceptions
from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_URL

from sheets_sync.google import transport
from sheets_sync.google.connection import connect
from sheets_sync.google.faults import Situation
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.transport import TooLargeError, compact, never_sent, passes
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_sync.google_sheets import OurTime, Plan, inputs

READ = r"GET /v4/spreadsheets/"


def titles(plan: Plan) -> object:
    """A small read: one that cannot be made smaller."""
    url, params = SPREADSHEET_URL % plan.id, {"fields": "properties(title)"}
    return plan.connection.call("get", url, Situation("the plan"), params=params)


def patient(plan: Plan, **patience: float) -> None:
    plan.connection.http.patience = plan.time.patience(**patience)


@pytest.mark.parametrize("status", sorted(transport.PASSING_STATUSES))
def test_a_passing_status_is_tried_again_with_growing_waits(plan, status):
    plan.server.fault("status", READ, status=status, times=3)
    titles(plan)
    assert plan.time.slept == [1, 2, 4]
    assert plan.calls() == [("GET", status)] * 3 + [("GET", 200)]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "cut_body"])
def test_a_broken_connection_is_tried_again(plan, kind):
    plan.server.fault(kind, READ, times=2)
    assert titles(plan) == {"properties": {"title": "Plan"}}
    assert plan.time.slept == [1, 2]


def test_a_silent_server_is_tried_again(plan):
    patient(plan, attempt_s=0.1)
    plan.server.fault("delay", READ, delay_s=0.4)
    assert plan.open().read(inputs).title == "Plan"
    assert plan.time.slept == [1]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "Google's quota of calls per minute is used up (HTTP 429); trying again in 1.0 s"),
        (503, "Google answered with HTTP 503; trying again in 1.0 s"),
    ],
)
def test_why_a_call_is_tried_again_is_said_in_words(plan, caplog, status, said):
    plan.server.fault("status", READ, status=status)
    plan.open().read(inputs)
    assert [record.getMessage() for record in caplog.records if record.name == transport.__name__] == [said]


def test_credentials_that_cannot_be_renewed_are_reported_without_the_name_of_an_exception(plan):
    plan.server.fault("status", READ, status=401)
    with pytest.raises(WorkbookUnreachableError) as reported:
        plan.open().read(inputs)
    assert str(reported.value) == (
        "Google refuses a token for the account that runs sheetplan: the login expired or was revoked. Log in again "
        "with: gcloud auth application-default login, or create a new key for the service account. Google says: "
        "Anonymous credentials cannot be refreshed. [login]"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_final_answer_is_not_tried_again(plan, status):
    plan.server.fault("status", READ, status=status, times=None, message="No.")
    with pytest.raises(Exception, match=r"\."):
        plan.open().read(inputs)
    assert len(plan.calls()) == 1
    assert plan.time.slept == []


def test_retry_after_is_waited_for(plan):
    plan.server.fault("status", READ, status=429, retry_after="17")
    plan.open().read(inputs)
    assert plan.time.slept == [17]


def test_retry_after_beyond_the_deadline_ends_the_waiting_at_once(plan):
    plan.server.fault("status", READ, status=503, retry_after="3600", times=None)
    with pytest.raises(WorkbookUnreachableError, match=r"Google answered 503 on every attempt"):
        plan.open().read(inputs)
    assert plan.time.slept == []


def test_waits_are_cut_at_32_seconds_and_end_at_the_deadline(plan):
    plan.server.fault("status", READ, status=503, times=None)
    with pytest.raises(WorkbookUnreachableError):
        titles(plan)
    assert plan.time.slept == [1, 2, 4, 8, 16, 32, 32, 32, 32]


def test_waits_differ_by_chance(sheets_server):
    patience = transport.Patience()
    assert {round(patience.chance(0, 32), 6) for _ in range(20)} != {32.0}
    assert all(0 <= patience.chance(0, 4) <= 4 for _ in range(100))


def test_where_nobody_listens_is_reported_soon(sheets_server):
    time = OurTime()
    sheets_server.stop()
    connection = connect(emulator=sheets_server.url, patience=time.patience())
    workbook = GoogleWorkbook("x" * 44, connection)
    with pytest.raises(WorkbookUnreachableError) as error:
        workbook.read(inputs)
    assert str(error.value) == (
        f"Google cannot be reached from here, so https://docs.google.com/spreadsheets/d/{'x' * 44} was not read. "
        "Check the network, and the proxy settings (HTTPS_PROXY). [network]"
    )
    assert sum(time.slept) <= transport.UNREACHABLE_AFTER_S


def test_quota_of_the_server_is_waited_out(plan):
    plan.server.set_quota(1, None)
    plan.time.on_sleep = plan.server.advance
    plan.open().read(inputs)
    plan.open().read(inputs)
    assert [status for _, status in plan.calls()].count(200) == 2
    assert sum(plan.time.slept) >= 60


def test_quotas_are_kept_on_our_side(plan):
    connection = connect(
        emulator=plan.server.url, patience=plan.time.patience(), reads_per_minute=2, writes_per_minute=1
    )
    connection.sizes.note(plan.id, 0)
    plan.server.set_quota(2, 1)
    plan.time.on_sleep = plan.server.advance
    for _ in range(4):
        GoogleWorkbook(plan.id, connection).read(inputs)
    connection.close()
    assert plan.calls() == [("GET", 200)] * 4
    assert plan.time.slept == [60]


def test_an_answer_beyond_the_limit_is_broken_off(plan, monkeypatch):
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 10)
    with pytest.raises(TooLargeError):
        plan.connection.http.request("get", f"https://sheets.googleapis.com/v4/spreadsheets/{plan.id}")


def test_a_proxy_of_the_environment_does_not_come_between_us_and_an_emulator(plan, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert plan.open().read(inputs).title == "Plan"


def test_bodies_are_compact_and_refuse_what_is_no_number():
    assert compact({"a": [1, "ä"]}) == '{"a":[1,"ä"]}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        compact({"a": float("nan")})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (requests.exceptions.SSLError("certificate"), False),
        (requests.exceptions.ConnectTimeout(), True),
        (requests.exceptions.ReadTimeout(), True),
        (requests.exceptions.ChunkedEncodingError(), True),
        (auth_exceptions.TransportError("token endpoint"), True),
        (auth_exceptions.RefreshError("invalid_grant"), False),
        (auth_exceptions.RefreshError("try later", retryable=True), True),
        (ValueError(), False),
    ],
)
def test_what_may_be_gone_the_next_time(error, expected):
    assert passes(error) is expected


def test_only_a_connection_that_never_came_about_is_known_not_to_have_been_sent():
    assert never_sent(requests.exceptions.ConnectTimeout())
    assert not never_sent(requests.exceptions.ReadTimeout())
    assert not never_sent(requests.exceptions.ConnectionError("Connection reset by peer"))
    assert not never_sent(KeyError())


def test_the_error_of_old_style_quotas_is_a_quota(plan):
    response = requests.Response()
    response.status_code = 403
    response._content = b'{"error": {"code": 403, "message": "m", "errors": [{"reason": "userRateLimitExceeded"}]}}'
    assert passes(APIError(response))
