"""All runs of this installation in one list: those of the service, of the command line, and of `sync`.

The run table has what the service accepted; the store of past runs has how all others ended, and the inputs of all. A
run that is in both counts once, as the run table has it.
"""

import logging
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from config.settings import Settings
from sheets_sync.jobs.run_table import PastRun, Run, RunTable, State
from sheets_sync.opening import key_of_locator, locator_of_key, workbook_key
from sheets_sync.outcome import ExitCode
from sheets_sync.run.compare_runs import RunDifference, difference
from sheets_sync.store import RunEnd, RunRecord, StoreError, open_store

logger = logging.getLogger(__name__)

COMPLAIN_S = 60.0
"""Seconds before a store that cannot be read is reported again."""
KEPT_DIFFERENCES = 64


class RunHistory:
    """Past and present runs, from both places."""

    def __init__(self, settings: Settings, runs: RunTable) -> None:
        self._runs = runs
        self._store = open_store(settings.store)
        self._names = {workbook_key(name, settings): name for name in settings.workbooks}
        self._next_complaint = float("-inf")
        self._comparing = Lock()
        self._compared = lru_cache(KEPT_DIFFERENCES)(self._compare)

    def latest(
        self, workbook_keys: Collection[str] | None = None, *, limit: int, folded: bool = False
    ) -> list[PastRun]:
        """Newest first; of some workbooks, or of all.

        `folded` makes one entry of scheduled runs in a row that had nothing to do, or failed in the same way.
        """
        listed = (self._runs.folded if folded else self._runs.each)(workbook_keys, limit=limit)
        others = self._ends(workbook_keys, limit)
        known = self._runs.known([end.run_id for end in others])
        listed += [self._past(end) for end in others if end.run_id not in known]
        return sorted(listed, key=lambda past: past.run.created_at, reverse=True)[:limit]

    def get(self, run_id: str) -> Run | None:
        """One run, with its outcome where it has one."""
        run = self._runs.get(run_id)
        if run is not None:
            return run
        try:
            end = self._store.end(run_id)
        except StoreError as problem:
            self._complain(problem)
            return None
        if end is None:
            return None
        record = self._record(run_id)
        return self._past(end, None if record is None else record.outcome).run

    def difference(self, run_id: str) -> RunDifference | None:
        """What is different from the run before of the same workbook; None where this machine's store has not both."""
        # Two runs never change, and one comparison at a time is enough for people.
        with self._comparing:
            return self._compared(run_id)

    def _compare(self, run_id: str) -> RunDifference | None:
        record = self._record(run_id)
        before = None if record is None else self._store.run_before(record)
        return None if record is None or before is None else difference(before, record)

    def _record(self, run_id: str) -> RunRecord | None:
        try:
            record = self._store.run(run_id)
        except StoreError:
            return None
        return record if record.run_id == run_id else None

    def _ends(self, workbook_keys: Collection[str] | None, limit: int) -> list[RunEnd]:
        locators = [None] if workbook_keys is None else [locator_of_key(key) for key in workbook_keys]
        try:
            return [end for locator in locators for end in self._store.ends(locator, limit=limit)]
        except StoreError as problem:
            self._complain(problem)
            return []

    def _complain(self, problem: StoreError) -> None:
        if time.monotonic() >= self._next_complaint:
            self._next_complaint = time.monotonic() + COMPLAIN_S
            logger.error("Past runs cannot be listed: %s", problem, extra={"action": "store_unreadable"})

    def _past(self, end: RunEnd, outcome: Mapping[str, Any] | None = None) -> PastRun:
        key = key_of_locator(end.workbook)
        since, finished = (datetime.fromisoformat(text).timestamp() for text in (end.since, end.finished_at))
        began = since if end.times == 1 else finished
        run = Run(
            run_id=end.run_id,
            workbook=self._names.get(key, end.workbook),
            workbook_key=key,
            location=end.workbook,
            sequence=0,
            scenarios=None,
            only_if_changed=False,
            state=State.SUCCEEDED if end.exit_code == ExitCode.DONE else State.FAILED,
            phase="",
            trigger=end.trigger,
            person=end.person,
            clicks=1,
            created_at=began,
            started_at=began,
            deadline_at=None,
            finished_at=finished,
            enqueued=True,
            owner=None,
            executions=1,
            cancelled_by=None,
            scenarios_total=None,
            scenarios_done=0,
            exit_code=end.exit_code,
            summary=end.summary,
            fingerprint=None,
            outcome=outcome or {"written": end.written},
        )
        return PastRun(run, end.times, since)
