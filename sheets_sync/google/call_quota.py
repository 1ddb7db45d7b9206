"""Per-minute quotas, kept on our side: waiting a little here is cheaper than a refusal there.

Google counts calls per minute and user, reads and writes apart. This keeps a sliding minute per kind for one process;
calls of other processes and people show up as 429, which the transport answers with patience.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

MINUTE_S = 60.0


class Limiter(Protocol):
    """Whoever keeps the quotas: one process alone, or all of an installation together."""

    def acquire(self, kind: str) -> float:
        """Wait until one more call of `kind` fits, count it, and return the seconds waited."""


class MinuteLimiter:
    """At most so many calls of a kind in any 60 seconds; time comes in as an argument, threads share one limiter."""

    def __init__(
        self, per_minute: Mapping[str, int], *, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._limits = dict(per_minute)
        self._calls: dict[str, deque[float]] = {kind: deque() for kind in per_minute}
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def acquire(self, kind: str) -> float:
        """Wait until one more call of `kind` fits, count it, and return the seconds waited."""
        with self._lock:
            now = self._clock()
            calls = self._calls[kind]
            # Those that already wait are counted at the moment they will be sent, so entries may lie in the future.
            while calls and calls[0] <= now - MINUTE_S:
                calls.popleft()
            start = now
            if len(calls) >= self._limits[kind]:
                start = max(now, calls[-self._limits[kind]] + MINUTE_S)
            calls.append(start)
        if start > now:
            self._sleep(start - now)
        return start - now
