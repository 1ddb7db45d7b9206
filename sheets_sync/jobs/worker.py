"""A worker: takes runs from the queue, works on them, and looks after those that others left lying.

Every process with a worker does the same housekeeping; each part is harmless when several do it at once.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.jobs.durable import RECOVERIES, Engine, Json
from sheets_sync.jobs.execution import Execution, JobExecution
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.logs import about_run
from sheets_sync.jobs.notice_channels import Sender
from sheets_sync.jobs.notices import LOOK_S as NOTICES_S
from sheets_sync.jobs.notices import Notices
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.question_execution import QuestionExecution
from sheets_sync.jobs.question_parts import TO_FINISH, PartExecution
from sheets_sync.jobs.run_table import Asked, Run, RunTable, State
from sheets_sync.jobs.shared_quota import SharedLimiter
from sheets_sync.jobs.slots import Slots
from sheets_sync.opening import open_workbook
from sheets_sync.outcome import ExitCode
from sheets_sync.run.exit_codes import REPORTED, exit_code_of
from sheets_sync.workbook.backend import Workbook, WorkbookUnreachableError

logger = logging.getLogger(__name__)

WATCH_S = 0.3
"""Seconds between two looks at whether runs under way were cancelled."""
HOUSEKEEPING_S = 2.0
LOST_AFTER_S = 5.0
"""An accepted run that did not reach the engine by then was lost between the two."""
OVERDUE_GRACE_S = 5.0
CLOCK_JUMP_S = 5.0
ORPHAN_CHECK_S = 30.0
FORGET_S = 3600.0


class Worker:
    """Accepts runs and works on them; `start` and `stop` once each."""

    def __init__(
        self,
        settings: Settings,
        *,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.time,
        open_workbook: Callable[[str, Settings], Workbook] = open_workbook,
    ) -> None:
        self._settings = settings
        self._open_workbook = open_workbook
        self._service = settings.service
        self._observer = observer or Observer()
        self.database = Database(self._service.database)
        self.runs = RunTable(self.database, now=clock)
        self._clock = clock
        self._clock_offset = clock() - time.monotonic()
        self._trusts_clock_from = float("-inf")
        self._notices = Notices(settings, self.database, Sender(settings.smtp))
        self._slots = Slots(self.database, self._service.slots)
        self._engine: Engine | None = None
        self._executions: dict[str, JobExecution] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._next_orphan_check = self._next_forgetting = 0.0
        self._late: frozenset[str] = frozenset()

    @property
    def engine(self) -> Engine:
        """The job engine, once started."""
        assert self._engine is not None
        return self._engine

    def start(self) -> str:
        """Claim a slot and begin to work; returns the slot's name.

        Raises:
            NoSlotError: there are as many workers as slots.
            SettingsError, sqlalchemy.exc.SQLAlchemyError: the store cannot be used.
        """
        self.database.create_tables()
        # Before the engine starts: two processes under one name would take each other's running work for lost.
        slot = self._slots.claim()
        self._share_quotas()
        self._engine = Engine(
            self.database,
            slot=slot,
            executor=self,
            concurrent_runs=self._service.concurrent_runs,
            poll_s=self._service.poll_s,
            traces_url=self._service.traces_url,
        )
        self._engine.launch()
        self._notices.begin()
        self.repeat("notices", self._notices.look, NOTICES_S)
        self.repeat("watch", self._watch, WATCH_S)
        self.repeat("housekeeping", self._keep_house, HOUSEKEEPING_S)
        logger.info("Worker started as %s", slot, extra={"action": "worker_started", "slot": slot})
        return slot

    def stop(self) -> bool:
        """Take no more runs, let those under way finish for a while; False where some are left to other workers."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self.engine.stop(drain_s=self._service.drain_s if self._executions else 0)
        idle = not self._executions
        if idle:
            # Otherwise the slot stays ours until the process ends, so that nobody goes on with a run that still moves.
            self._slots.release()
        self.database.close()
        logger.info("Worker stopped", extra={"action": "worker_stopped", "idle": idle})
        return idle

    def submit(self, asked: Asked, *, idempotency_key: str | None = None) -> Run:
        """Accept a run, or find the one that answers this request.

        Raises:
            IdempotencyConflictError: the key was used for another request.
        """
        run = self.runs.accept(asked, idempotency_key=idempotency_key)
        if not run.enqueued:
            self._hand_over(run)
        return run

    def submit_once(self, asked: Asked, key: str) -> Run:
        """Accept a run under a key; the same run for the same key."""
        return self.submit(asked, idempotency_key=key)

    def _hand_over(self, run: Run) -> None:
        # Questions write nothing: they wait for each other, and keep no run waiting.
        turns = run.workbook_key if run.question is None else f"{run.workbook_key} questions"
        self.engine.enqueue(run.run_id, turns, run.sequence)
        self.runs.mark_enqueued(run.run_id)

    def begin(self, run_id: str, held: ExitStack) -> Execution | QuestionExecution | None:
        """The steps of a new execution, for the engine; None where the run has ended."""
        owner = f"{os.getpid()}-{secrets.token_hex(6)}"
        run = self.runs.begin(run_id, owner, deadline_s=self._service.run_deadline_s)
        held.enter_context(about_run(run_id, None if run is None else run.workbook))
        if run is None:
            return None
        if run.executions > RECOVERIES:
            self._fail(run, f"The run was interrupted {RECOVERIES} times and will not be retried.", ExitCode.DEFECT)
            return None
        try:
            workbook = self._open_workbook(run.location, self._settings)
        except REPORTED as error:
            self._fail(run, str(error), exit_code_of(error))
            return None
        execution: Execution | QuestionExecution
        if run.question is None:
            execution = Execution(run, owner, workbook, self.runs, self._settings, self._observer, self._run_again)
        else:
            execution = QuestionExecution(
                run,
                run.question,
                owner,
                workbook,
                self.runs,
                self._settings,
                self._observer,
                self.engine,
                self._slots.count_alive,
            )
        self._watch_over(run_id, execution, self._service.run_deadline_s)
        held.callback(self._over, run_id)
        logger.info("Run begins", extra={"action": "run_begun", "execution": run.executions})
        return execution

    def begin_part(self, part_id: str, run_id: str, part: Json, held: ExitStack) -> PartExecution | None:
        """The step of a part of a study, for the engine; None where the study has ended, or is out of time."""
        run = self.runs.get(run_id)
        held.enter_context(about_run(run_id, None if run is None else run.workbook))
        if run is None or run.deadline_at is None or run.state.is_final:
            return None
        deadline_s = self._service.run_deadline_s
        time_left_s = min(run.deadline_at - self._clock(), deadline_s) - TO_FINISH * deadline_s
        if time_left_s <= 0:
            return None
        execution = PartExecution(run, part_id, part, self.runs, self._settings, self._observer)
        self._watch_over(part_id, execution, time_left_s)
        held.callback(self._forget_execution, part_id)
        about = {"action": "part_begun", "first": part["first"], "before": part["before"]}
        logger.info("Part of a study begins", extra=about)
        return execution

    def _watch_over(self, key: str, execution: JobExecution, time_left_s: float) -> None:
        execution.ends_at = time.monotonic() + time_left_s
        with self._lock:
            self._executions[key] = execution

    def _forget_execution(self, key: str) -> None:
        with self._lock:
            self._executions.pop(key, None)

    def _fail(self, run: Run, summary: str, exit_code: int) -> None:
        """End a run that comes to no execution of its own any more."""
        if not self.runs.fail(run.run_id, summary, exit_code):
            return
        with about_run(run.run_id, run.workbook):
            about = {"action": "run_ended", "exit_code": int(exit_code)}
            logger.error("Run ended: %s", summary, extra=about)
        if run.question is None and run.run_id not in self._executions:  # else counted when its execution is over
            self._observer.ended(run.workbook, State.FAILED, int(exit_code), self._clock() - run.created_at)

    def _run_again(self, run: Run) -> None:
        """The same once more, because the inputs changed while it was solved."""
        asked = Asked(run.workbook, run.workbook_key, run.location, run.scenarios, run.trigger, run.person)
        self.submit(asked, idempotency_key=f"again after {run.run_id}")

    def _over(self, run_id: str) -> None:
        self._forget_execution(run_id)
        run = self.runs.get(run_id)
        if run is not None and run.question is None and run.finished_at is not None:
            self._observer.ended(run.workbook, run.state, run.exit_code or 0, run.finished_at - run.created_at)

    def _share_quotas(self) -> None:
        """Count this process's calls to Google together with those of all others."""
        google = self._settings.google
        try:
            connection = shared_connection(google, emulator_address())
        except WorkbookUnreachableError:
            # Without credentials only files can be run; readiness reports it.
            return
        account = connection.identity.account or "default"
        limits = {"read": google.reads_per_minute, "write": google.writes_per_minute}
        connection.http.limiter = SharedLimiter(self.database, account, limits)

    def repeat(self, name: str, work: Callable[[], None], every_s: float) -> None:
        """Do some work again and again until the worker stops."""
        thread = threading.Thread(target=self._repeat, args=(work, every_s), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _repeat(self, work: Callable[[], None], every_s: float) -> None:
        while not self._stopping.wait(every_s):
            try:
                work()
            except SQLAlchemyError:
                # The store is away for a moment (a restart of PostgreSQL): the next turn will tell.
                logger.warning("The store cannot be reached", exc_info=True, extra={"action": "store_unreachable"})
            except Exception:
                logger.exception("Housekeeping failed", extra={"action": "housekeeping_failed"})

    def _watch(self) -> None:
        """Stop what was cancelled, ended elsewhere, or is past its deadline."""
        with self._lock:
            executions = dict(self._executions)
        for execution in executions.values():
            run = self.runs.get(execution.run.run_id)
            if not execution.is_current(run) or time.monotonic() > execution.ends_at:
                execution.stop.set()

    def _keep_house(self) -> None:
        self._slots.verify()
        for run in self.runs.lost(older_than_s=LOST_AFTER_S):
            self._hand_over(run)
        for slot in self._slots.free():
            left = self.engine.unfinished(slot)
            if left:
                logger.warning("Taking over runs of %s", slot, extra={"action": "runs_taken_over", "runs": left})
                self.engine.resume(left)
        self._fail_overdue()
        self._fail_orphans()
        self._forget()

    def _fail_overdue(self) -> None:
        """End runs that should have ended long ago, unless it is only the clock that says so.

        Runs that are worked on end by elapsed time, which no clock changes. These are the others, and after a clock has
        jumped (or the machine slept), their deadlines mean nothing for as long as a run may take. Those that were
        interrupted and wait for their turn again get a new deadline with it.
        """
        offset = self._clock() - time.monotonic()
        if abs(offset - self._clock_offset) > CLOCK_JUMP_S:
            logger.warning("The clock has jumped", extra={"action": "clock_jumped"})
            self._trusts_clock_from = time.monotonic() + self._service.run_deadline_s
        self._clock_offset = offset
        if time.monotonic() >= self._trusts_clock_from:
            overdue = self.runs.overdue(grace_s=OVERDUE_GRACE_S)
            waiting = self.engine.waiting([run.run_id for run in overdue]) if overdue else frozenset()
            late = {run.run_id: run for run in overdue if run.run_id not in waiting}
            # Seen twice: between two questions the turn of one may have come, and its deadline not yet been moved.
            for run_id in late.keys() & self._late:
                self._fail(late[run_id], "The run did not finish before its deadline.", ExitCode.DEFECT)
            self._late = frozenset(late)

    def _fail_orphans(self) -> None:
        """End what the run table holds open though the engine has given it up."""
        if time.monotonic() < self._next_orphan_check:
            return
        self._next_orphan_check = time.monotonic() + ORPHAN_CHECK_S
        held_open = [run for run in self.runs.open_runs() if run.created_at < self._clock() - ORPHAN_CHECK_S]
        # After the run table: a run that ends between the two is final there already, and is not failed.
        unfinished = self.engine.all_unfinished() if held_open else frozenset()
        for run in held_open:
            if run.run_id not in unfinished:
                self._fail(run, "The run ended without an outcome; see the service's log.", ExitCode.DEFECT)

    def _forget(self) -> None:
        if time.monotonic() < self._next_forgetting:
            return
        self._next_forgetting = time.monotonic() + FORGET_S
        gone = self.runs.forget(older_than_s=self._service.keep_days * 86400)
        if gone:
            self.engine.forget(gone)
