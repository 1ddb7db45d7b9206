"""How a spreadsheet shows a number: General, decimals, zero padding, thousands, percent, literal text, dates, times.

No maintained library does this (the one port of the usual JavaScript formatter rests since 2020), and we need it for
one thing: keys that look like numbers or dates are compared as the sheet shows them. So this covers the formats that
people give to keys and amounts, in English; for all else (fractions, exponents, conditions) `show` falls back to
General.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
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
    sections = _sections(code)
    if any(token.kind == "condition" for section in sections for token in section):
        return show_general(value)
    if moment is not None:
        return _show_date(moment, value, sections[0])
    tokens, amount = sections[0], value
    if value < 0 and len(sections) > 1:
        tokens, amount = sections[1], -value
    elif value == 0 and len(sections) > 2:
        tokens = sections[2]
    kinds = {token.kind for token in tokens}
    if kinds & {"exponent", "date", "elapsed", "text", "half"} or any(
        token == ("literal", "/") and "digits" in kinds for token in tokens
    ):
        return show_general(value)
    if "general" in kinds:
        sign = "-" if amount < 0 else ""
        return sign + "".join(show_general(abs(amount)) if t.kind == "general" else t.text for t in tokens).strip()
    return _show_decimal(amount, tokens).strip()


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


def _show_decimal(amount: float, tokens: tuple[_Token, ...]) -> str:
    if not any(token.kind == "digits" for token in tokens):
        return "".join(token.text for token in tokens)
    places = [index for index, token in enumerate(tokens) if token.kind == "digits"]
    point = next((i for i, token in enumerate(tokens) if token.kind == "point"), None)
    split = point if point is not None else places[-1] + 1
    whole = [tokens[i].text for i in places if i < split]
    decimals = [tokens[i].text for i in places if i > split]
    commas = [i for i, token in enumerate(tokens) if token.kind == "comma"]
    last_whole = max((i for i in places if i < split), default=split)
    thousands = any(places[0] < i < last_whole for i in commas)
    scale = sum(1 for i in commas if last_whole < i <= split or (decimals and i > places[-1]))
    exact = Decimal(repr(amount)) * Decimal(100) ** sum(token.kind == "percent" for token in tokens)
    exact = exact / Decimal(1000) ** scale
    rounded = abs(exact).quantize(Decimal(1).scaleb(-len(decimals)), rounding=ROUND_HALF_UP)
    before, _, after = f"{rounded:f}".partition(".")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    if thousands and before:
        before = _grouped(before)
    kept = len(decimals)
    while kept and decimals[kept - 1] != "0" and after[kept - 1] == "0":
        kept -= 1
    after = after[:kept]
    return ("-" if exact < 0 and rounded else "") + _filled(tokens, split, before, after)


def _grouped(digits: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    return ",".join(groups + [digits[i : i + 3] for i in range(head, len(digits), 3)])


def _filled(tokens: tuple[_Token, ...], split: int, before: str, after: str) -> str:
    """The pattern with its digits put in; literal text between digit places (`000-000`) stays at its place."""
    whole_places = [i for i, token in enumerate(tokens) if token.kind == "digits" and i < split]
    out: list[str] = []
    seen = 0
    for index, token in enumerate(tokens):
        if token.kind == "digits" and index < split:
            seen += 1
            remaining = len(whole_places) - seen
            digits = before if "," in before else None
            if digits is not None:
                out.append(digits if seen == 1 else "")
            else:
                end = len(before) - remaining
                start = 0 if seen == 1 else end - 1
                out.append(before[max(start, 0) : max(end, 0)])
        elif token.kind == "digits":
            out.append(after[:1])
            after = after[1:]
        elif token.kind in ("literal", "percent", "point"):
            out.append(token.text)
    return "".join(out)


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
