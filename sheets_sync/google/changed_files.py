"""Which spreadsheets were changed of late: one call to Drive for all of them."""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import DRIVE_FILES_API_V3_URL

from config.settings import GoogleSettings
from sheets_sync.google.connection import Connection, connect, refused
from sheets_sync.google.credentials import DRIVE_SCOPE, emulator_address, find_identity
from sheets_sync.google.faults import DRIVE
from sheets_sync.workbook.backend import WorkbookUnreachableError

logger = logging.getLogger(__name__)

SPREADSHEETS = "mimeType = 'application/vnd.google-apps.spreadsheet' and trashed = false"
PAGE = 1000


class ChangedFiles:
    """Asks Drive, with a token that may read no more than names and times."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def of(cls, settings: GoogleSettings) -> "ChangedFiles":
        """A connection of its own, because runs need no access to Drive and should have none.

        Raises:
            WorkbookUnreachableError: no credentials are found, or they cannot be used.
        """
        emulator = emulator_address()
        identity = find_identity(
            impersonate=settings.impersonate, subject=settings.subject, emulator=emulator, scope=DRIVE_SCOPE
        )
        return cls(connect(emulator=emulator, identity=identity))

    def since(self, moment: float | None, watched: Iterable[str] = ()) -> dict[str, str]:
        """Id and time of change of each spreadsheet that was changed since then (None: of all).

        Drive may leave out whole shared drives where it takes too long, and says so: those of `watched` that it does
        not list are then asked for one by one.

        Raises:
            WorkbookUnreachableError, WorkbookError: Drive cannot be asked.
        """
        found: dict[str, str] = {}
        is_complete = True
        for page in self._pages(moment):
            found |= {file["id"]: file["modifiedTime"] for file in page.get("files", [])}
            is_complete = is_complete and not page.get("incompleteSearch")
        if not is_complete:
            found |= dict(self._one_by_one([file for file in watched if file not in found]))
        return found

    def _one_by_one(self, watched: Iterable[str]) -> Iterator[tuple[str, str]]:
        params: dict[str, Any] = {"fields": "id,modifiedTime", "supportsAllDrives": "true"}
        for spreadsheet_id in watched:
            try:
                file = self._call(f"{DRIVE_FILES_API_V3_URL}/{spreadsheet_id}", params)
            except WorkbookUnreachableError as error:
                logger.warning("%s", error, extra={"action": "drive_file_unreachable"})
            else:
                yield file["id"], file["modifiedTime"]

    def _pages(self, moment: float | None) -> Iterator[dict[str, Any]]:
        query = SPREADSHEETS
        if moment is not None:
            query += f" and modifiedTime > '{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}'"
        params: dict[str, Any] = {
            "q": query,
            "fields": "nextPageToken,incompleteSearch,files(id,modifiedTime)",
            "pageSize": PAGE,
            "corpora": "allDrives",
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        while True:
            answer = self._call(DRIVE_FILES_API_V3_URL, params)
            yield answer
            if "nextPageToken" not in answer:
                return
            params["pageToken"] = answer["nextPageToken"]

    def _call(self, url: str, params: dict[str, Any]) -> dict[str, Any]:
        situation = self._connection.situation("Google Drive", api=DRIVE)
        try:
            return self._connection.call("get", url, situation, params=params)
        except APIError as error:
            raise refused(error, situation) from None
