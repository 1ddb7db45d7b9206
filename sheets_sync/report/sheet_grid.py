"""A sheet under construction: cells put at positions, blocks remembered by name, references spelled for formulas."""

from collections.abc import Iterable

from openpyxl.utils import quote_sheetname

from sheets_sync.workbook.changes import OutCell
from sheets_sync.workbook.snapshot import Area, a1


class Grid:
    """Cells of one tab, collected in any order; rows and columns are 1-based."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.areas: dict[str, Area] = {}
        self._cells: dict[tuple[int, int], OutCell] = {}

    def put(self, row: int, column: int, cell: OutCell) -> None:
        """Place one cell; a position is filled once.

        Raises:
            ValueError: the position is taken.
        """
        if (row, column) in self._cells:
            raise ValueError(f"{self.title}!{a1(row, column)} is written twice")
        self._cells[row, column] = cell

    def put_row(self, row: int, column: int, cells: Iterable[OutCell | None]) -> None:
        """Place cells side by side from a column on; None leaves a gap."""
        for offset, cell in enumerate(cells):
            if cell is not None:
                self.put(row, column + offset, cell)

    def area(self, top: int, left: int, bottom: int, right: int) -> Area:
        """A rectangle on this tab."""
        return Area(self.title, top, left, bottom, right)

    def cell_area(self, row: int, column: int) -> Area:
        """One cell of this tab."""
        return Area(self.title, row, column, row, column)

    def rows(self) -> list[list[OutCell | None]]:
        """Every cell from A1 to the last row and column in use, as equally long rows."""
        height = max((row for row, _ in self._cells), default=0)
        width = max((column for _, column in self._cells), default=0)
        rows: list[list[OutCell | None]] = [[None] * width for _ in range(height)]
        for (row, column), cell in self._cells.items():
            rows[row - 1][column - 1] = cell
        return rows


def fixed(row: int, column: int) -> str:
    """An absolute reference to one cell of the same tab, such as ``$D$7``."""
    letters = a1(row, column).rstrip("0123456789")
    return f"${letters}${row}"


def fixed_range(area: Area) -> str:
    """An absolute reference to a rectangle of the same tab, such as ``$D$7:$D$46``."""
    return f"{fixed(area.top, area.left)}:{fixed(area.bottom, area.right)}"


def across(area: Area) -> str:
    """An absolute reference to a rectangle from another tab, such as ``'Results'!$D$7:$D$46``."""
    is_cell = (area.top, area.left) == (area.bottom, area.right)
    return f"{quote_sheetname(area.tab)}!{fixed(area.top, area.left) if is_cell else fixed_range(area)}"


def quoted(text: str) -> str:
    """A text literal for a formula, quotes doubled."""
    return '"' + text.replace('"', '""') + '"'
