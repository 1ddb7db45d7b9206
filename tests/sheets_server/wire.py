"""How messages look on the wire: which defaults Google leaves out, and how it writes colours."""

from __future__ import annotations

import struct
from typing import Any

from .cell import plain_number

Json = dict[str, Any]

_GRID_RANGE = {"sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
_GRID_COORDINATE = {"sheetId", "rowIndex", "columnIndex"}
_COLORS = ("backgroundColor", "foregroundColor", "color", "tabColor", "rgbColor")


def without_defaults(value: Any) -> Any:
    """The value as Google answers it: no sheet id of 0 in ranges, no 0 in coordinates, no empty lists."""
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() <= _GRID_RANGE or "dimension" in value:
        return {name: item for name, item in value.items() if name != "sheetId" or item}
    if value.keys() <= _GRID_COORDINATE:
        return {name: item for name, item in value.items() if item}
    return {name: without_defaults(item) for name, item in value.items() if item != []}


def with_sheet_ids(value: Any) -> Any:
    """The value as the server keeps it: every range and coordinate says which sheet it is on."""
    if isinstance(value, list):
        return [with_sheet_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_range = value and value.keys() <= _GRID_RANGE
    if is_range or (value and value.keys() <= _GRID_COORDINATE):
        return {"sheetId": 0, **value}
    return {name: with_sheet_ids(item) for name, item in value.items()}


def paired_colors(target: Json, given: Json) -> Json:
    """Google answers each colour twice (`backgroundColor` and `backgroundColorStyle`); the one given decides both."""
    result = dict(target)
    for name, value in target.items():
        if isinstance(value, dict) and isinstance(given.get(name), dict) and name not in _COLORS:
            result[name] = paired_colors(value, given[name])
    for name in list(result):
        if name in given and name in _COLORS and isinstance(result[name], dict):
            result[name] = _written(result[name])
    for name in list(result):
        if name in ("backgroundColor", "foregroundColor", "color", "tabColor") and name + "Style" not in given:
            result[name + "Style"] = {"rgbColor": result[name]}
        elif name.endswith("olorStyle") and name in given and "rgbColor" in result[name]:
            result[name.removesuffix("Style")] = result[name]["rgbColor"]
    for name in ("backgroundColorStyle", "foregroundColorStyle", "tabColorStyle"):
        if (name in result and name not in given and name.removesuffix("Style") not in result) or result.get(
            name
        ) == {}:
            del result[name]
    return result


def _written(color: Json) -> Json:
    """A colour as Google keeps it: in steps of 1/255, written as single-precision floats, zeros left out."""
    parts = {name: int(part * 255 + 1e-4) for name, part in color.items() if isinstance(part, (int, float))}
    return {name: plain_number(_float32(part / 255)) for name, part in parts.items() if part}


def _float32(number: float) -> float:
    """The shortest decimal that is the same number in single precision: 0.49803922 for 127/255."""
    stored = struct.unpack("f", struct.pack("f", number))[0]
    for digits in range(1, 9):
        shorter = float(f"{stored:.{digits}g}")
        if struct.unpack("f", struct.pack("f", shorter))[0] == stored:
            return shorter
    return float(f"{stored:.9g}")
