"""The sockets: HTTP/1.1 with kept-alive connections, and the faults that only sockets can show."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .errors import ApiError
from .faults import Fault, Faults
from .service import Request, Response, error_response, json_response

ADMIN = "/__admin__/"


@dataclass
class CallRecord:
    """One call as the log keeps it; `status` is 0 where no answer was sent."""

    method: str
    path: str
    query: str
    request_bytes: int
    response_bytes: int
    status: int
    started: float
    seconds: float
    fault: str | None


class CallLog:
    """The calls so far, without those to the admin paths."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[CallRecord] = []

    def add(self, record: CallRecord) -> None:
        """Append one call."""
        with self._lock:
            self._records.append(record)

    def records(self) -> list[CallRecord]:
        """A copy of the log."""
        with self._lock:
            return list(self._records)

    def clear(self) -> None:
        """Start afresh."""
        with self._lock:
            self._records.clear()

    def listing(self) -> list[dict[str, Any]]:
        """The log as JSON."""
        return [asdict(record) for record in self.records()]


class HttpServer(ThreadingHTTPServer):
    """Listens on the loopback interface; one thread per connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], Response],
        admin: Callable[[Request], Response],
        faults: Faults,
        log: CallLog,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.admin = admin
        self.faults = faults
        self.log = log
        self._connections: set[socket.socket] = set()
        self._serving: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def register(self, connection: socket.socket) -> None:
        """Remember a connection, to close it when the server stops."""
        with self._lock:
            self._connections.add(connection)
            self._serving.add(threading.current_thread())

    def release(self, connection: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._connections.discard(connection)
            self._serving.discard(threading.current_thread())

    def close_connections(self) -> None:
        """End the connections that clients keep alive, and wait for their threads."""
        with self._lock:
            connections, threads = list(self._connections), list(self._serving)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.register(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        self.server.release(self.connection)

    def handle(self) -> None:
        # A client that goes away is no error of the server's.
        with contextlib.suppress(ConnectionError, ValueError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Say nothing: the call log keeps everything."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 (named as the base class asks)

    def _serve(self) -> None:
        started, clock = time.time(), time.perf_counter()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        request = Request(self.command, path, query, self.headers.get("Authorization"), body)
        if path.startswith(ADMIN):
            self._send(self._guarded(self.server.admin, request))
            return
        fault = self.server.faults.take(self.command, self.path)
        if fault and fault.delay_s:
            time.sleep(fault.delay_s)
        response: Response | None = None
        if fault is None or fault.kind not in ("status", "reset_before"):
            response = self._guarded(self.server.answer, request)
        elif fault.kind == "status":
            response = _faulty(fault)
        lost = fault is not None and fault.kind in ("reset_before", "reset_after")
        sent = 0 if lost or response is None else len(response.body)
        status = 0 if lost or response is None else response.status
        seconds = time.perf_counter() - clock
        kind = fault.kind if fault else None
        # Logged before it is sent, so that a caller who has the answer finds the call in the log.
        self.server.log.add(CallRecord(self.command, path, query, len(body), sent, status, started, seconds, kind))
        if lost or response is None:
            self._reset()
        elif fault is not None and fault.kind == "cut_body":
            self._send(response, cut=True)
        else:
            self._send(response)

    def _guarded(self, answer: Callable[[Request], Response], request: Request) -> Response:
        try:
            return answer(request)
        except Exception as defect:
            # A defect of this server must reach the test that met it, not end in a silent connection.
            message = f"Defect of the test server: {type(defect).__name__}: {defect}"
            return json_response(ApiError(500, message).payload(), 500)

    def _send(self, response: Response, *, cut: bool = False) -> None:
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            "Date": self.date_time_string(),
            **response.headers,
        }
        if cut:
            headers["Connection"] = "close"
        phrase = self.responses.get(response.status, ("Unknown",))[0]
        lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        body = response.body[: len(response.body) // 2] if cut else response.body
        # One write: a separate one for the body would wait for the client's delayed acknowledgement.
        self.connection.sendall(head + body)
        if cut:
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection with RST, as a crashed proxy does, not with an orderly close."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()


_MESSAGES = {
    400: "Request contains an invalid argument.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    408: "The request timed out.",
    429: "Resource has been exhausted (e.g. check quota).",
    500: "Internal error encountered.",
    504: "Deadline expired before operation could complete.",
}


def _faulty(fault: Fault) -> Response:
    if fault.body is not None:
        response = json_response(fault.body, fault.status)
    elif fault.status == 502:
        page = "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title><p>The server encountered a temporary error."
        response = Response(502, page.encode(), content_type="text/html; charset=UTF-8")
    else:
        message = fault.message or _MESSAGES.get(fault.status, "The service is currently unavailable.")
        response = error_response(ApiError(fault.status, message))
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response
