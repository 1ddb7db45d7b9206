"""The `run now` check boxes of a workbook: which are ticked, and what takes the ticks off again.

One is in each scenario's row, in a column headed `run now` of the Scenarios tab; one for the whole workbook right
of a cell that says `run now`, above the header row of that tab. They are no inputs: no answer depends on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from config.names import fold_header
from config.tabs import SCENARIOS
from sheets_sync.checks import Checked
from sheets_sync.workbook.changes import StatusColumn
from sheets_sync.workbook.snapshot import Tab

HEADER = "run now"


@dataclass(frozen=True)
class Ticked:
    """What is ticked: `scenarios` None for the whole workbook; `resets` clears every box that is."""

    scenarios: tuple[str, ...] | None
    resets: tuple[StatusColumn, ...]


def find_ticked(tab: Tab, checked: Checked) -> Ticked | None:
    """The ticked boxes of the Scenarios tab; None where there is none."""
    frame = checked.frames.get(SCENARIOS.name)
    if frame is None or not frame.header_found:
        return None
    whole = [place for place in _labels(tab, frame.header_row - 1) if tab.cell(*place).value is True]
    header = tab.rows[frame.header_row - 1]
    columns = [at for at, cell in enumerate(header, start=1) if fold_header(cell.shown) == fold_header(HEADER)]
    rows = {
        scenario.row: scenario.name
        for scenario in checked.scenarios
        if scenario.name and any(tab.cell(scenario.row, column).value is True for column in columns)
    }
    if not whole and not rows:
        return None
    resets = [_cleared(frame.title, frame.header_row, column, [row]) for row, column in whole]
    resets += [_cleared(frame.title, frame.header_row, column, list(rows)) for column in columns if rows]
    return Ticked(None if whole else tuple(rows.values()), tuple(resets))


def _labels(tab: Tab, last_row: int) -> Iterator[tuple[int, int]]:
    """The cells right of those that say `run now`, down to a row."""
    for row, cells in enumerate(tab.rows[:last_row], start=1):
        for column, cell in enumerate(cells, start=1):
            if fold_header(cell.shown) == fold_header(HEADER):
                yield row, column + 1


def _cleared(tab: str, header_row: int, column: int, rows: list[int]) -> StatusColumn:
    # A box without a value is an unticked one.
    return StatusColumn(tab, HEADER, header_row, column, creates=False, values=dict.fromkeys(rows, ""))
