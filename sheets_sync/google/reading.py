"""One reading of a spreadsheet: of a small one in one call, of others the titles first, then the tabs that matter.

Titles are asked for again each time, never remembered: a tab of rules that was added since would be overlooked, and its
rules would bind nothing. A read that Google cannot answer is not repeated until the deadline, but made smaller: first
single tabs, then halves of their rows. Whoever edits between such calls shows as a change when the run writes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_URL

from sheets_sync.google.connection import Connection, HeavyReadError, refused
from sheets_sync.google.faults import Situation
from sheets_sync.google.known_sizes import cells_in
from sheets_sync.google.range_names import report_tab
from sheets_sync.google.sheet_state import READ_FIELDS, TITLES_FIELDS, WorkbookState, parse_state
from sheets_sync.google.transport import TooLargeError
from sheets_sync.workbook.backend import TabFilter, WorkbookUnreachableError

Json = dict[str, Any]

HEAVY_TRIES = 2
"""How often a read is tried that could be made smaller."""
FEWEST_ROWS = 1000
"""A read of so many rows is made no smaller: it is repeated until the deadline."""


def read_state(
    spreadsheet_id: str, connection: Connection, situation: Situation, wanted: TabFilter, outputs: Sequence[str]
) -> WorkbookState:
    """The state of a spreadsheet, with the cells of the wanted tabs and of those that we write.

    Raises:
        WorkbookUnreachableError: the spreadsheet cannot be reached, or holds more than we take in.
        WorkbookError: Google refuses the read.
    """
    reader = _Reader(spreadsheet_id, connection, situation, wanted, outputs)
    try:
        answer = reader.whole() if connection.sizes.is_small(spreadsheet_id) else None
        answer = reader.selected() if answer is None else answer
    except APIError as error:
        raise refused(error, situation) from None
    except TooLargeError:
        raise WorkbookUnreachableError(
            f"The tabs of {situation.address} that sheetplan reads hold more than it can take in. Delete columns and "
            "rows that are not needed, or move them to a tab of another name. [too-large]"
        ) from None
    return parse_state(spreadsheet_id, answer, wanted, outputs)


class _Reader:
    def __init__(
        self,
        spreadsheet_id: str,
        connection: Connection,
        situation: Situation,
        wanted: TabFilter,
        outputs: Sequence[str],
    ) -> None:
        self._id = spreadsheet_id
        self._connection = connection
        self._situation = situation
        self._wanted = wanted
        self._outputs = {title.casefold() for title in outputs}

    def whole(self) -> Json | None:
        """Everything in one call; None where that is too much for Google or for us."""
        try:
            answer = self._get(READ_FIELDS, tries=HEAVY_TRIES)
        except (HeavyReadError, TooLargeError):
            return None
        self._note(answer)
        return answer

    def selected(self) -> Json:
        """Titles and sizes, then only the tabs that matter."""
        overview = self._get(TITLES_FIELDS)
        self._note(overview)
        sheets = self._matter(overview)
        if not sheets:
            return self._get(READ_FIELDS.partition(",sheets(")[0]) | {"sheets": overview.get("sheets", [])}
        titles = [quoted(sheet["properties"]["title"]) for sheet in sheets]
        try:
            answer = self._get(READ_FIELDS, titles, tries=HEAVY_TRIES)
        except HeavyReadError:
            answer = self._in_pieces(sheets)
        cells = {sheet["properties"].get("sheetId", 0): sheet for sheet in answer.get("sheets", ())}
        listed = (sheet["properties"].get("sheetId", 0) for sheet in overview.get("sheets", ()))
        answer["sheets"] = [
            cells.get(sheet_id, sheet) for sheet_id, sheet in zip(listed, overview.get("sheets", ()), strict=True)
        ]
        return answer

    def _in_pieces(self, sheets: Sequence[Json]) -> Json:
        """The tabs one by one, each in as many calls as it takes."""
        answer: Json = {}
        found = []
        for sheet in sheets:
            properties = sheet["properties"]
            rows = properties.get("gridProperties", {}).get("rowCount", 1)
            pieces = list(self._rows(properties["title"], 1, rows))
            answer = pieces[0]
            found.append(_joined([piece["sheets"][0] for piece in pieces]))
        return answer | {"sheets": found}

    def _rows(self, title: str, first: int, last: int) -> Iterator[Json]:
        place = f"{quoted(title)}!{first}:{last}"
        if last - first < FEWEST_ROWS:
            yield self._get(READ_FIELDS, [place])
            return
        try:
            yield self._get(READ_FIELDS, [place], tries=HEAVY_TRIES)
        except HeavyReadError:
            middle = (first + last) // 2
            yield from self._rows(title, first, middle)
            yield from self._rows(title, middle + 1, last)

    def _matter(self, overview: Json) -> list[Json]:
        """The tabs whose cells are read."""
        report = report_tab(overview, self._is_input)
        return [
            sheet
            for sheet in overview.get("sheets", ())
            if sheet["properties"].get("sheetType", "GRID") == "GRID"
            and (
                sheet["properties"].get("sheetId", 0) == report
                or self._wanted(sheet["properties"]["title"])
                or sheet["properties"]["title"].casefold() in self._outputs
            )
        ]

    def _is_input(self, title: str) -> bool:
        return self._wanted(title) and title.casefold() not in self._outputs

    def _note(self, answer: Json) -> None:
        matter = [sheet["properties"].get("sheetId", 0) for sheet in self._matter(answer)]
        others = (sheet for sheet in answer.get("sheets", ()) if sheet["properties"].get("sheetId", 0) not in matter)
        self._connection.sizes.note(self._id, cells_in(others))

    def _get(self, fields: str, ranges: Sequence[str] = (), *, tries: int | None = None) -> Json:
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        return self._connection.call("get", SPREADSHEET_URL % self._id, self._situation, params=params, tries=tries)


def quoted(title: str) -> str:
    """A tab's title as an A1 range: all of its cells."""
    return "'" + title.replace("'", "''") + "'"


def _joined(pieces: Sequence[Json]) -> Json:
    """One tab of which the rows came in several answers."""
    whole = dict(pieces[0])
    for piece in pieces[1:]:
        for name in ("merges", "tables", "data"):
            new = [item for item in piece.get(name, ()) if item not in whole.get(name, [])]
            if new:
                whole[name] = [*whole.get(name, []), *new]
    return whole
