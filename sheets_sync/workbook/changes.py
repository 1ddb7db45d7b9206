"""What a run writes back, as data: no Google, no Excel. One `Changes` is applied whole or not at all.

Colours are RRGGBB. Rows and columns are 1-based. A backend draws these; it decides nothing about their content.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from openpyxl.utils import quote_sheetname

from sheets_sync.workbook.snapshot import Area, Snapshot

_QUOTED = re.compile(r"""\"[^"]*"|'(?:[^']|'')*'!""")
"""Texts in a formula, in which nothing is a reference, and quoted titles of tabs."""

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
    FIRST = "first"
    """The first row of a group: a line above."""
    BLANK_LINE = "blank line"
    """A line to write on by hand."""
    FIGURE = "figure"
    NOTE = "note"
    GOOD = "good"
    BAD = "bad"
    CAUTION = "caution"
    BAR = "bar"
    """A period in which work is under way."""
    LOAD_LOW = "load low"
    LOAD_MEDIUM = "load medium"
    LOAD_HIGH = "load high"
    LOAD_FULL = "load full"
    """How much of a limit is used: a little, more than half, most of it, (nearly) all."""


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
    WATERFALL = "waterfall"
    """From a total through what is added and taken away to another: see `Chart.series`."""
    SCATTER = "scatter"
    """Points: the categories are numbers too."""


OUR_CHART = "sheetplan chart: "
"""The alternative text of our charts begins with this."""


@dataclass(frozen=True)
class Chart:
    """A chart over cells of a tab of ours: `categories` is one column or row of labels.

    Each of `series` is as long as the categories, plus a header before; so is `line`, which is drawn as a line across
    the bars. `least` is where the axis of values begins; None leaves it to the program.
    Of a waterfall the first series has the figures, the last one being the total of all before it; the others draw it
    as stacked columns where a program has no such kind: what is not seen below a bar, totals, rises, falls, and rises
    and falls below zero.
    `anchor` is the (row, column) of its upper left corner; `width` and `height` in pixels. `name` is the named range
    that records that corner: a chart that is no longer where the last write put it was moved by a person, and stays.
    """

    title: str
    kind: ChartKind
    categories: Area
    series: Sequence[Area]
    anchor: tuple[int, int]
    width: int = 560
    height: int = 300
    stacked: bool = False
    line: Area | None = None
    least: float | None = None
    name: str = ""
    value_format: str = "0%"
    """How the axis shows values, where the backend can say so."""
    is_fall_good: bool = False
    """Of a waterfall: whether less is better."""
    category_format: str = "General"
    """How the axis of a scatter's categories shows them, likewise."""

    @property
    def alternative_text(self) -> str:
        """By what it is known as ours, wherever it is converted to."""
        return OUR_CHART + (self.name or self.title)

    def is_titled(self, title: str) -> bool:
        """Whether a title is this chart's: what is in brackets at the end says only what part of a table is shown."""
        return is_same_title(title, self.title)


def is_same_title(title: str, ours: str) -> bool:
    """Whether two titles of charts are the same but for what is in brackets at the end."""
    return bool(title) and title.partition(" (")[0] == ours.partition(" (")[0]


@dataclass(frozen=True)
class Sheet:
    """The whole of one tab that sheetplan owns, from A1; written in place, cells beyond it are left alone.

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
    """Frozen rows are repeated on every printed page, where the backend can say so, unless `repeated` says others."""
    filtered: str | None = None
    """The named range that people can filter by its first row."""
    page_breaks: Sequence[int] = ()
    """Rows that begin a printed page, where the backend can say so."""
    printed: str | None = None
    """The named range that is printed, where the backend can say so; None is the whole tab."""
    repeated: str | None = None
    """The named range whose first row is repeated on every printed page after its own, where the backend can say so."""
    footer: str = ""
    """What every printed page says at its foot beside its number, where the backend can say so."""
    highlights: Sequence[Highlight] = ()
    charts: Sequence[Chart] = ()
    former_charts: Sequence[str] = ()
    """Titles of charts of ours that are no longer drawn."""
    keeps_title: bool = False
    """Whether it goes to the tab of its title only; else to that of the last write, whatever people call it."""
    is_locked: bool = False
    """Whether nobody shall change it by accident: a backend that can asks to unlock it first, without a password."""
    protection: str = "Written by sheetplan: the next run overwrites changes here."
    """What a person is warned of who changes the tab, where the backend can warn."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its ranges."""
        return (*self.named_ranges, self.owned_name)

    @property
    def width(self) -> int:
        """Number of columns that we own."""
        return max((len(row) for row in self.rows), default=0)

    def on(self, titles: Mapping[str, str]) -> "Sheet":
        """The same for tabs that people call something else; `titles` are theirs by ours, for every tab of the report.

        References to those tabs in formulas are spelled anew as well.
        """
        if all(ours == theirs for ours, theirs in titles.items()):
            return self

        def there(area: Area) -> Area:
            return replace(area, tab=titles.get(area.tab, area.tab))

        spelled = {quote_sheetname(ours) + "!": quote_sheetname(theirs) + "!" for ours, theirs in titles.items()}

        def cell_there(cell: OutCell | None) -> OutCell | None:
            if cell is None or not isinstance(cell.value, Formula):
                return cell
            text = _QUOTED.sub(lambda found: spelled.get(found.group(), found.group()), cell.value.text)
            return cell if text == cell.value.text else replace(cell, value=replace(cell.value, text=text))

        charts = [
            replace(
                chart,
                categories=there(chart.categories),
                series=list(map(there, chart.series)),
                line=None if chart.line is None else there(chart.line),
            )
            for chart in self.charts
        ]
        return replace(
            self,
            title=titles.get(self.title, self.title),
            rows=[[cell_there(cell) for cell in row] for row in self.rows],
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
    """One written column of an input tab: `values` by row number; `header` is written where `creates` is true.

    `name` is the named range that records the cell of the header, by which the column is known as ours later; `notice`
    is what people should know once the column is written. Both may be empty.
    """

    tab: str
    header: str
    header_row: int
    column: int
    creates: bool
    values: Mapping[int, str]
    name: str = ""
    notice: str = ""


@dataclass(frozen=True)
class CellEdit:
    """One cell of an input tab that a person agreed to have changed; `value` None makes it blank."""

    tab: str
    row: int
    column: int
    value: Scalar


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
    details: Sheet | None = None
    """The second tab of the report; its formulas and those of `results` refer to each other."""
    edits: Sequence[CellEdit] = ()
    """Cells of input tabs; a backend refuses where one of them is locked or belongs to an array formula."""
    kept_as: str = ""
    """With a text, what is edited is kept as it was, under its own name and this text (`copy_title`): a file as a file
    beside it, of a Google Sheet each edited tab as a tab."""
    analysis: Sheet | None = None
    """The tab of a study, which is written by itself."""
    properties: Mapping[str, str | None] = field(default_factory=dict)
    """Document properties of ours to set, or (None) to remove; others stay. See `Snapshot.properties`."""

    @property
    def report(self) -> tuple[Sheet, ...]:
        """The tabs of the report, as far as they are written; a study's is one of its own."""
        return tuple(sheet for sheet in (self.results, self.details, self.analysis) if sheet is not None)

    @property
    def tabs(self) -> tuple[str, ...]:
        """The titles of the tabs that are written, ours first."""
        return self.tabs_without(())

    def tabs_without(self, left_out: Collection[StatusColumn]) -> tuple[str, ...]:
        """The same, where a backend left out some of the status columns."""
        ours = (*self.report, self.runs, self.added)
        titles = [tab.title for tab in ours if tab is not None]
        columns = [column.tab for column in self.statuses if column not in left_out]
        return (*titles, *dict.fromkeys([*columns, *(edit.tab for edit in self.edits)]))


def copy_title(name: str, kept_as: str, taken: Collection[str], longest: int) -> str:
    """``Initiatives before 2026-Q4``, with a number where that is taken, and no longer than it may be."""
    folded = {title.casefold() for title in taken}
    number = 1
    while True:
        suffix = f" {kept_as}" if number == 1 else f" {kept_as} {number}"
        title = name[: longest - len(suffix)].rstrip() + suffix
        if title.casefold() not in folded:
            return title
        number += 1
