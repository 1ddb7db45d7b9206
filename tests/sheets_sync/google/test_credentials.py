"""Acting for somebody else, end to end: google-auth fetches every token from a local token endpoint and a local IAM."""

import json
from collections.abc import Callable

import pytest

from sheets_sync.google.connection import connect
from sheets_sync.google.credentials import CLOUD_SCOPE, KEY_VARIABLE, SHEETS_SCOPE, find_identity
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_server.redirect import redirect
from tests.sheets_sync.google_sheets import Plan, changes, inputs

ACCOUNT = "planner@team.iam.gserviceaccount.com"
OTHER = "other@team.iam.gserviceaccount.com"
ANN = "ann@example.com"

Open = Callable[..., GoogleWorkbook]


@pytest.fixture
def strict(plan: Plan) -> Plan:
    """A spreadsheet that nobody reaches without a token, and whom nobody but Ann may open."""
    plan.server.store.require_auth = True
    plan.server.unshare(plan.id, "anyone")
    plan.server.share(plan.id, ANN)
    return plan


@pytest.fixture
def open_as(strict: Plan, tmp_path, monkeypatch):
    """The spreadsheet as the credentials of a file reach it."""
    connections = []

    def opened(credentials: dict[str, object], **options: str) -> GoogleWorkbook:
        path = tmp_path / "credentials.json"
        path.write_text(json.dumps(credentials))
        monkeypatch.setenv(KEY_VARIABLE, str(path))
        identity = find_identity(**options)
        connection = connect(emulator=strict.server.url, patience=strict.time.patience(), identity=identity)
        redirect(connection.http.session._auth_request.session, strict.server.url)
        connections.append(connection)
        return GoogleWorkbook(strict.id, connection)

    yield opened
    for connection in connections:
        connection.close()


def refusal(workbook: GoogleWorkbook) -> str:
    with pytest.raises(WorkbookUnreachableError) as refused:
        workbook.read(inputs)
    return str(refused.value)


def test_a_service_account_acts_in_the_name_of_a_person(strict: Plan, open_as: Open) -> None:
    key = strict.server.service_account(ACCOUNT)
    strict.server.store.delegations[ACCOUNT] = {SHEETS_SCOPE}
    workbook = open_as(key, subject=ANN)
    assert workbook.read(inputs).title == "Plan"
    assert workbook.write(changes("r1")).notices == ()
    assert ACCOUNT in refusal(open_as(key))


def test_without_delegation_the_admin_console_is_named(strict: Plan, open_as: Open) -> None:
    workbook = open_as(strict.server.service_account(ACCOUNT), subject=ANN)
    assert refusal(workbook).startswith(
        f"Google refuses a token for {ANN}: it may not act as the person of google.subject. In the Admin console, open "
        "Security > API controls > Domain-wide delegation, and add the service account's client id with the scope "
        f"{SHEETS_SCOPE}. Google says: "
    )


def test_an_account_acts_as_another_with_the_narrow_scope(strict: Plan, open_as: Open) -> None:
    strict.server.service_account(OTHER)
    strict.server.share(strict.id, OTHER)
    strict.server.store.token_creators[OTHER] = {ACCOUNT}
    workbook = open_as(strict.server.service_account(ACCOUNT), impersonate=OTHER)
    assert workbook.read(inputs).title == "Plan"
    assert workbook.write(changes("r1")).notices == ()
    scopes = [token["scopes"] for token in strict.server.store.access_tokens.values() if token["email"] == OTHER]
    assert scopes == [[SHEETS_SCOPE]]


def test_the_login_of_gcloud_acts_as_a_service_account(strict: Plan, open_as: Open) -> None:
    """The file that `gcloud auth application-default login --impersonate-service-account` leaves."""
    strict.server.service_account(OTHER)
    strict.server.share(strict.id, OTHER)
    strict.server.store.token_creators[OTHER] = {"me@example.com"}
    place = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts"
    login = {
        "type": "impersonated_service_account",
        "delegates": [],
        "service_account_impersonation_url": f"{place}/{OTHER}:generateAccessToken",
        "source_credentials": strict.server.authorized_user("me@example.com", [CLOUD_SCOPE]),
    }
    assert open_as(login).read(inputs).title == "Plan"


def test_an_account_that_is_acted_as_acts_in_the_name_of_a_person(strict: Plan, open_as: Open) -> None:
    strict.server.service_account(OTHER)
    strict.server.store.token_creators[OTHER] = {ACCOUNT}
    workbook = open_as(strict.server.service_account(ACCOUNT), impersonate=OTHER, subject=ANN)
    assert "it may not act as the person of google.subject." in refusal(workbook)
    strict.server.store.delegations[OTHER] = {SHEETS_SCOPE}
    assert workbook.read(inputs).title == "Plan"


def test_each_reason_for_which_nobody_may_act_as_the_account_has_its_cure(strict: Plan, open_as: Open) -> None:
    workbook = open_as(strict.server.service_account(ACCOUNT), impersonate=OTHER)
    start = f"Google refuses a token for {OTHER}: "
    assert refusal(workbook).startswith(
        f"{start}there is no such service account. Compare google.impersonate with the e-mail under IAM & Admin > "
        "Service Accounts. Google says: "
    )
    strict.server.service_account(OTHER)
    assert refusal(workbook).startswith(
        f"{start}your own account may not act as it. Grant your own account the role "
        "Service Account Token Creator on it. Google says: "
    )
    strict.server.store.disabled_services.add("iamcredentials.googleapis.com")
    assert refusal(workbook).startswith(
        f"{start}the IAM Service Account Credentials API is not enabled in its project. Enable it at "
        "https://console.cloud.google.com/apis/library/iamcredentials.googleapis.com and wait a few minutes. "
    )
