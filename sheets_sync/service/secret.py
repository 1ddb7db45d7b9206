"""Requests signed with a shared secret, for installations without identity tokens.

The signature is the hex HMAC-SHA256, with the secret as key, of these lines: ``sheetplan-1``, method, path with query,
timestamp (seconds since 1970), nonce (a fresh random text), person, and the hex SHA-256 of the body.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import nonces
from sheets_sync.service.identity import Caller, NotIdentifiedError, is_a_name

SIGNATURE, TIMESTAMP = "x-sheetplan-signature", "x-sheetplan-timestamp"
NONCE, PERSON = "x-sheetplan-nonce", "x-sheetplan-person"
VALID_S = 300
"""How far a timestamp may be off, either way."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def signature(
    secret: str, *, method: str, target: str, timestamp: str, nonce: str, person: str = "", body: bytes = b""
) -> str:
    """The signature of a request; `target` is its path with the query."""
    lines = ("sheetplan-1", method, target, timestamp, nonce, person, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


class SecretVerifier:
    """Verifies signed requests; each nonce is good for one request, whichever process it comes to."""

    def __init__(self, secret: str, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._database = database
        self._clock = clock

    def verify(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Caller:
        """The holder of the secret, as whom they say they are.

        Raises:
            NotIdentifiedError: the signature is wrong or too old, or the request was sent before.
        """
        timestamp, nonce, person = (headers.get(name, "") for name in (TIMESTAMP, NONCE, PERSON))
        if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
            raise NotIdentifiedError(
                f"A signed request needs {TIMESTAMP} (seconds since 1970) and {NONCE} (16 to 128 letters and digits)."
            )
        if person and not is_a_name(person):
            raise NotIdentifiedError(f"{PERSON} is too long, or holds characters that no name has.")
        expected = signature(
            self._secret, method=method, target=target, timestamp=timestamp, nonce=nonce, person=person, body=body
        )
        if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode("utf-8", "replace")):
            raise NotIdentifiedError("The signature is wrong. Check that both sides use the same shared secret.")
        now = self._clock()
        if abs(now - int(timestamp)) > VALID_S:
            raise NotIdentifiedError("The timestamp is too far off. Check the clock.")
        with self._database.begin() as connection:
            connection.execute(sa.delete(nonces).where(nonces.c.seen_at < now - 2 * VALID_S))
            if connection.execute(sa.select(nonces.c.nonce).where(nonces.c.nonce == nonce)).first() is not None:
                raise NotIdentifiedError("This request was already sent. Sign each request with a new nonce.")
            try:
                connection.execute(sa.insert(nonces).values(nonce=nonce, seen_at=now))
            except sa.exc.IntegrityError:
                raise NotIdentifiedError("This request was already sent. Sign each request with a new nonce.") from None
        return Caller(person, holds_secret=True)
