"""Batch requests that move cells and fold rows away: cut and paste, sorting, groups of rows and columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .a1 import Area
from .batch_sheets import dimension_span
from .book import Json, Sheet
from .cell import Cell
from .draft import Draft
from .errors import RequestError, not_served
from .fieldmask import merge_masked
from .formula import Formula
from .references import Reference

_DEEPEST = 8


def cut_paste(draft: Draft, body: Json) -> None:
    """Move cells as they are; what refers to them would have to follow, and is not served."""
    if body.get("pasteType", "PASTE_NORMAL") != "PASTE_NORMAL":
        raise not_served(f"cutPaste with {body['pasteType']}")
    source, (top, left, bottom, right) = draft.place(body.get("source", {}))
    corner = body.get("destination", {})
    target = draft.sheet(corner.get("sheetId", 0))
    down, along = corner.get("rowIndex", 0), corner.get("columnIndex", 0)
    end, last = down + bottom - top, along + right - left
    if end > target.row_count or last > target.column_count:
        raise RequestError("The destination lies outside the grid.")
    draft.check_protection(target, Area(down, along, end, last))
    for sheet, _, _, formula in draft.book.formulas():
        for reference in formula.references:
            _refuse_reference_into(source, (top, left, bottom, right), reference, sheet)
    cut = [[source.cell(row, column) for column in range(left, right)] for row in range(top, bottom)]
    for row in range(top, bottom):
        for column in range(left, right):
            source.set_cell(row, column, Cell())
    for offset, cells in enumerate(cut):
        for shift, cell in enumerate(cells):
            target.set_cell(down + offset, along + shift, cell)


def _refuse_reference_into(
    source: Sheet, cut: tuple[int, int, int, int], reference: Reference, formula_sheet: Sheet
) -> None:
    points_at = formula_sheet.id if reference.sheet is None else reference.sheet
    if points_at != source.id or reference.broken or reference.unknown_sheet is not None:
        return
    top, left, bottom, right = reference.area().clip(source.row_count, source.column_count)
    if top < cut[2] and cut[0] < bottom and left < cut[3] and cut[1] < right:
        raise not_served("cutPaste of cells that a formula refers to")


def sort_range(draft: Draft, body: Json) -> None:
    """Rows of a range in the order of some of its columns: numbers, texts, then TRUE and FALSE; blanks stay last."""
    sheet, (top, left, bottom, right) = draft.place(body.get("range", {}))
    specs = body.get("sortSpecs", [])
    rows = [[sheet.cell(row, column) for column in range(left, right)] for row in range(top, bottom)]
    if any(isinstance(cell.value, Formula) for cells in rows for cell in cells):
        raise not_served("sortRange over formulas")
    for spec in reversed(specs):
        if spec.keys() - {"dimensionIndex", "sortOrder"}:
            raise not_served("sortRange by colour")
        at = spec.get("dimensionIndex", 0)
        if not left <= at < right:
            raise RequestError(f"The column {at} that is sorted by lies outside the range.")
        filled = [cells for cells in rows if cells[at - left].value is not None]
        blank = [cells for cells in rows if cells[at - left].value is None]
        descending = spec.get("sortOrder", "ASCENDING") == "DESCENDING"
        filled.sort(key=lambda cells, at=at: _rank(cells[at - left].value), reverse=descending)  # type: ignore[misc]
        rows = filled + blank
    for offset, cells in enumerate(rows):
        for shift, cell in enumerate(cells):
            sheet.set_cell(top + offset, left + shift, cell)


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def add_dimension_group(draft: Draft, body: Json) -> Json:
    """A group one deeper than those around it, and a level more for those within it."""
    sheet, dimension, start, end = dimension_span(draft, body.get("range", {}))
    depths = _depths(_groups(sheet, dimension))
    for at in range(start, end):
        depths[at] = depths.get(at, 0) + 1
    if max(depths.values()) > _DEEPEST:
        raise RequestError(f"Groups can be nested at most {_DEEPEST} deep.")
    return {"dimensionGroups": _regrouped(sheet, dimension, depths)}


def delete_dimension_group(draft: Draft, body: Json) -> Json:
    """One level less for rows or columns that are grouped."""
    sheet, dimension, start, end = dimension_span(draft, body.get("range", {}))
    depths = _depths(_groups(sheet, dimension))
    if not all(depths.get(at) for at in range(start, end)):
        raise RequestError("There is no group over the whole of this range.")
    for at in range(start, end):
        depths[at] -= 1
    return {"dimensionGroups": _regrouped(sheet, dimension, depths)}


def update_dimension_group(draft: Draft, body: Json) -> None:
    """Open or close a group: its rows or columns are shown or hidden."""
    given = body.get("dimensionGroup", {})
    mask = draft.mask("DimensionGroup", body.get("fields"))
    sheet, dimension, start, end = dimension_span(draft, given.get("range", {}))
    groups = _groups(sheet, dimension)
    wanted = (start, end, given.get("depth", 0))
    places = [at for at, group in enumerate(groups) if (*_span(group), group["depth"]) == wanted]
    if not places:
        raise RequestError("There is no group with this range and depth.")
    groups[places[0]] = merge_masked(groups[places[0]], given, mask)
    known = sheet.row_properties if dimension == "ROWS" else sheet.column_properties
    for at in range(start, end):
        known[at] = {**known.get(at, {}), "hiddenByUser": groups[places[0]].get("collapsed", False)}


def _groups(sheet: Sheet, dimension: str) -> list[Json]:
    return sheet.row_groups if dimension == "ROWS" else sheet.column_groups


def _span(group: Json) -> tuple[int, int]:
    return group["range"]["startIndex"], group["range"]["endIndex"]


def _depths(groups: list[Json]) -> dict[int, int]:
    """In how many groups each row or column is."""
    depths: dict[int, int] = {}
    for group in groups:
        for at in range(*_span(group)):
            depths[at] = depths.get(at, 0) + 1
    return depths


def _regrouped(sheet: Sheet, dimension: str, depths: dict[int, int]) -> list[Json]:
    """The groups that these depths make, by their start, then their depth; closed ones stay closed."""
    groups = _groups(sheet, dimension)
    closed = {(*_span(group), group["depth"]) for group in groups if group.get("collapsed")}
    made = [
        {
            "range": {"sheetId": sheet.id, "dimension": dimension, "startIndex": start, "endIndex": end},
            "depth": depth,
            **({"collapsed": True} if (start, end, depth) in closed else {}),
        }
        for depth in range(1, max(depths.values(), default=0) + 1)
        for start, end in _runs(sorted(at for at, deep in depths.items() if deep >= depth))
    ]
    groups[:] = sorted(made, key=lambda group: (_span(group)[0], group["depth"]))
    return list(groups)


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring places as spans, ends excluded."""
    while places:
        length = next((at for at, place in enumerate(places) if place != places[0] + at), len(places))
        yield places[0], places[0] + length
        places = places[length:]


HANDLERS = {
    "cutPaste": cut_paste,
    "sortRange": sort_range,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
