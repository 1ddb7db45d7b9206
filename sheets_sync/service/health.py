"""Whether the service can do its work: really looked at, not assumed."""

import threading
import time
from collections.abc import Callable

from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import Request
from requests import RequestException
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from sheets_sync.google.connection import unreachable
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.faults import Situation
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.jobs.job_database import Database
from sheets_sync.workbook.backend import WorkbookUnreachableError

OK = "ok"
KEEP_S = 30.0
"""How long a look at the credentials holds: probes come every few seconds, and Google issues tokens for an hour."""


class Readiness:
    """Checks of the store and of Google's credentials."""

    def __init__(
        self, settings: Settings, database: Database, *, needs_google: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._database = database
        self._needs_google = needs_google
        self._clock = clock
        self._lock = threading.Lock()
        self._credentials = ""
        self._looked_at = float("-inf")

    def checks(self) -> dict[str, str]:
        """By part, `ok` or what is wrong with it."""
        checks = {"store": self._store()}
        if self._needs_google:
            with self._lock:
                if self._clock() - self._looked_at > KEEP_S:
                    self._credentials, self._looked_at = self._look_at_credentials(), self._clock()
                checks["credentials"] = self._credentials
        return checks

    def _store(self) -> str:
        try:
            self._database.check()
        except SQLAlchemyError as error:
            return f"The store {self._database} cannot be written ({type(error).__name__})."
        return OK

    def _look_at_credentials(self) -> str:
        try:
            connection = shared_connection(self._settings.google, emulator_address())
        except WorkbookUnreachableError as error:
            return str(error)
        if connection.emulator is not None:
            return OK
        credentials = connection.identity.credentials
        if credentials.valid:
            return OK
        try:
            credentials.refresh(Request())  # type: ignore[no-untyped-call]  # google-auth is half typed
        except (auth_exceptions.GoogleAuthError, RequestException) as error:
            situation = Situation("Google Sheets", connection.identity.account)
            return str(unreachable(error, situation, connection.patience.deadline_s))
        return OK
