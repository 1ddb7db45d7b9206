"""Batch requests for charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .batch_objects import find_object
from .book import Json
from .draft import Draft
from .errors import RequestError, not_served
from .fieldmask import merge_masked


def add_chart(draft: Draft, body: Json) -> Json:
    """A chart over a sheet."""
    given = dict(body.get("chart", {}))
    if "spec" not in given:
        raise RequestError("A chart needs a specification.")
    _check_sources(draft, given["spec"])
    anchor = _anchor(draft, given.get("position", {}))
    given["position"] = anchor
    taken = {chart["chartId"] for sheet in draft.book.sheets for chart in sheet.charts}
    given.setdefault("chartId", draft.fresh_id(taken))
    if given["chartId"] in taken:
        raise RequestError(f"A chart with id: {given['chartId']} already exists.")
    draft.sheet(anchor["overlayPosition"]["anchorCell"]["sheetId"]).charts.append(given)
    return {"chart": given}


def _anchor(draft: Draft, position: Json) -> Json:
    if "overlayPosition" not in position:
        raise not_served("A chart on a sheet of its own")
    overlay = position["overlayPosition"]
    cell = overlay.get("anchorCell", {})
    sheet = draft.sheet(cell.get("sheetId", 0))
    if cell.get("rowIndex", 0) >= sheet.row_count or cell.get("columnIndex", 0) >= sheet.column_count:
        raise RequestError("The anchor cell lies outside the grid.")
    size = {"widthPixels": 600, "heightPixels": 371, **overlay}
    return {"overlayPosition": {**size, "anchorCell": {"sheetId": sheet.id, **cell}}}


def update_chart_spec(draft: Draft, body: Json) -> None:
    """Another specification of a chart; the whole of it, as with Google."""
    if "spec" not in body:
        raise RequestError("A chart needs a specification.")
    _check_sources(draft, body["spec"])
    _, charts, at = find_object(draft, "charts", "chartId", body.get("chartId"), "chart")
    charts[at] = {**charts[at], "spec": body["spec"]}


def delete_embedded_object(draft: Draft, body: Json) -> None:
    """Remove a chart."""
    _, charts, at = find_object(draft, "charts", "chartId", body.get("objectId"), "embedded object")
    del charts[at]


def update_embedded_object_position(draft: Draft, body: Json) -> Json:
    """Move or resize a chart."""
    _, charts, at = find_object(draft, "charts", "chartId", body.get("objectId"), "embedded object")
    chart = charts[at]
    new = body.get("newPosition", {})
    if "overlayPosition" not in new:
        raise not_served("A chart on a sheet of its own")
    mask = draft.mask("OverlayPosition", body.get("fields"))
    overlay = merge_masked(chart["position"]["overlayPosition"], new["overlayPosition"], mask)
    moved = {**chart, "position": _anchor(draft, {"overlayPosition": overlay})}
    del charts[at]
    draft.sheet(moved["position"]["overlayPosition"]["anchorCell"]["sheetId"]).charts.append(moved)
    return {"position": moved["position"]}


def _check_sources(draft: Draft, spec: Json) -> None:
    """Every source lies within a grid and is one row or one column."""
    for source in _sources(spec):
        _, (top, left, bottom, right) = draft.place(source, write=False)
        if min(bottom - top, right - left) != 1:
            raise RequestError("Exactly one dimension of a chart's source range must have a length of 1.")


def _sources(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _sources(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "sources":
                yield from item
            else:
                yield from _sources(item)


HANDLERS = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "deleteEmbeddedObject": delete_embedded_object,
    "updateEmbeddedObjectPosition": update_embedded_object_position,
}
