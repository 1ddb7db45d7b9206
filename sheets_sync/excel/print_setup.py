"""How a tab of ours prints: paper, area, what is repeated on each page, foot. What people set up themselves stays.

The print area and the repeated rows move with the report. They are ours while they say what the last write said, which
the named ranges that they stand for still tell.
"""

import re
from typing import Final

from lxml import etree
from openpyxl.utils import quote_sheetname

from sheets_sync.excel.edit import WorkbookEditor, absolute
from sheets_sync.excel.ooxml import child, tag
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.excel.worksheet_layout import break_pages, fit_to_landscape, is_our_setup
from sheets_sync.workbook.changes import Sheet
from sheets_sync.workbook.snapshot import Area

_AREA: Final = "_xlnm.Print_Area"
_TITLES: Final = "_xlnm.Print_Titles"
_FOOT_END: Final = "&RPage &P of &N"


def set_up_print(editor: WorkbookEditor, root: etree._Element, sheet: Sheet, old: Area | None) -> None:
    """Set up the print of a tab, where it is not people's; before its names get their new places.

    `old` is the rectangle of the last write.
    """
    is_new = fit_to_landscape(root)
    if is_our_setup(root):
        break_pages(root, sheet.page_breaks, old)
    if sheet.printed is not None:
        before = editor.named_area(sheet.printed)
        found = editor.own_name(sheet.title, _AREA)
        if is_new or (before is not None and _is_same(found, absolute(before))):
            editor.set_own_name(sheet.title, _AREA, absolute(sheet.named_ranges[sheet.printed]))
    if is_new or _repeated_rows(editor.own_name(sheet.title, _TITLES)) in _our_rows(editor, sheet):
        first, last = _rows_to_repeat(sheet)
        if first:
            editor.set_own_name(sheet.title, _TITLES, f"{quote_sheetname(sheet.title)}!${first}:${last}")
    if sheet.footer:
        _set_footer(root, sheet.footer, is_new=is_new)


def _rows_to_repeat(sheet: Sheet) -> tuple[int, int]:
    """The first row of the range that says so, else the frozen ones."""
    if sheet.repeated is None:
        return (1, sheet.frozen_rows) if sheet.frozen_rows else (0, 0)
    top = sheet.named_ranges[sheet.repeated].top
    return top, top


def _our_rows(editor: WorkbookEditor, sheet: Sheet) -> list[tuple[int, int] | None]:
    """What the last write may have set: the frozen rows, or the header of the list that people can filter."""
    header = None if sheet.filtered is None else editor.named_area(sheet.filtered)
    return [(1, sheet.frozen_rows), *([] if header is None else [(header.top, header.top)])]


def _repeated_rows(found: str | None) -> tuple[int, int] | None:
    """The rows of a name that holds print titles."""
    rows = re.search(r"\$?(\d+):\$?(\d+)$", found or "")
    return None if rows is None else (int(rows[1]), int(rows[2]))


def _is_same(found: str | None, wanted: str) -> bool:
    """Programs quote a tab's title where they think it is needed."""
    return found is not None and set(found.replace("'", "").split(",")) == set(wanted.replace("'", "").split(","))


def _set_footer(root: etree._Element, text: str, *, is_new: bool) -> None:
    found = root.find(f"{tag('headerFooter')}/{tag('oddFooter')}")
    is_ours = found is not None and (found.text or "").endswith(_FOOT_END)
    if not (is_new or is_ours):
        return
    foot = child(child(root, "headerFooter", SHEET_ORDER), "oddFooter", ("oddHeader", "oddFooter"))
    # An ampersand begins a code, and Excel ends at 255 characters.
    foot.text = f"&L{text.replace('&', '&&')[:200]}{_FOOT_END}"
