"""The server as tests hold it: start, stop, look inside, order faults, make accounts."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any, Self

import gspread
from google.auth.credentials import Credentials

from .admin import Admin
from .book import Json, Workbook
from .discovery import load
from .draft import Caller, Draft
from .drive_api import share
from .faults import Fault, Faults, Kind
from .http_server import CallLog, CallRecord, HttpServer
from .oauth import register_service_account, register_user
from .quota import Quota
from .ranges import find_range
from .redirect import redirected_session
from .render import Renderer
from .service import Service
from .store import PERSON_TOKEN, Store


class SheetsServer:
    """A local stand-in for Google Sheets and Drive; use it as a context manager, or call `start` and `stop`.

    `quota` is (reads, writes) per minute and user; `state` a file that survives a restart; `require_auth` asks for
    tokens of the server's own token endpoint; `check_answers` turns an answer that does not conform to Google's API
    description into a 500, so that no test passes on a shape that Google would not send.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        quota: tuple[int | None, int | None] = (None, None),
        require_auth: bool = False,
        state: Path | None = None,
        check_answers: bool = True,
    ) -> None:
        self.store = Store(state, require_auth=require_auth)
        self.habits = self.store.habits
        self.quota = Quota(*quota)
        self.faults = Faults()
        self.log = CallLog()
        service = Service(self.store, self.quota, check_answers=check_answers)
        self._http = HttpServer(port, service.answer, Admin(self).answer, self.faults, self.log)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.02,), name="sheets-server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Its address, as `SHEETS_EMULATOR_HOST` wants it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Serve from a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and end all connections."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.close_connections()
        self._http.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def client(self, credentials: Credentials | None = None) -> gspread.Client:
        """The real gspread, its calls to Google's hosts sent here instead; a person's, without credentials."""
        session = redirected_session(self.url, credentials)
        if credentials is None:
            session.headers["Authorization"] = f"Bearer {PERSON_TOKEN}"
        return gspread.Client(auth=None, session=session)  # type: ignore[arg-type]

    def calls(self, match: str = "") -> list[CallRecord]:
        """The calls so far whose `METHOD /path?query` matches the regular expression."""
        found = self.log.records()
        return [call for call in found if re.search(match, f"{call.method} {call.path}?{call.query}")]

    def fault(self, kind: Kind, match: str = "", **details: Any) -> Fault:
        """Order a fault; see `Fault` for the kinds and details."""
        return self.faults.add(Fault(kind, match, **details))

    def set_quota(self, reads: int | None, writes: int | None) -> None:
        """Calls per minute and user from now on."""
        self.quota.limits = {"Read": reads, "Write": writes}

    def advance(self, seconds: float) -> None:
        """Move the server's clock: quotas refill, tokens expire, times of change jump."""
        self.store.clock_offset += seconds

    def disable_api(self, service: str, *, disabled: bool = True) -> None:
        """Switch `sheets.googleapis.com` or `drive.googleapis.com` off (or on again) for the project."""
        change = self.store.disabled_services.add if disabled else self.store.disabled_services.discard
        change(service)

    def service_account(self, email: str = "planner@sheets-server.iam.gserviceaccount.com") -> dict[str, str]:
        """Make a service account; the answer is the content of its key file."""
        return register_service_account(self.store, email, self.url)

    def service_account_file(self, path: Path, email: str = "planner@sheets-server.iam.gserviceaccount.com") -> Path:
        """Make a service account and write its key file."""
        path.write_text(json.dumps(self.service_account(email)), encoding="utf-8")
        return path

    def authorized_user(self, email: str, scopes: list[str]) -> dict[str, Any]:
        """Make a user who has consented to the scopes; the answer is the content of an authorized_user file."""
        return register_user(self.store, email, scopes, self.url)

    def book(self, key: str) -> Workbook:
        """A stored workbook, to look at."""
        return self.store.books[key]

    def workbook_json(self, key: str) -> Json:
        """A stored workbook with all its cells, as spreadsheets.get would answer it."""
        with self.store.lock:
            book = self.store.books[key]
            return Renderer(book, self.store.calculator(book)).spreadsheet(None, None, grid_data=True)

    def cell(self, key: str, a1: str) -> Json:
        """One stored cell, as spreadsheets.get would answer it."""
        with self.store.lock:
            book = self.store.books[key]
            sheet, area = find_range(book, a1)
            return Renderer(book, self.store.calculator(book)).cell(sheet, area.top or 0, area.left or 0)

    def edit(self, key: str, a1: str, value: Any) -> None:
        """A person types into a cell."""

        def type_in(book: Workbook) -> None:
            draft = Draft(book, Caller("", "owner"), load("sheets"))
            draft.book = book
            sheet, area = find_range(book, a1)
            draft.enter(sheet, area.top or 0, area.left or 0, "" if value is None else value, raw=False)

        self.store.change(key, type_in)

    def share(self, key: str, email: str, role: str = "writer") -> None:
        """Give somebody a role (owner, writer, reader) on a workbook."""
        self.store.change(key, lambda book: share(book, "user", role, {"emailAddress": email}))

    def unshare(self, key: str, email: str) -> None:
        """Take somebody's role away."""

        def drop(book: Workbook) -> None:
            book.permissions = [item for item in book.permissions if item.get("emailAddress") != email]

        self.store.change(key, drop)

    def add_tab_without_cells(self, key: str, title: str, kind: str) -> None:
        """A person adds a tab that is no grid: OBJECT (a chart of its own) or DATA_SOURCE (connected to a database)."""

        def add(book: Workbook) -> None:
            sheet_id = 900_000_000 + len(book.other_tabs)
            book.other_tabs.append({"sheetId": sheet_id, "title": title, "sheetType": kind})

        self.store.change(key, add)

    def set_formula_result(self, key: str, formula: str, result: Json) -> None:
        """Decide what a formula (its whole text) evaluates to, as an ExtendedValue."""
        self.store.change(key, lambda book: book.formula_results.update({formula: result}))
