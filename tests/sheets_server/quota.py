"""Calls per minute and user, counted over a sliding minute."""

from __future__ import annotations

from collections import defaultdict, deque

from .errors import quota_exceeded

PERIOD_S = 60.0


class Quota:
    """At most so many reads and writes of each user within any 60 seconds; None is no limit."""

    def __init__(self, reads: int | None = None, writes: int | None = None) -> None:
        self.limits: dict[str, int | None] = {"Read": reads, "Write": writes}
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def take(self, user: str, kind: str, now: float) -> None:
        """Count one call of the kind "Read" or "Write", or raise the 429; refused calls do not count."""
        limit = self.limits[kind]
        if limit is None:
            return
        calls = self._calls[user, kind]
        while calls and calls[0] <= now - PERIOD_S:
            calls.popleft()
        if len(calls) >= limit:
            raise quota_exceeded(kind, limit)
        calls.append(now)
