"""The cells of one worksheet part: edits are noted, and done while the rows stream from the old file into the new one.

Whatever is not addressed keeps its value, style and formula. All that a worksheet says beside its rows is small, and
stands in `Grid.root` as a tree.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, cast

from lxml import etree
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from sheets_sync.excel.cell_output import cell_xml, looks_like_formula
from sheets_sync.excel.ooxml import (
    MAIN,
    MeteredStream,
    child,
    children,
    number_in,
    rectangle,
    refuse_document_type,
    serialize,
    tag,
    xml_text,
)
from sheets_sync.excel.package import Package
from sheets_sync.excel.read_snapshot import Context, read_cell, translated
from sheets_sync.excel.styles import StyleBook
from sheets_sync.excel.worksheet_rows import column_of, numbered_cells, numbered_rows, row_parser
from sheets_sync.workbook.changes import Formula, Scalar
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, a1

SHEET_ORDER: Final = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
"""The order in which the schema wants a worksheet's children; Excel calls a file with another order damaged."""

_FORMULA: Final = tag("f")
_CONTENT: Final = (tag("f"), tag("is"))
_CELL: Final = tag("c")
_TRUE: Final = ("1", "true")
_ROUNDED: Final = 0.75
"""Points by which programs round the height of a row down."""
_ROWS_HERE: Final = b"<?sheetplan rows?>"
_PIECE: Final = 1 << 18
"""Bytes that are handed on at a time; smaller pieces cost time, larger ones memory."""


class NewCell(NamedTuple):
    """A cell to write; without `style` it keeps the one that it has, or takes that of its row or column."""

    column: int
    value: Scalar | Formula
    style: int | None


class _Block(NamedTuple):
    """Rows of new cells from the first row on, asked for when they are written, so that they are never held twice."""

    height: int
    cells: Callable[[int], Iterable[NewCell]]


class _Formula(NamedTuple):
    """A formula that other cells depend on, as the file stores it, and its place."""

    row: int
    column: int
    text: str


def inside(area: Area | None, row: int, column: int) -> bool:
    """True where the cell lies in the rectangle; nothing lies in None."""
    return area is not None and area.top <= row <= area.bottom and area.left <= column <= area.right


def is_filled(cell: etree._Element) -> bool:
    """True where a cell holds a value or a formula."""
    return any(item.text or item.tag in _CONTENT for item in cell)


class Grid:
    """The edits of one worksheet part; `pieces` is the part with all of them."""

    def __init__(self, package: Package, part: str, context: Context, styles: StyleBook) -> None:
        self._package = package
        self._part = part
        self._context = context
        self._styles = styles
        self._cells: dict[int, dict[int, NewCell]] = {}
        self._blocks: list[_Block] = []
        self._heights: dict[int, float] = {}
        self._erased: list[Area] = []
        self._fitted: tuple[float, ...] = ()
        self._shown: list[tuple[int, int]] = []
        self._masters: dict[str, _Formula] = {}
        self.arrays: list[tuple[int, int, int, int]] = []
        """Left, top, right and bottom of each range that people filled with one array formula."""
        self.root = self._read_frame()
        self._data = child(self.root, "sheetData", SHEET_ORDER)
        self._data.clear()
        self._data.append(etree.ProcessingInstruction("sheetplan", "rows"))
        self._prefix = f"{self._data.prefix}:" if self._data.prefix else ""
        self._declared = [_declaration(prefix, name) for prefix, name in self._data.nsmap.items()]
        package.stream_in(part, self.root, self.pieces)

    def rows(self) -> Iterator[tuple[int, Mapping[int, etree._Element]]]:
        """Each row of the file, from the top: its number, and its cells by column from the left."""
        with self._package.stream(self._part) as part:
            source = MeteredStream(part)
            for number, row in numbered_rows(row_parser(source), source):
                yield number, dict(numbered_cells(row))

    def row(self, number: int) -> Mapping[int, etree._Element]:
        """The cells of one row that stand in the file, by column."""
        return next((cells if found == number else {} for found, cells in self.rows() if found >= number), {})

    def cell_at(self, row: int, column: int) -> Cell:
        """What the cell at an address holds in the file."""
        element = self.row(row).get(column)
        return BLANK if element is None else self.cell(element, row, column)

    def cell(self, element: etree._Element, row: int, column: int) -> Cell:
        """What a cell of the file holds."""
        return read_cell(element, row, column, self._context, {})

    def style(self, row: int, column: int) -> int | None:
        """The style that a cell has, or is to have; None where there is no such cell."""
        new = self._cells.get(row, {}).get(column)
        if new is not None:
            return new.style
        element = self.row(row).get(column)
        return None if element is None else _style_of(element)

    def put(self, row: int, column: int, value: Scalar | Formula, style: int | None = None) -> None:
        """Write one cell; without `style`, nothing makes no cell where there is none."""
        self._cells.setdefault(row, {})[column] = NewCell(column, value, style)
        if style is not None or value not in (None, ""):
            self._extend_dimension(row, column)

    def put_block(self, height: int, width: int, cells: Callable[[int], Iterable[NewCell]]) -> None:
        """Write rows from A1; `cells` is asked for each row's by its number, later, and more than once."""
        self._blocks.append(_Block(height, cells))
        if height and width:
            self._extend_dimension(height, width)

    def set_height(self, row: int, points: float) -> None:
        """Give a row that is written a height, unless a person has set it."""
        self._heights[row] = points

    def show_rows(self, top: int, bottom: int) -> None:
        """Show rows that a filter has hidden."""
        self._shown.append((top, bottom))

    def erase(self, area: Area, fitted: Collection[float] = ()) -> None:
        """Remove the cells of a rectangle that stand in the file, with their formats and the heights of their rows.

        A height that a person set stays. Programs mark heights that we fitted as set, rounded down: those are `fitted`.
        """
        self._erased.append(area)
        self._fitted = (*self._fitted, *fitted)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the whole part, edited, one after the other.

        Raises:
            BrokenPartError: a row or cell makes no sense.
        """
        before, _, after = serialize(self.root).partition(_ROWS_HERE)
        gathered = [before]
        size = len(before)
        for row in self._all_rows():
            gathered.append(row)
            size += len(row)
            if size >= _PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
        yield b"".join([*gathered, after])

    def _read_frame(self) -> etree._Element:
        with self._package.stream(self._part) as part:
            source = MeteredStream(part)
            parser = row_parser(source)
            for number, row in numbered_rows(parser, source):
                for formula in row.iter(_FORMULA):
                    if formula.get("t") is not None:
                        self._note_formula(number, row, formula)
        # The parser has one as soon as it has come to the end of the part without a complaint.
        root = cast("etree._Element", parser.root)
        refuse_document_type(root)
        return root

    def _note_formula(self, number: int, row: etree._Element, formula: etree._Element) -> None:
        if formula.get("t") == "shared" and formula.text:
            column = next(column for column, cell in numbered_cells(row) if cell is formula.getparent())
            self._masters[formula.get("si") or ""] = _Formula(number, column, formula.text)
        elif formula.get("t") == "array" and ":" in (formula.get("ref") or ""):
            self.arrays.append(rectangle(formula.get("ref") or ""))

    def _extend_dimension(self, row: int, column: int) -> None:
        # The rectangle of used cells that the part declares at its top; some readers stop at its edge.
        dimension = self.root.find(tag("dimension"))
        if dimension is None:
            return
        try:
            left, top, right, bottom = range_boundaries(dimension.get("ref") or "A1")
        except (ValueError, TypeError):
            left, top, right, bottom = column, row, column, row
        if None in (left, top, right, bottom):
            left, top, right, bottom = column, row, column, row
        if not (left <= column <= right and top <= row <= bottom):
            first, last = a1(min(top, row), min(left, column)), a1(max(bottom, row), max(right, column))
            dimension.set("ref", f"{first}:{last}")

    def _all_rows(self) -> Iterator[bytes]:
        lost = self._lost_masters()
        last = max((block.height for block in self._blocks), default=0)
        edited = iter(sorted({*range(1, last + 1), *self._cells}))
        waiting = next(edited, None)
        with self._package.stream(self._part) as part:
            source = MeteredStream(part)
            for number, row in numbered_rows(row_parser(source), source):
                while waiting is not None and waiting < number:
                    yield self._new_row(waiting)
                    waiting = next(edited, None)
                if waiting == number:
                    waiting = next(edited, None)
                if row.get("r") is None:
                    row.set("r", str(number))
                if lost:
                    self._free_from(lost, number, row)
                yield self._changed_row(number, row)
        while waiting is not None:
            yield self._new_row(waiting)
            waiting = next(edited, None)

    def _new_cells(self, row: int) -> Iterable[NewCell]:
        """What is to be written in a row, from the left."""
        single = self._cells.get(row)
        blocks = [block for block in self._blocks if row <= block.height]
        if not blocks:
            return () if single is None else [cell for _, cell in sorted(single.items())]
        if len(blocks) == 1 and single is None:
            return blocks[0].cells(row)
        cells = {cell.column: cell for block in blocks for cell in block.cells(row)} | (single or {})
        return [cell for _, cell in sorted(cells.items())]

    def _new_row(self, number: int) -> bytes:
        cells = "".join([self._rendered(number, cell, None) for cell in self._new_cells(number)])
        if not cells:
            return b""
        height = f' ht="{self._heights[number]:g}"' if number in self._heights else ""
        return f'<{self._prefix}row r="{number}"{height}>{cells}</{self._prefix}row>'.encode()

    def _changed_row(self, number: int, row: etree._Element) -> bytes:
        for area in self._erased:
            if area.top <= number <= area.bottom:
                _erase(row, area, self._fitted)
        if any(top <= number <= bottom for top, bottom in self._shown):
            row.attrib.pop("hidden", None)
        new = self._new_cells(number)
        if not new:
            return self._row_bytes(row)
        if number in self._heights and row.get("customHeight") not in _TRUE:
            row.set("ht", f"{self._heights[number]:g}")
        default = number_in(row, "s") if row.get("customFormat") in _TRUE else None
        if len(row):
            for cell in new:
                self._insert(number, row, cell, default)
            return self._row_bytes(row)
        cells = "".join([self._rendered(number, cell, default) for cell in new])
        row.attrib.pop("spans", None)
        row.text = None
        empty = self._row_bytes(row)
        return empty.removesuffix(b"/>") + f">{cells}</{self._prefix}row>".encode() if cells else empty

    def _rendered(self, row: int, cell: NewCell, row_style: int | None) -> str:
        """A cell where there is none yet; empty where it would be of no use."""
        style = cell.style
        if style is None:
            if cell.value in (None, ""):
                return ""
            style = self._quoted(cell.value, self._column_style(cell.column) if row_style is None else row_style)
        address = f"{get_column_letter(cell.column)}{row}"
        return cell_xml(address, cell.value, style, self._prefix, since_1904=self._context.since_1904)

    def _insert(self, number: int, row: etree._Element, cell: NewCell, row_style: int | None) -> None:
        before, standing = _place_of(row, cell.column)
        if standing is None:
            text = self._rendered(number, cell, row_style)
            row.attrib.pop("spans", None)
        else:
            style = cell.style
            if style is None:
                style = self._quoted(cell.value, None if standing.get("s") is None else _style_of(standing))
            text = cell_xml(
                a1(number, cell.column), cell.value, style, self._prefix, since_1904=self._context.since_1904
            )
        if not text:
            return
        start = f"<{self._prefix}c"
        declaration = _declaration(self._data.prefix, MAIN).decode()
        element = etree.fromstring(start + declaration + text.removeprefix(start))
        if standing is not None:
            row.replace(standing, element)
        elif before is not None:
            before.addnext(element)
        else:
            row.insert(0, element)

    def _quoted(self, value: Scalar | Formula, style: int | None) -> int | None:
        return self._styles.quoted(style or 0) if looks_like_formula(value) else style

    def _column_style(self, column: int) -> int | None:
        for item in children(self.root.find(tag("cols")), "col"):
            if item.get("style") and number_in(item, "min", 1) <= column <= number_in(item, "max", 1):
                return number_in(item, "style")
        return None

    def _lost_masters(self) -> Mapping[str, _Formula]:
        """The shared formulas that are kept in a cell which is written or erased, by their group."""
        return {group: kept for group, kept in self._masters.items() if self._is_taken(kept.row, kept.column)}

    def _is_taken(self, row: int, column: int) -> bool:
        return any(inside(area, row, column) for area in self._erased) or any(
            cell.column == column for cell in self._new_cells(row)
        )

    def _free_from(self, lost: Mapping[str, _Formula], number: int, row: etree._Element) -> None:
        """Give the cells that stay their own formula where they share one that goes."""
        for column, cell in numbered_cells(row):
            formula = cell.find(_FORMULA)
            if formula is None or formula.get("t") != "shared" or self._is_taken(number, column):
                continue
            kept = lost.get(formula.get("si") or "")
            if kept is not None:
                text = translated(f"={kept.text}", a1(kept.row, kept.column), a1(number, column))
                formula.attrib.clear()
                formula.text = text.removeprefix("=")

    def _row_bytes(self, row: etree._Element) -> bytes:
        """A row as it is in the part, where the worksheet has declared the names that it uses."""
        start, _, rest = etree.tostring(row, encoding="UTF-8", with_tail=False).partition(b">")
        for declaration in self._declared:
            start = start.replace(declaration, b"")
        return start + b">" + rest


def _declaration(prefix: str | None, name: str) -> bytes:
    quoted = xml_text(name).replace('"', "&quot;")
    return f' xmlns{":" if prefix else ""}{prefix or ""}="{quoted}"'.encode()


def _style_of(element: etree._Element) -> int:
    return number_in(element, "s")


def _erase(row: etree._Element, area: Area, fitted: Collection[float]) -> None:
    """Remove the cells of a row that lie in the rectangle, and its height unless a person set it."""
    if _lies_inside(row, area):
        del row[:]
    for column, cell in list(numbered_cells(row)):
        if area.left <= column <= area.right:
            row.remove(cell)
        elif cell.get("r") is None:
            cell.set("r", a1(number_in(row, "r"), column))
    is_marked = row.get("customHeight") in _TRUE
    if is_marked and any(0 <= height - float(row.get("ht") or 0) <= _ROUNDED for height in fitted):
        row.attrib.pop("customHeight")
        is_marked = False
    if not is_marked:
        row.attrib.pop("ht", None)


def _lies_inside(row: etree._Element, area: Area) -> bool:
    """True where all cells of a row surely do, as the addresses of the first and the last tell."""
    ends = [element.get("r") for element in (row[0], row[-1]) if element.tag == _CELL] if len(row) else []
    return len(ends) == 2 and all(address and area.left <= column_of(address) <= area.right for address in ends)


def _place_of(row: etree._Element, column: int) -> tuple[etree._Element | None, etree._Element | None]:
    """The last cell left of a column, and the cell in it; what we write stands mostly at the right end."""
    for cell in row.iterchildren(_CELL, reversed=True):
        address = cell.get("r")
        if address is None:
            break
        found = column_of(address)
        if found <= column:
            return (cell, None) if found < column else (None, cell)
    else:
        return None, None
    # Cells without an address are counted from the left; they get one, since one more among them would shift them.
    before = None
    for found, cell in list(numbered_cells(row)):
        cell.set("r", a1(number_in(row, "r"), found))
        if found == column:
            return None, cell
        before = cell if found < column else before
    return before, None
