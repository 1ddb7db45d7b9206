"""The tools for assistants over HTTP: behind the same door as every call, with the rights of the token's person."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from importlib.util import find_spec

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings
from sheets_sync.assistant.call import ToolCall
from sheets_sync.assistant.tools import Tools
from sheets_sync.service.access import Access
from sheets_sync.service.identity import Caller

PATH = "/v1/mcp"
_caller: ContextVar[Caller] = ContextVar("caller")
_call: ContextVar[ToolCall] = ContextVar("call")


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
        call = self._assistants.begin_call()
        tokens = _caller.set(scope["state"]["caller"]), _call.set(call)
        # The door gives the whole body at once, and after that what becomes of the connection.
        body = await receive()
        leaving = asyncio.create_task(_leave_with_the_caller(receive, call))
        try:
            await self._assistants.answer(scope, _followed_by(body, leaving), send)
        finally:
            leaving.cancel()
            _caller.reset(tokens[0])
            _call.reset(tokens[1])


async def _leave_with_the_caller(receive: Receive, call: ToolCall) -> Message:
    """Give a call up once its connection is closed: nobody waits for the answer any more."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
    call.given_up.set()
    return message


def _followed_by(body: Message, leaving: "asyncio.Task[Message]") -> Receive:
    """The body, and then the end of the connection."""
    messages = [body]

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.shield(leaving)

    return receive


class Assistants:
    """The tools of the service; each caller reads the registered workbooks that they may run.

    The protocol's library takes half a second to load, so that waits for the first assistant.
    """

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._settings = settings
        self._places = threading.BoundedSemaphore(settings.service.concurrent_runs)
        self._wanted: asyncio.Event
        self._app: asyncio.Future[ASGIApp]

    def begin_call(self) -> ToolCall:
        """One request, whose time begins now."""
        return ToolCall(self._settings.service.check_deadline_s)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """What the service runs within."""
        self._wanted, self._app = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._wanted.set()
        app = await asyncio.shield(self._app)
        await app(scope, receive, send)

    async def _serve(self) -> None:
        await self._wanted.wait()
        try:
            from sheets_sync.assistant.server import http_app

            app, running = http_app(Tools({}, self._settings), self._of_caller, PATH)
            async with running:
                self._app.set_result(app)
                await asyncio.Event().wait()
        except Exception as error:
            # Whoever asked gets the answer that defects get.
            if not self._app.done():
                self._app.set_exception(error)

    def _of_caller(self) -> Tools:
        caller = _caller.get()
        places = {book.name: book.location for book in self._access.workbooks if self._access.allows(book, caller)}
        call = _call.get()
        return Tools(places, self._settings, caller.email, call.deadline_s, self._places, call)
