"""What the tab Columns states: what headers mean, and which tabs of other names are inputs.

A row with a tab and a field but no header is about the tab itself: its field is the name of an input tab. Nothing is
judged here; `checks.columns_tab` reports what cannot be.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.columns import InputTab
from config.names import clean, fold_header
from config.tabs import COLUMNS, INPUT_TABS, find_tab
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.backend import RESULTS
from sheets_sync.workbook.snapshot import Tab

_WRITTEN = frozenset(map(fold_header, (RESULTS, f"{RESULTS} details", "Runs")))
APPROVED = "approved "
"""How the titles of approved plans begin, in lower case."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of the tab Columns, as the sheet shows it; blank where it says nothing."""

    row: int
    tab: str
    header: str
    meaning: str


def columns_tab(tabs: Mapping[str, Tab]) -> Tab | None:
    """The tab Columns, where there is one that says anything."""
    found = (tab for title, tab in tabs.items() if fold_header(title) in COLUMNS.spellings)
    return next((tab for tab in found if any(not cell.is_blank for row in tab.rows for cell in row)), None)


def columns_frame(tab: Tab) -> Frame:
    """The frame of the tab Columns."""
    return read_frame(tab, COLUMNS, Vocabulary(()))


def statements(frame: Frame) -> list[Statement]:
    """What the tab states about tabs and headers, row by row."""
    columns = [frame.column(name) for name in ("tab", "header", "field")]
    texts = zip(frame.rows, *columns, strict=True)
    found = [Statement(row, *(clean(shown(cell)) for cell in cells)) for row, *cells in texts]
    return [one for one in found if one.tab or one.header or one.meaning]


def stated_tab(statement: Statement) -> InputTab | None:
    """The input that a statement about a tab says it is; None where it is no such statement, or cannot be right.

    A tab that sheetplan writes is no input, and one that is an input by its name is no other.
    """
    spec = find_tab(statement.meaning) if statement.meaning and not statement.header else None
    title = fold_header(statement.tab)
    if spec is None or spec not in INPUT_TABS or not title or title in _WRITTEN:
        return None
    named = find_tab(statement.tab)
    is_written = statement.tab.casefold().startswith(APPROVED)
    return None if is_written or named not in (None, spec) else spec


def stated_tabs(tabs: Mapping[str, Tab]) -> dict[str, InputTab]:
    """By title, the tabs of these that the tab Columns says are inputs; the first of several for one input."""
    tab = columns_tab(tabs)
    found: dict[str, InputTab] = {}
    for statement in [] if tab is None else statements(columns_frame(tab)):
        spec = stated_tab(statement)
        title = next((title for title in tabs if fold_header(title) == fold_header(statement.tab)), None)
        if spec is not None and title is not None and spec not in found.values():
            found[title] = spec
    return found


def further_inputs(tabs: Mapping[str, Tab]) -> frozenset[str]:
    """The folded titles of tabs that the tab Columns says are inputs; whether they exist is not looked at."""
    tab = columns_tab(tabs)
    rows = [] if tab is None else statements(columns_frame(tab))
    return frozenset(fold_header(one.tab) for one in rows if stated_tab(one) is not None)
