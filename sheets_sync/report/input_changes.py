"""Columns and optional tabs that the run did not have, found live: the next run would read them, so they count.

A column of people's own counts for nothing. Whether a header is one that sheetplan reads is asked as a spreadsheet can:
spelled without case, blanks, underscores and hyphens it is looked for in a list of the names that would be read, and
without the words that stand before or after a KPI (``weight:``, ``low`` ...) in the list of KPIs.
"""

from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils import quote_sheetname

from config.columns import Family, InputTab, Subject
from config.names import fold_header
from config.tabs import KPIS
from sheets_sync.inputs.frames import Frame
from sheets_sync.report.sheet_grid import fixed, quoted
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab

DROPPED = (" ", "_", "-")
"""What a formula takes out of a header before it compares; `fold_header` takes out some rarer signs as well."""
SEPARATOR = ";"
LONGEST_LITERAL = 250
"""Excel ends a text inside a formula at 255 characters."""
LONGEST_FORMULA = 8_000
"""Excel ends at 8,192 characters."""
SEARCHED_COLUMNS = "ABCDEFGHIJKL"
"""Columns of a tab that is new in which its rows are counted; sheetplan's own tabs have no more."""


def changed_columns(frame: Frame, tab: Tab, kpi_names: Sequence[str], headers: Mapping[str, str], made: int = 0) -> str:
    """The formula of how many columns of a tab were renamed, or came, since the run.

    `headers` are the cells of Results details that hold the headers as they were, by canonical name of the column;
    `made` counts the columns that the run itself adds.
    """
    sheet = quote_sheetname(frame.title)
    row = f"{sheet}!${frame.header_row}:${frame.header_row}"
    cells = tab.rows[frame.header_row - 1] if frame.header_row <= len(tab.rows) else ()
    renamed = "".join(
        f"+({sheet}!{fixed(frame.header_row, field.number)}<>{headers[name]})"
        for name, field in frame.fields.items()
        if name in headers and _is_spelt(cells[field.number - 1], field.header)
    )
    came = _came(frame, row, cells, kpi_names)
    text = f"=IFERROR(0{renamed},1)+{came}"
    if len(text) <= LONGEST_FORMULA:
        return text
    # Rather too many than too few: any header more than there was, but for those of our own columns.
    return f"=MAX(0,COUNTA({row})-{sum(not _is_empty(cell) for cell in cells) + made})"


def new_tab_rows(spec: InputTab) -> str:
    """The formula of how many rows an optional tab holds that did not exist during the run.

    No reference can point at a tab that is not there, so its title is looked for by name each time.
    """
    counted = []
    for title in (spec.name, *spec.aliases):
        columns = (f"IFERROR(COUNTA(INDIRECT({quoted(_column_of(title, at))})),0)" for at in SEARCHED_COLUMNS)
        counted.append(f"MAX(0,MAX({','.join(columns)})-1)")
    return f"={'+'.join(counted)}"


def kpi_names(kpis: Frame | None) -> list[str]:
    """Every key and name in the KPIs tab, by which a header may name a KPI."""
    if kpis is None:
        return []
    cells = [cell for column in (KPIS.key_column, "kpi_name") for cell in kpis.column(column)]
    return [str(cell.value) for cell in cells if cell.kind is CellKind.TEXT]


def _came(frame: Frame, row: str, cells: Sequence[Cell], members: Sequence[str]) -> str:
    """How many headers name a column that is read, above those that did."""
    plain = f"LOWER({row})"
    for sign in DROPPED:
        plain = f"SUBSTITUTE({plain},{quoted(sign)},{quoted('')})"
    affixes = (":", *sorted(_affixes(frame.spec.families), key=len, reverse=True))
    bare = plain
    for word in affixes:
        bare = f"SUBSTITUTE({bare},{quoted(word)},{quoted('')})"
    headers = [_without(str(cell.value).lower(), DROPPED) for cell in cells if cell.kind is CellKind.TEXT]
    terms = [
        _named(plain, [_without(name.lower(), DROPPED) for name in _missing(frame)], headers),
        *(_started(plain, fold_header(prefix), headers) for prefix in _resource_prefixes(frame.spec.families)),
    ]
    if len(affixes) > 1:
        names = [_without(name.lower(), (*DROPPED, *affixes)) for name in members]
        terms.append(_named(bare, names, [_without(header, affixes) for header in headers]))
    return "+".join(filter(None, terms)) or "0"


def _named(folded: str, names: Sequence[str], headers: Sequence[str]) -> str:
    """The formula of how many folded headers are among the names, above those that were; empty without names."""
    known = [name for name in dict.fromkeys(names) if name and SEPARATOR not in name]
    if not known:
        return ""
    listed = SEPARATOR + SEPARATOR.join(known) + SEPARATOR
    chunks = (quoted(listed[at : at + LONGEST_LITERAL]) for at in range(0, len(listed), LONGEST_LITERAL))
    before = sum(header in known for header in headers)
    return _counted(f'"{SEPARATOR}"&{folded}&"{SEPARATOR}"', "&".join(chunks), before)


def _started(folded: str, prefix: str, headers: Sequence[str]) -> str:
    """The formula of how many folded headers begin with a prefix and a colon, above those that did."""
    before = sum(header.startswith(f"{prefix}:") for header in headers)
    return _counted(quoted(f"{SEPARATOR}{prefix}:"), f'"{SEPARATOR}"&{folded}', before)


def _counted(wanted: str, within: str, before: int) -> str:
    return f"MAX(0,SUMPRODUCT(--ISNUMBER(FIND({wanted},{within})))-{before})"


def _missing(frame: Frame) -> Iterator[str]:
    """Every spelling of the columns that the tab did not have."""
    for column in frame.spec.columns:
        if not column.is_written and column.name not in frame.fields:
            yield from (column.name, *column.aliases)


def _affixes(families: Sequence[Family]) -> Iterator[str]:
    """The folded words that stand before or after a KPI."""
    for family in families:
        if family.subject is Subject.KPI:
            yield from map(fold_header, (*family.prefixes, *family.suffixes))


def _resource_prefixes(families: Sequence[Family]) -> Iterator[str]:
    for family in families:
        if family.subject is Subject.RESOURCE:
            yield from family.prefixes


def _without(text: str, parts: Sequence[str]) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text


def _is_spelt(cell: Cell, header: str) -> bool:
    """Whether a header cell holds the very text that its copy will hold, so that the two can be compared."""
    return cell.kind is CellKind.TEXT and str(cell.value).casefold() == header.casefold()


def _is_empty(cell: Cell) -> bool:
    return cell.kind is CellKind.BLANK and cell.formula is None


def _column_of(title: str, letter: str) -> str:
    return f"{quote_sheetname(title)}!${letter}:${letter}"
