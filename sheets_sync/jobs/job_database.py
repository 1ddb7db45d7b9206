"""The one database of an installation's service: SQLite in a file, or PostgreSQL.

The job engine and our own tables share it, so that one backup holds everything.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from config.settings import SettingsError
from sheets_sync.jobs.job_tables import metadata

BUSY_TIMEOUT_MS = 30_000
POSTGRES_DRIVER = "postgresql+psycopg"
SQLITE_CONNECTIONS = 32
WRITES = "sheetplan writes"
"""Marks a connection whose transaction holds the turn to write."""
READING = ("SELECT", "PRAGMA")
SCHEMA_LOCK = 7_306_814
"""Number of the PostgreSQL lock under which one process at a time makes the tables."""


class Database:
    """A connection pool with our tables in it."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else sa.create_engine(self.url, pool_pre_ping=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file; else PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path:
        """The file, for SQLite."""
        assert self.url.database is not None
        return Path(self.url.database)

    @property
    def address(self) -> str:
        """The whole address, password included: for the job engine only, never for a log."""
        return self.url.render_as_string(hide_password=False)

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def create_tables(self) -> None:
        """Make the tables that are missing; several processes may try at once."""
        with self.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
            metadata.create_all(connection)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction; on SQLite it holds the write lock from its start, so that what it read stays true."""
        with self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def check(self) -> None:
        """Prove that the store can be read and written.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it cannot.
        """
        with self.begin() as connection:
            probe = metadata.tables["sheetplan_probe"]
            connection.execute(sa.delete(probe))
            connection.execute(sa.insert(probe).values(checked_at=time.time()))

    def close(self) -> None:
        """End all connections."""
        self.engine.dispose()


def parse_url(text: str) -> sa.URL:
    """The setting `service.database` as an address, with the driver that we install.

    Raises:
        SettingsError: it is neither SQLite nor PostgreSQL.
    """
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise SettingsError(_not_a_store(text)) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername=POSTGRES_DRIVER)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise SettingsError(_not_a_store(text))


def _not_a_store(text: str) -> str:
    scheme = text.partition(":")[0]
    return (
        f"service.database: addresses that begin with {scheme!r} are not supported. Use sqlite:///sheetplan.db, or "
        "postgresql://USER:PASSWORD@HOST/NAME."
    )


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    arguments = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    # Connections beyond the pool's would be made anew, with all that stands below, for each transaction.
    engine = sa.create_engine(url, connect_args=arguments, pool_size=SQLITE_CONNECTIONS, max_overflow=0)
    _queue_writers(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # The engine's own queries rely on the driver to begin a writing transaction before their first change.
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys=ON")
        if sqlite3.sqlite_version_info < (3, 42):
            # The job engine asks for unixepoch('subsec'), which older libraries do not know.
            connection.create_function("unixepoch", -1, _unixepoch)

    return engine


def _queue_writers(engine: sa.Engine) -> None:
    """Let this process's transactions, the job engine's too, wait for each other awake.

    SQLite itself has one writer at a time, but whoever finds it busy sleeps up to a tenth of a second between two
    looks, and may be overtaken for as long as there is much to write. That is left to writers of other processes.
    """
    turn = threading.Lock()

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not connection.info.get(WRITES) and not statement.lstrip().upper().startswith(READING):
            # Without a timeout that outlasts SQLite's own, a lock that is lost would stop the process for good.
            connection.info[WRITES] = turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)

    @event.listens_for(engine, "checkin")
    def end(_: Any, record: Any) -> None:
        # After commit or rollback, however the transaction ended.
        if record.info.pop(WRITES, False):
            turn.release()


def _unixepoch(*modifiers: object) -> float:
    return time.time() if "subsec" in modifiers else int(time.time())
