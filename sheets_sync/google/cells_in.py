"""From the API's cells to ours: typed by the sheet itself, never by looking at text."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind

CELL_FIELDS = "userEnteredValue(formulaValue),effectiveValue,formattedValue,effectiveFormat(numberFormat(type))"
"""All that a `Cell` needs; a plain number or text then costs about 60 bytes."""

EPOCH = datetime(1899, 12, 30)
_MOMENTS = frozenset({"DATE", "DATE_TIME", "TIME"})
_ERROR_TEXTS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}

Json = dict[str, Any]


def parse_rows(grids: Sequence[Mapping[str, Any]]) -> tuple[tuple[Cell, ...], ...]:
    """One sheet's `data` as rows of cells from A1, trailing blank cells and rows cut off."""
    rows: list[tuple[Cell, ...]] = []
    for grid in grids:
        left = [BLANK] * grid.get("startColumn", 0)
        rows.extend([()] * (grid.get("startRow", 0) - len(rows)))
        for row in grid.get("rowData", ()):
            cells = [*left, *(parse_cell(value) if value else BLANK for value in row.get("values", ()))]
            while cells and cells[-1] is BLANK:
                cells.pop()
            rows.append(tuple(cells))
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def parse_cell(value: Json) -> Cell:
    """One CellData."""
    entered = value.get("userEnteredValue")
    formula = entered.get("formulaValue") if entered else None
    effective = value.get("effectiveValue")
    shown: str = value.get("formattedValue", "")
    if not effective:
        # A formula may come to nothing at all (=IF(FALSE,1,)), which the sheet shows as a blank cell.
        return BLANK if formula is None else Cell(CellKind.BLANK, None, shown, formula)
    if "numberValue" in effective:
        return _number(effective["numberValue"], shown, formula, value.get("effectiveFormat"))
    if "stringValue" in effective:
        text = effective["stringValue"]
        return BLANK if not text and formula is None else Cell(CellKind.TEXT, text, shown, formula)
    if "boolValue" in effective:
        return Cell(CellKind.BOOLEAN, effective["boolValue"], shown, formula)
    error = shown or _ERROR_TEXTS.get(effective.get("errorValue", {}).get("type", ""), "#ERROR!")
    return Cell(CellKind.ERROR, error, error, formula)


def _number(number: float, shown: str, formula: str | None, style: Json | None) -> Cell:
    if style and style.get("numberFormat", {}).get("type") in _MOMENTS:
        try:
            moment = EPOCH + timedelta(milliseconds=round(number * 86_400_000))
        except (OverflowError, ValueError):
            return Cell(CellKind.NUMBER, number, shown, formula)
        return Cell(CellKind.DATE, moment, shown, formula)
    return Cell(CellKind.NUMBER, number, shown, formula)
