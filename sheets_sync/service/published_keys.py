"""Google's published keys, kept at hand: whoever has a known key never waits for the network.

They are fetched by one thread at a time, in the background, and not more often than every few seconds, whatever tokens
strangers send.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping

import requests

logger = logging.getLogger(__name__)

FETCH_TIMEOUT_S = 5.0
REFRESH_S = 300.0
"""Age at which keys are fetched anew, while those at hand are still used; Google announces new ones hours ahead."""
GOOD_FOR_S = 6 * 3600.0
"""Age at which keys are no longer used, though no new ones could be fetched."""
RETRY_S = 10.0
"""Between the beginnings of two fetches."""
WAITING = 4
"""Callers that may wait for a fetch at once; all others are answered without it."""
LARGEST = 200_000


class UnknownKeyError(Exception):
    """No published key has this id."""


class KeysUnreachableError(Exception):
    """Google's published keys cannot be fetched, so that nobody can be identified at the moment."""


class PublishedKeys:
    """The certificates that an address publishes as JSON, by key id."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)
        self._certificates: Mapping[str, str] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetch: threading.Event | None = None

    def certificate(self, key_id: str) -> str:
        """The certificate of a key, as PEM.

        Raises:
            UnknownKeyError: no such key is published, as far as is known.
            KeysUnreachableError: no keys could be fetched for too long.
        """
        age = self._clock() - self._fetched_at
        found = self._certificates.get(key_id) if age < GOOD_FOR_S else None
        if found is not None:
            if age > REFRESH_S:
                self._begin_fetch()
            return found
        # Perhaps Google has changed its keys since they were fetched.
        self._wait_for(self._begin_fetch())
        if self._clock() - self._fetched_at >= GOOD_FOR_S:
            raise KeysUnreachableError("Google's keys cannot be fetched at the moment. Try again in a minute.")
        if key_id not in self._certificates:
            raise UnknownKeyError(key_id)
        return self._certificates[key_id]

    def _begin_fetch(self) -> threading.Event | None:
        """The fetch that is under way, begun now where none is; None where the last one began a moment ago."""
        with self._lock:
            if self._fetch is not None:
                return self._fetch
            if self._clock() - self._tried_at < RETRY_S:
                return None
            self._tried_at = self._clock()
            self._fetch = done = threading.Event()
        threading.Thread(target=self._run, args=(done,), name="keys", daemon=True).start()
        return done

    def _wait_for(self, fetch: threading.Event | None) -> None:
        if fetch is not None and self._places.acquire(blocking=False):
            try:
                fetch.wait(FETCH_TIMEOUT_S)
            finally:
                self._places.release()

    def _run(self, done: threading.Event) -> None:
        try:
            answer = requests.get(self._url, timeout=FETCH_TIMEOUT_S, allow_redirects=False)
            answer.raise_for_status()
            self._certificates = _certificates(answer.content)
            self._fetched_at = self._clock()
        except (requests.RequestException, ValueError) as error:
            logger.warning(
                "Google's keys cannot be fetched (%s)", type(error).__name__, extra={"action": "keys_unreachable"}
            )
        finally:
            with self._lock:
                self._fetch = None
            done.set()


def _certificates(content: bytes) -> Mapping[str, str]:
    """The certificates in a document; one that is anything else is refused, so that the keys at hand stay."""
    found = json.loads(content) if len(content) <= LARGEST else None
    if not isinstance(found, dict) or not found or not all(isinstance(text, str) for text in found.values()):
        raise ValueError("not a document of certificates")
    return found
