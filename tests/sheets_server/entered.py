"""USER_ENTERED: what a sheet makes of a text that a person types into a cell."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .locales import Locale
from .number_format import EPOCH

Entered = tuple[float | bool | str, dict[str, Any] | None]
"""The value (a text that starts with = is a formula) and the number format that typing it implies."""

_CURRENCIES = "$€£¥₹"
_MONTH_NAMES = (
    ("jan", "january"),
    ("feb", "february"),
    ("mar", "march"),
    ("apr", "april"),
    ("may",),
    ("jun", "june"),
    ("jul", "july"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names}
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?\s*([AaPp][Mm])?\Z")


def parse_entered(text: str, locale: Locale) -> Entered:
    """The value and implied number format of a typed text."""
    if text.startswith("'"):
        return text[1:], None
    if text.startswith("=") and len(text) > 1:
        return text, None
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return stripped.upper() == "TRUE", None
    return _number(stripped, locale) or _moment(stripped, locale) or (text, None)


def _number(text: str, locale: Locale) -> Entered | None:
    sign = 1.0
    body = text
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1.0, body[1:-1].strip()
    if body[:1] in ("-", "+"):
        sign, body = (-sign if body[0] == "-" else sign), body[1:].strip()
    currency = ""
    if body[:1] and body[0] in _CURRENCIES:
        currency, body = body[0], body[1:].strip()
    elif body[-1:] and body[-1] in _CURRENCIES:
        currency, body = body[-1], body[:-1].strip()
    percent = body.endswith("%")
    body = body.removesuffix("%").strip()
    grouping, decimal = re.escape(locale.grouping), re.escape(locale.decimal)
    if locale.grouping in "\u202f\u00a0":
        grouping = "[\u202f\u00a0 ]"
    shape = rf"(\d+|\d{{1,3}}(?:{grouping}\d{{3}})+)?(?:({decimal})(\d*))?(?:[eE]([+-]?\d+))?\Z"
    match = re.match(shape, body)
    if match is None or not (match[1] or match[3]):
        return None
    whole = re.sub(grouping, "", match[1] or "0")
    decimals = match[3] or ""
    value = sign * float(f"{whole}.{decimals or 0}e{match[4] or 0}")
    if percent:
        value = float(f"{value:.15g}") / 100
    return value, _implied_format(currency, decimals, percent=percent, grouped=whole != (match[1] or "0"), exp=match[4])


def _implied_format(currency: str, decimals: str, *, percent: bool, grouped: bool, exp: str | None) -> Any:
    places = ".00" if decimals else ""
    if percent:
        return {"type": "PERCENT", "pattern": f"0{places}%"}
    if currency:
        return {"type": "CURRENCY", "pattern": f'"{currency}"#,##0{places}'}
    if exp:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if grouped:
        return {"type": "NUMBER", "pattern": f"#,##0{places}"}
    return None


def _moment(text: str, locale: Locale) -> Entered | None:
    time = _time(text)
    if time is not None:
        clock = "h:mm:ss am/pm" if locale.date_order == "MDY" else "HH:mm:ss"
        return time, {"type": "TIME", "pattern": clock if time < 1 else "[h]:mm:ss"}
    date_text, _, time_text = text.replace("T", " ", 1).partition(" ") if re.match(r"\d{4}-", text) else (text, "", "")
    if not time_text and re.search(r"\s\d{1,2}:\d{2}", text):
        date_text, _, time_text = text.rpartition(" ")
    found = _date(date_text.strip(), locale)
    if found is None:
        return None
    day, pattern = found
    if not time_text:
        return day, {"type": "DATE", "pattern": pattern}
    time = _time(time_text.strip())
    return None if time is None else (day + time, {"type": "DATE_TIME", "pattern": f"{pattern} HH:mm:ss"})


def _time(text: str) -> float | None:
    match = _TIME.match(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if minute > 59 or second > 59 or (match[5] and not 1 <= hour <= 12):
        return None
    if match[5]:
        hour = hour % 12 + (12 if match[5].lower() == "pm" else 0)
    return (hour * 3600 + minute * 60 + second + int((match[4] or "0").ljust(3, "0")) / 1000) / 86400


def _date(text: str, locale: Locale) -> tuple[float, str] | None:
    if match := re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z", text):
        return _serial(int(match[1]), int(match[2]), int(match[3]), "yyyy-MM-dd")
    if match := re.match(r"(\d{4})[-/](\d{1,2})\Z", text):
        return _serial(int(match[1]), int(match[2]), 1, "yyyy-MM")
    if match := re.match(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})\Z", text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] == "." and locale.date_mark != ".":
            return None
        year += (2000 if year < 50 else 1900) if year < 100 else 0
        day, month = (second, first) if locale.date_order == "MDY" else (first, second)
        return _serial(year, month, day, locale.date_pattern)
    if match := re.match(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})\Z", text):
        return _serial(int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2]), "mmm d, yyyy")
    if match := re.match(r"(\d{1,2})[\s-]([A-Za-z]{3,9})[\s-](\d{4})\Z", text):
        return _serial(int(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1]), "d mmm yyyy")
    if match := re.match(r"([A-Za-z]{3,9})\s+(\d{4})\Z", text):
        return _serial(int(match[2]), _MONTHS.get(match[1].lower(), 0), 1, "mmm yyyy")
    return None


def _serial(year: int, month: int, day: int, pattern: str) -> tuple[float, str] | None:
    try:
        return float((datetime(year, month, day) - EPOCH).days), pattern
    except ValueError:
        return None
