"""Who asks: Google-signed identity tokens, verified through google-auth."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from google.auth import exceptions as auth_exceptions
from google.auth import transport
from google.auth.transport.requests import Request
from google.oauth2 import id_token

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
CLOCK_SKEW_S = 10
FETCH_TIMEOUT_S = 10
KEEP_KEYS_S = 300.0
"""How long published keys are used before they are fetched anew; Google announces new ones hours ahead."""
REFETCH_AFTER_S = 10.0
"""A token whose key is not known makes us look for new keys, but not more often than this."""


class NotIdentifiedError(Exception):
    """The request does not prove who sends it; the message says what is wrong with the proof."""


class KeysUnreachableError(Exception):
    """Google's published keys cannot be fetched, so that nobody can be identified at the moment."""


@dataclass(frozen=True)
class Caller:
    """Who asks: an e-mail address, or the holder of the shared secret (whose `email` is what they say)."""

    email: str
    holds_secret: bool = False


class TokenVerifier:
    """Verifies identity tokens: signature, issuer, audience, expiry, verified e-mail, hosted domain."""

    def __init__(
        self,
        audience: Sequence[str],
        *,
        hosted_domains: Sequence[str] = (),
        certificates_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._audience = list(audience)
        self._hosted_domains = {domain.casefold() for domain in hosted_domains}
        self._certificates_url = certificates_url
        self._keys = _CachedKeys(Request(requests.Session()), clock)

    def verify(self, token: str) -> Caller:
        """Who the token is of.

        Raises:
            NotIdentifiedError: it is not a valid token for us.
            KeysUnreachableError: the keys to check it with cannot be fetched.
        """
        if not self._audience:
            raise NotIdentifiedError("This service accepts no identity tokens: service.audience is not set.")
        try:
            claims = self._claims(token)
        except NotIdentifiedError:
            # Perhaps Google has changed its keys since we fetched them.
            if not self._keys.expire():
                raise
            claims = self._claims(token)
        if claims.get("iss") not in ISSUERS:
            raise NotIdentifiedError("The identity token was not issued by Google.")
        email = claims.get("email")
        if not isinstance(email, str) or not email or claims.get("email_verified") is not True:
            raise NotIdentifiedError(
                "The identity token has no verified e-mail address. Request it with the scopes openid and email."
            )
        if self._hosted_domains and str(claims.get("hd", "")).casefold() not in self._hosted_domains:
            raise NotIdentifiedError("The identity token belongs to an account outside the allowed organisations.")
        return Caller(email.casefold())

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = id_token.verify_token(
                token,
                self._keys,
                audience=self._audience,
                certs_url=self._certificates_url,
                clock_skew_in_seconds=CLOCK_SKEW_S,
            )
        except auth_exceptions.TransportError as error:
            raise KeysUnreachableError("Google's keys are currently unavailable. Try again in a minute.") from error
        except (auth_exceptions.GoogleAuthError, ValueError, KeyError, TypeError) as error:
            raise NotIdentifiedError(f"The identity token is not valid: {_reason(str(error))}.") from None
        return claims


def _reason(text: str) -> str:
    """google-auth's reason in our words: its own text may quote the token."""
    known = {
        "expired": "it has expired",
        "audience": "it was made for another service (audience)",
        "too early": "it is not valid yet",
        "signature": "its signature is wrong",
        "Certificate for key id": "its key is not one of Google's",
    }
    return next((words for part, words in known.items() if part.casefold() in text.casefold()), "it cannot be read")


class _CachedKeys(transport.Request):
    """Fetches Google's keys as google-auth asks for them with every token, but seldom over the network."""

    def __init__(self, fetch: transport.Request, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: transport.Response | None = None
        self._fetched_at = 0.0

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **options: Any
    ) -> transport.Response:
        with self._lock:
            if self._answer is None or self._clock() - self._fetched_at > KEEP_KEYS_S:
                answer: transport.Response = self._fetch(
                    url, method, body, headers, timeout or FETCH_TIMEOUT_S, **options
                )
                if answer.status != 200:
                    return answer
                self._answer, self._fetched_at = answer, self._clock()
            return self._answer

    def expire(self) -> bool:
        """Forget the keys, unless they are as good as new; True where they were forgotten."""
        with self._lock:
            if self._answer is None or self._clock() - self._fetched_at < REFETCH_AFTER_S:
                return False
            self._answer = None
            return True
