"""Checks of the Columns tab: what headers of people's own mean, and how many tokens each size is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from config.columns import InputTab
from config.names import clean, fold_header
from config.tabs import IGNORE, INITIATIVES, INPUT_TABS
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.issue_collector import Findings, everywhere
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import Meanings, header_text
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import Tab

_IGNORED = frozenset(map(fold_header, IGNORE))


@dataclass(frozen=True)
class ColumnMeanings:
    """`by_tab` has, by the canonical name of an input tab, what each folded header means there; `sizes` the tokens of
    each folded size."""

    by_tab: Mapping[str, Meanings] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)

    def of(self, spec: InputTab) -> Meanings:
        """What is said about the headers of one tab."""
        return self.by_tab.get(spec.name, {})


def read_columns_tab(
    frame: Frame, tabs: Mapping[str, Tab], kpis: Sequence[str], findings: Findings, locale: str | None
) -> ColumnMeanings:
    """Everything that the tab says; tabs, headers and fields that do not exist are errors at their cells.

    `tabs` are the other input tabs by canonical name, `kpis` all keys and names of KPIs.
    """
    reader = TabReader(frame, findings, locale)
    titles, headers, fields = reader.texts("tab"), reader.texts("header"), reader.texts("field")
    sizes, tokens = reader.texts("size"), reader.numbers("tokens")
    by_tab: dict[str, dict[str, str]] = {}
    table: dict[str, float] = {}
    for row in frame.rows:
        _require_both(reader, row, ("header", headers), ("field", fields))
        _require_both(reader, row, ("size", sizes), ("tokens", tokens))
        if row in headers and row in fields:
            _read_meaning(reader, row, titles.get(row, ""), headers[row], fields[row], tabs, kpis, by_tab)
        if row in sizes and row in tokens and table.setdefault(fold_header(sizes[row]), tokens[row]) != tokens[row]:
            reader.fault(row, "size", Fault("repeated_size", {"size": sizes[row]}))
        reader.report(row, everywhere)
    return ColumnMeanings(by_tab, table)


def _require_both(reader: TabReader, row: int, *columns: tuple[str, Mapping[int, object]]) -> None:
    """Two cells of a row that say nothing without each other."""
    missing = [name for name, values in columns if row not in values]
    if len(missing) == 1 and missing[0] not in reader.faulty(row):
        values = {"advice": "Fill it in, or clear the row.", "row": row}
        reader.fault(row, missing[0], Fault("blank_value", values))


def _read_meaning(
    reader: TabReader,
    row: int,
    title: str,
    header: str,
    meaning: str,
    tabs: Mapping[str, Tab],
    kpis: Sequence[str],
    by_tab: dict[str, dict[str, str]],
) -> None:
    spec = _meant_tab(title, tabs)
    if spec is None:
        known = ", ".join(f'"{tab.title}"' for tab in tabs.values())
        reader.fault(row, "tab", Fault("unknown_tab_in_columns", {"title": title, "tabs": known}))
        return
    found = {fold_header(header_text(cell)) for cells in tabs[spec.name].rows for cell in cells}
    if fold_header(header) not in found:
        near = _nearest(header, (header_text(cell) for cells in tabs[spec.name].rows[:20] for cell in cells))
        values = {"header": header, "title": tabs[spec.name].title}
        reader.fault(row, "header", Fault("unknown_header_in_columns", values, near=near))
        return
    known_fields = [name for column in spec.columns for name in (column.name, *column.aliases)]
    if not _is_field(spec, meaning, kpis):
        values = {"field": meaning, "tab": spec.name}
        near = _nearest(meaning, [*known_fields, *kpis])
        reader.fault(row, "field", Fault("unknown_field_in_columns", values, near=near))
        return
    meant = by_tab.setdefault(spec.name, {})
    if meant.setdefault(fold_header(header), meaning) != meaning:
        reader.fault(row, "header", Fault("repeated_meaning", {"header": header, "field": meant[fold_header(header)]}))


def _meant_tab(title: str, tabs: Mapping[str, Tab]) -> InputTab | None:
    wanted = fold_header(title) or fold_header(INITIATIVES.name)
    for spec in INPUT_TABS:
        if spec.name in tabs and wanted in (fold_header(spec.name), fold_header(tabs[spec.name].title)):
            return spec
    return None


def _is_field(spec: InputTab, meaning: str, kpis: Sequence[str]) -> bool:
    """Whether a field is a column, a KPI, a column of a family, or says to leave the column alone."""
    if fold_header(meaning) in _IGNORED or clean(meaning) == "-" or spec.find_column(meaning) is not None:
        return True
    if any(family.bare for family in spec.families) and fold_header(meaning) in map(fold_header, kpis):
        return True
    prefix, colon, member = meaning.partition(":")
    prefixes = {fold_header(name) for family in spec.families for name in family.prefixes}
    return bool(colon and clean(member)) and fold_header(prefix) in prefixes


def _nearest(text: str, names: Iterable[str]) -> str | None:
    return Vocabulary(list(dict.fromkeys(name for name in names if name)), loose=True).nearest(text)
