"""Status columns of the input tabs: only cells whose text changes are written."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sheets_sync.google.cells_out import Writer
from sheets_sync.google.grid_ranges import coordinate, room
from sheets_sync.google.locks import Lock, locks_on
from sheets_sync.google.results_requests import name_requests
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.workbook.changes import StatusColumn
from sheets_sync.workbook.refusals import refuse_taken_header, tab_gone
from sheets_sync.workbook.snapshot import Area, Tab, a1

Json = dict[str, Any]


def status_requests(
    status: StatusColumn,
    state: WorkbookState,
    writer: Writer,
    account: str | None = None,
    *,
    lost_names: bool = False,
) -> Iterator[Json]:
    """Requests that write one status column, one per run of neighbouring cells.

    None where one of the cells is locked against `account`: the rest of a run is worth more than its statuses.

    Raises:
        WorkbookRefusedError: the tab is gone, or the column that shall be new holds something.
    """
    sheet = state.sheet(status.tab)
    if sheet is None:
        raise tab_gone(status)
    tab = sheet.tab or Tab(sheet.title, ())
    texts = dict(status.values)
    if status.creates:
        refuse_taken_header(sheet.title, status, tab.cell(status.header_row, status.column))
        texts[status.header_row] = status.header
    changed = {row: text for row, text in sorted(texts.items()) if _shown(tab, row, status.column) != (text or "")}
    locked = (lock for lock in locks_on(sheet, state) if any(lock.holds(row, status.column) for row in changed))
    if (lock := next(locked, None)) is not None:
        writer.notice(_not_written(status, sheet.title, lock, account))
        return
    yield from room(sheet, max(changed, default=0), status.column if changed else 0)
    for _, group in groupby(enumerate(changed), key=lambda pair: pair[1] - pair[0]):
        rows = [row for _, row in group]
        cells = [_cell(writer, changed[row], f"{sheet.title}!{a1(row, status.column)}") for row in rows]
        start = coordinate(sheet.sheet_id, rows[0], status.column)
        yield {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}
    if status.name:
        header = Area(sheet.title, status.header_row, status.column, status.header_row, status.column)
        yield from name_requests({status.name: header}, status.name, sheet.sheet_id, state, lost_names=lost_names)


def _not_written(status: StatusColumn, title: str, lock: Lock, account: str | None) -> str:
    who = account or "the account that runs sheetplan"
    return (
        f"The column {status.header} of {title} was not written, because {who} may not edit protected cells there "
        f"({lock}). To have it written, open Data > Protect sheets and ranges and add {who} to those who may edit them."
    )


def _shown(tab: Tab, row: int, column: int) -> str:
    cell = tab.cell(row, column)
    return cell.value if isinstance(cell.value, str) and cell.formula is None else cell.formula or cell.shown


def _cell(writer: Writer, text: str, place: str) -> Json:
    entered = writer.value(text, place)
    return {"values": [{"userEnteredValue": entered} if entered is not None else {}]}
