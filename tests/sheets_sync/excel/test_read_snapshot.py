"""Reading .xlsx files: every kind of cell, as written by the programs that people use."""

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.workbook.defined_name import DefinedName

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.number_styles import style_of
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, TableArea
from tests.office import recalculated, shown_values
from tests.sheets_sync.excel_files import all_tabs, cell, parts, repack, results, shown

NO_TAB = frozenset().__contains__


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.xlsx"


def test_every_kind_of_cell_is_typed(path):
    workbook = openpyxl.Workbook()
    tab = workbook.active
    tab.title = "T"
    for column, value in enumerate((12, 1.5, "text", True, "#REF!", datetime(2026, 3, 31), "=1+1"), start=1):
        tab.cell(1, column, value)
    workbook.save(path)
    row = all_tabs(path)["T"].rows[0]
    assert row == (
        Cell(CellKind.NUMBER, 12, "12"),
        Cell(CellKind.NUMBER, 1.5, "1.5"),
        Cell(CellKind.TEXT, "text", "text"),
        Cell(CellKind.BOOLEAN, True, "TRUE"),
        Cell(CellKind.ERROR, "#REF!", "#REF!"),
        Cell(CellKind.DATE, datetime(2026, 3, 31), "2026-03-31 0:00:00", format="yyyy-mm-dd h:mm:ss"),
        Cell(CellKind.UNCALCULATED, formula="=1+1"),
    )


def test_formulas_come_with_their_cached_value_of_each_type(path):
    workbook = xlsxwriter.Workbook(path)
    tab = workbook.add_worksheet("T")
    for column, value in enumerate((6.5, "six", True, "#N/A")):
        tab.write_formula(0, column, "=A9", None, value)
    tab.write_array_formula(1, 0, 1, 0, "{=SUM(A9:B9*2)}", None, 4)
    workbook.close()
    first, second = all_tabs(path)["T"].rows
    assert [(c.kind, c.value, c.formula) for c in first] == [
        (CellKind.NUMBER, 6.5, "=A9"),
        (CellKind.TEXT, "six", "=A9"),
        (CellKind.BOOLEAN, True, "=A9"),
        (CellKind.ERROR, "#N/A", "=A9"),
    ]
    assert second == (Cell(CellKind.NUMBER, 4, "4", "=SUM(A9:B9*2)"),)


def test_a_formula_whose_value_is_empty_text_is_calculated(path):
    save_sheet_xml(path, '<row r="1"><c r="A1" t="str"><f>""</f><v/></c><c r="B1"><f>A1</f><v/></c></row>')
    assert [c.kind for c in all_tabs(path)["Sheet"].rows[0]] == [CellKind.TEXT, CellKind.UNCALCULATED]


def test_shared_formulas_are_reported_with_their_own_references(path):
    save_sheet_xml(
        path,
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*$C$1</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>',
    )
    assert [row[0].formula for row in all_tabs(path)["Sheet"].rows] == ["=B1*$C$1", "=B2*$C$1"]


def save_sheet_xml(path: Path, rows: str) -> None:
    openpyxl.Workbook().save(path)
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'
    repack(path, {"xl/worksheets/sheet1.xml": data.encode()})


def test_cells_without_addresses_follow_one_another(path):
    save_sheet_xml(path, "<row><c><v>1</v></c><c><v>2</v></c></row><row><c r='C2'><v>3</v></c><c><v>4</v></c></row>")
    assert shown(path, "Sheet") == [["1", "2"], ["", "", "3", "4"]]


def test_inline_and_escaped_text_and_prefixed_part_names(path):
    save_sheet_xml(
        path,
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>one </t></r><r><t>two</t></r><rPh><t>x</t></rPh></is></c>'
        '<c r="B1" t="str"><f>A1</f><v>line_x000D_</v></c><c r="C1" t="d"><v>2026-03-31T12:00:00</v></c></row>',
    )
    assert shown(path, "Sheet") == [["one two", "line\r", "2026-03-31 12:00:00"]]


@pytest.mark.parametrize("raw", ["inf", "-inf", "NaN"])
def test_a_number_that_some_program_should_not_have_written_is_still_told_as_one(path, raw):
    save_sheet_xml(path, f'<row r="1"><c r="A1"><v>{raw}</v></c></row>')
    read = cell(path, "Sheet", 1, 1)
    assert (read.kind, read.shown) == (CellKind.NUMBER, raw.lower())


def test_rich_text_is_flattened(path):
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    workbook.save(path)
    assert shown(path, "Sheet") == [["plain bold"]]


def test_hidden_and_merged_cells_read_like_others_and_trailing_blanks_are_cut(path):
    workbook = openpyxl.Workbook()
    tab = workbook.active
    tab["A1"], tab["A2"], tab["B3"] = "title", "hidden", 5
    tab.merge_cells("A1:C1")
    tab.row_dimensions[2].hidden = True
    tab.column_dimensions["B"].hidden = True
    tab["F9"].number_format = "0.00"
    workbook.save(path)
    assert shown(path, "Sheet") == [["title"], ["hidden"], ["", "5"]]


def test_text_with_a_quote_prefix_is_text(path):
    workbook = openpyxl.Workbook()
    tab = workbook.active
    tab["A1"] = "=not a formula"
    tab["A1"].data_type = "s"
    tab["A1"].quotePrefix = True
    workbook.save(path)
    assert cell(path, "Sheet", 1, 1) == Cell(CellKind.TEXT, "=not a formula", "=not a formula")


def test_only_wanted_tabs_are_read_in_sheet_order(path):
    workbook = openpyxl.Workbook()
    for title in ("B", "A", "C"):
        workbook.create_sheet(title)["A1"] = 1
    workbook.create_chartsheet("Chart")
    workbook.save(path)
    snapshot = ExcelWorkbook(path).read(lambda title: title != "Sheet")
    assert list(snapshot.tabs) == ["B", "A", "C"]
    assert (snapshot.locator, snapshot.title) == (str(path), "plan")


def test_dates_since_1904(path):
    workbook = xlsxwriter.Workbook(path, {"date_1904": True})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    workbook.add_worksheet("T").write_datetime(0, 0, datetime(2026, 3, 31), day)
    workbook.close()
    assert cell(path, "T", 1, 1) == Cell(CellKind.DATE, datetime(2026, 3, 31), "2026-03-31", format="yyyy-mm-dd")


def test_dates_and_times_of_pandas(path):
    frame = pd.DataFrame({"day": [date(2026, 3, 31)], "moment": [datetime(2026, 3, 31, 9, 30)], "n": [1.5]})
    frame.to_excel(path, sheet_name="T", index=False)
    kinds = [(c.kind, c.value) for c in all_tabs(path)["T"].rows[1]]
    assert kinds == [
        (CellKind.DATE, datetime(2026, 3, 31)),
        (CellKind.DATE, datetime(2026, 3, 31, 9, 30)),
        (CellKind.NUMBER, 1.5),
    ]


def test_a_time_of_day_is_a_moment_of_the_epoch(path):
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = time(12, 30)
    workbook.save(path)
    assert cell(path, "Sheet", 1, 1).value == datetime(1899, 12, 30, 12, 30)


def test_a_date_that_no_calendar_has_stays_a_number(path):
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = 1e12
    workbook.active["A1"].number_format = "yyyy-mm-dd"
    workbook.save(path)
    assert cell(path, "Sheet", 1, 1).kind is CellKind.NUMBER


def test_named_areas_are_plain_rectangles_of_the_workbook(path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "It's mine"
    names = {
        "plain": "'It''s mine'!$B$2:$C$9",
        "one_cell": "'It''s mine'!$A$1",
        "column": "'It''s mine'!$C:$C",
        "broken": "#REF!",
        "formula": "OFFSET('It''s mine'!$A$1,1,1)",
        "two": "'It''s mine'!$A$1,'It''s mine'!$C$1",
        "constant": "5",
    }
    for name, reference in names.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=reference)
    workbook.active.defined_names["local"] = DefinedName("local", attr_text="'It''s mine'!$A$1")
    workbook.save(path)
    assert ExcelWorkbook(path).read(NO_TAB).named_areas == {
        "plain": Area("It's mine", 2, 2, 9, 3),
        "one_cell": Area("It's mine", 1, 1, 1, 1),
        "column": Area("It's mine", 1, 3, 1_048_576, 3),
    }


def test_a_file_saved_by_libreoffice_reads_the_same(path, tmp_path):
    workbook = openpyxl.Workbook()
    tab = workbook.active
    tab.append(["key", 7, 0.5, True, datetime(2026, 3, 31), "=B1*2", '=""', '="a"&"b"', "=1/0"])
    tab["B1"].number_format, tab["C1"].number_format = "000", "0.0%"
    tab["E1"].number_format = "dd/mm/yyyy"
    workbook.save(path)
    assert shown(recalculated(path, tmp_path / "office"), "Sheet") == [
        ["key", "007", "50.0%", "TRUE", "31/03/2026", "14", "", "ab", "#DIV/0!"]
    ]


FORMATS = (
    "General", "0", "000", "0.00", "#,##0", "#,##0.00", "0%", "0.0%", "#,##0;(#,##0)", "#,##0.00;[Red]-#,##0.00",
    "£#,##0", "[$€-407]#,##0.00", '#,##0 "GBP"', "000-000", "0,", '0.0,,"M"', "yyyy-mm", "dd/mm/yyyy", "d/m/yy",
    "mmm yyyy", "d mmmm yyyy", "ddd dd mmm", "yyyy-mm-dd hh:mm:ss", "hh:mm", "h:mm AM/PM", "mm:ss",
    '0;-0;"zero"', "_-* #,##0.00_-;-* #,##0.00_-", "+0;-0;0", "yyyymm", "##0.0#", "00.0", "@",
)  # fmt: skip
NUMBERS = (0, 60, 112.5, 0.125, 91234.891, 46112, 46112.75, 0.5, 102.5, 0.1 + 0.2)


def test_numbers_are_shown_as_libreoffice_shows_them(path, tmp_path):
    """Values are those where LibreOffice and Excel agree: not the first two months of 1900, not negative times."""
    workbook = xlsxwriter.Workbook(path)
    tab = workbook.add_worksheet("T")
    tab.set_column(0, len(NUMBERS), 40)
    for row, code in enumerate(FORMATS):
        style = workbook.add_format({"num_format": code})
        for column, number in enumerate((*NUMBERS, -12.345 if "m" not in code else 1e5)):
            tab.write_number(row, column, number, style)
    workbook.close()
    office = [[text.strip() for text in row] for row in shown_values(path, tmp_path / "office")["T"]]
    differing = [
        (code, ours, theirs)
        for code, our_row, their_row in zip(FORMATS, shown(path, "T"), office, strict=True)
        for ours, theirs in zip(our_row, their_row, strict=True)
        if ours != theirs
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("# ?/?", 0.5, "0.5"),
        ("0.00E+00", 1234.5, "1234.5"),
        ("[>100]0.0;0", 123.45, "123.45"),
        ("General", 1e-7, "1E-07"),
        ("General", 123456789012345, "123456789012345"),
        ("General", 1.23456789012345e20, "1.23457E+20"),
        ('0" d"', 3, "3 d"),
        ("0\\d", 3, "3d"),
        ("[Red]0", 3, "3"),
        ("[h]:mm", 1.5, "36:00"),
        ("[h]:mm", -0.5, "-0.5"),
        ("0.##", 1, "1."),
        ("dd/mm/yyyy", 1, "01/01/1900"),
    ],
)
def test_numbers_of_rarer_formats(path, code, number, text):
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = number
    workbook.active["A1"].number_format = code
    workbook.save(path)
    assert cell(path, "Sheet", 1, 1).shown == text


def test_part_names_in_other_cases_and_from_the_root_are_found(path):
    """Some exporters write absolute targets, or another case than the part's own."""
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "here"
    workbook.save(path)
    relations = parts(path)["xl/_rels/workbook.xml.rels"].replace(
        b"/xl/worksheets/sheet1.xml", b"Worksheets/Sheet1.xml"
    )
    repack(path, {"xl/_rels/workbook.xml.rels": relations})
    assert shown(path, "Sheet") == [["here"]]


def test_merged_areas_tables_and_their_totals_come_with_the_tab(path):
    workbook = xlsxwriter.Workbook(path)
    tab = workbook.add_worksheet("T")
    tab.merge_range("A1:C2", "title")
    tab.merge_range("E4:E5", "team")
    tab.add_table("A4:B7", {"name": "Plan", "total_row": True, "columns": [{"header": "key"}, {"header": "effort"}]})
    tab.add_table("G4:G6", {"name": "Other"})
    workbook.close()
    tab = all_tabs(path)["T"]
    assert tab.merges == (Area("T", 1, 1, 2, 3), Area("T", 4, 5, 5, 5))
    assert tab.tables == (
        TableArea("Plan", Area("T", 4, 1, 7, 2), totals_row=7),
        TableArea("Other", Area("T", 4, 7, 6, 7), totals_row=None),
    )


def test_functions_younger_than_the_file_format_are_named_as_people_type_them(path):
    workbook = xlsxwriter.Workbook(path, {"use_future_functions": True})
    workbook.add_worksheet("T").write_formula("A1", "=AGGREGATE(9,5,A2:A4)", None, 3)
    workbook.close()
    assert b"_xlfn.AGGREGATE" in parts(path)["xl/worksheets/sheet1.xml"]
    assert cell(path, "T", 1, 1).formula == "=AGGREGATE(9,5,A2:A4)"


def test_a_built_in_money_format_names_no_currency(path):
    """Excel shows it with the sign of the computer that opens the file."""
    workbook = xlsxwriter.Workbook(path)
    tab = workbook.add_worksheet("T")
    tab.write_number("A1", 5, workbook.add_format({"num_format": 44}))
    tab.write_number("B1", 5, workbook.add_format({"num_format": "[$£-809]#,##0"}))
    workbook.close()
    tab = all_tabs(path)["T"]
    assert [style_of(tab.cell(1, column).format).currency for column in (1, 2)] == ["¤", "GBP"]


def test_only_a_file_that_nobody_calculated_says_so(path, tmp_path):
    workbook = xlsxwriter.Workbook(path)
    workbook.add_worksheet("T").write_formula("A1", "=1+1")
    workbook.close()
    assert ExcelWorkbook(path).read(NO_TAB).recalculates_on_load
    calculated = recalculated(path, tmp_path / "office")
    assert not ExcelWorkbook(calculated).read(NO_TAB).recalculates_on_load


def test_our_own_writing_does_not_make_a_calculated_file_look_uncalculated(path):
    workbook = xlsxwriter.Workbook(path)
    workbook.add_worksheet("T").write_formula("A1", "=1+1", None, 2)
    workbook.close()
    listed = parts(path)["xl/workbook.xml"]
    repack(path, {"xl/workbook.xml": listed.replace(b' fullCalcOnLoad="1"', b"")})
    for _ in range(2):
        ExcelWorkbook(path).write(results(["ours"]))
        assert b'fullCalcOnLoad="1"' in parts(path)["xl/workbook.xml"]
        assert not ExcelWorkbook(path).read(NO_TAB).recalculates_on_load
