"""Cells of tabs that people own: rows appended to Runs, and status columns; nothing else on those tabs changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from config.names import fold_header
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.owned_sheet import style_of, write_cells
from sheets_sync.excel.table_parts import stretch_table
from sheets_sync.excel.worksheet_cells import Grid, is_filled
from sheets_sync.excel.worksheet_layout import freeze, set_widths, widen
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.changes import CellEdit, Log, OutCell, Role, StatusColumn
from sheets_sync.workbook.refusals import SEARCHED_ROWS, edited_tab_gone, not_a_history, refuse_taken_header, tab_gone
from sheets_sync.workbook.snapshot import Area, CellKind, a1

_WIDTH = 18
_STATUS_WIDTH = 40


@dataclass
class _Standing:
    """What is in the tab; row 0 is none."""

    header_row: int = 0
    headers: dict[str, int] = field(default_factory=dict)
    """Column by folded header."""
    id_column: int = 0
    run_ids: set[str] = field(default_factory=set)
    last_row: int = 0
    last_column: int = 0


def append_rows(editor: WorkbookEditor, log: Log) -> None:
    """Append the rows of runs that are not in the tab yet, below everything in it.

    Raises:
        WorkbookRefusedError: the tab holds something, but no column for the run id.
    """
    entry = editor.find(log.title)
    part = editor.add_sheet(log.title) if entry is None or entry.part is None else entry.part
    grid = editor.grid(part)
    standing = _standing(grid, log)
    if standing.last_row == 0:
        standing = _new_header(editor, grid, log)
    elif standing.header_row == 0:
        raise not_a_history(log)
    columns = _columns(editor, grid, log, standing)
    next_row = standing.last_row + 1
    for row in log.rows:
        run_id = row.get(log.run_id_column)
        if run_id is not None and str(run_id.value) in standing.run_ids:
            continue
        for header, cell in row.items():
            grid.put(next_row, columns[fold_header(header)], cell.value, style_of(editor, cell))
        next_row += 1
    if next_row > standing.last_row + 1:
        stretch_table(editor.package, part, standing.header_row, next_row - 1)
        editor.stretch_filter(part, standing.header_row, standing.last_row, next_row - 1)


def _standing(grid: Grid, log: Log) -> _Standing:
    """One look over the tab."""
    found = _Standing()
    for number, cells in grid.rows():
        filled = [column for column, element in cells.items() if is_filled(element)]
        if not filled:
            continue
        found.last_row, found.last_column = number, max(found.last_column, filled[-1])
        if found.header_row:
            if found.id_column in cells:
                found.run_ids.add(grid.cell(cells[found.id_column], number, found.id_column).shown)
        elif number <= SEARCHED_ROWS:
            headers = _headers(grid, number, cells)
            if fold_header(log.run_id_column) in headers:
                found.header_row, found.headers = number, headers
                found.id_column = headers[fold_header(log.run_id_column)]
    return found


def _new_header(editor: WorkbookEditor, grid: Grid, log: Log) -> _Standing:
    write_cells(editor, grid, [[OutCell(header, Role.HEADER) for header in log.columns]])
    set_widths(grid.root, [_WIDTH] * len(log.columns))
    freeze(grid.root, 1, 0)
    headers = {fold_header(header): column for column, header in enumerate(log.columns, start=1)}
    return _Standing(1, headers, last_row=1, last_column=len(headers))


def _headers(grid: Grid, row: int, cells: Mapping[int, etree._Element]) -> dict[str, int]:
    """Column by folded header; of repeated headers the first counts."""
    found: dict[str, int] = {}
    for column, element in cells.items():
        cell = grid.cell(element, row, column)
        if cell.kind is CellKind.TEXT:
            found.setdefault(fold_header(cell.shown), column)
    return found


def _columns(editor: WorkbookEditor, grid: Grid, log: Log, standing: _Standing) -> Mapping[str, int]:
    columns = dict(standing.headers)
    last = standing.last_column
    for header in log.columns:
        if fold_header(header) not in columns:
            last += 1
            columns[fold_header(header)] = last
            grid.put(standing.header_row, last, header, style_of(editor, OutCell(header, Role.HEADER)))
    return columns


def write_status(editor: WorkbookEditor, status: StatusColumn) -> None:
    """Write one status column of an input tab, its header only where it is new.

    Raises:
        WorkbookRefusedError: the tab is gone, or something is where the new header belongs.
    """
    entry = editor.find(status.tab)
    if entry is None or entry.part is None:
        raise tab_gone(status)
    grid = editor.grid(entry.part)
    _refuse_arrays(grid, entry.title, status)
    if status.creates:
        refuse_taken_header(entry.title, status, grid.cell_at(status.header_row, status.column))
        # A new header looks like the header beside it, so that the tab stays of one piece.
        beside = grid.style(status.header_row, status.column - 1) if status.column > 1 else None
        own = style_of(editor, OutCell(status.header, Role.HEADER))
        grid.put(status.header_row, status.column, status.header, own if beside is None else beside)
        widen(grid.root, status.column, _STATUS_WIDTH)
    for row, text in status.values.items():
        grid.put(row, status.column, text)
    if status.name:
        header = Area(entry.title, status.header_row, status.column, status.header_row, status.column)
        editor.set_names({status.name: header}, status.name)


def write_edit(editor: WorkbookEditor, edit: CellEdit) -> None:
    """Change one cell of an input tab; it keeps its look.

    Raises:
        WorkbookRefusedError: the tab is gone, or the cell belongs to an array formula.
    """
    entry = editor.find(edit.tab)
    if entry is None or entry.part is None:
        raise edited_tab_gone(edit.tab)
    grid = editor.grid(entry.part)
    for left, top, right, bottom in grid.arrays:
        if top <= edit.row <= bottom and left <= edit.column <= right:
            raise WorkbookRefusedError(
                f"{entry.title}!{a1(edit.row, edit.column)} belongs to the array formula that fills {a1(top, left)}:"
                f"{a1(bottom, right)}. Put values in place of that formula, then try again. Nothing was written."
            )
    grid.put(edit.row, edit.column, edit.value, grid.style(edit.row, edit.column))


def _refuse_arrays(grid: Grid, title: str, status: StatusColumn) -> None:
    # Spreadsheet programs let nobody change a part of such a range, and may call a file damaged where it was done.
    rows = [*status.values, *([status.header_row] if status.creates else [])]
    for left, top, right, bottom in grid.arrays:
        row = next((row for row in rows if top <= row <= bottom), None)
        if row is not None and left <= status.column <= right:
            raise WorkbookRefusedError(
                f"{title}!{a1(row, status.column)} belongs to the array formula that fills {a1(top, left)}:"
                f'{a1(bottom, right)}, where the column "{status.header}" has to be written. Move that formula, or '
                f'the header "{status.header}" to an empty column, then run again. Nothing was written.'
            )
