"""Input tabs as `init` and `adopt` create them: tables with notes, drop-downs, check boxes, formats, given rows.

Only drop-downs and check boxes are types of the table's columns. A column typed as number would turn "20%" into 0.2
without a word, and one typed as text would compete with the plain text format that keeps 2026-03 as it is typed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sheets_sync.google.cells_out import Writer, colour, look_format, number_format
from sheets_sync.google.drawing import draw, widths
from sheets_sync.google.grid_ranges import added_sheet, grid_range, new_sheet_id
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.workbook.cell_styles import LOOKS
from sheets_sync.workbook.changes import OutCell, Role
from sheets_sync.workbook.template import TEMPLATE_ROWS, ColumnTemplate, InputKind, TabTemplate, body_cells

Json = dict[str, Any]

HEADER_ROWS = 1
TABLE_COLOURS = {
    "headerColorStyle": look_format(LOOKS[Role.HEADER])["backgroundColorStyle"],
    "firstBandColorStyle": colour("FFFFFF"),
    "secondBandColorStyle": colour("FFFFFF"),
}
"""The look of the tabs that are not tables."""


def tab_requests(
    template: TabTemplate, state: WorkbookState, writer: Writer, *, as_table: bool = True
) -> Iterator[Json]:
    """Requests that add one tab: as a table, or as plain cells with the same drop-downs and check boxes."""
    sheet_id, title = new_sheet_id(state, template.title), template.title
    yield added_sheet(sheet_id, title, HEADER_ROWS + TEMPLATE_ROWS, len(template.columns), frozen=(HEADER_ROWS, 1))
    header = [OutCell(column.header, Role.HEADER, note=column.note or None) for column in template.columns]
    yield from draw(writer, sheet_id, title, [header, *body_cells(template)])
    yield from widths(sheet_id, [column.width for column in template.columns])
    for at, column in enumerate(template.columns):
        below = grid_range(sheet_id, HEADER_ROWS, at, HEADER_ROWS + TEMPLATE_ROWS, at + 1)
        rule = validation(column)
        # In a table the column's type brings the rule, and Google allows no other.
        if rule is not None and not as_table:
            yield {"setDataValidation": {"range": below, "rule": rule}}
        numbers = number_format(column.number_format) if column.number_format else None
        if numbers is not None:
            style = {"userEnteredFormat": {"numberFormat": numbers}}
            yield {"repeatCell": {"range": below, "cell": style, "fields": "userEnteredFormat.numberFormat"}}
    if as_table:
        yield _table(template, sheet_id, state)


def _table(template: TabTemplate, sheet_id: int, state: WorkbookState) -> Json:
    """The request that makes the header and the rows below it a table."""
    rows = HEADER_ROWS + max(TEMPLATE_ROWS, len(template.rows))
    table = {
        "name": _table_name(template.title, [*state.named, *(name for one in state.sheets for name in one.tables)]),
        "range": grid_range(sheet_id, 0, 0, rows, len(template.columns)),
        "rowsProperties": TABLE_COLOURS,
        "columnProperties": [_typed(at, column) for at, column in enumerate(template.columns)],
    }
    return {"addTable": {"table": table}}


def _table_name(title: str, taken: Iterable[str]) -> str:
    """The tab's title as the name of its table; with a number where another table or range is called so."""
    used = {name.casefold() for name in taken}
    plain = re.sub(r"\W", "_", title)
    names = (plain, *(f"{plain}_{number}" for number in range(2, len(used) + 3)))
    return next(name for name in names if name.casefold() not in used)


def _typed(at: int, column: ColumnTemplate) -> Json:
    """One column of the table; `at` counts from the table's first."""
    typed: Json = {"columnIndex": at, "columnName": column.header}
    rule = validation(column)
    if rule is not None and column.kind is InputKind.CHECKBOX:
        typed["columnType"] = "BOOLEAN"
    elif rule is not None:
        typed |= {"columnType": "DROPDOWN", "dataValidationRule": {"condition": rule["condition"]}}
    return typed


def validation(column: ColumnTemplate) -> Json | None:
    """The data validation of a column's cells: a check box, a list, or none."""
    if column.kind is InputKind.CHECKBOX:
        return {"condition": {"type": "BOOLEAN"}, "strict": True}
    if column.kind is InputKind.DROPDOWN and column.choices:
        values = [{"userEnteredValue": choice} for choice in column.choices]
        return {"condition": {"type": "ONE_OF_LIST", "values": values}, "strict": True, "showCustomUi": True}
    return None
