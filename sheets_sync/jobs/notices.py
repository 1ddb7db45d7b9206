"""What people are notified of after a run: decided once per run, kept in the database, sent at most once per channel.

A notice is written in the transaction that notes its run as looked at, so neither a crash nor a second worker makes two
of one. Whoever sends it claims it first; after a crash in between it is not sent again.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from config.settings import NotifySettings, Settings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import notices, runs, watches
from sheets_sync.jobs.notice_channels import CHANNELS, NotSentError, Sender
from sheets_sync.jobs.run_history import COMPARED_RUNS, RunHistory
from sheets_sync.jobs.run_table import FINAL, IS_QUESTION, Run, RunTable, State
from sheets_sync.opening import workbook_key

logger = logging.getLogger(__name__)

LOOK_S = 2.0
ATTEMPTS = 5
FIRST_RETRY_S = 30.0
"""Doubles with each attempt."""
_OTHERS = "others "
"""Before the key of a workbook: how far its runs were looked at that are not the service's."""


@dataclass(frozen=True)
class Event:
    """One thing to notify people of; the same `key` is the same thing, which is sent once."""

    kind: str
    key: str
    text: str


def events_of(run: Run, earlier: Sequence[Run]) -> Iterator[Event]:
    """What is worth telling of a run that ended; `earlier` are the runs of its workbook before it, newest first."""
    before = next((other for other in earlier if other.state in (State.SUCCEEDED, State.FAILED)), None)
    was_broken = before is not None and before.state is State.FAILED
    if run.state is State.FAILED and (not was_broken or before is None or before.exit_code != run.exit_code):
        yield Event("failed", f"failed {run.run_id}", run.summary)
    if run.state is State.SUCCEEDED and was_broken:
        yield Event("recovered", f"recovered {run.run_id}", run.summary)
    if run.outcome is None:
        return
    compared = next((other.outcome for other in earlier if other.outcome is not None), None)
    missed_before = set() if compared is None else set(_missed(compared))
    missed = [target for target in _missed(run.outcome) if target not in missed_before]
    if missed:
        names = "; ".join(f"{scenario}: {target}" for scenario, target in missed)
        yield Event("target_missed", f"target_missed {run.run_id}", f"Targets newly missed: {names}.")
    for difference in run.outcome.get("differs_from_approved", ()):
        came, went = (", ".join(difference[name]) or "nothing" for name in ("came_in", "went_out"))
        scenario, approved = difference["scenario"], difference["approved_run_id"]
        yield Event(
            "differs_from_approved",
            f"differs {run.workbook_key} {scenario} {approved} +{came} -{went}",
            f"{scenario} differs from the plan that {difference['approved_by']} approved. In: {came}. Out: {went}.",
        )


def _missed(outcome: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The scenario, and the target in words."""
    for scenario in outcome.get("scenarios", ()):
        for target in scenario.get("targets") or ():
            if not target["met"]:
                part = f" for {target['dimension_key']}" if target.get("dimension_key") else ""
                by = f" by the end of {target['period']}" if target.get("period") else ""
                yield scenario["scenario"], f"{target['kpi']}{part}{by}"


class Notices:
    """Makes and sends the notices of all workbooks that ask for them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sender: Sender,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._sender = sender
        self._now = now
        self._history = RunHistory(settings, RunTable(database))
        self._asked: dict[str, NotifySettings] = {
            workbook_key(name, settings): workbook.notify
            for name, workbook in settings.workbooks.items()
            if workbook.notify is not None
        }

    def begin(self) -> None:
        """Begin with the runs that end from now on, for workbooks that were never looked at."""
        with self._database.begin() as connection:
            for key in self._asked:
                if self._seen(connection, key) is None:
                    last = sa.select(sa.func.max(runs.c.sequence)).where(
                        runs.c.workbook_key == key, runs.c.state.in_(FINAL)
                    )
                    values = {"name": _name(key), "seen": str(connection.execute(last).scalar() or 0)}
                    connection.execute(sa.insert(watches).values(values))
                if self._seen(connection, _OTHERS + key) is None:
                    ended = [run.finished_at or 0.0 for run in self._history.of_others(key, after=0.0)]
                    seen = str(max(ended, default=0.0))
                    connection.execute(sa.insert(watches).values(name=_name(_OTHERS + key), seen=seen))

    def look(self) -> None:
        """Make the notices of runs that ended, and send those that are due."""
        for key, asked in self._asked.items():
            self._make(key, asked)
            self._make_of_others(key, asked)
        self._send_due()

    def _make(self, key: str, asked: NotifySettings) -> None:
        channels = [channel for channel in CHANNELS if getattr(asked, channel)]
        with self._database.begin() as connection:
            # On PostgreSQL the row is held, so that two workers take turns; SQLite's transactions do as they are.
            seen = int(self._seen(connection, key, hold=True) or 0)
            ended = list(self._ended_after(connection, key, seen))
            for run in ended:
                self._note(connection, run, channels)
            if ended:
                mark = sa.update(watches).where(watches.c.name == _name(key)).values(seen=str(ended[-1].sequence))
                connection.execute(mark)

    def _make_of_others(self, key: str, asked: NotifySettings) -> None:
        """The same for runs of the command line and of `sync` on this machine, by when they ended."""
        channels = [channel for channel in CHANNELS if getattr(asked, channel)]
        with self._database.begin() as connection:
            ended = self._history.of_others(key, after=float(self._seen(connection, _OTHERS + key, hold=True) or 0))
            for run in ended:
                self._note(connection, run, channels)
            if ended:
                mark = sa.update(watches).where(watches.c.name == _name(_OTHERS + key))
                connection.execute(mark.values(seen=str(ended[-1].finished_at)))

    def _note(self, connection: sa.Connection, run: Run, channels: Sequence[str]) -> None:
        for event in events_of(run, self._history.before(run)):
            for channel in channels:
                self._keep(connection, run, event, channel)

    def _ended_after(self, connection: sa.Connection, key: str, seen: int) -> Iterator[Run]:
        """Runs in the order in which they were asked for, as far as all of them have ended."""
        later = (
            sa.select(runs)
            .where(runs.c.workbook_key == key, runs.c.sequence > seen, ~IS_QUESTION)
            .order_by(runs.c.sequence)
            .limit(COMPARED_RUNS)
        )
        for row in connection.execute(later).mappings():
            run = Run.from_row(row)
            if not run.state.is_final:
                return
            yield run

    def _keep(self, connection: sa.Connection, run: Run, event: Event, channel: str) -> None:
        key = f"{channel} {event.key}"
        if connection.execute(sa.select(notices.c.key).where(notices.c.key == key)).first() is not None:
            return
        document = {
            "event": event.kind,
            "workbook": run.workbook,
            "run_id": run.run_id,
            "state": run.state.value,
            "exit_code": run.exit_code,
            "text": event.text,
            "results_url": (run.outcome or {}).get("results_url"),
        }
        connection.execute(
            sa.insert(notices).values(
                key=key,
                workbook_key=run.workbook_key,
                channel=channel,
                document=json.dumps(document, ensure_ascii=False),
                next_at=self._now(),
                attempts=0,
            )
        )

    def _send_due(self) -> None:
        due = sa.select(notices).where(
            notices.c.sent_at.is_(None), notices.c.claimed_at.is_(None), notices.c.next_at <= self._now()
        )
        with self._database.engine.connect() as connection:
            found = list(connection.execute(due.order_by(notices.c.next_at)).mappings())
        for notice in found:
            asked = self._asked.get(notice["workbook_key"])
            if asked is not None and notice["attempts"] < ATTEMPTS and self._claim(notice["key"]):
                self._send(notice, asked)

    def _claim(self, key: str) -> bool:
        which = (notices.c.key == key, notices.c.claimed_at.is_(None), notices.c.sent_at.is_(None))
        with self._database.begin() as connection:
            return connection.execute(sa.update(notices).where(*which).values(claimed_at=self._now())).rowcount == 1

    def _send(self, notice: sa.RowMapping, asked: NotifySettings) -> None:
        document = json.loads(notice["document"])
        about = {"channel": notice["channel"], "run_id": document["run_id"], "workbook": document["workbook"]}
        attempts = notice["attempts"] + 1
        try:
            self._sender.send(notice["channel"], asked, notice["key"], document)
        except NotSentError as error:
            then = "It is tried again." if attempts < ATTEMPTS else f"It was tried {ATTEMPTS} times and is given up."
            sentence = "A notice about %s was not sent: %s. %s"
            logger.warning(sentence, document["workbook"], error, then, extra={"action": "notice_failed", **about})
            retry_at = self._now() + FIRST_RETRY_S * 2 ** (attempts - 1)
            values: dict[str, Any] = {"attempts": attempts, "claimed_at": None, "next_at": retry_at}
        else:
            logger.info("Notice sent", extra={"action": "notice_sent", **about})
            values = {"attempts": attempts, "sent_at": self._now()}
        with self._database.begin() as connection:
            connection.execute(sa.update(notices).where(notices.c.key == notice["key"]).values(values))

    def _seen(self, connection: sa.Connection, key: str, *, hold: bool = False) -> str | None:
        query = sa.select(watches.c.seen).where(watches.c.name == _name(key))
        seen: str | None = connection.execute(query.with_for_update() if hold else query).scalar()
        return seen


def _name(key: str) -> str:
    return f"notices {key}"
