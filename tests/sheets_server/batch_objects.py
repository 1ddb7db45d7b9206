"""Batch requests for what lies over the cells: named and protected ranges, rules, filters, metadata."""

from __future__ import annotations

import re
from typing import Any

from .a1 import Area, grid_range
from .book import Json, Sheet
from .conditions import check_conditional_format
from .draft import Draft
from .errors import RequestError
from .fieldmask import merge_masked
from .ranges import metadata_matches

_RANGE_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][\w.\u0080-\U0010ffff]{0,249}\Z")
_CELL_LIKE = re.compile(r"([A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|true|false)\Z", re.IGNORECASE)


def add_named_range(draft: Draft, body: Json) -> Json:
    """A name for a range."""
    given = dict(body.get("namedRange", {}))
    check_range_name(draft, given.get("name", ""), None)
    _check_cells(draft, given)
    taken = {item["namedRangeId"] for item in draft.book.named_ranges}
    given.setdefault("namedRangeId", str(draft.fresh_id(set())))
    if given["namedRangeId"] in taken:
        raise RequestError(f"A named range with id: {given['namedRangeId']} already exists.")
    draft.book.named_ranges.append(given)
    return {"namedRange": given}


def _check_cells(draft: Draft, given: Json) -> None:
    if "range" not in given:
        raise RequestError("A named range needs a range.")
    sheet, _ = draft.place(given["range"], write=False)
    given["range"] = {"sheetId": sheet.id, **given["range"]}


def check_range_name(draft: Draft, name: str, own: str | None) -> None:
    """Refuse what cannot name a range or a table, or does already."""
    if not _RANGE_NAME.match(name) or _CELL_LIKE.match(name):
        raise RequestError(f"Invalid name: {name!r} cannot name a range.")
    holders = [*draft.book.named_ranges, *draft.book.lost_names]
    if any(item["name"].casefold() == name.casefold() and item["namedRangeId"] != own for item in holders):
        raise RequestError(f"Cannot add named range with name: {name}, a named range with that name already exists.")


def update_named_range(draft: Draft, body: Json) -> None:
    """Another name or range under the same id."""
    given = body.get("namedRange", {})
    mask = draft.mask("NamedRange", body.get("fields"))
    at = _position(draft.book.named_ranges, "namedRangeId", given.get("namedRangeId"), "named range")
    known = draft.book.named_ranges[at]
    grid = known.get("range", {})
    is_broken = "startRowIndex" not in grid and draft.book.sheet(grid.get("sheetId", -1)) is None
    if is_broken and not draft.habits.broken_names_change:
        raise RequestError(f"The named range {known['name']} cannot be updated because its range is invalid.")
    merged = merge_masked(known, given, mask)
    if "name" in mask or "*" in mask:
        check_range_name(draft, merged.get("name", ""), given["namedRangeId"])
    _check_cells(draft, merged)
    draft.book.named_ranges[at] = merged


def delete_named_range(draft: Draft, body: Json) -> None:
    """Forget a name; its cells stay."""
    wanted = body.get("namedRangeId")
    # Whether Google removes by its id a name that it no longer lists is not known; here it does.
    lost = any(item["namedRangeId"] == wanted for item in draft.book.lost_names)
    names = draft.book.lost_names if lost else draft.book.named_ranges
    del names[_position(names, "namedRangeId", wanted, "named range")]


def _position(items: list[Json], key: str, wanted: Any, what: str) -> int:
    for at, item in enumerate(items):
        if item[key] == wanted:
            return at
    raise RequestError(f"No {what} with id: {wanted}")


def find_object(draft: Draft, kind: str, key: str, wanted: Any, what: str) -> tuple[Sheet, list[Json], int]:
    """The sheet that has the object with this id, the list of such objects there, and its place in it."""
    for sheet in draft.book.sheets:
        items: list[Json] = getattr(sheet, kind)
        for at, item in enumerate(items):
            if item[key] == wanted:
                return sheet, items, at
    raise RequestError(f"No {what} with id: {wanted}")


def add_protected_range(draft: Draft, body: Json) -> Json:
    """Protect a range or a whole sheet; the owner and the editors that it names may still write."""
    given = dict(body.get("protectedRange", {}))
    sheet = _protected_sheet(draft, given)
    whole = set(given.get("range", {})) == {"sheetId"}
    if whole and any(set(item.get("range", {})) == {"sheetId"} for item in sheet.protected_ranges):
        raise RequestError(f'Sheet "{sheet.title}" already has sheet protection.')
    given.setdefault("protectedRangeId", draft.fresh_id(set()))
    given["requestingUserCanEdit"] = True
    if not given.get("warningOnly"):
        given.pop("warningOnly", None)
    reply = {"protectedRange": {"editors": {}, **given}}
    # Whoever protects a range may edit it; the reply does not say so yet, later reads do.
    users = list(given.get("editors", {}).get("users", []))
    users += [draft.caller.email] if draft.caller.email not in users else []
    given["editors"] = {**given.get("editors", {}), "users": users}
    sheet.protected_ranges.append(given)
    return reply


def _protected_sheet(draft: Draft, given: Json) -> Sheet:
    if "range" in given:
        sheet, _ = draft.place(given["range"], write=False)
        given["range"] = {"sheetId": sheet.id, **given["range"]}
        return sheet
    if "namedRangeId" in given:
        at = _position(draft.book.named_ranges, "namedRangeId", given["namedRangeId"], "named range")
        return draft.sheet(draft.book.named_ranges[at]["range"].get("sheetId", 0))
    raise RequestError("A protected range needs a range or a named range.")


def update_protected_range(draft: Draft, body: Json) -> None:
    """Other cells, editors or description under the same id."""
    given = body.get("protectedRange", {})
    mask = draft.mask("ProtectedRange", body.get("fields"))
    _, items, at = find_object(
        draft, "protected_ranges", "protectedRangeId", given.get("protectedRangeId"), "protected range"
    )
    _check_protection_owner(draft, items[at])
    merged = merge_masked(items[at], given, mask)
    del items[at]
    _protected_sheet(draft, merged).protected_ranges.append(merged)


def delete_protected_range(draft: Draft, body: Json) -> None:
    """Open a protected range to everybody who may edit the workbook."""
    _, items, at = find_object(
        draft, "protected_ranges", "protectedRangeId", body.get("protectedRangeId"), "protected range"
    )
    _check_protection_owner(draft, items[at])
    del items[at]


def _check_protection_owner(draft: Draft, protected: Json) -> None:
    users = protected.get("editors", {}).get("users", [])
    if draft.caller.role != "owner" and not protected.get("warningOnly") and draft.caller.email not in users:
        raise RequestError(
            "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove "
            "protection if you need to edit."
        )


def add_conditional_format_rule(draft: Draft, body: Json) -> None:
    """A rule at its index; the rules behind it move on."""
    rule = dict(body.get("rule", {}))
    if not rule.get("ranges"):
        raise RequestError("A conditional format rule needs at least one range.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise RequestError("A conditional format rule needs either a boolean rule or a gradient rule.")
    places = [draft.place(item) for item in rule["ranges"]]
    sheet = places[0][0]
    if any(other is not sheet for other, _ in places):
        raise RequestError("All ranges of a conditional format rule must be on one sheet.")
    check_conditional_format(draft, rule, sheet)
    rule["ranges"] = [{"sheetId": sheet.id, **item} for item in rule["ranges"]]
    index = body.get("index", 0)
    if index > len(sheet.conditional_formats):
        raise RequestError(f"No conditional format on sheet: {sheet.id} at index: {index}")
    sheet.conditional_formats.insert(index, rule)


def _rule(draft: Draft, sheet_id: int, index: int) -> Sheet:
    sheet = draft.sheet(sheet_id)
    if not 0 <= index < len(sheet.conditional_formats):
        raise RequestError(f"No conditional format on sheet: {sheet_id} at index: {index}")
    return sheet


def update_conditional_format_rule(draft: Draft, body: Json) -> Json:
    """Another rule at an index, or the same rule at another index."""
    index = body.get("index", 0)
    first = (body.get("rule", {}).get("ranges") or [{}])[0]
    sheet = _rule(draft, body.get("sheetId", first.get("sheetId", 0)), index)
    old = sheet.conditional_formats.pop(index)
    if "rule" in body:
        check_conditional_format(draft, body["rule"], sheet)
        new = {**body["rule"], "ranges": [{"sheetId": sheet.id, **item} for item in body["rule"].get("ranges", [])]}
        sheet.conditional_formats.insert(index, new)
        return {"newRule": new, "newIndex": index, "oldRule": old}
    new_index = body.get("newIndex", 0)
    sheet.conditional_formats.insert(new_index, old)
    return {"newRule": old, "newIndex": new_index, "oldIndex": index}


def delete_conditional_format_rule(draft: Draft, body: Json) -> Json:
    """Remove the rule at an index."""
    index = body.get("index", 0)
    sheet = _rule(draft, body.get("sheetId", 0), index)
    return {"rule": sheet.conditional_formats.pop(index)}


def add_banding(draft: Draft, body: Json) -> Json:
    """Alternating colours over a range."""
    given = dict(body.get("bandedRange", {}))
    sheet, _ = draft.place(given.get("range", {}))
    given["range"] = {"sheetId": sheet.id, **given.get("range", {})}
    given.setdefault("bandedRangeId", draft.fresh_id(set()))
    sheet.banded_ranges.append(given)
    return {"bandedRange": given}


def update_banding(draft: Draft, body: Json) -> None:
    """Other colours or cells under the same id."""
    given = body.get("bandedRange", {})
    mask = draft.mask("BandedRange", body.get("fields"))
    _, items, at = find_object(draft, "banded_ranges", "bandedRangeId", given.get("bandedRangeId"), "banded range")
    items[at] = merge_masked(items[at], given, mask)


def delete_banding(draft: Draft, body: Json) -> None:
    """Remove alternating colours."""
    _, items, at = find_object(draft, "banded_ranges", "bandedRangeId", body.get("bandedRangeId"), "banded range")
    del items[at]


def set_basic_filter(draft: Draft, body: Json) -> None:
    """The sheet's one filter (it hides no rows here)."""
    given = dict(body.get("filter", {}))
    sheet, corners = draft.place(given.get("range", {}), write=False)
    given["range"] = grid_range(sheet.id, Area(*corners))
    sheet.basic_filter = given


def clear_basic_filter(draft: Draft, body: Json) -> None:
    """Remove the sheet's filter."""
    draft.sheet(body.get("sheetId", 0)).basic_filter = None


def create_developer_metadata(draft: Draft, body: Json) -> Json:
    """A key and value that lie invisibly on the workbook, a sheet, rows or columns."""
    given = dict(body.get("developerMetadata", {}))
    if not given.get("metadataKey"):
        raise RequestError("Developer metadata needs a key.")
    if given.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED").endswith("UNSPECIFIED"):
        raise RequestError("Developer metadata needs a visibility.")
    given["location"] = _location(draft, given.get("location", {}))
    taken = {item["metadataId"] for item in draft.book.developer_metadata}
    given.setdefault("metadataId", draft.fresh_id(taken))
    spent = draft.book.spent_ids
    if (given["metadataId"] in taken and draft.habits.duplicate_ids == "refused") or given["metadataId"] in spent:
        raise RequestError(f"Developer metadata with id: {given['metadataId']} already exists.")
    draft.book.developer_metadata.append(given)
    return {"developerMetadata": given}


def _location(draft: Draft, location: Json) -> Json:
    if location.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "dimensionRange" in location:
        span = location["dimensionRange"]
        draft.sheet(span.get("sheetId", 0))
        kind = "ROW" if span.get("dimension") == "ROWS" else "COLUMN"
        return {"locationType": kind, "dimensionRange": {"sheetId": 0, **span}}
    if "sheetId" in location:
        return {"locationType": "SHEET", "sheetId": draft.sheet(location["sheetId"]).id}
    raise RequestError("Developer metadata needs a location.")


def _selected_metadata(draft: Draft, filters: list[Json]) -> list[int]:
    items = draft.book.developer_metadata
    return [at for at, item in enumerate(items) if any(metadata_matches(item, entry) for entry in filters)]


def update_developer_metadata(draft: Draft, body: Json) -> Json:
    """Change all metadata that the filters select."""
    mask = draft.mask("DeveloperMetadata", body.get("fields"))
    given = body.get("developerMetadata", {})
    changed = []
    for at in _selected_metadata(draft, body.get("dataFilters", [])):
        merged = merge_masked(draft.book.developer_metadata[at], given, mask)
        merged["location"] = _location(draft, merged.get("location", {}))
        draft.book.developer_metadata[at] = merged
        changed.append(merged)
    return {"developerMetadata": changed}


def delete_developer_metadata(draft: Draft, body: Json) -> Json:
    """Remove all metadata that the filter selects."""
    chosen = _selected_metadata(draft, [body.get("dataFilter", {})])
    gone = [draft.book.developer_metadata[at] for at in chosen]
    draft.book.developer_metadata = [item for item in draft.book.developer_metadata if item not in gone]
    return {"deletedDeveloperMetadata": gone}


HANDLERS = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "createDeveloperMetadata": create_developer_metadata,
    "updateDeveloperMetadata": update_developer_metadata,
    "deleteDeveloperMetadata": delete_developer_metadata,
}
