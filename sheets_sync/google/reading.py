"""One reading of a spreadsheet: of a small one in one call, of others the titles first, then the tabs that matter.

Titles are asked for again each time, never remembered: a tab of rules that was added since would be overlooked, and its
rules would bind nothing. A read that Google cannot answer is not repeated until the deadline, but made smaller: first
single tabs, then halves of their rows. Whoever edits between such calls shows as a change when the run writes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_URL

from config.tabs import find_tab
from sheets_sync.google.connection import Connection, HeavyReadError, refused
from sheets_sync.google.faults import Situation
from sheets_sync.google.known_sizes import cells_in
from sheets_sync.google.range_names import report_tabs
from sheets_sync.google.sheet_state import READ_FIELDS, TITLES_FIELDS, WorkbookState, parse_state
from sheets_sync.google.transport import TooLargeError
from sheets_sync.workbook.backend import (
    FurtherTabs,
    TabFilter,
    WorkbookError,
    WorkbookUnreachableError,
    no_further_tabs,
)

Json = dict[str, Any]

HEAVY_TRIES = 2
"""How often a read is tried that could be made smaller."""
FEWEST_ROWS = 1000
"""A read of so many rows is made no smaller: it is repeated until the deadline."""


def read_state(
    spreadsheet_id: str,
    connection: Connection,
    situation: Situation,
    wanted: TabFilter,
    outputs: Sequence[str],
    further: FurtherTabs = no_further_tabs,
) -> WorkbookState:
    """The state of a spreadsheet, with the cells of the wanted tabs, those that these name, and those that we write.

    Raises:
        WorkbookUnreachableError: the spreadsheet cannot be reached, or holds more than we take in.
        WorkbookError: Google refuses the read, or a tab that is asked for has no cells.
    """
    reader = _Reader(spreadsheet_id, connection, situation, wanted, outputs, further)
    try:
        state = reader.whole() if connection.sizes.is_small(spreadsheet_id) else None
        return reader.selected() if state is None else state
    except APIError as error:
        raise refused(error, situation) from None
    except TooLargeError:
        raise WorkbookUnreachableError(
            f"The tabs of {situation.address} that sheetplan reads hold more than it can take in. Delete columns and "
            "rows that are not needed, or move them to a tab of another name. [too-large]"
        ) from None


class _Reader:
    def __init__(
        self,
        spreadsheet_id: str,
        connection: Connection,
        situation: Situation,
        wanted: TabFilter,
        outputs: Sequence[str],
        further: FurtherTabs,
    ) -> None:
        self._id = spreadsheet_id
        self._connection = connection
        self._situation = situation
        self._wanted = wanted
        self._outputs = outputs
        self._further = further

    def whole(self) -> WorkbookState | None:
        """Everything in one call; None where that is too much for Google or for us."""
        try:
            answer = self._get(READ_FIELDS, tries=HEAVY_TRIES)
        except (HeavyReadError, TooLargeError):
            return None
        state = self._parsed(answer)
        self._note(answer, [*self._matter(answer), *self._named(answer, state)])
        return state

    def selected(self) -> WorkbookState:
        """Titles and sizes, then only the tabs that matter; those that these name take a call more."""
        overview = self._get(TITLES_FIELDS)
        sheets = self._matter(overview)
        while True:
            answer = self._cells_of(sheets)
            found = {_id(sheet): sheet for sheet in answer.get("sheets", ())}
            answer["sheets"] = [found.get(_id(sheet), sheet) for sheet in overview.get("sheets", ())]
            state = self._parsed(answer)
            missing = [sheet for sheet in self._named(overview, state) if sheet not in sheets]
            if not missing:
                self._note(overview, sheets)
                return state
            sheets += missing

    def _cells_of(self, sheets: Sequence[Json]) -> Json:
        if not sheets:
            return self._get(READ_FIELDS.partition(",sheets(")[0])
        try:
            return self._get(READ_FIELDS, [quoted(sheet["properties"]["title"]) for sheet in sheets], tries=HEAVY_TRIES)
        except HeavyReadError:
            return self._in_pieces(sheets)

    def _parsed(self, answer: Json) -> WorkbookState:
        self._refuse_without_cells(answer)
        return parse_state(self._id, answer, self._wanted, self._outputs, self._further)

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

    def _refuse_without_cells(self, answer: Json) -> None:
        """A tab of ours that is no grid would otherwise be reported as missing, while people look at it.

        Whoever wants all tabs, to find the list among them, wants those that have cells.
        """
        ours = {title.casefold() for title in self._outputs}
        for sheet in answer.get("sheets", ()):
            kind, title = sheet["properties"].get("sheetType", "GRID"), sheet["properties"]["title"]
            is_ours = title.casefold() in ours
            if kind == "GRID" or not (is_ours or (self._wanted(title) and find_tab(title) is not None)):
                continue
            what = "is connected to a database" if kind == "DATA_SOURCE" else "holds a chart"
            cure = (
                "Give it another title: sheetplan makes a tab of that title itself."
                if is_ours
                else f'Give it another title, and make a tab "{title}" with the rows (Data > Extract, where it is '
                "connected to a database)."
            )
            raise WorkbookError(f'The tab "{title}" {what} and has no cells of its own. {cure}')

    def _matter(self, overview: Json) -> list[Json]:
        """The tabs whose cells are read, as far as titles say."""
        ours = {title.casefold() for title in self._outputs}
        report = report_tabs(overview, lambda title: self._wanted(title) and title.casefold() not in ours).values()
        return [
            sheet
            for sheet in overview.get("sheets", ())
            if sheet["properties"].get("sheetType", "GRID") == "GRID"
            and (
                _id(sheet) in report
                or self._wanted(sheet["properties"]["title"])
                or sheet["properties"]["title"].casefold() in ours
            )
        ]

    @staticmethod
    def _named(overview: Json, state: WorkbookState) -> list[Json]:
        """The tabs whose cells were asked for, as far as their cells say."""
        return [sheet for sheet in overview.get("sheets", ()) if sheet["properties"]["title"] in state.wanted]

    def _note(self, answer: Json, read: Sequence[Json]) -> None:
        ids = {_id(sheet) for sheet in read}
        others = (sheet for sheet in answer.get("sheets", ()) if _id(sheet) not in ids)
        self._connection.sizes.note(self._id, cells_in(others))

    def _get(self, fields: str, ranges: Sequence[str] = (), *, tries: int | None = None) -> Json:
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        return self._connection.call("get", SPREADSHEET_URL % self._id, self._situation, params=params, tries=tries)


def quoted(title: str) -> str:
    """A tab's title as an A1 range: all of its cells."""
    return "'" + title.replace("'", "''") + "'"


def _id(sheet: Json) -> int:
    sheet_id: int = sheet["properties"].get("sheetId", 0)
    return sheet_id


def _joined(pieces: Sequence[Json]) -> Json:
    """One tab of which the rows came in several answers."""
    whole = dict(pieces[0])
    for piece in pieces[1:]:
        for name in ("merges", "tables", "data"):
            new = [item for item in piece.get(name, ()) if item not in whole.get(name, [])]
            if new:
                whole[name] = [*whole.get(name, []), *new]
    return whole
