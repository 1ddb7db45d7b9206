"""All changes of one run, applied to a workbook in memory: if any of them is refused, nothing is saved."""

from sheets_sync.changes import Changes
from sheets_sync.excel.columns import append_rows, write_status
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.owned_sheet import write_sheet
from sheets_sync.snapshot import WorkbookRefusedError


def apply_changes(editor: WorkbookEditor, changes: Changes) -> None:
    """Edit the workbook as the changes say.

    Raises:
        WorkbookRefusedError: something that people wrote stands in the way.
    """
    for status in changes.statuses:
        write_status(editor, status)
    if changes.results is not None:
        write_sheet(editor, changes.results)
    if changes.added is not None:
        if editor.find(changes.added.title) is not None:
            raise WorkbookRefusedError(f'There is a tab "{changes.added.title}" already. Nothing was written.')
        write_sheet(editor, changes.added)
    if changes.runs is not None:
        append_rows(editor, changes.runs)
    editor.recalculate_on_load()
