"""spreadsheets.get: cells with value, effect, look and note; field masks; ranges."""

import pytest


def get(book, **params):
    return book.client.spreadsheets_get(book.id, params)


def test_without_grid_data_there_are_properties_only(book):
    answer = get(book)
    assert answer["properties"]["locale"] == "en_US"
    (tab,) = answer["sheets"]
    assert tab == {
        "properties": {
            "sheetId": 0,
            "title": "Sheet1",
            "index": 0,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": 1000, "columnCount": 26},
        }
    }


def test_cells_with_entered_effective_and_formatted_value(book, sheet):
    sheet.update([["a", "25%", "=B1*2"], [], ["", True, "=1/0"]], "A1", value_input_option="USER_ENTERED")
    answer = get(book, includeGridData="true", ranges="Sheet1!A1:E5")
    (data,) = answer["sheets"][0]["data"]
    assert len(data["rowData"]) == 3
    assert data["rowData"][1] == {}
    assert data["rowMetadata"] == [{"pixelSize": 21}] * 5
    assert data["columnMetadata"] == [{"pixelSize": 100}] * 5
    text, percent, formula = data["rowData"][0]["values"]
    assert text["userEnteredValue"] == text["effectiveValue"] == {"stringValue": "a"}
    assert percent["userEnteredFormat"] == {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}
    assert percent["formattedValue"] == "25%"
    assert formula["userEnteredValue"] == {"formulaValue": "=B1*2"}
    assert formula["effectiveValue"] == {"numberValue": 0.5}
    assert formula["formattedValue"] == "50%"
    assert formula["effectiveFormat"]["numberFormat"] == {"type": "PERCENT", "pattern": "0%"}
    assert "userEnteredFormat" not in formula
    blank, checked, error = data["rowData"][2]["values"]
    assert blank == {}
    assert checked["effectiveValue"] == {"boolValue": True}
    assert error["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    assert error["formattedValue"] == "#DIV/0!"


def test_a_block_in_the_middle_says_where_it_starts(book, sheet):
    sheet.update([["x"]], "C3")
    (data,) = get(book, includeGridData="true", ranges="Sheet1!B2:D4")["sheets"][0]["data"]
    assert (data["startRow"], data["startColumn"]) == (1, 1)
    assert [row.get("values") for row in data["rowData"]] == [None, [{}, data["rowData"][1]["values"][1]]]


def test_a_field_mask_decides_what_comes_and_overrules_the_grid_data_switch(book, sheet):
    sheet.update([["a", 1]], "A1")
    fields = "sheets(properties(sheetId,title),data.rowData.values.effectiveValue)"
    answer = get(book, fields=fields, includeGridData="false")
    cells = [{"effectiveValue": {"stringValue": "a"}}, {"effectiveValue": {"numberValue": 1}}]
    tab = {"properties": {"sheetId": 0, "title": "Sheet1"}, "data": [{"rowData": [{"values": cells}]}]}
    assert answer == {"sheets": [tab]}
    assert get(book, fields="sheets/properties/title,spreadsheetId") == {
        "spreadsheetId": book.id,
        "sheets": [{"properties": {"title": "Sheet1"}}],
    }


@pytest.mark.parametrize("fields", ["nope", "sheets.nope", "sheets(properties", "sheets..data"])
def test_a_bad_field_mask_is_refused(book, refused, fields):
    error = refused(get, book, fields=fields)
    assert error["message"] == "Request contains an invalid argument."
    assert error["details"][0]["fieldViolations"][0]["description"].startswith("Error expanding 'fields' parameter.")


def test_ranges_choose_the_sheets(book, refused):
    book.add_worksheet("Other", 5, 5)
    assert [tab["properties"]["title"] for tab in get(book, ranges="Other!A1")["sheets"]] == ["Other"]
    assert refused(get, book, ranges="Nope")["message"] == "Unable to parse range: Nope"


def test_get_by_data_filter(book, sheet):
    sheet.update([["a"]], "A1")
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}:getByDataFilter"
    body = {"dataFilters": [{"a1Range": "Sheet1!A1:A1"}], "includeGridData": True}
    answer = book.client.request("post", url, json=body).json()
    assert answer["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "a"
