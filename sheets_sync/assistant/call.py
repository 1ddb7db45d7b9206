"""One call of a tool: how far it is, and whether anybody still waits for its answer."""

import threading
import time

from sheets_sync.request import Progress

IN_TIME = 0.9
"""The part of its time after which a study ends with what it has found, so that its caller gets that."""
LOOK_S = 0.2
"""Seconds between two looks at whether a call that waits for its turn is still wanted."""


class ToolCall(Progress):
    """A call that began when this was made, and is given up after `deadline_s`; None is never."""

    def __init__(self, deadline_s: float | None = None) -> None:
        self.deadline_s = deadline_s
        self.given_up = threading.Event()
        """Set when the time is up, or nobody waits for the answer any more."""
        self.cancel: threading.Event | None = self.given_up
        self.done = 0
        self.total: int | None = None
        """Solves, as far as it is known how many there will be."""
        self._began_at = time.monotonic()

    def solving(self, scenarios: int) -> None:
        """So many solves are to come, after those that were done."""
        self.total = self.done + scenarios

    def solved(self) -> None:
        """One more is done."""
        self.done += 1

    @property
    def left_s(self) -> float | None:
        """Seconds that are left; None where there is no end."""
        return None if self.deadline_s is None else max(0.0, self._began_at + self.deadline_s - time.monotonic())

    @property
    def no_answer(self) -> str:
        """What its caller is told where the time was not enough."""
        return f"There was no answer within {self.deadline_s or 0:.0f} s. Ask about less."

    def is_late(self) -> bool:
        """Whether a study should end with what it has found so far."""
        if self.deadline_s is None:
            return False
        return time.monotonic() >= self._began_at + IN_TIME * self.deadline_s

    def has_its_turn(self, places: threading.Semaphore) -> bool:
        """Wait for one of the places; False where the call is given up before one is free."""
        while not self.given_up.is_set():
            left = self.left_s
            if places.acquire(timeout=LOOK_S if left is None else min(LOOK_S, left)):
                return True
            if left is not None and left <= 0:
                return False
        return False
