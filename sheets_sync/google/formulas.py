"""Formulas in the spelling of the workbook's locale, and back.

The API takes a formula as a person would type it in that workbook: where the decimal mark is a comma, arguments are
separated by semicolons, columns of an array by backslashes, and 0.5 is written 0,5. Function names stay English
everywhere.
"""

import re

_SPELLED = re.compile(r"""(?P<kept>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<number>(?<![\w.,])\d*,\d+)|(?P<mark>[;\\{}])""")
_PARTS = re.compile(r"""(?P<kept>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<number>(?<![\w.])\d*\.\d+)|(?P<mark>[,{}])""")

# fmt: off
_COMMA_LANGUAGES = frozenset({
    "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "hy", "id",
    "is", "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr",
    "sv", "tr", "uk", "uz", "vi",
})
_POINT_LOCALES = frozenset({
    "de_CH", "de_LI", "it_CH", "es_DO", "es_GT", "es_HN", "es_MX", "es_NI", "es_PA", "es_PE", "es_PR", "es_SV", "es_US",
})
# fmt: on
_COMMA_LOCALES = frozenset({"en_ZA"})


def has_decimal_comma(locale: str | None) -> bool:
    """True where the workbook's locale (such as ``de_DE``) writes one and a half as 1,5."""
    name = (locale or "en_US").replace("-", "_")
    if name in _COMMA_LOCALES:
        return True
    return name.partition("_")[0] in _COMMA_LANGUAGES and name not in _POINT_LOCALES


def localised(formula: str, locale: str | None) -> str:
    """An English formula with comma separators, as the workbook's locale spells it."""
    if not has_decimal_comma(locale):
        return formula
    in_array = 0

    def spell(match: re.Match[str]) -> str:
        nonlocal in_array
        if match["number"]:
            return match["number"].replace(".", ",")
        mark = match["mark"]
        if mark == "{":
            in_array += 1
        elif mark == "}":
            in_array -= 1
        elif mark == ",":
            return "\\" if in_array else ";"
        return match[0]

    return _PARTS.sub(spell, formula)


def english(formula: str, locale: str | None) -> str:
    """A formula as the workbook's locale spells it, with decimal points and comma separators: undoes `localised`."""
    if not has_decimal_comma(locale):
        return formula
    in_array = 0

    def spell(match: re.Match[str]) -> str:
        nonlocal in_array
        if match["number"]:
            return match["number"].replace(",", ".")
        mark = match["mark"]
        if mark == "{":
            in_array += 1
        elif mark == "}":
            in_array -= 1
        elif mark == "\\" or (mark == ";" and not in_array):
            return ","
        return match[0]

    return _SPELLED.sub(spell, formula)
