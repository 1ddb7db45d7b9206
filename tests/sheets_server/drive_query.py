"""The search language of Drive's files.list: `name = 'x' and modifiedTime > '2026-01-01T00:00:00'`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .errors import ApiError

Json = dict[str, Any]
Test = Callable[[Json], bool]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<op><=|>=|!=|[=<>()])|(?P<word>\w+))")


def invalid_value(name: str) -> ApiError:
    """400 of Drive for a parameter that it cannot read."""
    drive = {"domain": "global", "reason": "invalid", "location": name, "locationType": "parameter"}
    return ApiError(400, "Invalid Value", drive=drive)


def parse_query(text: str) -> Test:
    """The test that a query stands for."""
    parser = _Parser(text)
    test = parser.either()
    if parser.at != len(parser.tokens):
        raise invalid_value("q")
    return test


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise invalid_value("q")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self.at = 0

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise invalid_value("q")
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, word: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1].lower() == word:
            self.at += 1
            return True
        return False

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda file: any(test(file) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda file: all(test(file) for test in tests)

    def _one(self) -> Test:
        if self._take("not"):
            inner = self._one()
            return lambda file: not inner(file)
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise invalid_value("q")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        (kind, left), (_, operator), (right_kind, right) = self._next(), self._next(), self._next()
        operator = operator.lower()
        value = _unquote(right) if right_kind == "text" else right
        if kind == "text" and operator == "in":
            return _member(right, _unquote(left))
        # gspread writes `parents in "folder"`, which Drive takes too.
        if operator == "in":
            return _member(left, value)
        if left == "trashed":
            return lambda file: (file["trashed"] == (value.lower() == "true")) == (operator == "=")
        if left in ("modifiedTime", "createdTime"):
            return _ordered(lambda file: _moment(file[left]), operator, _moment(value))
        if left in ("name", "mimeType"):
            return _textual(left, operator, value)
        raise invalid_value("q")


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _member(name: str, value: str) -> Test:
    if name == "parents":
        return lambda file: value in file.get("parents", [])
    roles = {"owners": ("owner",), "writers": ("owner", "writer"), "readers": ("owner", "writer", "reader")}
    if name not in roles:
        raise invalid_value("q")
    return lambda file: any(
        item.get("emailAddress") == value and item["role"] in roles[name] for item in file["permissions"]
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_value("q") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ordered(read: Callable[[Json], Any], operator: str, value: Any) -> Test:
    tests: dict[str, Test] = {
        "=": lambda file: read(file) == value,
        "!=": lambda file: read(file) != value,
        "<": lambda file: read(file) < value,
        ">": lambda file: read(file) > value,
        "<=": lambda file: read(file) <= value,
        ">=": lambda file: read(file) >= value,
    }
    if operator not in tests:
        raise invalid_value("q")
    return tests[operator]


def _textual(name: str, operator: str, value: str) -> Test:
    if operator == "contains":
        folded = value.casefold()
        if name == "name":
            # Names are searched by the beginnings of their words.
            return lambda file: any(file[name].casefold()[at:].startswith(folded) for at in _word_starts(file[name]))
        return lambda file: folded in file[name].casefold()
    if operator not in ("=", "!="):
        raise invalid_value("q")
    return lambda file: (file[name] == value) == (operator == "=")


def _word_starts(text: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\b\w", text)]
