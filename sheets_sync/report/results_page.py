"""The Results sheet while its blocks are written, and the parts that several blocks share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optimizer.plan import Plan, Slice
from optimizer.portfolio import Portfolio
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.report.layout import TITLE, Layout
from sheets_sync.report.sheet_grid import Grid, fixed, fixed_range, quoted
from sheets_sync.workbook.changes import Align, Chart, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

RELATIVE_TOLERANCE = "1E-9"
ABSOLUTE_TOLERANCE = "1E-12"
SHARE = "0.0%"
_SOMEWHERE = 1_000
"""A row for the selection while it is not known yet where it starts."""


class LayoutError(Exception):
    """A block of Results has another height once the selection is in its place: a defect of ours."""


@dataclass
class Page:
    """The sheet while its blocks are written: the grid, where the next block starts, and the check cells so far.

    The cells of figures that other blocks refer to are remembered by what they say: totals by scenario and KPI, uses by
    scenario and resource, rows of the Targets and Capacity tables by scenario and place in the portfolio.
    """

    plan: Plan
    outcome: RunOutcome
    layout: Layout
    grid: Grid = field(default_factory=lambda: Grid(TITLE))
    row: int = 1
    checks: list[Area] = field(default_factory=list)
    total_cells: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    used_cells: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    target_rows: dict[tuple[str, int], int] = field(default_factory=dict)
    limit_rows: dict[tuple[str, int], int] = field(default_factory=dict)
    highlights: list[Highlight] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    block_ends: dict[str, int] = field(default_factory=dict)
    """The row after each block above the selection, by the block's name."""
    skipped: int = 0
    """Rows of the inputs whose state no formula can tell."""

    def end_block(self, name: str) -> None:
        """Remember that the block of that name ends above the current row."""
        self.block_ends[name] = self.row

    @property
    def answered(self) -> list[tuple[int, ScenarioOutcome, Portfolio]]:
        """(position, scenario, portfolio) of every scenario that has a selection."""
        return [
            (position, scenario, scenario.portfolio)
            for position, scenario in enumerate(self.outcome.scenarios)
            if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
        ]


def settled_page(write: Callable[[int], Page]) -> Page:
    """The page whose selection follows the blocks above it: written once to learn their height, then in its place.

    `write` writes those blocks for a selection whose header is in a given row.

    Raises:
        LayoutError: a block does not end where it ended the first time.
    """
    draft = write(_SOMEWHERE)
    page = write(draft.row + 1)
    for name in {**draft.block_ends, **page.block_ends}:
        end, settled = draft.block_ends.get(name), page.block_ends.get(name)
        if settled != end:
            raise LayoutError(
                f"the block {name} of {TITLE} ends above row {end} at first and above row {settled} "
                "once the selection is in its place"
            )
    return page


def heading(page: Page, row: int, text: str) -> None:
    """The heading of a block."""
    page.grid.put(row, 1, OutCell(text, Role.HEADING))


def header(text: str, align: Align | None = None) -> OutCell:
    """A header cell; `align` as in the cells below it."""
    return OutCell(text, Role.HEADER, wrap=True, align=align)


def open_table(page: Page, title: str, headers: Sequence[tuple[str, Align]], name: str) -> int:
    """Heading and header of a long table; returns its first row."""
    heading(page, page.row, title)
    page.grid.put_row(page.row + 1, 1, [header(text, align) for text, align in headers])
    page.grid.areas[name] = page.grid.area(page.row + 1, 1, page.row + 1, len(headers))
    page.row += 2
    return page.row


def close_table(page: Page, name: str, first: int, *, has_checks: bool = True) -> None:
    """Name the finished table's range, remember its check cells (column F), and leave a blank row."""
    top = page.grid.areas[name]
    page.grid.areas[name] = page.grid.area(top.top, 1, max(page.row - 1, first - 1), top.right)
    if has_checks and page.row > first:
        check = page.grid.area(first, 6, page.row - 1, 6)
        page.checks.append(check)
        page.highlights.append(Highlight(check, f'={a1(first, 6)}="differs"', Role.BAD))
    page.row += 1


def live_figure(row: int, formula: str, magnitude: str, value: float, pattern: str) -> list[OutCell]:
    """The live figure, the optimizer's value and the check, for columns D to F of a long table.

    `magnitude` sums the absolute terms: what floating-point summation may lose is relative to that, not to the total.
    """
    live, proved = fixed(row, 4), fixed(row, 5)
    check = f'=IF(ABS({live}-{proved})<={RELATIVE_TOLERANCE}*{magnitude}+{ABSOLUTE_TOLERANCE},"OK","differs")'
    return [
        OutCell(Formula(f"={formula}", value), Role.FIGURE, pattern),
        OutCell(value, Role.LABEL, pattern),
        OutCell(Formula(check, "OK"), Role.LABEL, align=Align.CENTRE),
    ]


def sum_product(page: Page, picked: Area, figures: Area, where: Slice | None) -> tuple[str, str]:
    """The formula of a total over the selection block, and of the sum of its absolute terms."""
    condition = "" if where is None else slice_condition(page, where, figures) + ","
    x, c = fixed_range(picked), fixed_range(figures)
    return f"SUMPRODUCT({condition}{x},{c})", f"SUMPRODUCT({condition}{x},ABS({c}))"


_ARGUMENTS = 200
"""Spreadsheet programs take up to 255 arguments of one function."""


def initiative_count(page: Page, position: int, where: Slice | None, members: Sequence[str] = ()) -> tuple[str, str]:
    """The formula of how many initiatives a scenario selects, of `members` where there are any, else of a slice.

    Twice: a count is its own magnitude.
    """
    column = page.layout.scenario_column(position)
    picked = page.layout.column_area(column, with_synergies=False)
    if members:
        cells = [fixed(page.layout.initiative_row(key), column) for key in members if page.layout.shows(key)]
        parts = (cells[start : start + _ARGUMENTS] for start in range(0, len(cells), _ARGUMENTS))
        formula = "+".join(f"SUM({','.join(part)})" for part in parts) or "0"
    elif where is None:
        formula = f"SUM({fixed_range(picked)})"
    else:
        formula = f"SUMPRODUCT({slice_condition(page, where, picked)},{fixed_range(picked)})"
    return formula, formula


def change_count(page: Page, position: int, before: frozenset[str]) -> tuple[str, str]:
    """The formula of how many initiatives come in or go out against what was selected before."""
    everything, _ = initiative_count(page, position, None)
    shown = sorted(key for key in before if page.layout.shows(key))
    kept, _ = initiative_count(page, position, None, shown) if shown else ("0", "")
    formula = f"{everything}-2*({kept})+{len(shown)}"
    return formula, formula


def slice_condition(page: Page, where: Slice, like: Area) -> str:
    """1 for the rows of the slice, else 0."""
    column = page.layout.dimension_column(where.dimension)
    area = page.grid.area(like.top, column, like.bottom, column)
    return f"--({fixed_range(area)}={quoted(where.key)})"


def amount_pattern(*values: float | None) -> str:
    """How amounts of a resource are shown: without decimals where they have none."""
    return "#,##0" if all(value is None or value == int(value) for value in values) else "#,##0.0#"


def north_star_of(plan: Plan, scenario_name: str) -> str | None:
    """The key of a scenario's north star: its own, else the KPIs tab's; None where there is neither."""
    own = plan.scenario(scenario_name).north_star
    return own or next((kpi.key for kpi in plan.kpis if kpi.is_north_star), None)
