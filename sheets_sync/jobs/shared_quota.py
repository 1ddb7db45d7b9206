"""Google's quotas, kept over all workers: every call takes its place in the minute from the shared database.

The job engine's own limiters count starts of workflows; here each call counts, and a call costs one small transaction.
"""

import time
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import calls

WINDOW_S = 61.0
"""Google counts a minute when a call arrives; the second more covers calls that were slower on the way than others."""
FARTHEST_S = 1800.0
LIMITER_LOCK = 7_306_815


class SharedLimiter:
    """At most so many calls of a kind in any minute, by all processes that use the same database and account."""

    def __init__(
        self,
        database: Database,
        account: str,
        per_minute: Mapping[str, int],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._account = account
        self._limits = dict(per_minute)
        self._clock = clock
        self._sleep = sleep

    def acquire(self, kind: str) -> float:
        """Wait until one more call of `kind` fits, count it, and return the seconds waited."""
        waited = self._reserve(f"{self._account} {kind}", self._limits[kind])
        if waited > 0:
            self._sleep(waited)
        return waited

    def _reserve(self, kind: str, limit: int) -> float:
        """Take the first place that is free, as those before did; returns how far ahead it lies."""
        with self._database.begin() as connection:
            now = self._clock()
            if not self._database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LIMITER_LOCK)))
                # The clocks of several machines differ; the database has one.
                now = connection.execute(sa.select(sa.extract("epoch", sa.func.clock_timestamp()))).scalar_one()
                now = float(now)
            connection.execute(sa.delete(calls).where(calls.c.kind == kind, calls.c.at <= now - WINDOW_S))
            # A clock that was set back leaves places hours ahead, which nobody holds any more.
            connection.execute(sa.delete(calls).where(calls.c.kind == kind, calls.c.at > now + FARTHEST_S))
            newest = sa.select(calls.c.at).where(calls.c.kind == kind).order_by(calls.c.at.desc())
            earlier = connection.execute(newest.offset(limit - 1).limit(1)).scalar()
            start = now if earlier is None else max(now, earlier + WINDOW_S)
            connection.execute(sa.insert(calls).values(kind=kind, at=start))
        return start - now
