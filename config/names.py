"""How names are compared: keys by case and surrounding blanks, headers also by spaces, underscores and hyphens.

One place, because a name that matches on one side only is a rule that silently binds nothing.
"""

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
SEPARATORS = re.compile(r"[\s_\-\u2010-\u2015\u2212]+")


def clean(text: str) -> str:
    """The text as people see it: no invisible characters, no surrounding blanks, one Unicode form."""
    if text.isascii():
        return text.strip()
    # NFC and not NFKC: a full-width or superscript digit is another character, and must not be taken for a plain one.
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text).replace("\u00a0", " ")).strip()


def fold_key(text: str) -> str:
    """What two spellings of one key have in common: case and surrounding blanks do not matter."""
    folded = clean(text)
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
_DECORATION = (
    "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum()) + "\u2116\u2022\u2191\u2193\u2605"
)


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
    stripped = "".join(
        sign for sign in text if unicodedata.category(sign) not in ("So", "Sk", "Mn", "Me") or sign.isalnum()
    )
    stripped = stripped.strip().lstrip(_DECORATION + " ")
    return stripped.rstrip(_DECORATION.replace(")", "").replace("]", "").replace("}", "") + " ")


def header_words(text: str) -> frozenset[str]:
    """The words of a title or header, folded: ``Department-ID`` is of `department` and `id`."""
    return frozenset(word for word in SEPARATORS.split(fold_key(text)) if word)


def _casefold(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
