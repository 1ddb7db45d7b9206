"""How much each spreadsheet holds beside what we read: what decides whether one call may ask for all of it.

A hint and no more: where it is wrong or gone, a read takes one call more, or brings cells that nobody needs.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FRESH_TAB = 26_000
"""Cells of a tab as Google makes it, most of which stay blank: such a tab counts a fifth."""
LARGE = 100_000
"""Cells beside what we read from which on it pays to ask for single tabs."""


class KnownSizes:
    """Cells beside what we read, by spreadsheet; with a folder, for later processes of the same user as well."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._cells: dict[str, int] = {}

    def is_small(self, spreadsheet_id: str) -> bool:
        """Whether the spreadsheet is known, and known to hold little else."""
        if spreadsheet_id not in self._cells and self._folder is not None:
            with suppress(OSError, ValueError):
                self._cells[spreadsheet_id] = int(self._file(self._folder, spreadsheet_id).read_text("ascii"))
        return self._cells.get(spreadsheet_id, LARGE + 1) <= LARGE

    def note(self, spreadsheet_id: str, cells: int) -> None:
        """Remember what a read found."""
        before, self._cells[spreadsheet_id] = self._cells.get(spreadsheet_id), cells
        if self._folder is None or (before is not None and (before <= LARGE) == (cells <= LARGE)):
            return
        # Another user's folder, a full disk: then the next process asks anew.
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file(self._folder, spreadsheet_id).write_text(str(cells), "ascii")

    @staticmethod
    def _file(folder: Path, spreadsheet_id: str) -> Path:
        return folder / hashlib.sha256(spreadsheet_id.encode()).hexdigest()[:24]


def cells_in(sheets: Iterable[Mapping[str, Any]]) -> int:
    """The cells that an answer holds of these tabs; where it holds none of a tab, what its size lets expect."""
    return sum(_filled(sheet) if "data" in sheet else _expected(sheet) for sheet in sheets)


def _filled(sheet: Mapping[str, Any]) -> int:
    return sum(len(row.get("values", ())) for grid in sheet["data"] for row in grid.get("rowData", ()))


def _expected(sheet: Mapping[str, Any]) -> int:
    grid = sheet["properties"].get("gridProperties", {})
    cells: int = grid.get("rowCount", 0) * grid.get("columnCount", 0)
    return cells // 5 if cells <= FRESH_TAB else cells
