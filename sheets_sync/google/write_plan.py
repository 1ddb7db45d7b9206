"""All changes of a run as one list of requests, behind a guard that lets them take effect once.

The guard is a request that Google refuses, and with it the whole call, where the same or another write came first:
developer metadata whose id is the number of this write, one above the newest that was read. Ids are unique within a
spreadsheet. So a call that is repeated because its answer was lost cannot apply twice, and of two runs that read the
same state only one writes; the other reads again.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sheets_sync.google.cells_out import Writer
from sheets_sync.google.grid_ranges import tab_id
from sheets_sync.google.results_requests import new_tab, sheet_requests
from sheets_sync.google.runs_requests import log_requests
from sheets_sync.google.sheet_state import FIRST_MARK, MARK_KEY, WorkbookState
from sheets_sync.google.staging import leftovers
from sheets_sync.google.status_requests import status_requests
from sheets_sync.workbook.backend import renamed_notice
from sheets_sync.workbook.changes import Changes, Sheet
from sheets_sync.workbook.refusals import refuse_existing_tab

Json = dict[str, Any]

KEPT_MARKS = 20
"""Marks of earlier writes that stay: a call delayed by more writes than this would find its number free again."""


@dataclass(frozen=True)
class WritePlan:
    """The requests of one write, and notices for its reader."""

    requests: list[Json]
    notices: tuple[str, ...]
    report_ids: tuple[int, ...] = ()
    """Ids of the tabs that hold the report."""


def token_of(changes: Changes) -> str:
    """A digest by which the same changes are known again, by whatever process they are written."""
    return hashlib.sha256(repr(changes).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def plan_write(changes: Changes, state: WorkbookState, *, lost_names: bool = False) -> WritePlan:
    """The requests that bring `changes` into a workbook in `state`.

    With `lost_names`, names that the state does not show are removed first: those of a deleted tab stay behind unseen.

    Raises:
        WorkbookRefusedError: something that people wrote is in the way.
    """
    notices: list[str] = []
    writer = Writer(state.locale, notices.append)
    requests = [*guard_requests(token_of(changes), state), *leftovers(state)] if is_guarded(changes) else []
    for status in changes.statuses:
        requests += status_requests(status, state, writer)
    titles = {sheet.title: state.title_of(sheet.title) for sheet in changes.report}
    names = frozenset(name for sheet in changes.report for name in sheet.names)
    # Formulas of each tab refer to the other: both are there before either is written.
    requests += [request for sheet in changes.report for request in new_tab(sheet.on(titles), state)]
    for sheet in changes.report:
        title = titles[sheet.title]
        if title.casefold() != sheet.title.casefold():
            notices.append(renamed_notice(title, sheet.title))
        requests += sheet_requests(sheet.on(titles), state, writer, lost_names=lost_names, names=names)
    if changes.added is not None:
        refuse_existing_tab(changes.added.title, exists=state.sheet(changes.added.title) is not None)
        requests += new_tab(changes.added, state)
        requests += sheet_requests(changes.added, state, writer, lost_names=lost_names)
    if changes.runs is not None:
        requests += log_requests(changes.runs, state, writer)
    return WritePlan(requests, tuple(notices), tuple(report_tab_id(sheet, state) for sheet in changes.report))


def report_tab_id(sheet: Sheet, state: WorkbookState) -> int:
    """The id of a tab of the report, whatever people call it, or that it will have."""
    return tab_id(state, state.title_of(sheet.title))


def is_guarded(changes: Changes) -> bool:
    """True where a second application would do harm: status texts alone may be written twice."""
    return not (not changes.report and changes.added is None and changes.runs is None)


def guard_requests(token: str, state: WorkbookState) -> Iterator[Json]:
    """The guard, and the removal of the oldest marks, so that they never add up to Google's limit."""
    mark = {
        "metadataId": FIRST_MARK + state.last_mark + 1,
        "metadataKey": MARK_KEY,
        "metadataValue": token,
        "visibility": "DOCUMENT",
        "location": {"spreadsheet": True},
    }
    yield {"createDeveloperMetadata": {"developerMetadata": mark}}
    for old in state.marks:
        if old.number <= state.last_mark - KEPT_MARKS:
            lookup = {"developerMetadataLookup": {"metadataId": FIRST_MARK + old.number}}
            yield {"deleteDeveloperMetadata": {"dataFilter": lookup}}
