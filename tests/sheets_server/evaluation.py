"""Walks a formula's syntax tree and gives its value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from .a1 import Area, parse_area, split_sheet
from .book import Sheet, Workbook
from .cell import ErrorValue, Scalar
from .formula import Formula, Node
from .functions import FUNCTIONS
from .locales import Locale
from .matrix import CellError, Matrix, Value, arithmetic, broadcast, compare, number, single, text, truth

Place = tuple[int, int, int]
"""Sheet id, row, column."""


class Cells(Protocol):
    """Where an evaluation reads other cells."""

    book: Workbook
    locale: Locale
    now: float

    def value(self, sheet: Sheet, row: int, column: int) -> Scalar: ...

    def matrix(self, sheet: Sheet, area: Area) -> Matrix: ...

    def named_area(self, name: str) -> tuple[Sheet | None, Area]: ...


class Evaluation:
    """One formula at one place."""

    def __init__(self, calculator: Cells, sheet: Sheet, place: Place, formula: Formula) -> None:
        self.calculator = calculator
        self.sheet = sheet
        self.place = place
        self.formula = formula
        self.locale = calculator.locale

    def evaluate(self, node: Node) -> Value:
        """The value of a node; raises CellError where it is an error."""
        handler: Callable[[Node], Value] = getattr(self, "_" + node[0])
        return handler(node)

    def _num(self, node: Node) -> Value:
        return float(node[1])

    def _str(self, node: Node) -> Value:
        return str(node[1])

    def _bool(self, node: Node) -> Value:
        return bool(node[1])

    def _err(self, node: Node) -> Value:
        raise CellError(node[1])

    def _blank(self, _node: Node) -> Value:
        return None

    def _ref(self, node: Node) -> Value:
        reference = self.formula.references[node[1]]
        if reference.unknown_sheet is not None:
            raise CellError("REF", f"Unresolved sheet name '{reference.unknown_sheet}'.")
        target = self.sheet if reference.sheet is None else self.calculator.book.sheet(reference.sheet)
        if target is None or reference.broken:
            raise CellError("REF", "Reference does not exist.")
        return self._read(target, reference.area())

    def _read(self, target: Sheet, area: Area) -> Value:
        if (area.top or 0) >= target.row_count or (area.left or 0) >= target.column_count:
            raise CellError("REF", "Reference does not exist.")
        if area.bottom == (area.top or 0) + 1 and area.right == (area.left or 0) + 1:
            value = self.calculator.value(target, area.top or 0, area.left or 0)
            # A lone cell keeps the nature of a range: SUM(A1) skips text, SUM("x") does not.
            return Matrix([[value]], from_range=True)
        return self.calculator.matrix(target, area)

    def _name(self, node: Node) -> Value:
        target, area = self.calculator.named_area(node[1])
        if target is None:
            raise CellError("NAME", f"Unknown range name: '{node[1]}'.")
        return self._read(target, area)

    def _array(self, node: Node) -> Value:
        return Matrix([[single(self.evaluate(item)) for item in row] for row in node[1]])

    def _neg(self, node: Node) -> Value:
        return broadcast(lambda item: -number(item, self.locale), _loose(self.evaluate(node[1])))

    def _pct(self, node: Node) -> Value:
        return broadcast(lambda item: number(item, self.locale) / 100, _loose(self.evaluate(node[1])))

    def _bin(self, node: Node) -> Value:
        # Long sums lean to the left: walk down that side without recursion.
        chain = []
        while node[0] == "bin":
            chain.append((node[1], node[3]))
            node = node[2]
        value = self.evaluate(node)
        for operator, right in reversed(chain):
            value = broadcast(partial(self._operate, operator), _loose(value), _loose(self.evaluate(right)))
        return value

    def _operate(self, operator: str, left: Scalar, right: Scalar) -> Scalar:
        for side in (left, right):
            if isinstance(side, ErrorValue):
                raise CellError(side.kind, side.message)
        if operator == "&":
            return text(left, self.locale) + text(right, self.locale)
        if operator in ("=", "<>", "<", ">", "<=", ">="):
            order = compare(left, right)
            outcomes = {"=": order == 0, "<>": order != 0, "<": order < 0, ">": order > 0}
            outcomes.update({"<=": order <= 0, ">=": order >= 0})
            return outcomes[operator]
        return arithmetic(operator, number(left, self.locale), number(right, self.locale))

    def _call(self, node: Node) -> Value:
        name, arguments = node[1], node[2]
        special: Callable[[tuple[Node, ...]], Value] | None = getattr(self, "_do_" + name.lower(), None)
        try:
            if special is not None:
                return special(arguments)
            function = FUNCTIONS.get(name)
            if function is None:
                raise CellError("NAME", f"Unknown function: '{name}'.")
            return function(self.locale, [self.evaluate(argument) for argument in arguments])
        except (TypeError, IndexError, ValueError):
            raise CellError("N_A", f"Wrong number or kind of arguments to {name}.") from None

    def _do_if(self, arguments: tuple[Node, ...]) -> Value:
        condition = _loose(self.evaluate(arguments[0]))
        otherwise: Node = arguments[2] if len(arguments) > 2 else ("bool", False)
        if isinstance(condition, Matrix):
            yes, no = _loose(self.evaluate(arguments[1])), _loose(self.evaluate(otherwise))
            return broadcast(lambda test, a, b: a if truth(test) else b, condition, yes, no)
        return self.evaluate(arguments[1] if truth(condition) else otherwise)

    def _do_ifs(self, arguments: tuple[Node, ...]) -> Value:
        for at in range(0, len(arguments), 2):
            if truth(self.evaluate(arguments[at])):
                return self.evaluate(arguments[at + 1])
        raise CellError("N_A", "No match")

    def _do_iferror(self, arguments: tuple[Node, ...]) -> Value:
        return self._unless(arguments, lambda _error: True)

    def _do_ifna(self, arguments: tuple[Node, ...]) -> Value:
        return self._unless(arguments, lambda error: error.kind == "N_A")

    def _unless(self, arguments: tuple[Node, ...], caught: Callable[[ErrorValue], bool]) -> Value:
        instead: Node = arguments[1] if len(arguments) > 1 else ("blank",)
        try:
            value = _loose(self.evaluate(arguments[0]))
        except CellError as error:
            if caught(error.value):
                return self.evaluate(instead)
            raise
        if not isinstance(value, Matrix):
            return self.evaluate(instead) if isinstance(value, ErrorValue) and caught(value) else value
        other = self.evaluate(instead)
        return broadcast(lambda a, b: b if isinstance(a, ErrorValue) and caught(a) else a, value, _loose(other))

    def _do_iserror(self, arguments: tuple[Node, ...]) -> Value:
        try:
            return FUNCTIONS["ISERROR"](self.locale, [_loose(self.evaluate(arguments[0]))])
        except CellError:
            return True

    def _do_isna(self, arguments: tuple[Node, ...]) -> Value:
        try:
            return FUNCTIONS["ISNA"](self.locale, [_loose(self.evaluate(arguments[0]))])
        except CellError as error:
            return error.value.kind == "N_A"

    def _do_indirect(self, arguments: tuple[Node, ...]) -> Value:
        reported = text(single(self.evaluate(arguments[0])), self.locale)
        name, rest = split_sheet(reported)
        target = self.sheet if name is None else self.calculator.book.sheet_named(name)
        area = parse_area(rest)
        if target is None or area is None:
            raise CellError("REF", f"Function INDIRECT parameter 1 value is '{reported}'. It is not a valid reference.")
        return self._read(target, area)

    def _do_arrayformula(self, arguments: tuple[Node, ...]) -> Value:
        return self.evaluate(arguments[0])

    def _do_na(self, _arguments: tuple[Node, ...]) -> Value:
        raise CellError("N_A", "")

    def _do_true(self, _arguments: tuple[Node, ...]) -> Value:
        return True

    def _do_false(self, _arguments: tuple[Node, ...]) -> Value:
        return False

    def _do_now(self, _arguments: tuple[Node, ...]) -> Value:
        return self.calculator.now

    def _do_today(self, _arguments: tuple[Node, ...]) -> Value:
        return float(int(self.calculator.now))

    def _do_row(self, arguments: tuple[Node, ...]) -> Value:
        return float(self._area(arguments, self.place[1:]).top or 0) + 1

    def _do_column(self, arguments: tuple[Node, ...]) -> Value:
        return float(self._area(arguments, self.place[1:]).left or 0) + 1

    def _area(self, arguments: tuple[Node, ...], own: tuple[int, ...]) -> Area:
        if not arguments:
            return Area(own[0], own[1])
        if arguments[0][0] != "ref":
            raise CellError("N_A", "Argument must be a range.")
        return self.formula.references[arguments[0][1]].area()


def _loose(value: Value) -> Value:
    """A rectangle of one cell as the scalar in it, so that it does not turn everything it meets into an array."""
    if isinstance(value, Matrix) and value.shape == (1, 1):
        return value.rows[0][0]
    return value
