"""Values while a formula is evaluated: scalars and rectangles of them, and how each is coerced."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .cell import ErrorValue, Scalar
from .entered import parse_entered
from .locales import Locale
from .number_format import general


@dataclass(frozen=True, slots=True)
class Matrix:
    """A rectangle of scalars; `from_range` tells cells (whose text SUM skips) from computed arrays."""

    rows: list[list[Scalar]]
    from_range: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    def __iter__(self) -> Iterator[Scalar]:
        for row in self.rows:
            yield from row


Value = Scalar | Matrix


class CellError(Exception):
    """An error value on its way up through the functions that do not catch it."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.value = ErrorValue(kind, message)


def scalars(value: Value) -> Iterator[Scalar]:
    """Every scalar of a value."""
    if isinstance(value, Matrix):
        yield from value
    else:
        yield value


def single(value: Value) -> Scalar:
    """The value where one is needed; an error where it is a rectangle."""
    if isinstance(value, Matrix):
        if value.shape != (1, 1):
            raise CellError("VALUE", "An array value could not be found.")
        value = value.rows[0][0]
    if isinstance(value, ErrorValue):
        raise CellError(value.kind, value.message)
    return value


def number(value: Value, locale: Locale) -> float:
    """The value as a number: blank is 0, TRUE is 1, text only where it reads as a number."""
    scalar = single(value)
    if scalar is None:
        return 0.0
    if isinstance(scalar, str):
        parsed = parse_entered(scalar, locale)[0]
        if isinstance(parsed, (bool, str)):
            raise CellError("VALUE", f"'{scalar}' is a text and cannot be coerced to a number.")
        return parsed
    return float(scalar)  # type: ignore[arg-type]


def text(value: Value, locale: Locale) -> str:
    """The value as text."""
    scalar = single(value)
    if scalar is None:
        return ""
    if isinstance(scalar, bool):
        return "TRUE" if scalar else "FALSE"
    return scalar if isinstance(scalar, str) else general(scalar, locale)  # type: ignore[arg-type]


def truth(value: Value) -> bool:
    """The value as a condition."""
    scalar = single(value)
    if isinstance(scalar, str):
        if scalar.upper() in ("TRUE", "FALSE"):
            return scalar.upper() == "TRUE"
        raise CellError("VALUE", f"'{scalar}' is a text and cannot be coerced to a boolean.")
    return bool(scalar)


def broadcast(function: Callable[..., Scalar], *values: Value) -> Value:
    """Apply a function of scalars, cell by cell where any of the values is a rectangle."""
    matrices = [value for value in values if isinstance(value, Matrix)]
    if not matrices:
        return function(*values)
    height = max(matrix.shape[0] for matrix in matrices)
    width = max(matrix.shape[1] for matrix in matrices)
    return Matrix([[_apply(function, values, row, column) for column in range(width)] for row in range(height)])


def _apply(function: Callable[..., Scalar], values: tuple[Value, ...], row: int, column: int) -> Scalar:
    arguments: list[Scalar] = []
    for value in values:
        if isinstance(value, Matrix):
            height, width = value.shape
            at_row, at_column = 0 if height == 1 else row, 0 if width == 1 else column
            if at_row >= height or at_column >= width:
                return ErrorValue("N_A", "Array arguments are of different size.")
            arguments.append(value.rows[at_row][at_column])
        else:
            arguments.append(value)
    try:
        return function(*arguments)
    except CellError as error:
        return error.value


def compare(left: Scalar, right: Scalar) -> int:
    """Negative, zero or positive: numbers before text before booleans, text without regard to case."""
    if left is None:
        left = _blank_like(right)
    if right is None:
        right = _blank_like(left)
    first, second = _sort_key(left), _sort_key(right)
    return (first > second) - (first < second)


def _blank_like(other: Scalar) -> Scalar:
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0.0


def _sort_key(value: Scalar) -> tuple[int, float, str]:
    if isinstance(value, ErrorValue):
        raise CellError(value.kind, value.message)
    if isinstance(value, bool):
        return 2, float(value), ""
    if isinstance(value, str):
        return 1, 0.0, value.casefold()
    # Spreadsheets compare numbers as their 15 digits show them: 0.1+0.2=0.3 is TRUE.
    return 0, float(f"{value or 0.0:.15g}"), ""


def arithmetic(operator: str, left: float, right: float) -> float:
    """One of + - * / ^ with the errors that a sheet gives."""
    try:
        if operator == "+":
            result = left + right
        elif operator == "-":
            result = left - right
        elif operator == "*":
            result = left * right
        elif operator == "/":
            result = left / right
        else:
            result = left**right
    except ZeroDivisionError:
        raise CellError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.") from None
    except OverflowError:
        raise CellError("NUM", "The result is too large.") from None
    if isinstance(result, complex) or not math.isfinite(result):
        raise CellError("NUM", "The result is not a number.")
    return result


def matcher(criterion: Scalar, locale: Locale) -> Callable[[Scalar], bool]:
    """The test that a criterion such as 3, ">=5", "<>" or "app*" stands for in COUNTIF and its kin."""
    operator, operand = "=", criterion
    if isinstance(criterion, str):
        match = re.match(r"(<=|>=|<>|=|<|>)?(.*)\Z", criterion, re.DOTALL)
        operator = (match and match[1]) or "="
        rest = match[2] if match else ""
        operand = parse_entered(rest, locale)[0] if rest and not rest.startswith("=") else rest
    if operator in ("=", "<>"):
        wanted = operator == "="
        return lambda value: _equals(value, operand) == wanted
    tests: dict[str, Callable[[int], bool]] = {
        "<": lambda order: order < 0,
        ">": lambda order: order > 0,
        "<=": lambda order: order <= 0,
        ">=": lambda order: order >= 0,
    }
    test = tests[operator]

    def ordered(value: Scalar) -> bool:
        same_kind = isinstance(value, str) == isinstance(operand, str)
        return (
            value is not None
            and not isinstance(value, (bool, ErrorValue))
            and same_kind
            and test(compare(value, operand))
        )

    return ordered


def _equals(value: Scalar, operand: Scalar) -> bool:
    if isinstance(value, ErrorValue):
        return False
    if operand is None or operand == "":
        return value is None or value == ""
    if isinstance(operand, str):
        return isinstance(value, str) and wildcard(operand).fullmatch(value) is not None
    if value is None or isinstance(value, bool) != isinstance(operand, bool) or isinstance(value, str):
        return False
    return compare(value, operand) == 0


def wildcard(pattern: str) -> re.Pattern[str]:
    """`*`, `?` and the escape `~` of spreadsheet criteria as a regular expression."""
    pieces = re.findall(r"~[*?~]|.", pattern, re.DOTALL)
    translated = [
        re.escape(piece[1]) if len(piece) == 2 else {"*": ".*", "?": "."}.get(piece, re.escape(piece))
        for piece in pieces
    ]
    return re.compile("".join(translated), re.IGNORECASE | re.DOTALL)
