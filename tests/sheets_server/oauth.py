"""Service accounts and users of this server, and the endpoint where they fetch access tokens."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .errors import unauthenticated
from .store import ANONYMOUS, Store

LIFETIME_S = 3600
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLOUD_SCOPE = "https://www.googleapis.com/auth/"


class OAuthError(Exception):
    """A token request that is refused, with OAuth's error code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.payload = {"error": error, "error_description": description}


def register_service_account(store: Store, email: str, base_url: str) -> dict[str, str]:
    """Make a service account with a fresh key; the answer is the content of its key file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with store.lock:
        store.service_keys[email] = public.decode()
        store.save()
    return {
        "type": "service_account",
        "project_id": "sheets-server",
        "private_key_id": secrets.token_hex(20),
        "private_key": private.decode(),
        "client_email": email,
        "client_id": str(secrets.randbelow(10**21)),
        "auth_uri": f"{base_url}/auth",
        "token_uri": f"{base_url}/token",
        "universe_domain": "googleapis.com",
    }


def register_user(store: Store, email: str, scopes: list[str], base_url: str) -> dict[str, Any]:
    """Make a user who has consented to the scopes; the answer is an authorized_user file."""
    user = {"email": email, "client_id": "client-" + secrets.token_hex(8), "client_secret": secrets.token_hex(16)}
    token = "refresh-" + secrets.token_urlsafe(24)
    with store.lock:
        store.refresh_tokens[token] = {**user, "scopes": scopes}
        store.save()
    return {
        "type": "authorized_user",
        "client_id": user["client_id"],
        "client_secret": user["client_secret"],
        "refresh_token": token,
        "token_uri": f"{base_url}/token",
    }


def grant(store: Store, body: bytes) -> dict[str, Any]:
    """The answer of the token endpoint to a form; raises OAuthError."""
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    kind = form.get("grant_type")
    with store.lock:
        if kind == JWT_GRANT:
            email, scopes = _check_assertion(store, form.get("assertion", ""))
        elif kind == "refresh_token":
            email, scopes = _check_refresh(store, form)
        else:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {kind or ''}")
        token = issue_token(store, email, scopes)
    return {"access_token": token, "expires_in": LIFETIME_S - 1, "token_type": "Bearer", "scope": " ".join(scopes)}


def issue_token(store: Store, email: str, scopes: list[str]) -> str:
    """A new access token."""
    token = "ya29." + secrets.token_urlsafe(32)
    store.access_tokens[token] = {"email": email, "scopes": scopes, "expires": store.now() + LIFETIME_S}
    store.save()
    return token


def _check_assertion(store: Store, assertion: str) -> tuple[str, list[str]]:
    parts = assertion.split(".")
    if len(parts) != 3:
        raise OAuthError("invalid_grant", "Invalid JWT: it must have three parts.")
    try:
        header, claims = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (ValueError, binascii.Error):
        raise OAuthError("invalid_grant", "Invalid JWT: it cannot be decoded.") from None
    email = claims.get("iss", "")
    if email not in store.service_keys:
        raise OAuthError("invalid_grant", "Invalid grant: account not found")
    if header.get("alg") != "RS256":
        raise OAuthError("invalid_grant", "Invalid JWT: the algorithm must be RS256.")
    if not any(_is_signed(key, ".".join(parts[:2]), signature) for key in store.public_keys(email)):
        raise OAuthError("invalid_grant", "Invalid JWT Signature.")
    # The server's clock may have been advanced by a test, the caller's has not: only the span is checked against it.
    span = claims.get("exp", 0) - claims.get("iat", 0)
    if not 0 < span <= LIFETIME_S or claims.get("exp", 0) < store.now() - store.clock_offset:
        text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        raise OAuthError("invalid_grant", text)
    scopes = str(claims.get("scope", "")).split()
    if not scopes:
        raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    person = claims.get("sub", email)
    if person != email and not store.delegations.get(email, set()).issuperset(scopes):
        raise OAuthError(
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of "
            "the scopes requested.",
        )
    return person, scopes


def _is_signed(key: rsa.RSAPublicKey, text: str, signature: bytes) -> bool:
    try:
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _check_refresh(store: Store, form: dict[str, str]) -> tuple[str, list[str]]:
    user = store.refresh_tokens.get(form.get("refresh_token", ""))
    if user is None:
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")
    if (user["client_id"], user["client_secret"]) != (form.get("client_id"), form.get("client_secret")):
        raise OAuthError("invalid_client", "Unauthorized")
    return user["email"], user["scopes"]


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def identify(store: Store, authorization: str | None) -> tuple[str, frozenset[str] | None]:
    """E-mail and scopes (short names; None: all) behind an Authorization header; raises the 401."""
    token = (authorization or "").removeprefix("Bearer ").strip()
    known = store.access_tokens.get(token)
    if known is not None and known["expires"] > store.now():
        return known["email"], frozenset(scope.removeprefix(CLOUD_SCOPE) for scope in known["scopes"])
    if known is not None or store.require_auth:
        raise unauthenticated()
    return ANONYMOUS, None
