"""Workbooks as people keep them (merged cells, formulas, formats, tables), as an .xlsx file and as a Google Sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from openpyxl.utils.cell import range_boundaries
from xlsxwriter.worksheet import Worksheet

from sheets_sync.workbook.snapshot import a1
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import Rows


@dataclass(frozen=True)
class Calculated:
    """A formula and the value that a spreadsheet program gives it."""

    formula: str
    value: float | bool


@dataclass(frozen=True)
class Percent:
    """A number that the sheet shows as a percentage."""

    value: float


@dataclass(frozen=True)
class Money:
    """A number that the sheet shows in pounds."""

    value: float


@dataclass(frozen=True)
class Euros:
    """A number that the sheet shows in euros."""

    value: float


@dataclass(frozen=True)
class PeopleSheet:
    """Tabs of plain values from A1; merged areas and hidden rows as ``Tab!A1:B2``, and one table with a totals row."""

    tabs: Mapping[str, Rows]
    merges: Sequence[str] = ()
    table: str = ""
    hidden: Sequence[str] = ()


FORMATS = {Percent: ("PERCENT", "0.0%"), Money: ("CURRENCY", "[$£-809]#,##0"), Euros: ("CURRENCY", "[$€-407]#,##0")}


def write_excel(path: Path, sheet: PeopleSheet) -> Path:
    """The file as a spreadsheet program saves it: formulas with their values."""
    book = xlsxwriter.Workbook(path)
    formats = {kind: book.add_format({"num_format": pattern}) for kind, (_, pattern) in FORMATS.items()}
    for title, rows in sheet.tabs.items():
        page = book.add_worksheet(title)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                _write_cell(page, number, column, value, formats)
        for left, top, right, bottom in _areas(sheet.merges, title):
            page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
            _write_cell(page, top - 1, left - 1, rows[top - 1][left - 1], formats)
        for left, top, right, bottom in _areas([sheet.table] if sheet.table else [], title):
            headers = [{"header": str(name)} for name in rows[top - 1][left - 1 : right]]
            options = {"total_row": True, "columns": headers, "autofilter": False}
            page.add_table(top - 1, left - 1, bottom - 1, right - 1, options)
            for column in range(left, right + 1):
                _write_cell(page, bottom - 1, column - 1, rows[bottom - 1][column - 1], formats)
        for _, top, _, bottom in _areas(sheet.hidden, title):
            for number in range(top, bottom + 1):
                page.set_row(number - 1, None, None, {"hidden": True})
    book.close()
    return path


def make_google(server: SheetsServer, sheet: PeopleSheet) -> Plan:
    """The same on the local Google, which calculates the formulas itself; its calls are not in the log."""
    plan = make_plan(server)
    plan.book.worksheet("Initiatives").update_title("old")
    for title, rows in sheet.tabs.items():
        width = max(len(row) for row in rows)
        page = plan.add_tab(title, [[_raw(value) for value in row] for row in rows], size=(len(rows) + 5, width + 3))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if isinstance(value, Calculated):
                    page.update([[value.formula]], a1(number, column), raw=False)
                elif type(value) in FORMATS:
                    kind, pattern = FORMATS[type(value)]
                    page.format(a1(number, column), {"numberFormat": {"type": kind, "pattern": pattern}})
        for left, top, right, bottom in _areas(sheet.merges, title):
            page.merge_cells(f"{a1(top, left)}:{a1(bottom, right)}")
        for left, top, right, bottom in _areas([sheet.table] if sheet.table else [], title):
            area = {
                "sheetId": page.id, "startRowIndex": top - 1, "endRowIndex": bottom,
                "startColumnIndex": left - 1, "endColumnIndex": right,
            }  # fmt: skip
            footer = {"footerColorStyle": {"rgbColor": {"red": 1}}}
            table = {"name": "Table1", "range": area, "rowsProperties": footer}
            plan.book.batch_update({"requests": [{"addTable": {"table": table}}]})
        for _, top, _, bottom in _areas(sheet.hidden, title):
            page.hide_rows(top - 1, bottom)
    for title in ("old", "Sheet1"):
        plan.book.del_worksheet(plan.book.worksheet(title))
    server.log.clear()
    return plan


def _write_cell(page: Worksheet, row: int, column: int, value: Any, formats: Mapping[type, Any]) -> None:
    if isinstance(value, Calculated):
        page.write_formula(row, column, value.formula, None, value.value)
    elif isinstance(value, Percent | Money | Euros):
        page.write_number(row, column, value.value, formats[type(value)])
    elif isinstance(value, str):
        page.write_string(row, column, value)
    elif value is not None:
        page.write(row, column, value)


def _raw(value: Any) -> Any:
    if isinstance(value, Percent | Money | Euros):
        return value.value
    return "" if value is None or isinstance(value, Calculated) else value


def _areas(texts: Sequence[str], title: str) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of those on one tab."""
    pairs = (text.split("!") for text in texts)
    return [range_boundaries(cells) for tab, cells in pairs if tab == title]  # type: ignore[misc]
