"""A1 notation: from text to rectangles and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_PART = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*\Z")
_CELL_LIKE = re.compile(r"([A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*)\Z")


@dataclass(frozen=True)
class Area:
    """A rectangle of cells, counted from 0, the end outside it; None is open."""

    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    def clip(self, rows: int, columns: int) -> tuple[int, int, int, int]:
        """Top, left, bottom, right within a grid of this size."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return self.top or 0, self.left or 0, bottom, right


def column_letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_number(letters: str) -> int:
    """0 for `A`, 26 for `AA`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def parse_area(text: str) -> Area | None:
    """The rectangle that `B2`, `A1:B`, `A:C` or `2:5` names; None for anything else."""
    first, colon, second = text.strip().partition(":")
    start = _PART.match(first)
    if start is None or not first:
        return None
    if not colon:
        if not (start[1] and start[2]):
            return None
        row, column = int(start[2]) - 1, column_number(start[1])
        return Area(row, column, row + 1, column + 1)
    end = _PART.match(second)
    if end is None or not second:
        return None
    top, bottom = _span(start[2] and int(start[2]) - 1, end[2] and int(end[2]) - 1)
    left, right = _span(start[1] and column_number(start[1]), end[1] and column_number(end[1]))
    return Area(top, left, bottom, right)


def _span(first: Any, second: Any) -> tuple[int | None, int | None]:
    """Start and end of one dimension; the ends may be given in either order, and one of them may be missing."""
    known = sorted(value for value in (first, second) if isinstance(value, int))
    if len(known) == 2:
        return known[0], known[1] + 1
    return (known[0], None) if known else (None, None)


def split_sheet(text: str) -> tuple[str | None, str]:
    """Sheet name (unquoted) and the rest of `'It''s'!A1`; the name is None where there is none."""
    if text.startswith("'"):
        match = re.match(r"'((?:[^']|'')*)'(?:!(.*))?\Z", text, re.DOTALL)
        if match:
            return match[1].replace("''", "'"), match[2] or ""
    name, mark, rest = text.rpartition("!")
    return (name, rest) if mark else (None, text)


def quote_sheet(name: str) -> str:
    """The sheet name as A1 notation writes it: quoted unless it is a plain word."""
    if _PLAIN_NAME.match(name) and not _CELL_LIKE.match(name):
        return name
    return "'" + name.replace("'", "''") + "'"


def format_area(sheet: str, area: Area | tuple[int, int, int, int]) -> str:
    """`Sheet1!A1:B2`; a single cell as `Sheet1!A1`, an open end as `Sheet1!A1:B`."""
    if isinstance(area, tuple):
        area = Area(*area)
    if area == Area():
        return quote_sheet(sheet)
    first = _corner(area.top, area.left)
    second = _corner(None if area.bottom is None else area.bottom - 1, None if area.right is None else area.right - 1)
    if area.top is not None and not second:
        second = ""
    text = first if first == second and area.top is not None and area.left is not None else f"{first}:{second}"
    return f"{quote_sheet(sheet)}!{text.rstrip(':') if not second else text}"


def _corner(row: int | None, column: int | None) -> str:
    return ("" if column is None else column_letters(column)) + ("" if row is None else str(row + 1))


def grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    """The area as the API's GridRange."""
    result = {"sheetId": sheet_id}
    names = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")
    corners = (area.top, area.left, area.bottom, area.right)
    result.update({name: value for name, value in zip(names, corners, strict=True) if value is not None})
    return result


def area_of(grid: dict[str, int]) -> Area:
    """The area of a GridRange."""
    return Area(
        grid.get("startRowIndex"), grid.get("startColumnIndex"), grid.get("endRowIndex"), grid.get("endColumnIndex")
    )
