"""Units of KPIs and resources: how each is shown in a sheet and in a terminal."""

from dataclasses import dataclass


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


UNITS = {
    "gbp": Unit("£#,##0", 0, prefix="£"),
    "eur": Unit("€#,##0", 0, prefix="€"),
    "usd": Unit("$#,##0", 0, prefix="$"),
    "fraction": Unit("0.000%", 3, suffix="%", factor=100.0),
    "pp": Unit('0.00" pp"', 2, suffix=" pp"),
    "count": Unit("#,##0", 0),
    "days": Unit('#,##0.00" days"', 2, suffix=" days"),
    "tokens": Unit("#,##0", 0),
}
"""The units that sheetplan knows, by their name in the KPIs tab in small letters."""

OTHER = Unit("#,##0.00", 2)
"""Any other text in the unit column."""


def unit_named(name: str) -> Unit:
    """The unit of that name, case and surrounding blanks aside; `OTHER` where it is not one of ours."""
    return UNITS.get(name.strip().casefold(), OTHER)


def in_words(value: float, unit_name: str) -> str:
    """An amount as a person writes it: ``£120,000``, ``1.500%``, ``12.00 days``; only zero reads as zero."""
    unit = unit_named(unit_name)
    amount = value * unit.factor
    decimals = unit.decimals
    if unit is OTHER and amount == int(amount):
        decimals = 0
    text = f"{abs(amount):,.{decimals}f}"
    if amount != 0 and float(text.replace(",", "")) == 0:
        text = f"{abs(amount):.3g}"
    suffix = unit.suffix or (f" {name}" if unit is OTHER and (name := unit_name.strip()) else "")
    return f"{'-' if amount < 0 else ''}{unit.prefix}{text}{suffix}"
