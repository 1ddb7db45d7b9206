"""Snapshot to frames: one pandas DataFrame per input tab, columns by canonical name, rows by their number in the sheet.

The values of a frame are the sheet's own typed cells, so that whoever reads one can still say where it stands and how
the sheet shows it. Nothing is judged here: what a header could not be matched with is kept, for the checks to tell.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from config.columns import Column, Family, InputTab, Subject
from config.names import clean, fold_header
from config.tabs import HEADER_SEARCH_ROWS
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Tab

TOTAL_RESOURCE = {"cost": "engineering_tokens", "capacity": "capacity_total_tokens"}
"""The single column that holds a family's member of the resource that every initiative costs."""
_NUMBERLIKE = re.compile(r"[-+(\u2212]?\s?[^\w\s]?\s?[-+]?[\d.,'\s]*\d[\d.,'\s]*\s?(?:%|\w{1,3})?\)?")
_TOTAL_SPELLINGS = frozenset(map(fold_header, ("engineering_tokens", "tokens", "total_tokens")))


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a tab that sheetplan reads: `name` is canonical, `header` and `number` are the sheet's own."""

    name: str
    header: str
    number: int
    column: Column | None = None
    family: Family | None = None
    member: str | None = None
    """The KPI key or the resource that the header names, for a column of a family."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A column that is none of sheetplan's; where its header begins like one of a family, what it seemed to mean."""

    header: str
    number: int
    family: Family | None = None
    member: str | None = None
    is_numeric: bool = False
    is_numberlike: bool = False
    """Whether it holds numbers, some of them perhaps typed as text, or formulas that came to nothing."""
    filled: tuple[int, ...] = ()
    """The sheet's row numbers of its cells that hold anything."""


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
    """The frame of one tab. `kpis` tells which headers name a KPI; it is empty for the KPIs tab itself."""
    header_row = find_header_row(tab, spec)
    if header_row is None:
        empty = pd.DataFrame(index=pd.Index([], dtype="int64"))
        return Frame(spec, tab.title, 1, 0, {}, empty, header_found=False)
    header_cells = tab.rows[header_row - 1]
    fields, strays = _match_headers(spec, header_cells, kpis)
    kept, repeats, outranked = _first_of_each(fields)
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


def find_header_row(tab: Tab, spec: InputTab) -> int | None:
    """The number of the first row, within the first 20, that holds the tab's key column.

    A title such as "KPI" alone in a row would pass for a header too, so a row with a further column of ours goes first.
    """
    key = spec.column(spec.key_column)
    lone: int | None = None
    for number, row in enumerate(tab.rows[:HEADER_SEARCH_ROWS], start=1):
        found = {column.name for cell in row if (column := spec.find_column(header_text(cell))) is not None}
        if key.name in found:
            if len(found) > 1:
                return number
            lone = lone or number
    return lone


def header_text(cell: Cell) -> str:
    """What a header cell says; nothing for error values and formulas that were never calculated."""
    if cell.kind is CellKind.TEXT:
        return clean(str(cell.value))
    return clean(cell.shown) if cell.kind in (CellKind.NUMBER, CellKind.DATE) else ""


def has_content(cell: Cell) -> bool:
    """Whether a cell makes its row one that must be understood; an unticked check box or invisible text does not."""
    if cell.kind is CellKind.TEXT:
        return bool(clean(str(cell.value)))
    return not (cell.is_blank or cell.value is False)


def _match_headers(spec: InputTab, header_cells: Sequence[Cell], kpis: Vocabulary) -> tuple[list[Field], list[Stray]]:
    fields: list[Field] = []
    strays: list[Stray] = []
    resources: dict[str, str] = {}
    for number, cell in enumerate(header_cells, start=1):
        header = header_text(cell)
        if not header:
            strays.append(Stray("", number))
            continue
        column = spec.find_column(header)
        if column is not None:
            fields.append(Field(column.name, header, number, column=column))
            continue
        matched = _match_family(spec, header, number, kpis, resources)
        if isinstance(matched, Field):
            fields.append(matched)
        else:
            strays.append(matched)
    return _with_kpis_for_aliases(spec, fields, kpis), strays


def _with_kpis_for_aliases(spec: InputTab, fields: Sequence[Field], kpis: Vocabulary) -> list[Field]:
    """Where a column stands on the tab by its own name, an alias of it that names a KPI is that KPI's column.

    Unless the KPI has a column already: then the alias is one too many of either, and left out as such.
    """
    bare = next((family for family in spec.families if family.bare), None)
    if bare is None:
        return list(fields)
    itself = {field.name for field in fields if fold_header(field.header) == fold_header(field.name)}
    taken = {field.name for field in fields}
    meant: list[Field] = []
    for field in fields:
        is_alias = field.column is not None and fold_header(field.header) != fold_header(field.name)
        key = kpis.find(field.header) if is_alias and field.name in itself else None
        if key is None or bare.header(key) in taken:
            meant.append(field)
        else:
            meant.append(Field(bare.header(key), field.header, field.number, family=bare, member=key))
    return meant


def _match_family(
    spec: InputTab, header: str, number: int, kpis: Vocabulary, resources: dict[str, str]
) -> Field | Stray:
    """A header that is no single column: bare KPI, then prefix with a colon, then prefix or suffix without one."""
    for family in spec.families:
        if family.bare and (key := kpis.find(header)) is not None:
            return Field(family.header(key), header, number, family=family, member=key)
    before, colon, after = header.replace("\uff1a", ":").partition(":")
    if colon:
        return _match_prefixed(spec, header, number, (before, clean(after)), kpis, resources)
    folded = fold_header(header)
    for family in spec.families:
        if family.subject is not Subject.KPI:
            continue
        for rest in _rests(family, folded):
            if (key := kpis.find(rest)) is not None:
                return Field(family.header(key), header, number, family=family, member=key)
    for family in spec.families:
        for rest in _rests(family, folded):
            if family.subject is Subject.KPI and kpis.close(rest) is not None:
                return Stray(header, number, family, rest)
    return Stray(header, number)


def _match_prefixed(
    spec: InputTab, header: str, number: int, parts: tuple[str, str], kpis: Vocabulary, resources: dict[str, str]
) -> Field | Stray:
    prefix, member = parts
    for family in spec.families:
        if fold_header(prefix) not in map(fold_header, family.prefixes):
            continue
        if family.subject is Subject.KPI:
            key = kpis.find(member)
            if key is None:
                return Stray(header, number, family, member)
            return Field(family.header(key), header, number, family=family, member=key)
        if fold_header(member) in _TOTAL_SPELLINGS:
            column = spec.column(TOTAL_RESOURCE[family.name])
            return Field(column.name, header, number, column=column)
        if not member:
            return Stray(header, number, family, member)
        resource = resources.setdefault(fold_header(member), member)
        return Field(family.header(resource), header, number, family=family, member=resource)
    return Stray(header, number)


def _rests(family: Family, folded: str) -> list[str]:
    """What is left of a folded header without the family's prefix or suffix, for each that it has."""
    prefixes, suffixes = map(fold_header, family.prefixes), map(fold_header, family.suffixes)
    rests = [folded.removeprefix(prefix) for prefix in prefixes if folded.startswith(prefix)]
    rests += [folded.removesuffix(suffix) for suffix in suffixes if folded.endswith(suffix)]
    return [rest for rest in rests if rest]


def _first_of_each(fields: Iterable[Field]) -> tuple[dict[str, Field], list[Field], list[Field]]:
    """(the column to read for each name, further ones, aliases that stand beside the canonical header)."""
    by_name: dict[str, list[Field]] = {}
    for field in fields:
        by_name.setdefault(field.name, []).append(field)
    kept: dict[str, Field] = {}
    repeats: list[Field] = []
    outranked: list[Field] = []
    for name, same in by_name.items():
        canonical = [field for field in same if fold_header(field.header) == fold_header(name)]
        if same[0].column is not None and len(canonical) == 1:
            kept[name] = canonical[0]
            outranked += [field for field in same if field is not canonical[0]]
        else:
            kept[name] = same[0]
            repeats += same[1:]
    return kept, repeats, outranked


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
