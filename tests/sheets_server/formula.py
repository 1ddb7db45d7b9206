"""Formulas: from text to a syntax tree whose references can move; no values here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .a1 import column_number
from .references import End, Reference

Node = tuple[Any, ...]
"""("num", x), ("str", s), ("bool", b), ("err", type), ("blank",), ("ref", index), ("name", n), ("array", rows),
("neg", a), ("pct", a), ("bin", operator, a, b), ("call", NAME, arguments)."""

_CORNER = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_REFERENCE = re.compile(
    r"(?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_\u0080-\U0010ffff][\w.\u0080-\U0010ffff]*)!)?"
    rf"(?P<a>{_CORNER}|\$?[A-Za-z]{{1,3}}(?=:)|\$?[1-9]\d*(?=:)|\#REF!)"
    rf"(?::(?P<b>{_CORNER}|\$?[A-Za-z]{{1,3}}|\$?[1-9]\d*))?(?![\w(.!])"
)
_CORNER_PARTS = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)\Z")
_WORD = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w.\u0080-\U0010ffff]*")
_STRING = re.compile(r'"((?:[^"]|"")*)"')
_OPERATOR = re.compile(r"<=|>=|<>|[-+*/^&=<>%(){},;:\\]")
_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|ERROR!)")
_BINDING = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 6}

ERROR_TYPES = {
    "#N/A": "N_A",
    "#REF!": "REF",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#NULL!": "NULL_VALUE",
    "#ERROR!": "ERROR",
}


class FormulaSyntaxError(Exception):
    """The text after `=` is no formula; the sheet shows #ERROR!."""


@dataclass(frozen=True, slots=True)
class Formula:
    """Text with holes for its references, the references, and the tree (None: cannot be parsed)."""

    texts: tuple[str, ...]
    references: tuple[Reference, ...]
    tree: Node | None

    def text(self, sheet_names: Mapping[int, str]) -> str:
        """The formula as the formula bar shows it, with its equals sign."""
        pieces = [self.texts[0]]
        for reference, text in zip(self.references, self.texts[1:], strict=True):
            pieces += [reference.text(sheet_names), text]
        return "".join(pieces)

    def with_references(self, change: Callable[[Reference], Reference]) -> Formula:
        """The same formula with every reference changed; itself where none did."""
        changed = tuple(change(reference) for reference in self.references)
        return self if changed == self.references else Formula(self.texts, changed, self.tree)


def parse_formula(text: str, sheet_ids: Mapping[str, int], *, decimal_comma: bool = False) -> Formula:
    """Parse `=...`; `sheet_ids` binds the sheet names (casefolded) that it mentions."""
    try:
        parser = _Parser(text, sheet_ids, decimal_comma=decimal_comma)
        tree = parser.parse()
    except FormulaSyntaxError:
        return Formula((text,), (), None)
    return Formula((*parser.texts, text[parser.copied :]), tuple(parser.references), tree)


class _Parser:
    def __init__(self, text: str, sheet_ids: Mapping[str, int], *, decimal_comma: bool) -> None:
        self.text = text
        self.sheet_ids = sheet_ids
        # With a decimal comma the comma cannot separate arguments; the semicolon can everywhere.
        self.separators = (";",) if decimal_comma else (",", ";")
        mark = "," if decimal_comma else r"\."
        self.number = re.compile(rf"(?:\d+(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?")
        self.texts: list[str] = []
        self.references: list[Reference] = []
        self.copied = 0
        self.tokens: list[tuple[str, Any]] = []
        self.at = 0
        self._tokenize(1)

    def _tokenize(self, position: int) -> None:
        text = self.text
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            position = self._token(position)
        self.tokens.append(("end", None))

    def _token(self, position: int) -> int:
        text = self.text
        if match := _REFERENCE.match(text, position):
            self.texts.append(text[self.copied : position])
            self.copied = match.end()
            self.tokens.append(("ref", len(self.references)))
            self.references.append(self._reference(match))
        elif match := _STRING.match(text, position):
            self.tokens.append(("str", match[1].replace('""', '"')))
        elif match := self.number.match(text, position):
            self.tokens.append(("num", float(match[0].replace(",", "."))))
        elif match := _ERROR.match(text, position):
            self.tokens.append(("err", ERROR_TYPES[match[0]]))
        elif match := _WORD.match(text, position):
            self.tokens.append(("word", match[0]))
        elif match := _OPERATOR.match(text, position):
            self.tokens.append(("op", match[0]))
        else:
            raise FormulaSyntaxError(text)
        return match.end()

    def _reference(self, match: re.Match[str]) -> Reference:
        sheet: int | None = None
        unknown: str | None = None
        if match["sheet"]:
            name = match["sheet"][:-1]
            name = name[1:-1].replace("''", "'") if name.startswith("'") else name
            sheet = self.sheet_ids.get(name.casefold())
            unknown = name if sheet is None else None
        if match["a"] == "#REF!":
            return Reference(End(0, 0), None, sheet, unknown, broken=True)
        end = _end(match["b"]) if match["b"] else None
        return Reference(_end(match["a"]), end, sheet, unknown)

    def parse(self) -> Node:
        tree = self._expression(0)
        if self.tokens[self.at][0] != "end":
            raise FormulaSyntaxError(self.text)
        return tree

    def _peek(self, *operators: str) -> bool:
        kind, value = self.tokens[self.at]
        return kind == "op" and value in operators

    def _take(self, *operators: str) -> bool:
        if self._peek(*operators):
            self.at += 1
            return True
        return False

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            raise FormulaSyntaxError(self.text)

    def _expression(self, least: int) -> Node:
        left = self._unary()
        while True:
            kind, operator = self.tokens[self.at]
            binding = _BINDING.get(operator, 0) if kind == "op" else 0
            if binding <= least:
                return left
            self.at += 1
            left = ("bin", operator, left, self._expression(binding))

    def _unary(self) -> Node:
        if self._take("-"):
            # A sign binds tighter than the power operator: -2^2 is 4 in a spreadsheet.
            return ("neg", self._unary())
        if self._take("+"):
            return self._unary()
        node = self._primary()
        while self._take("%"):
            node = ("pct", node)
        return node

    def _primary(self) -> Node:
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind in ("num", "str", "err", "ref"):
            return (kind, value)
        if kind == "word":
            if self._take("("):
                return ("call", value.upper(), self._arguments())
            if value.upper() in ("TRUE", "FALSE"):
                return ("bool", value.upper() == "TRUE")
            return ("name", value)
        if kind == "op" and value == "(":
            node = self._expression(0)
            self._expect(")")
            return node
        if kind == "op" and value == "{":
            return self._array()
        raise FormulaSyntaxError(self.text)

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")"):
            return ()
        arguments = []
        while True:
            blank = self._peek(")", *self.separators)
            arguments.append(("blank",) if blank else self._expression(0))
            if self._take(")"):
                return tuple(arguments)
            if not self._take(*self.separators):
                raise FormulaSyntaxError(self.text)

    def _array(self) -> Node:
        column_mark = "," if "," in self.separators else "\\"
        rows: list[list[Node]] = [[]]
        while not self._take("}"):
            rows[-1].append(self._expression(0))
            if self._take(";"):
                rows.append([])
            elif not self._take(column_mark) and not self._peek("}"):
                raise FormulaSyntaxError(self.text)
        return ("array", tuple(tuple(row) for row in rows))


def _end(text: str) -> End:
    match = _CORNER_PARTS.match(text)
    if match is None:
        raise FormulaSyntaxError(text)
    dollar, letters, second_dollar, digits = match.groups()
    return End(
        row=int(digits) - 1 if digits else None,
        column=column_number(letters) if letters else None,
        fixed_row=bool(second_dollar) if letters else bool(dollar),
        fixed_column=bool(dollar) and bool(letters),
    )
