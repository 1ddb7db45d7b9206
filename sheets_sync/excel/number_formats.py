"""How a spreadsheet shows a number: General, decimals, zero padding, thousands, percent, literal text, dates, times.

No maintained library does this (the one port of the usual JavaScript formatter rests since 2020), and we need it for
one thing: keys that look like numbers or dates are compared as the sheet shows them. So this covers the formats that
people give to keys and amounts, in English; for all else (fractions, exponents, conditions) `show` falls back to
General.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?            # literal text
    | \\(?P<escaped>.)                # one literal character
    | _.                              # a gap as wide as a character
    | \*.                             # a character that fills the cell
    | \[\$(?P<currency>[^\]-]*)[^\]]*\]
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[(?P<condition>[<>=][^\]]*)\]
    | \[[^\]]*\]                      # colours
    | (?P<general>General)
    | (?P<half>AM/PM|A/P)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+)
    | (?P<digits>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<text>@)
    | (?P<end>;)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

_WIDE = Context(prec=400)
MOST_DECIMALS = 30
"""Spreadsheet programs show no more; a format with more is shown as General is."""
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Token(NamedTuple):
    kind: str
    text: str


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[tuple[_Token, ...], ...]:
    sections: list[tuple[_Token, ...]] = []
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        if kind == "end":
            sections.append(tuple(tokens))
            tokens = []
        elif kind in ("quoted", "escaped", "currency", "literal"):
            tokens.append(_Token("literal", match[kind]))
        elif kind is not None:
            tokens.append(_Token(kind, match[kind]))
    return (*sections, tuple(tokens))


@lru_cache(maxsize=4096)
def is_date_format(code: str) -> bool:
    """True where a number with this format is shown as a date or a time."""
    first = _sections(code)[0]
    return any(token.kind in ("date", "elapsed") for token in first) and not any(
        token.kind in ("digits", "exponent", "general") and not _is_fraction_of_second(first, index)
        for index, token in enumerate(first)
    )


def _is_fraction_of_second(tokens: tuple[_Token, ...], index: int) -> bool:
    before = index
    while before and tokens[before].kind == "digits":
        before -= 1
    return tokens[before].kind == "point" and before > 0 and tokens[before - 1].text.lower().startswith("s")


def date_of(serial: float, *, since_1904: bool) -> datetime | None:
    """The moment that a serial number means, to the millisecond; None where there is no such date."""
    if since_1904:
        epoch = datetime(1904, 1, 1)
    else:
        # Excel counts a 29 February 1900 that never was, so the days before it are one off.
        epoch = datetime(1899, 12, 30) if serial >= 60 or serial < 1 else datetime(1899, 12, 31)
    try:
        return epoch + timedelta(milliseconds=round(serial * 86_400_000))
    except (OverflowError, ValueError):
        return None


def serial_of(moment: datetime, *, since_1904: bool) -> float:
    """The serial number of a moment without zone."""
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)
    return (moment - epoch) / timedelta(days=1)


def show(value: float, code: str, moment: datetime | None = None) -> str:
    """The text that a sheet shows for a number of that format; `moment` is the number as a date, where it is one."""
    if code == "General" or _is_conditional(code):
        return show_general(value)
    sections = _sections(code)
    if moment is not None:
        if value < 0 and any(token.kind == "elapsed" for token in sections[0]):
            return show_general(value)
        return _show_date(moment, value, sections[0])
    tokens, amount = sections[0], value
    if value < 0 and len(sections) > 1:
        tokens, amount = sections[1], -value
    elif value == 0 and len(sections) > 2:
        tokens = sections[2]
    pattern = _pattern(tokens)
    if pattern is not None and pattern.decimals <= MOST_DECIMALS and abs(pattern.exponent) <= MOST_DECIMALS:
        return _show_decimal(amount, pattern)
    if any(token.kind == "general" for token in tokens):
        sign = "-" if amount < 0 else ""
        return sign + "".join(show_general(abs(amount)) if t.kind == "general" else t.text for t in tokens).strip()
    return show_general(value)


@lru_cache(maxsize=4096)
def _is_conditional(code: str) -> bool:
    return any(token.kind == "condition" for section in _sections(code) for token in section)


def show_general(value: float) -> str:
    """A number as format General shows it in a wide cell; whole numbers keep all of their digits."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.11g}"
    if "e" not in text:
        return text
    mantissa, exponent = f"{value:.5e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}E{exponent}"


class _Pattern(NamedTuple):
    """A pattern of digit places, taken apart once: how to round, and the pieces to put around the digits."""

    exponent: int
    """Power of ten by which percent signs and trailing commas scale the number."""
    whole_zeros: int
    decimals: int
    kept_decimals: int
    grouped: bool
    pieces: tuple[str | None, ...]
    """Literal text; None for the place of one whole digit (the first takes all that are left over)."""
    after: str


@lru_cache(maxsize=4096)
def _pattern(tokens: tuple[_Token, ...]) -> _Pattern | None:
    """The pattern of a section; None where it is of a kind that we do not show."""
    kinds = [token.kind for token in tokens]
    if {"exponent", "date", "elapsed", "text", "half", "general"} & set(kinds) or ("literal", "/") in tokens:
        return None
    places = [index for index, kind in enumerate(kinds) if kind == "digits"]
    split = kinds.index("point") if "point" in kinds else (places[-1] + 1 if places else len(tokens))
    whole = [index for index in places if index < split]
    decimals = [tokens[index].text for index in places if index > split]
    last = whole[-1] if whole else split
    commas = [index for index, kind in enumerate(kinds) if kind == "comma"]
    scaling = sum(last < index <= split or index > places[-1] for index in commas) if places else 0
    grouped = any(whole[0] < index < last for index in commas) if whole else False
    if grouped and any(kinds[index] != "comma" for index in range(whole[0], last) if index not in whole):
        return None
    tail = tokens[split:]
    if decimals and any(token.kind == "literal" for token in tokens[split : places[-1]]):
        return None
    pieces: list[str | None] = []
    for token in tokens[:split]:
        if token.kind == "digits":
            pieces.append(None)
        elif token.kind in ("literal", "percent"):
            pieces.append(token.text)
    return _Pattern(
        exponent=2 * kinds.count("percent") - 3 * scaling,
        whole_zeros=sum(tokens[index].text == "0" for index in whole),
        decimals=len(decimals),
        kept_decimals=max((index + 1 for index, place in enumerate(decimals) if place == "0"), default=0),
        grouped=grouped,
        pieces=tuple(pieces),
        after="".join(token.text for token in tail if token.kind in ("literal", "percent")),
    )


def _show_decimal(amount: float, pattern: _Pattern) -> str:
    before, _, decimals = _rounded(abs(amount), pattern).partition(".")
    is_zero = not (before + decimals).strip("0")
    before = before.lstrip("0").rjust(pattern.whole_zeros, "0")
    if pattern.grouped and before:
        before = f"{int(before):,}".rjust(len(before), "0")
    kept = decimals[: pattern.kept_decimals] + decimals[pattern.kept_decimals :].rstrip("0")
    places = pattern.pieces.count(None)
    shown = [before] if pattern.grouped else _dealt(before, places)
    out: list[str] = []
    for piece in pattern.pieces:
        if piece is not None:
            out.append(piece)
        elif shown:
            out.append(shown.pop(0))
    point = "." if pattern.decimals else ""
    sign = "-" if amount < 0 and not is_zero else ""
    return (sign + "".join(out) + point + kept + pattern.after).strip()


def _rounded(amount: float, pattern: _Pattern) -> str:
    """A number in plain digits with the decimals of the pattern.

    Spreadsheets round the decimal number that people see, halves away from zero; not the binary one behind it.
    """
    text = repr(amount)
    decimals = text.partition(".")[2]
    is_half = len(decimals) == pattern.decimals + 1 and decimals[-1] == "5"
    if pattern.exponent or is_half or "e" in text:
        exact = Decimal(text).scaleb(pattern.exponent)
        return f"{exact.quantize(Decimal(1).scaleb(-pattern.decimals), ROUND_HALF_UP, _WIDE):f}"
    # Where the decimal number is no half, the binary one lies on the same side of the nearest half.
    return f"{amount:.{pattern.decimals}f}"


def _dealt(digits: str, places: int) -> list[str]:
    """The digits over the places, from the right; the first place takes all that are left over."""
    if places == 0:
        return []
    padded = digits.rjust(places)
    head = len(padded) - places + 1
    return [piece.strip() for piece in (padded[:head], *padded[head:])]


def _show_date(moment: datetime, serial: float, tokens: tuple[_Token, ...]) -> str:
    halves = any(token.kind == "half" for token in tokens)
    out: list[str] = []
    clock = False
    fraction = sum(token.kind == "digits" for token in tokens)
    for index, token in enumerate(tokens):
        text = token.text.lower()
        if token.kind == "elapsed":
            out.append(_elapsed(serial, text))
            clock = True
        elif token.kind == "date":
            minutes = text[0] == "m" and len(text) <= 2 and (clock or _before_seconds(tokens, index))
            out.append(_date_part(moment, text, minutes=minutes, halves=halves))
            clock = text[0] == "h" or (clock and text[0] not in "yd" and not minutes)
        elif token.kind == "half":
            half = ("AM", "PM") if "M" in token.text.upper() else ("A", "P")
            out.append(half[moment.hour >= 12])
        elif token.kind == "digits":
            if tokens[index - 1].kind == "point":
                out.append(f"{moment.microsecond:06d}"[:fraction])
        else:
            out.append(token.text)
    return "".join(out).strip()


def _before_seconds(tokens: tuple[_Token, ...], index: int) -> bool:
    following = [token for token in tokens[index + 1 :] if token.kind in ("date", "elapsed")]
    return bool(following) and following[0].text.lower().startswith("s")


def _elapsed(serial: float, unit: str) -> str:
    seconds = round(serial * 86_400)
    amount = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[unit[0]]
    return str(amount).rjust(len(unit), "0")


def _date_part(moment: datetime, text: str, *, minutes: bool, halves: bool) -> str:
    size = len(text)
    if text[0] == "y":
        return f"{moment.year % 100:02d}" if size <= 2 else f"{moment.year:04d}"
    if text[0] == "d" and size > 2:
        name = _DAYS[moment.weekday()]
        return name if size > 3 else name[:3]
    if text[0] == "m" and size > 2:
        name = _MONTHS[moment.month - 1]
        return {3: name[:3], 5: name[:1]}.get(size, name)
    if text[0] == "m":
        number = moment.minute if minutes else moment.month
    elif text[0] == "h":
        number = (moment.hour % 12 or 12) if halves else moment.hour
    else:
        number = moment.day if text[0] == "d" else moment.second
    return f"{number:02d}" if size > 1 else str(number)
