"""From a spreadsheet's id to a workbook, over one connection per process."""

import functools

from platformdirs import user_cache_path

from config.settings import GoogleSettings
from sheets_sync.google.connection import Connection, connect
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.known_sizes import KnownSizes
from sheets_sync.google.transport import Patience


def open_google(spreadsheet_id: str, settings: GoogleSettings) -> GoogleWorkbook:
    """A Google Sheet, reached as the settings say; nothing is read yet.

    Raises:
        WorkbookUnreachableError: no credentials are found, or they cannot be used.
    """
    connection = shared_connection(settings, emulator_address())
    return GoogleWorkbook(spreadsheet_id, connection, payload_bytes=settings.payload_bytes)


@functools.lru_cache(maxsize=8)
def shared_connection(settings: GoogleSettings, emulator: str | None) -> Connection:
    """The process's one connection for these settings: quotas hold only where all calls are counted together."""
    return connect(
        impersonate=settings.impersonate,
        subject=settings.subject,
        reads_per_minute=settings.reads_per_minute,
        writes_per_minute=settings.writes_per_minute,
        emulator=emulator,
        patience=Patience(deadline_s=settings.deadline_s),
        sizes=KnownSizes(user_cache_path("sheetplan", appauthor=False) / "sizes"),
    )
