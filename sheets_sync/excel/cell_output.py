"""How a value of ours is stored in a cell: typed, never guessed; text is text whatever it looks like."""

import math
import re
from datetime import UTC, datetime
from typing import Final

from openpyxl.utils import FORMULAE

from sheets_sync.excel.number_formats import serial_of
from sheets_sync.excel.ooxml import escape, xml_text
from sheets_sync.workbook.changes import Formula, Scalar

MAX_TEXT: Final = 32_767
"""Characters (UTF-16 units) that a cell can hold; Excel calls a file with longer ones damaged."""
DATE_TIME_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
_LIKE_A_FORMULA: Final = ("'", "=", "+", "-", "@")
_NAMES_IN_FORMULA: Final = re.compile(r"""\"[^"]*"|'[^']*'|(?P<function>[^\W\d][\w.]*)\(""")
"""Texts and quoted titles of tabs, in which nothing is a function, and the names of functions."""


def looks_like_formula(value: object) -> bool:
    """True for text that a spreadsheet program would take for a formula if someone typed it."""
    return isinstance(value, str) and value.startswith(_LIKE_A_FORMULA)


def cell_xml(address: str, value: Scalar | Formula, style: int | None, prefix: str, *, since_1904: bool) -> str:
    """A ``<c>`` element as text; `prefix` stands before its name and those in it.

    A moment with a zone becomes a date in UTC (spreadsheets have no zones); text beyond `MAX_TEXT` ends in an ellipsis;
    numbers that a spreadsheet cannot hold (infinite, not a number) become ``#NUM!``.
    """
    styled = "" if style is None else f' s="{style}"'
    if isinstance(value, Formula):
        formula = f"<{prefix}f>{xml_text(escape(stored_formula(value.text)))}</{prefix}f>"
        if isinstance(value.value, str):
            content, kind = f"{formula}{_text_element('v', value.value, prefix)}", "str"
        else:
            kind, stored = _stored(value.value, since_1904=since_1904)
            content = f"{formula}<{prefix}v>{stored}</{prefix}v>"
    elif value is None or value == "":
        return f'<{prefix}c r="{address}"{styled}/>'
    elif isinstance(value, str):
        content, kind = f"<{prefix}is>{_text_element('t', value, prefix)}</{prefix}is>", "inlineStr"
    else:
        kind, stored = _stored(value, since_1904=since_1904)
        content = f"<{prefix}v>{stored}</{prefix}v>"
    typed = f' t="{kind}"' if kind else ""
    return f'<{prefix}c r="{address}"{styled}{typed}>{content}</{prefix}c>'


def _text_element(name: str, value: str, prefix: str) -> str:
    text = escape(_cut(value))
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f"<{prefix}{name}{space}>{xml_text(text)}</{prefix}{name}>"


def _stored(value: float | datetime, *, since_1904: bool) -> tuple[str, str]:
    """The type of a value that is no text (empty for numbers), and how it is stored."""
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return "", repr(serial_of(moment, since_1904=since_1904))
    if not math.isfinite(value):
        return "e", "#NUM!"
    # Numbers of other libraries print their type as well.
    return "", repr(float(value)).removesuffix(".0") if isinstance(value, float) else str(int(value))


def _cut(text: str) -> str:
    if 2 * len(text) <= MAX_TEXT:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_TEXT:
        return text
    return units[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def stored_formula(text: str) -> str:
    """A formula as the file stores it: no equals sign, later functions with their prefix."""
    return _NAMES_IN_FORMULA.sub(_prefixed, text.removeprefix("="))


def _prefixed(match: re.Match[str]) -> str:
    name = match["function"]
    # openpyxl lists the functions that a file names plainly; later ones carry a prefix, unseen by people.
    plain = name is None or "." in name or name.upper() in FORMULAE
    return match.group() if plain else f"_xlfn.{match.group()}"
