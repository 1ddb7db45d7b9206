"""Cells of tabs that people own: rows appended to Runs, and status columns; nothing else on those tabs changes."""

from collections.abc import Mapping

from config.names import fold_header
from sheets_sync.changes import Log, OutCell, Role, StatusColumn
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.grid import Grid
from sheets_sync.excel.owned_sheet import style_of, write_cells
from sheets_sync.excel.page import freeze, set_widths, widen
from sheets_sync.excel.tables import stretch_table
from sheets_sync.excel.values import looks_like_formula
from sheets_sync.snapshot import Area, CellKind, WorkbookRefusedError, a1

_HEADER_SEARCH_ROWS = 20
_WIDTH = 18
_STATUS_WIDTH = 40


def append_rows(editor: WorkbookEditor, log: Log) -> None:
    """Append the rows of runs that do not stand in the tab yet, below everything that stands there.

    Raises:
        WorkbookRefusedError: the tab holds something, but no column for the run id.
    """
    entry = editor.find(log.title)
    part = editor.add_sheet(log.title) if entry is None or entry.part is None else entry.part
    grid = editor.grid(part)
    filled = list(grid.filled())
    if not filled:
        write_cells(editor, grid, [[OutCell(header, Role.HEADER) for header in log.columns]])
        set_widths(grid.root, [_WIDTH] * len(log.columns))
        freeze(grid.root, 1, 0)
        filled = [(1, column) for column in range(1, len(log.columns) + 1)]
    header_row = _header_row(grid, log)
    columns = _columns(editor, grid, log, header_row, max(column for _, column in filled))
    id_column = columns[fold_header(log.run_id_column)]
    known = {grid.cell(row, column).shown for row, column in filled if column == id_column and row > header_row}
    last_row = max(row for row, _ in filled)
    next_row = last_row + 1
    for row in log.rows:
        run_id = row.get(log.run_id_column)
        if run_id is not None and str(run_id.value) in known:
            continue
        for header, cell in row.items():
            grid.put(next_row, columns[fold_header(header)], cell.value, style_of(editor, cell))
        next_row += 1
    if next_row > last_row + 1:
        stretch_table(editor.package, part, header_row, next_row - 1)


def _header_row(grid: Grid, log: Log) -> int:
    wanted = fold_header(log.run_id_column)
    for row in range(1, _HEADER_SEARCH_ROWS + 1):
        if wanted in _headers(grid, row):
            return row
    raise WorkbookRefusedError(
        f'The tab "{log.title}" has no column headed "{log.run_id_column}" in its first {_HEADER_SEARCH_ROWS} rows, so '
        "runs cannot be told apart. Give that column its header back, or rename the tab; sheetplan then makes a new "
        "one. Nothing was written."
    )


def _headers(grid: Grid, row: int) -> Mapping[str, int]:
    """Column by folded header; of repeated headers the first counts."""
    found: dict[str, int] = {}
    for column in grid.columns(row):
        cell = grid.cell(row, column)
        if cell.kind is CellKind.TEXT:
            found.setdefault(fold_header(cell.shown), column)
    return found


def _columns(editor: WorkbookEditor, grid: Grid, log: Log, header_row: int, last: int) -> Mapping[str, int]:
    columns = dict(_headers(grid, header_row))
    for header in log.columns:
        if fold_header(header) not in columns:
            last += 1
            columns[fold_header(header)] = last
            grid.put(header_row, last, header, style_of(editor, OutCell(header, Role.HEADER)))
    return columns


def write_status(editor: WorkbookEditor, status: StatusColumn) -> None:
    """Write one status column of an input tab, its header only where it is new.

    Raises:
        WorkbookRefusedError: the tab is gone, or something stands where the new header belongs.
    """
    entry = editor.find(status.tab)
    if entry is None or entry.part is None:
        raise WorkbookRefusedError(f'The tab "{status.tab}" is not in the workbook any more. Nothing was written.')
    grid = editor.grid(entry.part)
    rows = [status.header_row, *status.values]
    grid.release_shared_formulas(Area(entry.title, min(rows), status.column, max(rows), status.column))
    if status.creates:
        standing = grid.cell(status.header_row, status.column)
        if not standing.is_blank and fold_header(standing.shown) != fold_header(status.header):
            raise WorkbookRefusedError(
                f'{entry.title}!{a1(status.header_row, status.column)} holds "{standing.shown}", where the header '
                f'"{status.header}" belongs. Move it, then run again. Nothing was written.'
            )
        # A new header looks like the header beside it, so that the tab stays of one piece.
        beside = grid.style(status.header_row, status.column - 1) if status.column > 1 else None
        own = style_of(editor, OutCell(status.header, Role.HEADER))
        grid.put(status.header_row, status.column, status.header, own if beside is None else beside)
        widen(grid.root, status.column, _STATUS_WIDTH)
    for row, text in status.values.items():
        standing_style = grid.style(row, status.column)
        if text or standing_style is not None:
            quoted = editor.styles.quoted(standing_style or 0) if looks_like_formula(text) else None
            grid.put(row, status.column, text, quoted)
