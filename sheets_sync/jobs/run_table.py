"""The run table: what was asked, by whom, how far it is, how it ended. Every change is one transaction.

A run waits (`queued`), runs, and ends once as `succeeded`, `failed` or `cancelled`. A click joins the run of the same
workbook and scenarios that still waits; from the moment a run begins to read, the next click gets the next run.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from sheets_sync.jobs import job_tables
from sheets_sync.jobs.job_database import Database
from sheets_sync.request import new_run_id
from sheets_sync.run.question import Question

runs = job_tables.runs
parts = job_tables.parts
WORKBOOK_LOCKS, KEY_LOCKS = 1, 2
"""First numbers of PostgreSQL locks that are held for a transaction; the second is a digest."""


class State(StrEnum):
    """How far a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    """Every scenario was solved, and the workbook was written."""
    FAILED = "failed"
    """It ended otherwise; the summary says how, and what was written."""
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether it ended."""
        return self in FINAL


FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
OPEN = (State.QUEUED, State.RUNNING)


class IdempotencyConflictError(Exception):
    """The idempotency key was used before, for something else; use a new key for a new request."""


IS_QUESTION = runs.c.scenarios.startswith("{")
"""Rows that are questions: jobs like runs, which write nothing and are in no list of runs."""


@dataclass(frozen=True)
class Asked:
    """What a trigger asks for: one workbook, all ticked scenarios (None) or some; or a question about one."""

    workbook: str
    workbook_key: str
    location: str
    scenarios: tuple[str, ...] | None
    trigger: str
    person: str
    only_if_changed: bool = False
    question: Question | None = None

    @property
    def scenarios_json(self) -> str:
        """The scenarios, or the question, as they are stored and compared."""
        asked = self.scenarios if self.question is None else self.question.to_json()
        return json.dumps(asked, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Run:
    """One row of the run table; times in seconds since 1970."""

    run_id: str
    workbook: str
    workbook_key: str
    location: str
    sequence: int
    scenarios: tuple[str, ...] | None
    only_if_changed: bool
    state: State
    phase: str
    trigger: str
    person: str
    clicks: int
    created_at: float
    started_at: float | None
    deadline_at: float | None
    finished_at: float | None
    enqueued: bool
    owner: str | None
    executions: int
    cancelled_by: str | None
    scenarios_total: int | None
    scenarios_done: int
    exit_code: int | None
    summary: str
    fingerprint: str | None
    outcome: Mapping[str, Any] | None
    question: Question | None = None

    @classmethod
    def from_row(cls, row: sa.RowMapping) -> "Run":
        """The run of a row."""
        values = {name: row[name] for name in cls.__dataclass_fields__ if name != "question"}
        values["state"] = State(values["state"])
        asked = json.loads(values["scenarios"])
        values["scenarios"] = tuple(asked) if isinstance(asked, list) else None
        values["question"] = Question.from_json(asked) if isinstance(asked, dict) else None
        values["outcome"] = None if values["outcome"] is None else json.loads(values["outcome"])
        return cls(**values)


@dataclass(frozen=True)
class PastRun:
    """A run in a list; or, where `times` is above 1, the last of that many scheduled ones in a row that ended alike.

    The first of them was asked for at `since`, in seconds since 1970.
    """

    run: Run
    times: int
    since: float


FOLDED_RUNS = 5000
"""Newest runs that are looked through for those to fold."""


class RunTable:
    """The run table of one database; `now` is the clock."""

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def accept(self, asked: Asked, *, idempotency_key: str | None = None) -> Run:
        """The run that answers a request: a new one, the one that already waits, or the one of a repeated key.

        Raises:
            IdempotencyConflictError: the key was used for another request.
        """
        digest = hashlib.sha256(f"{asked.workbook_key}\n{asked.scenarios_json}".encode()).hexdigest()
        key = None if idempotency_key is None else f"{asked.person}\n{idempotency_key}"
        keys = job_tables.idempotency_keys
        with self._database.begin() as connection:
            self._hold(connection, asked.workbook_key)
            if key is not None:
                if not self._database.is_sqlite:
                    # The same key with two workbooks at once must not slip past the holds of both.
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(KEY_LOCKS, sa.func.hashtext(key))))
                used = connection.execute(sa.select(keys).where(keys.c.key == key)).mappings().first()
                if used is not None and used["request"] != digest:
                    raise IdempotencyConflictError(
                        "This Idempotency-Key was used before, for another workbook, other scenarios or another "
                        "question. Send a new key with a new request."
                    )
                known = None if used is None else _one(connection, runs.c.run_id == used["run_id"])
                if known is not None:
                    return known
            waiting = self._join(connection, asked)
            run = waiting or self._insert(connection, asked)
            if key is not None:
                values = {"key": key, "request": digest, "run_id": run.run_id, "created_at": self._now()}
                connection.execute(sa.delete(keys).where(keys.c.key == key))
                connection.execute(sa.insert(keys).values(values))
            return run

    def _hold(self, connection: sa.Connection, workbook_key: str) -> None:
        """Take turns per workbook, and have its row. SQLite's transactions take turns as they are."""
        workbooks = job_tables.workbooks
        if not self._database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WORKBOOK_LOCKS, sa.func.hashtext(workbook_key))))
        known = sa.select(workbooks.c.last_sequence).where(workbooks.c.workbook_key == workbook_key)
        if connection.execute(known).first() is None:
            connection.execute(sa.insert(workbooks).values(workbook_key=workbook_key, last_sequence=0))

    def _join(self, connection: sa.Connection, asked: Asked) -> Run | None:
        # Whoever asks for a run whatever the inputs gets one, also where a schedule's conditional one waits.
        unconditional = {} if asked.only_if_changed else {"only_if_changed": False}
        joined = connection.execute(
            sa.update(runs)
            .where(runs.c.workbook_key == asked.workbook_key, runs.c.scenarios == asked.scenarios_json)
            .where(runs.c.state == State.QUEUED)
            .values(clicks=runs.c.clicks + 1, **unconditional)
            .returning(runs.c.run_id)
        ).first()
        return None if joined is None else _one(connection, runs.c.run_id == joined[0])

    def _insert(self, connection: sa.Connection, asked: Asked) -> Run:
        workbooks, now = job_tables.workbooks, self._now()
        sequence = connection.execute(
            sa.update(workbooks)
            .where(workbooks.c.workbook_key == asked.workbook_key)
            .values(last_sequence=workbooks.c.last_sequence + 1)
            .returning(workbooks.c.last_sequence)
        ).scalar_one()
        run_id = new_run_id(datetime.fromtimestamp(now, UTC))
        connection.execute(
            sa.insert(runs).values(
                run_id=run_id,
                workbook=asked.workbook,
                workbook_key=asked.workbook_key,
                location=asked.location,
                sequence=sequence,
                scenarios=asked.scenarios_json,
                only_if_changed=asked.only_if_changed,
                state=State.QUEUED,
                trigger=asked.trigger,
                person=asked.person,
                created_at=now,
            )
        )
        run = _one(connection, runs.c.run_id == run_id)
        assert run is not None
        return run

    def mark_enqueued(self, run_id: str) -> None:
        """Note that the job engine has it."""
        with self._database.begin() as connection:
            connection.execute(sa.update(runs).where(runs.c.run_id == run_id).values(enqueued=True))

    def lost(self, *, older_than_s: float) -> list[Run]:
        """Runs that were accepted, but never reached the job engine: whoever accepted them died in between."""
        moment = self._now() - older_than_s
        return self._select(runs.c.state == State.QUEUED, ~runs.c.enqueued, runs.c.created_at < moment)

    def begin(self, run_id: str, owner: str, *, deadline_s: float) -> Run | None:
        """Begin (or begin again) to work on a run as `owner`; None where it has ended. Earlier owners are shut out.

        It has `deadline_s` from now: an interrupted one may have waited behind thousands of others until its turn came.
        """
        now = self._now()
        with self._database.begin() as connection:
            begun = connection.execute(
                sa.update(runs)
                .where(runs.c.run_id == run_id, runs.c.state.in_(OPEN))
                .values(
                    state=State.RUNNING,
                    owner=owner,
                    executions=runs.c.executions + 1,
                    started_at=sa.func.coalesce(runs.c.started_at, now),
                    deadline_at=now + deadline_s,
                )
            )
            return _one(connection, runs.c.run_id == run_id) if begun.rowcount else None

    def advance(self, run_id: str, owner: str, **values: Any) -> bool:
        """Note progress; False where the run is no longer this owner's."""
        return self._update([runs.c.run_id == run_id, runs.c.owner == owner, runs.c.state == State.RUNNING], values)

    def count_solved(self, run_id: str, owner: str) -> None:
        """Note one more scenario as done."""
        self.advance(run_id, owner, scenarios_done=runs.c.scenarios_done + 1)

    def expect_parts(self, run_id: str, part_ids: Collection[str]) -> None:
        """Note the parts of a run, in which nothing is solved yet where they are new."""
        with self._database.begin() as connection:
            known = set(connection.execute(sa.select(parts.c.part_id).where(parts.c.part_id.in_(part_ids))).scalars())
            new = [{"part_id": one, "run_id": run_id, "solved": 0} for one in part_ids if one not in known]
            if new:
                connection.execute(sa.insert(parts), new)

    def note_part(self, part_id: str, solved: int) -> None:
        """Note how many solves of a part are done."""
        with self._database.begin() as connection:
            connection.execute(sa.update(parts).where(parts.c.part_id == part_id).values(solved=solved))

    def solved_in_parts(self, part_ids: Collection[str]) -> int:
        """How many solves of these parts are done."""
        total = sa.select(sa.func.coalesce(sa.func.sum(parts.c.solved), 0)).where(parts.c.part_id.in_(part_ids))
        with self._database.engine.connect() as connection:
            return int(connection.execute(total).scalar_one())

    def finish(self, run_id: str, owner: str, state: State, **values: Any) -> bool:
        """End a run; False where it is no longer this owner's."""
        if values.get("outcome") is not None:
            values["outcome"] = json.dumps(values["outcome"], ensure_ascii=False, allow_nan=False)
        values |= {"state": state, "finished_at": self._now(), "phase": ""}
        return self._update([runs.c.run_id == run_id, runs.c.owner == owner, runs.c.state == State.RUNNING], values)

    def cancel(self, run_id: str, by: str) -> bool:
        """Cancel a run that has not begun to write; False where it has, or ended."""
        values = {
            "state": State.CANCELLED,
            "finished_at": self._now(),
            "cancelled_by": by,
            "summary": f"Cancelled by {by or 'a caller'}; nothing was written.",
        }
        return self._update([runs.c.run_id == run_id, runs.c.state.in_(OPEN), runs.c.phase != "writing"], values)

    def fail(self, run_id: str, summary: str, exit_code: int) -> bool:
        """End a run that nobody works on any more as failed."""
        values = {"state": State.FAILED, "finished_at": self._now(), "summary": summary, "exit_code": exit_code}
        return self._update([runs.c.run_id == run_id, runs.c.state.in_(OPEN)], values)

    def overdue(self, *, grace_s: float) -> list[Run]:
        """Runs that should have ended this long ago."""
        return self._select(runs.c.state == State.RUNNING, runs.c.deadline_at < self._now() - grace_s)

    def get(self, run_id: str) -> Run | None:
        """One run."""
        found = self._select(runs.c.run_id == run_id)
        return found[0] if found else None

    def latest(self, workbook_keys: Collection[str] | None = None, *, limit: int = 50) -> list[Run]:
        """Past runs, newest first; of some workbooks, or of all."""
        which = [] if workbook_keys is None else [runs.c.workbook_key.in_(workbook_keys)]
        return self._select(~IS_QUESTION, *which, limit=limit)

    def each(self, workbook_keys: Collection[str] | None = None, *, limit: int) -> list[PastRun]:
        """The same, each as an entry of its own."""
        return [PastRun(run, 1, run.created_at) for run in self.latest(workbook_keys, limit=limit)]

    def folded(self, workbook_keys: Collection[str] | None = None, *, limit: int) -> list[PastRun]:
        """The same, scheduled runs of a workbook that follow each other and ended alike, without an outcome, as one.

        These had nothing to do, or failed before they could write: a workbook that nobody can reach would fill the list
        otherwise.
        """
        alike = (runs.c.workbook_key, runs.c.trigger, runs.c.state, runs.c.exit_code, runs.c.summary)
        can_repeat = sa.and_(runs.c.only_if_changed, runs.c.outcome.is_(None), runs.c.state.in_(FINAL))
        query = sa.select(runs.c.run_id, runs.c.created_at, can_repeat.label("can_repeat"), *alike).where(~IS_QUESTION)
        if workbook_keys is not None:
            query = query.where(runs.c.workbook_key.in_(workbook_keys))
        query = query.order_by(runs.c.created_at.desc(), runs.c.sequence.desc()).limit(FOLDED_RUNS)
        entries: dict[str, tuple[int, float]] = {}
        newer: dict[str, tuple[list[Any] | None, str]] = {}
        with self._database.engine.connect() as connection:
            for run_id, created_at, repeats, *what in connection.execute(query):
                before, of = newer.get(what[0], (None, ""))
                if repeats and before == what:
                    entries[of] = (entries[of][0] + 1, created_at)
                    continue
                newer[what[0]] = (what if repeats else None, run_id)
                if len(entries) < limit:
                    entries[run_id] = (1, created_at)
                else:
                    newer[what[0]] = (None, "")
        return [PastRun(run, *entries[run.run_id]) for run in self._select(runs.c.run_id.in_(entries))]

    def known(self, run_ids: Sequence[str]) -> frozenset[str]:
        """Those of these runs that the table has."""
        with self._database.engine.connect() as connection:
            return frozenset(connection.execute(sa.select(runs.c.run_id).where(runs.c.run_id.in_(run_ids))).scalars())

    def open_runs(self) -> list[Run]:
        """Everything that waits or runs."""
        return self._select(runs.c.state.in_(OPEN))

    def counts(self) -> dict[str, int]:
        """How many runs are in each state."""
        query = sa.select(runs.c.state, sa.func.count()).group_by(runs.c.state)
        with self._database.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def forget(self, *, older_than_s: float) -> list[str]:
        """Delete what ended this long ago; returns the run ids. Old idempotency keys and nonces go too."""
        moment = self._now() - older_than_s
        with self._database.begin() as connection:
            gone = connection.execute(
                sa.delete(runs).where(runs.c.state.in_(FINAL), runs.c.finished_at < moment).returning(runs.c.run_id)
            )
            ids = [row[0] for row in gone]
            connection.execute(sa.delete(parts).where(parts.c.run_id.in_(ids)))
            keys = job_tables.idempotency_keys
            connection.execute(sa.delete(keys).where(keys.c.created_at < moment))
            return ids

    def _update(self, which: Sequence[sa.ColumnElement[bool]], values: Mapping[str, Any]) -> bool:
        with self._database.begin() as connection:
            return connection.execute(sa.update(runs).where(*which).values(**values)).rowcount > 0

    def _select(self, *which: sa.ColumnElement[bool], limit: int | None = None) -> list[Run]:
        query = sa.select(runs).where(*which).order_by(runs.c.created_at.desc(), runs.c.sequence.desc()).limit(limit)
        with self._database.engine.connect() as connection:
            return [Run.from_row(row) for row in connection.execute(query).mappings()]


def _one(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Run | None:
    row = connection.execute(sa.select(runs).where(which)).mappings().first()
    return None if row is None else Run.from_row(row)
