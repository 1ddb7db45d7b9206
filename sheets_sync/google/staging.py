"""Reports too large for one call: brought in parts to a hidden tab, and shown by the one call that all runs end with.

A reader never sees a half: until the last call Results is the old one, and that call copies the parts into it, draws
everything else and removes the hidden tab, all or nothing. What a killed run leaves hidden, the next write removes.
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from sheets_sync.google.grid_ranges import added_sheet, coordinate, grid_range
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.google.transport import compact

Json = dict[str, Any]

TITLE = "sheetplan is writing "


def leftovers(state: WorkbookState) -> Iterator[Json]:
    """Requests that remove the hidden tabs of runs that did not come to their end."""
    for sheet in state.sheets:
        if sheet.title.startswith(TITLE):
            yield {"deleteSheet": {"sheetId": sheet.sheet_id}}


def in_parts(requests: Sequence[Json], report_id: int | None, limit: int) -> list[list[Json]]:
    """The requests as one call, or as several of about `limit` bytes; the last one is that which shows.

    Only the values of the report (on the tab of id `report_id`) travel ahead: all else is small, or stands in tabs of
    people, where copying would bring formats along.
    """
    if sum(len(compact(request)) for request in requests) <= limit:
        return [list(requests)]
    index, rows = max(enumerate(_report_rows(requests, report_id)), key=lambda pair: len(pair[1]), default=(0, []))
    if not rows:
        return [list(requests)]
    moved = requests[index]["updateCells"]
    start, width = moved["start"], max(len(row.get("values", ())) for row in rows)
    staging_id = secrets.randbelow(1 << 30) + (1 << 30)
    top, left = start["rowIndex"], start["columnIndex"]
    # The same places as in the tab itself, so that copied formulas refer to the same cells.
    adding = added_sheet(staging_id, TITLE + secrets.token_hex(3), top + len(rows), left + width)
    adding["addSheet"]["properties"]["hidden"] = True
    parts: list[list[Json]] = [[adding]]
    for first, chunk in _chunks(rows, limit):
        place = coordinate(staging_id, top + first + 1, left + 1)
        parts[-1].append({"updateCells": {"start": place, "rows": chunk, "fields": moved["fields"]}})
        parts.append([])
    shown = {
        "source": grid_range(staging_id, top, left, top + len(rows), left + width),
        "destination": grid_range(start["sheetId"], top, left, top + len(rows), left + width),
        "pasteType": "PASTE_NORMAL",
    }
    parts[-1] = [
        *requests[:index],
        {"copyPaste": shown},
        *requests[index + 1 :],
        {"deleteSheet": {"sheetId": staging_id}},
    ]
    return parts


def _report_rows(requests: Sequence[Json], report_id: int | None) -> Iterator[list[Json]]:
    """For each request the rows of the report that it writes."""
    for request in requests:
        update = request.get("updateCells", {})
        yield update.get("rows", []) if update.get("start", {}).get("sheetId") == report_id else []


def _chunks(rows: Sequence[Json], limit: int) -> Iterator[tuple[int, list[Json]]]:
    """The rows in groups of about `limit` bytes, each with its first index."""
    first, size, group = 0, 0, list[Json]()
    for index, row in enumerate(rows):
        length = len(compact(row)) + 1
        if group and size + length > limit:
            yield first, group
            first, size, group = index, 0, []
        group.append(row)
        size += length
    yield first, group
