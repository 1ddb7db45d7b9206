"""The one SQLite file of an installation: its tables, and how it is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sheets_sync.store.workbook_identity import WorkbookIdentity

LAYOUT = 3
"""Raised when a table changes; a file of a later layout is left alone. A table that is added needs no other layout."""
BUSY_S = 10.0

_NEWEST_TABLE = "studies"

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY, workbook TEXT NOT NULL, started_at TEXT NOT NULL, trigger TEXT NOT NULL,
    person TEXT NOT NULL, fingerprint TEXT NOT NULL, scenarios TEXT NOT NULL, body BLOB NOT NULL,
    workbook_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS runs_by_workbook ON runs (workbook, started_at);
CREATE TABLE IF NOT EXISTS ends (
    run_id TEXT PRIMARY KEY, workbook TEXT NOT NULL, trigger TEXT NOT NULL, person TEXT NOT NULL, since TEXT NOT NULL,
    finished_at TEXT NOT NULL, exit_code INTEGER NOT NULL, summary TEXT NOT NULL, written INTEGER NOT NULL,
    times INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ends_by_workbook ON ends (workbook, finished_at);
CREATE TABLE IF NOT EXISTS workbooks (workbook_id TEXT PRIMARY KEY, place TEXT NOT NULL, copied_from TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS approvals (
    approval_id TEXT PRIMARY KEY, workbook_id TEXT NOT NULL, run_id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS seal_keys (key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS studies (
    run_id TEXT PRIMARY KEY, workbook TEXT NOT NULL, workbook_id TEXT NOT NULL, started_at TEXT NOT NULL,
    trigger TEXT NOT NULL, person TEXT NOT NULL, fingerprint TEXT NOT NULL, kind TEXT NOT NULL,
    scenarios TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS studies_by_workbook ON studies (workbook, started_at)
"""
_SINCE_LAYOUT_1 = "ALTER TABLE runs ADD COLUMN workbook_id TEXT NOT NULL DEFAULT ''"


class StoreError(Exception):
    """The store cannot be used, or does not know a run; the message is for people."""


@contextmanager
def open_database(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """The file with its tables, for its owner only; without `create`, an empty one in memory where there is none.

    Raises:
        StoreError: it cannot be used, or a later release wrote it.
    """
    try:
        if not create and not path.exists():
            # Nothing was ever kept; asking makes no file.
            with closing(sqlite3.connect(":memory:")) as nothing:
                nothing.executescript(_TABLES)
                yield nothing
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as database:
            layout = database.execute("PRAGMA user_version").fetchone()[0]
            if layout > LAYOUT:
                raise StoreError(f"{path} was written by a later version of sheetplan; update this one.")
            newest = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_NEWEST_TABLE,)).fetchone()
            if layout < LAYOUT or newest is None:
                _upgrade(database)
            yield database
    except (sqlite3.Error, OSError) as problem:
        raise StoreError(f"The run history {path} cannot be used: {problem}.") from None


def _upgrade(database: sqlite3.Connection) -> None:
    """Make the tables, or those that an earlier layout does not have; one process does it where several begin."""
    database.execute("BEGIN IMMEDIATE")
    layout = database.execute("PRAGMA user_version").fetchone()[0]
    if layout == 1:
        database.execute(_SINCE_LAYOUT_1)
    for statement in _TABLES.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {LAYOUT}")
    database.commit()


def rows_of(workbook: WorkbookIdentity) -> tuple[str, tuple[str, ...]]:
    """The condition, and its values, for the rows of a workbook; one without an id is known by its place."""
    if not workbook.id:
        return "workbook = ?", (workbook.place,)
    return "workbook_id = ? OR (workbook_id = '' AND workbook = ?)", (workbook.id, workbook.place)


def utc(moment: datetime) -> str:
    """A moment as the tables have it: in UTC, without zone, so that text sorts by time."""
    return (moment - (moment.utcoffset() or timedelta())).replace(tzinfo=None).isoformat(timespec="microseconds")
