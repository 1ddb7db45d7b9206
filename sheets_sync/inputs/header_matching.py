"""Which column of a tab is which field: the header row, its cells, and the columns and families that they name.

A header that could not be matched is kept as a `Stray`: nothing is judged here, the checks report it.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from config.columns import Column, Family, InputTab, Subject
from config.names import clean, fold_header, header_spellings
from config.tabs import HEADER_SEARCH_ROWS, IGNORE
from config.units import UNITS, unit_key
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab

_TOTAL_RESOURCE = {"cost": "engineering_tokens", "capacity": "capacity_total_tokens"}
"""The single column that holds a family's member of the resource that every initiative costs."""
_LEFT_ALONE = frozenset(map(fold_header, IGNORE)) | {"-"}
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
    rank: float = 0.0
    """How well the header says what it means, against others of the same column: the lower, the better."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A column that is none of sheetplan's; where its header begins like one of a family, what it seemed to mean."""

    header: str
    number: int
    family: Family | None = None
    member: str | None = None
    is_left_alone: bool = False
    """Whether the tab Columns says that sheetplan leaves it alone."""
    is_numeric: bool = False
    is_numberlike: bool = False
    """Whether it holds numbers, some of them perhaps typed as text, or formulas that came to nothing."""
    filled: tuple[int, ...] = ()
    """The sheet's row numbers of its cells that hold anything."""


Meanings = Mapping[str, str]
"""Of one tab: what the tab Columns says that a folded header means."""


def find_header_row(tab: Tab, spec: InputTab, meanings: Meanings | None = None) -> int | None:
    """The number of the first row, within the first 20, that holds the tab's key column.

    A title such as "KPI" alone in a row would pass for a header too, so a row with a further column of ours goes first.
    """
    lone: int | None = None
    for number, row in enumerate(tab.rows[:HEADER_SEARCH_ROWS], start=1):
        headers = [header_text(cell) for cell in row]
        found = assign_columns(spec, headers, meanings or {})
        if spec.key_column in found:
            if len(found) > 1:
                return number
            # A word that is only perhaps the key's, alone in a row, is a title rather than a header.
            is_fallback = found[spec.key_column][1] is FALLBACK
            lone = lone or (None if is_fallback else number)
    return lone


FALLBACK = float("inf")
"""Rank of a column that is read under a header which need not mean it."""
_STATED = -1.0
"""Rank of a column whose meaning the tab Columns states."""


def assign_columns(
    spec: InputTab, headers: Sequence[str], meanings: Meanings, taken: Container[int] = ()
) -> dict[str, tuple[int, float]]:
    """The position (from 0) and rank of the header to read for each single column of the tab; each header for one.

    Columns whose headers say what they are go first; the others then take what may mean them. `taken` are the
    positions of headers that mean something else.
    """
    found: dict[str, tuple[int, float]] = {}
    for at, header in enumerate(headers):
        ranked = None if at in taken else _ranked(spec, header, meanings)
        if ranked is not None and ranked[1] < found.get(ranked[0].name, (0, FALLBACK))[1]:
            found[ranked[0].name] = (at, ranked[1])
    free = [
        (at, header_spellings(header))
        for at, header in enumerate(headers)
        if header and at not in taken and fold_header(header) not in meanings
    ]
    for column in spec.columns:
        is_key = column.name == spec.key_column
        if column.name in found:
            continue
        used = {at for name, (at, _) in found.items() if not (is_key and name == "title")}
        for word in map(fold_header, column.fallbacks):
            place = next((at for at, spellings in free if word in spellings and at not in used), None)
            if place is not None:
                if found.get("title", (None, 0.0))[0] == place:
                    del found["title"]
                found[column.name] = (place, FALLBACK)
                break
    return found


def _ranked(spec: InputTab, header: str, meanings: Meanings) -> tuple[Column, float] | None:
    if not header:
        return None
    stated = meanings.get(fold_header(header))
    if stated is None:
        return spec.ranked_column(header)
    column = spec.find_column(stated)
    return None if column is None else (column, _STATED)


def header_text(cell: Cell) -> str:
    """What a header cell says; nothing for error values and formulas that were never calculated."""
    if cell.kind is CellKind.TEXT:
        return clean(str(cell.value))
    return clean(cell.shown) if cell.kind in (CellKind.NUMBER, CellKind.DATE) else ""


def match_headers(
    spec: InputTab, header_cells: Sequence[Cell], kpis: Vocabulary, meanings: Meanings | None = None
) -> tuple[list[Field], list[Stray]]:
    """What each cell of the header row names, from left to right; `kpis` knows which headers name a KPI.

    `meanings` is what the tab Columns says of this tab; it goes before everything else.
    """
    meanings = meanings or {}
    headers = [header_text(cell) for cell in header_cells]
    resources: dict[str, str] = {}
    others: dict[int, Field | Stray] = {}
    for number, header in enumerate(headers, start=1):
        stated = meanings.get(fold_header(header)) if header else None
        if not header:
            others[number] = Stray("", number)
        elif stated is not None and fold_header(stated) in _LEFT_ALONE:
            others[number] = Stray(header, number, is_left_alone=True)
        elif _ranked(spec, header, meanings) is None:
            families = [family for family in spec.families if stated is not None or not family.stated_only]
            matched = _match_family(spec, families, stated or header, number, kpis, resources)
            if isinstance(matched, Field) and matched.family is not None and matched.family.has_several:
                matched = replace(matched, name=f"{matched.name} ({header})")
            others[number] = replace(matched, header=header)
    _take_kpis(spec, headers, kpis, meanings, others)
    read = assign_columns(spec, headers, meanings, {number - 1 for number, o in others.items() if _is_settled(o)})
    fields = [field for field in others.values() if isinstance(field, Field)]
    positions = {at + 1: (name, rank) for name, (at, rank) in read.items()}
    for number, header in enumerate(headers, start=1):
        if number in positions:
            others.pop(number, None)
            name, rank = positions[number]
            fields.append(Field(name, header, number, column=spec.column(name), rank=rank))
        elif number not in others and (ranked := _ranked(spec, header, meanings)) is not None:
            fields.append(Field(ranked[0].name, header, number, column=ranked[0], rank=ranked[1]))
    fields, strays = _with_units(spec, fields, [one for one in others.values() if isinstance(one, Stray)], kpis)
    return sorted(fields, key=lambda field: field.number), sorted(strays, key=lambda stray: stray.number)


_POINTS = re.compile(r"points?|pts?\.?|scores?|\d+\s*(-|\u2013|to)\s*\d+", re.IGNORECASE)
"""A remark that says that a column holds points, or on which scale: ``Value (1-10)``."""
_UNIT = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")


def _with_units(
    spec: InputTab, fields: list[Field], strays: list[Stray], kpis: Vocabulary
) -> tuple[list[Field], list[Stray]]:
    """A KPI's name with a unit in brackets (``GMV (GBP)``) heads its column, where the KPI has no other."""
    family = next((family for family in spec.families if family.bare), None)
    if family is None:
        return fields, strays
    taken = {field.name for field in fields}
    meant: dict[str, list[Stray]] = {}
    for stray in strays:
        unit = _UNIT.search(stray.header)
        if unit is None or stray.is_left_alone:
            continue
        if unit_key(unit[1]) not in UNITS and not _POINTS.fullmatch(clean(unit[1])):
            continue
        key = kpis.find(stray.header[: unit.start()])
        if key is not None and family.header(key) not in taken:
            meant.setdefault(key, []).append(stray)
    found = {same[0]: key for key, same in meant.items() if len(same) == 1}
    read = [Field(family.header(key), s.header, s.number, family=family, member=key) for s, key in found.items()]
    return [*fields, *read], [stray for stray in strays if stray not in found]


def _is_settled(matched: Field | Stray) -> bool:
    """Whether a header is one of a KPI or resource, or one to leave alone, so that no column may take it."""
    return isinstance(matched, Field) or matched.is_left_alone


def _take_kpis(
    spec: InputTab, headers: Sequence[str], kpis: Vocabulary, meanings: Meanings, others: dict[int, Field | Stray]
) -> None:
    """Headers that are a column's and a KPI's name alike are the KPI's, unless the column then lacks what it needs.

    Not where the KPI has a column already: then the header is one too many of either, and left out as such.
    """
    bare = next((family for family in spec.families if family.bare), None)
    if bare is None:
        return
    columns = assign_columns(spec, headers, meanings)
    taken = {field.name for field in others.values() if isinstance(field, Field)}
    for number, header in enumerate(headers, start=1):
        ranked = None if number in others else _ranked(spec, header, meanings)
        key = None if ranked is None or ranked[1] == _STATED else kpis.find(header)
        if ranked is None or key is None or bare.header(key) in taken:
            continue
        column, rank = ranked
        is_itself = rank == 0
        has_better = columns[column.name][0] != number - 1
        if column.yields_to_kpi or (not is_itself and (has_better or not column.required)):
            others[number] = Field(bare.header(key), header, number, family=bare, member=key)
            taken.add(bare.header(key))


def _match_family(
    spec: InputTab,
    families: Sequence[Family],
    header: str,
    number: int,
    kpis: Vocabulary,
    resources: dict[str, str],
) -> Field | Stray:
    """A header that is no single column: bare KPI, then prefix with a colon, then prefix or suffix without one."""
    for family in families:
        if family.bare and (key := kpis.find(header)) is not None:
            return Field(family.header(key), header, number, family=family, member=key)
    before, colon, after = header.replace("\uff1a", ":").partition(":")
    if colon:
        return _match_prefixed(spec, families, header, number, (before, clean(after)), kpis, resources)
    folded = fold_header(header)
    families = [family for family in families if not family.stated_only]
    for family in families:
        if family.subject is not Subject.KPI:
            continue
        for rest in _rests(family, folded):
            if (key := kpis.find(rest)) is not None:
                return Field(family.header(key), header, number, family=family, member=key)
    for family in families:
        for rest in _rests(family, folded):
            if family.subject is Subject.KPI and kpis.close(rest) is not None:
                return Stray(header, number, family, rest)
    return Stray(header, number)


def _match_prefixed(
    spec: InputTab,
    families: Sequence[Family],
    header: str,
    number: int,
    parts: tuple[str, str],
    kpis: Vocabulary,
    resources: dict[str, str],
) -> Field | Stray:
    prefix, member = parts
    for family in families:
        if fold_header(prefix) not in map(fold_header, family.prefixes):
            continue
        if family.subject is Subject.KPI:
            key = kpis.find(member)
            if key is None:
                return Stray(header, number, family, member)
            return Field(family.header(key), header, number, family=family, member=key)
        if fold_header(member) in _TOTAL_SPELLINGS:
            column = spec.column(_TOTAL_RESOURCE[family.name])
            return Field(column.name, header, number, column=column, rank=1.0)
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
    """(the column to read for each name, others that say the same as well as it does, others that say it less well)."""
    by_name: dict[str, list[Field]] = {}
    for field in fields:
        by_name.setdefault(field.name, []).append(field)
    kept: dict[str, Field] = {}
    repeats: list[Field] = []
    outranked: list[Field] = []
    for name, same in by_name.items():
        ranked = sorted(same, key=lambda field: (field.rank, field.number))
        kept[name] = ranked[0]
        equal = [field for field in ranked[1:] if field.rank == ranked[0].rank]
        repeats += equal
        outranked += [field for field in same if field is not ranked[0] and field not in equal]
    return kept, repeats, outranked
