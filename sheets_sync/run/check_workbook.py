"""`sheetplan check`: read one workbook and report everything that is wrong in it, without solving."""

from config.tabs import input_tabs
from sheets_sync.checks import Checked, check
from sheets_sync.run.make_outcome import problem_line
from sheets_sync.run.write_outcome import statuses_of
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.changes import Changes

READY = "OK: ready to run."


def check_workbook(workbook: Workbook, *, write: bool = False) -> Checked:
    """Read and validate one workbook; with `write`, also write the status columns.

    Raises:
        WorkbookError: the workbook cannot be reached, or (with `write`) not be written.
    """
    if not write:
        return check(workbook.read(input_tabs))
    with workbook.locked():
        checked = check(workbook.read(input_tabs))
        texts = {
            scenario.name: problem_line(scenario.errors) if scenario.errors else READY for scenario in checked.scenarios
        }
        workbook.write(Changes(statuses=statuses_of(checked, texts)))
        return checked
