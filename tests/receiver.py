"""A web server that takes notices, for tests of who is notified."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """A web server that remembers what it was sent, and answers with `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [document["event"] for _, document in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on 127.0.0.1 for as long as the block lasts."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.bodies.append(body)
            made.got.append((dict(self.headers), json.loads(body)))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}/hook/T0/secret-part"
        yield made
        server.shutdown()
