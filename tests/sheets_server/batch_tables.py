"""Batch requests for tables: ranges whose columns have names and types; one with a footer has a row of totals."""

from __future__ import annotations

from .a1 import area_of, grid_range
from .batch_objects import find_object
from .book import Json, Sheet
from .draft import Draft, overlaps
from .errors import RequestError
from .fieldmask import merge_masked


def add_table(draft: Draft, body: Json) -> Json:
    """A table over a range; its last row is the footer where the rows have a footer colour."""
    given = dict(body.get("table", {}))
    given.setdefault("tableId", str(draft.fresh_id(set())))
    _sheet_of(draft, given).tables.append(given)
    return {"table": given}


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
    taken = [area_of(item["range"]).clip(sheet.row_count, sheet.column_count) for item in sheet.tables]
    if any(overlaps(corners, other) for other in taken):
        raise RequestError("A table may not overlap another table.")
    given["range"] = grid_range(sheet.id, area_of({**given["range"], "sheetId": sheet.id}))
    return sheet


HANDLERS = {"addTable": add_table, "updateTable": update_table, "deleteTable": delete_table}
