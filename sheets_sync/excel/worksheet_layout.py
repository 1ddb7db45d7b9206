"""What a worksheet says beside its cells: widths, frozen panes, conditional formats, merged cells, print setup."""

from collections.abc import Sequence
from typing import Final

from lxml import etree
from openpyxl.utils.cell import range_boundaries

from sheets_sync.excel.cell_output import stored_formula
from sheets_sync.excel.ooxml import child, children, escape, number_in, place, rectangle, tag
from sheets_sync.excel.styles import StyleBook
from sheets_sync.excel.worksheet_cells import SHEET_ORDER, inside
from sheets_sync.workbook.cell_styles import LOOKS
from sheets_sync.workbook.changes import Highlight
from sheets_sync.workbook.snapshot import Area, a1

_VIEW_ORDER: Final = ("pane", "selection", "pivotSelection", "extLst")
_PROPERTIES_ORDER: Final = ("tabColor", "outlinePr", "pageSetUpPr")
_OUR_SETUP: Final = {"paperSize": "9", "orientation": "landscape", "fitToHeight": "0"}
_PADDING: Final = 0.7109375
"""What a stored width adds to the number of characters that fit, with the usual font."""


def set_widths(root: etree._Element, widths: Sequence[int]) -> None:
    """Set the widths of the first columns; other columns, and what else a column says (hidden, grouped), stay."""
    if not widths:
        return
    listed = child(root, "cols", SHEET_ORDER)
    known: dict[int, dict[str, str]] = {}
    beyond = []
    for item in list(children(listed, "col")):
        first, last = number_in(item, "min", 1), number_in(item, "max", 1)
        attributes = {str(key): str(value) for key, value in item.attrib.items()}
        for column in range(first, min(last, len(widths)) + 1):
            known[column] = attributes
        if last > len(widths):
            beyond.append(attributes | {"min": str(max(first, len(widths) + 1))})
        listed.remove(item)
    for column, width in enumerate(widths, start=1):
        own = {"min": str(column), "max": str(column), "width": f"{width + _PADDING:g}", "customWidth": "1"}
        etree.SubElement(listed, tag("col"), known.get(column, {}) | own)
    for attributes in beyond:
        etree.SubElement(listed, tag("col"), attributes)


def widen(root: etree._Element, column: int, width: int) -> None:
    """Give one column a width, unless it has one."""
    listed = child(root, "cols", SHEET_ORDER)
    after = None
    for item in children(listed, "col"):
        if number_in(item, "min", 1) <= column <= number_in(item, "max", 1):
            return
        if after is None and number_in(item, "min", 1) > column:
            after = item
    own = {"min": str(column), "max": str(column), "width": f"{width + _PADDING:g}", "customWidth": "1"}
    element = etree.Element(tag("col"), own)
    if after is None:
        listed.append(element)
    else:
        after.addprevious(element)


def freeze(root: etree._Element, rows: int, columns: int) -> None:
    """Freeze the first rows and columns; where they are frozen already, the view stays where people scrolled it."""
    if not rows and not columns:
        return
    views = child(root, "sheetViews", SHEET_ORDER)
    view = views.find(tag("sheetView"))
    if view is None:
        view = etree.SubElement(views, tag("sheetView"), workbookViewId="0")
    pane = view.find(tag("pane"))
    split = {"xSplit": str(columns), "ySplit": str(rows)}
    if pane is not None and pane.get("state") == "frozen" and all(pane.get(key, "0") == split[key] for key in split):
        return
    for old in [*children(view, "pane"), *children(view, "selection")]:
        view.remove(old)
    active = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    attributes = {key: value for key, value in split.items() if value != "0"}
    attributes |= {"topLeftCell": a1(rows + 1, columns + 1), "activePane": active, "state": "frozen"}
    place(view, etree.Element(tag("pane"), attributes), _VIEW_ORDER)
    place(view, etree.Element(tag("selection"), pane=active), _VIEW_ORDER)


def remove_highlights(root: etree._Element, area: Area) -> None:
    """Remove the conditional formats that lie in the rectangle as a whole; those that reach beyond it are people's."""
    for item in list(children(root, "conditionalFormatting")):
        if all(_within(reference, area) for reference in (item.get("sqref") or "").split()):
            root.remove(item)


def set_highlights(root: etree._Element, highlights: Sequence[Highlight], styles: StyleBook) -> None:
    """Add conditional formats, after those that are there; the first that is given wins over the later ones."""
    rules = root.iter(tag("cfRule"))
    lowest = max((number_in(rule, "priority") for rule in rules), default=0)
    for number, highlight in enumerate(highlights, start=lowest + 1):
        area = highlight.area
        reference = f"{a1(area.top, area.left)}:{a1(area.bottom, area.right)}"
        item = place(root, etree.Element(tag("conditionalFormatting"), sqref=reference), SHEET_ORDER)
        style = styles.highlight(LOOKS[highlight.role])
        rule = etree.SubElement(item, tag("cfRule"), type="expression", dxfId=str(style), priority=str(number))
        formula = "=" + highlight.formula.removeprefix("=")
        etree.SubElement(rule, tag("formula")).text = escape(stored_formula(formula))


def remove_merges(root: etree._Element, area: Area) -> None:
    """Split merged cells that touch the rectangle: only the first of merged cells would show what we write."""
    listed = root.find(tag("mergeCells"))
    if listed is None:
        return
    for item in list(children(listed, "mergeCell")):
        left, top, right, bottom = rectangle(item.get("ref") or "A1")
        if left <= area.right and right >= area.left and top <= area.bottom and bottom >= area.top:
            listed.remove(item)
    listed.set("count", str(len(listed)))
    if len(listed) == 0:
        root.remove(listed)


def fit_to_landscape(root: etree._Element) -> bool:
    """Print on A4 landscape, one page wide; False where the page is set up already, which then stays."""
    setup = root.find(tag("pageSetup"))
    if setup is not None:
        if is_our_setup(root):
            setup.set("fitToWidth", "1")  # earlier releases took several pages side by side
        return False
    properties = child(root, "sheetPr", SHEET_ORDER)
    child(properties, "pageSetUpPr", _PROPERTIES_ORDER).set("fitToPage", "1")
    place(root, etree.Element(tag("pageSetup"), _OUR_SETUP | {"fitToWidth": "1"}), SHEET_ORDER)
    margins = {"left": "0.4", "right": "0.4", "top": "0.4", "bottom": "0.4", "header": "0.2", "footer": "0.2"}
    if root.find(tag("pageMargins")) is None:
        place(root, etree.Element(tag("pageMargins"), margins), SHEET_ORDER)
    return True


def is_our_setup(root: etree._Element) -> bool:
    """Whether the page is set up as we do it."""
    setup = root.find(tag("pageSetup"))
    return setup is not None and all(setup.get(name) == value for name, value in _OUR_SETUP.items())


def break_pages(root: etree._Element, rows: Sequence[int], old: Area | None) -> None:
    """Begin pages with these rows; breaks in the rows of the last write go, those of people beyond it stay."""
    listed = child(root, "rowBreaks", SHEET_ORDER)
    for item in list(children(listed, "brk")):
        if old is not None and number_in(item, "id") < old.bottom:
            listed.remove(item)
    for row in rows:
        brk = {"id": str(row - 1), "max": "16383", "man": "1"}
        listed.append(etree.Element(tag("brk"), brk))
    listed[:] = sorted(listed, key=lambda item: number_in(item, "id"))
    if len(listed) == 0:
        root.remove(listed)
        return
    listed.set("count", str(len(listed)))
    listed.set("manualBreakCount", str(sum(item.get("man") in ("1", "true") for item in listed)))


def lock(root: etree._Element) -> None:
    """Protect the cells of a tab without a password: whoever means to change one takes the protection off first."""
    protection = child(root, "sheetProtection", SHEET_ORDER)
    for name, value in (
        ("sheet", "1"),
        ("objects", "1"),
        ("scenarios", "1"),
        ("formatColumns", "0"),
        ("formatRows", "0"),
    ):
        protection.set(name, value)


def _within(reference: str, area: Area) -> bool:
    left, top, right, bottom = range_boundaries(reference)
    if bottom is None or right is None:
        return False
    return inside(area, top, left) and inside(area, bottom, right)
