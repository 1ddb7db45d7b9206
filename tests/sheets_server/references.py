"""References inside formulas: bound to a sheet's id, so that renaming, inserting and deleting keep them right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .a1 import Area, column_letters, quote_sheet


@dataclass(frozen=True, slots=True)
class End:
    """One corner: row and column from 0 (None: open), and whether each has its dollar sign."""

    row: int | None
    column: int | None
    fixed_row: bool = False
    fixed_column: bool = False

    def text(self) -> str:
        """`$B2`, `B` or `2`."""
        column = "" if self.column is None else ("$" if self.fixed_column else "") + column_letters(self.column)
        row = "" if self.row is None else ("$" if self.fixed_row else "") + str(self.row + 1)
        return column + row

    def moved(self, rows: int, columns: int) -> End:
        """The corner as a copied formula sees it: parts without a dollar sign move along."""
        row = self.row if self.row is None or self.fixed_row else self.row + rows
        column = self.column if self.column is None or self.fixed_column else self.column + columns
        return replace(self, row=row, column=column)

    def placed(self, field: str, position: int | None) -> End:
        """The corner with its `row` or `column` elsewhere."""
        return replace(self, row=position) if field == "row" else replace(self, column=position)


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell or range; `sheet` is None for the formula's own sheet; `broken` renders as #REF!."""

    start: End
    end: End | None = None
    sheet: int | None = None
    unknown_sheet: str | None = None
    broken: bool = False

    def text(self, sheet_names: Mapping[int, str]) -> str:
        """The reference as the formula bar shows it."""
        if self.unknown_sheet is not None:
            prefix = quote_sheet(self.unknown_sheet) + "!"
        elif self.sheet is None:
            prefix = ""
        elif self.sheet in sheet_names:
            prefix = quote_sheet(sheet_names[self.sheet]) + "!"
        else:
            return "#REF!"
        if self.broken:
            return prefix + "#REF!"
        return prefix + self.start.text() + ("" if self.end is None else ":" + self.end.text())

    def area(self) -> Area:
        """The cells that it covers, whichever way round its corners are."""
        end = self.end or self.start
        top, bottom = _ordered(self.start.row, end.row)
        left, right = _ordered(self.start.column, end.column)
        return Area(top, left, bottom, right)

    def moved(self, rows: int, columns: int) -> Reference:
        """The reference of a formula that was copied this far; off the grid it breaks."""
        start = self.start.moved(rows, columns)
        end = self.end and self.end.moved(rows, columns)
        corners = [start] if end is None else [start, end]
        broken = self.broken or any((c.row or 0) < 0 or (c.column or 0) < 0 for c in corners)
        return replace(self, start=start, end=end, broken=broken)

    def after_change(self, dimension: str, at: int, count: int) -> Reference:
        """The reference after `count` rows or columns were inserted at `at` (deleted there if negative)."""
        field = "row" if dimension == "ROWS" else "column"
        first = getattr(self.start, field)
        last = getattr(self.end or self.start, field)
        if self.broken or (first is None and last is None):
            return self
        turned = first is not None and last is not None and first > last
        low, high = (last, first) if turned else (first, last)
        shifted = shift_span(low, None if high is None else high + 1, at, count)
        if shifted is None:
            return replace(self, broken=True)
        low, high = shifted[0], None if shifted[1] is None else shifted[1] - 1
        first, last = (high, low) if turned else (low, high)
        end = None if self.end is None else self.end.placed(field, last)
        return replace(self, start=self.start.placed(field, first), end=end)


def _ordered(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    if first is None or last is None:
        return (first if last is None else last), None
    return min(first, last), max(first, last) + 1


def shift_span(start: int | None, end: int | None, at: int, count: int) -> tuple[int | None, int | None] | None:
    """A span [start, end) after an insertion (count > 0) or deletion (count < 0) at `at`; None: nothing is left."""
    if count >= 0:
        moved_start = start + count if start is not None and start >= at else start
        moved_end = end + count if end is not None and end > at else end
        return moved_start, moved_end
    gone_end = at - count

    def squeeze(position: int) -> int:
        return position if position <= at else max(at, position + count)

    if start is not None and end is not None and at <= start and end <= gone_end and start < end:
        return None
    return (None if start is None else squeeze(start)), (None if end is None else squeeze(end))
