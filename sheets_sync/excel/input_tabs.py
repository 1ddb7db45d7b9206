"""The input tabs that `init` creates: styled header with notes, drop-downs, tick columns, formats, rows where given."""

from collections.abc import Sequence
from typing import Final

from lxml import etree

from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.notes import replace_notes
from sheets_sync.excel.ooxml import child, escape, tag
from sheets_sync.excel.owned_sheet import write_cells
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.excel.worksheet_layout import fit_to_landscape, freeze, set_widths
from sheets_sync.workbook.changes import OutCell, Role
from sheets_sync.workbook.snapshot import a1
from sheets_sync.workbook.template import TEMPLATE_ROWS, InputKind, TabTemplate, body_cells, is_there

_TICK: Final = ("TRUE", "FALSE")
"""Check boxes exist only in newer Excel and are lost elsewhere; a list of two values works everywhere."""
_LONGEST_LIST: Final = 253
_FIRST, _LAST = 2, TEMPLATE_ROWS + 1


def add_tab(editor: WorkbookEditor, template: TabTemplate) -> bool:
    """Add one tab, unless there is one of that meaning; returns whether it was added."""
    if is_there(template, editor.titles):
        return False
    part = editor.add_sheet(template.title)
    grid = editor.grid(part)
    header = [OutCell(column.header, Role.HEADER) for column in template.columns]
    write_cells(editor, grid, [header, *body_cells(template)])
    first_free = _FIRST + len(template.rows)
    for column, described in enumerate(template.columns, start=1):
        if described.number_format is None:
            continue
        style = editor.styles.style(Role.BODY, described.number_format)
        for row in range(first_free, _LAST + 1):
            grid.put(row, column, None, style)
    set_widths(grid.root, [column.width for column in template.columns])
    freeze(grid.root, 1, 1)
    _add_lists(grid.root, template)
    fit_to_landscape(grid.root)
    notes = {(1, number): column.note for number, column in enumerate(template.columns, start=1) if column.note}
    replace_notes(editor.package, part, None, notes)
    return True


def fits_a_list(choices: Sequence[str]) -> bool:
    """Whether a drop-down can offer these: Excel takes 255 characters of them, and a comma separates two."""
    return 0 < len(",".join(choices)) <= _LONGEST_LIST and not any(mark in text for text in choices for mark in ',"')


def _add_lists(root: etree._Element, template: TabTemplate) -> None:
    for column, described in enumerate(template.columns, start=1):
        choices: tuple[str, ...]
        if described.kind is InputKind.CHECKBOX:
            choices = _TICK
        elif described.kind is InputKind.DROPDOWN and fits_a_list(described.choices):
            choices = described.choices
        else:
            continue
        listed = child(root, "dataValidations", SHEET_ORDER)
        item = etree.SubElement(listed, tag("dataValidation"), type="list", allowBlank="1", showErrorMessage="1")
        item.set("sqref", f"{a1(_FIRST, column)}:{a1(_LAST, column)}")
        item.set("errorTitle", described.header[:32])
        item.set("error", f"Choose one of: {', '.join(choices)}."[:225])
        etree.SubElement(item, tag("formula1")).text = escape(f'"{",".join(choices)}"')
        listed.set("count", str(len(listed)))
