"""Places in the API's words, and tabs that are large enough to be written to."""

from collections.abc import Iterator
from typing import Any

from sheets_sync.google.range_names import stable_id
from sheets_sync.google.sheet_state import SheetState, WorkbookState
from sheets_sync.workbook.snapshot import Area

Json = dict[str, Any]

NEW_ROWS, NEW_COLUMNS = 100, 26
"""Least size of a tab that we add; blank cells count towards the 10 million of a workbook."""


def grid_range(sheet_id: int, top: int, left: int, bottom: int, right: int) -> Json:
    """A GridRange; positions from 0, ends excluded."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def area_range(sheet_id: int, area: Area) -> Json:
    """A rectangle of ours as a GridRange."""
    return grid_range(sheet_id, area.top - 1, area.left - 1, area.bottom, area.right)


def coordinate(sheet_id: int, row: int, column: int) -> Json:
    """A GridCoordinate from a 1-based row and column."""
    return {"sheetId": sheet_id, "rowIndex": row - 1, "columnIndex": column - 1}


def new_sheet_id(state: WorkbookState, title: str) -> int:
    """An id for a tab that we add, chosen here so that later requests of the same call can name it."""
    used = {sheet.sheet_id for sheet in state.sheets} | state.without_cells.keys()
    candidate = stable_id(state.spreadsheet_id, title)
    while candidate in used:
        candidate -= 2
    return candidate


def tab_id(state: WorkbookState, title: str) -> int:
    """The id of a tab that is there, or that we are about to add."""
    present = state.sheet(title)
    return new_sheet_id(state, title) if present is None else present.sheet_id


def room(sheet: SheetState, rows: int, columns: int) -> Iterator[Json]:
    """Requests that grow a tab to at least so many rows and columns.

    They append, so a tab that somebody has grown since is never cut.
    """
    for dimension, needed, present in (("ROWS", rows, sheet.row_count), ("COLUMNS", columns, sheet.column_count)):
        if needed > present:
            length = needed - present
            yield {"appendDimension": {"sheetId": sheet.sheet_id, "dimension": dimension, "length": length}}


def added_sheet(sheet_id: int, title: str, rows: int, columns: int, *, frozen: tuple[int, int] = (0, 0)) -> Json:
    """The request that adds a tab with at least so many rows and columns; `frozen` rows and columns stay in view."""
    grid = {"rowCount": max(rows + 1, NEW_ROWS), "columnCount": max(columns + 1, NEW_COLUMNS)}
    named = zip(("frozenRowCount", "frozenColumnCount"), frozen, strict=True)
    grid |= {name: count for name, count in named if count}
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}
