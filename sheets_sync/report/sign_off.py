"""The end of Results: a box to sign, and at the foot what tells this run from every other."""

from collections.abc import Sequence

from sheets_sync.report.goals_table import SHARE_COLUMN
from sheets_sync.report.people_words import moment_in_words
from sheets_sync.report.results_page import Page
from sheets_sync.workbook.changes import Align, OutCell, Role

RUN_NAME = "sheetplan_run"
SIGN_OFF_NAME = "sheetplan_signoff"
LEAST_ROOM, ROOM_FOR_ALL = 52, 72
"""Characters that the box needs right of its labels; and that the longest text of the foot, the fingerprint, needs."""
SHOWN_DIGITS = 32
SIGNED = ("Approved by", "Signature", "Date")
END_ROWS = 12
"""Rows of the box and the foot, blank ones included."""


def place_of_the_end(page: Page, below_charts: int, beside: int, widths: Sequence[int]) -> tuple[int, int]:
    """Row and column where the box and the foot begin: right of the tables where there is room, else below them.

    `below_charts` is the first free row right of the targets and capacity, `beside` the first row of the KPI totals.
    """
    layout = page.layout
    column = SHARE_COLUMN + 2
    if sum(widths[column : layout.last_printed_column]) >= LEAST_ROOM and below_charts + END_ROWS <= beside:
        return below_charts, column
    column = max(SHARE_COLUMN, layout.last_scenario_column) + 2
    if sum(widths[column : layout.last_printed_column]) >= LEAST_ROOM:
        return beside, column
    return page.results.row, 1


def sign_off_box(page: Page, top: int, column: int) -> int:
    """Lines to sign on paper; what was approved with sheetplan is in the verdicts at the top. Returns the row after."""
    grid = page.results.grid
    last = page.layout.last_printed_column
    line = range(2, 3) if column == 1 else range(min(column + 2, last), min(column + 6, last) + 1)
    grid.put(top, column, OutCell("Sign-off", Role.HEADING))
    for row, text in enumerate(SIGNED, start=top + 1):
        grid.put(row, column, OutCell(text, Role.LABEL))
        for at in line:
            grid.put(row, at, OutCell(None, Role.BLANK_LINE))
    bottom = top + len(SIGNED)
    grid.areas[SIGN_OFF_NAME] = grid.area(top + 1, column, bottom, line[-1])
    return bottom + 2


def foot(page: Page, zone_name: str | None, top: int, column: int, widths: Sequence[int]) -> None:
    """Run, inputs and solver, by which a print is told from that of another run."""
    draft, grid, facts = page.results, page.results.grid, page.outcome.facts
    solvers = sorted({f"{p.solver.name} {p.solver.version}".strip() for _, _, p in page.answered})
    seconds = (facts.finished_at - facts.started_at).total_seconds()
    by = f"{facts.person} ({facts.trigger})" if facts.person else facts.trigger
    has_room = sum(widths[column : page.layout.last_printed_column]) >= ROOM_FOR_ALL
    inputs = facts.fingerprint if has_room else f"{facts.fingerprint[:SHOWN_DIGITS]}… (all in Runs)"
    lines = [
        ("Run", facts.run_id),
        ("When", f"{moment_in_words(facts.started_at, zone_name)}, {seconds:,.0f} s; by {by}"),
        ("Workbook", facts.workbook),
        ("Solver", f"{', '.join(solvers) or 'none needed'}; sheetplan {facts.sheetplan_version}"),
        ("Inputs", inputs),
    ]
    for offset, (label, text) in enumerate(lines):
        grid.put_row(top + offset, column, [OutCell(label, Role.LABEL), OutCell(text, Role.NOTE, align=Align.LEFT)])
    bottom = top + len(lines) - 1
    grid.areas[RUN_NAME] = grid.area(top, column, bottom, column + 1)
    draft.row = max(draft.row, bottom + 1)
