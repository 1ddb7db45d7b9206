"""Batch requests for tables: ranges whose columns have names and types; one with a footer has a row of totals."""

from __future__ import annotations

from dataclasses import replace

from .a1 import area_of, grid_range
from .batch_cells import set_validation
from .batch_objects import check_range_name, find_object
from .book import Json, Sheet
from .conditions import VALIDATION, check_condition
from .draft import Draft, overlaps
from .errors import RequestError
from .fieldmask import merge_masked


def add_table(draft: Draft, body: Json) -> Json:
    """A table over a range; its last row is the footer where the rows have a footer colour."""
    if draft.habits.tables == "refused":
        raise RequestError("Tables are not supported in this spreadsheet.")
    given = dict(body.get("table", {}))
    given.setdefault("tableId", str(draft.fresh_id(set())))
    sheet = _sheet_of(draft, given)
    _check_columns(draft, sheet, given)
    sheet.tables.append(given)
    _apply_columns(draft, sheet, given)
    return {"table": given}


def _check_columns(draft: Draft, sheet: Sheet, given: Json) -> None:
    """Columns lie within the table, each once, with names of their own; only drop-downs have, and need, a rule."""
    columns = given.get("columnProperties", [])
    width = given["range"]["endColumnIndex"] - given["range"]["startColumnIndex"]
    places = [column.get("columnIndex", 0) for column in columns]
    names = [column["columnName"].casefold() for column in columns if column.get("columnName")]
    if len(set(places)) < len(places) or not all(0 <= at < width for at in places):
        raise RequestError("Invalid table: its columns must lie within it, each once.")
    if len(set(names)) < len(names):
        raise RequestError("Invalid table: column names must be unique.")
    for column in columns:
        rule = column.get("dataValidationRule")
        if (column.get("columnType") == "DROPDOWN") != (rule is not None):
            raise RequestError("Invalid table: a column has a data validation rule if and only if it is a dropdown.")
        if rule is not None:
            if rule.get("condition", {}).get("type") != "ONE_OF_LIST":
                raise RequestError("Invalid table: the rule of a dropdown column must be of type ONE_OF_LIST.")
            check_condition(draft, rule["condition"], VALIDATION, sheet)


def _apply_columns(draft: Draft, sheet: Sheet, given: Json) -> None:
    """Names become the headers; types bring lists and boxes to the cells below."""
    place = given["range"]
    for column in given.get("columnProperties", []):
        at = place["startColumnIndex"] + column.get("columnIndex", 0)
        if column.get("columnName"):
            header = sheet.cell(place["startRowIndex"], at)
            sheet.set_cell(place["startRowIndex"], at, replace(header, value=column["columnName"]))
        kind = column.get("columnType")
        below = (place["startRowIndex"] + 1, at, place["endRowIndex"] - _has_footer(given), at + 1)
        if kind == "BOOLEAN":
            set_validation(draft, sheet, below, {"condition": {"type": "BOOLEAN"}, "strict": True})
        elif kind == "DROPDOWN":
            set_validation(draft, sheet, below, {**column["dataValidationRule"], "showCustomUi": True})


def update_table(draft: Draft, body: Json) -> None:
    """Other names, cells or colours under the same id; a footer that comes or goes is one row more or less."""
    given = body.get("table", {})
    mask = draft.mask("Table", body.get("fields"))
    sheet, items, at = find_object(draft, "tables", "tableId", given.get("tableId"), "table")
    merged = merge_masked(items[at], given, mask)
    change = _has_footer(merged) - _has_footer(items[at])
    if change:
        merged["range"] = {**merged["range"], "endRowIndex": merged["range"]["endRowIndex"] + change}
    del items[at]
    if _sheet_of(draft, merged) is not sheet:
        raise RequestError("A table cannot move to another sheet.")
    items.insert(at, merged)


def delete_table(draft: Draft, body: Json) -> None:
    """Forget a table; its cells stay."""
    _, items, at = find_object(draft, "tables", "tableId", body.get("tableId"), "table")
    del items[at]


def _has_footer(table: Json) -> bool:
    return "footerColorStyle" in table.get("rowsProperties", {})


def _sheet_of(draft: Draft, given: Json) -> Sheet:
    """The sheet of a table with a free name on free cells."""
    sheet, corners = draft.place(given.get("range", {}), write=False)
    names = {item.get("name", "").casefold() for other in draft.book.sheets for item in other.tables}
    if not given.get("name") or given["name"].casefold() in names:
        raise RequestError(f"Invalid table name: {given.get('name', '')!r} is blank or taken.")
    check_range_name(draft, given["name"], None)
    if corners[2] - corners[0] < 2:
        raise RequestError("A table needs a header row and at least one row below it.")
    taken = [area_of(item["range"]).clip(sheet.row_count, sheet.column_count) for item in sheet.tables]
    if any(overlaps(corners, other) for other in taken):
        raise RequestError("A table may not overlap another table.")
    given["range"] = grid_range(sheet.id, area_of({**given["range"], "sheetId": sheet.id}))
    return sheet


HANDLERS = {"addTable": add_table, "updateTable": update_table, "deleteTable": delete_table}
