"""What a run writes back, as data: no Google, no Excel. One `Changes` is applied whole or not at all.

Colours are RRGGBB. Rows and columns are 1-based. A backend draws these; it decides nothing about their content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sheets_sync.workbook.snapshot import Area, Snapshot

Scalar = str | float | int | bool | datetime | None
"""A typed value; text is written as text, whatever it looks like. Datetimes carry a time zone."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours with the value that we know it has (so that a file shows it before anyone recalculates).

    `text` begins with ``=`` and uses only functions that Google Sheets, Excel and LibreOffice share, in English, with
    comma separators.
    """

    text: str
    value: str | float | int | bool


class Role(StrEnum):
    """What a cell is for; a backend maps each role to one look, so that the sheet stays consistent."""

    TITLE = "title"
    HEADING = "heading"
    HEADER = "header"
    LABEL = "label"
    BODY = "body"
    TOTAL = "total"
    FIGURE = "figure"
    NOTE = "note"
    GOOD = "good"
    BAD = "bad"
    CAUTION = "caution"


class Align(StrEnum):
    """The horizontal alignment of a cell's text, where it is not the usual place of its type."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class OutCell:
    """One cell to write: value, look, number format (a spreadsheet pattern such as ``#,##0.00``) and alignment."""

    value: Scalar | Formula = None
    role: Role = Role.BODY
    number_format: str | None = None
    wrap: bool = False
    note: str | None = None
    align: Align | None = None


@dataclass(frozen=True)
class Highlight:
    """A conditional format: cells of `area` look like `role` where `formula` (relative to the first cell) is true."""

    area: Area
    formula: str
    role: Role


class ChartKind(StrEnum):
    """The kinds of chart that both backends draw natively."""

    COLUMN = "column"
    BAR = "bar"


@dataclass(frozen=True)
class Chart:
    """A chart over cells of the same tab: `categories` is one column or row of labels.

    Each of `series` is as long as the categories, plus a header before.
    `anchor` is the (row, column) of its upper left corner; `width` and `height` in pixels.
    """

    title: str
    kind: ChartKind
    categories: Area
    series: Sequence[Area]
    anchor: tuple[int, int]
    width: int = 560
    height: int = 300
    stacked: bool = False


@dataclass(frozen=True)
class Sheet:
    """The whole of one tab that sheetplan owns (Results), from A1; written in place, cells beyond it are left alone.

    `rows` are our cells; None is a blank of ours. `owned_name` is the named range that records the rectangle we own: a
    backend clears the rectangle recorded by the last write, and refuses (`WorkbookRefusedError`) when a cell that it
    would newly take holds something. `named_ranges` maps a name to a rectangle on this tab; names of ours (same
    prefix) that are no longer in it are removed.
    """

    title: str
    rows: Sequence[Sequence[OutCell | None]]
    owned_name: str
    name_prefix: str
    named_ranges: Mapping[str, Area] = field(default_factory=dict)
    column_widths: Sequence[int] = ()
    """Width of each column in characters."""
    frozen_rows: int = 0
    frozen_columns: int = 0
    """Frozen columns are repeated on every printed page, where the backend can say so; frozen rows too, unless
    `repeated` says which ones are."""
    printed: str | None = None
    """The named range that is printed, where the backend can say so; None is the whole tab."""
    repeated: str | None = None
    """The named range whose first row is repeated on every printed page after its own, where the backend can say so."""
    pages_wide: int = 1
    """How many pages side by side a print takes, where the backend can say so."""
    footer: str = ""
    """What every printed page says at its foot beside its number, where the backend can say so."""
    highlights: Sequence[Highlight] = ()
    charts: Sequence[Chart] = ()
    is_locked: bool = False
    """Whether nobody shall change it by accident: a backend that can asks to unlock it first, without a password."""
    protection: str = "Written by sheetplan: the next run overwrites changes here."
    """What a person is warned of who changes the tab, where the backend can warn."""

    @property
    def width(self) -> int:
        """Number of columns that we own."""
        return max((len(row) for row in self.rows), default=0)

    def on(self, title: str) -> "Sheet":
        """The same for a tab that people call something else."""

        def there(area: Area) -> Area:
            return replace(area, tab=title)

        charts = [
            replace(chart, categories=there(chart.categories), series=list(map(there, chart.series)))
            for chart in self.charts
        ]
        return replace(
            self,
            title=title,
            named_ranges={name: there(area) for name, area in self.named_ranges.items()},
            highlights=[replace(highlight, area=there(highlight.area)) for highlight in self.highlights],
            charts=charts,
        )


@dataclass(frozen=True)
class Log:
    """Rows appended to a tab that is never rewritten (Runs).

    `columns` are the headers that a row may fill, in the order in which missing ones are added at the right; an
    existing tab's columns are found by header, wherever people moved them. A row whose `run_id_column` value already
    stands in the tab is not appended again, so a repeated write is harmless.
    """

    title: str
    columns: Sequence[str]
    run_id_column: str
    rows: Sequence[Mapping[str, OutCell]]


@dataclass(frozen=True)
class StatusColumn:
    """One written column of an input tab: `values` by row number; `header` is written where `creates` is true."""

    tab: str
    header: str
    header_row: int
    column: int
    creates: bool
    values: Mapping[int, str]


@dataclass(frozen=True)
class Changes:
    """Everything that one run (or one `check --write`) writes, in one atomic step."""

    statuses: Sequence[StatusColumn] = ()
    results: Sheet | None = None
    runs: Log | None = None
    run_id: str | None = None
    is_same: Callable[[Snapshot], bool] | None = field(default=None, repr=False, compare=False)
    """Whether a later reading of the inputs means what the run was given: a clock in a notes column changes nothing. A
    backend that sees cells change asks this; None takes every changed cell of an input tab for a change."""
    added: Sheet | None = None
    """A tab that is written once and never again: a backend refuses where one of its title stands already."""
    properties: Mapping[str, str | None] = field(default_factory=dict)
    """Document properties of ours to set, or (None) to remove; others stay. See `Snapshot.properties`."""

    @property
    def tabs(self) -> tuple[str, ...]:
        """The titles of the tabs that are written, ours first."""
        ours = (self.results, self.runs, self.added)
        titles = [tab.title for tab in ours if tab is not None]
        return (*titles, *dict.fromkeys(column.tab for column in self.statuses))
