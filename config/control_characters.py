"""Characters that a terminal takes for commands: shown by their escape wherever text that people typed is printed."""

_ALL = (*range(0x20), *range(0x7F, 0xA0))
_SHOWN = {code: f"\\x{code:02x}" for code in _ALL if chr(code) not in "\n\t"}
_SHOWN_IN_JSON = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""JSON has escapes of its own for those below a blank."""


def printable(text: str) -> str:
    """The text with each command shown as ``\\x1b`` and the like; line ends and tabs stay."""
    return text.translate(_SHOWN)


def printable_json(document: str) -> str:
    """The same document, in which a terminal finds no commands."""
    return document.translate(_SHOWN_IN_JSON)
