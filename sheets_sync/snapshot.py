"""What was read from a workbook, and the protocol that every workbook backend speaks.

A `Snapshot` holds every cell that sheetplan reads, typed, with its A1 address. Nothing above this module knows whether
a workbook is a Google Sheet or a file.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from sheets_sync.changes import Changes
    from sheets_sync.template import TabTemplate


class CellKind(StrEnum):
    """What a cell holds, as the spreadsheet itself types it."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    ERROR = "error"
    UNCALCULATED = "uncalculated"
    """A formula whose value the file does not hold, because no spreadsheet program has calculated it yet."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell's value and how the sheet shows it.

    `value` is None for blank and uncalculated cells, a float or int for numbers, str for text and for error values
    (such as ``#REF!``), bool for booleans, and a datetime for numbers that the sheet formats as a date or time.
    `shown` is the text that a person sees in the cell (locale of the workbook); `formula` is the formula behind the
    value, if any.
    """

    kind: CellKind
    value: float | int | str | bool | datetime | None = None
    shown: str = ""
    formula: str | None = None

    @property
    def is_blank(self) -> bool:
        """Blank, or text of white space only."""
        return self.kind is CellKind.BLANK or (self.kind is CellKind.TEXT and not str(self.value).strip())


BLANK = Cell(CellKind.BLANK)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its cells from A1, by rows; trailing blank cells and rows are cut off, so rows differ in length."""

    title: str
    rows: Sequence[Sequence[Cell]]

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a 1-based row and column; blank outside what was read."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return BLANK
        return self.rows[row - 1][column - 1]


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells on one tab, 1-based and inclusive."""

    tab: str
    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{self.tab}!{a1(self.top, self.left)}:{a1(self.bottom, self.right)}"


@dataclass(frozen=True)
class Snapshot:
    """One reading of a workbook.

    `locator` is how a person names the workbook (path or URL), `tabs` every tab that was read by its title in sheet
    order, `named_areas` the workbook's named ranges that are plain rectangles. `locale` (such as ``de_DE``) and
    `time_zone` (IANA name) are None where the workbook does not say.
    """

    locator: str
    title: str
    tabs: Mapping[str, Tab]
    named_areas: Mapping[str, Area] = field(default_factory=dict)
    locale: str | None = None
    time_zone: str | None = None


RESULTS = "Results"
RESULTS_NAME = "sheetplan_results"
"""The named range over all that sheetplan owns on Results. Whatever people call the tab that it lies on, it is Results:
formulas and charts that point at it follow a renamed tab, and so does the next run."""


def renamed_notice(title: str) -> str:
    """What people are told whose Results has another title."""
    return (
        f'{RESULTS} was renamed to "{title}" and was updated there. To keep an answer as it is, approve it '
        "(sheetplan approve) or make a copy of the tab."
    )


def a1(row: int, column: int) -> str:
    """The A1 address of a 1-based row and column, such as ``F7``."""
    return f"{get_column_letter(column)}{row}"


TabFilter = Callable[[str], bool]
"""Tells, by a tab's title, whether its cells are wanted."""


class WorkbookError(Exception):
    """The workbook cannot be read or written, for a reason that a person can mend; the message is for that person."""


class WorkbookUnreachableError(WorkbookError):
    """The workbook cannot be reached: not found, no permission, credentials, quota used up, network (exit code 5)."""


class WorkbookRefusedError(WorkbookError):
    """Writing would lose or overwrite something that is not ours, and was therefore not begun."""


class WorkbookChangedError(WorkbookError):
    """Someone saved the workbook between our reading and our writing; nothing was written."""


class WorkbookBusyError(WorkbookError):
    """Another run of this workbook is under way (exit code 6)."""


@dataclass(frozen=True)
class Written:
    """What a write left behind.

    `after` is what the tabs that were read held right after it, where the backend knows; `changed_meanwhile` is True
    where they then differed from what was read (status columns aside), so that what was written is from older inputs:
    a backend that can tell before writing raises `WorkbookChangedError` instead. `repeated` says that the same changes
    had been written before and were not applied again; `notices` is what people should be told of (texts that were
    cut). `results_url` opens the tab Results, where it was written and the backend has addresses for tabs.
    """

    after: Snapshot | None = None
    changed_meanwhile: bool = False
    repeated: bool = False
    notices: tuple[str, ...] = ()
    results_url: str | None = None


class Workbook(Protocol):
    """A workbook that sheetplan reads from and writes to; one implementation per kind of workbook."""

    @property
    def locator(self) -> str:
        """How a person names this workbook: its path or URL."""

    def read(self, wanted: TabFilter) -> Snapshot:
        """Read the wanted tabs, at one moment.

        Raises:
            WorkbookUnreachableError: the workbook cannot be reached or is not a workbook.
        """

    def write(self, changes: "Changes", *, force: bool = False) -> Written:
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

    def create_tabs(self, templates: "Sequence[TabTemplate]") -> Sequence[str]:
        """Create each tab that is missing, and the file where there is none; returns the titles of the new tabs.

        A tab that exists is never touched.

        Raises:
            WorkbookUnreachableError: the workbook cannot be reached or not be written.
        """
