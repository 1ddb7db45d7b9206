"""Cells of input tabs that a person agreed to have changed, and copies of the tabs as they were."""

from collections.abc import Sequence
from typing import Any

from sheets_sync.google.cells_out import Writer
from sheets_sync.google.grid_ranges import coordinate, room
from sheets_sync.google.locks import locks_on
from sheets_sync.google.sheet_state import SheetState, WorkbookState
from sheets_sync.workbook.changes import CellEdit, copy_title
from sheets_sync.workbook.refusals import edited_tab_gone, refuse_locked_edit
from sheets_sync.workbook.snapshot import a1

Json = dict[str, Any]
_LONGEST_TITLE = 100


def edit_requests(
    edits: Sequence[CellEdit], kept_as: str, state: WorkbookState, writer: Writer, account: str | None
) -> tuple[tuple[str, ...], list[Json]]:
    """The titles of the copies, and the requests: first the copies, then the cells.

    Raises:
        WorkbookRefusedError: a tab is gone, or a cell is locked against `account`.
    """
    copies: list[str] = []
    requests: list[Json] = []
    taken = state.titles
    for title in dict.fromkeys(edit.tab for edit in edits):
        sheet = state.sheet(title)
        if sheet is None:
            raise edited_tab_gone(title)
        if kept_as:
            copies.append(copy_title(sheet.title, kept_as, [*taken, *copies], _LONGEST_TITLE))
            copied = {"sourceSheetId": sheet.sheet_id, "newSheetName": copies[-1], "insertSheetIndex": len(taken)}
            requests.append({"duplicateSheet": copied})
        own = [edit for edit in edits if edit.tab == title]
        requests += room(sheet, max(edit.row for edit in own), max(edit.column for edit in own))
        requests += [_cell(edit, sheet, state, writer, account) for edit in own]
    return tuple(copies), requests


def _cell(edit: CellEdit, sheet: SheetState, state: WorkbookState, writer: Writer, account: str | None) -> Json:
    place = f"{sheet.title}!{a1(edit.row, edit.column)}"
    for lock in locks_on(sheet, state):
        if lock.holds(edit.row, edit.column):
            refuse_locked_edit(place, lock, account)
    entered = writer.value(edit.value, place)
    cell = {"userEnteredValue": entered} if entered is not None else {}
    start = coordinate(sheet.sheet_id, edit.row, edit.column)
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
