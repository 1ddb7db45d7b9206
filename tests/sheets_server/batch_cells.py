"""Batch requests that write cells: values, formats, notes, validation, borders, merges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .a1 import Area
from .book import Json, Sheet
from .cell import Cell
from .conditions import VALIDATION, check_condition
from .draft import Draft, contains, overlaps
from .errors import RequestError
from .fieldmask import Mask
from .formula import Formula


def update_cells(draft: Draft, body: Json) -> None:
    """Rows of cells from a start, or over a range (cells of the range that the rows lack are cleared)."""
    mask = draft.mask("CellData", body.get("fields"))
    rows = body.get("rows", [])
    if "range" in body:
        sheet, (top, left, bottom, right) = draft.place(body["range"])
        if len(rows) > bottom - top or any(len(row.get("values", [])) > right - left for row in rows):
            _check_inside(rows, top, left, bottom, right)
    elif "start" in body:
        sheet = draft.sheet(body["start"].get("sheetId", 0))
        top, left = body["start"].get("rowIndex", 0), body["start"].get("columnIndex", 0)
        width = max((len(row.get("values", [])) for row in rows), default=0)
        bottom, right = top + len(rows), left + width
        _check_inside(rows, top, left, sheet.row_count, sheet.column_count)
        if rows and width:
            draft.check_protection(sheet, Area(top, left, bottom, right))
    else:
        raise RequestError("One of 'start' and 'range' must be set.")
    for row in range(top, bottom):
        cells = rows[row - top].get("values", []) if row - top < len(rows) else []
        for at, data in enumerate(cells):
            draft.write_cell(sheet, row, left + at, data, mask)
        if "range" in body:
            # Only cells that hold something can be cleared.
            behind = [column for column in sheet.rows.get(row, {}) if left + len(cells) <= column < right]
            for column in behind:
                draft.write_cell(sheet, row, column, {}, mask)


def _check_inside(rows: list[Json], top: int, left: int, bottom: int, right: int) -> None:
    if top + len(rows) > bottom:
        raise RequestError(f"Attempting to write row: {bottom}, beyond the last requested row of: {bottom - 1}")
    if any(left + len(row.get("values", [])) > right for row in rows):
        raise RequestError(f"Attempting to write column: {right}, beyond the last requested column of: {right - 1}")


def append_cells(draft: Draft, body: Json) -> None:
    """Rows below the last row that holds data; the grid grows as needed."""
    mask = draft.mask("CellData", body.get("fields"))
    sheet = draft.sheet(body.get("sheetId", 0))
    rows = body.get("rows", [])
    filled = (row for row, cells in sheet.rows.items() if any(cell.value is not None for cell in cells.values()))
    top = max(filled, default=-1) + 1
    width = max((len(row.get("values", [])) for row in rows), default=0)
    if width > sheet.column_count:
        _check_inside(rows, 0, 0, len(rows), sheet.column_count)
    if top + len(rows) > sheet.row_count:
        sheet.resize(top + len(rows), sheet.column_count)
        draft.check_size()
    draft.check_protection(sheet, Area(top, 0, top + len(rows), width))
    for at, row in enumerate(rows):
        for column, data in enumerate(row.get("values", [])):
            draft.write_cell(sheet, top + at, column, data, mask)


def repeat_cell(draft: Draft, body: Json) -> None:
    """One cell over a whole range; the references of a formula move along."""
    mask = draft.mask("CellData", body.get("fields"))
    sheet, (top, left, bottom, right) = draft.place(body.get("range", {}))
    data = body.get("cell", {})
    for row in range(top, bottom):
        for column in range(left, right):
            draft.write_cell(sheet, row, column, data, mask)
            _move_formula(sheet, row, column, row - top, column - left, mask)


def _move_formula(sheet: Sheet, row: int, column: int, down: int, along: int, mask: Mask) -> None:
    cell = sheet.cell(row, column)
    if isinstance(cell.value, Formula) and ("*" in mask or "userEnteredValue" in mask):
        moved = cell.value.with_references(lambda reference: reference.moved(down, along))
        sheet.set_cell(row, column, replace(cell, value=moved))


def set_data_validation(draft: Draft, body: Json) -> None:
    """A validation rule over a range; none removes it."""
    sheet, place = draft.place(body.get("range", {}))
    rule = body.get("rule")
    if rule is not None:
        check_condition(draft, rule.get("condition", {}), VALIDATION, sheet)
    if any(overlaps(place, typed) for table in sheet.tables for typed in _typed_columns(table)):
        raise RequestError("Data validation is not allowed on cells of a typed column of a table.")
    set_validation(draft, sheet, place, rule)


def _typed_columns(table: Json) -> Iterator[tuple[int, int, int, int]]:
    """The cells below the header of each column that has a type."""
    place = table["range"]
    for column in table.get("columnProperties", []):
        if column.get("columnType", "COLUMN_TYPE_UNSPECIFIED") != "COLUMN_TYPE_UNSPECIFIED":
            at = place["startColumnIndex"] + column.get("columnIndex", 0)
            yield place["startRowIndex"] + 1, at, place["endRowIndex"], at + 1


def set_validation(draft: Draft, sheet: Sheet, place: tuple[int, int, int, int], rule: Json | None) -> None:
    """Give each cell the rule; a box that nobody ticked reads as the habits say."""
    is_box = (rule or {}).get("condition", {}).get("type") == "BOOLEAN" and draft.habits.blank_boxes == "FALSE"
    top, left, bottom, right = place
    for row in range(top, bottom):
        for column in range(left, right):
            cell = replace(sheet.cell(row, column), validation=rule)
            if is_box and cell.value is None:
                cell = replace(cell, value=False)
            sheet.set_cell(row, column, cell)


def update_borders(draft: Draft, body: Json) -> None:
    """Borders around and within a range."""
    sheet, (top, left, bottom, right) = draft.place(body.get("range", {}))
    for row in range(top, bottom):
        for column in range(left, right):
            sides = {
                "top": "top" if row == top else "innerHorizontal",
                "bottom": "bottom" if row == bottom - 1 else "innerHorizontal",
                "left": "left" if column == left else "innerVertical",
                "right": "right" if column == right - 1 else "innerVertical",
            }
            given = {side: body[name] for side, name in sides.items() if name in body}
            if given:
                _set_borders(sheet, row, column, given)


def _set_borders(sheet: Sheet, row: int, column: int, given: Json) -> None:
    cell = sheet.cell(row, column)
    borders: dict[str, Any] = {**(cell.format or {}).get("borders", {}), **given}
    borders = {side: border for side, border in borders.items() if border.get("style") != "NONE"}
    formats = {**(cell.format or {}), "borders": borders}
    if not borders:
        del formats["borders"]
    sheet.set_cell(row, column, replace(cell, format=formats or None))


def merge_cells(draft: Draft, body: Json) -> None:
    """One cell out of a range, its columns or its rows; only the first value of each survives."""
    sheet, (top, left, bottom, right) = draft.place(body.get("range", {}))
    kind = body.get("mergeType", "MERGE_ALL")
    if kind == "MERGE_COLUMNS":
        areas = [(top, column, bottom, column + 1) for column in range(left, right)]
    elif kind == "MERGE_ROWS":
        areas = [(row, left, row + 1, right) for row in range(top, bottom)]
    else:
        areas = [(top, left, bottom, right)]
    for area in areas:
        _drop_merges_within(sheet, area)
        names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
        sheet.merges.append({"sheetId": sheet.id, **dict(zip(names, area, strict=True))})
        _keep_first_value(sheet, area)


def _drop_merges_within(sheet: Sheet, area: tuple[int, int, int, int]) -> None:
    touched = [other for other in sheet.merges if overlaps(area, _corners(other))]
    if not all(contains(area, _corners(other)) for other in touched):
        raise RequestError("You must select all cells in a merged range to merge or unmerge them.")
    sheet.merges = [other for other in sheet.merges if other not in touched]


def _corners(grid: Json) -> tuple[int, int, int, int]:
    return grid["startRowIndex"], grid["startColumnIndex"], grid["endRowIndex"], grid["endColumnIndex"]


def _keep_first_value(sheet: Sheet, area: tuple[int, int, int, int]) -> None:
    top, left, bottom, right = area
    places = [(row, column) for row in range(top, bottom) for column in range(left, right)]
    filled = [place for place in places if sheet.cell(*place).value is not None]
    if not filled:
        return
    first = sheet.cell(*filled[0])
    for place in filled:
        sheet.set_cell(*place, replace(sheet.cell(*place), value=None))
    corner: Cell = sheet.cell(top, left)
    sheet.set_cell(top, left, replace(corner, value=first.value))


def unmerge_cells(draft: Draft, body: Json) -> None:
    """Undo the merges within a range."""
    sheet, area = draft.place(body.get("range", {}))
    _drop_merges_within(sheet, area)


HANDLERS = {
    "updateCells": update_cells,
    "appendCells": append_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
}
