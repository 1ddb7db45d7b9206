"""The top of Results: title, whether figures recompute and inputs changed, and a verdict per scenario."""

from collections.abc import Mapping, Sequence
from textwrap import shorten, wrap

from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LEAD_COLUMN
from sheets_sync.report.people_words import moment_in_words
from sheets_sync.report.results_page import Draft, Page
from sheets_sync.report.verdicts import Verdict, verdicts_of
from sheets_sync.workbook.changes import OutCell, Role
from sheets_sync.workbook.snapshot import Area

VERDICT_NAME = "sheetplan_verdict"
STALE_AREA = Area("Results", 1, 2, 1, 2)
CHECK_AREA = Area("Results", 1, LEAD_COLUMN, 1, FIRST_SCENARIO_COLUMN + 1)
FIRST_ROW = 4
_LETTERS = 1.2
"""Letters of a text for each digit that a column is wide."""
_MOST_LETTERS = 160
"""What a laptop's screen shows of a line without scrolling; a print has room for more."""
_FEW_LETTERS = 20


def top_block(
    draft: Draft,
    page: Page,
    widths: Sequence[int],
    approvals: Mapping[str, ApprovalState],
    zone_name: str | None,
) -> None:
    """Title, when and by whom, and the verdicts, each line of its own cell so that it runs on over the blank ones."""
    facts, grid = page.outcome.facts, draft.grid
    grid.put(1, 1, OutCell("Results", Role.TITLE))
    by = f" by {facts.person}" if facts.person else ""
    grid.put(2, 1, OutCell(f"Run on {moment_in_words(facts.started_at, zone_name)}{by}", Role.NOTE))
    draft.row = FIRST_ROW
    room = int(sum(widths[LEAD_COLUMN - 1 : page.layout.last_printed_column]) * _LETTERS)
    for verdict in verdicts_of(page.outcome, page.words, approvals):
        _put_verdict(draft, verdict, room, page.layout.last_printed_column)
    grid.areas[VERDICT_NAME] = grid.area(FIRST_ROW, 1, max(draft.row - 1, FIRST_ROW), page.layout.last_printed_column)
    draft.row += 1


def _put_verdict(draft: Draft, verdict: Verdict, room: int, last_column: int) -> None:
    grid = draft.grid
    grid.put(draft.row, 1, OutCell(verdict.scenario, Role.FIGURE))
    grid.put(draft.row, 2, OutCell(verdict.headline, verdict.role))
    texts = [(text, line.role) for line in verdict.lines for text in _wrapped(line.text, room)]
    if verdict.since is not None:
        texts.append((shorten(verdict.since.text, room, placeholder=" …"), verdict.since.role))
    for row, (text, role) in enumerate(texts, start=draft.row):
        grid.put(row, LEAD_COLUMN, OutCell(text, role))
        if role is Role.BAD:
            # The text runs on over these; they share its colour.
            for column in range(LEAD_COLUMN + 1, last_column + 1):
                grid.put(row, column, OutCell(None, role))
    draft.row += max(len(texts), 1)


def _wrapped(text: str, room: int) -> list[str]:
    """The lines of a text; a word or two are not worth a line of their own."""
    lines = wrap(text, min(room, _MOST_LETTERS))
    if len(lines) > 1 and len(lines[-1]) <= _FEW_LETTERS and len(lines[-2]) + len(lines[-1]) < room:
        lines[-2:] = [f"{lines[-2]} {lines[-1]}"]
    return lines
