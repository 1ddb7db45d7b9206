"""The part of Drive that gspread uses: finding, copying, sharing, deleting files."""

import gspread
import pytest


def listed(client, **params):
    url = "https://www.googleapis.com/drive/v3/files"
    return client.http_client.request("get", url, params=params).json()


def test_open_by_title_key_and_url(client, book):
    assert client.open("Plan").id == client.open_by_key(book.id).id == client.open_by_url(book.url).id == book.id
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open("Plan B")
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key("nope")


def test_the_time_of_change_moves_with_each_change_and_only_then(server, client, book, sheet):
    server.habits.modified_lag_s = 0.0
    times = [book.get_lastUpdateTime()]
    sheet.get_all_values()
    assert book.get_lastUpdateTime() == times[0]
    for change in (lambda: sheet.update([[1]], "A1"), lambda: book.add_worksheet("x", 1, 1), lambda: sheet.clear()):
        change()
        times.append(book.get_lastUpdateTime())
    assert times == sorted(set(times))


def test_a_persons_edit_moves_it_but_drive_shows_it_late(server, book):
    before = book.get_lastUpdateTime()
    server.edit(book.id, "Sheet1!B2", "10%")
    assert book.get_lastUpdateTime() == before
    server.habits.modified_lag_s = 0.0
    before = book.get_lastUpdateTime()
    server.edit(book.id, "Sheet1!B2", "12%")
    assert book.get_lastUpdateTime() > before
    assert book.sheet1.acell("B2", value_render_option="UNFORMATTED_VALUE").value == 0.12


def test_search_by_time_name_and_type(client, book):
    stamp = book.get_lastUpdateTime()
    other = client.create("O'Hara's plan")
    kind = "mimeType = 'application/vnd.google-apps.spreadsheet'"

    def names(query):
        return sorted(file["name"] for file in listed(client, q=query)["files"])

    assert names(f"{kind} and trashed = false") == ["O'Hara's plan", "Plan"]
    assert names(f"modifiedTime > '{stamp}'") == ["O'Hara's plan"]
    assert names(f"modifiedTime >= '{stamp}' and name = 'Plan'") == ["Plan"]
    assert names(r"name = 'O\'Hara\'s plan'") == ["O'Hara's plan"]
    assert names("name contains 'pla' and not name = 'Plan'") == ["O'Hara's plan"]
    assert names("(name = 'Plan' or name = 'x') and mimeType != 'text/csv'") == ["Plan"]
    client.del_spreadsheet(other.id)
    assert names(kind) == ["Plan"]


@pytest.mark.parametrize("query", ["name =", "name ~ 'x'", "colour = 'x'", "modifiedTime > 'yesterday'", "(name = 'x'"])
def test_a_search_that_cannot_be_read(client, refused, query):
    assert refused(listed, client, q=query)["message"] == "Invalid Value"


def test_pages_and_fields(client, book):
    for number in range(4):
        client.create(f"P{number}")
    first = listed(client, pageSize=2, orderBy="name", fields="nextPageToken,files(name)")
    assert first == {"nextPageToken": "2", "files": [{"name": "P0"}, {"name": "P1"}]}
    last = listed(client, pageSize=2, orderBy="name", pageToken="4")
    assert [file["name"] for file in last["files"]] == ["Plan"]
    assert last["files"][0].keys() == {"kind", "id", "name", "mimeType"}
    assert "nextPageToken" not in last
    assert len(client.list_spreadsheet_files()) == 5


def test_copy_and_share(client, book, server):
    book.sheet1.update([[1]], "A1")
    copy = client.copy(book.id, title="Copy")
    assert copy.sheet1.acell("A1").value == "1"
    copy.share("pm@example.com", "user", "reader", notify=False)
    shared = [item for item in copy.list_permissions() if item["role"] == "reader"]
    assert shared[0]["emailAddress"] == "pm@example.com"
    copy.remove_permissions("pm@example.com")
    assert [item["role"] for item in copy.list_permissions()] == ["owner"]


def test_csv_comes_in_and_goes_out(client, book):
    client.import_csv(book.id, 'a,"b,c"\n1,2')
    assert client.open_by_key(book.id).sheet1.get_all_values() == [["a", "b,c"], ["1", "2"]]
    assert client.export(book.id, gspread.utils.ExportFormat.CSV) == b'a,"b,c"\r\n1,2'
