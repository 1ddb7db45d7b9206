"""Protected ranges: which of them keep our account out, and of which cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sheets_sync.google.range_names import EDGES
from sheets_sync.google.sheet_state import SheetState, WorkbookState

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Lock:
    """A protection that our account may not pass: its cells, those of them that it leaves open, and its description."""

    grid: Json
    open: tuple[Json, ...]
    title: str
    place: str

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell, its row and column counted from 1, is locked."""
        return _inside(self.grid, row, column) and not any(_inside(grid, row, column) for grid in self.open)

    def __str__(self) -> str:
        return f"{self.place} {self.title}".strip()


def locks_on(sheet: SheetState, state: WorkbookState) -> Iterator[Lock]:
    """The locks on one tab."""
    named = dict(state.named.values())
    for item in sheet.protections:
        if item.get("warningOnly") or item.get("requestingUserCanEdit", False):
            continue
        grid = item.get("range") or named.get(item.get("namedRangeId", "")) or {"sheetId": sheet.sheet_id}
        is_whole = not any(edge in grid for edge in EDGES)
        place = sheet.title if is_whole else str(state.area(grid) or sheet.title)
        yield Lock(grid, tuple(item.get("unprotectedRanges", ())), item.get("description", ""), place)


def _inside(grid: Json, row: int, column: int) -> bool:
    """Whether a GridRange holds a cell; an end that is not given is open."""
    top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
    bottom, right = grid.get("endRowIndex", row), grid.get("endColumnIndex", column)
    return bool(top < row <= bottom and left < column <= right)
