"""Wall time left to a scenario, and the wish to stop."""

import threading
import time
from dataclasses import dataclass, field

from optimizer.errors import Cancelled

_LEAST_EXTRA_S = 120.0
_EXTRA_TIMES = 10.0
"""What comes after an answer gets so many seconds, or so many times what the answer took if that is more: more than it
was ever seen to need, so that only what would otherwise go on for hours is cut short. CBC with several threads stalls
now and then for 10 s on questions of milliseconds: ties cut short by that would not be the same answer every time."""

_LEAST_TIES_S = 1.0


@dataclass(frozen=True)
class Clock:
    """Counts from its creation; `limit_s` None is unlimited. Setting `cancel` stops whatever runs on the clock."""

    limit_s: float | None = None
    cancel: threading.Event | None = None
    _started: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self._started

    @property
    def remaining_s(self) -> float | None:
        """Seconds left, never below 0; None where unlimited."""
        return None if self.limit_s is None else max(0.0, self.limit_s - self.elapsed_s)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.remaining_s == 0.0

    def at_most(self, seconds: float) -> "Clock":
        """A clock that starts now and ends after `seconds`, or with this one if that is sooner."""
        remaining = self.remaining_s
        return Clock(max(0.0, seconds if remaining is None else min(seconds, remaining)), self.cancel)

    def share(self, part: float) -> "Clock":
        """A clock that starts now and ends after this part of what is left."""
        remaining = self.remaining_s
        return self if remaining is None else self.at_most(part * remaining)

    def less(self, seconds: float) -> "Clock":
        """A clock that starts now and ends so many seconds before this one."""
        remaining = self.remaining_s
        return self if remaining is None else self.at_most(remaining - seconds)

    def extra(self, answer_s: float) -> "Clock":
        """A clock for the reasons of an answer that took `answer_s`, so that it ends of itself."""
        return self.at_most(max(_LEAST_EXTRA_S, _EXTRA_TIMES * answer_s))

    def ties(self, answer_s: float) -> "Clock":
        """A clock for choosing among ties of an answer that took `answer_s`: as long again, or a second if longer."""
        return self.at_most(max(_LEAST_TIES_S, answer_s))

    def check(self) -> None:
        """Raises Cancelled once the caller wished to stop."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled("stopped on request")
