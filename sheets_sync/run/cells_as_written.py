"""Whether a tab of the report holds what a run wrote: values as values, formulas as formulas, and what they give."""

from datetime import UTC, datetime, timedelta
from math import isclose

from config.names import fold_key
from sheets_sync.signoff.frozen_cells import canonical, shown_as
from sheets_sync.workbook.backend import REPORT_NAMES
from sheets_sync.workbook.changes import Formula, OutCell, Sheet
from sheets_sync.workbook.snapshot import Cell, CellKind, Snapshot, Tab, a1

CLOSE = 1e-9
"""Relative difference of two numbers that count as the same, as everywhere in sheetplan."""
_LONGEST = 60


def cell_differences(snapshot: Snapshot, sheet: Sheet, *, without: str, is_stale: bool) -> tuple[int, list[str]]:
    """How many cells a run wrote, and in a sentence each that is not so any more; `without` names an area left out.

    Formulas over the input tabs give something else once those have changed (`is_stale`): then only their being
    formulas is looked at, and what the others give.
    """
    tab = _tab(snapshot, sheet)
    if tab is None:
        return 0, [f"the tab {sheet.title} is gone"]
    left_out = sheet.named_ranges.get(without)
    skipped = range(0) if left_out is None else range(left_out.top, left_out.bottom + 1)
    inputs = sheet.named_ranges.get("sheetplan_inputs")
    moving = len(sheet.rows) + 1 if inputs is None or not is_stale else inputs.top
    count, found = 0, list[str]()
    for row, cells in enumerate(sheet.rows, start=1):
        if row in skipped:
            continue
        for column, cell in enumerate(cells, start=1):
            count += cell is not None and cell.value is not None
            words = _difference(cell, tab.cell(row, column), may_move=is_stale and row >= moving)
            if words:
                found.append(f"{tab.title}!{a1(row, column)} {words}")
    return count, found


def _tab(snapshot: Snapshot, sheet: Sheet) -> Tab | None:
    owned = snapshot.named_areas.get(REPORT_NAMES.get(sheet.title, sheet.owned_name))
    title = sheet.title if owned is None else owned.tab
    return next((tab for known, tab in snapshot.tabs.items() if fold_key(known) == fold_key(title)), None)


def _difference(written: OutCell | None, now: Cell, *, may_move: bool) -> str:
    value = None if written is None else written.value
    if isinstance(value, Formula):
        if now.formula is None:
            return f"was the formula {_short(value.text)}, and is {_short(now.shown) or 'blank'} now"
        is_number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        if may_move or not is_number or now.kind is CellKind.UNCALCULATED or _is_close(float(value.value), now):
            return ""
        return f"was {shown_as(float(value.value), None)}, and gives {_short(now.shown) or 'nothing'} now"
    if now.formula is not None:
        return f"is the formula {_short(now.formula)} now"
    if _is_same(value, now):
        return ""
    pattern = None if written is None else written.number_format
    before = "blank" if value is None or value == "" else _short(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        before = shown_as(value, pattern)
    return f"was {before}, and is {_short(now.shown) or 'blank'} now"


def _is_same(value: object, now: Cell) -> bool:
    if value is None or value == "":
        return now.is_blank
    if isinstance(value, bool):
        return now.value is value
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return isinstance(now.value, datetime) and abs(now.value.replace(tzinfo=None) - moment) < timedelta(seconds=1)
    if isinstance(value, int | float):
        return _is_close(value, now)
    return now.kind is CellKind.TEXT and canonical(str(now.value)) == canonical(str(value))


def _is_close(value: float, now: Cell) -> bool:
    return now.kind is CellKind.NUMBER and isclose(value, now.number, rel_tol=CLOSE, abs_tol=1e-12)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
