"""The init use case: the input tabs that a workbook lacks, empty."""

from collections.abc import Mapping

from config.columns import InputTab
from config.names import fold_header
from config.tabs import COLUMNS
from sheets_sync.inputs.stated_tabs import further_inputs, stated_tabs
from sheets_sync.workbook.backend import Workbook, WorkbookUnreachableError
from sheets_sync.workbook.template import templates


def create_template(workbook: Workbook) -> tuple[list[str], Mapping[str, InputTab]]:
    """Create the input tabs that are missing; returns their titles, and the tabs that the tab Columns says are inputs.

    Raises:
        WorkbookUnreachableError, WorkbookRefusedError, WorkbookBusyError: as the workbook's `create_tabs` does.
    """
    try:
        snapshot = workbook.read(lambda title: fold_header(title) in COLUMNS.spellings, further_inputs)
    except WorkbookUnreachableError:
        # A file that is not there yet states nothing; whatever else is wrong, writing reports it as well.
        stated: Mapping[str, InputTab] = {}
    else:
        stated = stated_tabs(snapshot.tabs)
    names = {spec.name for spec in stated.values()}
    return list(workbook.create_tabs([one for one in templates() if one.title not in names])), stated
