"""The studies of an installation, in the same file as its runs."""

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sheets_sync.store.database import StoreError, open_database, rows_of, utc
from sheets_sync.store.study_record import StudyRecord, StudySummary
from sheets_sync.store.workbook_identity import WorkbookIdentity


@dataclass(frozen=True)
class StudyShelf:
    """Studies, kept until there are more than `limit` of a workbook or they are `keep_days` old."""

    path: Path
    limit: int
    keep_days: float | None

    def keep(self, record: StudyRecord) -> None:
        """Keep a study, and let go of those that are no longer to be kept.

        Raises:
            StoreError: the file cannot be written.
        """
        body = json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        row = (
            record.run_id, record.workbook, record.workbook_id, utc(record.started_at), record.trigger, record.person,
            record.fingerprint, record.kind, json.dumps(record.scenarios, ensure_ascii=False), zlib.compress(body),
        )  # fmt: skip
        where, values = rows_of(WorkbookIdentity(record.workbook, record.workbook_id))
        with open_database(self.path, create=True) as database, database:
            database.execute("INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            database.execute(
                f"DELETE FROM studies WHERE ({where}) AND run_id NOT IN "
                f"(SELECT run_id FROM studies WHERE {where} ORDER BY started_at DESC LIMIT ?)",
                (*values, *values, self.limit),
            )
            if self.keep_days is not None:
                oldest = utc(record.started_at - timedelta(days=self.keep_days))
                database.execute("DELETE FROM studies WHERE started_at < ?", (oldest,))

    def summaries(self, workbook: WorkbookIdentity | None = None) -> list[StudySummary]:
        """What is kept, newest first; of one workbook, or of all.

        Raises:
            StoreError: the file cannot be read.
        """
        where, values = ("1", ()) if workbook is None else rows_of(workbook)
        query = "SELECT run_id, workbook, started_at, trigger, person, fingerprint, kind, scenarios FROM studies"
        with open_database(self.path) as database:
            rows = database.execute(f"{query} WHERE {where} ORDER BY started_at DESC, run_id DESC", values).fetchall()
        return [
            StudySummary(
                run_id, place, f"{started_at}+00:00", trigger, person, fingerprint, kind, json.loads(scenarios)
            )
            for run_id, place, started_at, trigger, person, fingerprint, kind, scenarios in rows
        ]

    def find(self, run_id: str) -> StudyRecord | None:
        """The study of that id, or of the one id that begins so; None where there is none.

        Raises:
            StoreError: there is more than one, or the file cannot be read.
        """
        with open_database(self.path) as database:
            found = database.execute(
                "SELECT run_id, body FROM studies WHERE substr(run_id, 1, ?) = ? ORDER BY length(run_id)",
                (len(run_id), run_id),
            ).fetchmany(2)
        exact = [row for row in found if row[0] == run_id] or found
        if not exact:
            return None
        if len(exact) > 1:
            raise StoreError(f"More than one study has an id that begins with {run_id}. List them with: sheetplan runs")
        return StudyRecord.from_json(json.loads(zlib.decompress(exact[0][1]).decode("utf-8", "surrogatepass")))
