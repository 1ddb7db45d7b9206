"""How a tab of ours prints: paper, area, what is repeated on each page, foot. What people set up themselves stays.

The print area and the repeated rows move with the report. They are ours while they say what the last write said, which
the named ranges that they stand for still tell.
"""

from typing import Final

from lxml import etree
from openpyxl.utils import get_column_letter, quote_sheetname

from sheets_sync.excel.edit import WorkbookEditor, absolute
from sheets_sync.excel.ooxml import child, tag
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.excel.worksheet_layout import fit_to_landscape
from sheets_sync.workbook.changes import Sheet
from sheets_sync.workbook.snapshot import Area

_AREA: Final = "_xlnm.Print_Area"
_TITLES: Final = "_xlnm.Print_Titles"
_FOOT_END: Final = "&RPage &P of &N"


def set_up_print(editor: WorkbookEditor, root: etree._Element, sheet: Sheet) -> None:
    """Set up the print of a tab, where it is not people's; before its names get their new places."""
    is_new = fit_to_landscape(root, sheet.pages_wide)

    def put(name: str, now: str, last: str | None) -> None:
        if is_new or (last is not None and _is_same(editor.own_name(sheet.title, name), last)):
            editor.set_own_name(sheet.title, name, now)

    if sheet.printed is not None:
        before = editor.named_area(sheet.printed)
        put(_AREA, absolute(sheet.named_ranges[sheet.printed]), None if before is None else absolute(before))
    if sheet.repeated is not None:
        before = editor.named_area(sheet.repeated)
        put(
            _TITLES,
            _titles(sheet, sheet.named_ranges[sheet.repeated]),
            None if before is None else _titles(sheet, before),
        )
    elif is_new and sheet.frozen_rows:
        put(_TITLES, _titles(sheet, Area(sheet.title, 1, 1, sheet.frozen_rows, 1), sheet.frozen_rows), None)
    if sheet.footer:
        _set_footer(root, sheet.footer, is_new=is_new)


def _titles(sheet: Sheet, area: Area, rows: int = 1) -> str:
    """The frozen columns, and so many of the first rows of an area."""
    tab = quote_sheetname(sheet.title)
    parts = [f"{tab}!$A:${get_column_letter(sheet.frozen_columns)}"] if sheet.frozen_columns else []
    return ",".join([*parts, f"{tab}!${area.top}:${area.top + rows - 1}"])


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
