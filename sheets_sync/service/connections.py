"""Connections of callers who send slowly, or nothing: closed, so that strangers cannot use up what runs need too.

The HTTP server waits for the rest of a request for ever, and every connection is one of the files that the process may
have open, like its workbooks and its database.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 15.0
"""Seconds that a caller has to send a whole request."""
MOST_CONNECTIONS = 500
"""Half of what systems usually let a process have open; further ones are closed at once."""
_RECEIVING = (h11.IDLE, h11.SEND_BODY)


class PunctualProtocol(H11Protocol):
    """The server's own protocol, with an end to waiting."""

    _end_of_waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest, where this is not all of a request."""
        if self._end_of_waiting is None:
            self._wait()
        super().data_received(data)
        if self.conn.their_state not in _RECEIVING:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._end_of_waiting = self.loop.call_later(REQUEST_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._end_of_waiting is not None:
            self._end_of_waiting.cancel()
            self._end_of_waiting = None
