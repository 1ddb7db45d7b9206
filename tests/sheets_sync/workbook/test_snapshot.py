"""One ordinary sheet, two backends: merges, formulas, number formats, tables and hidden rows are read alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.number_styles import NumberKind, NumberStyle, style_of
from sheets_sync.workbook.snapshot import Area, Tab, TableArea
from tests.sheets_sync.google_sheets import make_plan

TITLE = "Initiatives"
ROWS = [["Plan of the year"], ["key", "team", "tokens", "share", "value"]]
ROWS += [[f"I{number}", "Growth", number, number / 10, number * 1000] for number in (1, 2, 3)]
FORMULAS = {
    "C6": "=SUM(C3:C5)",
    "D6": "=SUM(D3:D5)",
    "E6": '=IF(SUM(E3:E5)>0.5,SUM(E3,E4,E5),"a;b,c")',
    "C7": "=SUBTOTAL(9,C3:C5)",
    "D7": "=D6*1",
}
VALUES = {"C6": 6, "D6": 0.6, "E6": 6000, "C7": 6, "D7": 0.6}
FORMATS = {"D3:D6": "0.0%", "E3:E6": "[$£-809]#,##0"}


@pytest.fixture(params=["excel", "google", "google with decimal commas"])
def tab(request, tmp_path: Path, sheets_server) -> Iterator[Tab]:
    """The sheet as each backend reads it, in one read."""
    if request.param == "excel":
        yield ExcelWorkbook(excel_file(tmp_path / "plan.xlsx")).read(lambda _: True).tabs[TITLE]
        return
    plan = make_plan(sheets_server, initiatives=ROWS)
    sheet = plan.book.worksheet(TITLE)
    semicolons = "commas" in request.param
    if semicolons:
        plan.book.update_locale("de_DE")
    for address, formula in FORMULAS.items():
        spelled = formula.replace("9,", "9;").replace(",", ";").replace("0.5", "0,5").replace("a;b;c", "a;b,c")
        sheet.update([[spelled if semicolons else formula]], address, raw=False)
    for area, pattern in FORMATS.items():
        kind = "PERCENT" if "%" in pattern else "CURRENCY"
        sheet.format(area, {"numberFormat": {"type": kind, "pattern": pattern}})
    sheet.merge_cells("A1:E1")
    sheet.update([["Growth"]], "G3", raw=True)
    sheet.merge_cells("G3:G5")
    sheet.hide_rows(3, 4)
    sheet.hide_columns(4, 5)
    area = {"sheetId": sheet.id, "startRowIndex": 1, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 5}
    rows = {"footerColorStyle": {"rgbColor": {"red": 1}}}
    plan.book.batch_update(
        {"requests": [{"addTable": {"table": {"name": "P", "range": area, "rowsProperties": rows}}}]}
    )
    sheets_server.log.clear()
    read = plan.open().read(lambda _: True)
    assert len(plan.calls()) == 1
    assert not read.recalculates_on_load
    yield read.tabs[TITLE]
    plan.close()


def excel_file(path: Path) -> Path:
    """The same as a spreadsheet program saves it."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet(TITLE)
    formats = {column: book.add_format({"num_format": FORMATS[f"{column}3:{column}6"]}) for column in "DE"}
    columns = [{"header": name} for name in ROWS[1]]
    sheet.add_table("A2:E6", {"name": "P", "total_row": True, "columns": columns, "autofilter": False})
    for number, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(number, column, value, formats.get("ABCDE"[column]) if number > 1 else None)
    for address, formula in FORMULAS.items():
        is_formatted = address.endswith("6") and address[0] in formats
        sheet.write_formula(address, formula, formats[address[0]] if is_formatted else None, VALUES[address])
    sheet.merge_range("A1:E1", ROWS[0][0])
    sheet.merge_range("G3:G5", "Growth")
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_column(4, 4, None, None, {"hidden": True})
    book.close()
    return path


def test_merged_areas(tab):
    assert set(tab.merges) == {Area(TITLE, 1, 1, 1, 5), Area(TITLE, 3, 7, 5, 7)}
    assert tab.cell(3, 7).value == "Growth"
    assert tab.cell(4, 7).is_blank


def test_formulas_are_spelled_in_one_way(tab):
    found = {f"{'ABCDE'[c - 1]}{r}": tab.cell(r, c).formula for r in range(1, 8) for c in range(1, 6)}
    assert {address: formula for address, formula in found.items() if formula is not None} == FORMULAS


def test_number_formats(tab):
    assert [style_of(tab.cell(3, column).format) for column in (3, 4, 5)] == [
        NumberStyle(),
        NumberStyle(NumberKind.PERCENT),
        NumberStyle(NumberKind.CURRENCY, "GBP"),
    ]
    assert [tab.cell(row, 4).format for row in (3, 6)] == ["0.0%", "0.0%"]


def test_tables_and_their_totals_row(tab):
    assert tab.tables == (TableArea("P", Area(TITLE, 2, 1, 6, 5), totals_row=6),)


def test_hidden_rows_and_columns_are_read_like_others(tab):
    assert [tab.cell(row, 1).value for row in (3, 4, 5)] == ["I1", "I2", "I3"]
    assert [tab.cell(row, 5).value for row in (3, 4, 5)] == [1000, 2000, 3000]
