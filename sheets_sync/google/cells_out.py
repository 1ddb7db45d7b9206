"""From our cells to the API's: typed values, looks, and rectangles of cells that look alike.

Text from people goes out as `stringValue`, which the sheet never evaluates, whatever it begins with. Only a `Formula`
of ours becomes a `formulaValue`.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sheets_sync.google.cells_in import EPOCH
from sheets_sync.google.formulas import localised
from sheets_sync.workbook.cell_styles import LOOKS, Look
from sheets_sync.workbook.changes import Formula, OutCell, Scalar
from sheets_sync.workbook.snapshot import a1

Json = dict[str, Any]

LONGEST_TEXT = 50_000
"""Characters that one cell of a Google Sheet holds."""
INSTANT = "yyyy-mm-dd hh:mm:ss"

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


@dataclass(frozen=True)
class Writer:
    """Writes values as the workbook's locale spells them; what had to be cut is reported through `notice`."""

    locale: str | None
    notice: Callable[[str], None]

    def value(self, value: Scalar | Formula, place: str) -> Json | None:
        """An ExtendedValue; None for a blank. `place` names the cell in a notice."""
        match value:
            case None | "":
                return None
            case Formula():
                return {"formulaValue": localised(value.text, self.locale)}
            case bool():
                return {"boolValue": value}
            case datetime():
                return {"numberValue": serial(value)}
            case str():
                return {"stringValue": self.text(value, place)}
        # A sheet has no infinity, and the API takes no error values; as text it is at least seen.
        return {"numberValue": value} if math.isfinite(value) else {"stringValue": "#NUM!"}

    def text(self, text: str, place: str) -> str:
        """Text that a cell can hold: no control characters, no halves of characters, not above the limit."""
        clean = _UNWRITABLE.sub("\ufffd", text)
        # Google counts as Java does, in units of UTF-16; only text near the limit is worth the counting.
        if len(clean) * 2 > LONGEST_TEXT and len(clean.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            cut = clean.encode("utf-16-le")[: (LONGEST_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
            self.notice(
                f"{place}: a text of {len(text):,} characters was cut to the {LONGEST_TEXT:,} that a cell holds."
            )
            return cut
        return clean

    def row(self, cells: Sequence[OutCell | None], sheet: str, row: int, left: int) -> Json:
        """RowData with values, trailing blanks left out."""
        values: list[Json] = []
        for offset, cell in enumerate(cells):
            entered = None if cell is None else self.value(cell.value, f"{sheet}!{a1(row, left + offset)}")
            values.append({} if entered is None else {"userEnteredValue": entered})
        while values and not values[-1]:
            values.pop()
        return {"values": values} if values else {}


def serial(moment: datetime) -> float:
    """A moment as a serial number; one with a zone in UTC, because cells have no zones."""
    plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return (plain - EPOCH) / timedelta(days=1)


def number_format(pattern: str) -> Json | None:
    """A NumberFormat; None for the sheet's own way of showing numbers."""
    if pattern == "General":
        return None
    bare = _QUOTED.sub("", pattern).casefold()
    if "@" in bare:
        kind = "TEXT"
    elif any(letter in bare for letter in "ydhs"):
        kind = "DATE_TIME"
    elif "%" in bare:
        kind = "PERCENT"
    else:
        kind = "NUMBER"
    return {"type": kind, "pattern": pattern}


def colour(code: str) -> Json:
    """RRGGBB as a ColorStyle."""
    parts = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    named = zip(("red", "green", "blue"), parts, strict=True)
    return {"rgbColor": {name: round(part, 4) for name, part in named if part}}


def look_format(look: Look) -> Json:
    """A role's look as a CellFormat, defaults left out."""
    text: Json = {}
    if look.bold:
        text["bold"] = True
    if look.italic:
        text["italic"] = True
    if look.size is not None:
        text["fontSize"] = look.size
    if look.font is not None:
        text["foregroundColorStyle"] = colour(look.font)
    style: Json = {"textFormat": text} if text else {}
    if look.fill is not None:
        style["backgroundColorStyle"] = colour(look.fill)
    lines = {"top": look.line_above, "bottom": look.line_below}
    borders = {side: {"style": "SOLID", "colorStyle": colour(code)} for side, code in lines.items() if code}
    if borders:
        style["borders"] = borders
    if look.centred:
        style["horizontalAlignment"] = "CENTER"
    return style


def cell_format(cell: OutCell) -> Json:
    """How one cell looks, as a CellFormat; empty where it looks like any other cell."""
    style = look_format(LOOKS[cell.role])
    pattern = cell.number_format or (INSTANT if isinstance(cell.value, datetime) else None)
    numbers = number_format(pattern) if pattern else None
    if numbers is not None:
        style["numberFormat"] = numbers
    if cell.align is not None:
        style["horizontalAlignment"] = cell.align.value.upper()
    if cell.wrap:
        style["wrapStrategy"] = "WRAP"
        style["verticalAlignment"] = "TOP"
    return style


Rectangle = tuple[int, int, int, int]
"""Top, left, bottom, right; from 0, ends excluded."""


def alike(rows: Sequence[Sequence[OutCell | None]]) -> Iterator[tuple[Json, Rectangle]]:
    """Formats with the rectangles that share them, so that a column of a thousand cells costs one request.

    Runs of equal cells in a row are grown downwards while the next row has the same run.
    """
    open_runs: dict[tuple[int, int], tuple[_Key, int]] = {}
    styles: dict[_Key, Json] = {}
    for index, row in enumerate([*rows, ()]):
        runs = dict(_runs(row, styles))
        for span, (key, top) in list(open_runs.items()):
            if runs.get(span) == key:
                del runs[span]
            else:
                del open_runs[span]
                yield styles[key], (top, span[0], index, span[1])
        open_runs |= {span: (key, index) for span, key in runs.items()}


_Key = tuple[object, ...]


def _runs(row: Sequence[OutCell | None], styles: dict[_Key, Json]) -> Iterator[tuple[tuple[int, int], _Key]]:
    start, current = 0, None
    for column, cell in enumerate([*row, None]):
        key: _Key | None = None
        if cell is not None:
            key = (cell.role, cell.number_format, cell.align, cell.wrap, isinstance(cell.value, datetime))
            if key not in styles:
                styles[key] = cell_format(cell)
            if not styles[key]:
                key = None
        if key != current:
            if current is not None:
                yield (start, column), current
            start, current = column, key
