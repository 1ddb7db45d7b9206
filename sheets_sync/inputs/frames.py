"""Snapshot to frames: one pandas DataFrame per input tab, columns by canonical name, rows by their number in the sheet.

The values of a frame are the sheet's own typed cells, so that whoever reads one can still say where it is and how the
sheet shows it. Nothing is judged here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from config.columns import InputTab
from config.names import clean
from sheets_sync.inputs.header_matching import Field, Stray, find_header_row, first_of_each, match_headers
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Tab

_NUMBERLIKE = re.compile(r"[-+(\u2212]?\s?[^\w\s]?\s?[-+]?[\d.,'\s]*\d[\d.,'\s]*\s?(?:%|\w{1,3})?\)?")


@dataclass(frozen=True)
class Frame:
    """One input tab: `cells` has the sheet's row numbers as index, canonical column names as columns and `Cell` values.

    Rows without content are left out: all blank, or nothing but unticked check boxes. `repeats` are further
    columns of a name that `fields` already has; `outranked` are aliases beside the canonical header; `written` is the
    status column and `written_rows` the rows in which it holds anything. `width` is the last column that the tab uses.
    """

    spec: InputTab
    title: str
    header_row: int
    width: int
    fields: Mapping[str, Field]
    cells: pd.DataFrame
    repeats: Sequence[Field] = ()
    outranked: Sequence[Field] = ()
    strays: Sequence[Stray] = ()
    written: Field | None = None
    written_rows: Sequence[int] = ()
    header_found: bool = True

    @cached_property
    def rows(self) -> list[int]:
        """The sheet's row number of each row."""
        return [int(row) for row in self.cells.index]

    def column(self, name: str) -> list[Cell]:
        """The cells of one column, in the order of `rows`; blank ones where the sheet has no such column."""
        return list(self.cells[name]) if name in self.fields else [BLANK] * len(self.cells)

    def family(self, name: str) -> list[Field]:
        """The columns of one family, in sheet order."""
        return [field for field in self.fields.values() if field.family is not None and field.family.name == name]

    def number_of(self, name: str) -> int | None:
        """The sheet's column number of a canonical name; None where the sheet has no such column."""
        field = self.fields.get(name)
        return None if field is None else field.number


def read_frame(tab: Tab, spec: InputTab, kpis: Vocabulary) -> Frame:
    """The frame of one tab. `kpis` knows which headers name a KPI; it is empty for the KPIs tab itself."""
    header_row = find_header_row(tab, spec)
    if header_row is None:
        empty = pd.DataFrame(index=pd.Index([], dtype="int64"))
        return Frame(spec, tab.title, 1, 0, {}, empty, header_found=False)
    header_cells = tab.rows[header_row - 1]
    fields, strays = match_headers(spec, header_cells, kpis)
    kept, repeats, outranked = first_of_each(fields)
    inputs = {name: field for name, field in kept.items() if field.column is None or not field.column.is_written}
    written = next((field for name, field in kept.items() if name not in inputs), None)
    body = tab.rows[header_row:]
    width = max((len(row) for row in tab.rows), default=0)
    strays = [_with_kind(stray, body, header_row) for stray in (*strays, *_headless(len(header_cells), width))]
    return Frame(
        spec,
        tab.title,
        header_row,
        width,
        inputs,
        _cells(inputs, body, header_row),
        repeats,
        outranked,
        strays,
        written,
        () if written is None else _filled_rows(written.number, body, header_row),
    )


def has_content(cell: Cell) -> bool:
    """Whether a cell makes its row one that must be understood; an unticked check box or invisible text does not."""
    if cell.kind is CellKind.TEXT:
        return bool(clean(str(cell.value)))
    return not (cell.is_blank or cell.value is False)


def _headless(headers: int, width: int) -> list[Stray]:
    return [Stray("", number) for number in range(headers + 1, width + 1)]


def _with_kind(stray: Stray, body: Sequence[Sequence[Cell]], header_row: int) -> Stray:
    """The stray column with its filled rows; numeric where at least half of them hold numbers."""
    filled = _filled_rows(stray.number, body, header_row)
    numbers = sum(body[number - header_row - 1][stray.number - 1].kind is CellKind.NUMBER for number in filled)
    like = sum(_is_numberlike(body[number - header_row - 1][stray.number - 1]) for number in filled)
    return replace(
        stray,
        is_numeric=numbers > 0 and numbers * 2 >= len(filled),
        is_numberlike=like > 0 and like * 2 >= len(filled),
        filled=filled,
    )


def _is_numberlike(cell: Cell) -> bool:
    if cell.kind is CellKind.TEXT:
        return _NUMBERLIKE.fullmatch(clean(str(cell.value))) is not None
    return cell.kind in (CellKind.NUMBER, CellKind.ERROR, CellKind.UNCALCULATED)


def _filled_rows(column: int, body: Sequence[Sequence[Cell]], header_row: int) -> tuple[int, ...]:
    return tuple(
        number
        for number, row in enumerate(body, start=header_row + 1)
        if len(row) >= column and not row[column - 1].is_blank
    )


def _cells(fields: Mapping[str, Field], body: Sequence[Sequence[Cell]], header_row: int) -> pd.DataFrame:
    places = [field.number - 1 for field in fields.values()]
    numbers: list[int] = []
    picked: list[list[Cell]] = []
    for number, row in enumerate(body, start=header_row + 1):
        length = len(row)
        cells = [row[at] if at < length else BLANK for at in places]
        if any(cell is not BLANK and has_content(cell) for cell in cells):
            numbers.append(number)
            picked.append(cells)
    index = pd.Index(numbers, dtype="int64", name="row")
    columns = zip(*picked, strict=True) if picked else [()] * len(fields)
    return pd.DataFrame(
        {name: pd.Series(list(cells), index=index, dtype=object) for name, cells in zip(fields, columns, strict=True)},
        index=index,
    )
