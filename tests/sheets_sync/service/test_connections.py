"""Strangers who hold connections: half a request, none, or hundreds of them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from fastapi import FastAPI, Request

from sheets_sync.service import connections
from sheets_sync.service.connections import PunctualProtocol

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server with our connections, whose callers have a second and may be five."""
    monkeypatch.setattr(connections, "REQUEST_S", 1.0)
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 5)
    app = FastAPI()

    @app.api_route("/", methods=["GET", "POST"])
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1.5)
        return "done"

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=PunctualProtocol, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def caller(port: int, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10)
    made.sendall(sent)
    return made


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["nothing", "half a header", "half a body"],
)
def test_a_request_that_does_not_come_is_not_waited_for(port: int, sent: bytes) -> None:
    with caller(port, sent) as made:
        began = time.monotonic()
        assert made.recv(1) == b""
        assert 0.8 < time.monotonic() - began < 8


def test_a_second_request_that_stays_half_is_not_waited_for_either(port: int) -> None:
    with caller(port, REQUEST) as made:
        assert made.recv(1000).startswith(b"HTTP/1.1 200")
        made.sendall(REQUEST[:10])
        while made.recv(1000):
            pass


def test_an_answer_that_takes_its_time_is_waited_for(port: int) -> None:
    with caller(port, b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as made:
        answer = b""
        while more := made.recv(1000):
            answer += more
    assert answer.endswith(b'"done"')


def test_connections_beyond_the_most_are_closed_at_once_and_the_others_served(port: int) -> None:
    held = [caller(port) for _ in range(5)]
    time.sleep(0.1)
    with caller(port) as beyond, suppress(ConnectionResetError):
        assert beyond.recv(1) == b""
    held[0].sendall(REQUEST)
    assert held[0].recv(1000).startswith(b"HTTP/1.1 200")
    for made in held:
        made.close()
    time.sleep(0.2)
    with caller(port, REQUEST) as again:
        assert again.recv(1000).startswith(b"HTTP/1.1 200")
