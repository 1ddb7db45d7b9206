"""All changes of a run as one list of requests, behind a guard that lets them take effect once.

The guard is a request that Google refuses, and with it the whole call, where the same or another write came first:
developer metadata whose id is the number of this write, one above the newest that was read. Ids are unique within a
spreadsheet. So a call that is repeated because its answer was lost cannot apply twice, and of two runs that read the
same state only one writes; the other reads again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sheets_sync.google.cells_out import Writer
from sheets_sync.google.edit_requests import edit_requests
from sheets_sync.google.grid_ranges import tab_id
from sheets_sync.google.results_requests import grid_requests, sheet_requests
from sheets_sync.google.runs_requests import log_requests
from sheets_sync.google.sheet_state import FIRST_MARK, MARK_KEY, WorkbookState
from sheets_sync.google.staging import leftovers
from sheets_sync.google.status_requests import status_requests
from sheets_sync.workbook.backend import renamed_notice
from sheets_sync.workbook.changes import Changes, Sheet, StatusColumn
from sheets_sync.workbook.refusals import refuse_existing_tab

Json = dict[str, Any]

KEPT_MARKS = 20
"""Marks of earlier writes that stay: a call delayed by more writes than this would find its number free again."""
LEAP = 100
"""How much farther the next number lies each time that one is taken unseen."""


@dataclass(frozen=True)
class WritePlan:
    """The requests of one write, and notices for its reader."""

    requests: list[Json]
    notices: tuple[str, ...]
    left_out: tuple[StatusColumn, ...] = ()
    report_ids: tuple[int, ...] = ()
    """Ids of the tabs that hold the report."""
    copies: tuple[str, ...] = ()
    """Titles of the tabs that are copied before they are edited."""


def token_of(changes: Changes) -> str:
    """A digest by which the same changes are known again, by whatever process they are written."""
    return hashlib.sha256(repr(changes).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def plan_write(
    changes: Changes,
    state: WorkbookState,
    *,
    account: str | None = None,
    lost_names: bool = False,
    taken_marks: int = 0,
) -> WritePlan:
    """The requests that bring `changes` into a workbook in `state`.

    A status column in cells that `account` may not edit is left out, with a notice.
    With `lost_names`, names that the state does not show are removed first: those of a deleted tab stay behind unseen.
    `taken_marks` is how many numbers in a row turned out to be taken by marks that the state does not show.

    Raises:
        WorkbookRefusedError: something that people wrote is in the way.
    """
    notices: list[str] = []
    writer = Writer(state.locale, notices.append)
    guard = guard_requests(token_of(changes), state, taken_marks)
    requests = [*guard, *leftovers(state)] if is_guarded(changes) else []
    left_out: list[StatusColumn] = []
    for status in changes.statuses:
        noticed = len(notices)
        requests += status_requests(status, state, writer, account, lost_names=lost_names)
        left_out += [status] if len(notices) > noticed else []
    copies, edits = edit_requests(changes.edits, changes.kept_as, state, writer, account)
    requests += edits
    titles = {sheet.title: state.title_of(sheet.title) for sheet in changes.report}
    names = frozenset(name for sheet in changes.report for name in sheet.names)
    # Formulas and charts of each tab refer to the other: both are there, and large enough, before either is written.
    requests += [request for sheet in changes.report for request in grid_requests(sheet.on(titles), state)]
    for sheet in changes.report:
        title = titles[sheet.title]
        if title.casefold() != sheet.title.casefold():
            notices.append(renamed_notice(title, sheet.title))
        requests += sheet_requests(sheet.on(titles), state, writer, lost_names=lost_names, names=names)
    if changes.added is not None:
        refuse_existing_tab(changes.added.title, exists=_is_taken(changes.added.title, state))
        requests += grid_requests(changes.added, state)
        requests += sheet_requests(changes.added, state, writer, lost_names=lost_names)
    if changes.runs is not None:
        requests += log_requests(changes.runs, state, writer)
    requests += property_requests(changes.properties, state)
    report_ids = tuple(report_tab_id(sheet, state) for sheet in changes.report)
    return WritePlan(requests, tuple(notices), tuple(left_out), report_ids, copies)


def _is_taken(title: str, state: WorkbookState) -> bool:
    return title.casefold() in {other.casefold() for other in state.titles}


def report_tab_id(sheet: Sheet, state: WorkbookState) -> int:
    """The id of a tab of the report, whatever people call it, or that it will have."""
    return tab_id(state, state.title_of(sheet.title))


def is_guarded(changes: Changes) -> bool:
    """True where a second application would do harm: status texts alone may be written twice."""
    return bool(changes.report or changes.edits) or changes.added is not None or changes.runs is not None


def property_requests(properties: Mapping[str, str | None], state: WorkbookState) -> Iterator[Json]:
    """Developer metadata that gives the spreadsheet these properties; those that it has already are left alone."""
    for name, value in properties.items():
        if state.properties.get(name) == value:
            continue
        lookup = {"developerMetadataLookup": {"metadataKey": name, "locationType": "SPREADSHEET"}}
        if name in state.properties:
            yield {"deleteDeveloperMetadata": {"dataFilter": lookup}}
        if value is not None:
            made = {"metadataKey": name, "metadataValue": value, "visibility": "DOCUMENT"}
            yield {"createDeveloperMetadata": {"developerMetadata": made | {"location": {"spreadsheet": True}}}}


def guard_requests(token: str, state: WorkbookState, taken: int = 0) -> Iterator[Json]:
    """The guard, and the removal of the oldest marks, so that they never add up to Google's limit.

    Where an earlier version was restored, ids of marks that it does not have may stay taken: the number then leaps,
    farther each time, and still all who read the same state try the same number.
    """
    leap = LEAP**taken if taken else 1
    mark = {
        "metadataId": FIRST_MARK + state.last_mark + leap,
        "metadataKey": MARK_KEY,
        "metadataValue": token,
        "visibility": "DOCUMENT",
        "location": {"spreadsheet": True},
    }
    yield {"createDeveloperMetadata": {"developerMetadata": mark}}
    if taken:
        return
    for old in sorted(state.marks, key=lambda mark: mark.number)[:-KEPT_MARKS]:
        lookup = {"developerMetadataLookup": {"metadataId": old.metadata_id}}
        yield {"deleteDeveloperMetadata": {"dataFilter": lookup}}
