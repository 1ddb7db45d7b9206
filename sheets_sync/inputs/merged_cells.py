"""Merged cells: what they hold counts for every row that they cover, in columns of text that classify; nowhere else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from config.columns import ValueType
from sheets_sync.inputs.header_matching import Field
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, Tab

_CLASSIFYING = frozenset({ValueType.KEY, ValueType.PERIOD, ValueType.CHOICE})


@dataclass(frozen=True, slots=True)
class MergedCell:
    """One merged area over rows of a list, in a column that sheetplan reads.

    `holds` says that its text was taken for all the rows; False where nobody can say how a key or a number is shared.
    """

    field: Field
    area: Area
    holds: bool


def fill_merged(
    tab: Tab, header_row: int, fields: Collection[Field], key_column: str, skip: Collection[int]
) -> tuple[Tab, tuple[MergedCell, ...]]:
    """The tab with merged texts in every row that they cover, and what was found; rows in `skip` stay as they are."""
    merged: list[MergedCell] = []
    filled: dict[int, dict[int, Cell]] = {}
    by_number = {field.number: field for field in fields}
    for area in tab.merges:
        rows = [row for row in range(max(area.top, header_row + 1), area.bottom + 1) if row not in skip]
        if len(rows) < 2 or area.top <= header_row:
            continue
        for number in range(area.left, area.right + 1):
            field = by_number.get(number)
            if field is None:
                continue
            holds = number == area.left and _classifies(field, key_column)
            merged.append(MergedCell(field, area, holds))
            if holds:
                for row in rows[1:]:
                    filled.setdefault(row, {})[number] = tab.cell(area.top, area.left)
    if not filled:
        return tab, tuple(merged)
    return replace(tab, rows=_with_cells(tab.rows, filled)), tuple(merged)


def _classifies(field: Field, key_column: str) -> bool:
    return field.column is not None and field.name != key_column and field.column.type in _CLASSIFYING


def _with_cells(rows: Sequence[Sequence[Cell]], filled: Mapping[int, Mapping[int, Cell]]) -> list[Sequence[Cell]]:
    changed = list(rows)
    for number, cells in filled.items():
        # Rows that end before a merged cell are short: what a merged area covers is blank.
        changed += [()] * (number - len(changed))
        row = list(changed[number - 1])
        row += [BLANK] * (max(cells) - len(row))
        for column, cell in cells.items():
            row[column - 1] = cell
        changed[number - 1] = row
    return changed
