"""Which spreadsheets were changed of late: one call to Drive for all of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import DRIVE_FILES_API_V3_URL

from config.settings import GoogleSettings
from sheets_sync.google.connection import Connection, connect, refused
from sheets_sync.google.credentials import DRIVE_SCOPE, emulator_address, find_identity
from sheets_sync.google.faults import Situation

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
        identity = find_identity(impersonate=settings.impersonate, emulator=emulator, scope=DRIVE_SCOPE)
        return cls(connect(emulator=emulator, identity=identity))

    def since(self, moment: float | None) -> dict[str, str]:
        """Id and time of change of each spreadsheet that was changed since then (None: of all).

        Raises:
            WorkbookUnreachableError, WorkbookError: Drive cannot be asked.
        """
        return {file["id"]: file["modifiedTime"] for file in self._files(moment)}

    def _files(self, moment: float | None) -> Iterator[dict[str, Any]]:
        query = SPREADSHEETS
        if moment is not None:
            query += f" and modifiedTime > '{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}'"
        params: dict[str, Any] = {
            "q": query,
            "fields": "nextPageToken,files(id,modifiedTime)",
            "pageSize": PAGE,
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
        }
        situation = Situation("Google Drive", self._connection.identity.account)
        while True:
            try:
                answer = self._connection.call("get", DRIVE_FILES_API_V3_URL, situation, params=params)
            except APIError as error:
                raise refused(error, situation) from None
            yield from answer.get("files", [])
            if "nextPageToken" not in answer:
                return
            params["pageToken"] = answer["nextPageToken"]
