"""The protocol that every kind of workbook keeps, and what can go wrong with one.

Nothing above this module knows whether a workbook is a Google Sheet or a file.

WorkbookError
 +-- WorkbookUnreachableError  not found, no permission, credentials, quota used up, network
 +-- WorkbookRefusedError      writing would lose or overwrite something that is not ours
 +-- WorkbookChangedError      somebody saved it between our reading and our writing
 +-- WorkbookBusyError         another run of it is under way
 +-- WorkbookRejectedError     its service refused a call for a reason that we do not know: a bug in sheetplan
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from config.names import fold_header
from sheets_sync.workbook.changes import Changes, StatusColumn
from sheets_sync.workbook.snapshot import Snapshot, Tab
from sheets_sync.workbook.template import TabTemplate

RESULTS = "Results"
RESULTS_NAME = "sheetplan_results"
"""The named range over all that sheetplan owns on Results. Whatever people call the tab that it lies on, it is Results:
formulas and charts that point at it follow a renamed tab, and so does the next run."""

DETAILS = "Results details"
DETAILS_NAME = "sheetplan_details"
"""The same for the second tab of the report."""
REPORT_NAMES = {RESULTS: RESULTS_NAME, DETAILS: DETAILS_NAME}
"""The tabs of the report, and the named ranges by which they are found whatever people call them."""

ANALYSIS = "Analysis"
ANALYSIS_NAME = "analysis_of_sheetplan"
"""The tab of the newest study, and the named range over it. A tab that was renamed is one that a person keeps: the next
study makes a new one. The name is none of the report's, which a run removes where it no longer writes them."""


def renamed_notice(title: str, ours: str = RESULTS) -> str:
    """The notice for people whose Results, or its details, has another title."""
    return (
        f'{ours} was renamed to "{title}" and was updated there. To keep an answer as it is, approve it '
        "(sheetplan approve) or make a copy of the tab."
    )


PROPERTY_PREFIX = "sheetplan."
"""The names of our document properties begin with this."""
ID_PROPERTY = f"{PROPERTY_PREFIX}workbook"
"""The id of the workbook, as its last run wrote it: a copy carries that of the workbook that it was copied from."""
COPIED_PROPERTY = f"{PROPERTY_PREFIX}copied_from"
LONGEST_PROPERTY = 240
"""Characters of a document property that every program keeps."""

TabFilter = Callable[[str], bool]
"""Answers, by a tab's title, whether its cells are wanted."""
FurtherTabs = Callable[[Mapping[str, Tab]], Collection[str]]
"""Answers, by the wanted tabs, which further ones these name: folded titles, of tabs that need not exist."""


def no_further_tabs(_tabs: Mapping[str, Tab]) -> Collection[str]:
    """For a reader to whom titles say everything."""
    return ()


def named_further(tabs: Mapping[str, Tab], titles: Iterable[str], further: FurtherTabs) -> frozenset[str]:
    """Of these titles, those of tabs that were not read yet and that the ones read name."""
    named = frozenset(further(tabs))
    return frozenset(title for title in titles if named and title not in tabs and fold_header(title) in named)


class WorkbookError(Exception):
    """The workbook cannot be read or written, for a reason that a person can fix; the message is for that person."""


class WorkbookUnreachableError(WorkbookError):
    """The workbook cannot be reached: not found, no permission, credentials, quota used up, network."""


class WorkbookRefusedError(WorkbookError):
    """Writing would lose or overwrite something that is not ours, and was therefore not begun."""


class WorkbookChangedError(WorkbookError):
    """Someone saved the workbook between our reading and our writing; nothing was written."""


class WorkbookBusyError(WorkbookError):
    """Another run of this workbook is under way."""


class WorkbookRejectedError(WorkbookError):
    """Where the workbook is kept, a call was refused for a reason that we do not know: a bug in sheetplan."""


@dataclass(frozen=True)
class Written:
    """What a write left behind.

    `after` is what the tabs that were read held right after it, where the backend knows; `changed_meanwhile` is True
    where they then differed from what was read (status columns aside), so that what was written is from older inputs:
    a backend that can tell before writing raises `WorkbookChangedError` instead. `repeated` says that the same
    changes had been written before and were not applied again; `notices` is what people should know (texts that were
    cut). `copy` is what was kept of the workbook as it was: a file's name, or titles of tabs. `left_out` are the status
    columns that lie in cells which our account may not edit. `results_url` opens the tab Results, where it was written
    and the backend has addresses for tabs.
    """

    after: Snapshot | None = None
    changed_meanwhile: bool = False
    repeated: bool = False
    notices: tuple[str, ...] = ()
    results_url: str | None = None
    copy: str = ""
    left_out: tuple[StatusColumn, ...] = ()


class Workbook(Protocol):
    """A workbook that sheetplan reads from and writes to; one implementation per kind of workbook."""

    @property
    def locator(self) -> str:
        """How a person names this workbook: its path or URL."""

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """Read the wanted tabs, and the further ones that these name, at one moment.

        Raises:
            WorkbookUnreachableError: the workbook cannot be reached or is not a workbook.
        """

    def write(self, changes: Changes, *, force: bool = False) -> Written:
        """Apply all changes, or none of them.

        Raises:
            WorkbookUnreachableError: the workbook cannot be reached or not be written.
            WorkbookRefusedError: writing would lose what `force` was not given for, or overwrite what people wrote.
            WorkbookChangedError: the workbook is no longer the one that this object read last.
        """

    def locked(self) -> AbstractContextManager[None]:
        """Hold the workbook against other runs from reading to writing.

        Raises:
            WorkbookBusyError: another run holds it.
        """

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:
        """Create each tab that is missing, and the file where there is none; returns the titles of the new tabs.

        A tab that exists is never touched.

        Raises:
            WorkbookUnreachableError: the workbook cannot be reached or not be written.
        """
