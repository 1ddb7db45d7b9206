"""What was read from a workbook: every cell that sheetplan reads, typed, with its A1 address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf

from openpyxl.utils import get_column_letter


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
    `shown` is the text that a person sees in the cell (locale of the workbook). `formula` is the formula behind the
    value, if any: it begins with ``=``, its functions are in English, its arguments separated by commas, and its
    references in A1 notation, whatever the workbook's locale. `format` is the number format of a number or date as a
    spreadsheet pattern such as ``0.0%``, empty for General; `number_styles.style_of` says what it means.
    """

    kind: CellKind
    value: float | int | str | bool | datetime | None = None
    shown: str = ""
    formula: str | None = None
    format: str = ""

    @property
    def is_blank(self) -> bool:
        """Blank, or text of white space only."""
        return self.kind is CellKind.BLANK or (self.kind is CellKind.TEXT and not str(self.value).strip())

    @property
    def number(self) -> float:
        """The value of a NUMBER cell as a float; infinite where it is too large for one.

        Raises:
            TypeError: the cell holds no number.
        """
        if not isinstance(self.value, int | float):
            raise TypeError(f"a {self.kind.value} cell holds no number")
        try:
            return float(self.value)
        except OverflowError:
            return inf


BLANK = Cell(CellKind.BLANK)


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


@dataclass(frozen=True, slots=True)
class TableArea:
    """A spreadsheet table on a tab: its name, its cells from the header row on, and the row of its totals, if shown.

    The totals row is the last one of `area`.
    """

    name: str
    area: Area
    totals_row: int | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its cells from A1, by rows; trailing blank cells and rows are cut off, so rows differ in length.

    `merges` are its merged areas, of which only the top left cell holds a value; `tables` its spreadsheet tables.
    Hidden and filtered rows and columns are cells like any other.
    """

    title: str
    rows: Sequence[Sequence[Cell]]
    merges: tuple[Area, ...] = ()
    tables: tuple[TableArea, ...] = ()

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a 1-based row and column; blank outside what was read."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return BLANK
        return self.rows[row - 1][column - 1]


@dataclass(frozen=True)
class Snapshot:
    """One reading of a workbook.

    `locator` is how a person names the workbook (path or URL), `tabs` every tab that was read by its title in sheet
    order, `titles` those of all tabs, read or not (empty where that is not known), `named_areas` the workbook's named
    ranges that are plain rectangles. `locale` (such as ``de_DE``) and `time_zone` (IANA name) are None where the
    workbook does not say. `recalculates_on_load` is True for a file whose writer left the calculation of all formulas
    to whoever opens it: the values that it holds may be placeholders. `properties` are the document properties of ours,
    by name: in a file custom properties, at Google developer metadata. `workbook_id` is the id that the place itself
    gives it (Drive's file id), empty for a file.
    """

    locator: str
    title: str
    tabs: Mapping[str, Tab]
    named_areas: Mapping[str, Area] = field(default_factory=dict)
    locale: str | None = None
    time_zone: str | None = None
    recalculates_on_load: bool = False
    titles: Sequence[str] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    workbook_id: str = ""


def a1(row: int, column: int) -> str:
    """The A1 address of a 1-based row and column, such as ``F7``."""
    return f"{get_column_letter(column)}{row}"
