"""How much a caller may ask for: requests in a minute, and bytes in a request."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

MINUTE_S = 60.0
REMEMBERED = 10_000
"""Callers whose requests are counted; the one that was quiet longest is forgotten first."""


class RequestLimit:
    """At most so many requests of each caller in any minute, counted by this process."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._requests: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Count one request; returns 0, or the seconds after which the caller may ask again."""
        with self._lock:
            now = self._clock()
            requests = self._requests.setdefault(caller, deque())
            self._requests.move_to_end(caller)
            if len(self._requests) > REMEMBERED:
                self._requests.popitem(last=False)
            while requests and requests[0] <= now - MINUTE_S:
                requests.popleft()
            if len(requests) >= self._per_minute:
                return requests[0] + MINUTE_S - now
            requests.append(now)
            return 0.0
