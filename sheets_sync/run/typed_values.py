"""A value as somebody types it into a cell: what a spreadsheet makes of it, and what could be two things."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.run.question_errors import ChangeError
from sheets_sync.workbook.number_styles import NumberKind, style_of
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind

_PERCENT = re.compile(r"(?P<number>[-+]?\d+(?:\.\d+)?)\s*%")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRUTHS = {"true": True, "false": False}


def typed(text: str) -> Cell:
    """What a spreadsheet makes of a text that is typed into a cell: a number, a percentage, TRUE or FALSE, or text."""
    if not text:
        return BLANK
    if text.casefold() in _TRUTHS:
        return Cell(CellKind.BOOLEAN, _TRUTHS[text.casefold()], text.upper())
    percent = _PERCENT.fullmatch(text)
    if percent:
        digits = len(percent["number"].partition(".")[2])
        pattern = "0%" if not digits else f"0.{'0' * digits}%"
        return Cell(CellKind.NUMBER, float(Decimal(percent["number"]) / 100), text, format=pattern)
    if _NUMBER.fullmatch(text):
        return Cell(CellKind.NUMBER, float(text), text)
    return Cell(CellKind.TEXT, text, text)


def typed_over(text: str, field: str, before: Cell, column: Iterable[Cell]) -> Cell:
    """What is typed over a cell, or over a blank one among the others of its column.

    Where percentages are shown, spreadsheets make 1.2% of 1.2, and do not agree what they make of 0.5; a program means
    0.012 by 0.012. So a number without its sign is refused there.

    Raises:
        ChangeError: it could be two numbers; `field` is what it was to be typed into.
    """
    cell = typed(text)
    is_bare = cell.kind is CellKind.NUMBER and bool(cell.value) and not _is_percent(cell)
    if is_bare and (_is_percent(before) or (before.kind is not CellKind.NUMBER and _are_percents(column))):
        whole = shown_number(float(Decimal(repr(cell.number)) * 100))
        raise ChangeError(
            f"{field} is shown as a percentage: {text} could mean {text}% or {whole}%. Write it with its sign."
        )
    return cell


def _is_percent(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER and style_of(cell.format).kind is NumberKind.PERCENT


def _are_percents(column: Iterable[Cell]) -> bool:
    kinds = Counter(_is_percent(cell) for cell in column if cell.kind is CellKind.NUMBER and cell.value)
    return kinds[True] > kinds[False]
