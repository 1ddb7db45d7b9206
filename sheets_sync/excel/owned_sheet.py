"""Puts a `Sheet` (Results) into its tab: exactly the rectangle that is ours, everything beside it as people left it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from math import floor
from textwrap import wrap

from sheets_sync.excel.cell_output import DATE_TIME_FORMAT, looks_like_formula
from sheets_sync.excel.charts import Before, replace_charts
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.notes import replace_notes
from sheets_sync.excel.print_setup import set_up_print
from sheets_sync.excel.sheet_filter import set_filter
from sheets_sync.excel.table_parts import refuse_tables
from sheets_sync.excel.worksheet_cells import Grid, NewCell, is_filled
from sheets_sync.excel.worksheet_layout import (
    freeze,
    lock,
    remove_highlights,
    remove_merges,
    set_highlights,
    set_widths,
)
from sheets_sync.workbook.backend import REPORT_NAMES, WorkbookRefusedError
from sheets_sync.workbook.cell_styles import LOOKS
from sheets_sync.workbook.changes import Formula, OutCell, Sheet
from sheets_sync.workbook.refusals import refuse_taken_cells
from sheets_sync.workbook.snapshot import Area

_USUAL_SIZE, _USUAL_WIDTH = 11, 8
"""Font size in points and column width in characters where nothing else is said."""
_FIRST_LINE, _NEXT_LINE = 1.4, 1.25
"""Height of the first line and of each further one, for each point of their font."""
_PROSE = 1.15
"""Letters of a text to each digit that a column is wide."""
_BOLD_WIDTH = 1.08
"""How much wider bold text is."""
_FITTED = tuple(
    (look.size or _USUAL_SIZE) * (_FIRST_LINE + _NEXT_LINE * more)
    for look in {look.size: look for look in LOOKS.values()}.values()
    for more in range(3)
)
"""Heights of rows of up to three lines, as `_height` fits them."""


def write_sheet(editor: WorkbookEditor, sheet: Sheet, names: Collection[str] = ()) -> None:
    """Clear the rectangle of the last write, and write the new one.

    Of the names with its prefix only its own stay, and `names`: those of the other tabs of the same write.

    Raises:
        WorkbookRefusedError: a cell that would newly be taken holds something.
    """
    entry = editor.find(sheet.title)
    if entry is not None and entry.part is None:
        raise WorkbookRefusedError(
            f'The tab "{entry.title}" is a chart sheet or dialog, and this run writes a tab of that name. Rename it, '
            "then run again. Nothing was written."
        )
    title = sheet.title
    part = editor.add_sheet(title) if entry is None or entry.part is None else entry.part
    grid = editor.grid(part)
    old = editor.named_area(sheet.owned_name)
    if old is not None and old.tab.casefold() != title.casefold():
        old = None
    new = Area(title, 1, 1, max(len(sheet.rows), 1), max(sheet.width, 1))
    refuse_taken_cells(old, new, _filled(grid), grid.cell_at)
    refuse_tables(editor.package, part, new)
    if old is not None:
        remove_highlights(grid.root, old)
        remove_merges(grid.root, old)
        grid.erase(old, _FITTED)
    write_cells(editor, grid, sheet.rows)
    for row, cells in enumerate(sheet.rows, start=1):
        # Excel fits rows to what they hold when it opens a file; other programs and previews trust the file.
        height = max((_height(cell, width) for cell, width in zip_longest(cells, sheet.column_widths)), default=0)
        if height:
            grid.set_height(row, height)
    set_widths(grid.root, sheet.column_widths)
    freeze(grid.root, sheet.frozen_rows, sheet.frozen_columns)
    set_highlights(grid.root, sheet.highlights, editor.styles)
    set_up_print(editor, grid.root, sheet, old)
    notes = {
        (row, column): cell.note
        for row, cells in enumerate(sheet.rows, start=1)
        for column, cell in enumerate(cells, start=1)
        if cell is not None and cell.note
    }
    replace_notes(editor.package, part, old, notes)
    replace_charts(editor.package, part, sheet.charts, _before(editor, sheet))
    if sheet.filtered is not None:
        set_filter(editor, part, sheet.named_ranges[sheet.filtered])
    if sheet.is_locked:
        lock(grid.root)
    editor.set_names({**sheet.named_ranges, sheet.owned_name: new}, sheet.name_prefix, names)


def _before(editor: WorkbookEditor, sheet: Sheet) -> Before:
    """What the last write left of charts; named ranges still say it."""
    corners = {
        chart.name: (area.top, area.left)
        for chart in sheet.charts
        if (area := editor.named_area(chart.name)) is not None
    }
    tabs = {area.tab for chart in sheet.charts for area in (chart.categories, *chart.series)}
    # Where a tab was renamed by a program that leaves charts behind, these still have the title that we gave it.
    return Before(corners, (sheet.title, *sorted(tabs), *REPORT_NAMES), sheet.former_charts)


def write_cells(editor: WorkbookEditor, grid: Grid, rows: Sequence[Sequence[OutCell | None]]) -> None:
    """Write rows of cells from A1, each with the look of its role."""

    def cells_of(row: int) -> list[NewCell]:
        return [
            NewCell(column, cell.value, style_of(editor, cell))
            for column, cell in enumerate(rows[row - 1], start=1)
            if cell is not None
        ]

    grid.put_block(len(rows), max((len(cells) for cells in rows), default=0), cells_of)


def style_of(editor: WorkbookEditor, cell: OutCell) -> int:
    """The style of a cell of ours."""
    number_format = cell.number_format
    if number_format is None and isinstance(cell.value, datetime):
        number_format = DATE_TIME_FORMAT
    text = looks_like_formula(cell.value)
    return editor.styles.style(cell.role, number_format, cell.align, wrap=cell.wrap, text=text)


def _height(cell: OutCell | None, width: int | None) -> float:
    """The height in points that a cell needs beyond the usual one, 0 for none; wrapped lines are estimated."""
    if cell is None:
        return 0
    size = LOOKS[cell.role].size
    value = cell.value.value if isinstance(cell.value, Formula) else cell.value
    lines = 1
    if cell.wrap and isinstance(value, str):
        room = max(1, floor((width or _USUAL_WIDTH) * _PROSE / (_BOLD_WIDTH if LOOKS[cell.role].bold else 1)))
        lines = sum(max(1, len(wrap(line, room))) for line in value.split("\n"))
    return (size or _USUAL_SIZE) * (_FIRST_LINE + _NEXT_LINE * (lines - 1)) if size or lines > 1 else 0


def _filled(grid: Grid) -> Iterator[tuple[int, int]]:
    """Row and column of every cell that holds something."""
    for row, cells in grid.rows():
        for column, element in cells.items():
            if is_filled(element):
                yield row, column
