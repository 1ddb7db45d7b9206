"""Charts: ours are known by their alternative text, and updated in place so that their ids survive."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sheets_sync.google.cells_out import colour
from sheets_sync.google.grid_ranges import area_range, coordinate
from sheets_sync.google.sheet_state import SheetState
from sheets_sync.workbook.cell_styles import SERIES_COLOURS
from sheets_sync.workbook.changes import Chart, ChartKind
from sheets_sync.workbook.snapshot import Area

Json = dict[str, Any]

OURS = "sheetplan chart: "


def chart_requests(charts: Sequence[Chart], sheet_id: int, sheet: SheetState | None) -> Iterator[Json]:
    """Requests that add, change and remove charts until exactly `charts` are ours; other people's stay."""
    present: dict[str, int] = {}
    for item in () if sheet is None else sheet.charts:
        text = item.get("spec", {}).get("altText", "")
        if text.startswith(OURS):
            present[text] = item["chartId"]
    for chart in charts:
        spec, position = chart_spec(chart, sheet_id), _position(chart, sheet_id)
        chart_id = present.pop(spec["altText"], None)
        if chart_id is None:
            yield {"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": position}}}}
        else:
            yield {"updateChartSpec": {"chartId": chart_id, "spec": spec}}
            moved = {"objectId": chart_id, "newPosition": {"overlayPosition": position}, "fields": "*"}
            yield {"updateEmbeddedObjectPosition": moved}
    for chart_id in present.values():
        yield {"deleteEmbeddedObject": {"objectId": chart_id}}


def chart_spec(chart: Chart, sheet_id: int) -> Json:
    """A ChartSpec over cells of the same tab; the header of each series names it in the legend."""
    axis = "LEFT_AXIS" if chart.kind is ChartKind.COLUMN else "BOTTOM_AXIS"
    series = [
        {
            "series": _source(area, sheet_id),
            "targetAxis": axis,
            "colorStyle": colour(SERIES_COLOURS[index % len(SERIES_COLOURS)]),
        }
        for index, area in enumerate(chart.series)
    ]
    basic: Json = {
        "chartType": chart.kind.name,
        "legendPosition": "BOTTOM_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": _source(_with_header(chart), sheet_id)}],
        "series": series,
    }
    if chart.stacked:
        basic["stackedType"] = "STACKED"
    return {"title": chart.title, "altText": OURS + chart.title, "basicChart": basic}


def _with_header(chart: Chart) -> Area:
    """The labels with the cell before them: Google counts headers in the labels as well."""
    first = chart.series[0]
    if first.bottom > first.top:
        return replace(chart.categories, top=first.top)
    return replace(chart.categories, left=first.left)


def _source(area: Area, sheet_id: int) -> Json:
    return {"sourceRange": {"sources": [area_range(sheet_id, area)]}}


def _position(chart: Chart, sheet_id: int) -> Json:
    row, column = chart.anchor
    return {
        "anchorCell": coordinate(sheet_id, row, column),
        "widthPixels": chart.width,
        "heightPixels": chart.height,
    }
