"""How names are compared: keys by case, blanks, dashes and what nobody sees; headers also without blanks and dashes.

One place, because a name that matches on one side only is a rule that silently binds nothing.
"""

import re
import string
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
"""Format characters (Unicode's category Cf) and variation selectors."""
DASHES = re.compile("[\u058a\u05be\u1806\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]")
"""Every kind of dash and hyphen that is not the plain one, and the minus sign."""
SEPARATORS = re.compile(rf"[\s_\-{DASHES.pattern[1:-1]}]+")

LIST_SEPARATORS = re.compile(r"[,;|\n\r]+")
"""What separates the keys of a list in one cell."""


def clean(text: str) -> str:
    """The text as people see it: no invisible characters, no surrounding blanks, one Unicode form."""
    if text.isascii():
        return text.strip()
    # NFC and not NFKC: a full-width or superscript digit is another character, and must not be taken for a plain one.
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text).replace("\u00a0", " ")).strip()


def fold_key(text: str) -> str:
    """What two spellings of one key have in common: case, kind of dash, and kind and number of blanks do not matter."""
    folded = " ".join(clean(text).split())
    if not folded.isascii():
        folded = DASHES.sub("-", folded)
    while (again := _casefold(folded)) != folded:
        folded = again
    return folded


def fold_header(text: str) -> str:
    """What two spellings of one title or header have in common: nor do spaces, underscores and hyphens matter."""
    folded = SEPARATORS.sub("", fold_key(text))
    # Accents that a separator kept apart come to stand side by side, and then have another order or another letter.
    while not folded.isascii() and (again := SEPARATORS.sub("", fold_key(folded))) != folded:
        folded = again
    return folded


_TOOL_FIELD = re.compile(r"custom field \((.+)\)", re.IGNORECASE)
"""How Jira's exports head the fields that a team added."""
_REMARK = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\})")
_UNIT_BEHIND = re.compile(
    r"(,|/|:|\s[-\u2013\u2014]|\sin)\s*((person|man|dev|ideal)[-\s]?)?"
    r"(days?|hours?|hrs?|weeks?|months?|points?|pts|sp|md|pd)\s*$",
    re.IGNORECASE,
)
_DECORATION = string.punctuation + " \u2116\u2022\u2191\u2193\u2605"
_CLOSING = ")]}"
_SIGNS = ("So", "Sk", "Mn", "Me")
"""Unicode categories of emoji and of what they are made of."""


def header_spellings(header: str) -> tuple[str, ...]:
    """A header folded, then what else it may be: without decoration (``Story Points *``), without its unit.

    ``Effort (days)``, ``Effort [PD]`` and ``Effort in days`` are all ``effort``; ``Custom field (Story Points)`` is
    ``storypoints``.
    """
    text = clean(header)
    tool_field = _TOOL_FIELD.fullmatch(text)
    inner = tool_field[1] if tool_field else text
    plain = _undecorated(inner)
    spellings = (text, inner, plain, _undecorated(_UNIT_BEHIND.sub("", _REMARK.sub("", plain))))
    return tuple(word for word in dict.fromkeys(map(fold_header, spellings)) if word)


def _undecorated(text: str) -> str:
    """The text without signs around it; a bracket that closes a remark stays."""
    plain = "".join(sign for sign in text if sign.isascii() or unicodedata.category(sign) not in _SIGNS)
    return plain.lstrip(_DECORATION).rstrip("".join(sign for sign in _DECORATION if sign not in _CLOSING))


def header_words(text: str) -> frozenset[str]:
    """The words of a title or header, folded: ``Department-ID`` is of `department` and `id`."""
    return frozenset(word for word in SEPARATORS.split(fold_key(text)) if word)


def fold_loosely(text: str) -> str:
    """What near spellings have in common: the same key but for blanks, dashes, dots and underscores."""
    return fold_header(text).replace(".", "") or fold_header(text)


def foreign_letter(text: str, other: str) -> str | None:
    """In words, the first letter of `text` that only looks like the one of `other` in its place; None without one.

    Such a letter is of another script: a Cyrillic А beside a Latin A.
    """
    for char, meant in zip(text, other, strict=False):
        names = [unicodedata.name(one, "") for one in (char, meant)]
        scripts = [name.split(" ")[0] for name in names]
        if char.casefold() != meant.casefold() and all(one.isalnum() for one in (char, meant)):
            return f"{names[0].lower()} (U+{ord(char):04X})" if scripts[0] != scripts[1] else None
    return None


def _casefold(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
