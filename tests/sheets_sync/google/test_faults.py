"""Every way in which Google says no ends in a sentence with a cure, and no sentence holds a secret."""

import json
import logging
from pathlib import Path

import pytest
from google.auth.exceptions import OAuthError, RefreshError
from requests.exceptions import SSLError

from sheets_sync.google.connection import connect, unreachable
from sheets_sync.google.credentials import KEY_VARIABLE, NONE_FOUND, emulator_address, find_identity
from sheets_sync.google.faults import DRIVE, FAULTS, GCLOUD_PROJECT, IAM, Answer, Situation, explained, fault_of
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.workbook.backend import WorkbookError, WorkbookUnreachableError
from tests.sheets_sync.google_sheets import changes, inputs

ADDRESS = "https://docs.google.com/spreadsheets/d/ID"
ACCOUNT = "planner@team.iam.gserviceaccount.com"
READING = Situation(ADDRESS, ACCOUNT)
WRITING = Situation(ADDRESS, ACCOUNT, writing=True)

NOT_ENABLED = frozenset({"SERVICE_DISABLED"})
NO_SCOPE = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
FULL = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
LOST = (
    "Invalid requests[0].addNamedRange: Cannot add named range with name: sheetplan_x, a named range with that name "
    "already exists."
)

SAMPLES = {
    "quota-project-role": (
        Answer(
            403,
            "Caller does not have required permission to use project plans-42. Grant the caller the "
            "roles/serviceusage.serviceUsageConsumer role.",
            frozenset({"USER_PROJECT_DENIED"}),
            {"consumer": "projects/plans-42"},
        ),
        READING,
    ),
    "quota-project": (Answer(403, "m", NOT_ENABLED, {"consumer": f"projects/{GCLOUD_PROJECT}"}), READING),
    "api-disabled": (Answer(403, "m", NOT_ENABLED, {"consumer": "projects/42"}), READING),
    "project-suspended": (
        Answer(403, "Consumer 'project:42' has been suspended.", frozenset({"CONSUMER_SUSPENDED"})),
        READING,
    ),
    "network-perimeter": (
        Answer(
            403,
            "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: Ab-1",
            frozenset({"SECURITY_POLICY_VIOLATED"}),
        ),
        READING,
    ),
    "organization-policy": (
        Answer(403, "The domain administrators have disabled Drive apps.", frozenset({"domainPolicy"})),
        Situation("Google Drive", ACCOUNT, api=DRIVE),
    ),
    "scope": (Answer(403, "Request had insufficient authentication scopes.", NO_SCOPE), READING),
    "quota": (Answer(429, "Quota exceeded", frozenset({"RATE_LIMIT_EXCEEDED"})), READING),
    "login": (Answer(401, "Request had invalid authentication credentials."), READING),
    "protected": (Answer(400, "You are trying to edit a protected cell or object."), WRITING),
    "view-only": (Answer(403, "The caller does not have permission"), WRITING),
    "not-shared": (Answer(403, "The caller does not have permission"), READING),
    "not-found": (Answer(404, "Requested entity was not found."), READING),
    "not-a-sheet": (Answer(400, "This operation is not supported for this document"), READING),
    "full": (Answer(400, FULL), WRITING),
    "too-large": (Answer(400, "Request payload size exceeds the limit: 10485760 bytes."), WRITING),
    "broken-name": (Answer(400, LOST), WRITING),
    "tab-gone": (Answer(400, "Invalid requests[1].updateCells: No grid with id: 7"), WRITING),
    "conflict": (Answer(409, "The operation was aborted."), WRITING),
    "unavailable": (Answer(503, "The service is currently unavailable."), READING),
    "rejected": (Answer(400, "Invalid requests[0].updateCells: something new"), WRITING),
}


def test_every_fault_of_the_catalogue_has_a_sample_here():
    assert list(SAMPLES) == [fault.code for fault in FAULTS]
    assert len({fault.title for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("code", SAMPLES)
def test_each_fault_is_reported_in_sentences_with_its_code(code):
    answer, situation = SAMPLES[code]
    assert fault_of(answer, situation).code == code
    error = explained(answer, situation)
    assert str(error).endswith(f"[{code}]")
    assert str(error)[0].isupper() or str(error).startswith((ADDRESS, ACCOUNT))
    assert isinstance(error, WorkbookUnreachableError) is (code != "rejected")


def test_not_shared_names_the_account_and_the_role():
    assert str(explained(*SAMPLES["not-shared"])) == (
        f"{ADDRESS} is not shared with {ACCOUNT}. Open the sheet, choose Share, and give "
        f"{ACCOUNT} the role Editor (Viewer is enough for check and --dry-run). If your organization does not allow "
        "sharing with accounts outside it, let the account act for a person who has the sheet: google.subject. "
        "Google says: The caller does not have permission [not-shared]"
    )


def test_a_disabled_api_names_the_project_and_the_link():
    assert str(explained(*SAMPLES["api-disabled"])) == (
        "The Google Sheets API is not enabled in project 42. Enable it at "
        "https://console.cloud.google.com/apis/library/sheets.googleapis.com?project=42, wait a few minutes, and run "
        "again. Google says: m [api-disabled]"
    )


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 405, 408, 409, 412, 413, 418, 429, 500, 501, 502, 503, 504]
)
@pytest.mark.parametrize("situation", [READING, WRITING, Situation(ADDRESS)])
def test_whatever_google_answers_there_is_a_sentence(status, situation):
    text = str(explained(Answer(status, "m"), situation))
    assert ". " in text
    assert "None" not in text


REASONS = {
    "SERVICE_DISABLED": "api-disabled",
    "BILLING_DISABLED": "project-suspended",
    "API_KEY_INVALID": "login",
    "API_KEY_SERVICE_BLOCKED": "login",
    "API_KEY_HTTP_REFERRER_BLOCKED": "login",
    "API_KEY_IP_ADDRESS_BLOCKED": "login",
    "API_KEY_ANDROID_APP_BLOCKED": "login",
    "API_KEY_IOS_APP_BLOCKED": "login",
    "RATE_LIMIT_EXCEEDED": "quota",
    "RESOURCE_QUOTA_EXCEEDED": "quota",
    "LOCATION_TAX_POLICY_VIOLATED": "organization-policy",
    "USER_PROJECT_DENIED": "quota-project-role",
    "CONSUMER_SUSPENDED": "project-suspended",
    "CONSUMER_INVALID": "project-suspended",
    "SECURITY_POLICY_VIOLATED": "network-perimeter",
    "ACCESS_TOKEN_EXPIRED": "login",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "scope",
    "ACCOUNT_STATE_INVALID": "project-suspended",
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": "login",
    "CREDENTIALS_MISSING": "login",
    "RESOURCE_PROJECT_INVALID": "project-suspended",
    "SESSION_COOKIE_INVALID": "login",
    "USER_BLOCKED_BY_ADMIN": "organization-policy",
    "RESOURCE_USAGE_RESTRICTION_VIOLATED": "organization-policy",
    "ORG_RESTRICTION_VIOLATION": "organization-policy",
    "ORG_RESTRICTION_HEADER_INVALID": "organization-policy",
    "SERVICE_NOT_VISIBLE": "organization-policy",
    "GCP_SUSPENDED": "project-suspended",
    "LOCATION_POLICY_VIOLATED": "organization-policy",
    "LOCATION_ORG_POLICY_VIOLATED": "organization-policy",
    "TLS_ORG_RESTRICTION_VIOLATED": "organization-policy",
    "TLS_CIPHER_RESTRICTION_VIOLATED": "organization-policy",
    "OVERLOADED_CREDENTIALS": "login",
    # Drive's own, in the older shape.
    "accessNotConfigured": "api-disabled",
    "authError": "login",
    "insufficientPermissions": "scope",
    "domainPolicy": "organization-policy",
    "userRateLimitExceeded": "quota",
    "rateLimitExceeded": "quota",
    "dailyLimitExceeded": "quota",
}
"""The reasons that Google publishes (google/api/error_reason.proto, and Drive's guide to errors), with our rows."""


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_that_google_publishes_has_its_row(reason):
    assert fault_of(Answer(403, "m", frozenset({reason})), READING).code == REASONS[reason]


@pytest.mark.parametrize("situation", [READING, WRITING])
def test_an_office_file_is_known_by_any_wording(situation):
    answer = Answer(400, "This operation is not supported. The document must not be an Office file.")
    assert fault_of(answer, situation).code == "not-a-sheet"
    assert fault_of(Answer(400, "The document must not be an Office file."), situation).code == "not-a-sheet"


@pytest.mark.parametrize(("status", "code"), [(409, "conflict"), (410, "not-found"), (499, "unavailable")])
def test_rare_statuses_have_words_and_exit_code_5(status, code):
    error = explained(Answer(status, "m"), READING)
    assert str(error).endswith(f"[{code}]")
    assert isinstance(error, WorkbookUnreachableError)


def test_googles_own_words_are_appended_and_cut():
    text = str(explained(Answer(404, "Requested\n entity " + "x" * 900), READING))
    assert " Google says: Requested entity xxx" in text
    assert len(text) < 800


@pytest.mark.parametrize(
    ("host", "api", "title"),
    [
        (IAM, READING.api, "The IAM Service Account Credentials API is not enabled in project 42."),
        ("drive.googleapis.com", DRIVE, "The Google Drive API is not enabled in project 42."),
        (None, DRIVE, "The Google Drive API is not enabled in project 42."),
    ],
)
def test_an_api_that_is_not_enabled_is_called_by_its_own_name(host, api, title):
    metadata = {"consumer": "projects/42"} | ({} if host is None else {"service": host})
    text = str(explained(Answer(403, "m", NOT_ENABLED, metadata), Situation(ADDRESS, ACCOUNT, api=api)))
    assert text.startswith(title)
    assert f"https://console.cloud.google.com/apis/library/{host or api.host}?project=42" in text


def test_a_machine_with_narrow_scopes_is_reported_with_what_widens_them():
    situation = Situation(ADDRESS, ACCOUNT, on_machine=True)
    assert str(explained(Answer(403, "", NO_SCOPE), situation)) == (
        "This machine's access scopes do not cover the Google Sheets API. Stop the machine and run: gcloud compute "
        "instances set-service-account MACHINE --scopes=https://www.googleapis.com/auth/cloud-platform,"
        "https://www.googleapis.com/auth/spreadsheets; or let planner@team.iam.gserviceaccount.com act as itself: "
        "SHEETPLAN_GOOGLE__IMPERSONATE=planner@team.iam.gserviceaccount.com, with the role Service Account Token "
        "Creator on itself. [scope]"
    )


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("invalid_grant: Invalid JWT Signature.", "the key, or the whole service account, was deleted or disabled"),
        ("invalid_grant: Invalid grant: account not found", "the key, or the whole service account, was deleted"),
        (
            "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.",
            "the request was signed with a clock that is minutes off",
        ),
        (
            "unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not "
            "authorized for any of the scopes requested.",
            "it may not act as the person of google.subject",
        ),
        ("invalid_grant: Token has been expired or revoked.", "the login expired or was revoked"),
        (
            "invalid_grant: reauth related error (invalid_rapt)",
            "your organization asks for a new login every few hours",
        ),
        (
            "Unable to acquire impersonated credentials: PERMISSION_DENIED iam.serviceAccounts.getAccessToken",
            "your own account may not act as it",
        ),
        (
            "Unable to acquire impersonated credentials: IAM Service Account Credentials API has not been used in "
            "project 42 before or it is disabled.",
            "the IAM Service Account Credentials API is not enabled in its project",
        ),
        ("Unable to acquire impersonated credentials: NOT_FOUND Gaia id not found", "there is no such service account"),
        (
            'Error code invalid_target: The target service indicated by the "audience" parameters is invalid.',
            "workload identity federation is not set up as its configuration file says",
        ),
        ("File '/var/run/token' was not found: Identity Pool", "workload identity federation is not set up"),
        (
            "Failed to retrieve http://metadata.google.internal from the Google Compute Engine metadata service.",
            "this machine has no service account, or its metadata server does not answer",
        ),
    ],
)
def test_a_refused_token_is_reported_with_its_cause(said, meaning):
    text = str(unreachable(RefreshError(said), READING, 180))
    assert text.startswith(f"Google refuses a token for {ACCOUNT}: {meaning}")
    assert f" Google says: {said[:40]}" in text
    assert text.endswith(" [login]")
    assert str(unreachable(OAuthError(said), READING, 180)) == text


def test_no_token_is_quoted_from_an_answer():
    said = "bad token ya29.a0Af-secret and 1//refresh-secret"
    text = str(unreachable(RefreshError(said, {"access_token": "ya29.x"}), READING, 180))
    assert "secret" not in text
    assert "ya29.x" not in text


@pytest.fixture
def as_account(plan, tmp_path, monkeypatch):
    """A workbook of a server that asks for tokens, reached with a service account's key."""
    plan.server.store.require_auth = True
    path = plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    connection = connect(emulator=plan.server.url, patience=plan.time.patience(), identity=find_identity())
    yield GoogleWorkbook(plan.id, connection)
    connection.close()


def reported(action) -> str:
    with pytest.raises(WorkbookError) as error:
        action()
    return str(error.value)


def test_a_shared_spreadsheet_is_reached_with_the_key_of_a_service_account(plan, as_account):
    plan.server.share(plan.id, ACCOUNT)
    assert as_account.read(inputs).title == "Plan"
    assert as_account.write(changes("r1")).notices == ()


def test_one_that_is_not_shared_says_with_whom_to_share_it(plan, as_account):
    plan.server.unshare(plan.id, "anyone")
    text = reported(lambda: as_account.read(inputs))
    assert ACCOUNT in text
    assert "Editor" in text


def test_a_viewer_is_reported_before_anything_is_written(plan, as_account):
    plan.server.share(plan.id, ACCOUNT, "reader")
    as_account.read(inputs)
    before = plan.server.workbook_json(plan.id)
    assert "[view-only]" in reported(lambda: as_account.write(changes("r1")))
    assert plan.server.workbook_json(plan.id) == before


def test_a_disabled_api_is_reported(plan, as_account):
    plan.server.disable_api("sheets.googleapis.com")
    assert "The Google Sheets API is not enabled in project 123456789012." in reported(lambda: as_account.read(inputs))


def test_a_full_workbook_is_reported_and_left_as_it_was(plan):
    workbook = plan.open()
    workbook.read(inputs)
    plan.book.add_worksheet("Raw", 369_370, 27)
    before = [sheet["properties"] for sheet in plan.server.workbook_json(plan.id)["sheets"]]
    assert "is full: a Google Sheet holds 10 million cells" in reported(lambda: workbook.write(changes("r1")))
    assert [sheet["properties"] for sheet in plan.server.workbook_json(plan.id)["sheets"]] == before


def test_quota_used_up_for_the_whole_deadline_is_reported(plan):
    plan.server.set_quota(0, None)
    assert "Google's quota of calls per minute" in reported(lambda: plan.open().read(inputs))


def test_a_missing_spreadsheet_is_reported(plan):
    assert "[not-found]" in reported(lambda: GoogleWorkbook("0" * 44, plan.connection).read(inputs))


def test_no_secret_is_in_any_message_or_log(plan, as_account, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    key = json.loads((tmp_path / "key.json").read_text())
    texts = []
    plan.server.unshare(plan.id, "anyone")
    texts.append(reported(lambda: as_account.read(inputs)))
    token = as_account._connection.identity.credentials.token
    assert token
    plan.server.fault("reset_before", "GET", times=2)
    texts.append(reported(lambda: as_account.read(inputs)))
    plan.server.advance(7200)
    plan.server.store.service_keys.clear()
    plan.server.fault("status", "GET", status=401, message="expired", times=None)
    texts.append(reported(lambda: as_account.read(inputs)))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("sheets_sync")]
    assert ours
    for text in [*texts, *ours]:
        assert token not in text
        assert key["private_key"][100:200] not in text
        assert key["private_key_id"] not in text


def test_a_key_that_google_no_longer_knows_is_reported(plan, as_account):
    plan.server.store.service_keys.clear()
    assert "[login]" in reported(lambda: as_account.read(inputs))


def test_without_credentials_both_ways_to_get_them_are_reported():
    assert reported(find_identity) == NONE_FOUND


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "is not a file"),
        ("no json", "is not a JSON key file"),
        ("{}", "does not contain usable credentials"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named(tmp_path, monkeypatch, content, fault):
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    text = reported(find_identity)
    assert text.startswith(f"{KEY_VARIABLE} names {path}, which {fault}")
    assert text.endswith("[no-credentials]")


def test_impersonation_acts_as_the_named_account(plan, tmp_path, monkeypatch):
    path = plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    identity = find_identity(impersonate="other@team.iam.gserviceaccount.com")
    assert identity.account == "other@team.iam.gserviceaccount.com"
    assert identity.kind == f"impersonated by {ACCOUNT}"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", None),
        ("http://127.0.0.1:8085", "http://127.0.0.1:8085"),
        ("127.0.0.1:8085", "http://127.0.0.1:8085"),
        ("localhost:8085/", "http://localhost:8085"),
    ],
)
def test_the_emulator_is_named_with_or_without_its_scheme(value, address):
    assert emulator_address({"SHEETS_EMULATOR_HOST": value}) == address


def test_an_emulator_that_is_no_address_is_reported():
    assert '"ftp://x"' in reported(lambda: emulator_address({"SHEETS_EMULATOR_HOST": "ftp://x"}))


def test_a_certificate_of_somebody_else_is_reported():
    assert "REQUESTS_CA_BUNDLE" in str(unreachable(SSLError(), READING, 180))


def test_the_documentation_lists_the_catalogue():
    page = (Path(__file__).parents[3] / "docs" / "google.md").read_text(encoding="utf-8")
    table = page.partition("<!-- faults -->\n")[2].partition("<!-- end of faults -->")[0]
    rows = [f"| `{fault.code}` | {fault.title} |" for fault in FAULTS]
    assert table.splitlines() == ["| code | what it means |", "| --- | --- |", *rows]
