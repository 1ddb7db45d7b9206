"""Input tabs as `init` and `adopt` create them: headers with notes, drop-downs, check boxes, formats, given rows."""

from collections.abc import Iterator
from typing import Any

from sheets_sync.google.cells_out import Writer, number_format
from sheets_sync.google.drawing import draw, widths
from sheets_sync.google.grid_ranges import added_sheet, grid_range, new_sheet_id
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.workbook.changes import OutCell, Role
from sheets_sync.workbook.template import TEMPLATE_ROWS, ColumnTemplate, InputKind, TabTemplate, body_cells

Json = dict[str, Any]

HEADER_ROWS = 1


def tab_requests(template: TabTemplate, state: WorkbookState, writer: Writer) -> Iterator[Json]:
    """Requests that add one tab."""
    sheet_id, title = new_sheet_id(state, template.title), template.title
    yield added_sheet(sheet_id, title, HEADER_ROWS + TEMPLATE_ROWS, len(template.columns), frozen=(HEADER_ROWS, 1))
    header = [OutCell(column.header, Role.HEADER, note=column.note or None) for column in template.columns]
    yield from draw(writer, sheet_id, title, [header, *body_cells(template)])
    yield from widths(sheet_id, [column.width for column in template.columns])
    for at, column in enumerate(template.columns):
        below = grid_range(sheet_id, HEADER_ROWS, at, HEADER_ROWS + TEMPLATE_ROWS, at + 1)
        rule = validation(column)
        if rule is not None:
            yield {"setDataValidation": {"range": below, "rule": rule}}
        numbers = number_format(column.number_format) if column.number_format else None
        if numbers is not None:
            style = {"userEnteredFormat": {"numberFormat": numbers}}
            yield {"repeatCell": {"range": below, "cell": style, "fields": "userEnteredFormat.numberFormat"}}


def validation(column: ColumnTemplate) -> Json | None:
    """The data validation of a column's cells: a check box, a list, or none."""
    if column.kind is InputKind.CHECKBOX:
        return {"condition": {"type": "BOOLEAN"}, "strict": True}
    if column.kind is InputKind.DROPDOWN and column.choices:
        values = [{"userEnteredValue": choice} for choice in column.choices]
        return {"condition": {"type": "ONE_OF_LIST", "values": values}, "strict": True, "showCustomUi": True}
    return None
