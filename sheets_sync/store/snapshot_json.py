"""A snapshot's input tabs as plain JSON, and back: every cell with its type, written as shortly as its type allows."""

from collections.abc import Mapping
from datetime import datetime
from sys import intern
from typing import Any

from config.tabs import input_tabs
from sheets_sync.inputs.stated_tabs import stated_tabs
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, CellKind, Snapshot, Tab, TableArea

Json = dict[str, Any]

_LETTERS = {
    CellKind.NUMBER: "n",
    CellKind.TEXT: "t",
    CellKind.BOOLEAN: "b",
    CellKind.DATE: "d",
    CellKind.ERROR: "e",
    CellKind.UNCALCULATED: "u",
    CellKind.BLANK: "",
}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


def snapshot_json(snapshot: Snapshot) -> Json:
    """The input tabs of a snapshot; other tabs are not kept."""
    stated = stated_tabs(snapshot.tabs)
    kept = {title: tab for title, tab in snapshot.tabs.items() if title in stated or input_tabs(title)}
    return {
        "locator": snapshot.locator,
        "title": snapshot.title,
        "locale": snapshot.locale,
        "time_zone": snapshot.time_zone,
        "tabs": {title: [[_written(cell) for cell in row] for row in tab.rows] for title, tab in kept.items()},
        "merges": {title: [_corners(area) for area in tab.merges] for title, tab in kept.items() if tab.merges},
        "tables": {
            title: [[table.name, *_corners(table.area), table.totals_row] for table in tab.tables]
            for title, tab in kept.items()
            if tab.tables
        },
        "recalculates_on_load": snapshot.recalculates_on_load,
    }


def snapshot_from(document: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `snapshot_json` wrote down; records of earlier versions know no merges, tables and formats."""
    merges, tables = document.get("merges", {}), document.get("tables", {})
    return Snapshot(
        locator=document["locator"],
        title=document["title"],
        locale=document["locale"],
        time_zone=document["time_zone"],
        tabs={
            title: Tab(
                title,
                [[_read(cell) for cell in row] for row in rows],
                tuple(Area(title, *corners) for corners in merges.get(title, ())),
                tuple(
                    TableArea(name, Area(title, *corners), totals_row)
                    for name, *corners, totals_row in tables.get(title, ())
                ),
            )
            for title, rows in document["tabs"].items()
        },
        recalculates_on_load=document.get("recalculates_on_load", False),
    )


def _corners(area: Area) -> list[int]:
    return [area.top, area.left, area.bottom, area.right]


def _written(cell: Cell) -> object:
    """None for a blank, text that shows as it is as itself, everything else as a list."""
    if cell.kind is CellKind.BLANK and cell.formula is None:
        return None
    if cell.kind is CellKind.TEXT and cell.value == cell.shown and cell.formula is None:
        return cell.value
    value = cell.value.isoformat() if isinstance(cell.value, datetime) else cell.value
    parts = [_LETTERS[cell.kind], value, cell.shown]
    if cell.format:
        return [*parts, cell.formula, cell.format]
    return parts if cell.formula is None else [*parts, cell.formula]


def _read(written: Any) -> Cell:
    if written is None:
        return BLANK
    if isinstance(written, str):
        return Cell(CellKind.TEXT, written, written)
    letter, value, shown, *more = written
    formula, pattern = more[0] if more else None, more[1] if len(more) > 1 else ""
    kind = _KINDS[letter]
    if kind is CellKind.DATE and isinstance(value, str):
        value = datetime.fromisoformat(value)
    return Cell(kind, value, shown, formula, intern(pattern))
