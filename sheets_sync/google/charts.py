"""Charts: ours are known by their alternative text, and updated in place so that their ids and places survive.

Where a file was imported and the text is gone, they are known by their titles: on the report's own tabs.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sheets_sync.google.cells_out import colour
from sheets_sync.google.grid_ranges import area_range, coordinate, tab_id
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.workbook.cell_styles import BAD_BAR, GOOD_BAR, INK, SERIES_COLOURS, TOTAL_BAR
from sheets_sync.workbook.changes import OUR_CHART, Chart, ChartKind, Sheet, is_same_title
from sheets_sync.workbook.snapshot import Area

Json = dict[str, Any]


def chart_requests(sheet: Sheet, state: WorkbookState) -> Iterator[Json]:
    """Requests that add, change and remove charts until exactly those of `sheet` are ours; other people's stay.

    Size and place of a chart that is there are the person's: it only moves with the place that the last write gave it.
    """
    present: dict[str, Json] = {}
    found = state.sheet(sheet.title)
    for item in () if found is None else found.charts:
        text = _text_of_ours(item.get("spec", {}), sheet)
        if text is None:
            continue
        if text in present:
            yield {"deleteEmbeddedObject": {"objectId": item["chartId"]}}
        present.setdefault(text, item)
    sheet_id = tab_id(state, sheet.title)
    for chart in sheet.charts:
        spec = chart_spec(chart, state)
        there = present.pop(spec["altText"], None)
        if there is None:
            position = {"overlayPosition": _position(chart, sheet_id)}
            yield {"addChart": {"chart": {"spec": spec, "position": position}}}
            continue
        yield {"updateChartSpec": {"chartId": there["chartId"], "spec": spec}}
        corner = coordinate(sheet_id, *chart.anchor)
        if _is_where_we_put_it(there, chart, state) and _corner(there) != corner:
            moved = {"overlayPosition": {"anchorCell": corner}}
            yield {
                "updateEmbeddedObjectPosition": {
                    "objectId": there["chartId"],
                    "newPosition": moved,
                    "fields": "anchorCell",
                }
            }
    for item in present.values():
        yield {"deleteEmbeddedObject": {"objectId": item["chartId"]}}


def _text_of_ours(spec: Json, sheet: Sheet) -> str | None:
    """The alternative text of a chart of ours, that which it should have where it lost it; None for people's charts."""
    text: str = spec.get("altText", "")
    if text:
        return text if text.startswith(OUR_CHART) else None
    title = spec.get("title", "")
    for chart in sheet.charts:
        if chart.is_titled(title):
            return chart.alternative_text
    return OUR_CHART if any(is_same_title(title, former) for former in sheet.former_charts) else None


def _is_where_we_put_it(item: Json, chart: Chart, state: WorkbookState) -> bool:
    """Whether the corner of a chart is where its named range says that the last write put it."""
    named = state.named_range(chart.name)
    if named is None:
        return False
    place = named[1]
    top, left = place.get("startRowIndex", 0), place.get("startColumnIndex", 0)
    return _corner(item) == coordinate(place.get("sheetId", 0), top + 1, left + 1)


def _corner(item: Json) -> Json:
    cell = item.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
    return {"sheetId": 0, "rowIndex": 0, "columnIndex": 0, **cell}


def chart_spec(chart: Chart, state: WorkbookState) -> Json:
    """A ChartSpec over cells of tabs of ours; the header of each series names it in the legend."""
    if chart.kind is ChartKind.WATERFALL:
        return _title(chart) | {"waterfallChart": _waterfall(chart, state)}
    axis = "BOTTOM_AXIS" if chart.kind is ChartKind.BAR else "LEFT_AXIS"
    series: list[Json] = [
        {
            "series": _source(area, state),
            "targetAxis": axis,
            "colorStyle": colour(SERIES_COLOURS[index % len(SERIES_COLOURS)]),
        }
        for index, area in enumerate(chart.series)
    ]
    basic: Json = {
        "chartType": chart.kind.name,
        "legendPosition": "BOTTOM_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": _source(_with_header(chart), state)}],
        "series": series,
    }
    if chart.line is not None:
        basic["chartType"] = "COMBO"
        for item in series:
            item["type"] = chart.kind.name
        line = {"series": _source(chart.line, state), "targetAxis": axis, "type": "LINE", "colorStyle": colour(INK)}
        series.append(line)
    if chart.least is not None:
        basic["axis"] = [{"position": axis, "viewWindowOptions": _view(chart.least)}]
    if chart.stacked:
        basic["stackedType"] = "STACKED"
    return _title(chart) | {"basicChart": basic}


def _title(chart: Chart) -> Json:
    return {"title": chart.title, "altText": chart.alternative_text}


def _waterfall(chart: Chart, state: WorkbookState) -> Json:
    """A WaterfallChartSpec: the first figure is a total, and so is the last, which Google does not add up itself."""
    figures = chart.series[0]
    first = replace(figures, top=figures.top + 1)
    rise, fall = (BAD_BAR, GOOD_BAR) if chart.is_fall_good else (GOOD_BAR, BAD_BAR)
    last = {"subtotalIndex": first.bottom - first.top, "dataIsSubtotal": True}
    series = {
        "data": _source(first, state),
        "positiveColumnsStyle": {"colorStyle": colour(rise), "label": "more"},
        "negativeColumnsStyle": {"colorStyle": colour(fall), "label": "less"},
        "subtotalColumnsStyle": {"colorStyle": colour(TOTAL_BAR), "label": "total"},
        "customSubtotals": [last],
        "hideTrailingSubtotal": True,
    }
    domain = {"data": _source(chart.categories, state)}
    return {"domain": domain, "series": [series], "stackedType": "STACKED", "firstValueIsTotal": True}


def _view(least: float) -> Json:
    return {"viewWindowMin": least, "viewWindowMode": "EXPLICIT"}


def _with_header(chart: Chart) -> Area:
    """The labels with the cell before them: Google counts headers in the labels as well."""
    first = chart.series[0]
    if first.bottom > first.top:
        return replace(chart.categories, top=first.top)
    return replace(chart.categories, left=first.left)


def _source(area: Area, state: WorkbookState) -> Json:
    return {"sourceRange": {"sources": [area_range(tab_id(state, area.tab), area)]}}


def _position(chart: Chart, sheet_id: int) -> Json:
    row, column = chart.anchor
    return {
        "anchorCell": coordinate(sheet_id, row, column),
        "widthPixels": chart.width,
        "heightPixels": chart.height,
    }
