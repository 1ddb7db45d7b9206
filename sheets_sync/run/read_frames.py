"""A workbook's inputs as pandas frames, for notebooks."""

from os import PathLike, fspath

from config.settings import load_settings
from config.tabs import input_tabs
from sheets_sync.checks.typed_frames import Frames as Frames
from sheets_sync.checks.typed_frames import typed_frames
from sheets_sync.inputs.stated_tabs import further_inputs
from sheets_sync.opening import open_workbook
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import Snapshot


def read_frames(workbook: str | PathLike[str] | Workbook | Snapshot) -> Frames:
    """The inputs of a workbook as typed pandas frames; nothing is written.

    `workbook` is a Google Sheets URL, a spreadsheet id, a registered name, the path of a file, an opened workbook, or a
    snapshot that was read before. What each frame holds is in `Frames`; cells with errors have no value there, and
    `Frames.issues` says why.

    Raises:
        SettingsError: the installation's settings cannot be used.
        WorkbookUnreachableError: the workbook cannot be reached or is not a workbook.
    """
    if isinstance(workbook, str | PathLike):
        workbook = open_workbook(fspath(workbook), load_settings())
    snapshot = workbook if isinstance(workbook, Snapshot) else workbook.read(input_tabs, further_inputs)
    return typed_frames(snapshot)
