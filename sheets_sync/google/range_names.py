"""Names of ranges as Google lists them: which are whole, which are ours, and which tab therefore holds the report.

Not every name that is listed has cells. Names of a deleted tab may be listed without a range, which taken at its word
would be the first tab; and a duplicated tab brings names of its own, plain or behind its title. A name counts only
where it has a rectangle, and of several of one name that counts which has the id that we gave it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from config.tabs import find_tab
from sheets_sync.workbook.backend import REPORT_NAMES

Json = dict[str, Any]

EDGES = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
ID_TRIES = 8
"""How many ids a name of ours may have had, because others were taken."""


def stable_id(*parts: str) -> int:
    """A positive 31-bit number that the same parts always give."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big") & 0x7FFF_FFFE | 1


def is_rectangle(grid: Mapping[str, Any]) -> bool:
    """Whether a GridRange has all four edges; without them it means a whole tab, or nothing at all."""
    return all(edge in grid for edge in EDGES)


def ids_of(name: str) -> Sequence[str]:
    """The ids that we give a name, the usual one first: always the same, so that a name can be removed unseen."""
    first = stable_id("named range", name.casefold())
    return [str(first - 2 * attempt) for attempt in range(ID_TRIES)]


def report_tabs(answer: Json, is_input: Callable[[str], bool]) -> dict[str, int]:
    """The ids of the tabs that our last report was written to, by our titles; none before the first.

    A tab that holds inputs is never the report, whatever a name says; nor is a copy of the report, unless it has been
    given the title of the report.
    """
    titles = {
        sheet["properties"].get("sheetId", 0): sheet["properties"]["title"]
        for sheet in answer.get("sheets", ())
        if sheet["properties"].get("sheetType", "GRID") == "GRID"
    }
    report: dict[str, int] = {}
    for ours, name in REPORT_NAMES.items():
        found: dict[int, int] = {}
        for range_id, grid in _named(answer, name):
            sheet_id: int = grid.get("sheetId", 0)
            title = titles.get(sheet_id)
            if title is None or not is_rectangle(grid) or find_tab(title) is not None or is_input(title):
                continue
            if range_id in ids_of(name):
                found[0] = sheet_id
            elif title.casefold() == ours.casefold():
                found[1] = sheet_id
        if found:
            report[ours] = found[min(found)]
    return report


def parse_names(answer: Json, report: Collection[int]) -> dict[str, tuple[str, Json]]:
    """Each name's id and GridRange, an empty one where it has no rectangle; of several, that on a tab of the report."""
    best: dict[str, tuple[int, str, tuple[str, Json]]] = {}
    for item in answer.get("namedRanges", ()):
        name, range_id, grid = item["name"], item["namedRangeId"], item.get("range", {})
        has_cells = any(edge in grid for edge in EDGES)
        on_report = has_cells and grid.get("sheetId", 0) in report
        rank = 0 if on_report else 1 if has_cells and range_id in ids_of(name) else 2 if has_cells else 3
        known = best.get(name.casefold())
        if known is None or rank < known[0]:
            best[name.casefold()] = (rank, name, (range_id, grid if has_cells else {}))
    return {name: found for _, name, found in best.values()}


def broken_names(answer: Json) -> dict[str, list[str]]:
    """The ids of names without cells, by folded name: a name may have lost its cells on several tabs."""
    found: dict[str, list[str]] = {}
    for item in answer.get("namedRanges", ()):
        if not any(edge in item.get("range", {}) for edge in EDGES):
            found.setdefault(item["name"].casefold(), []).append(item["namedRangeId"])
    return found


def _named(answer: Json, name: str) -> Iterator[tuple[str, Json]]:
    for item in answer.get("namedRanges", ()):
        if item["name"].casefold() == name.casefold():
            yield item["namedRangeId"], item.get("range", {})
