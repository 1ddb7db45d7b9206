"""The inputs as they were in the run, row by row, with live formulas that find each row again in the tabs as they are.

A row of a keyed tab is found by its key, so sorting a tab changes nothing. A row of Constraints, Targets or Capacity,
which have no key, is unchanged while as many rows like it stand in the tab as did. References are real ones, so columns
may be inserted and tabs renamed. Numbers are compared with numbers and text with text, never spelled; a blank is no
zero. What the run could not refer to, because it was not there, is found by `newcomers`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl.utils import get_column_letter, quote_sheetname

from config.columns import InputTab
from config.names import fold_key
from config.tabs import CAPACITY, CONSTRAINTS, INITIATIVES, INPUT_TABS, KPIS, TARGETS
from sheets_sync.inputs.frames import Frame
from sheets_sync.report.details_header import Counts, stale_check
from sheets_sync.report.input_changes import LONGEST_FORMULA, changed_columns, kpi_names, new_tab_rows
from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.report.sheet_grid import fixed, fixed_range, quoted
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, Tab, a1

UNKEYED = frozenset({CAPACITY.name, CONSTRAINTS.name, TARGETS.name})
SAME, CHANGED, GONE = "same", "changed", "gone"
NOT_COMPARED = "not compared"
WILDCARDS = "*?~"
"""Spreadsheets search with these; a tilde before one says that it is meant."""
STATE, FOUND, FIRST_VALUE = 2, 3, 4
"""Columns of a row's state, of where it is now, and of its first value after the key."""
HEADERS = ("Input tab", "Rows in the run", None, "Changed", "Gone", "Added", "Columns changed", "Not compared")
MOST_DECIMALS = 10


@dataclass(frozen=True)
class Inputs:
    """What the run read: the frames by canonical name, and the tabs that they were taken from by title.

    `made` counts the columns that the run adds to each tab, by title.
    """

    frames: Mapping[str, Frame]
    tabs: Mapping[str, Tab]
    made: Mapping[str, int] = field(default_factory=dict)

    @property
    def present(self) -> list[Frame]:
        """The frames that hold rows, in the order of the template."""
        frames = (self.frames.get(spec.name) for spec in INPUT_TABS)
        return [frame for frame in frames if frame is not None and frame.rows]


def inputs_block(page: Page, inputs: Inputs) -> dict[str, Area]:
    """A summary with one row per tab, then each tab's rows as they were.

    Returns the cell that says whether an initiative is as it was, by folded key.
    """
    top, grid = page.details.row, page.details.grid
    heading(page.details, top, "Inputs of this run, and what has changed since")
    for column, text in enumerate(HEADERS, start=1):
        grid.put(top + 1, column, header(text or "", Align.RIGHT if column > 1 else None))
    page.details.row = top + 3 + len(INPUT_TABS)
    states: dict[str, Area] = {}
    for offset, spec in enumerate(INPUT_TABS):
        row, frame = top + 2 + offset, inputs.frames.get(spec.name)
        grid.put(row, 1, OutCell(spec.name if frame is None else frame.title, Role.LABEL))
        grid.put(row, 2, OutCell(0 if frame is None else len(frame.rows), number_format="0"))
        for column, formula, value in _summary(page, inputs, spec, fixed(row, 5)):
            grid.put(row, column, OutCell(Formula(formula, value), Role.FIGURE, "0"))
        if frame is not None and frame.rows and spec.name == INITIATIVES.name:
            keys = frame.column(spec.key_column)
            first = page.details.row - 1 - len(keys)
            states = {fold_key(_text(cell)): grid.cell_area(first + at, STATE) for at, cell in enumerate(keys)}
    bottom = top + 1 + len(INPUT_TABS)
    grid.areas["sheetplan_inputs"] = grid.area(top + 1, 1, bottom, len(HEADERS))
    found = Counts(*(grid.area(top + 2, left, bottom, right) for left, right in ((4, 6), (7, 7), (8, 8))))
    for counts, role in ((found.rows, Role.BAD), (found.columns, Role.BAD), (found.skipped, Role.CAUTION)):
        page.details.highlights.append(Highlight(counts, f"={a1(counts.top, counts.left)}>0", role))
    stale_check(page, found)
    return states


def _summary(page: Page, inputs: Inputs, spec: InputTab, gone: str) -> Iterator[tuple[int, str, int]]:
    """(column, formula, value) of one tab's line; also writes the copy of its rows, where it has any."""
    frame = inputs.frames.get(spec.name)
    if frame is None:
        yield 6, new_tab_rows(spec), 0
        return
    added = f"IFERROR(COUNTA({_column(frame, spec.key_column)}),0)-{_filled(inputs, frame)}"
    headers: dict[str, str] = {}
    if frame.rows:
        states, skipped, headers = _copy(page, frame)
        yield 4, f'=COUNTIF({states},"{CHANGED}")', 0
        yield 5, f'=COUNTIF({states},"{GONE}")', 0
        yield 8, f'=COUNTIF({states},"{NOT_COMPARED}")', skipped
        added += "" if spec.name in UNKEYED else f"+{gone}"
    yield 6, f"=MAX(0,{added})", 0
    if frame.header_found:
        names = kpi_names(inputs.frames.get(KPIS.name))
        yield 7, changed_columns(frame, inputs.tabs[frame.title], names, headers, inputs.made.get(frame.title, 0)), 0


def _copy(page: Page, frame: Frame) -> tuple[str, int, dict[str, str]]:
    """One tab's rows as they were.

    Returns the reference to their states, how many of them cannot be compared, and the cell of each column's header.
    """
    grid, copy = page.details.grid, _Copy.of(frame)
    heading(page.details, page.details.row, f"{frame.title} in this run")
    found = "Matching rows" if copy.unkeyed else "Now in row"
    grid.put_row(page.details.row + 1, 2, [header("Now"), header(found, Align.CENTRE)])
    headers: dict[str, str] = {}
    for name, column, look in zip(copy.names, copy.columns, copy.looks, strict=True):
        field = frame.fields.get(name)
        grid.put(page.details.row + 1, column, header(field.header if field else name, look.align))
        headers[name] = fixed(page.details.row + 1, column)
    first, skipped = page.details.row + 2, 0
    for at, cells in enumerate(copy.rows):
        row = first + at
        for column, look, cell in zip(copy.columns, copy.looks, cells, strict=True):
            grid.put(row, column, look.copied(cell))
        state, found_cell = copy.unkeyed_state(row, at) if copy.unkeyed else copy.keyed_state(row, at)
        grid.put(row, STATE, state)
        grid.put(row, FOUND, found_cell)
        skipped += state.value == NOT_COMPARED
    last = first + len(copy.rows) - 1
    flagged = f'OR(${a1(first, STATE)}="{CHANGED}",${a1(first, STATE)}="{GONE}")'
    page.details.highlights.append(Highlight(grid.area(first, 1, last, copy.columns[-1]), f"={flagged}", Role.BAD))
    page.skipped += skipped
    page.details.row = last + 2
    return fixed_range(grid.area(first, STATE, last, STATE)), skipped, headers


@dataclass(frozen=True)
class _Look:
    """How a column of a copy is shown: all its cells alike, so that a whole column is one format."""

    align: Align
    number_format: str | None = None

    @staticmethod
    def of(cells: Sequence[Cell]) -> "_Look":
        """Numbers at the right, with as many decimals as the longest of them has, so that none looks like another."""
        kinds = {cell.kind for cell in cells if cell.kind is not CellKind.BLANK}
        if kinds == {CellKind.BOOLEAN}:
            return _Look(Align.CENTRE)
        if kinds != {CellKind.NUMBER}:
            return _Look(Align.LEFT)
        decimals = max(_decimals(cell.value) for cell in cells if isinstance(cell.value, int | float))
        pattern = "#,##0" if decimals == 0 else f"#,##0.{'0' * decimals}"
        return _Look(Align.RIGHT, pattern if decimals <= MOST_DECIMALS else "General")

    def copied(self, cell: Cell) -> OutCell:
        """The cell as it was, in the look of its column."""
        if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED, CellKind.BLANK):
            return OutCell(None, number_format=self.number_format, align=self.align)
        pattern = "yyyy-mm-dd" if cell.kind is CellKind.DATE else self.number_format
        return OutCell(cell.value, number_format=pattern, align=self.align)


def _decimals(value: float) -> int:
    """Decimals that say a number exactly, as far as it has such."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass(frozen=True)
class _Copy:
    """One tab's rows with the key first, the columns of Results that they take, and how many rows are alike."""

    frame: Frame
    names: tuple[str, ...]
    columns: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    looks: tuple[_Look, ...]
    alike: Mapping[object, int]

    @staticmethod
    def of(frame: Frame) -> "_Copy":
        """The copy of a frame."""
        key = frame.spec.key_column
        names = (key, *(name for name in frame.fields if name != key))
        cells = [frame.column(name) for name in names]
        rows = tuple(zip(*cells, strict=True))
        columns = (1, *range(FIRST_VALUE, FIRST_VALUE + len(names) - 1))
        return _Copy(frame, names, columns, rows, tuple(map(_Look.of, cells)), Counter(map(_likeness, rows)))

    @property
    def unkeyed(self) -> bool:
        """Whether several rows of the tab may have the same key."""
        return self.frame.spec.name in UNKEYED

    def keyed_state(self, row: int, at: int) -> tuple[OutCell, OutCell]:
        """State and place of a row that its key finds."""
        cell = self.rows[at][0]
        if cell.is_blank or cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
            return OutCell(NOT_COMPARED, Role.NOTE), OutCell(None)
        key = f"$A{row}"
        if isinstance(cell.value, str) and any(sign in cell.value for sign in WILDCARDS):
            key = quoted("".join(f"~{letter}" if letter in WILDCARDS else letter for letter in cell.value))
        place = f"${a1(row, FOUND)}"
        found = f"=IFERROR(MATCH({key},{_column(self.frame, self.names[0])},0),0)"
        terms = "".join(
            term
            for name, column, then in zip(self.names[1:], self.columns[1:], self.rows[at][1:], strict=True)
            for term in _terms(then, f"INDEX({_column(self.frame, name)},{place})", a1(row, column))
        )
        text = f'=IF({place}=0,"{GONE}",IF(IFERROR(0{terms},1)=0,"{SAME}","{CHANGED}"))'
        return _state(text), OutCell(Formula(found, self.frame.rows[at]), Role.NOTE, "0", align=Align.CENTRE)

    def unkeyed_state(self, row: int, at: int) -> tuple[OutCell, OutCell]:
        """State of a row of which there may be several alike, and how many there are now."""
        terms = "".join(
            term
            for name, column, then in zip(self.names, self.columns, self.rows[at], strict=True)
            for term in _terms(then, _rows_of(self.frame, name), a1(row, column))
        )
        like = self.alike[_likeness(self.rows[at])]
        found = f"=IFERROR(SUMPRODUCT(--((0{terms})=0)),0)"
        if len(found) > LONGEST_FORMULA:
            return OutCell(NOT_COMPARED, Role.NOTE), OutCell(None)
        text = f'=IF({a1(row, FOUND)}={like},"{SAME}","{CHANGED}")'
        return _state(text), OutCell(Formula(found, like), Role.NOTE, "0", align=Align.CENTRE)


def _terms(cell: Cell, now: str, then: str) -> Iterator[str]:
    """``+`` and what is 0 while a value is what it was. Spreadsheets take a blank for 0, FALSE and "" alike."""
    if cell.kind is CellKind.BLANK:
        yield f"+(1-ISBLANK({now}))" if cell.formula is None else f'+({now}<>"")'
    elif cell.kind is CellKind.ERROR:
        yield f"+(1-ISERROR({now}))"
    elif cell.kind is not CellKind.UNCALCULATED:
        if cell.value in (0, False):
            yield f"+ISBLANK({now})"
        yield f"+({now}<>{then})"


def _likeness(cells: Sequence[Cell]) -> tuple[object, ...]:
    """Equal for rows that a spreadsheet calls equal: it does not tell case apart."""
    return tuple((cell.kind, cell.value.casefold() if isinstance(cell.value, str) else cell.value) for cell in cells)


def _state(text: str) -> OutCell:
    if len(text) > LONGEST_FORMULA:
        return OutCell(NOT_COMPARED, Role.NOTE)
    return OutCell(Formula(text, SAME), Role.LABEL)


def _column(frame: Frame, name: str) -> str:
    """A whole column of the tab as it is now: rows added below belong to it."""
    letters = get_column_letter(frame.number_of(name) or 1)
    return f"{quote_sheetname(frame.title)}!${letters}:${letters}"


def _rows_of(frame: Frame, name: str) -> str:
    """One column of the tab, from its header to the last row that was read."""
    column = frame.number_of(name) or 1
    return f"{quote_sheetname(frame.title)}!{fixed(frame.header_row, column)}:{fixed(frame.rows[-1], column)}"


def _filled(inputs: Inputs, frame: Frame) -> int:
    """How many cells of the key's column held anything, title and header included."""
    tab, column = inputs.tabs[frame.title], frame.number_of(frame.spec.key_column) or 1
    cells = (tab.cell(row, column) for row in range(1, len(tab.rows) + 1))
    return sum(cell.kind is not CellKind.BLANK or cell.formula is not None for cell in cells)


def _text(cell: Cell) -> str:
    return str(cell.value) if cell.kind is CellKind.TEXT else cell.shown
