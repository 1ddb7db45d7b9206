"""What a workbook's locale decides: decimal mark, grouping mark, order of a date's parts, currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Locale:
    """The conventions of one locale; `date_order` is DMY, MDY or YMD."""

    decimal: str = "."
    grouping: str = ","
    date_order: str = "DMY"
    date_mark: str = "/"
    currency: str = "$"

    @property
    def date_pattern(self) -> str:
        """The number format of a date that a person types without further ado."""
        if self.date_order == "MDY":
            return "M/d/yyyy"
        if self.date_order == "YMD":
            return "yyyy-MM-dd"
        return self.date_mark.join(("dd", "MM", "yyyy"))


_BY_LANGUAGE = {
    "en": Locale(date_order="MDY"),
    "de": Locale(",", ".", date_mark=".", currency="€"),
    "fr": Locale(",", "\u202f", currency="€"),
    "es": Locale(",", ".", currency="€"),
    "it": Locale(",", ".", currency="€"),
    "nl": Locale(",", ".", date_mark="-", currency="€"),
    "pt": Locale(",", ".", currency="R$"),
    "pl": Locale(",", "\u00a0", date_mark=".", currency="zł"),
    "cs": Locale(",", "\u00a0", date_mark=".", currency="Kč"),
    "ru": Locale(",", "\u00a0", date_mark=".", currency="₽"),
    "tr": Locale(",", ".", date_mark=".", currency="₺"),
    "sv": Locale(",", "\u00a0", "YMD", "-", "kr"),
    "da": Locale(",", ".", date_mark="-", currency="kr"),
    "nb": Locale(",", "\u00a0", date_mark=".", currency="kr"),
    "fi": Locale(",", "\u00a0", date_mark=".", currency="€"),
    "id": Locale(",", ".", currency="Rp"),
    "ja": Locale(date_order="YMD", currency="¥"),
    "zh": Locale(date_order="YMD", date_mark="-", currency="¥"),
}
_BY_NAME = {
    "en_GB": Locale(currency="£"),
    "en_IE": Locale(currency="€"),
    "en_AU": Locale(),
    "en_IN": Locale(currency="₹"),
    "en_CA": Locale(date_order="YMD", date_mark="-"),
    "de_CH": Locale(".", "’", date_mark=".", currency="CHF"),
    "es_MX": Locale(),
}


def find_locale(name: str) -> Locale | None:
    """The conventions of `de_DE` or `de`; None for a locale that this server does not know."""
    return _BY_NAME.get(name) or _BY_LANGUAGE.get(name.replace("-", "_").partition("_")[0])
