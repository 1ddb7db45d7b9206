"""How a value of ours stands in a cell: typed, never guessed; text is text whatever it looks like."""

import math
import re
from datetime import UTC, datetime
from typing import Final

from lxml import etree
from openpyxl.formula import Tokenizer
from openpyxl.utils import FORMULAE

from sheets_sync.changes import Formula, Scalar
from sheets_sync.excel.number_formats import serial_of
from sheets_sync.excel.ooxml import XML_SPACE, escape, tag

MAX_TEXT: Final = 32_767
"""Characters (UTF-16 units) that a cell can hold; Excel calls a file with longer ones damaged."""
DATE_TIME_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
_LIKE_A_FORMULA: Final = re.compile(r"['=+\-@]")


def looks_like_formula(value: object) -> bool:
    """True for text that a spreadsheet program would take for a formula if someone typed it."""
    return isinstance(value, str) and bool(_LIKE_A_FORMULA.match(value))


def set_value(cell: etree._Element, value: Scalar | Formula, *, since_1904: bool) -> None:
    """Replace what a ``<c>`` element holds; its style stays.

    A moment with a zone becomes a date in UTC (spreadsheets have no zones); text beyond `MAX_TEXT` ends in an ellipsis;
    numbers that a spreadsheet cannot hold (infinite, not a number) become ``#NUM!``.
    """
    for inner in list(cell):
        cell.remove(inner)
    # A metadata index (dynamic arrays, linked data) belongs to the old value.
    for attribute in ("t", "cm", "vm", "ph"):
        cell.attrib.pop(attribute, None)
    if isinstance(value, Formula):
        etree.SubElement(cell, tag("f")).text = escape(stored_formula(value.text))
        _set_plain(cell, value.value, since_1904=since_1904, text_type="str")
    else:
        _set_plain(cell, value, since_1904=since_1904, text_type="inlineStr")


def _set_plain(cell: etree._Element, value: Scalar, *, since_1904: bool, text_type: str) -> None:
    if value is None or (value == "" and text_type == "inlineStr"):
        return
    if isinstance(value, str):
        cell.set("t", text_type)
        text = escape(_cut(value))
        parent = cell if text_type == "str" else etree.SubElement(cell, tag("is"))
        item = etree.SubElement(parent, tag("v" if text_type == "str" else "t"))
        item.text = text
        if text != text.strip() or "\n" in text:
            item.set(XML_SPACE, "preserve")
        return
    if isinstance(value, bool):
        cell.set("t", "b")
        stored = "1" if value else "0"
    elif isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        stored = repr(serial_of(moment, since_1904=since_1904))
    elif not math.isfinite(value):
        cell.set("t", "e")
        stored = "#NUM!"
    else:
        stored = repr(value).removesuffix(".0")
    etree.SubElement(cell, tag("v")).text = stored


def _cut(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_TEXT:
        return text
    return units[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def stored_formula(text: str) -> str:
    """A formula as the file stores it: no equals sign, later functions with their prefix."""
    tokenizer = Tokenizer(text)
    for token in tokenizer.items:
        if token.type == "FUNC" and token.subtype == "OPEN":
            name = token.value[:-1]
            # openpyxl lists the functions that a file names plainly; later ones carry a prefix, unseen by people.
            if "." not in name and name.upper() not in FORMULAE:
                token.value = f"_xlfn.{token.value}"
    return "".join(token.value for token in tokenizer.items)
