"""Units of KPIs and resources: how each is shown in a sheet and in a terminal."""

import re
from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Unit:
    """How amounts of one unit are written: a spreadsheet number pattern, and what people read beside a number."""

    pattern: str
    decimals: int
    prefix: str = ""
    suffix: str = ""
    factor: float = 1.0
    """What a native amount is multiplied by before people see it (100 for a fraction shown in per cent)."""

    def pattern_for(self, *values: float | None) -> str:
        """The pattern, or a scientific one where an amount other than 0 would look like 0."""
        least = 0.5 * 10.0**-self.decimals
        is_lost = any(value and abs(value) * self.factor < least for value in values)
        return "0.00E+00" if is_lost else self.pattern


_SIGNS = {
    "gbp": "£", "eur": "€", "usd": "$", "jpy": "¥", "cny": "CN¥", "inr": "₹", "krw": "₩", "ils": "₪", "uah": "₴",
    "vnd": "₫", "php": "₱", "ngn": "₦", "brl": "R$", "cad": "CA$", "aud": "A$", "nzd": "NZ$", "hkd": "HK$",
    "mxn": "MX$",
}  # fmt: skip
_CODES = (
    *("aed", "ars", "bgn", "chf", "clp", "cop", "czk", "dkk", "egp", "huf", "idr", "isk", "kes", "mad", "myr", "nok"),
    *("pen", "pkr", "pln", "qar", "ron", "rsd", "rub", "sar", "sek", "sgd", "thb", "try", "twd", "uyu", "zar"),
)
_ALIASES = {
    "%": "fraction", "percent": "fraction", "per cent": "fraction", "pct": "fraction", "percentage": "fraction",
    "share": "fraction", "ratio": "fraction", "percentage points": "pp", "pound": "gbp", "pounds": "gbp", "euro": "eur",
    "euros": "eur", "dollar": "usd", "dollars": "usd", "us$": "usd", "number": "count", "#": "count",
    **{sign.lower(): code for code, sign in _SIGNS.items()},
}  # fmt: skip
"""What people write for a unit that we know by another name."""

UNITS = {
    **{
        code: Unit(f'"{sign}"#,##0' if len(sign) > 1 else f"{sign}#,##0", 0, prefix=sign)
        for code, sign in _SIGNS.items()
    },
    **{code: Unit(f'"{code.upper()} "#,##0', 0, prefix=f"{code.upper()} ") for code in _CODES},
    "fraction": Unit("0.000%", 3, suffix="%", factor=100.0),
    "pp": Unit('0.00" pp"', 2, suffix=" pp"),
    "count": Unit("#,##0", 0),
    "days": Unit('#,##0.00" days"', 2, suffix=" days"),
    "tokens": Unit("#,##0", 0),
}
"""The units that sheetplan knows, by their name in the KPIs tab in small letters."""

OTHER = Unit("#,##0.00", 2)
"""Any other text in the unit column."""


def unit_key(name: str) -> str:
    """The name by which we know a unit: ``fraction`` for ``%``, ``gbp`` for ``£``; the folded text for all others."""
    folded = " ".join(name.split()).casefold()
    return _ALIASES.get(folded, folded)


def unit_named(name: str, pattern: str = "") -> Unit:
    """The unit of that name, case and surrounding blanks aside; `OTHER` where it is not one of ours.

    Amounts are then shown by `pattern`, the number format of the sheet's own cells, where one is given.
    """
    unit = UNITS.get(unit_key(name), OTHER)
    if not pattern or pattern == "General":
        return unit
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", pattern.partition(";")[0])
    digits = re.search(r"[.][0#?]+", plain)
    return replace(
        unit,
        pattern=pattern,
        decimals=len(digits[0]) - 1 if digits else 0,
        suffix="%" if "%" in plain else unit.suffix.replace("%", ""),
        factor=100.0 if "%" in plain else 1.0,
    )


class Measured(Protocol):
    """Something whose amounts have a unit, and cells in a sheet: a KPI."""

    @property
    def unit(self) -> str:
        """The unit as the sheet names it."""

    @property
    def number_format(self) -> str:
        """How the sheet's own cells show its amounts; empty where they show plain numbers."""


def unit_of(measure: Measured) -> Unit:
    """The unit of a KPI, shown as the sheet's own cells show it."""
    return unit_named(measure.unit, measure.number_format)


def marks_of(unit_name: str, pattern: str = "") -> tuple[str, str, float]:
    """What people read before and behind an amount of that unit, and what it is multiplied by: ``£``, none, 1."""
    unit = unit_named(unit_name, pattern)
    is_named = unit_key(unit_name) in UNITS or not unit_name.strip()
    return unit.prefix, unit.suffix or ("" if is_named else f" {unit_name.strip()}"), unit.factor


def amount_of(value: float, measure: Measured) -> str:
    """An amount of a KPI as a person writes it."""
    return in_words(value, measure.unit, measure.number_format)


def in_words(value: float, unit_name: str, pattern: str = "") -> str:
    """An amount as a person writes it: ``£120,000``, ``1.500%``, ``12.00 days``; only zero reads as zero."""
    unit = unit_named(unit_name, pattern)
    amount = value * unit.factor
    decimals = unit.decimals
    if unit is OTHER and amount == int(amount):
        decimals = 0
    text = f"{abs(amount):,.{decimals}f}"
    if amount != 0 and float(text.replace(",", "")) == 0:
        text = f"{abs(amount):.3g}"
    prefix, suffix, _ = marks_of(unit_name, pattern)
    return f"{'-' if amount < 0 else ''}{prefix}{text}{suffix}"
