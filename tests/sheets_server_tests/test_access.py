"""Who may do what: tokens, scopes, sharing, protection, APIs switched off."""

import json

import google.auth.exceptions
import gspread
import pytest
import requests
from google.oauth2 import credentials, service_account

from tests.sheets_server import SheetsServer

AUTH = "https://www.googleapis.com/auth/"
SCOPES = [AUTH + "spreadsheets", AUTH + "drive"]
ROBOT = "robot@x.iam.gserviceaccount.com"
DENIED = {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}


@pytest.fixture(scope="module")
def running():
    with SheetsServer(require_auth=True) as server:
        yield server


@pytest.fixture(scope="module")
def robot_key(running):
    return running.service_account(ROBOT)


@pytest.fixture
def server(running):
    yield running
    running.store.books.clear()
    running.store.disabled_services.clear()


@pytest.fixture
def login(server, robot_key):
    def as_robot(*scopes):
        granted = [AUTH + scope for scope in scopes] or SCOPES
        return server.client(service_account.Credentials.from_service_account_info(robot_key, scopes=granted))

    return as_robot


@pytest.fixture
def owner(server):
    info = server.authorized_user("pm@example.com", SCOPES)
    return server.client(credentials.Credentials.from_authorized_user_info(info))


@pytest.fixture
def book(owner):
    return owner.create("Plan")


def test_no_token_and_a_made_up_token_are_refused(server, book):
    url = f"{server.url}/v4/spreadsheets/{book.id}"
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = requests.get(url, headers=headers, timeout=5)
        assert answer.status_code == 401
        assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_workbook_that_is_not_shared(login, book, refused):
    with pytest.raises(PermissionError) as caught:
        login().open_by_key(book.id)
    assert caught.value.__cause__.response.json()["error"] == DENIED
    with pytest.raises(gspread.SpreadsheetNotFound):
        login().open("Plan")
    message = f"File not found: {book.id}."
    error = refused(login().http_client.get_file_drive_metadata, book.id)
    assert (error["code"], error["message"], error["errors"][0]["reason"]) == (404, message, "notFound")


def test_a_viewer_reads_and_does_not_write(login, server, book, refused):
    server.share(book.id, ROBOT, "reader")
    seen = login().open_by_key(book.id)
    assert seen.values_get("A1")["range"] == "Sheet1!A1"
    assert refused(seen.sheet1.update, [[1]], "A1") == DENIED
    assert refused(seen.batch_update, {"requests": [{"addSheet": {}}]}) == DENIED


def test_an_editor_writes_until_the_share_is_taken_away(login, server, book, refused):
    book.share(ROBOT, "user", "writer", notify=False)
    shared = login().open("Plan").sheet1
    shared.update([[1]], "A1")
    server.unshare(book.id, ROBOT)
    assert refused(shared.update, [[2]], "A1") == DENIED


def test_a_protected_range_keeps_other_editors_out(login, server, book, refused):
    server.share(book.id, ROBOT)
    book.sheet1.add_protected_range("A1:B2")
    shared = login().open_by_key(book.id)
    text = (
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
        "if you need to edit."
    )
    assert refused(shared.sheet1.update, [[1]], "B2")["message"] == text
    cells = {"range": {"sheetId": 0, "endRowIndex": 3, "endColumnIndex": 1}, "cell": {}, "fields": "note"}
    error = refused(shared.batch_update, {"requests": [{"repeatCell": cells}]})
    assert error["message"] == f"Invalid requests[0].repeatCell: {text}"
    shared.sheet1.update([[1]], "C3")
    book.sheet1.update([[1]], "A1")


def test_a_protection_that_only_warns_stops_nobody(login, server, book):
    server.share(book.id, ROBOT)
    book.sheet1.add_protected_range("A1:B2", warning_only=True)
    login().open_by_key(book.id).sheet1.update([[1]], "A1")


def test_scopes_are_enforced(login, server, book, refused):
    server.share(book.id, ROBOT)
    reading = login("spreadsheets.readonly").open_by_key(book.id)
    error = refused(reading.sheet1.update, [[1]], "A1")
    assert (error["code"], error["message"]) == (403, "Request had insufficient authentication scopes.")
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    without_drive = login("spreadsheets")
    assert without_drive.open_by_key(book.id).title == "Plan"
    assert refused(without_drive.list_spreadsheet_files)["code"] == 403


def test_an_api_that_is_switched_off(login, server, book, refused, owner):
    server.disable_api("sheets.googleapis.com")
    error = refused(book.values_get, "A1")
    assert error["code"] == 403
    assert error["message"].startswith("Google Sheets API has not been used in project 123456789012 before")
    assert [item.get("reason") for item in error["details"]] == [None, "SERVICE_DISABLED"]
    server.disable_api("sheets.googleapis.com", disabled=False)
    server.disable_api("drive.googleapis.com")
    assert refused(owner.list_spreadsheet_files)["errors"][0]["reason"] == "accessNotConfigured"


def test_a_token_expires_and_is_fetched_anew(login, server, book):
    server.share(book.id, ROBOT)
    seen = login().open_by_key(book.id)
    before = len(server.calls("POST /token"))
    server.advance(3601)
    assert seen.values_get("A1")["range"] == "Sheet1!A1"
    assert len(server.calls("POST /token")) == before + 1


def test_a_key_of_somebody_else_gets_no_token(server, robot_key, book):
    other = server.service_account("other@x.iam.gserviceaccount.com")
    forged = {**robot_key, "private_key": other["private_key"]}
    client = server.client(service_account.Credentials.from_service_account_info(forged, scopes=SCOPES))
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        client.open_by_key(book.id)


def test_an_account_that_is_gone_and_a_grant_that_is_unknown(server):
    for form, error in (
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, "invalid_grant"),
    ):
        answer = requests.post(f"{server.url}/token", data=form, timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_key_file_works_as_google_reads_it(server, tmp_path, book):
    path = server.service_account_file(tmp_path / "key.json", "file@x.iam.gserviceaccount.com")
    assert json.loads(path.read_text())["token_uri"] == f"{server.url}/token"
    server.share(book.id, "file@x.iam.gserviceaccount.com", "reader")
    client = server.client(service_account.Credentials.from_service_account_file(str(path), scopes=SCOPES))
    assert client.open_by_key(book.id).title == "Plan"
