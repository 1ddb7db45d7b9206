"""Which column of a tab is which field: the header row, its cells, and the columns and families that they name.

A header that could not be matched is kept as a `Stray`: nothing is judged here, the checks report it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.columns import Column, Family, InputTab, Subject
from config.names import clean, fold_header
from config.tabs import HEADER_SEARCH_ROWS
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab

_TOTAL_RESOURCE = {"cost": "engineering_tokens", "capacity": "capacity_total_tokens"}
"""The single column that holds a family's member of the resource that every initiative costs."""
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


def match_headers(spec: InputTab, header_cells: Sequence[Cell], kpis: Vocabulary) -> tuple[list[Field], list[Stray]]:
    """What each cell of the header row names, from left to right; `kpis` knows which headers name a KPI."""
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
    """Where the tab has a column by its own name, an alias of it that names a KPI is that KPI's column.

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
            column = spec.column(_TOTAL_RESOURCE[family.name])
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


def first_of_each(fields: Iterable[Field]) -> tuple[dict[str, Field], list[Field], list[Field]]:
    """(the column to read for each name, further ones, aliases beside the canonical header)."""
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
