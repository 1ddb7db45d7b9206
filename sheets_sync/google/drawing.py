"""A block of cells as requests: values, notes and formats; shared by Results, Runs and the template."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sheets_sync.google.cells_out import Writer, alike
from sheets_sync.google.grid_ranges import coordinate, grid_range
from sheets_sync.workbook.changes import OutCell
from sheets_sync.workbook.snapshot import a1

Json = dict[str, Any]

ERASED = "userEnteredValue,userEnteredFormat,note"
PIXELS_PER_CHARACTER, CELL_PADDING = 7, 12


def draw(
    writer: Writer, sheet_id: int, title: str, rows: Sequence[Sequence[OutCell | None]], *, top: int = 1, left: int = 1
) -> Iterator[Json]:
    """Requests that write a block of cells on cleared ground; `top` and `left` count from 1."""
    yield from values(writer, sheet_id, title, rows, top=top, left=left)
    yield from notes(writer, sheet_id, title, rows, top=top, left=left)
    yield from formats(sheet_id, rows, top=top, left=left)


def values(
    writer: Writer, sheet_id: int, title: str, rows: Sequence[Sequence[OutCell | None]], *, top: int, left: int
) -> Iterator[Json]:
    """The request that writes values."""
    written = [writer.row(row, title, top + offset, left) for offset, row in enumerate(rows)]
    while written and not written[-1]:
        written.pop()
    if written:
        start = coordinate(sheet_id, top, left)
        yield {"updateCells": {"start": start, "rows": written, "fields": "userEnteredValue"}}


def notes(
    writer: Writer, sheet_id: int, title: str, rows: Sequence[Sequence[OutCell | None]], *, top: int, left: int
) -> Iterator[Json]:
    """One request per cell with a note: they are few."""
    for down, row in enumerate(rows):
        for along, cell in enumerate(row):
            if cell is not None and cell.note:
                text = writer.text(cell.note, f"{title}!{a1(top + down, left + along)}")
                start = coordinate(sheet_id, top + down, left + along)
                yield {"updateCells": {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"}}


def formats(sheet_id: int, rows: Sequence[Sequence[OutCell | None]], *, top: int, left: int) -> Iterator[Json]:
    """One request per rectangle of cells that look alike."""
    down, along = top - 1, left - 1
    for style, (first, start, last, end) in alike(rows):
        place = grid_range(sheet_id, first + down, start + along, last + down, end + along)
        yield {"repeatCell": {"range": place, "cell": {"userEnteredFormat": style}, "fields": "userEnteredFormat"}}


def erased(place: Json) -> Json:
    """The request that makes a GridRange blank: values, formats and notes."""
    return {"updateCells": {"range": place, "fields": ERASED}}


def widths(sheet_id: int, characters: Sequence[int]) -> Iterator[Json]:
    """Column widths, given in characters, from the first column; equal neighbours share a request."""
    column = 0
    for width, group in groupby(characters):
        count = len(list(group))
        span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + count}
        pixels = {"pixelSize": width * PIXELS_PER_CHARACTER + CELL_PADDING}
        yield {"updateDimensionProperties": {"range": span, "properties": pixels, "fields": "pixelSize"}}
        column += count
