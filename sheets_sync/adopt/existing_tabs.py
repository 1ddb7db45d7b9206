"""What a workbook that is adopted holds already: the list, other input tabs, and what a tab Columns says."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.names import fold_header
from config.tabs import COLUMNS, INITIATIVES, INPUT_TABS, KPIS, SCENARIOS, find_tab
from sheets_sync.adopt.questions import AdoptionError
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.header_matching import find_header_row
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.stated_tabs import columns_frame, columns_tab, stated_tabs, statements
from sheets_sync.workbook.snapshot import CellKind, Snapshot, Tab


def find_list(snapshot: Snapshot, title: str | None, meanings: Mapping[str, str]) -> Tab:
    """The tab that holds the list: the one named, else the one of which sheetplan can read most columns.

    `meanings` is what the person says of headers.

    Raises:
        AdoptionError: there is none.
    """
    wanted = [tab for tab in snapshot.tabs.values() if title is None or fold_header(tab.title) == fold_header(title)]
    titles = ", ".join(f'"{name}"' for name in snapshot.tabs) or "none"
    if not wanted:
        raise AdoptionError(f'There is no tab "{title}"; the tabs are {titles}.')
    others = {spec.name for spec in (*INPUT_TABS, COLUMNS)} - {INITIATIVES.name}
    stated = stated_tabs(snapshot.tabs)
    said = {fold_header(header): meaning for header, meaning in meanings.items()}
    ranked = []
    for tab in wanted:
        spec = stated.get(tab.title) or find_tab(tab.title)
        if title is None and spec is not None and spec.name in others:
            continue
        row = find_header_row(tab, INITIATIVES, said)
        if row is not None and len(tab.rows) > row:
            fields = read_frame(tab, INITIATIVES, Vocabulary(()), said).fields
            ranked.append(("engineering_tokens" in fields, spec is INITIATIVES, len(fields), tab))
    if not ranked:
        raise AdoptionError(
            f"No tab looks like a list of things to do (the tabs are {titles}). A list needs a header row within the "
            "first 20 rows, with a column for the name or ID and one for the effort, and rows below it. If one of your "
            'headers says it in other words, give --tab NAME and --map "HEADER=initiative_key".'
        )
    return max(ranked, key=lambda entry: entry[:3])[3]


def existing_inputs(snapshot: Snapshot) -> dict[str, Tab]:
    """The input tabs other than the list that the workbook has already, by the input's name.

    Raises:
        AdoptionError: one that a plan needs is empty.
    """
    found = {}
    stated = stated_tabs(snapshot.tabs)
    for title, tab in snapshot.tabs.items():
        spec = stated.get(title) or find_tab(title)
        if spec is not None and spec is not INITIATIVES:
            found[spec.name] = tab
    empty = [
        found[spec.name].title
        for spec in (KPIS, SCENARIOS)
        if spec.name in found and not read_frame(found[spec.name], spec, Vocabulary(())).rows
    ]
    if empty:
        names = " and ".join(f'"{title}"' for title in empty)
        are, them = ("is", "it") if len(empty) == 1 else ("are", "them")
        raise AdoptionError(
            f"{names} {are} empty, and a tab that is there is not edited. Delete {them} and adopt again; "
            f"{'it is' if len(empty) == 1 else 'they are'} then made with your values."
        )
    return found


@dataclass(frozen=True)
class ListStatements:
    """What a tab Columns that is there says already: of the list's headers by folded header, of sizes, of words."""

    names_list: bool
    meanings: Mapping[str, str]
    sizes: Mapping[str, float]
    worths: Mapping[str, float]


def read_statements(snapshot: Snapshot, tab: Tab) -> ListStatements:
    """What the tab Columns says of the list in `tab`; nothing where there is no such tab."""
    there = columns_tab(snapshot.tabs)
    if there is None:
        return ListStatements(names_list=False, meanings={}, sizes={}, worths={})
    frame = columns_frame(there)
    about = {fold_header(tab.title), fold_header(INITIATIVES.name), ""}
    found = {
        fold_header(one.header): one.meaning
        for one in statements(frame)
        if one.header and one.meaning and fold_header(one.tab) in about
    }
    return ListStatements(
        names_list=stated_tabs(snapshot.tabs).get(tab.title) is INITIATIVES,
        meanings=found,
        sizes=_amounts(frame, "size", "tokens"),
        worths=_amounts(frame, "word", "worth"),
    )


def _amounts(frame: Frame, word: str, number: str) -> dict[str, float]:
    pairs = zip(frame.column(word), frame.column(number), strict=True)
    return {shown(text): amount.number for text, amount in pairs if amount.kind is CellKind.NUMBER and shown(text)}


def is_found_by_name(snapshot: Snapshot, tab: Tab) -> bool:
    """Whether a run takes this very tab for the list by its title."""
    titles = snapshot.titles or tuple(snapshot.tabs)
    lists = [title for title in titles if find_tab(title) is INITIATIVES]
    named = [title for title in lists if fold_header(title) in INITIATIVES.spellings]
    return (named or lists) == [tab.title]


def has_scales(snapshot: Snapshot) -> bool:
    """Whether the workbook has KPIs of its own with a scale."""
    tab = next((tab for title, tab in snapshot.tabs.items() if find_tab(title) is KPIS), None)
    scales = [] if tab is None else read_frame(tab, KPIS, Vocabulary(())).column("scale")
    return any(cell.kind is CellKind.NUMBER for cell in scales)
