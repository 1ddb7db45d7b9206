"""Excel's tables: the file keeps their headers a second time, so cells under a table may not change freely."""

from collections.abc import Iterator

from sheets_sync.excel.ooxml import children, rectangle, tag
from sheets_sync.excel.package import Package
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.snapshot import Area, TableArea, a1


def refuse_tables(package: Package, sheet: str, area: Area) -> None:
    """Report a table that reaches into the rectangle: new headers in it would make Excel call the file damaged.

    Raises:
        WorkbookRefusedError: there is one.
    """
    for part, place in _tables(package, sheet):
        if place[0] <= area.right and place[2] >= area.left and place[1] <= area.bottom and place[3] >= area.top:
            name = package.tree(part).get("displayName")
            reference = package.tree(part).get("ref")
            raise WorkbookRefusedError(
                f'The cells {reference} of the tab "{area.tab}" are formatted as the table "{name}", where this run '
                "has to write. Turn it into a plain range (in Excel: Table Design, Convert to Range), then run again. "
                "Nothing was written."
            )


def stretch_table(package: Package, sheet: str, header_row: int, last_row: int) -> None:
    """Let the table that starts at the header row reach down to the last row, as when a person types below it."""
    for part, (left, top, right, bottom) in _tables(package, sheet):
        root = package.tree(part)
        if top != header_row or bottom >= last_row or root.get("totalsRowCount") not in (None, "0"):
            continue
        reference = f"{a1(top, left)}:{a1(last_row, right)}"
        package.edit(part).set("ref", reference)
        for item in children(root, "autoFilter"):
            item.set("ref", reference)


def table_areas(package: Package, title: str, sheet: str) -> Iterator[TableArea]:
    """The tables of one worksheet; `title` is the title of its tab."""
    for part, (left, top, right, bottom) in _tables(package, sheet):
        root = package.tree(part)
        has_totals = root.get("totalsRowCount") not in (None, "0")
        name = root.get("displayName") or root.get("name") or ""
        yield TableArea(name, Area(title, top, left, bottom, right), bottom if has_totals else None)


def _tables(package: Package, sheet: str) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    for relation in package.relations(sheet):
        if relation.kind == "table" and relation.target in package:
            root = package.tree(relation.target)
            if root.tag == tag("table"):
                yield relation.target, rectangle(root.get("ref") or "A1")
