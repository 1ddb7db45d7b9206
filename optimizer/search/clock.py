"""What a scenario may still use: wall time and work; and the wish to stop.

Work is counted in units that are the same on every machine: a solver looks now and then whether to go on, and each look
counts by how large its problem is (`optimizer.solvers.answer`). A time limit buys as much work as an idle machine of
today does in somewhat less time, and is itself the limit beyond it: so the same inputs end at the same place, unless a
machine is so slow or busy that the clock comes first, which the answer then says.
"""

import threading
import time
from dataclasses import dataclass, field, replace
from math import inf

from optimizer.errors import Cancelled

_LEAST_EXTRA_S = 120.0
_EXTRA_TIMES = 10.0
"""What comes after an answer gets so many seconds, or so many times what the answer took if that is more: more than it
was ever seen to need, so that only what would otherwise go on for hours is cut short. CBC with several threads stalls
now and then for 10 s on questions of milliseconds: ties cut short by that would not be the same answer every time."""

_LEAST_EXTRA_UNITS = 2_400_000.0
"""In work: what an idle core does in six to forty seconds, so that a machine that is busy too is through in time."""
_LEAST_BRIEF_S = 10.0
_LEAST_TIES_S, _LEAST_TIES_UNITS = 10.0, 18_000.0
"""What choosing among ties gets at least. Its work takes half a second, on a machine with twenty things to do ten: so
that the clock decides nothing there either."""
_UNITS_PER_S = 40_000.0
"""Measured: an idle core of 2026 does one and a half times to ten times as much, by the kind of plan."""


@dataclass(slots=True)
class Work:
    """Units of work left; what is spent is spent for the whole too that this is a part of."""

    left: float = inf
    done: float = 0.0
    whole: "Work | None" = None

    def spend(self, units: float) -> None:
        """Counts what a solver did."""
        self.left -= units
        self.done += units
        if self.whole is not None:
            self.whole.spend(units)

    def part(self, units: float) -> "Work":
        """So much of it, at most what is left."""
        return Work(min(units, self.left), whole=self)


@dataclass(frozen=True)
class Clock:
    """Counts from its creation; `limit_s` None is unlimited. Setting `cancel` stops whatever runs on the clock."""

    limit_s: float | None = None
    cancel: threading.Event | None = None
    work: Work = field(default_factory=Work)
    is_patient: bool = False
    """Whether ties are ended by work alone: for what explains an answer, so that it is the same on a busy machine."""
    _started: float = field(default_factory=time.monotonic)

    @classmethod
    def with_work(cls, limit_s: float | None, cancel: threading.Event | None = None) -> "Clock":
        """A clock with the work that its time buys."""
        return cls(limit_s, cancel, Work() if limit_s is None else Work(_UNITS_PER_S * limit_s))

    @property
    def is_work_done(self) -> bool:
        """Whether all the work that was bought is done."""
        return self.work.left <= 0

    @property
    def is_spent(self) -> bool:
        """Whether time or work is used up."""
        return self.is_over or self.is_work_done

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
        return Clock(max(0.0, seconds if remaining is None else min(seconds, remaining)), self.cancel, self.work)

    def share(self, part: float) -> "Clock":
        """A clock that starts now and ends after this part of what is left, in time and in work."""
        remaining = self.remaining_s
        return (
            self
            if remaining is None
            else replace(self.at_most(part * remaining), work=self.work.part(part * self.work.left))
        )

    def of_work(self, units: float) -> "Clock":
        """The same clock with no more than so much of the work that is left."""
        return replace(self, work=self.work.part(units))

    def less(self, seconds: float) -> "Clock":
        """A clock that starts now and ends so many seconds before this one."""
        remaining = self.remaining_s
        return self if remaining is None else self.at_most(remaining - seconds)

    def extra(self, answer_s: float) -> "Clock":
        """A clock for the reasons of an answer that took `answer_s`, so that it ends of itself.

        In work: ten times as much as the answer took, or what a busy machine too does in those two minutes.
        """
        units = max(_LEAST_EXTRA_UNITS, _EXTRA_TIMES * self.work.done)
        limited = self.at_most(max(_LEAST_EXTRA_S, _EXTRA_TIMES * answer_s))
        return replace(limited, work=Work(units), is_patient=True)

    def brief(self, answer_s: float) -> "Clock":
        """A clock for what is only for information: as much work as `ties` may do, and more time for it."""
        limited = self.at_most(max(_LEAST_BRIEF_S, answer_s))
        return replace(limited, work=Work(max(_LEAST_TIES_UNITS, self.work.done)), is_patient=True)

    def ties(self, answer_s: float) -> "Clock":
        """A clock for choosing among ties of an answer that took `answer_s`: as long again, or ten seconds if longer.

        In work: as much again, or what a busy machine too does in that time.
        """
        units = max(_LEAST_TIES_UNITS, self.work.done)
        least = _LEAST_EXTRA_S if self.is_patient else _LEAST_TIES_S
        return replace(self.at_most(max(least, answer_s)), work=Work(units))

    def check(self) -> None:
        """Raises Cancelled once the caller wished to stop."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled("stopped on request")
