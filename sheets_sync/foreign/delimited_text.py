"""Text files with one record per line (.csv, .tsv): encoding, separator, and which texts are numbers or dates.

A text is a number only where it can mean nothing else: at most 15 digits without leading zeros, perhaps with a decimal
point. A decimal comma is read where the separator is a semicolon and every number of the column is written
with commas, at least one of them not with three decimals (``1,234`` alone may mean a thousand). Where a file is written
with semicolons, the same holds for a decimal point. Dates are ISO dates. All else stays text, as it was written.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind

SEPARATORS = (",", ";", "\t", "|")

_POINT = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_COMMA = re.compile(r"-?(?:0|[1-9]\d*)(?:,\d+)?")
_MAYBE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_DECLARED = re.compile(r"sep=(.)\r?\n")
_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; a longer one is an identifier."""


class UnreadableTextError(Exception):
    """The bytes are no text in a known encoding, or no table; the message is for a person."""


def decoded(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else as Windows wrote it in Western Europe.

    Raises:
        UnreadableTextError: it is none of these.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:1000]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableTextError("it is no text in UTF-8, UTF-16 or Windows-1252")


def rows_of(text: str, separator: str | None = None) -> list[list[Cell]]:
    """The records of a text as rows of typed cells; without a `separator`, the one that splits it most evenly.

    Raises:
        UnreadableTextError: a field is longer than any cell may be.
    """
    declared = _DECLARED.match(text)
    if declared is not None:
        separator, text = declared[1], text[declared.end() :]
    separator = separator or separator_of(text)
    records = _records(text, separator)
    width = max(map(len, records), default=0)
    marks = [_decimal_mark([row[at] for row in records if at < len(row)], separator) for at in range(width)]
    return [[_cell(field, mark) for field, mark in zip(row, marks, strict=False)] for row in records]


def separator_of(text: str) -> str:
    """The separator that gives most records one and the same number of fields, the most fields where several do."""

    def evenness(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _records(text, separator) if row)
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
        return (count / widths.total(), width) if width > 1 else (0.0, 0)

    return max(SEPARATORS, key=evenness)


def _records(text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as problem:
        raise UnreadableTextError(f"it is no table: {problem}") from None


def _decimal_mark(fields: Sequence[str], separator: str) -> str:
    """The decimal mark of a column; empty where its fractions can be read in more than one way."""
    if separator != ";":
        return "."
    numbers = [field.strip() for field in fields if re.fullmatch(r"-?[\d.,]*\d[\d.,]*", field.strip())]
    fractions = [number for number in numbers if "," in number or "." in number]
    for mark, pattern in ((",", _COMMA), (".", _POINT)):
        if all(pattern.fullmatch(number) for number in fractions):
            is_certain = not fractions or not all(_MAYBE_THOUSANDS.fullmatch(number) for number in fractions)
            return mark if is_certain else ""
    return ""


def _cell(field: str, mark: str) -> Cell:
    if not field:
        return BLANK
    text = field.strip()
    pattern = _COMMA if mark == "," else _POINT
    if pattern.fullmatch(text) and sum(map(str.isdigit, text)) <= _DIGITS and text != "-0":
        if text.lstrip("-").isdigit():
            return Cell(CellKind.NUMBER, int(text), field)
        if mark:
            return Cell(CellKind.NUMBER, float(text.replace(",", ".")), field)
    percent = text.removesuffix("%").rstrip()
    if percent != text and mark and pattern.fullmatch(percent) and sum(map(str.isdigit, percent)) <= _DIGITS:
        # As a spreadsheet takes it when it is typed: a number that is shown in per cent.
        number = Decimal(percent.replace(",", "."))
        decimals = max(0, -int(number.as_tuple().exponent))
        return Cell(CellKind.NUMBER, float(number / 100), field, format=f"0.{'0' * decimals}%" if decimals else "0%")
    if _DATE.fullmatch(text):
        try:
            return Cell(CellKind.DATE, datetime.fromisoformat(text), field, format="yyyy-mm-dd")
        except ValueError:  # a day that no calendar has
            pass
    return Cell(CellKind.TEXT, field, field)
