"""Why an initiative is in or out, in full, where Results has room for a part of the words only."""

from collections.abc import Mapping

from sheets_sync.report.results_page import Page, close_table, open_table
from sheets_sync.workbook.changes import Align, OutCell, Role

REASONS_NAME = "sheetplan_reasons"
_HEADERS = (("Initiative", Align.LEFT), ("Why, in every scenario", Align.LEFT))


def reasons_block(page: Page, reasons: Mapping[str, str]) -> None:
    """One row per initiative whose reasons are shortened in Results."""
    draft = page.details
    first = open_table(page, "Reasons in full", _HEADERS, REASONS_NAME)
    for key, text in reasons.items():
        draft.grid.put_row(draft.row, 1, [OutCell(key), OutCell(text, Role.NOTE)])
        draft.row += 1
    if not reasons:
        draft.grid.put(draft.row, 1, OutCell("Results has all of them.", Role.NOTE))
        first = draft.row = draft.row + 1
    close_table(page, REASONS_NAME, first, has_checks=False)
