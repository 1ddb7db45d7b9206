"""The tools for assistants over HTTP: behind the same door as every call, with the rights of the token's person."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from importlib.util import find_spec

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import Settings
from sheets_sync.assistant.tools import Tools
from sheets_sync.service.access import Access
from sheets_sync.service.identity import Caller

PATH = "/v1/mcp"
_caller: ContextVar[Caller] = ContextVar("caller")


def is_offered() -> bool:
    """Whether the extra is installed that brings the protocol."""
    return find_spec("mcp") is not None


class AssistantCalls:
    """Middleware within the door: answers at one path, and passes all other requests on."""

    def __init__(self, app: ASGIApp, *, assistants: "Assistants") -> None:
        self._app = app
        self._assistants = assistants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an assistant, or pass on."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        token = _caller.set(scope["state"]["caller"])
        try:
            await self._assistants.app(scope, receive, send)
        finally:
            _caller.reset(token)


class Assistants:
    """The tools of the service; each caller reads the registered workbooks that they may run."""

    def __init__(self, access: Access, settings: Settings) -> None:
        from sheets_sync.assistant.server import http_app

        self._access = access
        self._settings = settings
        self._places = threading.BoundedSemaphore(settings.service.concurrent_runs)
        self.app, self._running = http_app(Tools({}, settings), self._of_caller, PATH)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """What the service runs within."""
        async with self._running:
            yield

    def _of_caller(self) -> Tools:
        caller = _caller.get()
        places = {book.name: book.location for book in self._access.workbooks if self._access.allows(book, caller)}
        deadline_s = self._settings.service.check_deadline_s
        return Tools(places, self._settings, caller.email, deadline_s, self._places)
