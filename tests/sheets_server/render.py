"""A workbook as the API answers it: Spreadsheet, Sheet, GridData, CellData."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from .a1 import Area
from .book import Sheet, Workbook
from .calculator import Calculator
from .cell import Cell, ErrorValue, Scalar, extended_value, plain_number
from .fieldmask import Mask, covers
from .formula import Formula
from .number_format import format_number, general
from .wire import without_defaults

Json = dict[str, Any]

DEFAULT_FORMAT: Json = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
}

DEFAULT_THEME: Json = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": kind, "color": {"rgbColor": rgb}}
        for kind, rgb in (
            ("TEXT", {}),
            ("BACKGROUND", {"red": 1, "green": 1, "blue": 1}),
            ("ACCENT1", {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275}),
            ("ACCENT2", {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314}),
            ("ACCENT3", {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275}),
            ("ACCENT4", {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902}),
            ("ACCENT5", {"red": 1, "green": 0.42745098, "blue": 0.003921569}),
            ("ACCENT6", {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706}),
            ("LINK", {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}),
        )
    ],
}


def new_book_properties(title: str) -> Json:
    """The properties of a workbook that says nothing but its title."""
    return {
        "title": title,
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": copy.deepcopy(DEFAULT_FORMAT),
        "spreadsheetTheme": copy.deepcopy(DEFAULT_THEME),
    }


def new_sheet_properties(sheet_id: int, title: str) -> Json:
    """The properties of a new tab: 1,000 rows by 26 columns."""
    grid = {"rowCount": 1000, "columnCount": 26}
    return {"sheetId": sheet_id, "title": title, "sheetType": "GRID", "gridProperties": grid}


COMPUTED = frozenset({"userEnteredValue", "effectiveValue", "formattedValue", "effectiveFormat"})
"""The parts of a cell that take work; they are left out where a field mask does not want them."""


class Renderer:
    """Writes one state of a workbook as JSON."""

    def __init__(self, book: Workbook, calculator: Calculator) -> None:
        self.book = book
        self.calculator = calculator
        self.locale = book.locale
        self.names = book.sheet_names()
        self._formats: dict[tuple[int, int], Json] = {}

    def spreadsheet(self, places: Sequence[tuple[Sheet, Area]] | None, mask: Mask | None, *, grid_data: bool) -> Json:
        """The whole workbook, or the sheets that `places` touch, with cells where asked for."""
        result: Json = {
            "spreadsheetId": self.book.id,
            "properties": self.book.properties,
            "sheets": [
                self.sheet(sheet, [area for other, area in places or [] if other is sheet] or [Area()], mask, grid_data)
                for sheet in self.book.sheets
                if not places or any(other is sheet for other, _ in places)
            ],
        }
        if not places:
            first = len(self.book.sheets)
            others = enumerate(self.book.other_tabs, start=first)
            result["sheets"] += [{"properties": {**properties, "index": index}} for index, properties in others]
        if self.book.named_ranges:
            result["namedRanges"] = without_defaults(self.book.named_ranges)
        result["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{self.book.id}/edit"
        own_metadata = [item for item in self.book.developer_metadata if item["location"].get("spreadsheet")]
        if own_metadata:
            result["developerMetadata"] = without_defaults(own_metadata)
        return result

    def sheet_properties(self, sheet: Sheet) -> Json:
        """The tab's properties with the place that it has now."""
        properties = dict(sheet.properties)
        index = next(at for at, other in enumerate(self.book.sheets) if other.id == sheet.id)
        ordered = {name: properties.pop(name) for name in ("sheetId", "title")}
        return {**ordered, "index": index, **properties}

    def sheet(self, sheet: Sheet, areas: Sequence[Area], mask: Mask | None, grid_data: bool) -> Json:
        """One tab."""
        result: Json = {"properties": self.sheet_properties(sheet)}
        if grid_data:
            result["data"] = [self.grid_data(sheet, area, mask) for area in areas]
        objects = {
            "merges": sheet.merges,
            "conditionalFormats": sheet.conditional_formats,
            "protectedRanges": sheet.protected_ranges,
            "charts": sheet.charts,
            "bandedRanges": sheet.banded_ranges,
            "tables": sheet.tables,
            "rowGroups": sheet.row_groups,
            "columnGroups": sheet.column_groups,
            "basicFilter": sheet.basic_filter,
            "developerMetadata": [
                item for item in self.book.developer_metadata if item["location"].get("sheetId") == sheet.id
            ],
        }
        result.update({name: without_defaults(value) for name, value in objects.items() if value})
        return result

    def grid_data(self, sheet: Sheet, area: Area, mask: Mask | None) -> Json:
        """The cells of an area; blank rows and cells at its end are left out."""
        top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
        result: Json = {}
        if top:
            result["startRow"] = top
        if left:
            result["startColumn"] = left
        if covers(mask, "sheets", "data", "rowData"):
            parts = _computed_parts(mask)
            filled = [
                row for row in sheet.rows if top <= row < bottom and any(left <= c < right for c in sheet.rows[row])
            ]
            rows = [self._row(sheet, row, left, right, parts) for row in range(top, max(filled, default=top - 1) + 1)]
            if rows:
                result["rowData"] = rows
        if covers(mask, "sheets", "data", "rowMetadata"):
            result["rowMetadata"] = [
                {"pixelSize": 21, **sheet.row_properties.get(row, {})} for row in range(top, bottom)
            ]
        if covers(mask, "sheets", "data", "columnMetadata"):
            columns = range(left, right)
            result["columnMetadata"] = [{"pixelSize": 100, **sheet.column_properties.get(at, {})} for at in columns]
        return result

    def _row(self, sheet: Sheet, row: int, left: int, right: int, parts: frozenset[str]) -> Json:
        cells = sheet.rows.get(row, {})
        last = max((column for column in cells if left <= column < right), default=left - 1)
        values = [self.cell(sheet, row, column, parts) if column in cells else {} for column in range(left, last + 1)]
        return {"values": values} if values else {}

    def cell(self, sheet: Sheet, row: int, column: int, parts: frozenset[str] = COMPUTED) -> Json:
        """One cell; of the parts that cost time, only those asked for."""
        cell = sheet.cell(row, column)
        result: Json = {}
        if cell.value is not None:
            if "userEnteredValue" in parts:
                result["userEnteredValue"] = self.entered_value(cell)
            if "effectiveValue" in parts or "formattedValue" in parts:
                value = cell.chip_text or self.calculator.value(sheet, row, column)
                if "effectiveValue" in parts:
                    result["effectiveValue"] = extended_value(value)
                if "formattedValue" in parts:
                    result["formattedValue"] = self.formatted(sheet, row, column, value)
        if cell.format:
            result["userEnteredFormat"] = dict(cell.format)
        if "effectiveFormat" in parts and (cell.value is not None or cell.format):
            result["effectiveFormat"] = self.effective_format(sheet, row, column)
        if cell.note:
            result["note"] = cell.note
        if cell.validation:
            result["dataValidation"] = dict(cell.validation)
        if cell.runs:
            result["textFormatRuns"] = list(cell.runs)
        if cell.chips:
            result["chipRuns"] = list(cell.chips)
        return result

    def entered_value(self, cell: Cell) -> Json | None:
        """What was entered, as an ExtendedValue."""
        if isinstance(cell.value, Formula):
            return {"formulaValue": cell.value.text(self.names)}
        return extended_value(cell.value)

    def formatted(self, sheet: Sheet, row: int, column: int, value: Scalar) -> str:
        """What the cell shows."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, ErrorValue):
            return value.text
        if isinstance(value, str):
            return value
        number_format = self.calculator.number_format(sheet, row, column)
        return format_number(value, number_format, self.locale) if number_format else general(value, self.locale)

    def effective_format(self, sheet: Sheet, row: int, column: int) -> Json:
        """The default format with the cell's own over it (conditional formats are not evaluated)."""
        entered = sheet.cell(row, column).format or {}
        number_format = self.calculator.number_format(sheet, row, column)
        # Few formats serve many cells: the format objects live as long as this state of the workbook does.
        key = (id(entered) if entered else 0, id(number_format) if number_format else 0)
        if key not in self._formats or number_format is not self._formats[key].get("numberFormat"):
            base = self.book.properties.get("defaultFormat", DEFAULT_FORMAT)
            text = {**base.get("textFormat", {}), **entered.get("textFormat", {})}
            merged = {**base, **entered, "textFormat": text}
            self._formats[key] = {**merged, "numberFormat": number_format} if number_format else merged
        return self._formats[key]

    def plain_value(self, sheet: Sheet, row: int, column: int, value_option: str, date_option: str) -> Any:
        """A cell as the values methods render it."""
        cell = sheet.cell(row, column)
        if cell.value is None:
            return ""
        if value_option == "FORMULA" and isinstance(cell.value, Formula):
            return cell.value.text(self.names)
        value = self.calculator.value(sheet, row, column)
        if value_option == "FORMATTED_VALUE":
            return self.formatted(sheet, row, column, value)
        if isinstance(value, ErrorValue):
            return value.text
        if not isinstance(value, float):
            return "" if value is None else value
        number_format = self.calculator.number_format(sheet, row, column) or {}
        if date_option == "FORMATTED_STRING" and number_format.get("type") in ("DATE", "TIME", "DATE_TIME"):
            return self.formatted(sheet, row, column, value)
        return plain_number(value)

    def values(self, sheet: Sheet, area: Area, value_option: str, date_option: str) -> list[list[Any]]:
        """The rows of an area without blank ends, as the values methods answer them."""
        top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
        rows: list[list[Any]] = []
        for row in range(top, bottom):
            cells = sheet.rows.get(row, {})
            last = max((at for at, cell in cells.items() if left <= at < right and cell.value is not None), default=-1)
            columns = range(left, last + 1)
            line = [
                self.plain_value(sheet, row, at, value_option, date_option) if at in cells else "" for at in columns
            ]
            while line and line[-1] == "":
                line.pop()
            rows.append(line)
        while rows and not rows[-1]:
            rows.pop()
        return rows


def _computed_parts(mask: Mask | None) -> frozenset[str]:
    return frozenset(name for name in COMPUTED if covers(mask, "sheets", "data", "rowData", "values", name))
