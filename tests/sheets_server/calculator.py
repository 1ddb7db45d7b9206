"""Evaluates the formulas of one state of a workbook, each at most once and only when somebody looks."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from functools import partial

from .a1 import Area, area_of
from .book import Sheet, Workbook
from .cell import Cell, ErrorValue, Scalar
from .evaluation import Evaluation, Place
from .formula import Formula, Node
from .matrix import CellError, Matrix, Value, single
from .references import Reference

_CIRCLE = ErrorValue("REF", "Circular dependency detected. To resolve with iterative calculation, see File > Settings.")
_PARSE_ERROR = ErrorValue("ERROR", "Formula parse error.")
_IN_PROGRESS = object()


class Calculator:
    """Values of a workbook's cells; `now` is the moment, as a date serial, that NOW() gives."""

    def __init__(self, book: Workbook, now: float) -> None:
        self.book = book
        self.locale = book.locale
        self.now = now
        self._values: dict[Place, object] = {}
        self._ranges: dict[tuple[int, int, int, int, int], Matrix] = {}
        self._formula_rows: dict[int, dict[int, list[int]]] = {}
        self._names: dict[int, str] | None = None

    def value(self, sheet: Sheet, row: int, column: int) -> Scalar:
        """What the cell evaluates to."""
        cell = sheet.cell(row, column)
        if not isinstance(cell.value, Formula):
            return cell.value
        place = (sheet.id, row, column)
        if place not in self._values:
            self._evaluate_with_dependencies(place)
        return self._values[place]  # type: ignore[return-value]

    def number_format(self, sheet: Sheet, row: int, column: int, depth: int = 8) -> dict[str, str] | None:
        """The entered number format, or the one that a formula takes over from what it refers to."""
        cell = sheet.cell(row, column)
        if cell.number_format is not None or not isinstance(cell.value, Formula) or depth == 0:
            return cell.number_format
        return self._inherited(sheet, cell.value, cell.value.tree or ("blank",), depth - 1)

    def _inherited(self, sheet: Sheet, formula: Formula, node: Node, depth: int) -> dict[str, str] | None:
        kind = node[0]
        if kind == "ref":
            reference = formula.references[node[1]]
            target = self._target(sheet, reference)
            if target is None or reference.broken:
                return None
            area = reference.area()
            return self.number_format(target, area.top or 0, area.left or 0, depth)
        if kind == "call":
            if node[1] in ("TODAY", "DATE"):
                return {"type": "DATE", "pattern": self.locale.date_pattern}
            if node[1] == "NOW":
                return {"type": "DATE_TIME", "pattern": f"{self.locale.date_pattern} HH:mm:ss"}
            if node[1].startswith("COUNT") or node[1] in ("MATCH", "ROWS", "COLUMNS", "LEN"):
                return None
            candidates = node[2][1:] if node[1] == "IF" else node[2]
        elif kind == "bin":
            candidates = node[2:] if node[1] in "+-*" else ()
        else:
            candidates = node[1:] if kind == "neg" else ()
        found = (self._inherited(sheet, formula, candidate, depth) for candidate in candidates)
        return next((item for item in found if item), None)

    def _evaluate_with_dependencies(self, place: Place) -> None:
        # A column of running totals is thousands of formulas deep: an explicit stack, not Python's.
        stack = [place]
        while stack:
            current = stack[-1]
            if current in self._values and self._values[current] is not _IN_PROGRESS:
                stack.pop()
                continue
            sheet, formula = self._formula_at(current)
            if current not in self._values:
                self._values[current] = _IN_PROGRESS
                waiting = [p for p in self._dependencies(sheet, formula) if p not in self._values]
                circular = any(self._values.get(p) is _IN_PROGRESS for p in self._dependencies(sheet, formula))
                if circular:
                    self._values[current] = _CIRCLE
                elif waiting:
                    stack.extend(waiting)
                    continue
            if self._values[current] is _IN_PROGRESS:
                self._values[current] = self._evaluate_cell(sheet, current, formula)
            stack.pop()

    def _formula_at(self, place: Place) -> tuple[Sheet, Formula]:
        sheet = self.book.sheet(place[0])
        cell = sheet.cell(place[1], place[2]) if sheet else Cell()
        if sheet is None or not isinstance(cell.value, Formula):
            raise KeyError(place)
        return sheet, cell.value

    def _dependencies(self, sheet: Sheet, formula: Formula) -> Iterator[Place]:
        """The formula cells that a formula refers to."""
        areas = [(self._target(sheet, reference), reference.area()) for reference in formula.references]
        areas += [self.named_area(name) for name in _names_in(formula.tree)]
        for target, area in areas:
            if target is None:
                continue
            top, left, bottom, right = area.clip(target.row_count, target.column_count)
            columns = self._formulas_of(target)
            for column in range(left, right) if right - left < len(columns) else list(columns):
                rows = columns.get(column, []) if left <= column < right else []
                for row in rows[bisect.bisect_left(rows, top) : bisect.bisect_left(rows, bottom)]:
                    yield target.id, row, column

    def _formulas_of(self, sheet: Sheet) -> dict[int, list[int]]:
        if sheet.id not in self._formula_rows:
            columns: dict[int, list[int]] = {}
            for row in sorted(sheet.rows):
                for column, cell in sheet.rows[row].items():
                    if isinstance(cell.value, Formula):
                        columns.setdefault(column, []).append(row)
            self._formula_rows[sheet.id] = columns
        return self._formula_rows[sheet.id]

    def _target(self, sheet: Sheet, reference: Reference) -> Sheet | None:
        if reference.unknown_sheet is not None:
            return None
        return sheet if reference.sheet is None else self.book.sheet(reference.sheet)

    def named_area(self, name: str) -> tuple[Sheet | None, Area]:
        """Where a named range lies; no sheet where there is none of that name."""
        found = self.book.named_range(name)
        if found is None:
            return None, Area()
        return self.book.sheet(found["range"].get("sheetId", 0)), area_of(found["range"])

    def _evaluate_cell(self, sheet: Sheet, place: Place, formula: Formula) -> Scalar:
        if self.book.formula_results:
            self._names = self._names or self.book.sheet_names()
            ordered = self.book.formula_results.get(formula.text(self._names))
            if ordered is not None:
                return _from_extended(ordered)
        if formula.tree is None:
            return _PARSE_ERROR
        try:
            value = Evaluation(self, sheet, place, formula).evaluate(formula.tree)
            if isinstance(value, Matrix) and formula.tree[0] in ("ref", "name"):
                value = _intersection(formula, value, place)
            result = single(value)
        except CellError as error:
            return error.value
        # A formula that points at a blank cell shows 0.
        return 0.0 if result is None else result

    def matrix(self, sheet: Sheet, area: Area) -> Matrix:
        """The values of a range, read once per state of the workbook."""
        top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
        key = (sheet.id, top, left, bottom, right)
        if key not in self._ranges:
            value = partial(self.value, sheet)
            empty: dict[int, Cell] = {}
            rows: list[list[Scalar]] = []
            for row in range(top, bottom):
                cells = sheet.rows.get(row, empty)
                rows.append([value(row, column) if column in cells else None for column in range(left, right)])
            self._ranges[key] = Matrix(rows, from_range=True)
        return self._ranges[key]


def _names_in(tree: Node | None) -> Iterator[str]:
    if not isinstance(tree, tuple) or not tree:
        return
    if tree[0] == "name":
        yield tree[1]
        return
    for part in tree[1:]:
        if isinstance(part, tuple):
            for item in (part,) if part and isinstance(part[0], str) else part:
                yield from _names_in(item)


def _intersection(formula: Formula, value: Matrix, place: Place) -> Value:
    """The one cell of a lone range that stands in the formula's own row or column."""
    if value.shape == (1, 1) or not formula.references:
        return value
    area = formula.references[0].area()
    row, column = place[1] - (area.top or 0), place[2] - (area.left or 0)
    height, width = value.shape
    if width == 1 and 0 <= row < height:
        return value.rows[row][0]
    if height == 1 and 0 <= column < width:
        return value.rows[0][column]
    return value


def _from_extended(value: dict[str, object]) -> Scalar:
    kind, content = next(iter(value.items()))
    if kind == "errorValue" and isinstance(content, dict):
        return ErrorValue(content["type"], content.get("message", ""))
    return float(content) if kind == "numberValue" else content  # type: ignore[arg-type, return-value]
