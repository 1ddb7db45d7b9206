"""A workbook as the server keeps it: sheets, cells, and the objects that lie over them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .a1 import Area
from .cell import Cell
from .formula import Formula
from .habits import Habits
from .locales import Locale, find_locale
from .references import Reference, shift_span

Json = dict[str, Any]

CELL_LIMIT = 10_000_000


class Sheet:
    """One tab. JSON objects in its lists are replaced, never changed in place, so that copies may share them."""

    def __init__(self, properties: Json) -> None:
        self.properties = properties
        self.rows: dict[int, dict[int, Cell]] = {}
        self.merges: list[Json] = []
        self.conditional_formats: list[Json] = []
        self.charts: list[Json] = []
        self.protected_ranges: list[Json] = []
        self.banded_ranges: list[Json] = []
        self.tables: list[Json] = []
        self.row_groups: list[Json] = []
        self.column_groups: list[Json] = []
        self.basic_filter: Json | None = None
        self.row_properties: dict[int, Json] = {}
        self.column_properties: dict[int, Json] = {}

    @property
    def id(self) -> int:
        """The sheet id, which never changes."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """The tab's name."""
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        """Columns of the grid."""
        return int(self.properties["gridProperties"]["columnCount"])

    def resize(self, rows: int, columns: int) -> None:
        """Set the grid's size; cells outside it are gone."""
        grid = {**self.properties["gridProperties"], "rowCount": rows, "columnCount": columns}
        self.properties = {**self.properties, "gridProperties": grid}
        if any(row >= rows or (cells and max(cells) >= columns) for row, cells in self.rows.items()):
            self.rows = {
                row: {column: cell for column, cell in cells.items() if column < columns}
                for row, cells in self.rows.items()
                if row < rows
            }

    def cell(self, row: int, column: int) -> Cell:
        """The cell at this place; a bare one where nothing was ever set."""
        return self.rows.get(row, {}).get(column, _NOTHING)

    def set_cell(self, row: int, column: int, cell: Cell) -> None:
        """Put a cell at its place."""
        if cell.is_bare():
            self.rows.get(row, {}).pop(column, None)
        else:
            self.rows.setdefault(row, {})[column] = cell

    def copy(self) -> Sheet:
        """An independent copy."""
        twin = Sheet(self.properties)
        twin.rows = {row: dict(cells) for row, cells in self.rows.items() if cells}
        for name in OBJECT_LISTS:
            setattr(twin, name, list(getattr(self, name)))
        twin.basic_filter = self.basic_filter
        twin.row_properties = dict(self.row_properties)
        twin.column_properties = dict(self.column_properties)
        return twin

    def shift(self, dimension: str, at: int, count: int) -> None:
        """Move everything for `count` rows or columns inserted at `at` (negative: deleted from there on)."""
        move = _mover(at, count)
        if dimension == "ROWS":
            self.rows = {new: cells for row, cells in self.rows.items() if (new := move(row)) is not None}
            kept = {new: item for row, item in self.row_properties.items() if (new := move(row)) is not None}
            self.row_properties = kept
        else:
            self.rows = {
                row: {new: cell for column, cell in cells.items() if (new := move(column)) is not None}
                for row, cells in self.rows.items()
            }
            kept = {new: item for column, item in self.column_properties.items() if (new := move(column)) is not None}
            self.column_properties = kept


OBJECT_LISTS = (
    "merges",
    "conditional_formats",
    "charts",
    "protected_ranges",
    "banded_ranges",
    "tables",
    "row_groups",
    "column_groups",
)
_NOTHING = Cell()


def _mover(at: int, count: int) -> Any:
    def move(position: int) -> int | None:
        if position < at:
            return position
        if count < 0 and position < at - count:
            return None
        return position + count

    return move


class Workbook:
    """A spreadsheet file: its sheets, its named ranges and metadata, and who may use it."""

    def __init__(self, key: str, properties: Json, owner: str) -> None:
        self.id = key
        self.properties = properties
        self.sheets: list[Sheet] = []
        self.named_ranges: list[Json] = []
        self.lost_names: list[Json] = []
        self.other_tabs: list[Json] = []
        """Properties of tabs that are no grids of cells; they come last."""
        # Ids of metadata that is gone.
        self.spent_ids: list[int] = []
        self.developer_metadata: list[Json] = []
        self.permissions: list[Json] = [{"kind": "drive#permission", "id": "owner", "type": "user", "role": "owner"}]
        self.permissions[0]["emailAddress"] = owner
        self.created = 0.0
        self.modified = 0.0
        self.version = 1
        self.trashed = False
        # The shared drive that holds it; None for somebody's own drive.
        self.drive_id: str | None = None
        # The newest moments of change; Drive may not show the last of them yet.
        self.moments: list[float] = []
        # What formulas evaluate to by order of a test, by their text; see SheetsServer.set_formula_result.
        self.formula_results: dict[str, Json] = {}

    @property
    def title(self) -> str:
        """The file's name."""
        return str(self.properties["title"])

    @property
    def locale(self) -> Locale:
        """The conventions in which people type and read values."""
        return find_locale(self.properties["locale"]) or Locale()

    @property
    def decimal_comma(self) -> bool:
        """Whether numbers, in formulas too, are written with a comma."""
        return self.locale.decimal == ","

    def sheet(self, sheet_id: int) -> Sheet | None:
        """The sheet with this id."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def sheet_named(self, title: str) -> Sheet | None:
        """The sheet with this name; names differ by more than case."""
        folded = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == folded), None)

    def sheet_names(self) -> dict[int, str]:
        """Ids to names."""
        return {sheet.id: sheet.title for sheet in self.sheets}

    def sheet_ids(self) -> dict[str, int]:
        """Casefolded names to ids."""
        return {sheet.title.casefold(): sheet.id for sheet in self.sheets}

    def named_range(self, name: str) -> Json | None:
        """The named range called so, without regard to case; None where it has lost its cells."""
        found = [item for item in self.named_ranges if item["name"].casefold() == name.casefold()]
        return next((item for item in found if item.get("range", {}).keys() - {"sheetId"}), None)

    def cell_count(self) -> int:
        """Cells of all grids, which Google limits."""
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets)

    def copy(self) -> Workbook:
        """A draft that a batch may change and then drop or keep."""
        twin = Workbook(self.id, self.properties, "")
        twin.sheets = [sheet.copy() for sheet in self.sheets]
        twin.named_ranges = list(self.named_ranges)
        twin.lost_names = list(self.lost_names)
        twin.other_tabs = list(self.other_tabs)
        twin.spent_ids = list(self.spent_ids)
        twin.developer_metadata = list(self.developer_metadata)
        twin.permissions = copy.deepcopy(self.permissions)
        twin.created, twin.modified, twin.version = self.created, self.modified, self.version
        twin.trashed = self.trashed
        twin.drive_id, twin.moments = self.drive_id, list(self.moments)
        twin.formula_results = dict(self.formula_results)
        return twin

    def shift(self, sheet: Sheet, dimension: str, at: int, count: int) -> None:
        """Insert (or with a negative count delete) rows or columns: cells, formulas, ranges of all objects move."""
        size = (sheet.row_count, sheet.column_count)
        sheet.shift(dimension, at, count)
        grown = (size[0] + count, size[1]) if dimension == "ROWS" else (size[0], size[1] + count)
        sheet.resize(*grown)
        for other in self.sheets:
            self._change_references(other, sheet.id, lambda reference: reference.after_change(dimension, at, count))
            for name in OBJECT_LISTS:
                moved = [_moved(item, sheet.id, dimension, at, count) for item in getattr(other, name)]
                setattr(other, name, [item for item in moved if item is not None])
            if other.basic_filter is not None:
                other.basic_filter = _moved(other.basic_filter, sheet.id, dimension, at, count)
        for name in ("named_ranges", "developer_metadata"):
            moved = [_moved(item, sheet.id, dimension, at, count) for item in getattr(self, name)]
            setattr(self, name, [item for item in moved if item is not None])

    def remove_sheet(self, sheet: Sheet, habits: Habits) -> None:
        """Drop a sheet; formulas that point at it become #REF!, because its id is gone; its names lose their cells."""
        self.sheets = [other for other in self.sheets if other.id != sheet.id]
        lost = [item for item in self.named_ranges if item.get("range", {}).get("sheetId", 0) == sheet.id]
        self.named_ranges = [item for item in self.named_ranges if item not in lost]
        without = [{name: part for name, part in item.items() if name != "range"} for item in lost]
        if habits.broken_names == "unlisted":
            self.lost_names += lost
        elif habits.broken_names == "without range":
            self.named_ranges += without
        else:
            self.named_ranges += [{**item, "range": {"sheetId": sheet.id}} for item in without]
        self.developer_metadata = [
            item for item in self.developer_metadata if location_sheet(item.get("location", {})) != sheet.id
        ]

    def _change_references(self, sheet: Sheet, target: int, change: Any) -> None:
        def apply(reference: Reference) -> Reference:
            points_at = sheet.id if reference.sheet is None else reference.sheet
            return change(reference) if points_at == target and reference.unknown_sheet is None else reference

        for cells in sheet.rows.values():
            for column, cell in cells.items():
                if isinstance(cell.value, Formula) and cell.value.references:
                    formula = cell.value.with_references(apply)
                    if formula is not cell.value:
                        cells[column] = replace(cell, value=formula)

    def formulas(self) -> Iterator[tuple[Sheet, int, int, Formula]]:
        """Every formula with its place."""
        for sheet in self.sheets:
            for row, cells in sheet.rows.items():
                for column, cell in cells.items():
                    if isinstance(cell.value, Formula):
                        yield sheet, row, column, cell.value


def location_sheet(location: Mapping[str, Any]) -> int | None:
    """The sheet that a piece of developer metadata belongs to; None for the workbook's own."""
    if "sheetId" in location:
        return int(location["sheetId"])
    return int(location["dimensionRange"].get("sheetId", 0)) if "dimensionRange" in location else None


_SPANS = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}


def _moved(item: Any, sheet_id: int, dimension: str, at: int, count: int) -> Any:
    """The object with every GridRange in it moved; None where nothing is left of its range."""
    if isinstance(item, list):
        moved = [_moved(entry, sheet_id, dimension, at, count) for entry in item]
        return [entry for entry in moved if entry is not None]
    if not isinstance(item, dict):
        return item
    if "rowIndex" in item or "columnIndex" in item:
        return _moved_anchor(item, sheet_id, dimension, at, count)
    if "dimension" in item and "startIndex" in item:
        if item.get("sheetId", 0) != sheet_id or item["dimension"] != dimension:
            return item
        span = shift_span(item["startIndex"], item.get("endIndex"), at, count)
        return None if span is None else {**item, "startIndex": span[0], "endIndex": span[1]}
    if "sheetId" in item and (item.keys() & {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}):
        if item["sheetId"] != sheet_id:
            return item
        first, last = _SPANS[dimension]
        span = shift_span(item.get(first), item.get(last), at, count)
        if span is None:
            return None
        changed = dict(item)
        changed.update({name: value for name, value in zip((first, last), span, strict=True) if value is not None})
        return changed
    result = {}
    for name, entry in item.items():
        moved = _moved(entry, sheet_id, dimension, at, count)
        if moved is None and entry is not None:
            if name in ("range", "location"):
                return None
            continue
        if name == "ranges" and entry and not moved:
            return None
        result[name] = moved
    return result


def _moved_anchor(item: Json, sheet_id: int, dimension: str, at: int, count: int) -> Json:
    name = "rowIndex" if dimension == "ROWS" else "columnIndex"
    position = item.get(name, 0)
    if item.get("sheetId", 0) != sheet_id or position < at:
        return item
    return {**item, name: max(at, position + count)}


def clip(sheet: Sheet, area: Area) -> tuple[int, int, int, int]:
    """The area within the sheet's grid."""
    return area.clip(sheet.row_count, sheet.column_count)
