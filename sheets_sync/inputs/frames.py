"""Snapshot to frames: one pandas DataFrame per input tab, columns by canonical name, rows by their number in the sheet.

The values of a frame are the sheet's own typed cells, so that whoever reads one can still say where it is and how the
sheet shows it. Nothing is judged here.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from config.columns import InputTab, ValueType
from config.names import LIST_SEPARATORS, clean, fold_header, fold_key, header_words
from sheets_sync.inputs.header_matching import Field, Meanings, Stray, find_header_row, first_of_each, match_headers
from sheets_sync.inputs.merged_cells import MergedCell, fill_merged
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.row_kinds import ListColumns, RowKinds, classify_rows
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Tab

_NUMBERLIKE = re.compile(r"[-+(\u2212]?\s?[^\w\s]?\s?[-+]?[\d.,'\s]*\d[\d.,'\s]*\s?(?:%|\w{1,3})?\)?")


@dataclass(frozen=True)
class WrittenColumn:
    """A column that sheetplan writes, as it is now: its header, and its cells that hold anything, by row."""

    field: Field
    cells: Mapping[int, Cell]


@dataclass(frozen=True)
class Frame:
    """One input tab: `cells` has the sheet's row numbers as index, canonical column names as columns and `Cell` values.

    Rows without content are left out: all blank, or nothing but unticked check boxes. `repeats` are further
    columns of a name that `fields` already has; `outranked` are aliases beside the canonical header; `written` are the
    columns whose headers mean one that sheetplan writes, the best first. `width` is the last column that the tab uses.
    Of a list, headings and totals are left out too; `kinds` says which, and which rows are perhaps totals.
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
    written: Sequence[WrittenColumn] = ()
    header_found: bool = True
    kinds: RowKinds = field(default_factory=RowKinds)
    merged: Sequence[MergedCell] = ()

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


def read_frame(tab: Tab, spec: InputTab, kpis: Vocabulary, meanings: Meanings | None = None) -> Frame:
    """The frame of one tab. `kpis` knows which headers name a KPI; it is empty for the KPIs tab itself.

    `meanings` is what the tab Columns says of this tab's headers.
    """
    header_row = find_header_row(tab, spec, meanings)
    if header_row is None:
        empty = pd.DataFrame(index=pd.Index([], dtype="int64"))
        return Frame(spec, tab.title, 1, 0, {}, empty, header_found=False)
    header_cells = tab.rows[header_row - 1]
    fields, strays = match_headers(spec, header_cells, kpis, meanings)
    kept, repeats, outranked = first_of_each(fields)
    inputs = {name: field for name, field in kept.items() if field.column is None or not field.column.is_written}
    written = sorted((field for field in fields if field.column is not None and field.column.is_written), key=_rank)
    kinds = _row_kinds(tab, spec, header_row, inputs.values()) if spec.is_list else RowKinds()
    left_out = {*kinds.headings, *kinds.repeated, *kinds.totals}
    tab, merged = fill_merged(tab, header_row, inputs.values(), spec.key_column, left_out)
    body = tab.rows[header_row:]
    width = max((len(row) for row in tab.rows), default=0)
    strays = [_with_kind(stray, body, header_row) for stray in (*strays, *_headless(len(header_cells), width))]
    return Frame(
        spec,
        tab.title,
        header_row,
        width,
        inputs,
        _cells(inputs, body, header_row, left_out),
        repeats,
        outranked,
        strays,
        [WrittenColumn(field, _written_cells(field.number, body, header_row)) for field in written],
        kinds=kinds,
        merged=merged,
    )


def _row_kinds(tab: Tab, spec: InputTab, header_row: int, fields: Collection[Field]) -> RowKinds:
    """Which rows are headings or totals, by the columns that sheetplan reads: another table may be beside the list."""
    by_type: dict[str, list[int]] = {"name": [], "number": [], "class": [], "other": []}
    names: set[str] = set()
    for field_ in fields:
        part = _part(field_, spec)
        by_type[part].append(field_.number)
        if part in ("number", "class"):
            names |= header_words(re.sub(r"[():,.]", " ", field_.header))
    if not by_type["number"]:
        return RowKinds()
    ours = [number for numbers in by_type.values() for number in numbers]
    columns = ListColumns(
        names_row=by_type["name"],
        numbers=by_type["number"],
        classes=by_type["class"],
        others=by_type["other"],
        names=frozenset(names),
        mentioned=_mentioned(tab, header_row, fields),
        headers={field_.number: fold_header(field_.header) for field_ in fields},
        parents=[field_.number for field_ in fields if field_.name == "program"],
    )
    filled = (
        number
        for number, row in enumerate(tab.rows[header_row:], start=header_row + 1)
        if any(len(row) >= column and has_content(row[column - 1]) for column in ours)
    )
    totals_rows = [table.totals_row for table in tab.tables if table.totals_row is not None]
    return classify_rows(tab, filled, columns, totals_rows)


def _mentioned(tab: Tab, header_row: int, fields: Iterable[Field]) -> frozenset[str]:
    """The keys, folded, that cells with lists of keys name."""
    lists = [field_.number for field_ in fields if field_.column is not None and field_.column.type is ValueType.KEYS]
    texts = (row[n - 1].value for row in tab.rows[header_row:] for n in lists if len(row) >= n)
    parts = (part for text in texts if text is not None for part in LIST_SEPARATORS.split(str(text)))
    return frozenset(fold_key(part) for part in parts if part.strip())


def _part(field_: Field, spec: InputTab) -> str:
    """What a column is to a list: it names the row, is added up, classifies it, or neither."""
    if field_.family is not None:
        return "class" if field_.family.has_words else "number"
    column = field_.column
    if column is None:
        return "other"
    if column.name in (spec.key_column, "title"):
        return "name"
    if column.type is ValueType.NUMBER:
        return "number"
    return "class" if column.type in (ValueType.KEY, ValueType.PERIOD) else "other"


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


def _rank(field: Field) -> tuple[float, int]:
    return field.rank, field.number


def _filled_rows(column: int, body: Sequence[Sequence[Cell]], header_row: int) -> tuple[int, ...]:
    return tuple(
        number
        for number, row in enumerate(body, start=header_row + 1)
        if len(row) >= column and not row[column - 1].is_blank
    )


def _written_cells(column: int, body: Sequence[Sequence[Cell]], header_row: int) -> dict[int, Cell]:
    return {
        number: row[column - 1]
        for number, row in enumerate(body, start=header_row + 1)
        if len(row) >= column and not (row[column - 1].is_blank and row[column - 1].formula is None)
    }


def _cells(
    fields: Mapping[str, Field], body: Sequence[Sequence[Cell]], header_row: int, left_out: Collection[int]
) -> pd.DataFrame:
    places = [field.number - 1 for field in fields.values()]
    numbers: list[int] = []
    picked: list[list[Cell]] = []
    for number, row in enumerate(body, start=header_row + 1):
        if number in left_out:
            continue
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
