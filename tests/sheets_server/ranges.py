"""From a range as a caller writes it (A1 text, GridRange, data filter) to a sheet and an area."""

from __future__ import annotations

from typing import Any

from .a1 import Area, area_of, format_area, parse_area, split_sheet
from .book import Sheet, Workbook
from .errors import invalid, not_served

Place = tuple[Sheet, Area]


def find_range(book: Workbook, text: str) -> Place:
    """The sheet and area that an A1 range or a named range stands for; 400 where it stands for nothing."""
    name, rest = split_sheet(text)
    if name is not None:
        sheet = book.sheet_named(name)
        area = parse_area(rest) if rest else Area()
        if sheet is not None and area is not None:
            return sheet, area
        named = book.named_range(rest)
        if sheet is not None and named is not None and named["range"].get("sheetId", 0) == sheet.id:
            return sheet, area_of(named["range"])
        raise invalid(f"Unable to parse range: {text}")
    named = book.named_range(text)
    if named is not None:
        sheet = book.sheet(named["range"].get("sheetId", 0))
        if sheet is not None:
            return sheet, area_of(named["range"])
    area = parse_area(text)
    if area is not None:
        return book.sheets[0], area
    sheet = book.sheet_named(text)
    if sheet is None:
        raise invalid(f"Unable to parse range: {text}")
    return sheet, Area()


def check_bounds(sheet: Sheet, area: Area, *, whole: bool) -> None:
    """400 where the area starts outside the grid, or (`whole`) reaches outside it."""
    rows, columns = sheet.row_count, sheet.column_count
    outside = (area.top or 0) >= rows or (area.left or 0) >= columns
    if whole:
        outside = outside or (area.bottom or 0) > rows or (area.right or 0) > columns
    if outside:
        raise invalid(grid_limits(sheet, area))


def grid_limits(sheet: Sheet, area: Area) -> str:
    """Google's sentence for an area outside the grid."""
    text = format_area(sheet.title, area)
    return f"Range ({text}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"


def filtered_ranges(book: Workbook, filters: list[dict[str, Any]]) -> list[tuple[Place, list[dict[str, Any]]]]:
    """The places that data filters select, each with the filters that selected it."""
    found: list[tuple[Place, list[dict[str, Any]]]] = []
    for item in filters:
        if "a1Range" in item:
            places = [find_range(book, item["a1Range"])]
        elif "gridRange" in item:
            sheet = book.sheet(item["gridRange"].get("sheetId", 0))
            if sheet is None:
                raise invalid(f"No grid with id: {item['gridRange'].get('sheetId', 0)}")
            places = [(sheet, area_of(item["gridRange"]))]
        elif "developerMetadataLookup" in item:
            matches = [entry for entry in book.developer_metadata if metadata_matches(entry, item)]
            places = [place for entry in matches if (place := metadata_place(book, entry)) is not None]
        else:
            raise invalid("A data filter needs one of a1Range, gridRange and developerMetadataLookup.")
        found += [(place, [item]) for place in places]
    return found


def metadata_matches(entry: dict[str, Any], data_filter: dict[str, Any]) -> bool:
    """Whether a piece of developer metadata is one that a data filter looks for."""
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None:
        raise not_served("Searching developer metadata by range")
    if "locationMatchingStrategy" in lookup or "metadataLocation" in lookup:
        raise not_served("Searching developer metadata by location")
    wanted = {
        "metadataId": lookup.get("metadataId"),
        "metadataKey": lookup.get("metadataKey"),
        "metadataValue": lookup.get("metadataValue"),
        "visibility": lookup.get("visibility"),
    }
    kind = lookup.get("locationType")
    if kind is not None and entry["location"].get("locationType") != kind:
        return False
    return all(value is None or entry.get(name) == value for name, value in wanted.items())


def metadata_place(book: Workbook, entry: dict[str, Any]) -> Place | None:
    """The cells that a piece of metadata is attached to; None where it is the workbook's own."""
    location = entry["location"]
    if "dimensionRange" in location:
        span = location["dimensionRange"]
        sheet = book.sheet(span.get("sheetId", 0))
        start, end = span.get("startIndex"), span.get("endIndex")
        by_row = span.get("dimension") == "ROWS"
        area = Area(top=start, bottom=end) if by_row else Area(left=start, right=end)
    elif "sheetId" in location:
        sheet, area = book.sheet(location["sheetId"]), Area()
    else:
        return None
    return None if sheet is None else (sheet, area)
