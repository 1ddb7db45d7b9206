"""Assistants over HTTP: the SDK's own client, with an identity token, reads what its person may run, and no more."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import requests
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sheets_sync.assistant.call import ToolCall
from sheets_sync.service.assistant_calls import AssistantCalls
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import Installation, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer


@pytest.fixture
def service(tmp_path: Any, google: SheetsServer, key_server: KeyServer) -> Iterator[Installation]:
    made = Installation(tmp_path, google, audience=[AUDIENCE], certificates_url=key_server.url)
    made.register("q3", google_workbook(google))
    made.register("finance", google_workbook(google), allowed=["cfo@example.com"])
    made.serve()
    yield made
    made.stop()


async def ignored(done: float, total: float | None, message: str | None) -> None:
    """Progress that was asked for, which no answer over HTTP has room for."""


async def conversation(service: Installation, token: str) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(streamable_http_client(f"{service.url}/v1/mcp", http_client=http)) as client,
    ):
        books = await client.call_tool("list_workbooks", {})
        assert books.structured_content == {"workbooks": ["q3"]}
        asked = {"workbook": "q3", "scenario": "Pure north star", "initiative": "Initiatives!A3"}
        answer = await client.call_tool("explain", asked, progress_callback=ignored)
        assert (
            "With it: £40,000 less «Gross merchandise value»; A would drop out."
            in (answer.structured_content["sentences"])
        )
        hidden = await client.call_tool("check", {"workbook": "finance"})
        assert (hidden.is_error, hidden.content[0].text) == (
            True,
            "Error executing tool check: There is no workbook of that name here. There are: q3.",
        )


def test_an_assistant_reads_what_its_person_may_run(
    service: Installation, google: SheetsServer, key_server: KeyServer
) -> None:
    key = service.workbooks["q3"]["location"]
    before = google.workbook_json(key)
    asyncio.run(conversation(service, key_server.token()))
    assert google.workbook_json(key) == before
    stranger = requests.post(f"{service.url}/v1/mcp", json={}, timeout=20)
    assert (stranger.status_code, stranger.json()["type"]) == (401, "urn:sheetplan:problem:not-identified")


class PatientAssistants:
    """Answers only once the caller has gone away."""

    def __init__(self) -> None:
        self.call = ToolCall(60)
        self.received: list[Any] = []

    def begin_call(self) -> ToolCall:
        return self.call

    async def answer(self, _: Any, receive: Any, __: Any) -> None:
        self.received.append(await receive())
        assert await asyncio.to_thread(self.call.given_up.wait, 60)
        self.received.append(await receive())


def test_a_call_whose_connection_is_closed_is_given_up() -> None:
    body = {"type": "http.request", "body": b"{}", "more_body": False}
    messages = [{"type": "http.disconnect"}, body]

    async def receive() -> Any:
        return messages.pop()

    async def send(_: Any) -> None:
        raise AssertionError("nobody is there to read this")

    assistants = PatientAssistants()
    calls = AssistantCalls(send, assistants=assistants)  # type: ignore[arg-type]
    asyncio.run(calls({"type": "http", "path": "/v1/mcp", "state": {"caller": None}}, receive, send))
    assert assistants.received == [body, {"type": "http.disconnect"}]
