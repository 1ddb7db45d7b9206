"""The cells of one worksheet part, changed in place: whatever is not addressed keeps its value, style and formula."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from lxml import etree
from openpyxl.utils.cell import range_boundaries

from sheets_sync.changes import Formula, Scalar
from sheets_sync.excel.ooxml import BrokenPartError, child, children, tag
from sheets_sync.excel.read import Context, numbered_cells, read_cell, translated
from sheets_sync.excel.values import set_value
from sheets_sync.snapshot import BLANK, Area, Cell, a1

SHEET_ORDER: Final = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
"""The order in which the schema wants a worksheet's children; Excel calls a file with another order damaged."""


def inside(area: Area | None, row: int, column: int) -> bool:
    """True where the cell lies in the rectangle; nothing lies in None."""
    return area is not None and area.top <= row <= area.bottom and area.left <= column <= area.right


class Grid:
    """The rows and cells of a worksheet's root element; edits go straight into it."""

    def __init__(self, root: etree._Element, context: Context) -> None:
        self.root = root
        self._context = context
        self._data = child(root, "sheetData", SHEET_ORDER)
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[int, dict[int, etree._Element]] = {}
        number = 0
        for row in children(self._data, "row"):
            address = row.get("r") or str(number + 1)
            if not address.isdecimal():
                raise BrokenPartError(f'a row has the number "{address}"')
            number = int(address)
            row.set("r", str(number))
            self._rows[number] = row
        self._numbers = sorted(self._rows)

    def cell(self, row: int, column: int) -> Cell:
        """What a cell holds."""
        element = self._row_cells(row).get(column)
        return BLANK if element is None else read_cell(element, row, column, self._context, {})

    def style(self, row: int, column: int) -> int | None:
        """The style of a cell; None where there is no such cell."""
        element = self._row_cells(row).get(column)
        return None if element is None else int(element.get("s") or 0)

    def columns(self, row: int) -> list[int]:
        """The columns of a row that have a cell, from the left."""
        return sorted(self._row_cells(row))

    def filled(self) -> Iterator[tuple[int, int]]:
        """Row and column of each cell that holds a value or a formula, from the top."""
        for row in self._numbers:
            for column, element in sorted(self._row_cells(row).items()):
                if _is_filled(element):
                    yield row, column

    def put(self, row: int, column: int, value: Scalar | Formula, style: int | None = None) -> None:
        """Write one cell; without `style` the cell keeps the one it has."""
        element = self._row_cells(row).get(column)
        if element is None:
            element = self._new_cell(row, column)
        if style is not None:
            element.set("s", str(style))
        set_value(element, value, since_1904=self._context.since_1904)

    def set_height(self, row: int, points: float) -> None:
        """Give a row a height, unless a person has set it."""
        element = self._rows.get(row)
        if element is not None and element.get("customHeight") not in ("1", "true"):
            element.set("ht", f"{points:g}")

    def erase(self, area: Area) -> None:
        """Remove the cells of a rectangle, with their formats."""
        for row in self._numbers[bisect_left(self._numbers, area.top) : bisect_left(self._numbers, area.bottom + 1)]:
            cells = self._row_cells(row)
            for column in [column for column in cells if area.left <= column <= area.right]:
                self._rows[row].remove(cells.pop(column))
            # The height was fitted to what stood there; a height that a person set is marked and stays.
            if self._rows[row].get("customHeight") not in ("1", "true"):
                self._rows[row].attrib.pop("ht", None)

    def release_shared_formulas(self, area: Area) -> None:
        """Give cells outside the rectangle their own formula where they share one that is kept inside it."""
        if not any(formula.get("t") == "shared" for formula in self._data.iter(tag("f"))):
            return
        masters: dict[str, tuple[str, str]] = {}
        shared = []
        for row in self._numbers:
            for column, element in self._row_cells(row).items():
                formula = element.find(tag("f"))
                if formula is not None and formula.get("t") == "shared":
                    shared.append((row, column, formula))
                    if formula.text and inside(area, row, column):
                        masters[formula.get("si") or ""] = (f"={formula.text}", a1(row, column))
        for row, column, formula in shared:
            group = formula.get("si") or ""
            if group in masters and not inside(area, row, column):
                text = translated(*masters[group], a1(row, column))
                formula.attrib.clear()
                formula.text = text.removeprefix("=")

    def _extend_dimension(self, row: int, column: int) -> None:
        # The rectangle of used cells that the part tells at its top; some readers stop at its edge.
        dimension = self.root.find(tag("dimension"))
        if dimension is None:
            return
        left, top, right, bottom = range_boundaries(dimension.get("ref") or "A1")
        if not (left <= column <= right and top <= row <= bottom):
            first, last = a1(min(top, row), min(left, column)), a1(max(bottom, row), max(right, column))
            dimension.set("ref", f"{first}:{last}")

    def _row_cells(self, row: int) -> dict[int, etree._Element]:
        if row not in self._cells:
            element = self._rows.get(row)
            if element is None:
                return {}
            self._cells[row] = dict(numbered_cells(element))
            for column, cell in self._cells[row].items():
                cell.set("r", a1(row, column))
        return self._cells[row]

    def _new_cell(self, row: int, column: int) -> etree._Element:
        parent = self._rows.get(row)
        if parent is None:
            parent = self._new_row(row)
        parent.attrib.pop("spans", None)
        element = etree.Element(tag("c"), r=a1(row, column))
        cells = self._row_cells(row)
        following = min((known for known in cells if known > column), default=None)
        if following is None:
            parent.append(element)
        else:
            cells[following].addprevious(element)
        cells[column] = element
        self._extend_dimension(row, column)
        return element

    def _new_row(self, row: int) -> etree._Element:
        element = etree.Element(tag("row"), r=str(row))
        position = bisect_left(self._numbers, row)
        if position == len(self._numbers):
            self._data.append(element)
        else:
            self._rows[self._numbers[position]].addprevious(element)
        self._numbers.insert(position, row)
        self._rows[row] = element
        self._cells[row] = {}
        return element


def _is_filled(cell: etree._Element) -> bool:
    return any(item.tag in (tag("f"), tag("is")) or item.text for item in cell)
