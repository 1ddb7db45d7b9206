"""A workbook without tabs, to which the first ones are added."""

import io

from openpyxl import Workbook

from sheets_sync.excel.ooxml import children, tag
from sheets_sync.excel.package import Package


def blank_workbook() -> Package:
    """The parts that every workbook has, and no worksheet yet."""
    out = io.BytesIO()
    Workbook().save(out)
    package = Package(out.getvalue())
    workbook = package.workbook_part
    listed = package.edit(workbook).find(tag("sheets"))
    for item in list(children(listed, "sheet")):
        item.getparent().remove(item)  # type: ignore[union-attr]  # a child has a parent
    for relation in package.relations(workbook):
        if relation.kind == "worksheet":
            package.unrelate(workbook, relation.id)
            package.remove(relation.target)
    return package
