"""From the API's cells to ours: typed by the sheet itself, never by looking at text."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from sys import intern
from typing import Any

from sheets_sync.google.formulas import english
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind

CELL_FIELDS = "userEnteredValue(formulaValue),effectiveValue,formattedValue,effectiveFormat(numberFormat)"
"""All that a `Cell` needs; a plain number or text then costs about 60 bytes, one with a number format 60 more."""

EPOCH = datetime(1899, 12, 30)
_MOMENTS = frozenset({"DATE", "DATE_TIME", "TIME"})
_USUAL_PATTERNS = {"PERCENT": "0.00%", "CURRENCY": '"¤"#,##0.00', "SCIENTIFIC": "0.00E+00"}
"""What a format means that names only its kind: the pattern is then the usual one of the workbook's locale."""
LOADING = "Loading..."
_ERROR_TEXTS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": LOADING,
}

Json = dict[str, Any]


def parse_rows(grids: Sequence[Mapping[str, Any]], locale: str | None = None) -> tuple[tuple[Cell, ...], ...]:
    """One sheet's `data` as rows of cells from A1, trailing blanks cut off; `locale` is the workbook's."""
    rows: list[tuple[Cell, ...]] = []
    for grid in grids:
        left = [BLANK] * grid.get("startColumn", 0)
        rows.extend([()] * (grid.get("startRow", 0) - len(rows)))
        for row in grid.get("rowData", ()):
            cells = [*left, *(parse_cell(value, locale) if value else BLANK for value in row.get("values", ()))]
            while cells and cells[-1] is BLANK:
                cells.pop()
            rows.append(tuple(cells))
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def parse_cell(value: Json, locale: str | None = None) -> Cell:
    """One CellData of a workbook of that locale."""
    entered = value.get("userEnteredValue")
    spelled = entered.get("formulaValue") if entered else None
    formula = None if spelled is None else english(spelled, locale)
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
    if not style:
        return Cell(CellKind.NUMBER, number, shown, formula)
    listed = style.get("numberFormat", {})
    kind = listed.get("type", "")
    # Few formats serve many cells: one text for all of them.
    pattern = intern(listed.get("pattern") or _USUAL_PATTERNS.get(kind, ""))
    if kind in _MOMENTS:
        try:
            moment = EPOCH + timedelta(milliseconds=round(number * 86_400_000))
        except (OverflowError, ValueError):
            return Cell(CellKind.NUMBER, number, shown, formula, pattern)
        return Cell(CellKind.DATE, moment, shown, formula, pattern)
    return Cell(CellKind.NUMBER, number, shown, formula, pattern)
