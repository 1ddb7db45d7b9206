"""Reads and writes per minute and user."""

import pytest
from google.oauth2 import service_account

from tests.sheets_server import SheetsServer

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]


@pytest.fixture
def server():
    with SheetsServer(quota=(3, 2)) as running:
        yield running


@pytest.fixture
def book(client, server):
    book = client.create("Plan")
    server.advance(60)
    return book


def test_reads_and_writes_are_counted_apart_and_come_back_after_a_minute(server, book, refused):
    for _ in range(3):
        book.values_get("A1")
    error = refused(book.values_get, "A1")
    assert error["code"] == 429
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
        "'sheets.googleapis.com' for consumer 'project_number:123456789012'."
    )
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert error["details"][0]["metadata"]["quota_limit_value"] == "3"
    book.values_clear("A1")
    book.values_clear("A1")
    assert "'Write requests'" in refused(book.values_clear, "A1")["message"]
    server.advance(60)
    book.values_get("A1")
    book.values_clear("A1")


def test_the_minute_slides(server, book, refused):
    book.values_get("A1")
    server.advance(30)
    book.values_get("A1")
    book.values_get("A1")
    server.advance(31)
    book.values_get("A1")
    assert refused(book.values_get, "A1")["code"] == 429


def test_a_batch_counts_as_one_and_refused_calls_do_not_count(server, book, refused):
    book.values_batch_get(["A1", "A2", "A3", "A4"])
    book.values_get("A1")
    book.values_get("A1")
    for _ in range(5):
        refused(book.values_get, "A1")
    server.advance(60)
    book.values_get("A1")


def test_each_user_has_a_quota_and_drive_has_another(server, book, client):
    for _ in range(3):
        book.values_get("A1")
    client.list_spreadsheet_files()
    server.share(book.id, "robot@x.iam.gserviceaccount.com")
    key = server.service_account("robot@x.iam.gserviceaccount.com")
    robot = server.client(service_account.Credentials.from_service_account_info(key, scopes=SCOPES))
    assert robot.http_client.values_get(book.id, "A1")["range"] == "Sheet1!A1"
