"""Cells and numbers as messages show them, and what text that looks like a number was probably meant to be.

Text is never read as a number; all of this serves the advice that goes with the error.
"""

import re
import unicodedata

from config.names import clean
from sheets_sync.workbook.snapshot import Cell

_PLAIN = re.compile(r"[+-]?\d+")
_ONE_MARK = re.compile(r"[+-]?(?:0[.,]\d+|\d+[.,](?:\d{1,2}|\d{4,}))")
"""A point or a comma after which no group of three follows: it can only be the decimal one."""
_POINT_LAST = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")
_COMMA_LAST = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}")


def shown_number(value: float) -> str:
    """A number without more digits than it takes to tell it from others: 4500, 0.015, 1e+300."""
    return f"{value:.15g}"


def shown(cell: Cell) -> str:
    """The text that a person sees in the cell."""
    if cell.shown:
        return clean(cell.shown)
    if isinstance(cell.value, bool):
        return str(cell.value).upper()
    if isinstance(cell.value, int | float):
        return shown_number(cell.value)
    return "" if cell.value is None else clean(str(cell.value))


def proposed_number(text: str) -> float | None:
    """The number that a text means, where it can mean nothing else in any locale; None for all others.

    ``1 000``, ``1'000``, ``$5`` and ``1,234.5`` are sure; ``1.000`` and ``1,234`` (one or a thousand), ``(500)``,
    ``500-``, ``5k``, ``12%`` and whatever has letters are not.
    """
    # NFKC makes full-width digits plain ones; spaces and apostrophes between digits group thousands.
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    plain = re.sub(r"^([+-]?)\s*[$\u20ac\u00a3\u00a5]\s*|\s*[$\u20ac\u00a3\u00a5]$", r"\1", plain)
    plain = re.sub(r"(?<=\d)[\s'\u2019](?=\d{3}(?!\d))", "", plain)
    if _PLAIN.fullmatch(plain):
        return float(plain)
    if _ONE_MARK.fullmatch(plain):
        return float(plain.replace(",", "."))
    if _POINT_LAST.fullmatch(plain):
        return float(plain.replace(",", ""))
    return float(plain.replace(".", "").replace(",", ".")) if _COMMA_LAST.fullmatch(plain) else None


def has_decimal_comma(text: str) -> bool:
    """Whether text can only be a number with a decimal comma."""
    plain = unicodedata.normalize("NFKC", text)
    return "," in plain and "." not in plain.rpartition(",")[2] and proposed_number(text) not in (None, _without(plain))


def is_percentage(text: str) -> bool:
    """Whether a text is a number and a percent sign."""
    return re.fullmatch(r"[+-]?\s*\d[\d.,\s]*\s*%|%\s*\d[\d.,]*", unicodedata.normalize("NFKC", text)) is not None


def advice_for_text(text: str) -> str:
    """What to type instead of text where a number belongs."""
    number = proposed_number(text)
    if number is None:
        return "Type a plain number, or clear the cell."
    return f"Type {shown_number(number)}, and format the cell as a number."


def _without(plain: str) -> float | None:
    """The number that is left when its commas are taken for grouping."""
    try:
        return float(plain.replace(",", ""))
    except ValueError:
        return None
