"""The AutoFilter over a table of ours: rows that it hid are seen again, since they hold other initiatives now."""

from typing import Final

from sheets_sync.excel.edit import WorkbookEditor, absolute
from sheets_sync.excel.ooxml import child, rectangle
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.workbook.snapshot import Area, a1

_FILTERED: Final = "_xlnm._FilterDatabase"


def set_filter(editor: WorkbookEditor, part: str, area: Area) -> None:
    """Let people filter the rows of an area by its first row."""
    grid = editor.grid(part)
    item = child(grid.root, "autoFilter", SHEET_ORDER)
    if len(item):
        _, top, _, bottom = rectangle(item.get("ref") or "A1")
        grid.show_rows(top, bottom)
    for condition in list(item):
        item.remove(condition)
    item.set("ref", f"{a1(area.top, area.left)}:{a1(area.bottom, area.right)}")
    # Excel keeps the range a second time, in a hidden name of the tab.
    editor.set_own_name(area.tab, _FILTERED, absolute(area), hidden=True)
