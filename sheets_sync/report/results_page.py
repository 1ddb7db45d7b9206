"""Results and Results details while their blocks are written, and the parts that several blocks share.

The blocks of Results are written first. Those of the details refer to its figures; what refers the other way round
(checks, charts, the states of inputs) is written last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from optimizer.plan import Plan, Slice
from optimizer.portfolio import Portfolio
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.report.layout import Layout
from sheets_sync.report.people_words import Words
from sheets_sync.report.sheet_grid import Grid, across, fixed, fixed_range, quoted
from sheets_sync.workbook.backend import DETAILS, RESULTS
from sheets_sync.workbook.changes import Align, Chart, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

RELATIVE_TOLERANCE = "1E-9"
ABSOLUTE_TOLERANCE = "1E-12"
SHARE = "0.0%"


@dataclass
class Draft:
    """One of the two tabs while its blocks are written: its cells, where the next block starts, what it highlights."""

    grid: Grid
    row: int = 1
    highlights: list[Highlight] = field(default_factory=list)


@dataclass(frozen=True)
class Timing:
    """Columns of the details beside the rows of the decision table, in plans over several periods.

    Each is as long as that table; `starts` and `finishes` are by position of the scenario, and count periods from 1.
    """

    stop_cost: Area
    """What it costs in tokens to stop an initiative."""
    each: Area
    """The share of its costs that is spent in each of its periods, where they are spread evenly."""
    shares: tuple[Area, ...]
    """The shares that are spent in its first, second ... period, where they are not."""
    starts: Mapping[int, Area]
    finishes: Mapping[int, Area]


@dataclass
class Page:
    """Both tabs while their blocks are written.

    The cells of Results that the details refer to are remembered by what they say: totals by scenario and KPI, targets
    and limits by scenario and place in the portfolio.
    """

    plan: Plan
    outcome: RunOutcome
    layout: Layout
    words: Words
    results: Draft = field(default_factory=lambda: Draft(Grid(RESULTS)))
    details: Draft = field(default_factory=lambda: Draft(Grid(DETAILS)))
    checks: list[Area] = field(default_factory=list)
    """Cells of the details that say whether a figure recomputes."""
    total_cells: dict[tuple[str, str], Area] = field(default_factory=dict)
    target_cells: dict[tuple[str, int], Area] = field(default_factory=dict)
    limit_cells: dict[tuple[str, int], Area] = field(default_factory=dict)
    used_cells: dict[tuple[str, str], Area] = field(default_factory=dict)
    """What a scenario spends of a resource."""
    target_rows: dict[tuple[str, int], int] = field(default_factory=dict)
    """Rows of the Targets table of the details; `limit_rows` of its Capacity table."""
    limit_rows: dict[tuple[str, int], int] = field(default_factory=dict)
    charts: list[Chart] = field(default_factory=list)
    blocks: list[int] = field(default_factory=lambda: [1])
    """The first rows of the blocks of Results that a print keeps together."""
    timing: Timing | None = None
    """None where no scenario plans several periods."""
    skipped: int = 0
    """Rows of the inputs whose state no formula can tell."""

    @cached_property
    def answered(self) -> list[tuple[int, ScenarioOutcome, Portfolio]]:
        """(position, scenario, portfolio) of every scenario that has a selection."""
        return [
            (position, scenario, scenario.portfolio)
            for position, scenario in enumerate(self.outcome.scenarios)
            if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
        ]


def heading(draft: Draft, row: int, text: str) -> None:
    """The heading of a block."""
    draft.grid.put(row, 1, OutCell(text, Role.HEADING))


def header(text: str, align: Align | None = None) -> OutCell:
    """A header cell; `align` as in the cells below it."""
    return OutCell(text, Role.HEADER, wrap=True, align=align)


def open_table(page: Page, title: str, headers: Sequence[tuple[str, Align]], name: str) -> int:
    """Heading and header of a long table of the details; returns its first row."""
    draft = page.details
    heading(draft, draft.row, title)
    draft.grid.put_row(draft.row + 1, 1, [header(text, align) for text, align in headers])
    draft.grid.areas[name] = draft.grid.area(draft.row + 1, 1, draft.row + 1, len(headers))
    draft.row += 2
    return draft.row


def close_table(page: Page, name: str, first: int, *, has_checks: bool = True) -> None:
    """Name the finished table's range, remember its check cells (column F), and leave a blank row."""
    draft = page.details
    top = draft.grid.areas[name]
    draft.grid.areas[name] = draft.grid.area(top.top, 1, max(draft.row - 1, first - 1), top.right)
    if has_checks and draft.row > first:
        check = draft.grid.area(first, 6, draft.row - 1, 6)
        page.checks.append(check)
        draft.highlights.append(Highlight(check, f'={a1(first, 6)}="differs"', Role.BAD))
    draft.row += 1


def live_figure(row: int, source: Area, magnitude: str, value: float, pattern: str) -> list[OutCell]:
    """The live figure of Results, the optimizer's value and the check, for columns D to F of a long table.

    `magnitude` sums the absolute terms: what floating-point summation may lose is relative to that, not to the total.
    """
    live, proved = fixed(row, 4), fixed(row, 5)
    check = f'=IF(ABS({live}-{proved})<={RELATIVE_TOLERANCE}*{magnitude}+{ABSOLUTE_TOLERANCE},"OK","differs")'
    return [
        OutCell(Formula(f"={across(source)}", value), Role.FIGURE, pattern),
        OutCell(value, Role.LABEL, pattern),
        OutCell(Formula(check, "OK"), Role.LABEL, align=Align.CENTRE),
    ]


@dataclass(frozen=True, slots=True)
class Total:
    """The formula of a figure in Results, and for the details that of the sum of its absolute terms."""

    formula: str
    magnitude: str


def figure_total(page: Page, position: int, column: int, where: Slice | None) -> Total:
    """What a scenario's selection adds up to in a column of the decision table."""
    layout = page.layout
    x, c = layout.column_area(layout.selected_column(position)), layout.column_area(column)
    here = there = ""
    if where is not None:
        key = layout.column_area(layout.dimension_column(where.dimension))
        here, there = (f"--({spelled}={quoted(where.key)})," for spelled in (fixed_range(key), across(key)))
    return Total(
        f"SUMPRODUCT({here}{fixed_range(x)},{fixed_range(c)})", f"SUMPRODUCT({there}{across(x)},ABS({across(c)}))"
    )


_ARGUMENTS = 200
"""Spreadsheet programs take up to 255 arguments of one function."""


def initiative_count(page: Page, position: int, where: Slice | None, members: Sequence[str] = ()) -> str:
    """The formula of how many initiatives a scenario selects, of `members` where there are any, else of a slice."""
    layout = page.layout
    column = layout.selected_column(position)
    if members:
        cells = [fixed(layout.initiative_row(key), column) for key in members if layout.shows(key)]
        parts = (cells[start : start + _ARGUMENTS] for start in range(0, len(cells), _ARGUMENTS))
        return "+".join(f"SUM({','.join(part)})" for part in parts) or "0"
    x = fixed_range(layout.column_area(column, with_synergies=False))
    if where is None:
        return f"SUM({x})"
    key = layout.column_area(layout.dimension_column(where.dimension), with_synergies=False)
    return f"SUMPRODUCT(--({fixed_range(key)}={quoted(where.key)}),{x})"


def change_count(page: Page, position: int, before: frozenset[str]) -> str:
    """The formula of how many initiatives come in or go out against what was selected before."""
    shown = sorted(key for key in before if page.layout.shows(key))
    kept = initiative_count(page, position, None, shown) if shown else "0"
    return f"{initiative_count(page, position, None)}-2*({kept})+{len(shown)}"


def amount_pattern(*values: float | None) -> str:
    """How amounts of a resource are shown: without decimals where they have none."""
    return "#,##0" if all(value is None or value == int(value) for value in values) else "#,##0.0#"
