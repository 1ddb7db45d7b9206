"""All changes of one run, applied to a workbook in memory: if any of them is refused, nothing is saved."""

from collections.abc import Collection

from config.tabs import find_tab
from sheets_sync.excel.document_properties import write_properties
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.owned_sheet import write_sheet
from sheets_sync.excel.shared_tabs import append_rows, write_edit, write_status
from sheets_sync.workbook.backend import renamed_notice
from sheets_sync.workbook.changes import Changes, Sheet
from sheets_sync.workbook.refusals import refuse_existing_tab


def apply_changes(editor: WorkbookEditor, changes: Changes) -> tuple[str, ...]:
    """Edit the workbook as the changes say; returns notices for people.

    Raises:
        WorkbookRefusedError: something that people wrote is in the way.
    """
    notices: list[str] = []
    for status in changes.statuses:
        write_status(editor, status)
    for edit in changes.edits:
        write_edit(editor, edit)
    inputs = {status.tab for status in changes.statuses}
    titles = {sheet.title: _title_of(editor, sheet, inputs) for sheet in changes.report}
    names = frozenset(name for sheet in changes.report for name in sheet.names)
    for sheet in changes.report:
        title = titles[sheet.title]
        write_sheet(editor, sheet.on(titles), names)
        if title.casefold() != sheet.title.casefold():
            notices.append(renamed_notice(title, sheet.title))
    if changes.added is not None:
        refuse_existing_tab(changes.added.title, exists=editor.find(changes.added.title) is not None)
        write_sheet(editor, changes.added)
    if changes.runs is not None:
        append_rows(editor, changes.runs)
    write_properties(editor.package, changes.properties)
    editor.recalculate_on_load()
    return tuple(notices)


def _title_of(editor: WorkbookEditor, sheet: Sheet, inputs: Collection[str]) -> str:
    """What people call the tab that the last write made; else the title that it shall have.

    A tab that holds inputs is neither, whatever a name says; `inputs` are those that have a status column.
    """
    owned = None if sheet.keeps_title else editor.named_area(sheet.owned_name)
    is_input = owned is not None and (owned.tab in inputs or find_tab(owned.tab) is not None)
    entry = None if owned is None or is_input else editor.find(owned.tab)
    if entry is None or entry.part is None:
        entry = editor.find(sheet.title)
    return sheet.title if entry is None else entry.title
