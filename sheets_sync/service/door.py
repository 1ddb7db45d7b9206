"""The door: every request passes it before anything looks at what it asks. Size, identity, rate."""

import math
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sheets_sync.service.identity import Caller, NotIdentifiedError, TokenVerifier
from sheets_sync.service.problems import Problem
from sheets_sync.service.published_keys import KeysUnreachableError
from sheets_sync.service.request_limits import RequestLimit
from sheets_sync.service.secret import SIGNATURE, SecretVerifier

GUARDED = "/v1/"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_LENGTH = 15
"""Digits of a Content-Length that are read at all."""


def caller_of(request: Request) -> Caller:
    """Who the door let in."""
    caller: Caller = request.state.caller
    return caller


Who = Annotated[Caller, Depends(caller_of)]
"""The caller, as an argument of a call."""


class Door:
    """Middleware: lets in requests that are small enough, come from someone known, and not too often."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: TokenVerifier,
        secret: SecretVerifier | None,
        largest_bytes: int,
        reads_per_minute: int,
        clicks_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._secret = secret
        self._largest_bytes = largest_bytes
        self._reads = RequestLimit(reads_per_minute, clock=clock)
        self._clicks = RequestLimit(clicks_per_minute, clock=clock)
        self._failures = RequestLimit(reads_per_minute, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer with a problem."""
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._body(Headers(scope=scope), receive)
            scope.setdefault("state", {})["caller"] = await self._caller(scope, body)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        too_large = Problem(413, "too-large", f"A request can have at most {self._largest_bytes:,} bytes.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > LONGEST_LENGTH or int(length) > self._largest_bytes:
            raise too_large
        body = b""
        while True:
            message = await receive()
            body += bytes(message.get("body", b""))
            # A body that is sent in chunks does not say its length beforehand.
            if len(body) > self._largest_bytes:
                raise too_large
            if not message.get("more_body", False):
                return body

    async def _caller(self, scope: Scope, body: bytes) -> Caller:
        address = (scope.get("client") or ("unknown", 0))[0]
        try:
            caller = await run_in_threadpool(self._identify, scope, body)
        except NotIdentifiedError as error:
            self._count(self._failures, address)
            raise Problem(401, "not-identified", str(error), {"WWW-Authenticate": "Bearer"}) from None
        except KeysUnreachableError as error:
            raise Problem(503, "keys-unreachable", str(error), {"Retry-After": "30"}) from None
        # Apart, so that pages left open do not use up what a person's clicks need.
        limit = self._reads if scope["method"] in READING else self._clicks
        self._count(limit, caller.email or address)
        return caller

    def _identify(self, scope: Scope, body: bytes) -> Caller:
        headers = Headers(scope=scope)
        if SIGNATURE in headers and self._secret is not None:
            query = scope["query_string"].decode("latin-1")
            path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
            return self._secret.verify(scope["method"], path + (f"?{query}" if query else ""), headers, body)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not token.strip():
            raise NotIdentifiedError("Send an identity token: Authorization: Bearer TOKEN.")
        return self._tokens.verify(token.strip())

    @staticmethod
    def _count(limit: RequestLimit, who: str) -> None:
        wait = limit.take(who)
        if wait > 0:
            seconds = str(math.ceil(wait))
            detail = f"Too many requests in a minute. Try again in {seconds} s."
            raise Problem(429, "too-many-requests", detail, {"Retry-After": seconds})


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, for the app."""
    reported = False

    async def again() -> Message:
        nonlocal reported
        if reported:
            return await receive()
        reported = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
