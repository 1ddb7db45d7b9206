"""Reports too large for one call: brought in parts to a hidden tab, and shown by the one call that all runs end with.

A reader never sees a half: until the last call Results is the old one, and that call copies the parts into it, draws
everything else and removes the hidden tab, all or nothing. What a killed run leaves hidden, the next write removes.
"""

import re
import secrets
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sheets_sync.google.grid_ranges import added_sheet, coordinate, grid_range
from sheets_sync.google.sheet_state import WorkbookState
from sheets_sync.google.transport import compact

Json = dict[str, Any]

TITLE = "sheetplan is writing "
_OURS = re.compile(f"{TITLE}[0-9a-f]{{6}}")
"""A tab of people may begin with the same words."""


def leftovers(state: WorkbookState) -> Iterator[Json]:
    """Requests that remove the hidden tabs of runs that did not come to their end."""
    for sheet in state.sheets:
        if sheet.hidden and _OURS.fullmatch(sheet.title):
            yield {"deleteSheet": {"sheetId": sheet.sheet_id}}


def in_parts(requests: Sequence[Json], report_ids: Collection[int], limit: int) -> list[list[Json]]:
    """The requests as one call, or as several of about `limit` bytes; the last one is that which shows.

    Only the values of the report (on the tabs of these ids) travel ahead, the largest first, until the rest fits in
    one call: all else is small, or is in tabs of people, where copying would bring formats along.
    """
    rest, size = list(requests), sum(len(compact(request)) for request in requests)
    ahead: list[list[Json]] = []
    values = [(len(compact(request)), request) for request in requests if _is_report(request, report_ids)]
    for length, request in sorted(values, key=lambda pair: -pair[0]):
        if size <= limit:
            break
        calls, shown = _staged(request["updateCells"], limit)
        ahead += calls
        at = next(at for at, other in enumerate(rest) if other is request)
        rest[at : at + 1] = shown
        size -= length
    if not ahead:
        return [rest]
    # The formulas that travel ahead refer to the tabs of the report: new ones are there before, unseen.
    new = [request for request in rest if "addSheet" in request and _added_id(request) in report_ids]
    for request in new:
        rest[rest.index(request)] = shown_again(_added_id(request))
        request["addSheet"]["properties"]["hidden"] = True
    ahead[0] = [*new, *ahead[0]]
    return [*ahead, rest]


def _added_id(request: Json) -> int:
    sheet_id: int = request["addSheet"]["properties"]["sheetId"]
    return sheet_id


def shown_again(sheet_id: int) -> Json:
    """The request that shows a hidden tab."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "hidden": False}, "fields": "hidden"}}


def _is_report(request: Json, report_ids: Collection[int]) -> bool:
    update = request.get("updateCells", {})
    return update.get("start", {}).get("sheetId") in report_ids and len(update.get("rows", ())) > 1


def _staged(moved: Json, limit: int) -> tuple[list[list[Json]], list[Json]]:
    """The calls that bring rows to a hidden tab, and the requests that copy them to where they belong."""
    rows, start = moved["rows"], moved["start"]
    width = max(len(row.get("values", ())) for row in rows)
    staging_id = secrets.randbelow(1 << 30) + (1 << 30)
    top, left = start["rowIndex"], start["columnIndex"]
    # The same places as in the tab itself, so that copied formulas refer to the same cells.
    adding = added_sheet(staging_id, TITLE + secrets.token_hex(3), top + len(rows), left + width)
    adding["addSheet"]["properties"]["hidden"] = True
    calls: list[list[Json]] = []
    for first, chunk in _chunks(rows, limit):
        place = coordinate(staging_id, top + first + 1, left + 1)
        calls.append([{"updateCells": {"start": place, "rows": chunk, "fields": moved["fields"]}}])
    calls[0] = [adding, *calls[0]]
    shown = {
        "source": grid_range(staging_id, top, left, top + len(rows), left + width),
        "destination": grid_range(start["sheetId"], top, left, top + len(rows), left + width),
        "pasteType": "PASTE_NORMAL",
    }
    return calls, [{"copyPaste": shown}, {"deleteSheet": {"sheetId": staging_id}}]


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
