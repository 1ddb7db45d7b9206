"""Keys at hand: known ones never wait, fetches are few and single, and an unreachable host stops nobody for hours."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sheets_sync.service.published_keys import (
    GOOD_FOR_S,
    REFRESH_S,
    WAITING,
    KeysUnreachableError,
    PublishedKeys,
    UnknownKeyError,
)
from tests.sheets_sync.keys import KeyServer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server():
    with KeyServer() as made:
        yield made


def test_a_known_key_is_given_at_once_while_strangers_ask_for_unknown_ones(server: KeyServer, clock: Clock) -> None:
    """The host hangs for two seconds, and sixty unknown keys are asked for: nobody with a known key waits."""
    keys = PublishedKeys(server.url, clock)
    known = keys.certificate("first")
    server.delay_s = 2.0
    clock.now += REFRESH_S + 1
    with ThreadPoolExecutor(60) as pool:
        strangers = [pool.submit(keys.certificate, f"unknown-{number}") for number in range(60)]
        time.sleep(0.2)
        start = time.monotonic()
        assert [keys.certificate("first") for _ in range(100)] == [known] * 100
        assert time.monotonic() - start < 0.5
        assert sum(not stranger.done() for stranger in strangers) <= WAITING
        assert {type(stranger.exception()) for stranger in strangers} == {UnknownKeyError}
    assert server.fetched == 2


def test_a_known_key_is_good_for_hours_while_the_host_is_unreachable(server: KeyServer, clock: Clock) -> None:
    keys = PublishedKeys(server.url, clock)
    known = keys.certificate("first")
    server.answer_status = 500
    for _ in range(5):
        clock.now += GOOD_FOR_S / 6
        assert keys.certificate("first") == known
        with pytest.raises(UnknownKeyError):
            keys.certificate("other")
    clock.now += GOOD_FOR_S
    with pytest.raises(KeysUnreachableError):
        keys.certificate("first")


def test_unknown_keys_lead_to_few_fetches(server: KeyServer, clock: Clock) -> None:
    keys = PublishedKeys(server.url, clock)
    for second in range(60):
        clock.now += 1
        with pytest.raises(UnknownKeyError):
            keys.certificate(f"unknown-{second}")
    assert server.fetched <= 7


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": []}', b'{"first": 1}', b"\xff", b"x" * 300_000])
def test_a_document_without_certificates_is_no_keys(body: bytes) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        with pytest.raises(KeysUnreachableError):
            PublishedKeys(f"http://127.0.0.1:{http.server_port}/").certificate("first")
        http.shutdown()
