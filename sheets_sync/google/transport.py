"""The one road to Google: gspread's HTTP client with quotas, patience, a deadline, and errors in words.

Every call waits for its place in the minute, is tried again after what passes (429, 5xx, resets, timeouts, cut bodies)
with truncated exponential backoff and full jitter, never earlier than a Retry-After says, and gives up at the deadline.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import tenacity
from google.auth import exceptions as auth_exceptions
from google.auth.credentials import Credentials
from gspread.exceptions import APIError
from gspread.http_client import FileType, HTTPClient, ParamsType

from sheets_sync.google.call_quota import Limiter
from sheets_sync.google.faults import Answer, is_quota, is_taken_mark

logger = logging.getLogger(__name__)

PASSING_STATUSES = frozenset({408, 409, 429, 499, 500, 502, 503, 504})
HEAVY_STATUSES = frozenset({408, 500, 502, 503, 504})
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 32.0
CONNECT_TIMEOUT_S = 10.0
PIECE = 1 << 20
LARGEST_ANSWER = 128 << 20
"""Bytes, unpacked: about two million cells."""
UNREACHABLE_AFTER_S = 20.0
"""Where not even a connection comes about, waiting for the whole deadline helps nobody."""


class TooLargeError(Exception):
    """An answer larger than `LARGEST_ANSWER`; reading it was broken off."""


class CutBodyError(Exception):
    """An answer of which only the beginning arrived."""


@dataclass(frozen=True)
class Patience:
    """How long a call may take, and where time and chance come from."""

    deadline_s: float = 180.0
    attempt_s: float = 180.0
    """Seconds that one attempt may stay silent; Google ends requests itself after 180."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = random.uniform


class PatientClient(HTTPClient):
    """gspread's HTTP client, patient and polite; what it finally raises is a sentence or gspread's own APIError."""

    limiter: Limiter
    patience: Patience
    emulator: str | None = None
    calls: int = 0
    """Attempts that were sent."""

    def __init__(self, auth: Credentials, session: requests.Session | None = None) -> None:
        super().__init__(auth, session)
        self.session.hooks["response"].append(_read_body)

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: Any = None,
        tries: int | None = None,
    ) -> requests.Response:
        """Send until an answer is final; with `tries`, at most so often where Google's side does not manage the call.

        Raises:
            APIError: Google's final refusal.
            TooLargeError: the answer is larger than we take in.
            requests.RequestException, CutBodyError, google.auth.exceptions.GoogleAuthError: the last failure.
        """
        if json is not None:
            data, headers = compact(json), {**(headers or {}), "Content-Type": "application/json"}

        def attempt() -> requests.Response:
            self.limiter.acquire("read" if method.lower() == "get" else "write")
            self.calls += 1
            response = self.session.request(
                method=method,
                url=self._address(endpoint),
                params=params,
                data=data,
                files=files,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, self.patience.attempt_s),
            )
            if not response.ok:
                raise APIError(response)
            # A proxy may end a chunked answer in good order but early; what is no whole JSON document is not all of it.
            if not response.content.rstrip().endswith((b"}", b"]")):
                raise CutBodyError
            return response

        return self._retrying(tries)(attempt)

    def _retrying(self, tries: int | None) -> tenacity.Retrying:
        patience, start = self.patience, self.patience.clock()

        def wait(state: tenacity.RetryCallState) -> float:
            longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.attempt_number - 1))
            return max(patience.chance(0, longest), _retry_after(_failure(state)))

        def stop(state: tenacity.RetryCallState) -> bool:
            failure = _failure(state)
            if tries is not None and state.attempt_number >= tries and is_too_heavy(failure):
                return True
            limit = min(UNREACHABLE_AFTER_S, patience.deadline_s) if never_sent(failure) else patience.deadline_s
            return patience.clock() - start + state.upcoming_sleep > limit

        def report(state: tenacity.RetryCallState) -> None:
            logger.warning(
                "%s; trying again in %.1f s",
                in_words(_failure(state)),
                state.upcoming_sleep,
                extra={"action": "google_call_retried", "attempt": state.attempt_number},
            )

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(passes),
            wait=wait,
            stop=stop,
            sleep=patience.sleep,
            before_sleep=report,
            reraise=True,
        )

    def _address(self, endpoint: str) -> str:
        if self.emulator is None:
            return endpoint
        return (
            self.emulator
            + endpoint.partition("://")[2].partition("/")[1]
            + endpoint.partition("://")[2].partition("/")[2]
        )


def compact(body: Mapping[str, Any]) -> bytes:
    """JSON without blanks; numbers that JSON has no word for are a defect and raise ValueError."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def passes(error: BaseException) -> bool:
    """True for a failure that may be gone the next time."""
    if isinstance(error, APIError):
        answer = answer_of(error)
        # That the number of a write is taken does not pass.
        return (answer.status in PASSING_STATUSES and not is_taken_mark(answer)) or is_quota(answer)
    if isinstance(error, auth_exceptions.GoogleAuthError):
        return isinstance(error, auth_exceptions.TransportError) or error.retryable
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(
        error,
        (
            CutBodyError,
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ),
    )


def never_sent(error: BaseException) -> bool:
    """True where no connection came about, so nothing can have happened at the other end."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    return isinstance(error, requests.exceptions.ConnectionError) and any(
        text in str(error) for text in ("NewConnectionError", "NameResolutionError", "Connection refused")
    )


def is_too_heavy(error: BaseException) -> bool:
    """True for a failure of Google's side that a call which asks for less may not have."""
    if isinstance(error, APIError):
        return error.response.status_code in HEAVY_STATUSES
    return passes(error) and not never_sent(error) and not isinstance(error, auth_exceptions.GoogleAuthError)


def answer_of(error: APIError) -> Answer:
    """Google's error payload, in the shape of Sheets (details) or of Drive (errors)."""
    payload = error.error if isinstance(error.error, dict) else {}
    details = [item for item in payload.get("details", []) if isinstance(item, dict)]
    reasons = {str(item["reason"]) for item in [*details, *payload.get("errors", [])] if "reason" in item}
    metadata = {key: str(value) for item in details for key, value in item.get("metadata", {}).items()}
    return Answer(error.response.status_code, str(payload.get("message", "")), frozenset(reasons), metadata)


def _read_body(response: requests.Response, **_: Any) -> None:
    """Read the body piece by piece, so that a workbook of ten million cells cannot fill the memory."""
    pieces: list[bytes] = []
    size = 0
    with response:
        for piece in response.iter_content(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise TooLargeError
    # requests offers no public way to keep a body that was read in pieces.
    response._content = b"".join(pieces)


def _failure(state: tenacity.RetryCallState) -> BaseException:
    failure = state.outcome.exception() if state.outcome is not None else None
    return failure if failure is not None else CutBodyError()


def in_words(error: BaseException) -> str:
    """A failure as half a sentence, without an end."""
    if isinstance(error, APIError):
        answer = answer_of(error)
        if is_quota(answer):
            return f"Google's quota of calls per minute is used up (HTTP {answer.status})"
        return f"Google answered with HTTP {answer.status}"
    if isinstance(error, CutBodyError | requests.exceptions.ChunkedEncodingError):
        return "Google's answer broke off"
    if isinstance(error, requests.exceptions.ContentDecodingError | ValueError):
        return "Google's answer could not be read"
    if isinstance(error, requests.exceptions.Timeout):
        return "Google did not answer in time"
    if isinstance(error, auth_exceptions.GoogleAuthError):
        return "Google gave no token"
    return "Google cannot be reached" if never_sent(error) else "The connection to Google broke off"


def _retry_after(error: BaseException) -> float:
    """Seconds that Google asks us to wait; 0 where it does not."""
    text = error.response.headers.get("Retry-After", "") if isinstance(error, APIError) else ""
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, moment.timestamp() - datetime.now(UTC).timestamp())
