"""What a cell shows: numbers and dates written by a format pattern, as the workbook's locale writes them."""

from __future__ import annotations

import functools
import math
import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .locales import Locale

EPOCH = datetime(1899, 12, 30)
DATE_TYPES = ("DATE", "TIME", "DATE_TIME")

_TOKEN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|[#0?][#0?,.]*(?:E[+-]0+)?|\.[#0?]+|%|@|General|.', re.IGNORECASE)
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|\[h+\]|y+|m+|d+|h+|s+|0+|a/p|am/pm|.', re.IGNORECASE)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def to_datetime(serial: float) -> datetime:
    """The moment of a date serial (days since 30 December 1899), to the millisecond."""
    return EPOCH + timedelta(milliseconds=round(serial * 86_400_000))


def general(number: float, locale: Locale) -> str:
    """A number without a format: up to ten decimals, no grouping, powers of ten when very large or small."""
    if number == 0:
        return "0"
    size = math.floor(math.log10(abs(number)))
    if size >= 20 or size < -9:
        text = f"{number:.5E}"
        mantissa, _, exponent = text.partition("E")
        mantissa = mantissa.rstrip("0").rstrip(".")
        text = f"{mantissa}E{int(exponent):+03d}"
    else:
        text = f"{number:.{max(0, min(10, 14 - size))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
    return text.replace(".", locale.decimal)


def default_pattern(kind: str, locale: Locale) -> str:
    """The pattern of a number format that names its type only."""
    return {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": f'"{locale.currency}"#,##0.00',
        "DATE": locale.date_pattern,
        "TIME": "h:mm:ss am/pm" if locale.date_order == "MDY" else "HH:mm:ss",
        "DATE_TIME": f"{locale.date_pattern} HH:mm:ss",
        "SCIENTIFIC": "0.00E+00",
        "TEXT": "@",
    }.get(kind, "")


def format_number(number: float, number_format: dict[str, Any] | None, locale: Locale) -> str:
    """The number as the sheet shows it."""
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern") or default_pattern(kind, locale)
    if not pattern or pattern.lower() in ("general", "automatic"):
        return general(number, locale)
    if kind in DATE_TYPES:
        return _format_date(number, pattern)
    sections = pattern.split(";")
    negative = number < 0
    if negative and len(sections) > 1:
        section, number, negative = sections[1], -number, False
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    else:
        section = sections[0]
    return ("-" if negative else "") + _format_section(abs(number), section, locale)


def _format_section(number: float, section: str, locale: Locale) -> str:
    pieces: list[str] = []
    percent = section.count("%")
    written = False
    for token in _tokens(section):
        if token.startswith('"'):
            pieces.append(token[1:-1])
        elif token.startswith("\\"):
            pieces.append(token[1])
        elif token.startswith("["):
            # [$€-407] carries a currency sign; colours and conditions print nothing.
            pieces.append(token[2:-1].partition("-")[0] if token.startswith("[$") else "")
        elif token[0] in "#0?" or (token[0] == "." and len(token) > 1):
            if not written:
                pieces.append(_digits(number * 100**percent, token, locale))
            written = True
        elif token.startswith("_"):
            pieces.append(" ")
        elif token.startswith("*") and len(token) > 1:
            continue
        elif token == "@" or token.lower() == "general":
            pieces.append(general(number, locale))
        else:
            pieces.append(token)
    return "".join(pieces)


@functools.lru_cache(maxsize=1024)
def _tokens(section: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(section))


def _digits(number: float, token: str, locale: Locale) -> str:
    body, exponent_mark, exponent_digits = token.partition("E")
    # Commas behind the last digit divide by a thousand each.
    scale = len(body) - len(body.rstrip(","))
    number /= 1000.0**scale
    whole, _, fraction = body.rstrip(",").partition(".")
    exponent = ""
    if exponent_mark:
        power = math.floor(math.log10(number)) if number else 0
        number /= 10.0**power
        exponent = f"E{power:+0{len(exponent_digits)}d}"
    least, most = fraction.count("0"), len(fraction)
    # Spreadsheets round halves away from zero, on the number as its 15 digits show it.
    text = _round_half_up(number, most)
    digits, _, decimals = text.partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    digits = digits.lstrip("0").rjust(whole.replace(",", "").count("0"), "0")
    if "," in whole:
        digits = re.sub(r"(?<=\d)(?=(\d{3})+\Z)", locale.grouping, digits)
    return digits + (locale.decimal + decimals if decimals else "") + exponent


def _round_half_up(number: float, places: int) -> str:
    shown = Decimal(f"{number:.15g}")
    return f"{shown.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"


def _format_date(serial: float, pattern: str) -> str:
    moment = to_datetime(serial)
    tokens = _DATE_TOKEN.findall(pattern)
    twelve = any(token.lower() in ("a/p", "am/pm") for token in tokens)
    pieces: list[str] = []
    for index, token in enumerate(tokens):
        if token.startswith('"'):
            pieces.append(token[1:-1])
        elif token.startswith("\\"):
            pieces.append(token[1])
        elif token.lower().startswith("[h"):
            pieces.append(str(int(serial * 24)).rjust(len(token) - 2, "0"))
        else:
            minutes = token[0] in "mM" and len(token) <= 2 and _beside_time(tokens, index)
            pieces.append(_date_piece(moment, token, twelve=twelve, minutes=minutes))
    return "".join(pieces)


def _beside_time(tokens: list[str], index: int) -> bool:
    """Whether an `m` means minutes: hours stand before it, or seconds after it."""
    before = next((t for t in reversed(tokens[:index]) if t[0].isalpha() or t[0] == "["), "")
    after = next((t for t in tokens[index + 1 :] if t[0].isalpha()), "")
    return before.lower().startswith(("h", "[h")) or after.lower().startswith("s")


def _date_piece(moment: datetime, token: str, *, twelve: bool, minutes: bool) -> str:
    letter, size = token[0].lower(), len(token)
    if token.lower() in ("am/pm", "a/p"):
        return ("AM" if moment.hour < 12 else "PM")[: 2 if "m" in token.lower() else 1]
    if letter == "y":
        return f"{moment.year % 100:02d}" if size <= 2 else f"{moment.year:04d}"
    if letter == "m" and minutes:
        return f"{moment.minute:0{size}d}"
    if letter == "m":
        name = _MONTHS[moment.month - 1]
        return f"{moment.month:0{size}d}" if size <= 2 else (name[:3] if size == 3 else name)
    if letter == "d":
        name = _DAYS[moment.weekday()]
        return f"{moment.day:0{size}d}" if size <= 2 else (name[:3] if size == 3 else name)
    if letter == "h":
        return f"{(moment.hour % 12 or 12) if twelve else moment.hour:0{size}d}"
    if letter == "s":
        return f"{moment.second:0{size}d}"
    if letter == "0":
        return f"{moment.microsecond:06d}"[:size]
    return token
