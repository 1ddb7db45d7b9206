"""The Sheets API: each method of the description to what serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import batch_arrange, batch_cells, batch_charts, batch_copy, batch_objects, batch_sheets, batch_tables
from .a1 import format_area
from .book import Json, Workbook
from .discovery import Description, load
from .draft import Caller, Draft
from .errors import ApiError, RequestError, invalid, not_found, not_served
from .fieldmask import Mask, covers, parse_projection, project
from .locales import find_locale
from .ranges import Place, check_bounds, filtered_ranges, find_range, metadata_matches
from .render import Renderer, new_book_properties
from .store import Store
from .values_api import (
    append_values,
    batch_write,
    clear_values,
    input_option,
    places,
    read_values,
    with_response,
    write_values,
)
from .wire import with_sheet_ids, without_defaults

BATCH_HANDLERS: dict[str, Callable[[Draft, Json], Json | None]] = {
    **batch_sheets.HANDLERS,
    **batch_cells.HANDLERS,
    **batch_copy.HANDLERS,
    **batch_charts.HANDLERS,
    **batch_objects.HANDLERS,
    **batch_tables.HANDLERS,
    **batch_arrange.HANDLERS,
}


@dataclass
class Call:
    """One checked call: path and query parameters, body, and who calls."""

    method_id: str
    response: str
    path: dict[str, str]
    query: Json
    body: Json
    email: str
    mask: Mask | None = field(default=None)


class SheetsApi:
    """Serves checked calls on a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def description(self) -> Description:
        """Google's description of the API."""
        return load("sheets")

    def answer(self, call: Call) -> Json:
        """The JSON answer; raises ApiError."""
        if "fields" in call.query:
            call.mask = parse_projection(self.description, call.response, call.query["fields"])
        name = call.method_id.removeprefix("sheets.spreadsheets.").replace(".", "_")
        handler: Callable[[Call], Json] | None = getattr(self, "_do_" + name, None)
        if handler is None:
            raise not_served(call.method_id)
        with self.store.lock:
            answer = handler(call)
        return project(answer, call.mask) if call.mask else answer

    def _read(self, call: Call) -> Workbook:
        return self.store.open(call.path["spreadsheetId"], call.email, write=False)[0]

    def _draft(self, call: Call) -> Draft:
        book, role = self.store.open(call.path["spreadsheetId"], call.email, write=True)
        return Draft(book, Caller(call.email, role), self.description, self.store.habits)

    def _renderer(self, book: Workbook) -> Renderer:
        return Renderer(book, self.store.calculator(book))

    def _do_create(self, call: Call) -> Json:
        given = call.body
        for name in given.keys() - {"properties", "sheets", "namedRanges"}:
            raise not_served(f"spreadsheets.create with {name}")
        properties = {**new_book_properties("Untitled spreadsheet"), **given.get("properties", {})}
        if find_locale(properties["locale"]) is None:
            raise invalid(f"Unsupported locale: {properties['locale']}")
        draft = Draft(self.store.create(properties, call.email), Caller(call.email, "owner"), self.description)
        draft.book.permissions = self.store.create(properties, call.email).permissions
        try:
            for item in given.get("sheets") or [{}]:
                self._create_sheet(draft, item)
            for item in given.get("namedRanges", []):
                batch_objects.add_named_range(draft, {"namedRange": item})
        except RequestError as problem:
            raise invalid(str(problem)) from None
        self.store.commit(draft.book)
        return self._renderer(draft.book).spreadsheet(None, call.mask, grid_data=False)

    def _create_sheet(self, draft: Draft, item: Json) -> None:
        for name in item.keys() - {"properties", "data"}:
            raise not_served(f"spreadsheets.create with sheets.{name}")
        batch_sheets.add_sheet(draft, {"properties": item.get("properties", {})})
        sheet = draft.book.sheets[-1] if "index" not in item.get("properties", {}) else None
        sheet = sheet or draft.book.sheets[item["properties"]["index"]]
        for data in item.get("data", []):
            start = {
                "sheetId": sheet.id,
                "rowIndex": data.get("startRow", 0),
                "columnIndex": data.get("startColumn", 0),
            }
            batch_cells.update_cells(draft, {"rows": data.get("rowData", []), "start": start, "fields": "*"})

    def _do_get(self, call: Call) -> Json:
        book = self._read(call)
        found = places(book, call.query.get("ranges", []))
        return self._spreadsheet(book, found, call, call.mask, grid_data=call.query.get("includeGridData", False))

    def _do_getByDataFilter(self, call: Call) -> Json:  # noqa: N802 (named as the API names it)
        book = self._read(call)
        found = [place for place, _ in filtered_ranges(book, call.body.get("dataFilters", []))]
        return self._spreadsheet(book, found, call, call.mask, grid_data=call.body.get("includeGridData", False))

    def _spreadsheet(
        self, book: Workbook, found: list[Place], call: Call, mask: Mask | None, *, grid_data: bool
    ) -> Json:
        for sheet, area in found:
            check_bounds(sheet, area, whole=False)
        # A field mask decides on its own whether cells are wanted.
        wanted = covers(mask, "sheets", "data") if mask else grid_data
        answer = self._renderer(book).spreadsheet(found, mask, grid_data=wanted)
        role = self.store.open(book.id, call.email, write=False)[1]
        for sheet in answer.get("sheets", []):
            if "protectedRanges" in sheet:
                sheet["protectedRanges"] = [_as_seen_by(call.email, role, item) for item in sheet["protectedRanges"]]
        return answer

    def _do_batchUpdate(self, call: Call) -> Json:  # noqa: N802
        draft = self._draft(call)
        requests = call.body.get("requests", [])
        if not requests:
            raise invalid("Must specify at least one request.")
        replies = [self._apply(draft, at, request) for at, request in enumerate(requests)]
        book = draft.book
        found = places(book, call.body.get("responseRanges", []))
        self.store.commit(book)
        answer: Json = {"spreadsheetId": book.id, "replies": replies}
        if call.body.get("includeSpreadsheetInResponse"):
            below = (call.mask or {}).get("updatedSpreadsheet") or None
            grid_data = call.body.get("responseIncludeGridData", False)
            answer["updatedSpreadsheet"] = self._spreadsheet(book, found, call, below, grid_data=grid_data)
        return answer

    def _apply(self, draft: Draft, at: int, request: Json) -> Json:
        if not request:
            raise invalid(f"Invalid requests[{at}]: No request set.")
        kind, body = next(iter(request.items()))
        handler = BATCH_HANDLERS.get(kind)
        if handler is None:
            raise not_served(f"requests[{at}].{kind}")
        try:
            reply = handler(draft, with_sheet_ids(body))
        except (RequestError, ApiError) as problem:
            if isinstance(problem, ApiError) and problem.code != 400:
                raise
            raise invalid(f"Invalid requests[{at}].{kind}: {problem}") from None
        return {kind: without_defaults(reply)} if reply is not None else {}

    def _do_sheets_copyTo(self, call: Call) -> Json:  # noqa: N802
        book = self._read(call)
        source = book.sheet(int(call.path["sheetId"]))
        if source is None:
            raise not_found()
        target = Call(call.method_id, "", {"spreadsheetId": call.body.get("destinationSpreadsheetId", "")}, {}, {}, "")
        target.email = call.email
        draft = self._draft(target)
        title, number = f"Copy of {source.title}", 1
        while draft.book.sheet_named(title):
            number += 1
            title = f"Copy of {source.title} {number}"
        twin = batch_sheets.copy_sheet(draft, source, batch_sheets.make_sheet(draft, {"title": title}))
        draft.book.sheets.append(twin)
        self.store.commit(draft.book)
        return self._renderer(draft.book).sheet_properties(twin)

    def _do_values_get(self, call: Call) -> Json:
        book = self._read(call)
        return read_values(self._renderer(book), find_range(book, call.path["range"]), call.query)

    def _do_values_batchGet(self, call: Call) -> Json:  # noqa: N802
        book = self._read(call)
        found = places(book, call.query.get("ranges", []))
        renderer = self._renderer(book)
        answer: Json = {"spreadsheetId": book.id}
        if found:
            answer["valueRanges"] = [read_values(renderer, place, call.query) for place in found]
        return answer

    def _do_values_batchGetByDataFilter(self, call: Call) -> Json:  # noqa: N802
        book = self._read(call)
        renderer = self._renderer(book)
        matched = [
            {"valueRange": read_values(renderer, place, call.body), "dataFilters": filters}
            for place, filters in filtered_ranges(book, call.body.get("dataFilters", []))
        ]
        return {"spreadsheetId": book.id, **({"valueRanges": matched} if matched else {})}

    def _do_values_update(self, call: Call) -> Json:
        raw = input_option(call.query)
        draft = self._draft(call)
        answer, place = write_values(draft, call.body, call.path["range"], raw=raw)
        self.store.commit(draft.book)
        return with_response(self._renderer(draft.book), answer, place, call.query)

    def _do_values_append(self, call: Call) -> Json:
        draft = self._draft(call)
        answer, place = append_values(draft, call.body, call.path["range"], call.query)
        self.store.commit(draft.book)
        if place is not None:
            answer["updates"] = with_response(self._renderer(draft.book), answer["updates"], place, call.query)
        return answer

    def _do_values_batchUpdate(self, call: Call) -> Json:  # noqa: N802
        raw = input_option(call.body)
        draft = self._draft(call)
        items = [(item, item.get("range", "")) for item in call.body.get("data", [])]
        answer, results = batch_write(draft, items, raw=raw)
        return self._finish_batch(draft, call, answer, results)

    def _do_values_batchUpdateByDataFilter(self, call: Call) -> Json:  # noqa: N802
        raw = input_option(call.body)
        draft = self._draft(call)
        items = []
        for item in call.body.get("data", []):
            for (sheet, area), _ in filtered_ranges(draft.book, [item.get("dataFilter", {})]):
                values = {name: item[name] for name in ("majorDimension", "values") if name in item}
                items.append((values, format_area(sheet.title, area.clip(sheet.row_count, sheet.column_count))))
        answer, results = batch_write(draft, items, raw=raw)
        return self._finish_batch(draft, call, answer, results)

    def _finish_batch(self, draft: Draft, call: Call, answer: Json, results: list[tuple[Json, Place]]) -> Json:
        self.store.commit(draft.book)
        renderer = self._renderer(draft.book)
        responses = [with_response(renderer, result, place, call.body) for result, place in results]
        return {**answer, **({"responses": responses} if responses else {})}

    def _do_values_clear(self, call: Call) -> Json:
        draft = self._draft(call)
        cleared = clear_values(draft, find_range(draft.book, call.path["range"]))
        self.store.commit(draft.book)
        return {"spreadsheetId": draft.book.id, "clearedRange": cleared}

    def _do_values_batchClear(self, call: Call) -> Json:  # noqa: N802
        draft = self._draft(call)
        return self._clear_all(draft, places(draft.book, call.body.get("ranges", [])))

    def _do_values_batchClearByDataFilter(self, call: Call) -> Json:  # noqa: N802
        draft = self._draft(call)
        return self._clear_all(draft, [place for place, _ in filtered_ranges(draft.book, call.body["dataFilters"])])

    def _clear_all(self, draft: Draft, found: list[Place]) -> Json:
        cleared = [clear_values(draft, place) for place in found]
        self.store.commit(draft.book)
        return {"spreadsheetId": draft.book.id, **({"clearedRanges": cleared} if cleared else {})}

    def _do_developerMetadata_get(self, call: Call) -> Json:  # noqa: N802
        wanted = int(call.path["metadataId"])
        for item in self._read(call).developer_metadata:
            if item["metadataId"] == wanted:
                return dict(without_defaults(item))
        raise not_found()

    def _do_developerMetadata_search(self, call: Call) -> Json:  # noqa: N802
        filters = call.body.get("dataFilters", [])
        matched: list[Any] = []
        for item in self._read(call).developer_metadata:
            found = [entry for entry in filters if metadata_matches(item, entry)]
            if found:
                matched.append({"developerMetadata": without_defaults(item), "dataFilters": found})
        return {"matchedDeveloperMetadata": matched} if matched else {}


def _as_seen_by(email: str, role: str, protected: Json) -> Json:
    """A protected range as this caller reads it: whether he may edit depends on who asks."""
    editors = protected.get("editors", {})
    may = protected.get("warningOnly") or role == "owner" or email in editors.get("users", [])
    seen = {name: part for name, part in protected.items() if name != "requestingUserCanEdit"}
    return {**seen, "requestingUserCanEdit": True} if may or editors.get("domainUsersCanEdit") else seen
