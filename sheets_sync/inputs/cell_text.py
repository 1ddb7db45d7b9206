"""Cells and numbers as messages show them, and what text that looks like a number was probably meant to be.

Text is never read as a number; all of this serves the advice that goes with the error.
"""

import re
import unicodedata

from config.names import clean
from sheets_sync.workbook.snapshot import Cell

_DECIMAL_COMMA_LANGUAGES = frozenset(
    re.findall(
        r"\w+", "bg ca cs da de el es et eu fi fr gl hr hu id is it lt lv nb nl nn no pl pt ro ru sk sl sr sv tr uk vi"
    )
)
_DECIMAL_POINT_LOCALES = frozenset({"de_CH", "de_LI", "es_MX", "es_US", "it_CH"})
_NUMBER_WITH_UNIT = re.compile(r"[^\d+\-.,]*([+-]?\d[\d.,]*)[^\d]*")


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


def has_decimal_comma(text: str, locale: str | None) -> str | None:
    """The number in plain notation where text can only be one with a decimal comma (in that locale); None where not."""
    digits = _digits(text)
    if digits is None:
        return None
    commas, points = digits.count(","), digits.count(".")
    after_comma = len(digits) - digits.rfind(",") - 1
    thousands = after_comma == 3 and points == 0 and not digits.lstrip("+-").startswith("0")
    if commas != 1 or digits.rfind(".") > digits.rfind(","):
        return None
    if thousands and not _writes_decimal_comma(locale):
        return None
    plain = _plain(digits.replace(".", "").replace(",", "."))
    return f"{plain}%" if plain is not None and _is_percentage(text) else plain


def advice_for_text(text: str) -> str:
    """What to type instead of text that stands where a number belongs."""
    digits = _digits(text)
    if digits is None:
        return "Type a number, or clear the cell."
    plain = _plain(digits.replace(",", ""))
    if plain is None:
        return "Type a plain number, or clear the cell."
    if _is_percentage(text):
        return f"Type {plain}% as a number."
    return f"Type {plain}, and format the cell as a number."


def _is_percentage(text: str) -> bool:
    return "%" in unicodedata.normalize("NFKC", text)


def _digits(text: str) -> str | None:
    """The sign, digits, points and commas of text that holds one number, perhaps with a currency or unit beside it."""
    # NFKC makes full-width digits plain ones; spaces and apostrophes between digits group thousands.
    normal = re.sub(r"(?<=\d)[\s'\u2019](?=\d{3})", "", unicodedata.normalize("NFKC", text)).replace("\u2212", "-")
    found = _NUMBER_WITH_UNIT.fullmatch(normal)
    return found.group(1).rstrip(".,") if found else None


def _plain(digits: str) -> str | None:
    try:
        return shown_number(float(digits))
    except ValueError:
        return None


def _writes_decimal_comma(locale: str | None) -> bool:
    if locale is None:
        return False
    name = locale.replace("-", "_")
    return name.partition("_")[0].lower() in _DECIMAL_COMMA_LANGUAGES and name not in _DECIMAL_POINT_LOCALES
