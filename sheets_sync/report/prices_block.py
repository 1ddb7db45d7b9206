"""What each decision is worth, and where it turns: a row for every initiative and scenario."""

from optimizer.plan import Initiative
from optimizer.portfolio import Portfolio
from sheets_sync.report.price_words import price_in_words
from sheets_sync.report.results_page import Page, close_table, open_table
from sheets_sync.workbook.changes import Align, OutCell, Role

PRICES_NAME = "sheetplan_prices"
_HEADERS = (
    ("Initiative", Align.LEFT),
    ("Scenario", Align.LEFT),
    ("Decision", Align.LEFT),
    ("Why", Align.LEFT),
    ("The opposite decision", Align.LEFT),
    ("Where it turns", Align.LEFT),
)


def prices_block(page: Page) -> None:
    """One row per initiative and scenario whose decisions were priced; none where no scenario's were."""
    if not any(portfolio.prices for _, _, portfolio in page.answered):
        return
    draft = page.details
    first = open_table(page, "What each decision is worth", _HEADERS, PRICES_NAME)
    for initiative in page.layout.initiatives:
        for _, _, portfolio in page.answered:
            if portfolio.prices and initiative.key in portfolio.reasons:
                draft.grid.put_row(draft.row, 1, _row(page, initiative, portfolio))
                draft.row += 1
    close_table(page, PRICES_NAME, first, has_checks=False)


def _row(page: Page, initiative: Initiative, portfolio: Portfolio) -> list[OutCell]:
    key = initiative.key
    priced = price_in_words(page.words, portfolio, key)
    return [
        OutCell(key),
        OutCell(portfolio.scenario),
        OutCell("in" if key in portfolio.selected else "out"),
        OutCell(page.words.reason(portfolio.reasons[key]), Role.NOTE),
        OutCell(None if priced is None else priced.loss, Role.NOTE),
        OutCell((priced.turning or None) if priced is not None else None, Role.NOTE),
    ]
