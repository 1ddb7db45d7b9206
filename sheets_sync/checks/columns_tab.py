"""Checks of the Columns tab: what tabs and headers of people's own mean, what sizes cost, what words are worth."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from config.columns import InputTab, Subject
from config.names import clean, fold_header
from config.tabs import IGNORE, INITIATIVES, INPUT_TABS, find_tab
from config.words import fold_word
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.issue_collector import Findings, everywhere
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import Meanings, header_text
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.stated_tabs import Statement, stated_tab, statements
from sheets_sync.workbook.snapshot import Tab

_IGNORED = frozenset(map(fold_header, IGNORE))


@dataclass(frozen=True)
class ColumnMeanings:
    """`by_tab` has, by the canonical name of an input tab, what each folded header means there; `sizes` the tokens of
    each folded size, `worths` what each folded word is worth."""

    by_tab: Mapping[str, Meanings] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    worths: Mapping[str, float] = field(default_factory=dict)

    def of(self, spec: InputTab) -> Meanings:
        """What is said about the headers of one tab."""
        return self.by_tab.get(spec.name, {})


def read_columns_tab(
    frame: Frame,
    tabs: Mapping[str, Tab],
    kpis: Sequence[str],
    findings: Findings,
    locale: str | None,
    all_titles: Sequence[str],
) -> ColumnMeanings:
    """Everything that the tab says; tabs, headers and fields that do not exist are errors at their cells.

    `tabs` are the other input tabs by canonical name, `kpis` all keys and names of KPIs, `all_titles` the titles of all
    tabs of the workbook.
    """
    reader = TabReader(frame, findings, locale)
    titles, headers, fields = reader.texts("tab"), reader.texts("header"), reader.texts("field")
    sizes, tokens = reader.texts("size"), reader.numbers("tokens")
    words, worths = reader.texts("word"), reader.numbers("worth")
    about_tabs = {one.row: one for one in statements(frame) if find_tab(one.meaning) and not one.header}
    by_tab: dict[str, dict[str, str]] = {}
    amounts: dict[str, dict[str, float]] = {"size": {}, "word": {}}
    inputs: dict[str, str] = {}
    for row in frame.rows:
        if row in about_tabs and "header" not in reader.faulty(row):
            _read_tab(reader, about_tabs[row], all_titles, inputs)
        else:
            _require_both(reader, row, ("header", headers), ("field", fields))
        _require_both(reader, row, ("size", sizes), ("tokens", tokens))
        _require_both(reader, row, ("word", words), ("worth", worths))
        if row in headers and row in fields:
            _read_meaning(reader, row, titles.get(row, ""), headers[row], fields[row], tabs, kpis, by_tab)
        _read_amount(reader, row, "size", fold_header, sizes, tokens, amounts["size"])
        _read_amount(reader, row, "word", fold_word, words, worths, amounts["word"])
        reader.report(row, everywhere)
    return ColumnMeanings(by_tab, amounts["size"], amounts["word"])


def worths_of(frame: Frame | None, locale: str | None) -> dict[str, float]:
    """What each folded word is worth, as far as the Columns tab can be read."""
    if frame is None:
        return {}
    reader = TabReader(frame, Findings(), locale)
    words, worths = reader.texts("word"), reader.numbers("worth")
    return {fold_word(word): worths[row] for row, word in words.items() if row in worths}


def _read_tab(reader: TabReader, statement: Statement, titles: Sequence[str], inputs: dict[str, str]) -> None:
    """Check what a row says about a whole tab; `stated_tabs` has acted on it already."""
    spec = stated_tab(statement)
    if spec is None or fold_header(statement.tab) not in map(fold_header, titles):
        known = ", ".join(f'"{title}"' for title in titles)
        reader.fault(statement.row, "tab", Fault("unknown_list_in_columns", {"title": statement.tab, "tabs": known}))
    elif inputs.setdefault(spec.name, fold_header(statement.tab)) != fold_header(statement.tab):
        reader.fault(statement.row, "tab", Fault("repeated_list_in_columns", {"tab": spec.name}))


def _read_amount(
    reader: TabReader,
    row: int,
    name: str,
    fold: Callable[[str], str],
    words: Mapping[int, str],
    numbers: Mapping[int, float],
    table: dict[str, float],
) -> None:
    """Add a row of one of the lists of words and numbers; a word with two numbers is an error."""
    if row in words and row in numbers and table.setdefault(fold(words[row]), numbers[row]) != numbers[row]:
        code = "repeated_size" if name == "size" else "repeated_worth"
        reader.fault(row, name, Fault(code, {name: words[row]}))


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
        prefix, colon, _ = meaning.partition(":")
        near = _nearest(meaning, [f"{prefix}: {kpi}" for kpi in kpis] if colon else [*known_fields, *kpis])
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
    named = [family for family in spec.families if fold_header(prefix) in map(fold_header, family.prefixes)]
    if not colon or not clean(member) or not named:
        return False
    return named[0].subject is not Subject.KPI or not kpis or fold_header(member) in map(fold_header, kpis)


def _nearest(text: str, names: Iterable[str]) -> str | None:
    return Vocabulary(list(dict.fromkeys(name for name in names if name)), loose=True).nearest(text)
