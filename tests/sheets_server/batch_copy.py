"""Batch requests that copy cells, and that find and replace text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .a1 import Area
from .book import Json, Sheet
from .cell import Cell
from .draft import Draft
from .errors import RequestError, not_served
from .formula import Formula

_PARTS = {
    "PASTE_NORMAL": ("value", "format", "validation", "runs"),
    "PASTE_FORMULA": ("value",),
    "PASTE_FORMAT": ("format",),
    "PASTE_DATA_VALIDATION": ("validation",),
}


def copy_paste(draft: Draft, body: Json) -> None:
    """Copy cells to a place of the same size, or a multiple of it; relative references of formulas move along."""
    kind = body.get("pasteType", "PASTE_NORMAL")
    if kind not in _PARTS or body.get("pasteOrientation", "NORMAL") != "NORMAL":
        raise not_served(f"copyPaste with {kind}, {body.get('pasteOrientation', 'NORMAL')}")
    source, (top, left, bottom, right) = draft.place(body.get("source", {}), write=False)
    target, (start, along, end, last) = draft.place(body.get("destination", {}))
    height, width = bottom - top, right - left
    # A destination smaller than the source, or no multiple of it, is filled beyond its end.
    end = end if (end - start) % height == 0 else start + height
    last = last if (last - along) % width == 0 else along + width
    if end > target.row_count or last > target.column_count:
        raise RequestError("The destination lies outside the grid.")
    draft.check_protection(target, Area(start, along, end, last))
    copied = {(row, column): source.cell(row, column) for row in range(top, bottom) for column in range(left, right)}
    for row in range(start, end):
        for column in range(along, last):
            origin = (top + (row - start) % height, left + (column - along) % width)
            _paste(target, row, column, copied[origin], origin, _PARTS[kind])


def _paste(target: Sheet, row: int, column: int, cell: Cell, origin: tuple[int, int], parts: tuple[str, ...]) -> None:
    value = cell.value
    if isinstance(value, Formula):
        down, along = row - origin[0], column - origin[1]
        value = value.with_references(lambda reference: reference.moved(down, along))
    given: dict[str, Any] = {"value": value, "format": cell.format, "validation": cell.validation, "runs": cell.runs}
    target.set_cell(row, column, replace(target.cell(row, column), **{part: given[part] for part in parts}))


def find_replace(draft: Draft, body: Json) -> Json:
    """Replace text in text cells; formulas are left alone."""
    if body.get("includeFormulas"):
        raise not_served("findReplace with includeFormulas")
    find, replacement = body.get("find", ""), body.get("replacement", "")
    if not find:
        raise RequestError("The text to find must not be empty.")
    pattern = find if body.get("searchByRegex") else re.escape(find)
    search = re.compile(pattern, 0 if body.get("matchCase") else re.IGNORECASE)
    occurrences = values = 0
    rows: set[tuple[int, int]] = set()
    sheets: set[int] = set()
    for sheet, (top, left, bottom, right) in _searched(draft, body):
        for row in range(top, bottom):
            for column in range(left, right):
                cell = sheet.cell(row, column)
                if not isinstance(cell.value, str):
                    continue
                if body.get("matchEntireCell") and not search.fullmatch(cell.value):
                    continue
                text, count = search.subn(
                    replacement if body.get("searchByRegex") else lambda _: replacement, cell.value
                )
                if count:
                    draft.check_protection(sheet, Area(row, column, row + 1, column + 1))
                    sheet.set_cell(row, column, replace(cell, value=draft.check_text(text) or None))
                    occurrences, values = occurrences + count, values + 1
                    rows.add((sheet.id, row))
                    sheets.add(sheet.id)
    return {
        "occurrencesChanged": occurrences,
        "valuesChanged": values,
        "rowsChanged": len(rows),
        "sheetsChanged": len(sheets),
    }


def _searched(draft: Draft, body: Json) -> list[tuple[Sheet, tuple[int, int, int, int]]]:
    if "range" in body:
        return [draft.place(body["range"], write=False)]
    if "sheetId" in body:
        return [draft.place({"sheetId": body["sheetId"]}, write=False)]
    if body.get("allSheets"):
        return [draft.place({"sheetId": sheet.id}, write=False) for sheet in draft.book.sheets]
    raise RequestError("One of range, sheetId and allSheets must be set.")


HANDLERS = {
    "copyPaste": copy_paste,
    "findReplace": find_replace,
}
