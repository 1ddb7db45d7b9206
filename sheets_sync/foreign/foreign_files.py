"""Spreadsheets that are no .xlsx files (.csv, .tsv, .ods, .xls, .xlsb): their tabs, and a copy of them as .xlsx."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sheets_sync.excel.files import load
from sheets_sync.excel.ooxml import escape
from sheets_sync.foreign.delimited_text import UnreadableTextError, decoded, rows_of
from sheets_sync.workbook.backend import WorkbookRefusedError, WorkbookUnreachableError
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, CellKind, Tab

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
BINARY_SUFFIXES = (".ods", ".xls", ".xlsb")
FOREIGN_SUFFIXES = TEXT_SUFFIXES + BINARY_SUFFIXES

MAX_BYTES = 100_000_000
_MAX_CHARACTERS = 32_767
_MAX_ROWS = 1_048_576
_MAX_COLUMNS = 16_384
_EPOCH = datetime(1899, 12, 30)


def is_foreign(path: Path) -> bool:
    """Whether a file's ending is one of those that are read here."""
    return path.suffix.casefold() in FOREIGN_SUFFIXES


def read_foreign(path: Path, *, max_bytes: int = MAX_BYTES) -> list[Tab]:
    """The tabs of a file, each of them with its typed cells; of a text file one, called as the file is.

    Numbers and dates come without their formats, formulas as the values that the file holds.

    Raises:
        WorkbookUnreachableError: missing, too large, empty, protected by a password, or no table.
    """
    data = load(path, max_bytes).data
    if not data.strip():
        raise WorkbookUnreachableError(f"{path} is empty. Export it again from where it comes.")
    if path.suffix.casefold() in TEXT_SUFFIXES:
        return [_text_tab(path, data)]
    tabs = list(_binary_tabs(path, data))
    if not any(tab.rows for tab in tabs):
        raise WorkbookUnreachableError(f"{path} holds no cells in any tab. Check that it is the file you mean.")
    return tabs


def copy_as_xlsx(source: Path, *, titles: Mapping[str, str] = MappingProxyType({}), max_bytes: int = MAX_BYTES) -> Path:
    """Write the tabs of a file into a new .xlsx workbook of the same name beside it; returns its path.

    `titles` has other titles for tabs, by those that they have.

    Raises:
        WorkbookUnreachableError: the file cannot be read (see `read_foreign`), or the copy cannot be written.
        WorkbookRefusedError: a file of that name exists, or a tab does not fit into a worksheet.
    """
    target = source.with_suffix(".xlsx")
    if target.exists():
        raise WorkbookRefusedError(
            f"{target} exists and was not overwritten. Use that file, or rename it and try again."
        )
    tabs = [replace(tab, title=titles.get(tab.title, tab.title)) for tab in read_foreign(source, max_bytes=max_bytes)]
    content = _as_xlsx(source, tabs)
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise WorkbookRefusedError(f"{target} exists and was not overwritten.") from None
    except OSError as problem:
        raise WorkbookUnreachableError(f"{target} cannot be written: {problem.strerror or problem}.") from None
    return target


def _text_tab(path: Path, data: bytes) -> Tab:
    try:
        rows = rows_of(decoded(data), "\t" if path.suffix.casefold() == ".tsv" else None)
    except UnreadableTextError as problem:
        raise WorkbookUnreachableError(
            f"{path} cannot be read: {problem}. Open it in a spreadsheet program and save it as .xlsx."
        ) from None
    return Tab(_title(path.stem), _trimmed(rows))


def _title(stem: str) -> str:
    """A file's name as a worksheet may be called."""
    return "".join("-" if mark in "[]:*?/\\" else mark for mark in stem).strip("'")[:31] or "Sheet1"


def _binary_tabs(path: Path, data: bytes) -> Iterator[Tab]:
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
        for title in book.sheet_names:
            sheet = book.get_sheet_by_name(title)
            rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
            areas = sheet.merged_cell_ranges or ()
            merges = tuple(
                Area(title, top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in areas
            )
            yield Tab(title, _trimmed(rows), merges)
    except PasswordError:
        raise WorkbookUnreachableError(
            f"{path} is protected by a password. Open it in a spreadsheet program, remove the password, save it, and "
            "try again."
        ) from None
    except CalamineError as problem:
        raise WorkbookUnreachableError(
            f"{path} cannot be read as a spreadsheet ({problem}). Open it in a spreadsheet program and save it "
            "as .xlsx."
        ) from None


def _trimmed(rows: list[list[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    for row in rows:
        while row and row[-1] is BLANK:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return tuple(map(tuple, rows))


def _cell(value: Any) -> Cell:
    """A value that the reader typed."""
    if value is None or value == "":
        return BLANK
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, value, str(value).upper())
    if isinstance(value, int | float):
        number = int(value) if value == int(value) and abs(value) < 1e15 else value
        return Cell(CellKind.NUMBER, number, str(number))
    if isinstance(value, timedelta):
        return Cell(CellKind.DATE, _EPOCH + value, str(value), format="[h]:mm:ss")
    if isinstance(value, time):
        return Cell(CellKind.DATE, datetime.combine(_EPOCH, value), value.isoformat(), format="hh:mm:ss")
    if isinstance(value, datetime):
        return Cell(CellKind.DATE, value, value.isoformat(sep=" "), format="yyyy-mm-dd hh:mm:ss")
    if isinstance(value, date):
        return Cell(CellKind.DATE, datetime.combine(value, time()), value.isoformat(), format="yyyy-mm-dd")
    text = str(value)
    return Cell(CellKind.TEXT, text, text)


def _as_xlsx(source: Path, tabs: list[Tab]) -> bytes:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    for tab in tabs:
        _refuse_what_does_not_fit(source, tab)
        sheet = book.create_sheet(tab.title)
        for row in tab.rows:
            written = []
            for cell in row:
                is_text = isinstance(cell.value, str)
                item = WriteOnlyCell(sheet, escape(cell.value) if isinstance(cell.value, str) else cell.value)
                if is_text:
                    item.data_type = "s"  # a text that begins with = is no formula
                if cell.format:
                    item.number_format = cell.format
                written.append(item)
            sheet.append(written)
        for area in tab.merges:
            sheet.merged_cells.ranges.add(str(area).rpartition("!")[2])
    book.calculation.fullCalcOnLoad = False
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _refuse_what_does_not_fit(source: Path, tab: Tab) -> None:
    width = max(map(len, tab.rows), default=0)
    if len(tab.rows) > _MAX_ROWS or width > _MAX_COLUMNS:
        raise WorkbookRefusedError(
            f'"{tab.title}" of {source} has {len(tab.rows):,} rows and {width:,} columns, more than a worksheet holds. '
            "Export fewer of them."
        )
    for number, row in enumerate(tab.rows, start=1):
        for cell in row:
            if isinstance(cell.value, str) and len(cell.value) > _MAX_CHARACTERS:
                raise WorkbookRefusedError(
                    f'Row {number} of "{tab.title}" in {source} holds a text of {len(cell.value):,} characters; a cell '
                    f"of a worksheet holds {_MAX_CHARACTERS:,}. Shorten it, or leave that column out of the export."
                )
