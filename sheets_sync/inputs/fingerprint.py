"""The fingerprint of a workbook's inputs: equal where a run would be given the same, whatever the sheet looks like."""

import hashlib
import json
from collections.abc import Mapping

from config.columns import ValueType
from config.tabs import COLUMNS, INPUT_TABS
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, has_content
from sheets_sync.inputs.header_matching import Field
from sheets_sync.workbook.snapshot import Cell, CellKind

_AMOUNTS_OF_WORDS = ("size", "tokens", "word", "worth")
_AS_SHOWN = frozenset({ValueType.KEY, ValueType.KEYS, ValueType.PERIOD, ValueType.TEXT, ValueType.CHOICE})


def fingerprint(frames: Mapping[str, Frame]) -> str:
    """The sha256 hex of every input cell that sheetplan reads, by tab and canonical column.

    The order of rows matters, because Results follows it. The order of columns, blank rows, columns that are not read,
    status columns and formats do not (but keys count as the sheet shows them, because so they are read).
    """
    tabs = {}
    for spec in INPUT_TABS:
        frame = frames.get(spec.name)
        if frame is not None and frame.rows:
            tabs[spec.name] = _columns(frame)
    if COLUMNS.name in frames:
        # What it says of headers is in the names of the columns above; what sizes and words count is nowhere else.
        said = _columns(frames[COLUMNS.name])
        tabs[COLUMNS.name] = {name: said[name] for name in _AMOUNTS_OF_WORDS if name in said}
    document = json.dumps(tabs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()


def _columns(frame: Frame) -> dict[str, list[object]]:
    """The values of each column that holds any; a column that is blank throughout says nothing."""
    columns = {}
    for name, field in frame.fields.items():
        as_shown = field.column is not None and field.column.type in _AS_SHOWN
        values = [_value(cell, as_shown=as_shown) for cell in frame.column(name)]
        if any(value is not None for value in values) or _is_meaningful_when_blank(field):
            columns[name] = values
    return columns


def _is_meaningful_when_blank(field: Field) -> bool:
    """Whether a blank column differs from none: without `run`, all scenarios run."""
    return field.name == "run"


def _value(cell: Cell, *, as_shown: bool) -> object:
    if not has_content(cell) and cell.value is not False:
        return None
    if cell.kind is CellKind.NUMBER and not as_shown:
        # Files hold 5 where Google holds 5.0; a whole number too large for a float is itself.
        whole = isinstance(cell.value, float) and cell.value.is_integer()
        return f"{cell.value:.0f}" if whole else str(cell.value)
    if cell.kind is CellKind.BOOLEAN:
        return bool(cell.value)
    return [cell.kind.value, shown(cell)]
