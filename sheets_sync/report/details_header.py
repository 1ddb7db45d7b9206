"""The top of Results details: how to read it, and the two cells of Results that sum up all checks."""

from dataclasses import dataclass

from optimizer.plan import Direction
from sheets_sync.report.results_page import Page
from sheets_sync.report.sheet_grid import across, quoted
from sheets_sync.report.verdict_block import CHECK_AREA, STALE_AREA
from sheets_sync.workbook.changes import Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

UNCHANGED = "Inputs unchanged since this run"
SUMIFS_ADVICE = (
    "For your own models use named ranges, not whole columns: "
    "SUMIFS(INDEX(sheetplan_totals,0,4),INDEX(sheetplan_totals,0,1),scenario,INDEX(sheetplan_totals,0,2),kpi)"
)
"""A column of this tab holds the figures of one block above those of the next."""


def details_header(page: Page) -> None:
    """Title, and how to read the tab."""
    draft = page.details
    draft.grid.put(1, 1, OutCell("Results details", Role.TITLE))
    lower = [kpi.key for kpi in page.plan.kpis if kpi.direction is Direction.LOWER]
    texts = [
        "For whoever checks the answer: figures in bold are those of Results. Next to each one are the optimizer's own "
        "figure and a check.",
        "A gap is positive where the portfolio does better than the target, whether higher or lower is better.",
    ]
    if lower:
        texts.append(f"Lower is better for {', '.join(lower)}: there a negative total is an improvement.")
    texts += [
        "Every run rewrites this tab and Results; what you write to the right of them stays.",
        SUMIFS_ADVICE,
    ]
    for row, text in enumerate(texts, start=2):
        draft.grid.put(row, 1, OutCell(text, Role.NOTE))
    draft.row = 3 + len(texts)


def overall_check(page: Page) -> None:
    """One cell of Results that says whether every check cell of the details says OK."""
    grid, (row, column) = page.results.grid, (CHECK_AREA.top, CHECK_AREA.left)
    grid.areas["sheetplan_check"] = grid.cell_area(row, column)
    count = sum(area.bottom - area.top + 1 for area in page.checks)
    if count == 0:
        grid.put(row, column, OutCell("nothing to check", Role.NOTE))
        return
    counted = "+".join(f'COUNTIF({across(area)},"OK")' for area in page.checks)
    words = f"OK: all {count} figures recompute"
    text = f'=IF({counted}={count},{quoted(words)},"Figures differ: see Results details")'
    grid.put(row, column, OutCell(Formula(text, words), Role.FIGURE))
    for further in range(column + 1, CHECK_AREA.right + 1):
        grid.put(row, further, OutCell(None, Role.FIGURE))
    _two_ways(
        page,
        grid.area(CHECK_AREA.top, CHECK_AREA.left, CHECK_AREA.bottom, CHECK_AREA.right),
        f'LEFT(${a1(row, column)},2)="OK"',
    )


@dataclass(frozen=True)
class Counts:
    """Cells that count what is no longer as it was in the run: rows and columns, and the rows that nobody can tell."""

    rows: Area
    columns: Area
    skipped: Area


def stale_check(page: Page, found: Counts) -> None:
    """One cell of Results that says how many rows and columns of the inputs are no longer what they were.

    Highlights go by its text: they may not refer to another tab.
    """
    grid, (row, column) = page.results.grid, (STALE_AREA.top, STALE_AREA.left)
    value = UNCHANGED if page.skipped == 0 else f"{page.skipped} rows cannot be compared; the others are unchanged"
    rows, columns, skipped = (f"SUM({across(area)})" for area in (found.rows, found.columns, found.skipped))
    unchanged = f'IF({skipped}=0,{quoted(UNCHANGED)},{skipped}&" rows cannot be compared; the others are unchanged")'
    reported = f'{_count(rows, "row")}&IF({rows}*{columns}=0,""," and ")&{_count(columns, "column")}'
    text = f'=IF({rows}+{columns}=0,{unchanged},{reported}&" changed since this run")'
    grid.put(row, column, OutCell(Formula(text, value), Role.FIGURE))
    grid.areas["sheetplan_stale"] = grid.cell_area(row, column)
    _two_ways(page, grid.cell_area(row, column), f"${a1(row, column)}={quoted(UNCHANGED)}")


def _count(number: str, noun: str) -> str:
    """The formula of ``1 row``, ``2 rows``, or nothing for 0."""
    return f'IF({number}=0,"",{number}&IF({number}=1," {noun}"," {noun}s"))'


def _two_ways(page: Page, area: Area, good: str) -> None:
    page.results.highlights.append(Highlight(area, f"={good}", Role.GOOD))
    page.results.highlights.append(Highlight(area, f"=NOT({good})", Role.BAD))
