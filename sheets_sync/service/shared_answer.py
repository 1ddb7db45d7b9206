"""One answer for everybody who asks within a moment, so that asking often costs no more than asking once."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """What `make` returns, made by one thread at a time and kept for `keep_s` seconds."""

    def __init__(self, make: Callable[[], T], *, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._keep_s = keep_s
        self._clock = clock
        self._lock = asyncio.Lock()
        self._made: tuple[float, T] | None = None

    async def get(self) -> T:
        """The answer; whoever waits for one that is being made occupies no thread."""
        async with self._lock:
            if self._made is None or self._clock() - self._made[0] > self._keep_s:
                answer = await run_in_threadpool(self._make)
                self._made = self._clock(), answer
            return self._made[1]
