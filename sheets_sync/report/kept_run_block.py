"""The run itself, at the end of the details: what `verify` solves again on any machine, without a store."""

from collections.abc import Sequence

from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.workbook.changes import Align, OutCell, Role
from sheets_sync.workbook.snapshot import Snapshot

KEPT_NAME = "sheetplan_kept_run"
LONGEST_CELL = 30_000
"""Characters of a cell; an .xlsx file holds 32,767, a Google Sheet 50,000."""


def kept_run_block(page: Page, text: str) -> None:
    """The run as text, in as many cells as it takes; nothing where there is no text."""
    parts = [text[start : start + LONGEST_CELL] for start in range(0, len(text), LONGEST_CELL)]
    if not parts:
        return
    draft, grid = page.details, page.details.grid
    heading(draft, draft.row, "This run, for sheetplan verify: inputs, options and answer, compressed")
    grid.put_row(draft.row + 1, 1, [header("Part", Align.LEFT), header("Text"), header("End")])
    first = draft.row + 2
    for offset, part in enumerate(parts):
        number = OutCell(offset + 1, Role.NOTE, "0", align=Align.LEFT)
        grid.put_row(first + offset, 1, [number, OutCell(part, Role.NOTE), OutCell("end", Role.NOTE)])
    draft.row = first + len(parts) + 1
    grid.areas[KEPT_NAME] = grid.area(first - 1, 1, first + len(parts) - 1, 3)


def kept_run_text(snapshot: Snapshot) -> str:
    """The text that the last run left; empty where there is none."""
    area = snapshot.named_areas.get(KEPT_NAME)
    tab = None if area is None else snapshot.tabs.get(area.tab)
    if area is None or tab is None:
        return ""
    cells: Sequence[object] = [tab.cell(row, 2).value for row in range(area.top + 1, area.bottom + 1)]
    return "".join(str(value) for value in cells if value is not None)
