"""The store: one SQLite file per installation, one row per run, the bulk of it compressed."""

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

from platformdirs import user_data_path

from config.settings import StoreSettings
from sheets_sync.store.database import StoreError, open_database, rows_of, utc
from sheets_sync.store.run_end import RunEnd, end_of_kept
from sheets_sync.store.run_record import PastPlans, RunRecord
from sheets_sync.store.study_shelf import StudyShelf
from sheets_sync.store.workbook_identity import WorkbookIdentity

FILE = "runs.sqlite3"
_NOT_APPROVED = "run_id NOT IN (SELECT run_id FROM approvals)"
"""What was approved stays as long as its approval: later runs are compared with it."""


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs; `scenarios` are (name, status) pairs. `started_at` is ISO 8601, in UTC."""

    run_id: str
    workbook: str
    started_at: str
    trigger: str
    person: str
    fingerprint: str
    scenarios: Sequence[tuple[str, str]]

    def to_json(self) -> dict[str, object]:
        """Ready for json.dumps."""
        statuses = [{"scenario": name, "status": status} for name, status in self.scenarios]
        return asdict(self) | {"scenarios": statuses}


def open_store(settings: StoreSettings) -> "RunStore":
    """The installation's store: at the path of the settings, else where this machine keeps people's data."""
    path = settings.path or user_data_path("sheetplan", appauthor=False) / FILE
    secret = settings.seal_key
    return RunStore(
        path,
        keep_runs=settings.keep_runs,
        keep_days=settings.keep_days,
        seal_key=None if secret is None else secret.get_secret_value().encode(),
    )


class RunStore:
    """Runs of this installation, kept until there are more than `keep_runs` of a workbook or they are `keep_days` old.

    The file and its folder are made when the first run is kept, for their owner only: they hold a company's figures.
    """

    def __init__(
        self, path: Path, *, keep_runs: int, keep_days: float | None = None, seal_key: bytes | None = None
    ) -> None:
        self.path = path.expanduser()
        self._keep_runs = keep_runs
        self._keep_days = keep_days
        self._seal_key = seal_key
        self.past: PastPlans | None = None
        """What was selected and approved before, where this is the store of a moment in the past; else None."""

    @property
    def studies(self) -> StudyShelf:
        """The studies, kept as long as runs are."""
        return StudyShelf(self.path, self._keep_runs, self._keep_days)

    def as_of(self, plans: PastPlans) -> "RunStore":
        """The same store when these were the plans of the past; for asking, not for keeping."""
        as_it_was = RunStore(self.path, keep_runs=self._keep_runs, keep_days=self._keep_days, seal_key=self._seal_key)
        as_it_was.past = plans
        return as_it_was

    def keep(self, record: RunRecord) -> None:
        """Keep a run, and let go of those that are no longer to be kept.

        Raises:
            StoreError: the file cannot be written.
        """
        body = json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        scenarios = [[item["scenario"], item["status"]] for item in record.outcome["scenarios"]]
        started = utc(record.started_at)
        row = (
            record.run_id, record.workbook, started, record.trigger, record.person, record.fingerprint,
            json.dumps(scenarios, ensure_ascii=False), zlib.compress(body), record.workbook_id,
        )  # fmt: skip
        where, values = rows_of(WorkbookIdentity(record.workbook, record.workbook_id))
        with self._open(create=True) as database, database:
            database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            database.execute(
                f"DELETE FROM runs WHERE ({where}) AND {_NOT_APPROVED} AND run_id NOT IN "
                f"(SELECT run_id FROM runs WHERE {where} ORDER BY started_at DESC LIMIT ?)",
                (*values, *values, self._keep_runs),
            )
            if self._keep_days is not None:
                oldest = utc(record.started_at - timedelta(days=self._keep_days))
                database.execute(f"DELETE FROM runs WHERE {_NOT_APPROVED} AND started_at < ?", (oldest,))

    def forget(self, run_id: str) -> None:
        """Let go of a run that was not written after all.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._open() as database, database:
            database.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))

    def keep_approval(self, approval_id: str, workbook_id: str, run_id: str, document: Mapping[str, Any]) -> None:
        """Keep an approval, or what became of it.

        Raises:
            StoreError: the file cannot be written.
        """
        row = (approval_id, workbook_id, run_id, json.dumps(document, ensure_ascii=False))
        with self._open(create=True) as database, database:
            database.execute("INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?)", row)

    def forget_approval(self, approval_id: str) -> None:
        """Let go of an approval that was not written after all, or that another one takes in.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._open() as database, database:
            database.execute("DELETE FROM approvals WHERE approval_id = ?", (approval_id,))

    def approvals(self, workbook_id: str | None = None) -> list[dict[str, Any]]:
        """The approvals of one workbook, or of all, as they were kept, oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._open() as database:
            query = "SELECT body FROM approvals WHERE workbook_id = coalesce(?, workbook_id) ORDER BY rowid"
            return [json.loads(body) for (body,) in database.execute(query, (workbook_id,))]

    def seal_key(self) -> bytes:
        """The key that this installation seals approvals with: that of the settings, or one made when first asked for.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._seal_key is not None:
            return self._seal_key
        with self._open(create=True) as database, database:
            database.execute(
                "INSERT INTO seal_keys SELECT ? WHERE NOT EXISTS (SELECT * FROM seal_keys)", (token_bytes(32),)
            )
            key: bytes = database.execute("SELECT key FROM seal_keys").fetchone()[0]
            return key

    def known_seal_key(self) -> bytes | None:
        """The same; None where none was made yet.

        Raises:
            StoreError: the file cannot be read.
        """
        if self._seal_key is not None:
            return self._seal_key
        with self._open() as database:
            found = database.execute("SELECT key FROM seal_keys").fetchone()
            return None if found is None else found[0]

    def remember(self, workbook: WorkbookIdentity) -> None:
        """Note where a workbook is; its runs of the past, and those from before it had an id, are found there.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._open(create=True) as database, database:
            database.execute(
                "INSERT OR REPLACE INTO workbooks VALUES (?, ?, ?)", (workbook.id, workbook.place, workbook.copied_from)
            )
            database.execute("UPDATE runs SET workbook = ? WHERE workbook_id = ?", (workbook.place, workbook.id))
            database.execute("UPDATE studies SET workbook = ? WHERE workbook_id = ?", (workbook.place, workbook.id))
            database.execute(
                "UPDATE ends SET workbook = ? WHERE run_id IN (SELECT run_id FROM runs WHERE workbook_id = ?)",
                (workbook.place, workbook.id),
            )
            for table in ("runs", "studies"):
                database.execute(
                    f"UPDATE {table} SET workbook_id = ? WHERE workbook_id = '' AND workbook = ?",
                    (workbook.id, workbook.place),
                )

    def remembered(self, workbook_id: str) -> WorkbookIdentity | None:
        """The workbook of that id, as it was noted last; None for one that this installation never wrote to.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._open() as database:
            query = "SELECT place, workbook_id, copied_from FROM workbooks WHERE workbook_id = ?"
            found = database.execute(query, (workbook_id,)).fetchone()
        return None if found is None else WorkbookIdentity(*found)

    def last_at(self, place: str) -> WorkbookIdentity | None:
        """The workbook that was noted last at a place; None where there was none.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._open() as database:
            query = "SELECT place, workbook_id, copied_from FROM workbooks WHERE place = ? ORDER BY rowid DESC"
            found = database.execute(query, (place,)).fetchone()
        return None if found is None else WorkbookIdentity(*found)

    def note_end(self, end: RunEnd) -> None:
        """Note how a run ended; one that wrote nothing and found what the one before it did, asked alike, adds to it.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._open(create=True) as database, database:
            last = database.execute(
                "SELECT run_id, trigger, person, exit_code, summary, written FROM ends WHERE workbook = ? "
                "ORDER BY finished_at DESC, rowid DESC LIMIT 1",
                (end.workbook,),
            ).fetchone()
            found = (end.trigger, end.person, end.exit_code, end.summary, end.written)
            if last is not None and not end.written and last[1:] == found:
                database.execute(
                    "UPDATE ends SET finished_at = ?, times = times + 1 WHERE run_id = ?", (end.finished_at, last[0])
                )
                return
            database.execute("INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(end))
            database.execute(
                "DELETE FROM ends WHERE workbook = ? AND run_id NOT IN "
                "(SELECT run_id FROM ends WHERE workbook = ? ORDER BY finished_at DESC LIMIT ?)",
                (end.workbook, end.workbook, self._keep_runs),
            )
            if self._keep_days is not None:
                oldest = datetime.fromisoformat(end.finished_at) - timedelta(days=self._keep_days)
                database.execute("DELETE FROM ends WHERE finished_at < ?", (oldest.isoformat(),))

    def ends(self, workbook: str | None = None, *, limit: int) -> list[RunEnd]:
        """How the last runs ended, newest first; of one workbook, or of all.

        Of a run that was kept, but whose end was not noted (an earlier release did not, or it was killed), the statuses
        of its scenarios have to do.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._ends("workbook = coalesce(?, workbook)", workbook, limit)

    def end(self, run_id: str) -> RunEnd | None:
        """How one run ended; None where nothing is known of it.

        Raises:
            StoreError: the file cannot be read.
        """
        found = self._ends("run_id = ?", run_id, 1)
        return found[0] if found else None

    def _ends(self, which: str, value: str | None, limit: int) -> list[RunEnd]:
        noted = f"SELECT * FROM ends WHERE {which} ORDER BY finished_at DESC, rowid DESC LIMIT ?"
        kept = (
            "SELECT run_id, workbook, trigger, person, started_at, scenarios FROM runs "
            f"WHERE run_id NOT IN (SELECT run_id FROM ends) AND {which} ORDER BY started_at DESC LIMIT ?"
        )
        with self._open() as database:
            ends = [_end(*row) for row in database.execute(noted, (value, limit))]
            for run_id, workbook, trigger, person, started_at, scenarios in database.execute(kept, (value, limit)):
                began = f"{started_at}+00:00"
                code, words = end_of_kept([status for _, status in json.loads(scenarios)])
                ends.append(RunEnd(run_id, workbook, trigger, person, began, began, code, words, True))
        return sorted(ends, key=lambda end: end.finished_at, reverse=True)[:limit]

    def run_before(self, record: RunRecord) -> RunRecord | None:
        """The run of the same workbook before this one; None where there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        where, values = rows_of(WorkbookIdentity(record.workbook, record.workbook_id))
        with self._open() as database:
            found = database.execute(
                f"SELECT run_id FROM runs WHERE ({where}) AND started_at < ? ORDER BY started_at DESC LIMIT 1",
                (*values, utc(record.started_at)),
            ).fetchone()
        return None if found is None else self.run(found[0])

    def runs(self, workbook: WorkbookIdentity | None = None) -> list[RunSummary]:
        """What is kept, newest first; of one workbook, or of all.

        Raises:
            StoreError: the file cannot be read.
        """
        query = "SELECT run_id, workbook, started_at, trigger, person, fingerprint, scenarios FROM runs"
        where, values = ("1", ()) if workbook is None else rows_of(workbook)
        with self._open() as database:
            order = "ORDER BY started_at DESC, run_id DESC"
            rows = database.execute(f"{query} WHERE {where} {order}", values).fetchall()
        return [_summary(*row) for row in rows]

    def run(self, run_id: str, workbook: WorkbookIdentity | None = None) -> RunRecord:
        """The run of that id, or of the one id that begins so; among the runs of one workbook, or of all.

        Raises:
            StoreError: there is none, or more than one, or the file cannot be read.
        """
        where, values = ("1", ()) if workbook is None else rows_of(workbook)
        with self._open() as database:
            found = database.execute(
                f"SELECT run_id, body FROM runs WHERE substr(run_id, 1, ?) = ? AND ({where}) ORDER BY length(run_id)",
                (len(run_id), run_id, *values),
            ).fetchmany(2)
        exact = [row for row in found if row[0] == run_id] or found
        if len(exact) != 1:
            problem = "More than one stored run has" if exact else "No stored run has"
            raise StoreError(f"{problem} an id that begins with {run_id}. List them with: sheetplan runs")
        return RunRecord.from_json(json.loads(zlib.decompress(exact[0][1]).decode("utf-8", "surrogatepass")))

    def _open(self, *, create: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return open_database(self.path, create=create)


def _summary(
    run_id: str, workbook: str, started_at: str, trigger: str, person: str, fingerprint: str, scenarios: str
) -> RunSummary:
    pairs = [(name, status) for name, status in json.loads(scenarios)]
    return RunSummary(run_id, workbook, f"{started_at}+00:00", trigger, person, fingerprint, pairs)


def _end(*columns: Any) -> RunEnd:
    end = RunEnd(*columns)
    return replace(end, written=bool(end.written))
