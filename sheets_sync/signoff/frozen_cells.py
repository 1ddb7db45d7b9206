"""The cells of a frozen tab as plain values, and a digest of them that no program changes by saving the file.

Programs keep a number's first 15 digits, and may change the blanks in a text; so both are compared in that form.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sheets_sync.excel.number_formats import show
from sheets_sync.workbook.changes import Formula, OutCell
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab, a1

Place = tuple[int, int]
"""Row and column."""
_SYMBOLS = re.compile(r"\[\$[^\]\d-]*(?:-[0-9A-Fa-f]+)?\]|\[[A-Za-z]+\d*\]|\"[^\"\d]*\"|\\\D|_.|\*\D")
"""Currencies, colours, texts without digits, padding: what a number format may say beside the number."""
_PLAIN_SECTION = re.compile(r"[^0#?\d@]*[#?0][#?0, ]*(?<!,)(?:\.[#?0]+)?(?:E[+-]?0+)?[^0#?\d,@]*|@|-")


@dataclass(frozen=True, slots=True)
class FrozenCell:
    """One cell that holds something: where it is, what it holds, and as what people see it."""

    row: int
    column: int
    value: float | str
    shown: str

    @property
    def text(self) -> str:
        """The value as it is compared."""
        return canonical(self.value)


def canonical(value: float | str) -> str:
    """A value in the form in which it is compared: 15 digits of a number, a text in one Unicode form and spacing."""
    return f"t{canonical_text(value)}" if isinstance(value, str) else f"n{float(value):.15g}"


def canonical_text(text: str) -> str:
    """A text in one Unicode form and spacing."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def freeze(rows: Sequence[Sequence[OutCell | None]]) -> tuple[FrozenCell, ...]:
    """The cells that are about to be written.

    Raises:
        TypeError: one of them is neither a number nor a text.
    """
    return tuple(_frozen(rows))


def _frozen(rows: Sequence[Sequence[OutCell | None]]) -> Iterator[FrozenCell]:
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            value = None if cell is None else cell.value
            if value is None or cell is None or value == "":
                continue
            if isinstance(value, bool | datetime | Formula):
                raise TypeError(f"{a1(row, column)} of a frozen tab holds a {type(value).__name__}")
            yield FrozenCell(row, column, value, shown_as(value, cell.number_format))


def shown_as(value: float | str, number_format: str | None) -> str:
    """A value as the sheet shows it in that format; a number without a format with its thousands."""
    if isinstance(value, str):
        return value
    if number_format in (None, "", "General"):
        return f"{value:,.10g}"
    return show(value, str(number_format))


def digest_of(cells: Iterable[FrozenCell]) -> str:
    """The sha256 hex of frozen cells, whatever their order."""
    listed = sorted([cell.row, cell.column, cell.text] for cell in cells)
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode()).hexdigest()


def cells_of(tab: Tab, without: Collection[Place] = ()) -> tuple[FrozenCell, ...]:
    """The cells that a tab holds now, as far as they could be frozen ones; the others are in `oddities`."""
    found = []
    for place, cell in _filled(tab, without):
        if isinstance(cell.value, int | float | str) and not isinstance(cell.value, bool):
            found.append(FrozenCell(*place, cell.value, shown_as(cell.value, cell.format)))
    return tuple(found)


def oddities(tab: Tab, without: Collection[Place] = ()) -> dict[Place, str]:
    """What no frozen tab holds, in words by its place: formulas, dates, errors, and numbers that show other digits."""
    found = {}
    for place, cell in _filled(tab, without):
        if cell.formula is not None:
            found[place] = f"is a formula ({cell.formula})"
        elif cell.kind not in (CellKind.NUMBER, CellKind.TEXT):
            found[place] = f"is {cell.shown or cell.kind.value}, which is neither a number nor a text"
        elif cell.kind is CellKind.NUMBER and not _shows_itself(cell.format):
            found[place] = f"is {canonical(cell.number)[1:]}, but its number format shows {cell.shown or 'nothing'}"
    return found


def _filled(tab: Tab, without: Collection[Place]) -> Iterator[tuple[Place, Cell]]:
    for row, cells in enumerate(tab.rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if not (cell.is_blank and cell.formula is None) and (row, column) not in without:
                yield (row, column), cell


def _shows_itself(pattern: str) -> bool:
    """Whether a number format shows a number as it is: no digits of its own, no scale, nothing hidden."""
    if pattern.casefold() in ("", "general"):
        return True
    bare = _SYMBOLS.sub("", pattern)
    return all(_PLAIN_SECTION.fullmatch(section) is not None for section in bare.split(";"))
