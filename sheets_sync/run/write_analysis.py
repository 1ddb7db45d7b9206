"""A study becomes the tab Analysis, written at once."""

from collections import Counter

from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.analysis import Analysis, analysis_sheet
from sheets_sync.report.inputs_block import Inputs
from sheets_sync.run.read_inputs import Reading
from sheets_sync.workbook.backend import ANALYSIS, Workbook, WorkbookRefusedError
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot

CHANGED = "The inputs changed while this study was made. Make it again to see it with the current inputs."


def write_analysis(
    workbook: Workbook,
    analysis: Analysis,
    outcome: RunOutcome,
    reading: Reading,
    *,
    is_stopped: bool = False,
    force: bool = False,
) -> tuple[str, ...]:
    """Write the tab of a study, which may have been ended early; returns notices for people.

    Raises:
        WorkbookError: the workbook cannot be reached, was changed since it was read, or refuses to be written: its tab
            Analysis is a person's own, or holds inputs.
    """
    checked = reading.checked
    if checked.plan is None:
        return ()
    inputs_there = [frame.title for frame in checked.frames.values() if frame.title.casefold() == ANALYSIS.casefold()]
    if inputs_there:
        raise WorkbookRefusedError(
            f'The tab "{inputs_there[0]}" holds inputs, so the study was not written. Give that tab another title.'
        )
    inputs = Inputs(checked.frames, reading.snapshot.tabs, Counter())
    changes = Changes(
        analysis=analysis_sheet(
            analysis, outcome, checked.plan, inputs, reading.snapshot.time_zone, is_stopped=is_stopped
        ),
        run_id=outcome.facts.run_id,
        is_same=lambda now: _is_same(reading, now),
    )
    written = workbook.write(changes, force=force)
    return (*written.notices, *([CHANGED] if written.changed_meanwhile else []))


def _is_same(reading: Reading, now: Snapshot) -> bool:
    return fingerprint(check(now).frames) == fingerprint(reading.checked.frames)
