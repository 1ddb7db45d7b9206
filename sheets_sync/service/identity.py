"""Who asks: Google-signed identity tokens, verified through google-auth."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.auth import exceptions as auth_exceptions
from google.auth import jwt

from sheets_sync.service.published_keys import PublishedKeys, UnknownKeyError

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
ALGORITHM = "RS256"
CLOCK_SKEW_S = 10
LONGEST_TOKEN = 8_000
LONGEST_NAME = 320

_KEY_ID = re.compile(r"[A-Za-z0-9_.=-]{1,200}", re.ASCII)
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What parsers raise that were given anything but a token."""


class NotIdentifiedError(Exception):
    """The request does not prove who sends it; the message says what is wrong with the proof."""


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
        self._keys = PublishedKeys(certificates_url, clock)

    def verify(self, token: str) -> Caller:
        """Who the token is of.

        Raises:
            NotIdentifiedError: it is not a valid token for us.
            KeysUnreachableError: the keys to check it with cannot be fetched.
        """
        if not self._audience:
            raise NotIdentifiedError("This service accepts no identity tokens: service.audience is not set.")
        claims = self._claims(token)
        if claims.get("iss") not in ISSUERS:
            raise NotIdentifiedError("The identity token was not issued by Google.")
        email = claims.get("email")
        if not isinstance(email, str) or not is_a_name(email) or claims.get("email_verified") is not True:
            raise NotIdentifiedError(
                "The identity token has no verified e-mail address. Request it with the scopes openid and email."
            )
        if self._hosted_domains and str(claims.get("hd", "")).casefold() not in self._hosted_domains:
            raise NotIdentifiedError("The identity token belongs to an account outside the allowed organisations.")
        return Caller(email.casefold())

    def _claims(self, token: str) -> Mapping[str, Any]:
        key_id = _key_id(token)
        try:
            certificate = self._keys.certificate(key_id)
        except UnknownKeyError:
            raise NotIdentifiedError("The identity token is not valid: its key is not one of Google's.") from None
        try:
            claims: Mapping[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]  # google-auth is half typed
                token,
                certs={key_id: certificate},
                audience=self._audience,
                clock_skew_in_seconds=CLOCK_SKEW_S,
            )
        except (auth_exceptions.GoogleAuthError, *_BROKEN) as error:
            raise NotIdentifiedError(f"The identity token is not valid: {_reason(str(error))}.") from None
        return claims


def is_a_name(text: str) -> bool:
    """Whether a text may name a caller: not empty, of one line, no longer than an e-mail address may be."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _key_id(token: str) -> str:
    """The id of the key that the token says it is signed with.

    Raises:
        NotIdentifiedError: it is too long, is no token, names no key, or is signed in another way than Google does.
    """
    if len(token) > LONGEST_TOKEN:
        raise NotIdentifiedError(f"The identity token is not valid: it is longer than {LONGEST_TOKEN:,} characters.")
    try:
        header = jwt.decode_header(token)  # type: ignore[no-untyped-call]  # google-auth is half typed
    except (auth_exceptions.GoogleAuthError, *_BROKEN):
        raise NotIdentifiedError("The identity token is not valid: it cannot be read.") from None
    key_id = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise NotIdentifiedError(f"The identity token is not valid: it names no key (kid) for {ALGORITHM}.")
    return key_id


def _reason(text: str) -> str:
    """google-auth's reason in our words: its own text may quote the token."""
    known = {
        "expired": "it has expired",
        "audience": "it was made for another service (audience)",
        "too early": "it is not valid yet",
        "signature": "its signature is wrong",
    }
    return next((words for part, words in known.items() if part.casefold() in text.casefold()), "it cannot be read")
