"""The end of Results: a box to sign, and at the foot what tells this run from every other."""

from collections.abc import Sequence

from sheets_sync.report.goals_table import SHARE_COLUMN
from sheets_sync.report.layout import LEAD_COLUMN
from sheets_sync.report.people_words import moment_in_words
from sheets_sync.report.results_page import Page
from sheets_sync.workbook.changes import Align, OutCell, Role

RUN_NAME = "sheetplan_run"
SIGN_OFF_NAME = "sheetplan_signoff"
LEAST_ROOM = 70
"""Characters that the box needs beside the KPI totals."""
SIGNED = ("Approved by", "Signature", "Date")


def sign_off_box(page: Page, beside: int, widths: Sequence[int]) -> None:
    """Lines to sign on paper; what was approved with sheetplan is in the verdicts at the top.

    It is right of the KPI totals, which begin in row `beside`, where there is room, else below them.
    """
    draft, grid, layout = page.results, page.results.grid, page.layout
    column = max(SHARE_COLUMN, layout.last_scenario_column) + 2
    top, label, line = draft.row, 1, range(2, 3)
    if sum(widths[column - 1 : layout.reason_column]) >= LEAST_ROOM:
        top, label, line = beside, column, range(column + 2, column + 7)
    grid.put(top, label, OutCell("Sign-off", Role.HEADING))
    for row, text in enumerate(SIGNED, start=top + 1):
        grid.put(row, label, OutCell(text, Role.LABEL))
        for at in line:
            grid.put(row, at, OutCell(None, Role.BLANK_LINE))
    bottom = top + len(SIGNED)
    grid.areas[SIGN_OFF_NAME] = grid.area(top + 1, label, bottom, line[-1])
    draft.row = max(draft.row, bottom + 2)


def foot(page: Page, zone_name: str | None) -> None:
    """Run, inputs and solver, by which a print is told from that of another run."""
    draft, grid, facts = page.results, page.results.grid, page.outcome.facts
    solvers = sorted({f"{p.solver.name} {p.solver.version}".strip() for _, _, p in page.answered})
    seconds = (facts.finished_at - facts.started_at).total_seconds()
    by = f"{facts.person} ({facts.trigger})" if facts.person else facts.trigger
    lines = [
        ("Run", facts.run_id),
        ("When", f"{moment_in_words(facts.started_at, zone_name)}, {seconds:,.0f} s; by {by}"),
        ("Workbook", facts.workbook),
        ("Solver", f"{', '.join(solvers) or 'none needed'}; sheetplan {facts.sheetplan_version}"),
        ("Inputs", f"fingerprint (SHA-256) {facts.fingerprint}"),
    ]
    top = draft.row
    for offset, (label, text) in enumerate(lines):
        grid.put_row(top + offset, 1, [OutCell(label, Role.LABEL), OutCell(text, Role.NOTE, align=Align.LEFT)])
    bottom = top + len(lines) - 1
    grid.areas[RUN_NAME] = grid.area(top, 1, bottom, LEAD_COLUMN - 1)
    draft.row = bottom + 1
