"""What the server keeps: workbooks, who is who, the clock; and the one lock around it all."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .book import Json, Workbook
from .calculator import Calculator
from .errors import file_not_found, not_found, permission_denied
from .habits import Habits
from .number_format import EPOCH
from .state import dump_book, load_book

ANONYMOUS = "anonymous@emulator.invalid"
PERSON = "person@team.example"
"""Whose workbooks are those that a test makes."""
PERSON_TOKEN = "the-person"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")


def _forever(email: str) -> Json:
    scopes = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]
    return {"email": email, "scopes": scopes, "expires": float(2**40)}


class Store:
    """Workbooks and accounts; `state` is the file that survives a restart (None: memory only)."""

    def __init__(self, state: Path | None = None, *, require_auth: bool = False) -> None:
        self.lock = threading.RLock()
        self.require_auth = require_auth
        self.habits = Habits()
        self.books: dict[str, Workbook] = {}
        # E-mail of a service account -> its public key (PEM).
        self.service_keys: dict[str, str] = {}
        # Service account -> those who may act as it; and the people in whose name an account may act, by scope.
        self.token_creators: dict[str, set[str]] = {}
        self.delegations: dict[str, set[str]] = {}
        # Keys with which Google itself signs for an account; made when they are needed.
        self._system_keys: dict[str, rsa.RSAPrivateKey] = {}
        # Refresh token -> e-mail, client and scopes of the user who gave it.
        self.refresh_tokens: dict[str, Json] = {}
        # Access token -> e-mail, scopes, moment of expiry.
        self.access_tokens: dict[str, Json] = {PERSON_TOKEN: _forever(PERSON)}
        self.disabled_services: set[str] = set()
        self.clock_offset = 0.0
        self._last_moment = 0.0
        self._state = state
        self._dumped: dict[str, tuple[Workbook, Json]] = {}
        self._calculators: dict[str, tuple[Workbook, Calculator]] = {}
        if state is not None and state.exists():
            self._load(json.loads(state.read_text(encoding="utf-8")))

    def now(self) -> float:
        """Seconds since 1970 on the server's own clock, which tests may advance."""
        return time.time() + self.clock_offset

    def system_key(self, email: str) -> str:
        """The private key (PEM) with which Google itself signs for a service account."""
        key = self._system_keys.setdefault(email, rsa.generate_private_key(public_exponent=65537, key_size=2048))
        encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return key.private_bytes(*encoding).decode()

    def public_keys(self, email: str) -> list[rsa.RSAPublicKey]:
        """The keys that check what was signed for a service account: its own, and Google's."""
        own = serialization.load_pem_public_key(self.service_keys[email].encode())
        assert isinstance(own, rsa.RSAPublicKey)
        return [own, *(key.public_key() for key in [self._system_keys.get(email)] if key is not None)]

    def create(self, properties: Json, owner: str) -> Workbook:
        """A workbook without sheets under a fresh id; `commit` makes it known."""
        # As Google's do, ids begin with a 1: one that began with a dash would be an option of a command.
        return Workbook("1" + secrets.token_urlsafe(32), properties, owner)

    def commit(self, book: Workbook) -> None:
        """Keep a changed workbook; its time of change moves even within a millisecond."""
        moment = max(self.now(), self._last_moment + 0.001)
        self._last_moment = moment
        book.modified = moment
        book.created = book.created or moment
        book.moments = [*book.moments[-20:], moment]
        book.version += 1
        self.books[book.id] = book
        self.save()

    def forget(self, key: str) -> None:
        """Delete a workbook."""
        del self.books[key]
        self._dumped.pop(key, None)
        self.save()

    def calculator(self, book: Workbook) -> Calculator:
        """The calculator of this state of the workbook; kept until the workbook changes."""
        known = self._calculators.get(book.id)
        if known is None or known[0] is not book:
            try:
                zone: ZoneInfo | None = ZoneInfo(str(book.properties.get("timeZone", "Etc/GMT")))
            except (ZoneInfoNotFoundError, ValueError):
                zone = None
            local = datetime.fromtimestamp(self.now(), zone or UTC).replace(tzinfo=None)
            known = (book, Calculator(book, (local - EPOCH).total_seconds() / 86400))
            self._calculators[book.id] = known
        return known[1]

    def role(self, book: Workbook, email: str) -> str | None:
        """The best role that somebody has on a workbook; without authentication everybody may edit everything.

        An account that a sheet is shared with is an editor, never its owner: so are anonymous callers, unless the
        workbook is their own.
        """
        found = [
            item["role"]
            for item in book.permissions
            if item["type"] == "anyone"
            or item.get("emailAddress", "").casefold() == email.casefold()
            or (item["type"] == "domain" and email.casefold().endswith("@" + item.get("domain", "").casefold()))
        ]
        if email == ANONYMOUS and not self.require_auth:
            found.append("writer")
        return max(found, key=ROLES.index, default=None)

    def open(self, key: str, email: str, *, write: bool, drive: bool = False) -> tuple[Workbook, str]:
        """The workbook and the caller's role; 404 or 403 as each of the two APIs says it."""
        book = self.books.get(key)
        if book is None:
            raise file_not_found(key) if drive else not_found()
        role = self.role(book, email)
        if role is None:
            raise file_not_found(key) if drive else permission_denied()
        if write and ROLES.index(role) < ROLES.index("writer"):
            raise permission_denied()
        return book, role

    def change(self, key: str, action: Callable[[Workbook], object]) -> None:
        """Change a copy of a workbook and keep it, as a person's edit would."""
        with self.lock:
            book = self.books[key].copy()
            action(book)
            self.commit(book)

    def save(self) -> None:
        """Write the state file, all of it or none: a new file takes the old one's place."""
        if self._state is None:
            return
        for key, book in self.books.items():
            known = self._dumped.get(key)
            if known is None or known[0] is not book:
                self._dumped[key] = (book, dump_book(book))
        content = {
            "books": [self._dumped[key][1] for key in self.books],
            "service_keys": self.service_keys,
            "refresh_tokens": self.refresh_tokens,
            "access_tokens": self.access_tokens,
            "disabled_services": sorted(self.disabled_services),
            "last_moment": self._last_moment,
        }
        draft = self._state.with_name(self._state.name + ".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._state)

    def _load(self, content: Json) -> None:
        for item in content["books"]:
            book = load_book(item)
            self.books[book.id] = book
            self._dumped[book.id] = (book, item)
        self.service_keys = content["service_keys"]
        self.refresh_tokens = content["refresh_tokens"]
        self.access_tokens |= content["access_tokens"]
        self.disabled_services = set(content["disabled_services"])
        self._last_moment = content["last_moment"]
