"""The top of Results: who ran what, when, on which inputs, and whether every figure below recomputes."""

from sheets_sync.changes import Formula, Highlight, OutCell, Role
from sheets_sync.report.grid import fixed, fixed_range, quoted
from sheets_sync.report.page import Page
from sheets_sync.snapshot import a1


def run_block(page: Page) -> tuple[int, int]:
    """Title and who ran what, when; returns the position of the overall check, which is written last."""
    facts = page.outcome.facts
    solvers = sorted({f"{p.solver.name} {p.solver.version}".strip() for _, _, p in page.answered})
    page.grid.put(1, 1, OutCell("Results", Role.TITLE))
    page.grid.put(1, 3, OutCell("Figures", Role.LABEL))
    facts_rows: list[tuple[str, OutCell]] = [
        ("Run", OutCell(facts.run_id)),
        ("Started (UTC)", OutCell(facts.started_at, number_format="yyyy-mm-dd hh:mm:ss")),
        ("Finished (UTC)", OutCell(facts.finished_at, number_format="yyyy-mm-dd hh:mm:ss")),
        ("Triggered by", OutCell(f"{facts.person} ({facts.trigger})" if facts.person else facts.trigger)),
        ("Workbook", OutCell(facts.workbook)),
        ("Solver", OutCell(", ".join(solvers) or "none needed")),
        ("Sheetplan", OutCell(facts.sheetplan_version)),
        ("Inputs fingerprint", OutCell(facts.fingerprint)),
    ]
    for offset, (label, cell) in enumerate(facts_rows):
        page.grid.put(2 + offset, 1, OutCell(label, Role.LABEL))
        page.grid.put(2 + offset, 2, cell)
    last = 1 + len(facts_rows)
    note = (
        f"Columns A to {a1(1, page.layout.last_column).rstrip('1')} belong to sheetplan and are written anew by every "
        "run; what you write to the right of them stays. A gap is positive where the portfolio is better than the "
        "target, whichever way the KPI is better."
    )
    page.grid.put(last + 1, 1, OutCell(note, Role.NOTE))
    page.grid.areas["sheetplan_run"] = page.grid.area(1, 1, last, 4)
    page.row = last + 3
    return 1, 4


def overall_check(page: Page, position: tuple[int, int]) -> None:
    """One cell that says whether every check cell below says OK."""
    count = sum(area.bottom - area.top + 1 for area in page.checks)
    if count == 0:
        page.grid.put(*position, OutCell("nothing to check"))
        return
    counted = "+".join(f'COUNTIF({fixed_range(area)},"OK")' for area in page.checks)
    words = f"OK: all {count} figures recompute"
    text = f'=IF({counted}={count},{quoted(words)},"Figures differ: see the check columns")'
    page.grid.put(*position, OutCell(Formula(text, words), Role.TOTAL))
    cell = page.grid.area(*position, *position)
    page.highlights.append(Highlight(cell, f'=LEFT({fixed(*position)},2)<>"OK"', Role.BAD))
    page.grid.areas["sheetplan_check"] = cell
