"""What the number format of a cell says about its number: a share, an amount of money, a length of time, a date."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _. | \*.                                          # a gap, and a character that fills the cell
    | \[\$(?P<sign>[^\]-]*)(?:-(?P<place>[^\]]*))?\]    # a currency and the place where it is written so
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[[^\]]*\]                                        # colours and conditions
    | (?P<general>General)
    | (?P<half>AM/PM|A/P)
    | (?P<exponent>E[+-])
    | (?P<date>[ymdhs])
    | (?P<digit>[0#?])
    | (?P<percent>%)
    | (?P<end>;)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

# fmt: off
_CODES = frozenset({
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP",
    "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "UYU", "VND",
    "ZAR",
})
_SIGNS = {
    "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "CN¥": "CNY", "JP¥": "JPY", "Kč": "CZK", "zł": "PLN", "Ft": "HUF",
    "Fr.": "CHF", "RM": "MYR", "лв.": "BGN", "$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "￥": "JPY", "₹": "INR",
    "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "₴": "UAH", "฿": "THB", "₫": "VND", "₱": "PHP", "₦": "NGN",
    "元": "CNY", "円": "JPY", "kr.": "kr", "kr": "kr", "¤": "¤",
}
_PLACES = {
    ("$", "C09"): "AUD", ("$", "1009"): "CAD", ("$", "C0C"): "CAD", ("$", "1409"): "NZD", ("$", "4809"): "SGD",
    ("$", "C04"): "HKD", ("$", "80A"): "MXN", ("$", "2C0A"): "ARS", ("$", "340A"): "CLP", ("$", "240A"): "COP",
    ("¥", "804"): "CNY", ("￥", "804"): "CNY", ("kr", "41D"): "SEK", ("kr", "414"): "NOK", ("kr", "814"): "NOK",
    ("kr", "406"): "DKK", ("kr.", "406"): "DKK", ("kr", "40F"): "ISK", ("R", "1C09"): "ZAR", ("R", "436"): "ZAR",
}
"""Signs that several currencies share, by the place that the format names (Windows' number of its language)."""
# fmt: on
_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if not sign.isalpha()))
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


class NumberKind(StrEnum):
    """What a number is, as its format shows it."""

    PLAIN = "plain"
    PERCENT = "percent"
    CURRENCY = "currency"
    DURATION = "duration"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The kind of number that a format shows.

    `currency` is the ISO code of a currency, or its sign where several currencies share it and the format does not say
    which is meant (``kr``; ``¤`` where it is that of the computer that opens the file); empty for other kinds.
    """

    kind: NumberKind = NumberKind.PLAIN
    currency: str = ""


PLAIN = NumberStyle()


@lru_cache(maxsize=4096)
def style_of(pattern: str) -> NumberStyle:
    """What the number format of a cell (`Cell.format`) says; of several sections the first one, for positive numbers.

    A percent sign in quotes is only a text beside the number (``20`` shown as ``20%``), and no percent.
    """
    found: set[str] = set()
    texts: list[str] = []
    currency = ""
    for match in _TOKEN.finditer(pattern):
        kind = match.lastgroup
        if kind == "end":
            break
        if kind in ("sign", "place"):
            currency = currency or _currency_of(match["sign"].strip(), (match["place"] or "").upper().lstrip("0"))
        elif kind in ("quoted", "escaped", "literal"):
            texts.append(match[kind])
        elif kind is not None:
            found.add(kind)
    if "elapsed" in found:
        return NumberStyle(NumberKind.DURATION)
    if "percent" in found:
        return NumberStyle(NumberKind.PERCENT)
    if "date" in found and not found & {"digit", "general", "exponent"}:
        return NumberStyle(NumberKind.DATE)
    currency = currency or _currency_in("".join(texts))
    return NumberStyle(NumberKind.CURRENCY, currency) if currency else PLAIN


def _currency_of(sign: str, place: str) -> str:
    """The currency of a sign in brackets; empty where there is none: the brackets may hold a place alone."""
    if not sign:
        return ""
    return _PLACES.get((sign, place)) or _SIGNS.get(sign) or sign


def _currency_in(text: str) -> str:
    """The currency that literal text around the number names."""
    code = next((code for code in _CODE.findall(text) if code in _CODES), "")
    if code:
        return code
    sign = _SIGN.search(text)
    if sign is not None:
        return _SIGNS[sign.group()]
    return next((_SIGNS[word] for word in text.split() if word in _SIGNS), "")
