"""The worksheet functions that formulas may call here, by name; any other gives #NAME?."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from .cell import ErrorValue, Scalar
from .entered import parse_entered
from .locales import Locale
from .matrix import CellError, Matrix, Value, broadcast, compare, matcher, number, scalars, single, text, truth
from .number_format import EPOCH, format_number

Function = Callable[[Locale, Sequence[Value]], Value]


def _numbers(locale: Locale, arguments: Iterable[Value]) -> list[float]:
    """What SUM adds: numbers; in cells text and booleans are skipped, typed as arguments they are coerced."""
    found: list[float] = []
    for argument in arguments:
        for item in scalars(argument):
            if isinstance(item, ErrorValue):
                raise CellError(item.kind, item.message)
            if isinstance(argument, Matrix):
                if isinstance(item, float):
                    found.append(item)
            elif item is not None:
                found.append(number(item, locale))
    return found


def _sumproduct(locale: Locale, arguments: Sequence[Value]) -> Value:
    matrices = [a if isinstance(a, Matrix) else Matrix([[a]]) for a in arguments]
    if len({matrix.shape for matrix in matrices}) != 1:
        raise CellError("VALUE", "SUMPRODUCT has mismatched range sizes.")
    total = 0.0
    for items in zip(*matrices, strict=True):
        product = 1.0
        for item in items:
            if isinstance(item, ErrorValue):
                raise CellError(item.kind, item.message)
            product *= item if isinstance(item, float) else 0.0
        total += product
    return total


def _conditions(locale: Locale, pairs: Sequence[Value]) -> list[bool]:
    tests = []
    for at in range(0, len(pairs) - 1, 2):
        passes = matcher(single(pairs[at + 1]), locale)
        tests.append([passes(item) for item in scalars(pairs[at])])
    if len({len(test) for test in tests}) > 1:
        raise CellError("VALUE", "Array arguments are of different size.")
    return [all(row) for row in zip(*tests, strict=True)]


def _chosen(values: Value, keep: Sequence[bool]) -> list[float]:
    items = list(scalars(values))
    chosen = [item for item, wanted in zip(items, keep, strict=False) if wanted]
    for item in chosen:
        if isinstance(item, ErrorValue):
            raise CellError(item.kind, item.message)
    return [item for item in chosen if isinstance(item, float)]


def _mean(items: Sequence[float]) -> float:
    if not items:
        raise CellError("DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error.")
    return math.fsum(items) / len(items)


def _index(locale: Locale, arguments: Sequence[Value]) -> Value:
    source = arguments[0] if isinstance(arguments[0], Matrix) else Matrix([[arguments[0]]])
    row = int(number(arguments[1], locale)) if len(arguments) > 1 else 0
    column = int(number(arguments[2], locale)) if len(arguments) > 2 else 0
    height, width = source.shape
    if len(arguments) == 2 and height == 1 and width > 1:
        row, column = 0, row
    if not (0 <= row <= height and 0 <= column <= width):
        raise CellError("NUM", "Function INDEX parameter 2 value is out of range.")
    rows = source.rows[row - 1 : row] if row else source.rows
    cells = [line[column - 1 : column] if column else line for line in rows]
    result = Matrix(cells, from_range=source.from_range)
    return cells[0][0] if result.shape == (1, 1) else result


def _match(locale: Locale, arguments: Sequence[Value]) -> Value:
    wanted = single(arguments[0])
    items = list(scalars(arguments[1]))
    mode = int(number(arguments[2], locale)) if len(arguments) > 2 else 1
    if mode == 0:
        passes = matcher(wanted if not isinstance(wanted, str) else "=" + wanted, locale)
        if isinstance(wanted, str):
            folded = wanted.casefold()
            found = (i for i, v in enumerate(items, 1) if isinstance(v, str) and (v.casefold() == folded or passes(v)))
        else:
            found = (i for i, v in enumerate(items, 1) if passes(v))
        position = next(found, 0)
    else:
        kept = [i for i, v in enumerate(items, 1) if _same_kind(v, wanted) and compare(v, wanted) * mode <= 0]
        position = kept[-1] if kept else 0
    if not position:
        raise CellError("N_A", f"Did not find value '{text(wanted, locale)}' in MATCH evaluation.")
    return float(position)


def _same_kind(value: Scalar, wanted: Scalar) -> bool:
    if value is None or isinstance(value, ErrorValue):
        return False
    return (isinstance(value, str), isinstance(value, bool)) == (isinstance(wanted, str), isinstance(wanted, bool))


def _vlookup(locale: Locale, arguments: Sequence[Value]) -> Value:
    table = arguments[1]
    if not isinstance(table, Matrix):
        raise CellError("VALUE", "VLOOKUP needs a range.")
    is_sorted = truth(arguments[3]) if len(arguments) > 3 else True
    first = Matrix([[row[0]] for row in table.rows], from_range=True)
    position = _match(locale, (arguments[0], first, 1.0 if is_sorted else 0.0))
    return _index(locale, (table, position, arguments[2]))


def _xlookup(locale: Locale, arguments: Sequence[Value]) -> Value:
    try:
        position = int(number(_match(locale, (arguments[0], arguments[1], 0.0)), locale))
    except CellError:
        if len(arguments) > 3:
            return arguments[3]
        raise
    return list(scalars(arguments[2]))[position - 1]


def _round(locale: Locale, value: Value, digits: Value, mode: str) -> float:
    places = int(number(digits, locale))
    scaled = float(f"{number(value, locale) * 10.0**places:.15g}")
    size = {"half": lambda x: math.floor(x + 0.5), "up": math.ceil, "down": math.floor}[mode](abs(scaled))
    return math.copysign(size, scaled) / 10.0**places if places >= 0 else math.copysign(size, scaled) * 10.0**-places


def _date(locale: Locale, arguments: Sequence[Value]) -> Value:
    year, month, day = (int(number(argument, locale)) for argument in arguments)
    carry, month = divmod(month - 1, 12)
    return float((datetime(year + carry, month + 1, 1) - EPOCH).days + day - 1)


def _textjoin(locale: Locale, arguments: Sequence[Value]) -> Value:
    skip = truth(arguments[1])
    pieces = [text(item, locale) for argument in arguments[2:] for item in scalars(argument)]
    return text(arguments[0], locale).join(piece for piece in pieces if piece or not skip)


def _format_text(locale: Locale, value: Scalar, pattern: Scalar) -> Scalar:
    shape = text(pattern, locale)
    kind = "DATE" if any(letter in shape.lower() for letter in "ydh") else "NUMBER"
    return format_number(number(value, locale), {"type": kind, "pattern": shape}, locale)


def _value(locale: Locale, item: Scalar) -> Scalar:
    parsed = parse_entered(text(item, locale), locale)[0]
    if isinstance(parsed, (str, bool)):
        raise CellError("VALUE", f"'{parsed}' cannot be parsed to a number.")
    return parsed


def _find(locale: Locale, wanted: Scalar, within: Scalar, start: Scalar = 1.0) -> Scalar:
    at = text(within, locale).find(text(wanted, locale), int(number(start, locale)) - 1)
    if at < 0:
        raise CellError("VALUE", f"'{text(wanted, locale)}' is not in '{text(within, locale)}'.")
    return float(at + 1)


def _elementwise(function: Callable[..., Scalar]) -> Function:
    """A function of scalars that goes through a rectangle cell by cell."""
    return lambda locale, arguments: broadcast(lambda *items: function(locale, *items), *arguments)


def _test(test: Callable[[Scalar], bool]) -> Function:
    return lambda _locale, arguments: broadcast(lambda item: test(item), arguments[0])


def _sumif(locale: Locale, arguments: Sequence[Value]) -> Value:
    keep = _conditions(locale, arguments[:2])
    return math.fsum(_chosen(arguments[2] if len(arguments) > 2 else arguments[0], keep))


def _truths(arguments: Sequence[Value]) -> list[bool]:
    """What AND and OR look at: not blanks, and not text, which they skip."""
    items = (item for argument in arguments for item in scalars(argument))
    return [truth(item) for item in items if item is not None and not isinstance(item, str)]


def _is_number(item: Scalar) -> bool:
    return isinstance(item, float)


FUNCTIONS: dict[str, Function] = {
    "SUM": lambda locale, args: math.fsum(_numbers(locale, args)),
    "PRODUCT": lambda locale, args: math.prod(_numbers(locale, args)),
    "SUMPRODUCT": _sumproduct,
    "SUMIF": _sumif,
    "SUMIFS": lambda locale, args: math.fsum(_chosen(args[0], _conditions(locale, args[1:]))),
    "AVERAGE": lambda locale, args: _mean(_numbers(locale, args)),
    "AVERAGEIF": lambda locale, args: _mean(_chosen(args[-1], _conditions(locale, args[:2]))),
    "MIN": lambda locale, args: min(_numbers(locale, args), default=0.0),
    "MAX": lambda locale, args: max(_numbers(locale, args), default=0.0),
    "COUNT": lambda _locale, args: float(sum(_is_number(item) for arg in args for item in scalars(arg))),
    "COUNTA": lambda _locale, args: float(sum(item is not None for arg in args for item in scalars(arg))),
    "COUNTBLANK": lambda _locale, args: float(sum(item is None or item == "" for item in scalars(args[0]))),
    "COUNTIF": lambda locale, args: float(sum(_conditions(locale, args))),
    "COUNTIFS": lambda locale, args: float(sum(_conditions(locale, args))),
    "AND": lambda _locale, args: all(
        truth(i) for a in args for i in scalars(a) if not isinstance(i, (str, type(None)))
    ),
    "OR": lambda _locale, args: any(_truths(args)),
    "NOT": _elementwise(lambda _locale, item: not truth(item)),
    "INDEX": _index,
    "MATCH": _match,
    "VLOOKUP": _vlookup,
    "XLOOKUP": _xlookup,
    "ROWS": lambda _locale, args: float(args[0].shape[0] if isinstance(args[0], Matrix) else 1),
    "COLUMNS": lambda _locale, args: float(args[0].shape[1] if isinstance(args[0], Matrix) else 1),
    "ABS": _elementwise(lambda locale, item: abs(number(item, locale))),
    "SIGN": _elementwise(lambda locale, item: float((number(item, locale) > 0) - (number(item, locale) < 0))),
    "INT": _elementwise(lambda locale, item: float(math.floor(number(item, locale)))),
    "MOD": _elementwise(lambda locale, a, b: number(a, locale) % (number(b, locale) or _divide_by_zero("MOD"))),
    "SQRT": _elementwise(lambda locale, item: _root(number(item, locale))),
    "ROUND": _elementwise(lambda locale, item, digits=0.0: _round(locale, item, digits, "half")),
    "ROUNDUP": _elementwise(lambda locale, item, digits=0.0: _round(locale, item, digits, "up")),
    "ROUNDDOWN": _elementwise(lambda locale, item, digits=0.0: _round(locale, item, digits, "down")),
    "N": _elementwise(lambda _locale, item: float(item) if isinstance(item, (float, bool)) else 0.0),
    "T": _elementwise(lambda _locale, item: item if isinstance(item, str) else ""),
    "VALUE": _elementwise(_value),
    "LEN": _elementwise(lambda locale, item: float(len(text(item, locale)))),
    "TRIM": _elementwise(lambda locale, item: " ".join(text(item, locale).split())),
    "UPPER": _elementwise(lambda locale, item: text(item, locale).upper()),
    "LOWER": _elementwise(lambda locale, item: text(item, locale).lower()),
    "LEFT": _elementwise(lambda locale, item, size=1.0: text(item, locale)[: int(number(size, locale))]),
    "RIGHT": _elementwise(lambda locale, item, size=1.0: text(item, locale)[-int(number(size, locale)) or 10**6 :]),
    "MID": _elementwise(
        lambda locale, item, start, size: text(item, locale)[int(number(start, locale)) - 1 :][
            : int(number(size, locale))
        ]
    ),
    "SUBSTITUTE": _elementwise(lambda locale, a, b, c: text(a, locale).replace(text(b, locale), text(c, locale))),
    "FIND": _elementwise(_find),
    "EXACT": _elementwise(lambda locale, a, b: text(a, locale) == text(b, locale)),
    "CHAR": _elementwise(lambda locale, item: chr(int(number(item, locale)))),
    "TEXT": _elementwise(_format_text),
    "CONCATENATE": lambda locale, args: "".join(text(item, locale) for arg in args for item in scalars(arg)),
    "TEXTJOIN": _textjoin,
    "JOIN": lambda locale, args: _textjoin(locale, (args[0], False, *args[1:])),
    "HYPERLINK": lambda _locale, args: single(args[-1]),
    "DATE": _date,
    "ISBLANK": _test(lambda item: item is None),
    "ISNUMBER": _test(_is_number),
    "ISTEXT": _test(lambda item: isinstance(item, str)),
    "ISLOGICAL": _test(lambda item: isinstance(item, bool)),
    "ISERROR": _test(lambda item: isinstance(item, ErrorValue)),
    "ISNA": _test(lambda item: isinstance(item, ErrorValue) and item.kind == "N_A"),
}


def _divide_by_zero(name: str) -> float:
    raise CellError("DIVIDE_BY_ZERO", f"Function {name} parameter 2 cannot be zero.")


def _root(value: float) -> float:
    if value < 0:
        raise CellError("NUM", f"Function SQRT parameter 1 value is negative: {value:g}.")
    return math.sqrt(value)
