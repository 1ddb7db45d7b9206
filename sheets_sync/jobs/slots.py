"""Slots: the stable names under which workers own running jobs, each held by a lock for as long as its worker lives.

The lock ends with the process, however it ends. A free slot's unfinished runs have no worker any more, so a live worker
takes them over while it holds that slot.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn, Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout

from sheets_sync.jobs.job_database import Database

logger = logging.getLogger(__name__)

FIRST_LOCK = 7_307_000
"""Number of the first slot's PostgreSQL lock."""
EXIT_ABANDONED = 75
_CLAIM_TRIES, _CLAIM_AGAIN_S = 3, 0.4


class NoSlotError(Exception):
    """As many workers as there are slots are alive already; raise service.slots, or stop one."""


def abandon_process(why: str) -> NoReturn:
    """End this process on the spot, as a crash would: what it was doing goes on elsewhere."""
    logger.critical("This worker ends: %s", why, extra={"action": "worker_abandoned"})
    os._exit(EXIT_ABANDONED)


class Lock(Protocol):
    """A lock that its process loses by dying."""

    def release(self) -> object:
        """Let it go."""


class Slots:
    """The slots of one database, numbered from 0; one of them is ours once claimed."""

    def __init__(self, database: Database, count: int) -> None:
        self._database = database
        self._count = count
        self._own: int | None = None
        self._lock: Lock | None = None
        self._looking = threading.Lock()

    def claim(self) -> str:
        """Take the first free slot for as long as this process lives; returns its name.

        A free slot is held for a moment by whoever looks at it (`free`), so that where all seem taken this tries again.

        Raises:
            NoSlotError: all are taken.
        """
        for tries_left in reversed(range(_CLAIM_TRIES)):
            for number in range(self._count):
                lock = self._try(number)
                if lock is not None:
                    self._own, self._lock = number, lock
                    return name_of(number)
            if tries_left:
                time.sleep(_CLAIM_AGAIN_S)
        raise NoSlotError(
            f"All {self._count} worker slots of {self._database} are taken. Stop a worker, or raise service.slots."
        )

    def free(self) -> Iterator[str]:
        """The names of slots without a worker; each is held while its turn lasts, so that nobody starts in it."""
        # One look at a time: a slot that this process holds for a moment would look taken to another thread.
        with self._looking:
            for number in range(self._count):
                if number == self._own:
                    continue
                lock = self._try(number)
                if lock is not None:
                    try:
                        yield name_of(number)
                    finally:
                        lock.release()

    def count_alive(self) -> int:
        """How many slots have a worker, this one included."""
        return self._count - sum(1 for _ in self.free())

    def verify(self) -> None:
        """End this process at once where its lock is lost: others may have taken over its runs already."""
        if isinstance(self._lock, _AdvisoryLock) and not self._lock.is_held():
            assert self._own is not None
            again = self._try(self._own)
            if again is None:
                abandon_process("the lock of its slot was lost")
            self._lock = again

    def release(self) -> None:
        """Give our slot back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _try(self, number: int) -> Lock | None:
        if self._database.is_sqlite:
            path = self._database.path
            lock = FileLock(path.with_name(f"{path.name}.slot-{number}"), timeout=0, thread_local=False)
            with suppress(Timeout):
                lock.acquire()
                return lock
            return None
        return _AdvisoryLock.attempt(self._database, FIRST_LOCK + number)


def name_of(number: int) -> str:
    """The name of a slot, under which the job engine knows its worker."""
    return f"slot-{number}"


class _AdvisoryLock:
    """A session lock of PostgreSQL on a connection of its own."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._guard = threading.Lock()

    @classmethod
    def attempt(cls, database: Database, number: int) -> "_AdvisoryLock | None":
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            got = connection.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar_one()
        except sa.exc.SQLAlchemyError:
            connection.close()
            raise
        if not got:
            connection.close()
            return None
        # A connection that goes back to the pool would keep the lock: this one ends with its release.
        connection.detach()
        return cls(connection)

    def is_held(self) -> bool:
        with self._guard, suppress(sa.exc.SQLAlchemyError):
            self._connection.execute(sa.select(1))
            return True
        return False

    def release(self) -> None:
        with self._guard:
            # The server notices later that a connection has ended: whoever asks at once would find the slot taken.
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.close()
