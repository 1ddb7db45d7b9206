"""Native charts of ours, recognised by the name of their frame; charts and pictures of people stay as they are."""

from collections.abc import Sequence
from typing import Final

from lxml import etree
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.xml.functions import tostring

from sheets_sync.excel.edit import absolute
from sheets_sync.excel.ooxml import ART, CHART, DRAWING, RELATION, RELATION_ID, number_in, place, tag
from sheets_sync.excel.package import Package
from sheets_sync.excel.worksheet_cells import SHEET_ORDER
from sheets_sync.workbook.cell_styles import SERIES_COLOURS
from sheets_sync.workbook.changes import Chart, ChartKind
from sheets_sync.workbook.snapshot import Area

_NAME: Final = "sheetplan chart"
_EMU_PER_PIXEL: Final = 9525
_GRID_GREY: Final = "D9DEE3"
_DRAWING_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_NO_FRAMES: Final = f'<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{ART}"/>'
_FRAME: Final = f"""<xdr:oneCellAnchor xmlns:xdr="{DRAWING}" xmlns:a="{ART}">
<xdr:from><xdr:col>{{column}}</xdr:col><xdr:colOff>0</xdr:colOff>
<xdr:row>{{row}}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>
<xdr:ext cx="{{width}}" cy="{{height}}"/>
<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{{id}}" name="{_NAME} {{number}}"/>
<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>
<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" xmlns:r="{RELATION}" r:id="{{relation}}"/>
</a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"""


def replace_charts(package: Package, sheet: str, charts: Sequence[Chart]) -> None:
    """Remove our charts from a tab and draw the new ones."""
    drawing = package.related(sheet, "drawing")
    if drawing is not None:
        _remove_ours(package, drawing)
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
        package.add(part, tostring(_drawn(chart)._write()), _CHART_TYPE)
        frame = _FRAME.format(
            column=chart.anchor[1] - 1,
            row=chart.anchor[0] - 1,
            width=chart.width * _EMU_PER_PIXEL,
            height=chart.height * _EMU_PER_PIXEL,
            id=first_id + number,
            number=number,
            relation=package.relate(drawing, "chart", part),
        )
        root.append(etree.fromstring(frame))


def _remove_ours(package: Package, drawing: str) -> None:
    targets = {relation.id: relation.target for relation in package.relations(drawing)}
    for anchor in list(package.tree(drawing)):
        name = next(anchor.iter(tag("cNvPr", DRAWING)), None)
        if name is None or not (name.get("name") or "").startswith(_NAME):
            continue
        package.edit(drawing).remove(anchor)
        for chart in anchor.iter(tag("chart", CHART)):
            relation = chart.get(RELATION_ID) or ""
            package.unrelate(drawing, relation)
            if targets.get(relation, "") in package:
                package.remove(targets[relation])


def _drawn(chart: Chart) -> BarChart:
    drawn = BarChart()
    drawn.type = "bar" if chart.kind is ChartKind.BAR else "col"
    drawn.title = _title(chart.title)
    drawn.style = 2
    if chart.stacked:
        drawn.grouping, drawn.overlap = "stacked", 100
    for number, area in enumerate(chart.series):
        values = Series(Reference(range_string=absolute(_below_header(area))), title=None)
        values.tx = SeriesLabel(strRef=StrRef(absolute(_header(area))))
        values.graphicalProperties.solidFill = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        drawn.series.append(values)
    drawn.set_categories(Reference(range_string=absolute(chart.categories)))
    grid_lines = GraphicalProperties(ln=LineProperties(solidFill=_GRID_GREY, w=6350))
    drawn.y_axis.majorGridlines.spPr = grid_lines
    # openpyxl leaves axes undecided, and Excel then hides them.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    # Labels stand below the lowest bar, not inside those that are negative.
    drawn.x_axis.tickLblPos = "low"
    drawn.legend.position = "b"
    drawn.gapWidth = 60
    if chart.kind is ChartKind.BAR:
        drawn.x_axis.scaling.orientation = "maxMin"
    return drawn


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
