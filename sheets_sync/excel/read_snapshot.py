"""From the parts of an .xlsx file to a `Snapshot`: one pass over each wanted tab, values and formulas together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from math import isfinite

from lxml import etree
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.cell import range_boundaries

from sheets_sync.excel.number_formats import date_of, is_date_format, show, show_general
from sheets_sync.excel.ooxml import MeteredStream, TooLargeError, children, number_in, rich_text, tag, unescape
from sheets_sync.excel.package import Package
from sheets_sync.excel.table_parts import table_areas
from sheets_sync.excel.worksheet_rows import MAX_COLUMNS, MAX_ROWS, numbered_cells, numbered_rows, row_parser
from sheets_sync.workbook.backend import TabFilter
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, CellKind, Tab, a1

_REFERENCE = re.compile(
    r"""(?:'(?P<quoted>(?:[^'\[\]]|'')+)'|(?P<plain>[^'!,()\[\]#\s]+))!
    (?P<cells>\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?|\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?\d{1,7}:\$?\d{1,7})""",
    re.VERBOSE,
)
MOST_STRINGS = 2_000_000
MOST_CELLS = 3_000_000
MOST_PLACES = 30_000_000
"""Cells of a tab, blank ones left of a filled one included."""
_VALUE, _FORMULA, _INLINE = tag("v"), tag("f"), tag("is")
_LATER_FUNCTION = re.compile(r"_xl(?:fn|ws)\.")
"""The prefix that files put before functions younger than the file format; people never see it."""
_CURRENCY_OF_THE_COMPUTER = frozenset({*range(5, 9), 42, 44})
"""Built-in formats whose currency sign is that of the computer that opens the file, so the file names no currency."""


@dataclass(frozen=True)
class Context:
    """What cells refer to: shared strings, number formats by style id, and the workbook's epoch.

    `formats` decide what a cell shows, `patterns` are the same as `Cell.format` has them.
    """

    package: Package
    formats: Sequence[str]
    patterns: Sequence[str]
    since_1904: bool

    @cached_property
    def strings(self) -> Sequence[Cell]:
        """The shared strings as cells that hold them; asked for where a cell needs one, for there may be many."""
        part = self.package.related(self.package.workbook_part, "sharedStrings")
        return [] if part is None else list(_shared_strings(self.package, part))


def read_tabs(package: Package, wanted: TabFilter) -> dict[str, Tab]:
    """The wanted worksheets by title, in sheet order."""
    entries = [entry for entry in package.sheets if entry.part is not None and wanted(entry.title)]
    if not entries:
        return {}
    context = read_context(package)
    return {
        entry.title: read_tab(package, entry.title, entry.part, context) for entry in entries if entry.part is not None
    }


def read_context(package: Package) -> Context:
    """What every tab's cells refer to."""
    workbook = package.workbook_part
    styles = package.related(workbook, "styles")
    ids, formats = ([], []) if styles is None else formats_by_style(package.tree(styles))
    return Context(
        package=package,
        formats=formats,
        patterns=[_pattern(number, code) for number, code in zip(ids, formats, strict=True)],
        since_1904=since_1904(package),
    )


def since_1904(package: Package) -> bool:
    """True where the workbook counts days from 1904, as old Macintosh ones do."""
    properties = package.tree(package.workbook_part).find(tag("workbookPr"))
    return properties is not None and properties.get("date1904") in ("1", "true")


def recalculates_on_load(package: Package) -> bool:
    """True where the file asks for its formulas to be calculated on opening, and nothing says that they ever were.

    Libraries that write formulas without calculating them ask for it; spreadsheet programs, which calculate before they
    save, do not; sheetplan itself asks for it and says that the file was calculated where it was.
    """
    properties = package.tree(package.workbook_part).find(tag("calcPr"))
    if properties is None:
        return False
    asks, completed = (properties.get(name) in ("1", "true") for name in ("fullCalcOnLoad", "calcCompleted"))
    return asks and not completed


def formats_by_style(styles: etree._Element) -> tuple[list[int], list[str]]:
    """The number format of each cell style, by its index: its id and its code."""
    own = {
        number_in(item, "numFmtId"): unescape(item.get("formatCode") or "General")
        for item in children(styles.find(tag("numFmts")), "numFmt")
    }
    ids = [number_in(item, "numFmtId") for item in children(styles.find(tag("cellXfs")), "xf")]
    return ids, [own.get(number) or BUILTIN_FORMATS.get(number, "General") for number in ids]


def _pattern(number: int, code: str) -> str:
    if code == "General":
        return ""
    return code.replace('"$"', '"¤"') if number in _CURRENCY_OF_THE_COMPUTER else code


def named_areas(package: Package) -> dict[str, Area]:
    """The workbook's own names (not those of a tab) that are one plain rectangle."""
    listed = package.tree(package.workbook_part).find(tag("definedNames"))
    areas: dict[str, Area] = {}
    for item in children(listed, "definedName"):
        area = None if item.get("localSheetId") else area_of(item.text or "")
        if area is not None:
            areas[item.get("name") or ""] = area
    return areas


def area_of(reference: str) -> Area | None:
    """The rectangle that a reference such as ``'My tab'!$A$1:$B$2`` means; None where it is anything else."""
    match = _REFERENCE.fullmatch(reference.strip().lstrip("="))
    if match is None:
        return None
    sheet = match["plain"] or match["quoted"].replace("''", "'")
    left, top, right, bottom = range_boundaries(match["cells"])
    return Area(sheet, top or 1, left or 1, bottom or MAX_ROWS, right or MAX_COLUMNS)


def _shared_strings(package: Package, part: str) -> Iterator[Cell]:
    count = 0
    with package.stream(part) as stream:
        source = MeteredStream(stream)
        for _, item in etree.iterparse(source, tag=tag("si"), resolve_entities=False, no_network=True, huge_tree=True):
            count += 1
            if count > MOST_STRINGS:
                raise TooLargeError(f"more than {MOST_STRINGS:,} shared strings")
            text = rich_text(item)
            yield Cell(CellKind.TEXT, text, text) if text else BLANK
            item.clear()
            while (done := item.getprevious()) is not None:
                item.getparent().remove(done)  # type: ignore[union-attr]  # an item with siblings has a parent
            source.forgotten()


def read_tab(package: Package, title: str, part: str, context: Context) -> Tab:
    """One worksheet: its cells from A1, trailing blanks cut off, its merged areas and its tables."""
    rows: list[tuple[Cell, ...]] = []
    shared: dict[str, tuple[str, str]] = {}
    filled = places = 0
    with package.stream(part) as stream:
        source = MeteredStream(stream)
        parser = row_parser(source)
        for number, row in numbered_rows(parser, source):
            cells: list[Cell] = []
            for column, element in numbered_cells(row):
                cell = read_cell(element, number, column, context, shared)
                if cell is not BLANK:
                    if column - 1 > len(cells):
                        cells.extend([BLANK] * (column - 1 - len(cells)))
                    cells.append(cell)
                    filled += 1
            places += len(cells)
            if filled > MOST_CELLS or places > MOST_PLACES:
                raise TooLargeError(f"a tab with more than {MOST_CELLS:,} cells, or with cells very far apart")
            if cells:
                rows.extend([()] * (number - 1 - len(rows)))
                rows.append(tuple(cells))
        merges = tuple(_merges(title, parser.root))
    return Tab(title, tuple(rows), merges, tuple(table_areas(package, title, part)))


def _merges(title: str, worksheet: etree._Element | None) -> Iterator[Area]:
    listed = None if worksheet is None else worksheet.find(tag("mergeCells"))
    for item in children(listed, "mergeCell"):
        left, top, right, bottom = range_boundaries(item.get("ref") or "")
        if (top, left) != (bottom, right):
            yield Area(title, top or 1, left or 1, bottom or MAX_ROWS, right or MAX_COLUMNS)


def read_cell(
    element: etree._Element, row: int, column: int, context: Context, shared: dict[str, tuple[str, str]]
) -> Cell:
    """One cell; `shared` remembers, from cell to cell of a tab, the formulas that later cells refer to."""
    kind = element.get("t") or "n"
    raw: str | None = None
    formula: str | None = None
    for item in element:
        name = item.tag
        if name == _VALUE:
            raw = item.text or ""
        elif name == _INLINE:
            raw = rich_text(item)
        elif name == _FORMULA:
            formula = _formula(item, a1(row, column), shared)
    if raw is None or (raw == "" and kind != "str"):
        # A formula with the value "" is of type str; one that nobody calculated has no type.
        if formula is None:
            return BLANK
        if kind != "str":
            return Cell(CellKind.UNCALCULATED, formula=formula)
        raw = ""
    return _typed(kind, raw, formula, element.get("s"), context)


_TRUTHS = {"=TRUE()": True, "=FALSE()": False}


def _typed(kind: str, raw: str, formula: str | None, style: str | None, context: Context) -> Cell:
    if kind == "s" and formula is None:
        return context.strings[int(raw)]
    if kind == "n" and formula in _TRUTHS:
        # LibreOffice saves a boolean with a number format of its own as this formula over a number.
        return Cell(CellKind.BOOLEAN, _TRUTHS[formula], str(_TRUTHS[formula]).upper(), formula)
    if kind == "n":
        return _number(float(raw) if not raw.lstrip("-").isdigit() else int(raw), formula, style, context)
    if kind == "b":
        truth = raw.strip() in ("1", "true")
        return Cell(CellKind.BOOLEAN, truth, "TRUE" if truth else "FALSE", formula)
    if kind == "e":
        return Cell(CellKind.ERROR, raw, raw, formula)
    if kind == "d":
        moment = _iso_date(raw)
        code, pattern = _formats(style, context)
        return Cell(CellKind.DATE, moment, _shown_date(moment, code), formula, pattern)
    # Shared and inline strings are unescaped already, where their runs are joined.
    text = context.strings[int(raw)].shown if kind == "s" else raw if kind == "inlineStr" else unescape(raw)
    if not text and formula is None:
        return BLANK
    return Cell(CellKind.TEXT, text, text, formula)


def _number(value: float, formula: str | None, style: str | None, context: Context) -> Cell:
    code, pattern = _formats(style, context)
    if not isfinite(value):
        return Cell(CellKind.NUMBER, value, str(value), formula, pattern)
    if is_date_format(code):
        moment = date_of(value, since_1904=context.since_1904)
        if moment is not None:
            return Cell(CellKind.DATE, moment, show(value, code, moment), formula, pattern)
        return Cell(CellKind.NUMBER, value, show_general(value), formula, pattern)
    return Cell(CellKind.NUMBER, value, show(value, code), formula, pattern)


def _formats(style: str | None, context: Context) -> tuple[str, str]:
    """What decides what a cell of that style shows, and the same as `Cell.format` has it."""
    index = int(style or 0)
    return (context.formats[index], context.patterns[index]) if index < len(context.formats) else ("General", "")


def _iso_date(raw: str) -> datetime:
    if "T" not in raw and ":" in raw:
        return datetime.combine(date(1899, 12, 30), time.fromisoformat(raw))
    return datetime.fromisoformat(raw).replace(tzinfo=None)


def _shown_date(moment: datetime, code: str) -> str:
    if is_date_format(code):
        return show(0, code, moment)
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat(sep=" ")


def _formula(element: etree._Element, address: str, shared: dict[str, tuple[str, str]]) -> str:
    """The formula as a person sees it; formulas that share one text are reported with their own references."""
    text = _LATER_FUNCTION.sub("", element.text) if element.text and "_xl" in element.text else element.text or ""
    if element.get("t") != "shared":
        return f"={text}"
    group = element.get("si") or ""
    if text:
        shared[group] = (f"={text}", address)
        return f"={text}"
    master, origin = shared.get(group, ("=", address))
    return translated(master, origin, address)


def translated(formula: str, origin: str, address: str) -> str:
    """A formula as it reads when filled from one cell to another."""
    try:
        return str(Translator(formula, origin).translate_formula(address))
    except TranslatorError:
        return formula
