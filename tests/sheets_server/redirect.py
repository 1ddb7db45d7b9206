"""Sends what the real client libraries address to Google to a server on this machine instead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from requests.adapters import HTTPAdapter

GOOGLE_HOSTS = (
    "sheets.googleapis.com",
    "www.googleapis.com",
    "oauth2.googleapis.com",
    "iamcredentials.googleapis.com",
)


class RedirectAdapter(HTTPAdapter):
    """Carries requests to another address than their URL says; path, query, headers and body stay."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.target = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to the server."""
        parts = urlsplit(request.url or "")
        request.url = urlunsplit((self.target.scheme, self.target.netloc, str(parts.path), str(parts.query), ""))
        return super().send(request, *args, **kwargs)


def redirected_session(url: str, credentials: Credentials | None = None) -> AuthorizedSession:
    """A session for gspread whose calls to Google, those for tokens included, go to `url`."""
    for_tokens = requests.Session()
    token_request = Request(for_tokens)
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
    session = AuthorizedSession(credentials or anonymous, auth_request=token_request)  # type: ignore[no-untyped-call]
    for one in (session, for_tokens):
        redirect(one, url)
    return session


def redirect(session: requests.Session, url: str) -> None:
    """Send a session's calls to Google to `url`."""
    for host in GOOGLE_HOSTS:
        session.mount(f"https://{host}", RedirectAdapter(url))
