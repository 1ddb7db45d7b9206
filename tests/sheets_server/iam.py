"""Google's IAM Service Account Credentials API: tokens and signatures of an account for those who may act as it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from google.auth import crypt, jwt

from .errors import ApiError, scope_insufficient, service_disabled
from .oauth import LIFETIME_S, identify, issue_token
from .store import Store

HOST = "iamcredentials.googleapis.com"
_PATH = re.compile(r"/v1/projects/-/serviceAccounts/([^/:]+):(generateAccessToken|signJwt)\Z")
_SCOPES = frozenset({"iam", "cloud-platform"})


def find_account(path: str) -> tuple[str, str] | None:
    """The account and the method that a path names; None where it is none of this API."""
    found = _PATH.match(path)
    return None if found is None else (unquote(found[1]), found[2])


def answer(store: Store, account: str, method: str, authorization: str | None, body: bytes) -> dict[str, Any]:
    """The answer of one call; raises ApiError."""
    with store.lock:
        caller, scopes = identify(store, authorization)
        if HOST in store.disabled_services:
            raise service_disabled(HOST, "IAM Service Account Credentials API")
        if scopes is not None and not scopes & _SCOPES:
            raise scope_insufficient(HOST)
        if account not in store.service_keys:
            raise ApiError(404, f"Not found; Gaia id not found for email {account}")
        permission = "getAccessToken" if method == "generateAccessToken" else "signJwt"
        if caller not in store.token_creators.get(account, ()):
            raise ApiError(
                403, f"Permission 'iam.serviceAccounts.{permission}' denied on resource (or it may not exist)."
            )
        given = json.loads(body)
        if method == "signJwt":
            signer = crypt.RSASigner.from_string(store.system_key(account), "system")
            return {"keyId": "system", "signedJwt": jwt.encode(signer, json.loads(given["payload"])).decode()}
        token = issue_token(store, account, given["scope"])
        expiry = datetime.fromtimestamp(int(store.now()) + LIFETIME_S, UTC)
        return {"accessToken": token, "expireTime": expiry.strftime("%Y-%m-%dT%H:%M:%SZ")}
