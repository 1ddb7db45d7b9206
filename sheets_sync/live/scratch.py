"""A scratch sheet of Google's: raw requests, what came back, and everything as it was when the proofs are done."""

from collections.abc import Sequence
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from sheets_sync.google.connection import Connection
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.grid_ranges import added_sheet, coordinate
from sheets_sync.google.locator import address_of
from sheets_sync.google.range_names import is_rectangle
from sheets_sync.google.reading import quoted
from sheets_sync.google.transport import answer_of
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.snapshot import Tab

Json = dict[str, Any]

FIRST_ID = 810_000_000
EVERYTHING = (
    "properties(locale),sheets(properties(sheetId,title)),namedRanges(namedRangeId),developerMetadata(metadataId)"
)
CONTENT = (
    "properties(locale),sheets(properties(sheetId,title),charts(chartId),data(rowData(values(userEnteredValue)))),"
    "namedRanges,developerMetadata(metadataId)"
)


class Scratch:
    """One spreadsheet that may be filled and emptied at will."""

    def __init__(self, spreadsheet_id: str, connection: Connection) -> None:
        self.id = spreadsheet_id
        self.connection = connection
        self.address = address_of(spreadsheet_id)
        self._next_id = FIRST_ID
        overview = self.get(CONTENT)
        first = overview["sheets"][0]
        if not _is_empty(overview):
            raise WorkbookRefusedError(
                f"{self.address} is not empty, and this writes and removes tabs. Make a new Google Sheet, share it "
                f"with {connection.situation(self.address).who} as Editor, and give its address. Nothing was written."
            )
        # Known to hold nothing else: the calls of each proof then follow from the answers to it alone.
        connection.sizes.note(spreadsheet_id, 0)
        self._first_id: int = first["properties"].get("sheetId", 0)
        self.locale: str = overview["properties"]["locale"]

    def workbook(self, *, payload_bytes: int = 2_000_000) -> GoogleWorkbook:
        """The sheet as a run opens it."""
        return GoogleWorkbook(self.id, self.connection, payload_bytes=payload_bytes)

    def get(self, fields: str, *ranges: str) -> Json:
        """A raw read."""
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        situation = self.connection.situation(self.address)
        return self.connection.call("get", SPREADSHEET_URL % self.id, situation, params=params)

    def batch(self, *requests: Json) -> list[Json]:
        """A raw write; its replies.

        Raises:
            APIError: Google refuses it.
        """
        url, situation = SPREADSHEET_BATCH_UPDATE_URL % self.id, self.connection.situation(self.address, writing=True)
        answer = self.connection.call("post", url, situation, params={}, body={"requests": list(requests)})
        replies: list[Json] = answer.get("replies", [])
        return replies

    def refusal(self, *requests: Json) -> str | None:
        """Google's words where it refuses the requests; None where it takes them."""
        try:
            self.batch(*requests)
        except APIError as error:
            return answer_of(error).message or "no words"
        return None

    def fresh_id(self) -> int:
        """An id for a tab that nothing has."""
        self._next_id += 1
        return self._next_id

    def add_tab(self, title: str, rows: Sequence[Sequence[Json]] = (), *, size: tuple[int, int] = (50, 12)) -> int:
        """A tab with cells as CellData; its id."""
        sheet_id = self.fresh_id()
        requests = [added_sheet(sheet_id, title, *size)]
        if rows:
            content = [{"values": list(row)} for row in rows]
            place = {"start": coordinate(sheet_id, 1, 1), "rows": content}
            requests.append({"updateCells": {**place, "fields": "userEnteredValue,userEnteredFormat.numberFormat"}})
        self.batch(*requests)
        return sheet_id

    def remove_tab(self, sheet_id: int) -> None:
        """Delete a tab, as a person would."""
        self.batch({"deleteSheet": {"sheetId": sheet_id}})

    def tab(self, title: str) -> Tab:
        """A tab as a run reads it."""
        return self.workbook().read(lambda other: other == title).tabs[title]

    def cells(self, title: str) -> list[list[Json]]:
        """A tab's cells as Google answers them."""
        answer = self.get(
            "sheets(data(rowData(values(userEnteredValue,effectiveValue,formattedValue))))", quoted(title)
        )
        return [row.get("values", []) for row in answer["sheets"][0]["data"][0].get("rowData", [])]

    def set_locale(self, locale: str) -> None:
        """The conventions in which people type and read."""
        properties = {"properties": {"locale": locale}, "fields": "locale"}
        self.batch({"updateSpreadsheetProperties": properties})

    def clean_up(self) -> None:
        """Everything as it was: one blank tab, no names, no metadata."""
        found = self.get(EVERYTHING)
        ids = [sheet["properties"].get("sheetId", 0) for sheet in found["sheets"]]
        requests: list[Json] = [
            {"deleteSheet": {"sheetId": sheet_id}} for sheet_id in ids if sheet_id != self._first_id
        ]
        requests += [
            {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": item["metadataId"]}}}}
            for item in found.get("developerMetadata", ())
        ]
        properties = {"properties": {"locale": self.locale}, "fields": "locale"}
        self.batch(*requests, {"updateSpreadsheetProperties": properties})
        # Names go last and one by one: some of them may have lost their cells, and may not be removable.
        for item in self.get(EVERYTHING).get("namedRanges", ()):
            self.refusal({"deleteNamedRange": {"namedRangeId": item["namedRangeId"]}})


def _is_empty(overview: Json) -> bool:
    """Whether a spreadsheet holds nothing that emptying it would take away.

    A name that has lost its cells is nobody's: this may have left it there before.
    """
    first, *others = overview["sheets"]
    names = (item for item in overview.get("namedRanges", ()) if is_rectangle(item.get("range", {})))
    cells = (
        cell for grid in first.get("data", ()) for row in grid.get("rowData", ()) for cell in row.get("values", ())
    )
    return not (others or first.get("charts") or any(names) or any(cells) or overview.get("developerMetadata"))


def text(value: str) -> Json:
    """A text as CellData, which Google never evaluates."""
    return {"userEnteredValue": {"stringValue": value}}


def number(value: float, pattern: str | None = None, kind: str = "NUMBER") -> Json:
    """A number as CellData, with a number format where one is given."""
    cell: Json = {"userEnteredValue": {"numberValue": value}}
    if pattern is not None:
        cell["userEnteredFormat"] = {"numberFormat": {"type": kind, "pattern": pattern}}
    return cell


def boolean(value: bool) -> Json:
    """A yes or no as CellData."""
    return {"userEnteredValue": {"boolValue": value}}


def formula(value: str) -> Json:
    """A formula as CellData."""
    return {"userEnteredValue": {"formulaValue": value}}
