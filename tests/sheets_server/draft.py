"""A workbook under change: who changes it, what may not be touched, and how values get into cells."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from .a1 import Area, area_of
from .book import CELL_LIMIT, Json, Sheet, Workbook
from .cell import MAX_CHARACTERS
from .discovery import Description
from .entered import parse_entered
from .errors import RequestError, not_served
from .fieldmask import Mask, merge_masked, parse_update
from .formula import Formula, parse_formula
from .habits import Habits
from .ranges import grid_limits
from .wire import paired_colors

CELL_PARTS = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "chipRuns")
_NOT_SERVED_PARTS = ("pivotTable", "dataSourceTable")


@dataclass(frozen=True)
class Caller:
    """Who calls: e-mail address, role on this workbook (owner, writer, reader)."""

    email: str
    role: str


class Draft:
    """A copy of a workbook that one call changes; dropped where the call fails."""

    def __init__(self, book: Workbook, caller: Caller, description: Description, habits: Habits | None = None) -> None:
        self.book = book.copy()
        self.habits = habits or Habits()
        self.caller = caller
        self.description = description

    def fresh_id(self, taken: set[Any]) -> int:
        """A positive number that is not taken, as Google makes them: at random."""
        while (number := random.randrange(1, 2**31)) in taken:
            pass
        return number

    def sheet(self, sheet_id: int, what: str = "grid") -> Sheet:
        """The sheet with this id."""
        sheet = self.book.sheet(sheet_id)
        if sheet is None:
            raise RequestError(f"No {what} with id: {sheet_id}")
        return sheet

    def mask(self, schema: str, fields: str | None) -> Mask:
        """The update mask of a request."""
        try:
            return parse_update(self.description, schema, fields)
        except ValueError as problem:
            raise RequestError(str(problem)) from None

    def place(self, grid: Json, *, write: bool = True) -> tuple[Sheet, tuple[int, int, int, int]]:
        """The sheet and cells of a GridRange; refused outside the grid and, to be written, where protected."""
        sheet = self.sheet(grid.get("sheetId", 0))
        area = area_of(grid)
        ends = (area.bottom or sheet.row_count, area.right or sheet.column_count)
        if ends[0] <= (area.top or 0) or ends[1] <= (area.left or 0):
            raise RequestError("The range is empty: its end must lie after its start.")
        if (area.bottom or 0) > sheet.row_count or (area.right or 0) > sheet.column_count:
            raise RequestError(grid_limits(sheet, area))
        if write:
            self.check_protection(sheet, area)
        return sheet, area.clip(sheet.row_count, sheet.column_count)

    def check_protection(self, sheet: Sheet, area: Area) -> None:
        """Refuse a write into a range that is protected against this caller."""
        if self.caller.role == "owner":
            return
        for protected in sheet.protected_ranges:
            if protected.get("warningOnly") or self._may_edit(protected):
                continue
            wanted = area.clip(sheet.row_count, sheet.column_count)
            for touched in [area_of(self.protected_grid(sheet, protected))]:
                if not overlaps(wanted, touched.clip(sheet.row_count, sheet.column_count)):
                    continue
                free = (area_of(item).clip(sheet.row_count, sheet.column_count) for item in unprotected(protected))
                if not any(contains(open_area, wanted) for open_area in free):
                    raise RequestError(
                        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
                        "remove protection if you need to edit."
                    )

    def protected_grid(self, sheet: Sheet, protected: Json) -> Json:
        """The GridRange that a protection covers, which it may give through a named range."""
        if "range" in protected:
            return dict(protected["range"])
        for named in self.book.named_ranges:
            if named["namedRangeId"] == protected.get("namedRangeId"):
                return dict(named.get("range", {"sheetId": sheet.id}))
        return {"sheetId": sheet.id}

    def _may_edit(self, protected: Json) -> bool:
        editors = protected.get("editors", {})
        return bool(self.caller.email in editors.get("users", []) or editors.get("domainUsersCanEdit"))

    def check_size(self) -> None:
        """Refuse a workbook above Google's limit."""
        if self.book.cell_count() > CELL_LIMIT:
            raise RequestError(
                f"This action would increase the number of cells in the workbook above the limit of {CELL_LIMIT} cells."
            )

    def formula(self, text: str) -> Formula:
        """Parse a formula in this workbook's locale."""
        return parse_formula(text, self.book.sheet_ids(), decimal_comma=self.book.decimal_comma)

    def check_text(self, text: str) -> str:
        """Refuse a text that is longer than a cell may hold."""
        if len(text) > MAX_CHARACTERS:
            raise RequestError(
                f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell."
            )
        return text

    def extended(self, value: Json | None) -> float | str | bool | Formula | None:
        """An ExtendedValue as a cell keeps it."""
        if not value:
            return None
        kind, content = next(iter(value.items()))
        if kind == "numberValue":
            return float(content)
        if kind == "boolValue":
            return bool(content)
        if kind == "stringValue":
            return self.check_text(content) or None
        if kind == "formulaValue":
            if not content.startswith("="):
                raise RequestError(f"Invalid formula: {content!r} does not start with an equals sign.")
            return self.formula(self.check_text(content))
        raise RequestError("The error_value of user_entered_value cannot be written.")

    def write_cell(self, sheet: Sheet, row: int, column: int, data: Json, mask: Mask) -> None:
        """Set what the mask names of one cell to what a CellData says."""
        cell = sheet.cell(row, column)
        everything = "*" in mask
        for name in _NOT_SERVED_PARTS:
            if name in data and (everything or name in mask):
                raise not_served(f"CellData.{name}")
        if everything or "userEnteredValue" in mask:
            cell = replace(cell, value=self.extended(data.get("userEnteredValue")), runs=None, chips=None)
        if everything or "userEnteredFormat" in mask:
            below = {} if everything else mask["userEnteredFormat"]
            merged = merge_masked(dict(cell.format or {}), data.get("userEnteredFormat", {}), below)
            cell = replace(cell, format=paired_colors(merged, data.get("userEnteredFormat", {})) or None)
        if everything or "note" in mask:
            cell = replace(cell, note=data.get("note") or None)
        if everything or "dataValidation" in mask:
            cell = replace(cell, validation=data.get("dataValidation"))
        if everything or "textFormatRuns" in mask:
            cell = replace(cell, runs=tuple(data["textFormatRuns"]) if data.get("textFormatRuns") else None)
        if everything or "chipRuns" in mask:
            cell = replace(cell, chips=tuple(data["chipRuns"]) if data.get("chipRuns") else None)
            places = [run.get("startIndex", 0) for run in cell.chips or ()]
            if any(str(cell.value or "")[at : at + 1] != "@" for at in places):
                raise RequestError("Invalid chipRuns: each chip needs an @ in the text at its startIndex.")
        sheet.set_cell(row, column, cell)

    def enter(self, sheet: Sheet, row: int, column: int, value: Any, *, raw: bool) -> None:
        """Set a cell as the values methods do: null leaves it, an empty text clears it."""
        if value is None:
            return
        cell = sheet.cell(row, column)
        number_format = None
        entered: Any = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        if isinstance(value, str):
            self.check_text(value)
            keeps_text = raw or (cell.number_format or {}).get("type") == "TEXT"
            if not keeps_text:
                entered, number_format = parse_entered(value, self.book.locale)
            if not keeps_text and isinstance(entered, str) and value.startswith("=") and len(value) > 1:
                entered = self.formula(value)
        if entered == "" and not isinstance(entered, bool):
            entered = None
        cell = replace(cell, value=entered, runs=None, chips=None)
        if number_format is not None and cell.number_format is None:
            cell = replace(cell, format={**(cell.format or {}), "numberFormat": number_format})
        sheet.set_cell(row, column, cell)


def unprotected(protected: Json) -> list[Json]:
    """The holes that a protection of a whole sheet leaves open."""
    return list(protected.get("unprotectedRanges", []))


def overlaps(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
    """Whether two rectangles share a cell."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def contains(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    """Whether one rectangle lies within another."""
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]
