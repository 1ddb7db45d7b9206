"""Notes on cells: ours are written under our name and replaced; people's notes and discussions stay as they are."""

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple

from sheets_sync.excel.ooxml import MAIN, RELATION_ID, XML_SPACE, child, children, escape, number_in, place, tag
from sheets_sync.excel.package import Package
from sheets_sync.excel.worksheet_cells import SHEET_ORDER, inside
from sheets_sync.workbook.snapshot import Area, a1

AUTHOR: Final = "sheetplan"
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_V: Final = "urn:schemas-microsoft-com:vml"
_O: Final = "urn:schemas-microsoft-com:office:office"
_X: Final = "urn:schemas-microsoft-com:office:excel"
_NO_SHAPES: Final = f"""<xml xmlns:v="{_V}" xmlns:o="{_O}" xmlns:x="{_X}">
<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>"""
_SHAPE: Final = f"""<v:shape xmlns:v="{_V}" xmlns:o="{_O}" xmlns:x="{_X}" id="_x0000_s{{id}}" type="#_x0000_t202"
 style="position:absolute;margin-left:60pt;margin-top:2pt;width:260px;height:{{height}}px;z-index:1;visibility:hidden"
 fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>
<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>
<x:AutoFill>False</x:AutoFill><x:Row>{{row}}</x:Row><x:Column>{{column}}</x:Column></x:ClientData></v:shape>"""
_SHAPE_ID: Final = re.compile(r"_x0000_s(\d+)")
_COMMENTS_ORDER: Final = ("authors", "commentList", "extLst")


def replace_notes(package: Package, sheet: str, cleared: Area | None, notes: Mapping[tuple[int, int], str]) -> None:
    """Remove our notes from the cleared rectangle and write the new ones; a person's note on a cell stays."""
    comments = package.related(sheet, "comments")
    if comments is None and not notes:
        return
    if comments is None:
        comments = package.free_name("xl/comments{}.xml")
        empty = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
        package.add(comments, empty.encode(), _COMMENTS_TYPE)
        package.relate(sheet, "comments", comments)
    root = package.edit(comments)
    authors = child(root, "authors", _COMMENTS_ORDER)
    listed = child(root, "commentList", _COMMENTS_ORDER)
    names = [item.text or "" for item in children(authors, "author")]
    if AUTHOR not in names:
        etree.SubElement(authors, tag("author")).text = AUTHOR
        names.append(AUTHOR)
    gone, kept = set(), set()
    for item in list(children(listed, "comment")):
        cell = coordinate_to_tuple(item.get("ref") or "A1")
        number = number_in(item, "authorId")
        # Some programs forget who wrote a note when they save the file.
        ours = number < len(names) and names[number] in (AUTHOR, "")
        if ours and inside(cleared, *cell):
            listed.remove(item)
            gone.add(cell)
        else:
            kept.add(cell)
    added = {cell: text for cell, text in notes.items() if cell not in kept}
    for (row, column), text in added.items():
        item = etree.SubElement(listed, tag("comment"), ref=a1(row, column), authorId=str(names.index(AUTHOR)))
        run = etree.SubElement(etree.SubElement(item, tag("text")), tag("t"))
        run.text = escape(text)
        run.set(XML_SPACE, "preserve")
    _replace_shapes(package, sheet, gone, added)


def _replace_shapes(
    package: Package, sheet: str, gone: set[tuple[int, int]], added: Mapping[tuple[int, int], str]
) -> None:
    """Keep the boxes that notes are drawn in (an older drawing language) in step with the notes."""
    worksheet = package.edit(sheet)
    legacy = worksheet.find(tag("legacyDrawing"))
    part = None
    if legacy is not None:
        targets = {relation.id: relation.target for relation in package.relations(sheet)}
        part = targets.get(legacy.get(RELATION_ID) or "")
    if part is None or part not in package:
        part = package.free_name("xl/drawings/vmlDrawing{}.vml")
        package.declare_extension("vml", _VML_TYPE)
        package.add(part, _NO_SHAPES.encode(), _VML_TYPE)
        if legacy is None:
            legacy = place(worksheet, etree.Element(tag("legacyDrawing")), SHEET_ORDER)
        legacy.set(RELATION_ID, package.relate(sheet, "vmlDrawing", part))
    # Excel writes this language as XML; some programs write it as carelessly as web pages.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(package.content(part), parser)
    for data in list(root.iter(f"{{{_X}}}ClientData")):
        row, column = data.findtext(f"{{{_X}}}Row"), data.findtext(f"{{{_X}}}Column")
        shape = data.getparent()
        if row is None or column is None or shape is None:
            continue
        if (int(row) + 1, int(column) + 1) in gone:
            shape.getparent().remove(shape)  # type: ignore[union-attr]  # a shape is never the root
    taken = [int(found.group(1)) for shape in root if (found := _SHAPE_ID.fullmatch(shape.get("id") or ""))]
    for number, ((at_row, at_column), text) in enumerate(added.items(), start=max(taken, default=1024) + 1):
        height = min(24 + 16 * (len(text) // 40 + text.count("\n") + 1), 400)
        root.append(etree.fromstring(_SHAPE.format(id=number, row=at_row - 1, column=at_column - 1, height=height)))
    package.add(part, etree.tostring(root), package.content_type(part) or _VML_TYPE)
