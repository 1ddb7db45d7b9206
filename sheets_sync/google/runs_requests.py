"""Runs: rows appended where the tab ends at the moment of writing, in the columns that their headers name."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.names import fold_header
from sheets_sync.google.cells_out import Writer, cell_format
from sheets_sync.google.drawing import draw
from sheets_sync.google.grid_ranges import added_sheet, room, tab_id
from sheets_sync.google.sheet_state import SheetState, WorkbookState
from sheets_sync.workbook.changes import Log, OutCell, Role
from sheets_sync.workbook.refusals import SEARCHED_ROWS, not_a_history
from sheets_sync.workbook.snapshot import Tab

Json = dict[str, Any]


def log_requests(log: Log, state: WorkbookState, writer: Writer) -> Iterator[Json]:
    """Requests that bring the tab its missing columns and the rows that it does not have yet.

    Raises:
        WorkbookRefusedError: a tab of that name holds something else.
    """
    present = state.sheet(log.title)
    sheet_id = tab_id(state, log.title)
    if present is None:
        columns = list(log.columns)
        yield added_sheet(sheet_id, log.title, 1, len(columns), frozen=(1, 0))
        header_row, places, known = 1, dict(enumerate_columns(columns)), frozenset[str]()
        missing = columns
    else:
        header_row, headers = find_header(log, present)
        places = {header: at for header, at in headers.items() if header in map(fold_header, log.columns)}
        missing = [column for column in log.columns if fold_header(column) not in places]
        first_free = max(headers.values(), default=0) + 1
        places |= {fold_header(column): first_free + offset for offset, column in enumerate(missing)}
        known = run_ids(log, present, header_row, places)
        yield from room(present, header_row, max(places.values()))
    if missing:
        headers_out = [OutCell(column, Role.HEADER) for column in missing]
        left = places[fold_header(missing[0])]
        yield from draw(writer, sheet_id, log.title, [headers_out], top=header_row, left=left)
    rows = [row for row in log.rows if _run_id(row, log) not in known]
    if rows:
        yield {
            "appendCells": {
                "sheetId": sheet_id,
                "rows": [_row(row, log, places, writer) for row in rows],
                "fields": "userEnteredValue,userEnteredFormat.numberFormat",
            }
        }


def enumerate_columns(columns: list[str]) -> Iterator[tuple[str, int]]:
    """Folded headers with their 1-based columns."""
    for at, column in enumerate(columns, start=1):
        yield fold_header(column), at


def find_header(log: Log, present: SheetState) -> tuple[int, dict[str, int]]:
    """The header's row, and every header's column, folded; row 1 and nothing in a tab that is blank."""
    tab = present.tab or Tab(present.title, ())
    wanted = fold_header(log.run_id_column)
    for number, cells in enumerate(tab.rows[:SEARCHED_ROWS], start=1):
        headers: dict[str, int] = {}
        for at, cell in enumerate(cells, start=1):
            if not cell.is_blank:
                headers.setdefault(fold_header(cell.shown), at)
        if wanted in headers:
            return number, headers
    if any(not cell.is_blank for row in tab.rows for cell in row):
        raise not_a_history(log)
    return 1, {}


def run_ids(log: Log, present: SheetState, header_row: int, places: Mapping[str, int]) -> frozenset[str]:
    """The ids of the runs that the tab already holds."""
    if present.tab is None:
        return frozenset()
    column = places[fold_header(log.run_id_column)]
    cells = (present.tab.cell(row, column) for row in range(header_row + 1, len(present.tab.rows) + 1))
    return frozenset(str(cell.value) for cell in cells if not cell.is_blank)


def _run_id(row: Mapping[str, OutCell], log: Log) -> str:
    return str(row[log.run_id_column].value)


def _row(row: Mapping[str, OutCell], log: Log, places: Mapping[str, int], writer: Writer) -> Json:
    by_place = {places[fold_header(column)]: (column, cell) for column, cell in row.items()}
    values: list[Json] = []
    for at in range(1, max(by_place) + 1):
        data: Json = {}
        if at in by_place:
            column, cell = by_place[at]
            entered = writer.value(cell.value, f"{log.title}, {column}")
            if entered is not None:
                data["userEnteredValue"] = entered
            numbers = cell_format(cell).get("numberFormat")
            if numbers is not None:
                data["userEnteredFormat"] = {"numberFormat": numbers}
        values.append(data)
    return {"values": values}
