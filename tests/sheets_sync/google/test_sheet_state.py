"""One call reads everything, typed by the sheet itself, whatever people do with their sheets."""

from datetime import datetime

import pytest

from sheets_sync.google.cells_in import parse_cell, parse_rows
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, CellKind
from tests.sheets_sync.google_sheets import inputs

NUMBER, TEXT, DATE, BOOLEAN, ERROR = (
    CellKind.NUMBER,
    CellKind.TEXT,
    CellKind.DATE,
    CellKind.BOOLEAN,
    CellKind.ERROR,
)


def entered(plan, *texts: object, locale: str = "en_US") -> list[Cell]:
    """Cells as they are read after a person typed the texts below each other."""
    plan.book.update_locale(locale)
    sheet = plan.add_tab("Typed", [])
    sheet.update([[text] for text in texts], raw=False)
    tab = plan.open().read(lambda title: title == "Typed").tabs["Typed"]
    return [tab.cell(row, 1) for row in range(1, len(texts) + 1)]


def test_one_read_is_one_call(plan):
    plan.open().read(inputs)
    assert plan.calls() == [("GET", 200)]


def test_a_snapshot_says_what_the_workbook_is(plan):
    plan.book.worksheet("Initiatives").define_named_range("B2:B4", "estimates")
    snapshot = plan.open().read(inputs)
    assert snapshot.locator == f"https://docs.google.com/spreadsheets/d/{plan.id}"
    assert (snapshot.title, snapshot.locale, snapshot.time_zone) == ("Plan", "en_US", "Etc/GMT")
    assert snapshot.named_areas == {"estimates": Area("Initiatives", 2, 2, 4, 2)}
    assert list(snapshot.tabs) == ["Initiatives"]


def test_only_wanted_tabs_are_in_the_snapshot(plan):
    plan.add_tab("Results", [["someone's"]])
    assert list(plan.open().read(inputs).tabs) == ["Initiatives"]
    assert list(plan.open().read(lambda title: title != "Sheet1").tabs) == ["Initiatives", "Results"]


def test_numbers_texts_and_booleans_are_reported_apart(plan):
    assert entered(plan, "4500", "4,500", "'4500", "007", "TRUE", "true", "'TRUE", "12.5%", "$3.50") == [
        Cell(NUMBER, 4500, "4500"),
        Cell(NUMBER, 4500, "4,500", format="#,##0"),
        Cell(TEXT, "4500", "4500"),
        Cell(NUMBER, 7, "7"),
        Cell(BOOLEAN, True, "TRUE"),
        Cell(BOOLEAN, True, "TRUE"),
        Cell(TEXT, "TRUE", "TRUE"),
        Cell(NUMBER, 0.125, "12.50%", format="0.00%"),
        Cell(NUMBER, 3.5, "$3.50", format='"$"#,##0.00'),
    ]


def test_a_period_that_the_sheet_took_for_a_date_is_a_date_with_what_is_shown(plan):
    cell, text = entered(plan, "2026-03-01", "'2026-03")
    assert (cell.kind, cell.value) == (DATE, datetime(2026, 3, 1))
    assert cell.shown == "2026-03-01"
    assert text == Cell(TEXT, "2026-03", "2026-03")


def test_times_and_moments_are_dates_too(plan):
    moment, time = entered(plan, "2026-03-01 14:30:00", "14:30")
    assert (moment.kind, moment.value) == (DATE, datetime(2026, 3, 1, 14, 30))
    assert time.kind is DATE


def test_a_serial_beyond_all_calendars_stays_a_number():
    value = {"effectiveValue": {"numberValue": 1e12}, "effectiveFormat": {"numberFormat": {"type": "DATE"}}}
    assert parse_cell(value) == Cell(NUMBER, 1e12)


def test_error_values_are_errors_as_the_sheet_shows_them(plan):
    cells = entered(plan, "=1/0", "=NA()", "=NoSuchName", '=VALUE("x")')
    assert [(cell.kind, cell.value) for cell in cells] == [
        (ERROR, "#DIV/0!"),
        (ERROR, "#N/A"),
        (ERROR, "#NAME?"),
        (ERROR, "#VALUE!"),
    ]
    assert cells[0].formula == "=1/0"


@pytest.mark.parametrize(
    ("kind", "text"), [("REF", "#REF!"), ("LOADING", "Loading..."), ("N_A", "#N/A"), ("SOMETHING_NEW", "#ERROR!")]
)
def test_an_error_without_a_text_is_named_by_its_type(kind, text):
    assert parse_cell({"effectiveValue": {"errorValue": {"type": kind}}}) == Cell(ERROR, text, text)


def test_formulas_come_with_their_values(plan):
    number, blank, text = entered(plan, "=2*3", '=""', '="a"&"b"')
    assert number == Cell(NUMBER, 6, "6", "=2*3")
    assert text == Cell(TEXT, "ab", "ab", '="a"&"b"')
    assert blank.is_blank
    assert blank.formula == '=""'


def test_a_formula_that_comes_to_nothing_is_blank():
    cell = parse_cell({"userEnteredValue": {"formulaValue": "=IF(FALSE,1,)"}})
    assert cell.kind is CellKind.BLANK
    assert cell.is_blank


def test_german_numbers_are_numbers_and_german_text_is_text(plan):
    number, percent, text = entered(plan, "1.234,5", "12,5%", "1,234.5", locale="de_DE")
    assert number == Cell(NUMBER, 1234.5, "1.234,50", format="#,##0.00")
    assert (percent.kind, percent.value) == (NUMBER, 0.125)
    assert text.kind is TEXT


HOSTILE = [
    '=IMPORTXML("http://evil","//a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'apostrophe",
    "مرحبا ‮abc",
    "👩‍👩‍👧‍👦 ​",
    "line\nbreak\ttab",
    " ",
    "#REF!",
    "TRUE",
    "x" * 50_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_is_read_as_it_stands(plan, text):
    plan.add_tab("Raw", [[text, "end"]])
    assert plan.open().read(lambda title: title == "Raw").tabs["Raw"].cell(1, 1).value == text


def test_headers_with_newlines_below_a_title_beside_merged_cells(plan):
    sheet = plan.add_tab("Odd", [["Our plan", "", ""], [], ["initiative\nkey", "gmv", "note"], ["A", 5, "x"]])
    sheet.merge_cells("A1:C1")
    sheet.hide_rows(3, 4)
    tab = plan.open().read(lambda title: title == "Odd").tabs["Odd"]
    assert [cell.value for cell in tab.rows[0]] == ["Our plan"]
    assert tab.rows[1] == ()
    assert tab.cell(3, 1).value == "initiative\nkey"
    assert [cell.value for cell in tab.rows[3]] == ["A", 5, "x"]


def test_filtered_and_hidden_rows_are_read(plan):
    sheet = plan.book.worksheet("Initiatives")
    sheet.set_basic_filter("A1:B4")
    sheet.hide_rows(1, 3)
    assert len(plan.open().read(inputs).tabs["Initiatives"].rows) == 4


def test_an_empty_tab_and_check_boxes_alone_have_no_rows(plan):
    sheet = plan.add_tab("Empty", [])
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    place = {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 2}
    plan.book.batch_update({"requests": [{"setDataValidation": {"range": place, "rule": rule}}]})
    rows = plan.open().read(lambda title: title == "Empty").tabs["Empty"].rows
    # Google shows FALSE in a box that nobody ticked, or nothing: neither makes a row of inputs.
    assert all(cell.value is False or cell.is_blank for row in rows for cell in row)


def test_trailing_blanks_are_cut_and_inner_ones_kept():
    one = {"effectiveValue": {"numberValue": 1}}
    style = {"effectiveFormat": {"numberFormat": {"type": "TEXT"}}}
    rows = parse_rows([{"rowData": [{}, {"values": [style, one, style, {}]}, {"values": [style]}, {}]}])
    assert rows == ((), (BLANK, Cell(NUMBER, 1)))


def test_data_that_begins_below_and_right_keeps_its_addresses():
    one = {"effectiveValue": {"numberValue": 1}}
    rows = parse_rows([{"startRow": 2, "startColumn": 1, "rowData": [{"values": [one]}]}])
    assert rows == ((), (), (BLANK, Cell(NUMBER, 1)))


def test_charts_on_sheets_of_their_own_are_no_tabs():
    from sheets_sync.google.sheet_state import parse_state

    answer = {"sheets": [{"properties": {"sheetId": 7, "title": "Chart1", "sheetType": "OBJECT"}}]}
    assert parse_state("id", answer, lambda _: True, ()).sheets == []
