"""Native charts of ours, recognised by the name of their frame; charts and pictures of people stay as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.utils import quote_sheetname
from openpyxl.xml.functions import tostring

from sheets_sync.excel.edit import absolute
from sheets_sync.excel.ooxml import ART, CHART, DRAWING, RELATION, RELATION_ID, number_in, place, tag, xml_text
from sheets_sync.excel.package import Package
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.workbook.cell_styles import BAD_BAR, GOOD_BAR, INK, SERIES_COLOURS, TOTAL_BAR
from sheets_sync.workbook.changes import OUR_CHART, Chart, ChartKind, is_same_title
from sheets_sync.workbook.snapshot import Area

_NAME: Final = "sheetplan chart"
_PREFIX: Final = "sheetplan_chart"
_EMU_PER_PIXEL: Final = 9525
_GRID_GREY: Final = "D9DEE3"
_DRAWING_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_NO_FRAMES: Final = f'<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{ART}"/>'
_FRAME: Final = f"""<xdr:oneCellAnchor xmlns:xdr="{DRAWING}" xmlns:a="{ART}">
<xdr:from><xdr:col>{{column}}</xdr:col><xdr:colOff>0</xdr:colOff>
<xdr:row>{{row}}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>
<xdr:ext cx="{{width}}" cy="{{height}}"/>
<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{{id}}" name="{{name}}" descr="{{text}}"/>
<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>
<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" xmlns:r="{RELATION}" r:id="{{relation}}"/>
</a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"""


@dataclass(frozen=True)
class Before:
    """What the last write left: the corner of each chart (row, column) by the name of its range.

    `tabs` are the titles of the report's tabs, and `former_titles` those of charts that are drawn no more.
    """

    corners: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tabs: Sequence[str] = ()
    former_titles: Sequence[str] = ()

    @property
    def spelled_tabs(self) -> frozenset[str]:
        """The tabs' titles as references spell them."""
        return frozenset((*self.tabs, *map(quote_sheetname, self.tabs)))


def replace_charts(package: Package, sheet: str, charts: Sequence[Chart], before: Before) -> None:
    """Draw our charts of a tab anew, each once.

    Ours are known by the name of their frame or, where another program saved the file and named frames itself, by
    their title over cells of ours. Size and place of a chart that is there are the person's: it only moves with the
    place that the last write gave it.
    """
    drawing = package.related(sheet, "drawing")
    present = {} if drawing is None else _remove_ours(package, drawing, charts, before)
    if not charts:
        return
    if drawing is None:
        drawing = package.free_name("xl/drawings/drawing{}.xml")
        package.add(drawing, _NO_FRAMES.encode(), _DRAWING_TYPE)
        element = place(package.edit(sheet), etree.Element(tag("drawing")), SHEET_ORDER)
        element.set(RELATION_ID, package.relate(sheet, "drawing", drawing))
    root = package.edit(drawing)
    taken = [number_in(item, "id") for item in root.iter(tag("cNvPr", DRAWING))]
    first_id = max(taken, default=0) + 1
    for number, chart in enumerate(charts, start=1):
        part = package.free_name("xl/charts/chart{}.xml")
        package.add(part, _chart_xml(chart), _CHART_TYPE)
        frame = _FRAME.format(
            column=chart.anchor[1] - 1,
            row=chart.anchor[0] - 1,
            width=chart.width * _EMU_PER_PIXEL,
            height=chart.height * _EMU_PER_PIXEL,
            id=first_id + number,
            name=xml_text(_frame_name(chart, number)),
            text=xml_text(chart.alternative_text),
            relation=package.relate(drawing, "chart", part),
        )
        anchor = etree.fromstring(frame)
        old = present.get(_frame_name(chart, number))
        if old is not None:
            _keep_place(anchor, old, chart, before)
        root.append(anchor)


def _frame_name(chart: Chart, number: int) -> str:
    return f"{_NAME} {chart.name.removeprefix(f'{_PREFIX}_') if chart.name else number}"


def _remove_ours(package: Package, drawing: str, charts: Sequence[Chart], before: Before) -> dict[str, etree._Element]:
    """Remove our charts; returns the first frame of each that is drawn again, by its name."""
    targets = {relation.id: relation.target for relation in package.relations(drawing)}
    names = {_frame_name(chart, number): chart for number, chart in enumerate(charts, start=1)}
    by_text = {chart.alternative_text: name for name, chart in names.items()}
    found: dict[str, etree._Element] = {}
    for anchor in list(package.tree(drawing)):
        frame = next(anchor.iter(tag("cNvPr", DRAWING)), None)
        drawn = (item for item in anchor.iter(etree.Element) if etree.QName(item).localname == "chart")
        relations = [relation for item in drawn if (relation := item.get(RELATION_ID))]
        parts = [targets[relation] for relation in relations if targets.get(relation, "") in package]
        name, text = ("", "") if frame is None else (frame.get("name") or "", frame.get("descr") or "")
        title, sources = _title_and_sources(package, parts[0]) if parts else ("", "")
        if text.startswith(OUR_CHART):
            name = by_text.get(text, _NAME)
        elif not name.startswith(_NAME):
            titled = next((ours for ours, chart in names.items() if chart.is_titled(title)), "")
            over_ours = any(f"{spelled}!" in sources for spelled in before.spelled_tabs)
            if not (over_ours and (titled or any(is_same_title(title, former) for former in before.former_titles))):
                continue
            name = titled
        package.edit(drawing).remove(anchor)
        if name in names:
            found.setdefault(name, anchor)
        for relation in relations:
            package.unrelate(drawing, relation)
            if targets.get(relation, "") in package:
                package.remove(targets[relation])
    return found


def _title_and_sources(package: Package, part: str) -> tuple[str, str]:
    """The title of a chart, and all references of its series; of kinds that only Excel and Google know too."""
    title, sources = "", []
    for item in package.tree(part).iter(etree.Element):
        name = etree.QName(item).localname
        if name == "title" and not title:
            texts = [etree.QName(text).localname in ("t", "v") and text.text for text in item.iter(etree.Element)]
            title = "".join(text for text in texts if text)
        elif name == "f":
            sources.append(item.text or "")
    return title, " ".join(sources)


def _keep_place(anchor: etree._Element, old: etree._Element, chart: Chart, before: Before) -> None:
    """Give the new frame the size of the old one, and its place unless that is where the last write put it."""
    start = old.find(tag("from", DRAWING))
    if start is None:
        return  # at a fixed place of the sheet: drawn anew where it belongs
    row, column = (_position(start, name) for name in ("row", "col"))
    last = before.corners.get(chart.name)
    down = along = 0
    # Programs round places to a neighbouring cell.
    if last is not None and abs(row + 1 - last[0]) <= 1 and abs(column + 1 - last[1]) <= 1:
        down, along = chart.anchor[0] - last[0], chart.anchor[1] - last[1]
    for name in ("from", "to"):
        item = old.find(tag(name, DRAWING))
        if item is not None:
            _shift(item, "row", down)
            _shift(item, "col", along)
    ends = [old.find(tag(name, DRAWING)) for name in ("to", "ext")]
    anchor.replace(anchor.find(tag("from", DRAWING)), start)  # type: ignore[arg-type]  # every frame of ours has one
    size = anchor.find(tag("ext", DRAWING))
    end = next((item for item in ends if item is not None), None)
    if end is not None and size is not None:
        anchor.replace(size, end)
        anchor.tag = tag("twoCellAnchor" if end.tag == tag("to", DRAWING) else "oneCellAnchor", DRAWING)


def _position(corner: etree._Element, name: str) -> int:
    item = corner.find(tag(name, DRAWING))
    return int(item.text or 0) if item is not None else 0


def _shift(corner: etree._Element, name: str, by: int) -> None:
    item = corner.find(tag(name, DRAWING))
    if item is not None:
        item.text = str(max(0, int(item.text or 0) + by))


def _chart_xml(chart: Chart) -> bytes:
    if chart.kind is ChartKind.SCATTER:
        points: bytes = tostring(_points(chart)._write())
        return points
    drawn = _drawn(chart)
    if chart.line is not None:
        drawn += _line(chart.line)
    xml: bytes = tostring(drawn._write())
    return xml


def _points(chart: Chart) -> ScatterChart:
    """Points without lines: the first range has the numbers of the axis below."""
    drawn = ScatterChart()
    drawn.title, drawn.style, drawn.scatterStyle = _title(chart.title), 2, "lineMarker"
    for number, area in enumerate(chart.series):
        xs = Reference(range_string=absolute(chart.categories))
        values = Series(Reference(range_string=absolute(_below_header(area))), xs, title=None)
        values.tx = SeriesLabel(strRef=StrRef(absolute(_header(area))))
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        # Further series are single points that may be on top of the first one's.
        symbol, size = ("diamond", 10) if number else ("circle", 7)
        values.marker = Marker(symbol=symbol, size=size, spPr=GraphicalProperties(solidFill=colour))
        values.graphicalProperties.line.noFill = True
        drawn.series.append(values)
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=_GRID_GREY, w=6350))
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.legend.position = "b"
    drawn.y_axis.number_format = chart.value_format
    drawn.x_axis.number_format = chart.category_format
    return drawn


def _line(area: Area) -> LineChart:
    """A line without marks, on the axes of the bars."""
    drawn = LineChart()
    values = Series(Reference(range_string=absolute(_below_header(area))), title=None)
    values.tx = SeriesLabel(strRef=StrRef(absolute(_header(area))))
    values.graphicalProperties.line = LineProperties(solidFill=INK, w=22225)
    values.marker = Marker(symbol="none")
    values.smooth = False
    drawn.series.append(values)
    return drawn


def _drawn(chart: Chart) -> BarChart:
    drawn = BarChart()
    drawn.type = "bar" if chart.kind is ChartKind.BAR else "col"
    drawn.title = _title(chart.title)
    drawn.style = 2
    is_waterfall = chart.kind is ChartKind.WATERFALL
    if chart.stacked or is_waterfall:
        drawn.grouping, drawn.overlap = "stacked", 100
    colours = _waterfall_colours(chart) if is_waterfall else SERIES_COLOURS
    for number, area in enumerate(chart.series[1:] if is_waterfall else chart.series):
        values = Series(Reference(range_string=absolute(_below_header(area))), title=None)
        values.tx = SeriesLabel(strRef=StrRef(absolute(_header(area))))
        fill = colours[number % len(colours)]
        if fill:
            values.graphicalProperties.solidFill = fill
        else:
            values.graphicalProperties.noFill = True
        drawn.series.append(values)
    drawn.set_categories(Reference(range_string=absolute(chart.categories)))
    grid_lines = GraphicalProperties(ln=LineProperties(solidFill=_GRID_GREY, w=6350))
    drawn.y_axis.majorGridlines.spPr = grid_lines
    # openpyxl leaves axes undecided, and Excel then hides them.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    # Labels stand below the lowest bar, not inside those that are negative.
    drawn.x_axis.tickLblPos = "low"
    if is_waterfall:
        drawn.legend = None  # what is not seen would be in it; the labels say what each bar is
    else:
        drawn.legend.position = "b"
    drawn.y_axis.number_format = chart.value_format
    if chart.least is not None:
        drawn.y_axis.scaling.min = chart.least
    drawn.gapWidth = 60
    if chart.kind is ChartKind.BAR:
        drawn.x_axis.scaling.orientation = "maxMin"
    return drawn


def _waterfall_colours(chart: Chart) -> tuple[str, ...]:
    """What lies below the bars (unseen), totals, rises, falls, and rises and falls below zero."""
    rise, fall = (BAD_BAR, GOOD_BAR) if chart.is_fall_good else (GOOD_BAR, BAD_BAR)
    return "", TOTAL_BAR, rise, fall, rise, fall


def _title(text: str) -> Title:
    """A title a little larger than the labels; programs take 18 points where nothing is said."""
    font = CharacterProperties(sz=1200, b=True)
    run = RegularTextRun(rPr=font, t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=font), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _header(area: Area) -> Area:
    return Area(area.tab, area.top, area.left, area.top, area.left)


def _below_header(area: Area) -> Area:
    if area.left == area.right:
        return Area(area.tab, area.top + 1, area.left, area.bottom, area.right)
    return Area(area.tab, area.top, area.left + 1, area.bottom, area.right)
