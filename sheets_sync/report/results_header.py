"""The top of Results: who ran what, when, on which inputs, how to read it, and two cells that sum up all checks."""

from dataclasses import dataclass

from optimizer.plan import Direction
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN
from sheets_sync.report.results_page import Page
from sheets_sync.report.sheet_grid import fixed, fixed_range, quoted
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

INSTANT = "yyyy-mm-dd hh:mm:ss"
CHECK_AREA = Area("Results", 1, FIRST_SCENARIO_COLUMN, 1, FIRST_SCENARIO_COLUMN + 1)
STALE_AREA = Area("Results", 1, FIRST_SCENARIO_COLUMN + 2, 1, FIRST_SCENARIO_COLUMN + 3)
RUN_NAME = "sheetplan_run"
UNCHANGED = "Inputs unchanged since this run"
SUMIFS_ADVICE = (
    "For your own models use named ranges, not whole columns: "
    "SUMIFS(INDEX(sheetplan_totals,0,4),INDEX(sheetplan_totals,0,1),scenario,INDEX(sheetplan_totals,0,2),kpi)"
)
"""A column of Results holds the figures of one block above those of the next."""


def run_block(page: Page, last_column: int) -> None:
    """Title, who ran what and when, and how to read the tab; the two summing cells are written last."""
    facts = page.outcome.facts
    solvers = sorted({f"{p.solver.name} {p.solver.version}".strip() for _, _, p in page.answered})
    page.grid.put(1, 1, OutCell("Results", Role.TITLE))
    facts_rows: list[tuple[str, OutCell]] = [
        ("Run", OutCell(facts.run_id)),
        ("Started (UTC)", OutCell(facts.started_at, number_format=INSTANT, align=Align.LEFT)),
        ("Finished (UTC)", OutCell(facts.finished_at, number_format=INSTANT, align=Align.LEFT)),
        ("Triggered by", OutCell(f"{facts.person} ({facts.trigger})" if facts.person else facts.trigger)),
        ("Workbook", OutCell(facts.workbook, wrap=True)),
        ("Solver", OutCell(", ".join(solvers) or "none needed")),
        ("Sheetplan", OutCell(facts.sheetplan_version)),
        ("Fingerprint (SHA-256)", OutCell(facts.fingerprint)),
    ]
    for offset, (label, cell) in enumerate(facts_rows):
        page.grid.put(2 + offset, 1, OutCell(label, Role.LABEL))
        page.grid.put(2 + offset, 2, cell)
    for offset, text in enumerate(_how_to_read(page, last_column)):
        page.grid.put(2 + offset, FIRST_SCENARIO_COLUMN, OutCell(text, Role.NOTE))
    last = 1 + len(facts_rows)
    page.grid.areas[RUN_NAME] = page.grid.area(1, 1, last, 2)
    page.row = last + 2


def _how_to_read(page: Page, last_column: int) -> list[str]:
    lower = [kpi.key for kpi in page.plan.kpis if kpi.direction is Direction.LOWER]
    texts = [
        "Bold figures are live formulas over the selection block below. Next to each one are the optimizer's own "
        "figure and a check.",
        "A gap is positive where the portfolio does better than the target, whether higher or lower is better.",
    ]
    if lower:
        texts.append(f"Lower is better for {', '.join(lower)}: there a negative total is an improvement.")
    return [
        *texts,
        "● selected    – not selected    blank: not a candidate of that scenario",
        "Blue: met, selected or correct. Orange and bold: missed, different or changed. Yellow and italic: worth a "
        "look.",
        f"Columns A to {a1(1, last_column).rstrip('1')} are rewritten by every run; anything you write to the right of "
        "them stays.",
        SUMIFS_ADVICE,
    ]


def overall_check(page: Page) -> None:
    """One cell that says whether every check cell below says OK."""
    position = (CHECK_AREA.top, CHECK_AREA.left)
    page.grid.areas["sheetplan_check"] = page.grid.area(*position, *position)
    count = sum(area.bottom - area.top + 1 for area in page.checks)
    if count == 0:
        page.grid.put(*position, OutCell("nothing to check", Role.NOTE))
        return
    counted = "+".join(f'COUNTIF({fixed_range(area)},"OK")' for area in page.checks)
    words = f"OK: all {count} figures recompute"
    text = f'=IF({counted}={count},{quoted(words)},"Figures differ: see Check")'
    page.grid.put(*position, OutCell(Formula(text, words), Role.FIGURE))
    page.grid.put(position[0], position[1] + 1, OutCell(None, Role.FIGURE))
    _two_ways(page, CHECK_AREA, f'LEFT({fixed(*position)},2)="OK"')


@dataclass(frozen=True)
class Counts:
    """Cells that count what is no longer as it was in the run: rows and columns, and the rows that nobody can tell."""

    rows: Area
    columns: Area
    skipped: Area


def stale_check(page: Page, found: Counts) -> None:
    """One cell that says how many rows and columns of the inputs are no longer what they were."""
    position = (STALE_AREA.top, STALE_AREA.left)
    rows, columns, skipped = (f"SUM({fixed_range(area)})" for area in (found.rows, found.columns, found.skipped))
    unchanged = f'IF({skipped}=0,{quoted(UNCHANGED)},{skipped}&" rows cannot be compared; the others are unchanged")'
    reported = f'{_count(rows, "row")}&IF({rows}*{columns}=0,""," and ")&{_count(columns, "column")}'
    value = UNCHANGED if page.skipped == 0 else f"{page.skipped} rows cannot be compared; the others are unchanged"
    text = f'=IF({rows}+{columns}=0,{unchanged},{reported}&" changed since this run")'
    page.grid.put(*position, OutCell(Formula(text, value), Role.FIGURE))
    page.grid.put(position[0], position[1] + 1, OutCell(None, Role.FIGURE))
    page.grid.areas["sheetplan_stale"] = page.grid.area(*position, *position)
    _two_ways(page, STALE_AREA, f"{rows}+{columns}+{skipped}=0")


def _count(number: str, noun: str) -> str:
    """The formula of ``1 row``, ``2 rows``, or nothing for 0."""
    return f'IF({number}=0,"",{number}&IF({number}=1," {noun}"," {noun}s"))'


def _two_ways(page: Page, area: Area, good: str) -> None:
    page.highlights.append(Highlight(area, f"={good}", Role.GOOD))
    page.highlights.append(Highlight(area, f"=NOT({good})", Role.BAD))
