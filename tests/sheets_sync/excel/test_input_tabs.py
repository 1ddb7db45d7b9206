"""The tabs that `init` creates in a file: as the table of columns says, usable at once, and never over what exists."""

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.cell_styles import LOOKS, Role
from sheets_sync.workbook.template import TEMPLATE_ROWS, ColumnTemplate, InputKind, TabTemplate, templates
from tests.office import shown_values
from tests.sheets_sync.excel_files import parts, shown

PLAN = TabTemplate(
    "Plan",
    [
        ColumnTemplate("key", "Required. The key.", InputKind.TEXT, 20, number_format="@"),
        ColumnTemplate("mode", "How.", InputKind.DROPDOWN, 12, choices=("one", "two")),
        ColumnTemplate("run", "Tick to run.", InputKind.CHECKBOX, 8),
        ColumnTemplate("amount", "In GBP.", InputKind.NUMBER, 10, number_format="#,##0"),
        ColumnTemplate("status", "", InputKind.WRITTEN, 30),
    ],
    rows=(("2026-03", "one", True, 1200, None),),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.xlsx"


def test_a_missing_file_is_created_with_every_tab(path):
    assert ExcelWorkbook(path).create_tabs(templates()) == [template.title for template in templates()]
    assert openpyxl.load_workbook(path).sheetnames == [template.title for template in templates()]
    for template in templates():
        lists = openpyxl.load_workbook(path)[template.title].data_validations.dataValidation
        # Excel calls a file damaged whose list of choices is longer than this.
        assert all(len(item.formula1) <= 255 for item in lists)
        assert shown(path, template.title)[0] == [column.header for column in template.columns]


def test_a_tab_has_header_rows_lists_formats_and_notes(path):
    ExcelWorkbook(path).create_tabs([PLAN])
    tab = openpyxl.load_workbook(path)["Plan"]
    assert [[cell.value for cell in row] for row in tab["A1:E2"]] == [
        ["key", "mode", "run", "amount", "status"],
        ["2026-03", "one", True, 1200, None],
    ]
    assert [cell.comment and cell.comment.text for cell in tab[1]] == [
        "Required. The key.", "How.", "Tick to run.", "In GBP.", None,
    ]  # fmt: skip
    lists = {str(item.sqref): item.formula1 for item in tab.data_validations.dataValidation}
    last = TEMPLATE_ROWS + 1
    assert lists == {f"B2:B{last}": '"one,two"', f"C2:C{last}": '"TRUE,FALSE"'}
    assert (tab["A50"].number_format, tab[f"D{last}"].number_format) == ("@", "#,##0")
    assert tab["A1"].fill.fgColor.rgb == f"FF{LOOKS[Role.HEADER].fill}"
    assert tab.freeze_panes == "B2"


def test_existing_tabs_are_never_touched_and_missing_ones_added(path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "PLAN"
    workbook.active["A1"] = "mine"
    workbook.save(path)
    before = parts(path)["xl/worksheets/sheet1.xml"]
    other = TabTemplate("Other", PLAN.columns)
    assert ExcelWorkbook(path).create_tabs([PLAN, other]) == ["Other"]
    assert parts(path)["xl/worksheets/sheet1.xml"] == before
    assert openpyxl.load_workbook(path).sheetnames == ["PLAN", "Other"]


def test_nothing_is_written_where_nothing_is_missing(path):
    ExcelWorkbook(path).create_tabs([PLAN])
    before = path.stat()
    assert ExcelWorkbook(path).create_tabs([PLAN]) == []
    assert path.stat() == before


def test_libreoffice_opens_the_created_workbook(path, tmp_path):
    ExcelWorkbook(path).create_tabs(templates())
    office = shown_values(path, tmp_path / "office")
    for template in templates():
        assert office[template.title][0] == [column.header for column in template.columns]


def test_a_drop_down_that_excel_cannot_hold_is_left_out(path):
    many = tuple(f"Team number {number}" for number in range(30))
    columns = [ColumnTemplate("team", "", InputKind.DROPDOWN, 9, choices=many),
               ColumnTemplate("area", "", InputKind.DROPDOWN, 9, choices=("Sales, UK", "Sales, DE"))]  # fmt: skip
    ExcelWorkbook(path).create_tabs([TabTemplate("Plan", columns)])
    assert openpyxl.load_workbook(path)["Plan"].data_validations.dataValidation == []


def test_a_tab_that_is_there_under_another_name_is_not_made_again(path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "Product Backlog"
    workbook.save(path)
    assert "Initiatives" not in ExcelWorkbook(path).create_tabs(templates())
