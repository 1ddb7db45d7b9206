"""What Google's API description does not allow is refused; what this server answers conforms to it."""

import json

import pytest
import requests

from tests.sheets_server.conformance import response_violations
from tests.sheets_server.discovery import load


def unknown_name(name, path):
    return f"Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        ({"updateCells": {"foo": 1}}, unknown_name("foo", "requests[0].update_cells")),
        ({"nope": {}}, unknown_name("nope", "requests[0]")),
        (
            {"addSheet": {"properties": {"index": "x"}}},
            "Invalid value at 'requests[0].add_sheet.properties.index' (TYPE_INT32), \"x\"",
        ),
        (
            {"addSheet": {"properties": {"title": 5}}},
            "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
        ),
        (
            {"addSheet": {"properties": {"hidden": "yes"}}},
            "Invalid value at 'requests[0].add_sheet.properties.hidden' (TYPE_BOOL), \"yes\"",
        ),
        (
            {"mergeCells": {"mergeType": "ALL"}},
            "Invalid value at 'requests[0].merge_cells.merge_type' "
            '(type.googleapis.com/google.apps.sheets.v4.MergeType), "ALL"',
        ),
        (
            {"repeatCell": {"cell": {"userEnteredValue": {"numberValue": 1, "stringValue": "a"}}}},
            "Invalid value at 'requests[0].repeat_cell.cell.user_entered_value' (oneof), oneof field 'value' is "
            "already set. Cannot set 'stringValue'",
        ),
        (
            {"deleteSheet": {}, "addSheet": {}},
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'addSheet'",
        ),
        (
            {"repeatCell": {"fields": "a,,b"}},
            "Invalid value at 'requests[0].repeat_cell.fields' (type.googleapis.com/google.protobuf.FieldMask), "
            '"a,,b"',
        ),
    ],
)
def test_requests_that_do_not_conform(book, refused, request_body, message):
    error = refused(book.batch_update, {"requests": [request_body]})
    assert error["message"] == message
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert error["details"][0]["fieldViolations"][0]["description"] == message


def test_all_faults_are_reported_together(book, refused):
    bad = {"requests": [{"updateCells": {"foo": 1}}, {"addSheet": {"bar": 1}}]}
    assert refused(book.batch_update, bad)["message"].count("Cannot find field.") == 2


def test_both_spellings_of_a_field_are_taken(book):
    book.batch_update(
        {"requests": [{"add_sheet": {"properties": {"title": "New", "grid_properties": {"rowCount": "5"}}}}]}
    )
    assert book.worksheet("New").row_count == 5


def test_values_must_be_a_list_of_lists(book, refused):
    error = refused(book.values_update, "A1", {"valueInputOption": "RAW"}, {"values": "X"})
    assert error["message"] == "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""


def test_unknown_and_bad_query_parameters(book, refused):
    error = refused(book.values_get, "A1", {"foo": "1"})
    assert error["message"] == (
        'Invalid JSON payload received. Unknown name "foo": Cannot bind query parameter. '
        "Field 'foo' could not be found in request message."
    )
    assert refused(book.values_get, "A1", {"valueRenderOption": "PRETTY"})["code"] == 400
    assert refused(book.client.spreadsheets_get, book.id, {"includeGridData": "perhaps"})["code"] == 400


@pytest.mark.parametrize("body", [b"{", b'{"requests": [NaN]}', b"[]", b'"x"'])
def test_broken_json(server, book, body):
    answer = requests.post(f"{server.url}/v4/spreadsheets/{book.id}:batchUpdate", data=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received.")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v4/nope"), ("DELETE", "/v4/spreadsheets/x"), ("GET", "/")])
def test_paths_and_methods_that_the_api_does_not_have(server, method, path):
    answer = requests.request(method, server.url + path, timeout=5)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_answer_with_an_unknown_field_or_a_wrong_type_is_found():
    description = load("sheets")
    assert response_violations(description, "Spreadsheet", {"spreadsheetId": "x", "sheets": []}) == []
    wrong = {"spreadsheetId": 5, "sheets": [{"properties": {"sheetid": 1}}]}
    assert len(response_violations(description, "Spreadsheet", wrong)) == 2


def test_a_defect_of_the_server_reaches_the_test(server, book, refused):
    server.book(book.id).sheets[0].properties["nonsense"] = True
    error = refused(book.worksheets)
    assert error["code"] == 500
    assert "does not conform" in error["message"]
    assert json.dumps(error)
