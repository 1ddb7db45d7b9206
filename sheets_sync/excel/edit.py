"""One workbook being edited: its tabs by title, its style sheet and its names, each changed in place."""

from collections.abc import Collection, Mapping
from typing import Final

from lxml import etree
from openpyxl.utils import quote_sheetname

from sheets_sync.excel.ooxml import MAIN, RELATION, RELATION_ID, child, children, number_in, rectangle, tag
from sheets_sync.excel.package import Package, SheetEntry
from sheets_sync.excel.read_snapshot import area_of, read_context
from sheets_sync.excel.styles import StyleBook
from sheets_sync.excel.worksheet_cells import Grid
from sheets_sync.workbook.snapshot import Area, a1

_WORKBOOK_ORDER: Final = (
    "fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection",
    "bookViews", "sheets", "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize",
    "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr",
    "webPublishObjects", "extLst",
)  # fmt: skip
_WORKSHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_FILTERED: Final = "_xlnm._FilterDatabase"
_STYLES_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_NO_STYLES: Final = f"""<styleSheet xmlns="{MAIN}">
<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_NO_CELLS: Final = (
    f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATION}"><sheetFormatPr defaultRowHeight="15"/><sheetData/></worksheet>'
)


class WorkbookEditor:
    """Edits of one package; `package.save()` afterwards gives the file."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._root = package.edit(package.workbook_part)
        self._context = read_context(package)
        self._grids: dict[str, Grid] = {}
        self.styles = StyleBook(self._edit_styles())

    def find(self, title: str) -> SheetEntry | None:
        """The tab of that title; spreadsheet programs do not tell titles apart by case."""
        return next((entry for entry in self.package.sheets if entry.title.casefold() == title.casefold()), None)

    @property
    def titles(self) -> list[str]:
        """The titles of all tabs, in sheet order."""
        return [entry.title for entry in self.package.sheets]

    def grid(self, part: str) -> Grid:
        """The cells of a worksheet part."""
        if part not in self._grids:
            self._grids[part] = Grid(self.package, part, self._context, self.styles)
        return self._grids[part]

    def add_sheet(self, title: str) -> str:
        """Add an empty tab at the end; returns its part."""
        package, workbook = self.package, self.package.workbook_part
        part = package.free_name("xl/worksheets/sheet{}.xml")
        package.add(part, _NO_CELLS.encode(), _WORKSHEET_TYPE)
        listed = child(self._root, "sheets", _WORKBOOK_ORDER)
        highest = max((number_in(item, "sheetId") for item in children(listed, "sheet")), default=0)
        item = etree.SubElement(listed, tag("sheet"), name=title, sheetId=str(highest + 1))
        item.set(RELATION_ID, package.relate(workbook, "worksheet", part))
        return part

    def named_area(self, name: str) -> Area | None:
        """The rectangle that one of the workbook's own names stands for."""
        item = self._name(name)
        return None if item is None else area_of(item.text or "")

    def set_names(self, names: Mapping[str, Area], prefix: str, others: Collection[str] = ()) -> None:
        """Give these names their rectangles, and remove names that begin with the prefix and are none of the others."""
        kept = {name.casefold() for name in (*names, *others)}
        listed = self._root.find(tag("definedNames"))
        for item in list(children(listed, "definedName")):
            name = (item.get("name") or "").casefold()
            if name.startswith(prefix.casefold()) and name not in kept and not item.get("localSheetId"):
                item.getparent().remove(item)  # type: ignore[union-attr]  # a child has a parent
        for name, area in names.items():
            listed = child(self._root, "definedNames", _WORKBOOK_ORDER)
            found = self._name(name)
            item = etree.SubElement(listed, tag("definedName"), name=name) if found is None else found
            item.text = absolute(area)
        if listed is not None and len(listed) == 0:
            self._root.remove(listed)

    def own_name(self, title: str, name: str) -> str | None:
        """What a name of one tab's own says, such as the one that holds its print area; None where there is none."""
        item = self._own_name(title, name)
        return None if item is None else item.text or ""

    def set_own_name(self, title: str, name: str, text: str, *, hidden: bool = False) -> None:
        """Give a name of one tab's own another text; a new one may be hidden from people."""
        listed = child(self._root, "definedNames", _WORKBOOK_ORDER)
        item = self._own_name(title, name)
        if item is None:
            item = etree.SubElement(listed, tag("definedName"), name=name, localSheetId=str(self._index(title)))
            if hidden:
                item.set("hidden", "1")
        item.text = text

    def _own_name(self, title: str, name: str) -> etree._Element | None:
        for item in children(self._root.find(tag("definedNames")), "definedName"):
            if item.get("name") == name and item.get("localSheetId") == str(self._index(title)):
                return item
        return None

    def _index(self, title: str) -> int:
        return next(at for at, entry in enumerate(self.package.sheets) if entry.title == title)

    def stretch_filter(self, part: str, header_row: int, before: int, last: int) -> None:
        """Let the AutoFilter from the header row to the row `before` reach down to the last row, as tables do."""
        item = self.grid(part).root.find(tag("autoFilter"))
        left, top, right, bottom = rectangle("A1" if item is None else item.get("ref") or "A1")
        if item is None or (top, bottom) != (header_row, before):
            return
        item.set("ref", f"{a1(top, left)}:{a1(last, right)}")
        # Excel keeps the range a second time, in a hidden name of the tab.
        entry = next(entry for entry in self.package.sheets if entry.part == part)
        for name in children(self._root.find(tag("definedNames")), "definedName"):
            if name.get("name") == _FILTERED and name.get("localSheetId") == str(entry.index):
                name.text = absolute(Area(entry.title, top, left, last, right))

    def recalculate_on_load(self) -> None:
        """Have programs calculate everything when they open the file; its cached values are for those that cannot.

        Where the file did not ask for that before, its values were calculated, and it goes on saying so.
        """
        properties = child(self._root, "calcPr", _WORKBOOK_ORDER)
        if properties.get("fullCalcOnLoad") not in ("1", "true"):
            properties.set("calcCompleted", "1")
        properties.set("fullCalcOnLoad", "1")
        # The order of calculation lists cells that we may have replaced; programs make a new one.
        chain = self.package.related(self.package.workbook_part, "calcChain")
        if chain is not None:
            for relation in self.package.relations(self.package.workbook_part):
                if relation.target == chain:
                    self.package.unrelate(self.package.workbook_part, relation.id)
            self.package.remove(chain)

    def _name(self, name: str) -> etree._Element | None:
        for item in children(self._root.find(tag("definedNames")), "definedName"):
            if (item.get("name") or "").casefold() == name.casefold() and not item.get("localSheetId"):
                return item
        return None

    def _edit_styles(self) -> etree._Element:
        package, workbook = self.package, self.package.workbook_part
        part = package.related(workbook, "styles")
        if part is None:
            part = "xl/styles.xml"  # the one name by which some readers look for it
            package.add(part, _NO_STYLES.encode(), _STYLES_TYPE)
            package.relate(workbook, "styles", part)
        package.write_last(part)
        return package.edit(part)


def absolute(area: Area) -> str:
    """A rectangle as names and charts refer to it: ``'My tab'!$A$1:$B$2``."""
    first, last = _fixed(area.top, area.left), _fixed(area.bottom, area.right)
    return f"{quote_sheetname(area.tab)}!{first}:{last}"


def _fixed(row: int, column: int) -> str:
    letters = a1(row, column).rstrip("0123456789")
    return f"${letters}${row}"
