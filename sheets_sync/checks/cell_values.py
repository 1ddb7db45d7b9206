"""Reading single cells by type: a value, None for a blank cell, or a `Fault` that says why there is none.

Nothing is guessed: text is never a number, a check box is never 1, and a date is never its serial number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from config.columns import Column
from config.names import LIST_SEPARATORS, clean, fold_header, fold_key
from config.words import NO, YES, fold_word
from sheets_sync.inputs.cell_text import (
    advice_for_text,
    has_decimal_comma,
    is_percentage,
    proposed_number,
    shown,
    shown_number,
)
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.number_styles import NumberKind, style_of
from sheets_sync.workbook.snapshot import Cell, CellKind

_TICKED, _UNTICKED = frozenset(map(fold_word, YES)), frozenset(map(fold_word, NO))
_SOME_YES, _SOME_NO = "yes, y, x, TRUE, ✓", "no, n, FALSE, ✗"

LARGEST = 1e18
"""Beyond this size, adding anything of a usual size to a number no longer changes it."""


_MOST_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell has no value: a code of the catalogue and the values of its message, all but the column's name."""

    code: str
    values: Mapping[str, Any]
    near: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number must not be below; with `above`, it must not be equal to it either.

    `is_amount` says that it counts something (tokens, money): a percentage there is a share of nobody knows what.
    """

    minimum: float | None = None
    above: bool = False
    is_amount: bool = False

    def fault(self, value: float) -> Fault | None:
        """Why the number is out of bounds; None where it is not."""
        if abs(value) > LARGEST:
            return Fault("too_large", {"value": shown_number(value)})
        if self.minimum is None or value > self.minimum or (value == self.minimum and not self.above):
            return None
        return Fault("not_positive" if self.above else "negative_number", {"value": shown_number(value)})


def number(cell: Cell, bounds: Bounds, locale: str | None) -> float | Fault | None:
    """A finite number within bounds."""
    if cell.kind is CellKind.NUMBER:
        if bounds.is_amount and is_percent(cell):
            return Fault("percent_of_what", {"value": shown(cell)})
        return _finite(cell, bounds)
    if cell.is_blank:
        return None
    if cell.kind is CellKind.TEXT:
        text = clean(str(cell.value))
        if not text:
            return None
        if is_percentage(text):
            if bounds.is_amount:
                return Fault("percent_of_what", {"value": text})
            return Fault("not_a_number", {"value": text, "advice": f"Type {text} again in a cell that is not text."})
        if has_decimal_comma(text):
            suggestion = shown_number(proposed_number(text) or 0.0)
            return Fault("decimal_comma", {"value": text, "locale": locale or "not known", "suggestion": suggestion})
        return Fault("not_a_number", {"value": text, "advice": advice_for_text(text)})
    if cell.kind is CellKind.DATE:
        return Fault("date_not_number", {"value": shown(cell)})
    if cell.kind is CellKind.BOOLEAN:
        return Fault("boolean_not_number", {"value": shown(cell)})
    return _unusable(cell)


def share(cell: Cell, locale: str | None) -> float | Fault | None:
    """A part of a whole: a cell that shows a percentage, or a number between 0 and 1 (both excluded) that does not.

    A plain 1 could be 1% or all, and a plain 20 is probably 20%, but that is for the person to say.
    """
    value = number(cell, Bounds(minimum=0.0), locale)
    if value is None or isinstance(value, Fault):
        return value
    if value > 1 or (value == 1 and not is_percent(cell)):
        return Fault("not_a_share", {"value": shown(cell), "suggestion": _as_percent(value, cell)})
    return value


def is_percent(cell: Cell) -> bool:
    """Whether a number is shown as a percentage."""
    return cell.kind is CellKind.NUMBER and style_of(cell.format).kind is NumberKind.PERCENT


def _as_percent(value: float, cell: Cell) -> str:
    if is_percent(cell) or value > _MOST_PERCENT:
        return "a percentage from 0% to 100%"
    return f"{shown_number(value)}% if you mean that percentage"


def _finite(cell: Cell, bounds: Bounds) -> float | Fault:
    value = cell.number
    if not math.isfinite(value):
        return Fault("not_finite", {"value": shown(cell)})
    return bounds.fault(value) or value


def boolean(cell: Cell, words: Mapping[str, bool] = MappingProxyType({})) -> bool | Fault | None:
    """A check box, or one of the words of `config.words` for a ticked or an empty one, or of further `words`."""
    if cell.kind is CellKind.BOOLEAN:
        return bool(cell.value)
    if cell.is_blank:
        return None
    if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
        return _unusable(cell)
    if cell.kind is CellKind.TEXT:
        if (word := fold_word(shown(cell))) in _TICKED:
            return True
        if word in _UNTICKED:
            return False
        if word in words:
            return words[word]
    what = "number" if cell.kind is CellKind.NUMBER else "text"
    return Fault("not_a_checkbox", {"value": f'the {what} "{shown(cell)}"', "yes": _SOME_YES, "no": _SOME_NO})


def text(cell: Cell) -> str | Fault | None:
    """Any text, as the sheet shows it."""
    if cell.is_blank:
        return None
    if cell.kind is CellKind.ERROR:
        return Fault("error_in_text", {"value": shown(cell)})
    return _unusable(cell) if cell.kind is CellKind.UNCALCULATED else clean(shown(cell)) or None


def key(cell: Cell) -> str | Fault | None:
    """A key as the sheet shows it, so that 007 stays 007; a date is read as shown too, and reported by the caller."""
    if cell.is_blank:
        return None
    if cell.kind is CellKind.BOOLEAN:
        return Fault("key_not_text", {"value": shown(cell), "kind": "a check box"})
    if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
        return _unusable(cell)
    return clean(shown(cell)) or None


def keys(cell: Cell) -> tuple[str, ...] | Fault | None:
    """Several keys with comma, semicolon, pipe or newline between them; repeated ones once."""
    whole = key(cell)
    if whole is None or isinstance(whole, Fault):
        return whole
    unique = {fold_key(part): clean(part) for part in reversed(LIST_SEPARATORS.split(whole)) if clean(part)}
    return tuple(reversed(unique.values())) or None


def holds_separator(name: str) -> bool:
    """Whether a list of keys would read this one as several."""
    return LIST_SEPARATORS.search(name) is not None


def day(cell: Cell) -> date | Fault | None:
    """A date cell, or text that spells one as 2026-07-01; nothing else is surely one."""
    if cell.is_blank:
        return None
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
        return _unusable(cell)
    try:
        return date.fromisoformat(clean(shown(cell))) if cell.kind is CellKind.TEXT else _no_date(cell)
    except ValueError:
        return _no_date(cell)


def period(cell: Cell) -> str | Fault | None:
    """A period as the sheet shows it, and a date as the day that it is."""
    return cell.value.date().isoformat() if isinstance(cell.value, datetime) else key(cell)


def _no_date(cell: Cell) -> Fault:
    return Fault("not_a_date", {"value": shown(cell)})


def choice(cell: Cell, column: Column) -> str | Fault | None:
    """One of the column's choices; case, spaces, underscores and hyphens do not matter."""
    if cell.is_blank:
        return None
    if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
        return _unusable(cell)
    found = column.choice_spellings.get(fold_header(shown(cell)))
    if found is not None:
        return found
    values = {"value": shown(cell), "choices": ", ".join(column.choices)}
    return Fault("unknown_choice", values, Vocabulary(column.choices, loose=True).nearest(shown(cell)))


def _unusable(cell: Cell) -> Fault:
    if cell.kind is CellKind.UNCALCULATED:
        return Fault("uncalculated_formula", {"formula": cell.formula or "there"})
    return Fault("error_value", {"value": shown(cell)})
