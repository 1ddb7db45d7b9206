"""spreadsheets.batchUpdate: each kind of request, all or nothing, replies in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def write(row, column, *values, sheet_id=0, **details):
    cells = [{"userEnteredValue": value} for value in values]
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue", **details}}


def number(value):
    return {"numberValue": value}


def formula(text):
    return {"formulaValue": text}


def area(top, left, bottom, right, sheet_id=0):
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "startColumnIndex": left,
        "endRowIndex": bottom,
        "endColumnIndex": right,
    }


@pytest.fixture
def send(book):
    def run(*requests, **options):
        return book.batch_update({"requests": list(requests), **options})["replies"]

    return run


def test_all_of_a_batch_or_none_of_it(book, sheet, send, refused):
    requests = [
        write(0, 0, number(1)),
        {"addSheet": {"properties": {"title": "New"}}},
        {"deleteSheet": {"sheetId": 99}},
    ]
    error = refused(send, *requests)
    assert error == {
        "code": 400,
        "message": "Invalid requests[2].deleteSheet: No sheet with id: 99",
        "status": "INVALID_ARGUMENT",
    }
    assert [tab.title for tab in book.worksheets()] == ["Sheet1"]
    assert sheet.get_all_values() == [[]]


def test_replies_come_in_order_and_the_workbook_with_them(book, sheet):
    body = {
        "requests": [write(0, 0, number(1)), {"addSheet": {"properties": {"title": "New", "sheetId": 7}}}],
        "includeSpreadsheetInResponse": True,
        "responseIncludeGridData": True,
        "responseRanges": ["Sheet1!A1:A1"],
    }
    answer = book.batch_update(body)
    assert [list(reply) for reply in answer["replies"]] == [[], ["addSheet"]]
    (tab,) = answer["updatedSpreadsheet"]["sheets"]
    assert tab["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "1"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("Sheet1", 'A sheet with the name "Sheet1" already exists. Please enter another name.'),
        ("SHEET1", 'A sheet with the name "SHEET1" already exists. Please enter another name.'),
    ],
)
def test_sheet_names_are_unique(send, refused, title, message):
    error = refused(send, {"addSheet": {"properties": {"title": title}}})
    assert error["message"] == f"Invalid requests[0].addSheet: {message}"


def test_the_last_sheet_stays(send, refused):
    assert "can't remove all" in refused(send, {"deleteSheet": {"sheetId": 0}})["message"]
    hide = {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}
    message = "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."
    assert refused(send, {"updateSheetProperties": hide})["message"] == message


def test_ten_million_cells_are_the_limit(send, refused):
    huge = {"properties": {"gridProperties": {"rowCount": 500_000, "columnCount": 20}}}
    assert refused(send, {"addSheet": huge})["message"] == (
        "Invalid requests[0].addSheet: This action would increase the number of cells in the workbook above the "
        "limit of 10000000 cells."
    )


def test_cells_written_below_the_grid_are_refused_until_the_grid_grows(send, sheet, refused):
    message = "Invalid requests[0].updateCells: Attempting to write row: 1000, beyond the last requested row of: 999"
    assert refused(send, write(1000, 0, number(1)))["message"] == message
    grow = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 1}}
    send(grow, write(1000, 0, number(1)))
    assert sheet.acell("A1001").value == "1"


def test_a_range_beyond_the_grid_is_refused(send, refused):
    repeat = {"range": area(0, 0, 1001, 1), "cell": {}, "fields": "note"}
    message = "Invalid requests[0].repeatCell: Range (Sheet1!A1:A1001) exceeds grid limits. "
    assert refused(send, {"repeatCell": repeat})["message"] == message + "Max rows: 1000, max columns: 26"


def test_only_what_the_mask_names_changes(send, server, book):
    red = {"backgroundColor": {"red": 1}}
    cell = {"userEnteredValue": number(1), "note": "n", "userEnteredFormat": {**red, "textFormat": {"bold": True}}}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    send({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}})
    change = {"userEnteredFormat": {"textFormat": {"italic": True}}, "note": "ignored"}
    rows = [{"values": [change]}]
    send({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredFormat.textFormat.italic"}})
    stored = server.cell(book.id, "A1")
    assert stored["userEnteredFormat"] == {
        "backgroundColor": {"red": 1},
        "textFormat": {"bold": True, "italic": True},
        "backgroundColorStyle": {"rgbColor": {"red": 1}},
    }
    assert stored["note"] == "n"
    assert stored["userEnteredValue"] == number(1)


def test_a_range_with_fewer_rows_is_cleared_for_the_rest(send, sheet):
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    rows = [{"values": [{"userEnteredValue": {"stringValue": "x"}}]}]
    send({"updateCells": {"range": area(0, 0, 2, 2), "rows": rows, "fields": "userEnteredValue"}})
    assert sheet.get_all_values() == [["x"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (None, "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ("nope", "Invalid field: nope"),
        ("userEnteredFormat.nope", "Invalid field: user_entered_format.nope"),
    ],
)
def test_a_bad_update_mask_is_refused(send, refused, fields, message):
    body = {"range": area(0, 0, 1, 1), "cell": {}, **({"fields": fields} if fields else {})}
    assert refused(send, {"repeatCell": body})["message"] == f"Invalid requests[0].repeatCell: {message}"


def test_a_repeated_formula_moves_its_references(send, sheet):
    sheet.update([[1, 10], [2, 20], [3, 30]], "A1")
    cell = {"userEnteredValue": formula("=A1*$B$1")}
    send({"repeatCell": {"range": area(0, 2, 3, 3), "cell": cell, "fields": "userEnteredValue"}})
    assert sheet.get("C1:C3", value_render_option="FORMULA") == [["=A1*$B$1"], ["=A2*$B$1"], ["=A3*$B$1"]]
    assert sheet.get("C1:C3") == [["10"], ["20"], ["30"]]


def test_append_cells_goes_below_the_last_filled_row(send, sheet):
    sheet.update([["a"], [""], ["b"]], "B1")
    rows = [{"values": [{"userEnteredValue": number(1)}]}, {"values": [{"userEnteredValue": number(2)}]}]
    send({"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}})
    assert sheet.get("A4:A5") == [["1"], ["2"]]


def test_objects_over_the_cells_come_back_and_move_with_inserted_rows(send, book, server):
    source = {"sourceRange": {"sources": [area(1, 0, 5, 1)]}}
    chart = {
        "spec": {"title": "Use", "basicChart": {"chartType": "COLUMN", "series": [{"series": source}]}},
        "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 4, "columnIndex": 2}}},
    }
    rule = {"ranges": [area(1, 0, 5, 1)], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
    bands = {"headerColor": {"red": 1}, "firstBandColor": {}, "secondBandColor": {}}
    replies = send(
        {"addNamedRange": {"namedRange": {"name": "block", "range": area(1, 0, 5, 1)}}},
        {"addChart": {"chart": chart}},
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addProtectedRange": {"protectedRange": {"range": area(1, 0, 5, 1), "warningOnly": True}}},
        {"addBanding": {"bandedRange": {"range": area(1, 0, 5, 1), "rowProperties": bands}}},
        {"setBasicFilter": {"filter": {"range": area(1, 0, 5, 1)}}},
        {"mergeCells": {"range": area(1, 3, 2, 5), "mergeType": "MERGE_ALL"}},
    )
    assert replies[1]["addChart"]["chart"]["chartId"] > 0
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    send({"insertDimension": {"range": rows, "inheritFromBefore": False}})

    stored = server.workbook_json(book.id)
    tab = stored["sheets"][0]
    moved = {"startRowIndex": 3, "startColumnIndex": 0, "endRowIndex": 7, "endColumnIndex": 1}
    assert stored["namedRanges"][0]["range"] == moved
    assert tab["charts"][0]["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"] == [moved]
    anchor = tab["charts"][0]["position"]["overlayPosition"]["anchorCell"]
    assert anchor == {"rowIndex": 6, "columnIndex": 2}
    assert tab["conditionalFormats"][0]["ranges"] == [moved]
    assert tab["protectedRanges"][0]["range"] == moved
    assert tab["bandedRanges"][0]["range"] == moved
    assert tab["basicFilter"]["range"] == moved
    assert tab["merges"] == [{"startRowIndex": 3, "startColumnIndex": 3, "endRowIndex": 4, "endColumnIndex": 5}]


def test_objects_can_be_changed_and_removed(send, book, server):
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0}}}
    chart = {"chartId": 5, "spec": {"title": "Old"}, "position": position}
    named = {"namedRangeId": "n1", "name": "block", "range": area(0, 0, 1, 1)}
    protected = {"protectedRangeId": 9, "range": area(0, 0, 1, 1)}
    send(
        {"addChart": {"chart": chart}},
        {"addNamedRange": {"namedRange": named}},
        {"addProtectedRange": {"protectedRange": protected}},
    )
    moved = {"overlayPosition": {"offsetXPixels": 5}}
    send(
        {"updateChartSpec": {"chartId": 5, "spec": {"title": "New"}}},
        {"updateEmbeddedObjectPosition": {"objectId": 5, "newPosition": moved, "fields": "offsetXPixels"}},
        {"updateNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "other"}, "fields": "name"}},
        {
            "updateProtectedRange": {
                "protectedRange": {"protectedRangeId": 9, "description": "d"},
                "fields": "description",
            }
        },
    )
    stored = server.workbook_json(book.id)
    assert stored["namedRanges"][0]["name"] == "other"
    assert stored["sheets"][0]["charts"][0]["spec"] == {"title": "New"}
    assert stored["sheets"][0]["charts"][0]["position"]["overlayPosition"]["offsetXPixels"] == 5
    assert stored["sheets"][0]["protectedRanges"][0]["description"] == "d"
    send(
        {"deleteEmbeddedObject": {"objectId": 5}},
        {"deleteNamedRange": {"namedRangeId": "n1"}},
        {"deleteProtectedRange": {"protectedRangeId": 9}},
    )
    stored = server.workbook_json(book.id)
    assert "namedRanges" not in stored
    assert stored["sheets"][0].keys() == {"properties", "data"}


def test_validation_and_notes_survive_writes_of_values(send, book, server):
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    send({"setDataValidation": {"range": area(0, 0, 1, 1), "rule": rule}}, write(0, 0, {"boolValue": True}))
    cell = server.cell(book.id, "A1")
    assert cell["dataValidation"] == rule
    assert cell["effectiveValue"] == {"boolValue": True}


def test_developer_metadata_marks_a_run(send, book):
    marker = {"metadataKey": "run", "metadataValue": "r1", "visibility": "DOCUMENT", "location": {"spreadsheet": True}}
    (reply,) = send({"createDeveloperMetadata": {"developerMetadata": marker}})
    assert reply["createDeveloperMetadata"]["developerMetadata"]["location"]["locationType"] == "SPREADSHEET"
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata:search"
    filters = [{"developerMetadataLookup": {"metadataKey": "run"}}]
    found = book.client.request("post", url, json={"dataFilters": filters}).json()["matchedDeveloperMetadata"]
    assert found[0]["developerMetadata"]["metadataValue"] == "r1"
    send({"deleteDeveloperMetadata": {"dataFilter": filters[0]}})
    assert book.client.request("post", url, json={"dataFilters": filters}).json() == {}


@pytest.mark.parametrize("kind", ["addFilterView", "addSlicer", "pasteData"])
def test_what_is_valid_but_not_served_says_so(send, refused, kind):
    error = refused(send, {kind: {}})
    assert error == {
        "code": 501,
        "message": f"requests[0].{kind} is valid, but this server does not serve it.",
        "status": "UNIMPLEMENTED",
    }


def test_duplicate_sheet_brings_its_content(send, book, sheet):
    sheet.update([[1, "=A1*2"]], "A1", value_input_option="USER_ENTERED")
    send(
        {"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Twin", "insertSheetIndex": 1}}, write(0, 0, number(5))
    )
    assert book.worksheet("Twin").get_all_values() == [["1", "2"]]
    assert sheet.get_all_values() == [["5", "10"]]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"type": "ONE_OF_LIST", "values": []}, "ConditionType 'ONE_OF_LIST' does not take 0 ConditionValues."),
        ({"type": "NOT_BLANK"}, "ConditionType 'NOT_BLANK' is not supported by data validation."),
        ({}, "ConditionType 'CONDITION_TYPE_UNSPECIFIED' is not supported by data validation."),
        (
            {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Nope!A1:A5"}]},
            "Invalid ConditionValue.userEnteredValue: =Nope!A1:A5",
        ),
        (
            {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=SUM("}]},
            "Invalid ConditionValue.userEnteredValue: =SUM(",
        ),
    ],
)
def test_conditions_of_validation(send, refused, condition, message):
    rule = {"range": area(0, 0, 1, 1), "rule": {"condition": condition}}
    assert refused(send, {"setDataValidation": rule})["message"] == f"Invalid requests[0].setDataValidation: {message}"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=Other!A1>1"}]}, "format": {}},
            "Conditional format rule cannot reference a different sheet.",
        ),
        (
            {"condition": {"type": "NOT_BLANK"}, "format": {"numberFormat": {"type": "PERCENT"}}},
            "ConditionalFormatRule.format only supports bold, italic, strikethrough, foreground color and background "
            "color",
        ),
        ({"condition": {"type": "BOOLEAN"}}, "ConditionType 'BOOLEAN' is not supported by conditional formatting."),
    ],
)
def test_conditional_formats_allow_less_than_formats(send, refused, rule, message):
    body = {"rule": {"ranges": [area(0, 0, 1, 1)], "booleanRule": rule}}
    error = refused(send, {"addSheet": {"properties": {"title": "Other"}}}, {"addConditionalFormatRule": body})
    assert error["message"] == f"Invalid requests[1].addConditionalFormatRule: {message}"


def test_a_charts_source_is_one_row_or_one_column_of_the_grid(send, refused):
    def chart(source):
        series = [{"series": {"sourceRange": {"sources": [source]}}}]
        position = {"overlayPosition": {"anchorCell": {"sheetId": 0}}}
        return {"addChart": {"chart": {"spec": {"basicChart": {"series": series}}, "position": position}}}

    assert "length of 1" in refused(send, chart(area(0, 0, 5, 2)))["message"]
    assert "exceeds grid limits" in refused(send, chart(area(0, 0, 1001, 1)))["message"]
    send(chart(area(0, 0, 5, 1)))


def test_writers_at_the_same_time_lose_nothing(server, book):
    """Eight connections append at once; every row is there once."""

    def write(writer):
        tab = server.client().open_by_key(book.id).sheet1
        for number in range(10):
            tab.append_row([f"{writer}-{number}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    found = [row[0] for row in book.sheet1.get_all_values()]
    assert sorted(found) == sorted(f"{writer}-{number}" for writer in range(8) for number in range(10))


def test_cut_cells_move_and_leave_nothing_behind(sheet):
    sheet.update([["a", 1], ["b", 2]])
    sheet.cut_range("A1:B1", "B3")
    assert sheet.get() == [[], ["b", "2"], ["", "a", "1"]]


def test_rows_are_sorted_with_blanks_last(sheet):
    sheet.update([["name", "size"], ["b", 2], ["", 9], ["A", 2], ["c", 1]])
    sheet.sort((2, "asc"), (1, "des"), range="A2:B5")
    assert sheet.get("A2:B5") == [["c", "1"], ["b", "2"], ["A", "2"], ["", "9"]]


def test_groups_nest_as_described(book, sheet):
    """[B:D] and [C:E] make [B:E] and within it [C:D]; taking D:E away leaves [B:D] with [C:C]."""

    def columns():
        found = book.fetch_sheet_metadata({"includeGridData": False})["sheets"][0].get("columnGroups", [])
        return [(group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) for group in found]

    sheet.add_dimension_group_columns(1, 4)
    sheet.add_dimension_group_columns(2, 5)
    assert columns() == [(1, 5, 1), (2, 4, 2)]
    sheet.delete_dimension_group_columns(3, 5)
    assert columns() == [(1, 4, 1), (2, 3, 2)]
    sheet.insert_cols([[]], 1)
    assert columns() == [(2, 5, 1), (3, 4, 2)]


def test_a_closed_group_hides_its_rows(book, sheet, send, refused):
    sheet.add_dimension_group_rows(1, 3)
    span = {"sheetId": sheet.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    group = {"range": span, "depth": 1, "collapsed": True}
    send({"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
    data = book.fetch_sheet_metadata({"includeGridData": True})["sheets"][0]
    assert data["rowGroups"] == [{**group, "range": {name: span[name] for name in span if name != "sheetId"}}]
    assert [row.get("hiddenByUser", False) for row in data["data"][0]["rowMetadata"][:4]] == [False, True, True, False]
    error = refused(send, {"deleteDimensionGroup": {"range": {**span, "endIndex": 4}}})
    assert error["message"].endswith("There is no group over the whole of this range.")


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ([{"columnType": "DROPDOWN"}], "has a data validation rule if and only if it is a dropdown."),
        ([{"columnName": "a"}, {"columnIndex": 1, "columnName": "A"}], "column names must be unique."),
        ([{"columnIndex": 2}], "its columns must lie within it, each once."),
    ],
)
def test_a_table_with_wrong_columns_is_refused(send, refused, columns, why):
    table = {"name": "T_", "range": area(0, 0, 3, 2), "columnProperties": columns}
    assert refused(send, {"addTable": {"table": table}})["message"].endswith(why)


def test_a_typed_column_brings_its_rule_and_takes_no_other(sheet, send, refused):
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    columns = [{"columnName": "done", "columnType": "BOOLEAN"}, {"columnIndex": 1, "columnName": "who"}]
    send({"addTable": {"table": {"name": "T_", "range": area(0, 0, 3, 2), "columnProperties": columns}}})
    assert sheet.get() == [["done", "who"], ["FALSE"], ["FALSE"]]
    error = refused(send, {"setDataValidation": {"range": area(1, 0, 3, 1), "rule": rule}})
    assert error["message"].endswith("Data validation is not allowed on cells of a typed column of a table.")
    send({"setDataValidation": {"range": area(1, 1, 3, 2), "rule": rule}})


def test_a_chip_stands_for_the_sign_in_its_text(send, refused, server, book):
    link = {"startIndex": 4, "chip": {"richLinkProperties": {"uri": "https://example.com/spec"}}}
    cell = {"userEnteredValue": {"stringValue": "see @"}, "chipRuns": [link]}
    fields = {"start": {"sheetId": 0}, "fields": "userEnteredValue,chipRuns"}
    send({"updateCells": {**fields, "rows": [{"values": [cell]}]}})
    stored = server.cell(book.id, "A1")
    assert (stored["formattedValue"], stored["chipRuns"]) == ("see https://example.com/spec", [link])
    wrong = {"updateCells": {**fields, "rows": [{"values": [{**cell, "userEnteredValue": {"stringValue": "see"}}]}]}}
    assert refused(send, wrong)["message"].endswith("each chip needs an @ in the text at its startIndex.")
