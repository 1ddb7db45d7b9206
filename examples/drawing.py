"""What both example workbooks are drawn with: a tab with a title block, cells that look like a team's sheet.

It looks the way a team's planning sheet does: title blocks above the headers, the team's own columns and tabs,
colours, named ranges, and cells that are formulas with the values that a spreadsheet program last computed for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

SHIPPED = Path(__file__).parent.parent / "sheets_sync" / "demo"
FONT = "Calibri"
INK, PALE, OURS, EDGE = "#1F3B4D", "#EAF1F5", "#FFF6DF", "#C9D3DA"
MONEY, COUNT, DAYS, SHARE = "£#,##0;[Red]-£#,##0", "#,##0;[Red]-#,##0", "0.00", "0.00%;[Red]-0.00%"
WHOLE_PERCENT = "0%"
# No number format: LibreOffice saves a boolean that has one as a formula over a number.
CHECK_BOX = {"align": "center"}
TRACKER = "https://tracker.example.com/browse/"


@dataclass(frozen=True)
class Formula:
    """A formula and the value that a spreadsheet program computes for it; ``{row}`` stands for the cell's own row."""

    text: str
    value: float


@dataclass(frozen=True)
class Assumption:
    """One row of the Assumptions tab; `name` becomes a named range that other cells refer to."""

    name: str
    label: str
    value: float | Formula
    number_format: str
    source: str


Cell = str | float | bool | Formula | None


class Tab:
    """One worksheet: a title block, a header row, and rows of cells below it."""

    def __init__(self, book: "Book", name: str, title: str, subtitle: str, widths: Sequence[float]) -> None:
        self.book = book
        self.sheet: Worksheet = book.workbook.add_worksheet(name)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width, book.format())
        self.sheet.set_row(0, 24)
        self.sheet.write_string(0, 0, title, book.format(bold=True, font_size=16, font_color=INK))
        self.sheet.write_string(1, 0, subtitle, book.format(italic=True, font_color="#5B6B75"))

    def header(self, row: int, headers: Iterable[str], own: Iterable[str] = ()) -> None:
        """The header row, frozen; the team's `own` columns are coloured differently from those that sheetplan reads."""
        common = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": EDGE}
        for column, text in enumerate(headers):
            colours = {"bg_color": OURS} if text in own else {"bg_color": INK, "font_color": "white"}
            self.sheet.write_string(row, column, text, self.book.format(**common, **colours))
        self.sheet.set_row(row, 32)

    def cell(self, row: int, column: int, value: Cell, **look: Any) -> None:
        """One cell; a formula is written together with its value, a text never becomes anything else."""
        look = {"border": 1, "border_color": EDGE, "valign": "vcenter"} | look
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, self.book.format(**look, **CHECK_BOX))
        elif isinstance(value, Formula):
            text = value.text.replace("{row}", str(row + 1))
            self.sheet.write_formula(row, column, text, self.book.format(**look, font_color="#2B5C8A"), value.value)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, self.book.format(**look, indent=1))
        elif value is None:
            self.sheet.write_blank(row, column, None, self.book.format(**look))
        else:
            self.sheet.write_number(row, column, value, self.book.format(**look))

    def choices(self, first: int, last: int, column: int, choices: Sequence[str]) -> None:
        """A drop-down over some rows of a column."""
        self.sheet.data_validation(first, column, last, column, {"validate": "list", "source": list(choices)})


class Book:
    """The workbook, and its cell formats (each made once, because a file holds only so many)."""

    def __init__(self, path: Path, title: str) -> None:
        self.workbook: Workbook = xlsxwriter.Workbook(path)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.workbook.set_size(2400, 1500)
        # A fixed time of creation: the same script gives the same bytes.
        self.workbook.set_properties(
            {
                "title": title,
                "author": "Portfolio office",
                "created": datetime(2026, 6, 15, 9),
            }
        )

    def format(self, **look: Any) -> Format:
        """The format of that look in the workbook's font."""
        look = {"font_name": FONT, "font_size": 10} | look
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]


def amount(value: Cell) -> float:
    """The number that a cell shows, 0 for a blank one."""
    if isinstance(value, Formula):
        return value.value
    return float(value) if isinstance(value, float) else 0.0


def draw_assumptions(book: Book, subtitle: str, assumptions: Sequence[Assumption]) -> None:
    """The team's Assumptions tab: named cells that the formulas of the other tabs build on."""
    widths = [18, 36, 16, 42]
    tab = Tab(book, "Assumptions", "Assumptions", subtitle, widths)
    tab.header(3, ["Name", "What", "Value", "Source"], own=["Name", "What", "Value", "Source"])
    for row, item in enumerate(assumptions, start=4):
        tab.cell(row, 0, item.name, font_color="#5B6B75")
        tab.cell(row, 1, item.label)
        tab.cell(row, 2, item.value, num_format=item.number_format)
        tab.cell(row, 3, item.source)
        book.workbook.define_name(item.name, f"=Assumptions!$C${row + 1}")
    tab.sheet.freeze_panes(4, 0)


def draw_read_me(
    book: Book, title: str, version: str, lines: Sequence[tuple[str, str]], agreed: Sequence[tuple[str, str]]
) -> None:
    """The team's own first tab; sheetplan does not read it. `lines` are (tab, what it holds), `agreed` (when, what)."""
    tab = Tab(book, "Read me", title, version, [3, 26, 92])
    for row, (name, text) in enumerate(lines, start=3):
        tab.sheet.write_url(row, 1, f"internal:'{name}'!A1", book.format(font_color="#2B5C8A", underline=1), name)
        tab.sheet.write_string(row, 2, text, book.format(text_wrap=True))
    top = len(lines) + 4
    tab.sheet.write_string(top, 1, "Agreed", book.format(bold=True))
    for offset, (when, what) in enumerate(agreed, start=1):
        tab.sheet.write_string(top + offset, 1, when, book.format())
        tab.sheet.write_string(top + offset, 2, what, book.format(text_wrap=True))
