"""A workbook as JSON that can be read back, for the state file."""

from __future__ import annotations

from typing import Any

from .book import OBJECT_LISTS, Json, Sheet, Workbook
from .cell import Cell
from .formula import Formula, parse_formula

_BOOK_FIELDS = (
    "other_tabs",
    "named_ranges",
    "lost_names",
    "spent_ids",
    "developer_metadata",
    "permissions",
    "created",
    "modified",
    "version",
    "trashed",
    "drive_id",
    "moments",
    "formula_results",
)


def dump_book(book: Workbook) -> Json:
    """Everything about a workbook."""
    names = book.sheet_names()
    result: Json = {"id": book.id, "properties": book.properties}
    result.update({name: getattr(book, name) for name in _BOOK_FIELDS})
    result["sheets"] = [_dump_sheet(sheet, names) for sheet in book.sheets]
    return result


def _dump_sheet(sheet: Sheet, names: dict[int, str]) -> Json:
    result: Json = {"properties": sheet.properties, "basic_filter": sheet.basic_filter}
    result.update({name: getattr(sheet, name) for name in OBJECT_LISTS})
    result["row_properties"] = list(sheet.row_properties.items())
    result["column_properties"] = list(sheet.column_properties.items())
    result["cells"] = [
        [row, column, *_dump_cell(cell, names)] for row, cells in sheet.rows.items() for column, cell in cells.items()
    ]
    return result


def _dump_cell(cell: Cell, names: dict[int, str]) -> list[Any]:
    is_formula = isinstance(cell.value, Formula)
    value: Any = cell.value.text(names) if isinstance(cell.value, Formula) else cell.value
    return [is_formula, value, cell.format, cell.note, cell.validation, cell.runs, cell.chips]


def load_book(content: Json) -> Workbook:
    """The workbook that `dump_book` wrote."""
    book = Workbook(content["id"], content["properties"], "")
    for name in _BOOK_FIELDS:
        setattr(book, name, content[name])
    book.sheets = [Sheet(item["properties"]) for item in content["sheets"]]
    # Formulas bind sheet names to ids, so every sheet must be there before the first formula is read.
    for sheet, item in zip(book.sheets, content["sheets"], strict=True):
        for name in (*OBJECT_LISTS, "basic_filter"):
            setattr(sheet, name, item[name])
        sheet.row_properties = dict(item["row_properties"])
        sheet.column_properties = dict(item["column_properties"])
        for row, column, is_formula, value, cell_format, note, validation, runs, chips in item["cells"]:
            if is_formula:
                value = parse_formula(value, book.sheet_ids(), decimal_comma=book.decimal_comma)
            kept = [tuple(items) if items else None for items in (runs, chips)]
            cell = Cell(value, cell_format, note, validation, *kept)
            sheet.set_cell(row, column, cell)
    return book
