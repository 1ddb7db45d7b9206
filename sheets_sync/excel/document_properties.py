"""What a file says of itself beside its cells: custom document properties, of which only ours are read and written.

They survive saving by spreadsheet programs and by openpyxl, and people see them in the file's properties.
"""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from sheets_sync.excel.ooxml import children, number_in, tag
from sheets_sync.excel.package import Package
from sheets_sync.workbook.backend import PROPERTY_PREFIX

_KIND: Final = "custom-properties"
_PART: Final = "docProps/custom.xml"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTIES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT_ID: Final = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_FIRST_ID: Final = 2
_NO_PROPERTIES: Final = f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}"/>'


def read_properties(package: Package) -> dict[str, str]:
    """Our properties by name; others are people's own."""
    part = package.related("", _KIND)
    if part is None:
        return {}
    return {
        name: "".join(str(text) for text in item.itertext())
        for item in children(package.tree(part), "property", _PROPERTIES)
        if (name := item.get("name") or "").startswith(PROPERTY_PREFIX)
    }


def write_properties(package: Package, properties: Mapping[str, str | None]) -> None:
    """Give these properties their values, and remove those that are None; all others stay."""
    changed = {name: value for name, value in properties.items() if read_properties(package).get(name) != value}
    if not changed:
        return
    part = package.related("", _KIND)
    if part is None:
        part = package.free_name("docProps/custom{}.xml") if _PART in package else _PART
        package.add(part, _NO_PROPERTIES.encode(), _TYPE)
        package.relate("", _KIND, part)
    root = package.edit(part)
    for item in list(children(root, "property", _PROPERTIES)):
        if item.get("name") in changed:
            root.remove(item)
    highest = max((number_in(item, "pid") for item in children(root, "property", _PROPERTIES)), default=_FIRST_ID - 1)
    for number, (name, value) in enumerate(changed.items(), start=max(highest + 1, _FIRST_ID)):
        if value is not None:
            item = etree.SubElement(root, tag("property", _PROPERTIES), fmtid=_FORMAT_ID, pid=str(number), name=name)
            etree.SubElement(item, tag("lpwstr", _VALUES)).text = value
