"""Batch requests that make, change and remove whole sheets, rows and columns."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from .a1 import Area
from .book import OBJECT_LISTS, Json, Sheet
from .draft import Draft
from .errors import RequestError, not_served
from .fieldmask import merge_masked
from .locales import find_locale
from .render import new_sheet_properties
from .wire import paired_colors


def update_spreadsheet_properties(draft: Draft, body: Json) -> None:
    """Title, locale, time zone and so on of the workbook."""
    mask = draft.mask("SpreadsheetProperties", body.get("fields"))
    merged = merge_masked(draft.book.properties, body.get("properties", {}), mask)
    if not merged.get("title"):
        raise RequestError("A spreadsheet needs a title.")
    if find_locale(merged.get("locale", "")) is None:
        raise RequestError(f"Unsupported locale: {merged.get('locale')}")
    draft.book.properties = merged


def add_sheet(draft: Draft, body: Json) -> Json:
    """A new tab, at its index or at the end."""
    given = body.get("properties", {})
    sheet = make_sheet(draft, given)
    index = given.get("index", len(draft.book.sheets))
    if not 0 <= index <= len(draft.book.sheets):
        raise RequestError(f"The sheet index {index} is out of bounds.")
    draft.book.sheets.insert(index, sheet)
    draft.check_size()
    return {"properties": _properties(draft, sheet)}


def make_sheet(draft: Draft, given: Json) -> Sheet:
    """A sheet with the given properties and defaults for the rest; not yet in the workbook."""
    if given.get("sheetType", "GRID") != "GRID":
        raise not_served(f"A sheet of type {given['sheetType']}")
    taken = {sheet.id for sheet in draft.book.sheets} | {tab["sheetId"] for tab in draft.book.other_tabs}
    sheet_id = given.get("sheetId")
    if sheet_id is None:
        sheet_id = draft.fresh_id(taken) if draft.book.sheets else 0
    if sheet_id in taken:
        raise RequestError(f"Sheet with id: {sheet_id} already exists.")
    if sheet_id < 0:
        raise RequestError(f"Sheet id must be non-negative: {sheet_id}")
    title = given.get("title")
    if title is None:
        number = len(draft.book.sheets) + 1
        while draft.book.sheet_named(f"Sheet{number}"):
            number += 1
        title = f"Sheet{number}"
    _check_title(draft, title, None)
    properties = new_sheet_properties(sheet_id, title)
    grid = {**properties["gridProperties"], **given.get("gridProperties", {})}
    extra = {
        name: value for name, value in given.items() if name not in ("index", "sheetId", "title", "gridProperties")
    }
    properties = {**properties, **extra, "gridProperties": grid}
    _check_grid(grid)
    return Sheet(paired_colors(properties, given))


def _check_title(draft: Draft, title: str, own: Sheet | None) -> None:
    other = draft.book.sheet_named(title)
    titles = {tab["title"].casefold() for tab in draft.book.other_tabs}
    if (other is not None and other is not own) or title.casefold() in titles:
        raise RequestError(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if not title or len(title) > 100:
        raise RequestError("The sheet name must have between 1 and 100 characters.")


def _check_grid(grid: Json) -> None:
    if grid.get("rowCount", 1) < 1 or grid.get("columnCount", 1) < 1:
        raise RequestError("A sheet must have at least one row and one column.")
    if grid.get("columnCount", 1) > 18_278:
        raise RequestError("A sheet cannot have more than 18278 columns.")
    if grid.get("frozenRowCount", 0) >= grid["rowCount"] or grid.get("frozenColumnCount", 0) >= grid["columnCount"]:
        raise RequestError("You can't freeze all visible rows or columns on the sheet.")


def _properties(draft: Draft, sheet: Sheet) -> Json:
    # Only names and places are needed, so no calculator.
    index = next(at for at, other in enumerate(draft.book.sheets) if other is sheet)
    properties = dict(sheet.properties)
    return {"sheetId": properties.pop("sheetId"), "title": properties.pop("title"), "index": index, **properties}


def delete_sheet(draft: Draft, body: Json) -> None:
    """Remove a tab; formulas that point at it show #REF! from now on."""
    sheet = draft.sheet(body.get("sheetId", 0), "sheet")
    if len([other for other in draft.book.sheets if not other.properties.get("hidden")]) == 1 and not (
        sheet.properties.get("hidden")
    ):
        raise RequestError("You can't remove all the visible sheets in a document.")
    draft.check_protection(sheet, Area())
    draft.book.remove_sheet(sheet, draft.habits)


def update_sheet_properties(draft: Draft, body: Json) -> None:
    """Title, index, size, frozen rows, colour and so on of a tab."""
    given = body.get("properties", {})
    mask = draft.mask("SheetProperties", body.get("fields"))
    sheet = draft.sheet(given.get("sheetId", 0), "sheet")
    if "sheetId" in mask and len(mask) == 1:
        raise RequestError("The sheet id cannot be changed.")
    merged = merge_masked(sheet.properties, given, mask)
    merged["sheetId"], merged["sheetType"] = sheet.id, sheet.properties["sheetType"]
    merged["gridProperties"] = {**new_sheet_properties(0, "")["gridProperties"], **merged.get("gridProperties", {})}
    if "title" in mask or "*" in mask:
        _check_title(draft, merged.get("title", ""), sheet)
    merged.setdefault("title", sheet.title)
    grid = merged["gridProperties"]
    _check_grid(grid)
    for name in ("frozenRowCount", "frozenColumnCount", "hideGridlines"):
        if not grid.get(name):
            grid.pop(name, None)
    for name in ("hidden", "rightToLeft"):
        if not merged.get(name):
            merged.pop(name, None)
    index = merged.pop("index", None)
    shrinks = grid["rowCount"] < sheet.row_count or grid["columnCount"] < sheet.column_count
    sheet.properties = paired_colors({**merged, "gridProperties": {**grid}}, given)
    if shrinks:
        sheet.resize(grid["rowCount"], grid["columnCount"])
    draft.check_size()
    if "index" in mask or ("*" in mask and index is not None):
        _move(draft, sheet, int(index or 0))
    if all(other.properties.get("hidden") for other in draft.book.sheets):
        raise RequestError("You can't hide all the sheets in a document.")


def _move(draft: Draft, sheet: Sheet, index: int) -> None:
    if not 0 <= index <= len(draft.book.sheets):
        raise RequestError(f"The sheet index {index} is out of bounds.")
    sheets = draft.book.sheets
    at = sheets.index(sheet)
    sheets.insert(index, sheet)
    # The index counts the sheets as they stood before the move.
    del sheets[at if index > at else at + 1]


def duplicate_sheet(draft: Draft, body: Json) -> Json:
    """A copy of a tab with its cells and the objects over them."""
    source = draft.sheet(body.get("sourceSheetId", 0), "sheet")
    title = body.get("newSheetName")
    if title is None:
        title, number = f"Copy of {source.title}", 1
        while draft.book.sheet_named(title):
            number += 1
            title = f"Copy of {source.title} {number}"
    given: Json = {"title": title}
    if "newSheetId" in body:
        given["sheetId"] = body["newSheetId"]
    blank = make_sheet(draft, given)
    twin = copy_sheet(draft, source, blank)
    index = body.get("insertSheetIndex", 0)
    if not 0 <= index <= len(draft.book.sheets):
        raise RequestError(f"The sheet index {index} is out of bounds.")
    draft.book.sheets.insert(index, twin)
    draft.book.named_ranges += list(_copied_names(draft, source, twin))
    draft.check_size()
    return {"properties": _properties(draft, twin)}


def _copied_names(draft: Draft, source: Sheet, twin: Sheet) -> Iterator[Json]:
    """The names of a duplicated tab, over the same cells of the copy."""
    for item in draft.book.named_ranges:
        grid = item.get("range", {})
        if grid and grid.get("sheetId", 0) == source.id:
            name = item["name"] if draft.habits.copied_names == "plain" else f"'{twin.title}'!{item['name']}"
            new_id = str(draft.fresh_id(set()))
            yield {"namedRangeId": new_id, "name": name, "range": {**grid, "sheetId": twin.id}}


def copy_sheet(draft: Draft, source: Sheet, blank: Sheet) -> Sheet:
    """The source's content under the name and id of `blank`; object ids are made anew."""
    twin = source.copy()
    twin.properties = {**source.properties, "sheetId": blank.id, "title": blank.title}
    for name in OBJECT_LISTS:
        setattr(twin, name, [_retargeted(item, source.id, blank.id) for item in getattr(twin, name)])
    if twin.basic_filter is not None:
        twin.basic_filter = _retargeted(twin.basic_filter, source.id, blank.id)
    for items, key in ((twin.charts, "chartId"), (twin.protected_ranges, "protectedRangeId")):
        for item in items:
            item[key] = draft.fresh_id(set())
    for item in twin.banded_ranges:
        item["bandedRangeId"] = draft.fresh_id(set())
    for number, item in enumerate(twin.tables, start=1):
        item.update(tableId=str(draft.fresh_id(set())), name=f"{item['name']}_{number}")
    return twin


def _retargeted(item: Any, old: int, new: int) -> Any:
    item = copy.deepcopy(item)
    queue = [item]
    while queue:
        entry = queue.pop()
        if isinstance(entry, dict):
            if entry.get("sheetId") == old:
                entry["sheetId"] = new
            queue.extend(entry.values())
        elif isinstance(entry, list):
            queue.extend(entry)
    return item


def append_dimension(draft: Draft, body: Json) -> None:
    """Rows or columns at the end of the grid."""
    sheet = draft.sheet(body.get("sheetId", 0))
    length = body.get("length", 0)
    if length < 1:
        raise RequestError("The length must be at least 1.")
    rows = length if _dimension(body) == "ROWS" else 0
    columns = length - rows
    sheet.resize(sheet.row_count + rows, sheet.column_count + columns)
    draft.check_size()


def _dimension(body: Json) -> str:
    dimension = body.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension == "DIMENSION_UNSPECIFIED":
        raise RequestError("No dimension was specified.")
    return str(dimension)


def dimension_span(draft: Draft, body: Json) -> tuple[Sheet, str, int, int]:
    """Sheet, dimension, start and end of a DimensionRange."""
    sheet = draft.sheet(body.get("sheetId", 0))
    dimension = _dimension(body)
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    start, end = body.get("startIndex", 0), body.get("endIndex", size)
    if not 0 <= start < end:
        raise RequestError(f"The dimension range [{start}, {end}) is empty.")
    return sheet, dimension, start, end


def insert_dimension(draft: Draft, body: Json) -> None:
    """Rows or columns within the grid; what lies behind moves, references along."""
    sheet, dimension, start, end = dimension_span(draft, body.get("range", {}))
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    inherits = body.get("inheritFromBefore", False)
    if start > size or (start == size and not inherits):
        raise RequestError(f"range.startIndex[{start}] must be less than the grid size[{size}]")
    if start == 0 and inherits:
        raise RequestError("inheritFromBefore cannot be true where the first row or column is inserted.")
    draft.book.shift(sheet, dimension, start, end - start)
    draft.check_size()


def delete_dimension(draft: Draft, body: Json) -> None:
    """Remove rows or columns; references into them break, ranges over them shrink."""
    sheet, dimension, start, end = dimension_span(draft, body.get("range", {}))
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if start >= size or end > size:
        raise RequestError(f"Cannot delete a {dimension[:-1].lower()} that doesn't exist. Tried to delete {end - 1}.")
    if end - start >= size:
        raise RequestError(f"You can't delete all the {dimension.lower()} on the sheet.")
    by_row = dimension == "ROWS"
    draft.check_protection(sheet, Area(top=start, bottom=end) if by_row else Area(left=start, right=end))
    draft.book.shift(sheet, dimension, start, start - end)


def update_dimension_properties(draft: Draft, body: Json) -> None:
    """Size and visibility of rows or columns."""
    if "range" not in body:
        raise not_served("updateDimensionProperties of a data source sheet")
    mask = draft.mask("DimensionProperties", body.get("fields"))
    sheet, dimension, start, end = dimension_span(draft, body["range"])
    known = sheet.row_properties if dimension == "ROWS" else sheet.column_properties
    for at in range(start, end):
        known[at] = merge_masked(known.get(at, {}), body.get("properties", {}), mask)


def auto_resize_dimensions(draft: Draft, body: Json) -> None:
    """Columns as wide as their longest entered text, at a guess of seven pixels a letter; rows as they were."""
    if "dimensions" not in body:
        raise not_served("autoResizeDimensions of a data source sheet")
    sheet, dimension, start, end = dimension_span(draft, body["dimensions"])
    if dimension == "ROWS":
        return
    for column in range(start, end):
        values = (cells[column].value for cells in sheet.rows.values() if column in cells)
        longest = max((len(str(value)) for value in values if isinstance(value, (str, float))), default=0)
        if longest:
            known = sheet.column_properties.get(column, {})
            sheet.column_properties[column] = {**known, "pixelSize": 7 * longest + 7}


HANDLERS = {
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "updateSheetProperties": update_sheet_properties,
    "duplicateSheet": duplicate_sheet,
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
}
