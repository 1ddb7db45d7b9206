"""The two passes in which Results is laid out: the selection follows the blocks above it, or the run says why not."""

from datetime import UTC, datetime

import pytest

from sheets_sync.outcome import RunFacts, RunOutcome
from sheets_sync.report.layout import layout_of
from sheets_sync.report.results_page import LayoutError, Page, settled_page
from tests.optimizer.plans import initiative, plan, scenario

PLAN = plan([initiative("A", gmv=1.0)], scenario())
MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FACTS = RunFacts(
    run_id="20260105T090000Z-00000000",
    workbook="plan.xlsx",
    started_at=MOMENT,
    finished_at=MOMENT,
    trigger="cli",
    person="",
    fingerprint="f" * 64,
    sheetplan_version="1",
)
OUTCOME = RunOutcome(FACTS, PLAN, (), (), written=False)


def page_of(top: int, heights: dict[str, int]) -> Page:
    page = Page(PLAN, OUTCOME, layout_of(OUTCOME, PLAN, top))
    for name, height in heights.items():
        page.row += height
        page.end_block(name)
    return page


def test_selection_starts_below_the_blocks_above_it() -> None:
    page = settled_page(lambda top: page_of(top, {"run": 4, "targets": 7}))
    assert (page.row, page.layout.top) == (12, 13)


def test_block_that_grows_between_the_passes_is_named() -> None:
    def write(top: int) -> Page:
        return page_of(top, {"run": 4, "targets": 7 if top > 100 else 8, "capacity": 3})

    with pytest.raises(LayoutError) as caught:
        settled_page(write)
    assert str(caught.value) == (
        "the block targets of Results ends above row 12 at first and above row 13 once the selection is in its place"
    )


def test_block_that_is_missing_from_the_second_pass_is_named() -> None:
    def write(top: int) -> Page:
        return page_of(top, {"run": 4, "targets": 7} if top > 100 else {"run": 4})

    with pytest.raises(LayoutError, match="the block targets of Results"):
        settled_page(write)
