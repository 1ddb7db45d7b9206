"""The values methods, as gspread calls them."""

import pytest


def test_typed_text_becomes_numbers_dates_booleans_and_formulas(sheet):
    typed = [
        ["7", "1,234.5", "12.5%", "$3.50"],
        ["2026-03-05", "2026-03", "TRUE", "=A1*2"],
        ["'=A1", "007", "x", "1e3"],
    ]
    sheet.update(typed, "A1", value_input_option="USER_ENTERED")

    assert sheet.get("A1:D3", value_render_option="UNFORMATTED_VALUE") == [
        [7, 1234.5, 0.125, 3.5],
        [46086, 46082, True, 14],
        ["=A1", 7, "x", 1000],
    ]
    assert sheet.get("A1:D3") == [
        ["7", "1,234.50", "12.50%", "$3.50"],
        ["2026-03-05", "2026-03", "TRUE", "14"],
        ["=A1", "7", "x", "1.00E+03"],
    ]


def test_raw_text_stays_text(sheet):
    sheet.update([["=1+1", "7", 7]], "A1", value_input_option="RAW")
    assert sheet.get("A1:C1", value_render_option="UNFORMATTED_VALUE") == [["=1+1", "7", 7]]


@pytest.mark.parametrize(
    ("locale", "typed", "number", "shown"),
    [
        ("de_DE", "1.234,5", 1234.5, "1.234,50"),
        ("de_DE", "12,5 %", 0.125, "12,50%"),
        ("de_DE", "5.3.2026", 46086, "05.03.2026"),
        ("de_DE", "=1,5*2", 3, "3"),
        ("de_DE", "=SUM(1;2)/4", 0.75, "0,75"),
        ("de_DE", "1.5", "1.5", "1.5"),
        ("en_GB", "5/3/2026", 46086, "05/03/2026"),
        ("en_US", "3/5/2026", 46086, "3/5/2026"),
        ("fr_FR", "1\u202f234,5", 1234.5, "1\u202f234,50"),
    ],
)
def test_the_locale_decides_how_text_is_read_and_shown(book, sheet, locale, typed, number, shown):
    book.update_locale(locale)
    sheet.update([[typed]], "A1", value_input_option="USER_ENTERED")
    assert sheet.get("A1", value_render_option="UNFORMATTED_VALUE") == [[number]]
    assert sheet.get("A1") == [[shown]]


def test_a_comma_does_not_separate_arguments_where_it_is_the_decimal_mark(book, sheet, server):
    book.update_locale("de_DE")
    sheet.update([["=SUM(A2,A3)"]], "A1", value_input_option="USER_ENTERED")
    value = server.cell(book.id, "A1")["effectiveValue"]
    assert value == {"errorValue": {"type": "ERROR", "message": "Formula parse error."}}


def test_dates_as_serials_or_as_text(book, sheet):
    sheet.update([["2026-03-05", 1]], "A1", value_input_option="USER_ENTERED")
    options = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert book.values_get("Sheet1!A1:B1", options)["values"] == [["2026-03-05", 1]]
    assert book.values_get("Sheet1!A1:B1", {"valueRenderOption": "UNFORMATTED_VALUE"})["values"] == [[46086, 1]]


def test_blank_ends_are_cut_and_blank_middles_are_not(book, sheet):
    sheet.update([["a", "", ""], ["", "", ""], ["", "b", ""], ["", "", ""]], "B2")
    assert book.values_get("Sheet1") == {
        "range": "Sheet1!A1:Z1000",
        "majorDimension": "ROWS",
        "values": [[], ["", "a"], [], ["", "", "b"]],
    }
    assert book.values_get("Sheet1!A1:D6", {"majorDimension": "COLUMNS"})["values"] == [
        [],
        ["", "a"],
        ["", "", "", "b"],
    ]


def test_a_range_without_values_has_no_values_key(book):
    assert book.values_get("Sheet1!C3:D4") == {"range": "Sheet1!C3:D4", "majorDimension": "ROWS"}


def test_null_leaves_a_cell_and_an_empty_text_clears_it(book, sheet):
    sheet.update([["a", "b", "c"]], "A1")
    sheet.update([["x", None, ""]], "A1")
    assert sheet.get("A1:C1") == [["x", "b"]]


@pytest.mark.parametrize("name", ["It's", "Ünïcode 🌵", "a!b", "2026", "Q1 plan", "A1"])
def test_sheet_names_that_need_quotes(book, name):
    book.add_worksheet(name, 5, 5).update([["v"]], "B2")
    quoted = "'" + name.replace("'", "''") + "'"
    assert book.values_get(f"{quoted}!A1:B")["values"] == [[], ["", "v"]]


def test_open_ended_and_named_ranges(book, sheet):
    sheet.update([[1, 2], [3, 4], [5, 6]], "A1")
    sheet.define_named_range("A2:B3", "block")
    assert book.values_get("Sheet1!A2:A")["values"] == [["3"], ["5"]]
    assert book.values_get("Sheet1!B:B")["values"] == [["2"], ["4"], ["6"]]
    assert book.values_get("2:2")["values"] == [["3", "4"]]
    assert book.values_get("block") == {
        "range": "Sheet1!A2:B3",
        "majorDimension": "ROWS",
        "values": [["3", "4"], ["5", "6"]],
    }


def test_one_missing_tab_fails_the_whole_batch_get(book, refused):
    error = refused(book.values_batch_get, ["Sheet1!A1", "Nope!A1:B2"])
    assert error == {"code": 400, "message": "Unable to parse range: Nope!A1:B2", "status": "INVALID_ARGUMENT"}


def test_reads_are_cut_at_the_grid_but_must_start_within_it(book, refused):
    assert book.values_get("Sheet1!Y999:AB2000")["range"] == "Sheet1!Y999:Z1000"
    message = "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refused(book.values_get, "Sheet1!A1001")["message"] == message


def test_writes_outside_the_grid_are_refused_and_change_nothing(book, sheet, refused):
    before = book.get_lastUpdateTime()
    error = refused(sheet.update, [["x"]] * 3, "A999")
    assert error["message"] == "Range (Sheet1!A999:A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert sheet.get("A999:A1000") == [[]]
    assert book.get_lastUpdateTime() == before


def test_values_must_fit_into_the_range(book, refused):
    write = {"valueInputOption": "RAW"}
    error = refused(book.values_update, "Sheet1!A1:B1", write, {"values": [[1, 2, 3]]})
    assert error["message"] == "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    error = refused(book.values_update, "Sheet1!A1:B1", write, {"values": [[1], [2]]})
    assert error["message"] == "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"


def test_the_input_option_has_no_default(book, refused):
    error = refused(book.values_update, "Sheet1!A1", {}, {"values": [[1]]})
    assert error["message"] == "'valueInputOption' is required but not specified"


def test_a_cell_holds_fifty_thousand_characters(sheet, refused):
    sheet.update([["x" * 50_000]], "A1")
    error = refused(sheet.update, [["x" * 50_001]], "A2")
    assert error["message"] == "Your input contains more than the maximum of 50000 characters in a single cell."


def test_append_goes_below_the_table_and_grows_the_grid(book):
    sheet = book.add_worksheet("Runs", 3, 3)
    sheet.update([["id", "at"], ["r1", "1"]], "B1")
    answer = sheet.append_rows([["r2", 2], ["r3", 3]], table_range="B1")
    assert answer["tableRange"] == "Runs!B1:C2"
    assert answer["updates"]["updatedRange"] == "Runs!B3:C4"
    assert sheet.get_all_values() == [["", "id", "at"], ["", "r1", "1"], ["", "r2", "2"], ["", "r3", "3"]]
    assert book.worksheet("Runs").row_count == 4


def test_append_by_inserting_rows_pushes_down_what_lies_below(book, sheet):
    sheet.update([["id"], ["r1"], [""], ["total"]], "A1")
    sheet.append_row(["r2"], table_range="A1", insert_data_option="INSERT_ROWS")
    assert sheet.get_all_values() == [["id"], ["r1"], ["r2"], [""], ["total"]]


def test_clear_keeps_formats(book, sheet, server):
    sheet.update([["50%"]], "A1", value_input_option="USER_ENTERED")
    assert book.values_clear("Sheet1!A1:B2") == {"spreadsheetId": book.id, "clearedRange": "Sheet1!A1:B2"}
    cell = server.cell(book.id, "A1")
    assert "userEnteredValue" not in cell
    assert cell["userEnteredFormat"] == {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}


def test_batch_update_counts_each_row_and_column_once_and_is_atomic(book, sheet, refused):
    data = [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "A2:B3", "values": [[3, 4], [5, 6]]}]
    answer = book.values_batch_update({"valueInputOption": "RAW", "data": data})
    totals = {name: value for name, value in answer.items() if name.startswith("total")}
    assert totals == {"totalUpdatedRows": 3, "totalUpdatedColumns": 2, "totalUpdatedCells": 6, "totalUpdatedSheets": 1}

    data = [{"range": "A1", "values": [["changed"]]}, {"range": "Nope!A1", "values": [[1]]}]
    error = refused(book.values_batch_update, {"valueInputOption": "RAW", "data": data})
    assert error["message"] == "Invalid data[1]: Unable to parse range: Nope!A1"
    assert sheet.acell("A1").value == "1"


def test_by_data_filter(book, sheet):
    sheet.update([[1, 2], [3, 4]], "A1")
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/values:batchGetByDataFilter"
    where = {"sheetId": sheet.id, "startRowIndex": 1, "endRowIndex": 2}
    body = {"dataFilters": [{"gridRange": where}, {"a1Range": "B1"}], "valueRenderOption": "UNFORMATTED_VALUE"}
    answer = book.client.request("post", url, json=body).json()
    assert [item["valueRange"].get("values") for item in answer["valueRanges"]] == [[[3, 4]], [[2]]]
    assert answer["valueRanges"][1]["dataFilters"] == [{"a1Range": "B1"}]
