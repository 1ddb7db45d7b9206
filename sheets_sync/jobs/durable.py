"""The job engine, DBOS Transact, behind one door: nothing else imports it.

A run is one workflow; its steps are recorded, so that another process goes on where one died. The step of a study of
many solves may hand over parts, workflows of their own on a second queue: any worker takes the next one. What is
peculiar to the engine stays here: its version of our jobs is fixed (by default it changes with the code, and
interrupted runs of the old code would be left alone for ever), the queue takes one run at a time per workbook, in
order, and recorded values are plain JSON.
"""

import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import Context, copy_context
from typing import Any, Protocol, runtime_checkable

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetEnqueueOptions,
    SetWorkflowID,
    StepReservation,
)

from config.settings import SettingsError
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_workers import PART
from sheets_sync.run.run_workbook import ATTEMPTS

logger = logging.getLogger(__name__)

Json = dict[str, Any]

JOBS_VERSION = "sheetplan-jobs-1"
"""Changed on purpose only: when the steps below, or what they record, change so that a run cannot go on with them."""
QUEUE = "sheetplan-runs"
PARTS = "sheetplan-parts"
_PARTS_POLL = 5.0
"""A part takes many seconds: it is looked for so many times as seldom as a run, since each look costs CPU time."""
RECOVERIES = 8
"""How often a run is begun again after its worker died, before it is taken for what kills workers."""
WAITING = ("ENQUEUED", "DELAYED")
UNFINISHED = ("PENDING", *WAITING)
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
FORGOTTEN_AT_ONCE = 100


TRACES_TIMEOUT_S = 3
"""How long the end of a process waits for a collector that is away; the library's own variable goes before this."""
TRACES_EXTRA_MISSING = (
    'service.traces_url needs the extra "traces". Install it with: pip install "sheetplan[service,traces]"'
)


class Steps(Protocol):
    """The steps of one execution of a run; `sheets_sync.jobs.execution` has them."""

    @property
    def workbook_name(self) -> str:
        """The workbook, as traces name it."""

    def lock(self, held: ExitStack) -> Json | None:
        """Hold the workbook; None, or why that failed."""

    def read(self) -> Json:
        """Read the inputs."""

    def solve(self, basis: str, scenario: str) -> Json:
        """Solve one scenario of what was read."""

    def finish_solving(self) -> Json:
        """Stamp the time."""

    def write(self, basis: str, solved: dict[str, Json], finished_at: str) -> Json:
        """Write the answers."""

    def end(self, last: Json) -> None:
        """Note how the run ended."""


@runtime_checkable
class Study(Protocol):
    """The steps of an execution of a question; `sheets_sync.jobs.question_execution` has them."""

    @property
    def workbook_name(self) -> str:
        """The workbook, as traces name it."""

    def study(self) -> Json:
        """Read, solve and answer."""

    def end(self, last: Json) -> None:
        """Note how it ended."""


class Part(Protocol):
    """The one step of a part of a study; `sheets_sync.jobs.question_parts` has it."""

    @property
    def workbook_name(self) -> str:
        """The workbook, as traces name it."""

    def solve(self) -> Json:
        """Answer its questions."""


class Executor(Protocol):
    """Who begins executions."""

    def begin_part(self, part_id: str, run_id: str, part: Json, held: ExitStack) -> Part | None:
        """The step of a part of a run, None where the run has ended; `held` closes when it is over."""

    def begin(self, run_id: str, held: ExitStack) -> Steps | Study | None:
        """The steps of a new execution, None where the run has ended; `held` closes when it is over."""


class Engine:
    """The job engine of this process; there is one."""

    def __init__(
        self,
        database: Database,
        *,
        slot: str,
        executor: Executor,
        concurrent_runs: int,
        poll_s: float,
        traces_url: str | None = None,
    ) -> None:
        """Configure it; `traces_url` gets a trace of each run, with a span for each of its steps.

        Raises:
            SettingsError: what sends traces is not installed.
        """
        global _executor, _makes_traces
        _executor, _makes_traces = executor, traces_url is not None
        _quiet()
        config: DBOSConfig = {
            "name": "sheetplan",
            "application_version": JOBS_VERSION,
            "executor_id": slot,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": poll_s,
        }
        if database.is_sqlite:
            config["system_database_engine"] = database.engine
        config["system_database_url"] = database.address
        if traces_url is not None:
            # The engine's own switch. Logs and metrics have ways of their own.
            os.environ.setdefault("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", str(TRACES_TIMEOUT_S))
            config |= {"enable_otlp": True, "otlp_traces_endpoints": [traces_url], "otel_attribute_format": "semconv"}
        self._concurrent_runs = concurrent_runs
        self._poll_s = poll_s
        try:
            DBOS(config=config)
        except ModuleNotFoundError as error:
            if traces_url is None or not (error.name or "").startswith("opentelemetry"):
                raise
            raise SettingsError(TRACES_EXTRA_MISSING) from None

    def launch(self) -> None:
        """Start to work, first on what this slot left unfinished."""
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._concurrent_runs,
            polling_interval_sec=self._poll_s,
            on_conflict="always_update",
        )
        # One at a time: a part uses all cores.
        DBOS.register_queue(
            PARTS,
            worker_concurrency=1,
            polling_interval_sec=_PARTS_POLL * self._poll_s,
            on_conflict="always_update",
        )

    def enqueue(self, run_id: str, turns: str, sequence: int) -> None:
        """Hand over a run; harmless where the engine has it already. Those with the same `turns` take turns."""
        # The partition key is what makes runs of a workbook take turns: without it they would never start at all.
        with SetWorkflowID(run_id), SetEnqueueOptions(queue_partition_key=turns, priority=sequence):
            DBOS.enqueue_workflow(QUEUE, _run, run_id)

    def unfinished(self, slot: str) -> list[str]:
        """The runs that a slot works on."""
        return [status.workflow_id for status in DBOS.list_workflows(executor_id=slot, status="PENDING")]

    def resume(self, run_ids: Sequence[str]) -> None:
        """Queue runs again, and parts of runs, that a dead worker left."""
        for queue, is_of_it in ((QUEUE, False), (PARTS, True)):
            left = [run_id for run_id in run_ids if (PART in run_id) is is_of_it]
            if left:
                DBOS.resume_workflows(left, queue_name=queue)

    def waiting(self, run_ids: Sequence[str]) -> frozenset[str]:
        """Those of these runs that wait for their turn."""
        found = DBOS.list_workflows(
            workflow_ids=list(run_ids), status=list(WAITING), load_input=False, load_output=False
        )
        return frozenset(status.workflow_id for status in found)

    def all_unfinished(self) -> frozenset[str]:
        """The runs that the engine will still work on, in any slot."""
        found = DBOS.list_workflows(status=list(UNFINISHED), load_input=False, load_output=False)
        return frozenset(status.workflow_id for status in found)

    def forget(self, run_ids: Sequence[str]) -> None:
        """Delete what was recorded of ended runs and their parts."""
        DBOS.delete_workflows(list(run_ids))
        for first in range(0, len(run_ids), FORGOTTEN_AT_ONCE):
            parts = self._parts_with([f"{run_id}{PART}" for run_id in run_ids[first : first + FORGOTTEN_AT_ONCE]])
            if parts:
                DBOS.delete_workflows(parts)

    # Parts are handed over in the middle of a step, where the engine lets nothing begin: so they are nobody's children.

    def enqueue_part(self, part_id: str, run_id: str, part: Json) -> None:
        """Hand over a part; harmless where the engine has it already."""
        Context().run(_enqueue_part, part_id, run_id, part)

    def parts_with(self, prefix: str) -> list[str]:
        """The parts whose ids begin like this."""
        return Context().run(self._parts_with, [prefix])

    def _parts_with(self, prefixes: list[str]) -> list[str]:
        found = DBOS.list_workflows(workflow_id_prefix=prefixes, load_input=False, load_output=False)
        return [status.workflow_id for status in found]

    def ended_parts(self, part_ids: Collection[str]) -> Mapping[str, Json | None]:
        """Of these parts those that have ended, with what they found, if anything."""
        statuses = Context().run(
            DBOS.list_workflows, workflow_ids=list(part_ids), status=list(ENDED), load_input=False
        )  # fmt: skip
        for status in statuses:
            if status.error is not None:
                about = {"action": "part_failed", "part": status.workflow_id}
                logger.warning("A part of a study has no answer: %s", status.error, extra=about)
        return {status.workflow_id: status.output for status in statuses}

    def cancel_parts(self, part_ids: Collection[str]) -> None:
        """Have nobody begin these parts."""
        Context().run(DBOS.cancel_workflows, list(part_ids))

    def stop(self, *, drain_s: float) -> None:
        """Take no more runs, and let those under way finish for so long."""
        DBOS.destroy(workflow_completion_timeout_sec=round(drain_s))


_executor: Executor | None = None
_makes_traces = False


@DBOS.workflow(name="sheetplan-run", max_recovery_attempts=RECOVERIES)
def _run(run_id: str) -> None:
    """One run. Between two executions only what the steps returned is known, so that alone decides what comes next."""
    assert _executor is not None
    with ExitStack() as held:
        steps = _executor.begin(run_id, held)
        if steps is None:
            return
        _note_on_span(workbook=steps.workbook_name)
        if isinstance(steps, Study):
            # It writes nothing, so it need not hold the workbook.
            steps.end(DBOS.run_step({"name": "study"}, _traced(steps, steps.study)))
        else:
            steps.end(steps.lock(held) or _steps_of(steps))


def _enqueue_part(part_id: str, run_id: str, part: Json) -> None:
    with SetWorkflowID(part_id):
        DBOS.enqueue_workflow(PARTS, _part, run_id, part)


@DBOS.workflow(name="sheetplan-part", max_recovery_attempts=RECOVERIES)
def _part(run_id: str, part: Json) -> Json | None:
    """One part of a study."""
    assert _executor is not None
    assert DBOS.workflow_id is not None
    with ExitStack() as held:
        step = _executor.begin_part(DBOS.workflow_id, run_id, part, held)
        if step is None:
            return None
        _note_on_span(workbook=step.workbook_name)
        answer: Json = DBOS.run_step({"name": "solve part"}, _traced(step, step.solve))
        value: Json | None = answer["value"]
        return value


def _steps_of(steps: Steps) -> Json:
    last: Json = {}
    for _ in range(ATTEMPTS):
        last = DBOS.run_step({"name": "read"}, _traced(steps, steps.read))
        if last["failed"] is None and not last["value"].get("unchanged"):
            last = _solve_and_write(steps, last["value"])
        if not last["changed"]:
            break
    return last


def _solve_and_write(steps: Steps, read: Json) -> Json:
    basis, names = read["basis"], read["scenarios"]
    # The order of steps must be the same each time; the threads come afterwards.
    reserved = [DBOS.reserve_step() for _ in names]
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        futures = [
            pool.submit(copy_context().run, _solve, step, steps, basis, name)
            for step, name in zip(reserved, names, strict=True)
        ]
    solved = [future.result() for future in futures]
    for answer in solved:
        if answer["failed"] is not None or answer["changed"]:
            return answer
    finished = DBOS.run_step({"name": "finish_solving"}, steps.finish_solving)
    values = {name: answer["value"] for name, answer in zip(names, solved, strict=True)}
    written: Json = DBOS.run_step(
        {"name": "write"}, _traced(steps, steps.write), basis, values, finished["value"]["finished_at"]
    )
    return written


def _solve(step: StepReservation, steps: Steps, basis: str, scenario: str) -> Json:
    answer: Json = step.run({"name": "solve"}, _traced(steps, steps.solve, scenario=scenario), basis, scenario)
    return answer


def _traced(steps: Steps | Study | Part, step: Callable[..., Json], **about: str) -> Callable[..., Json]:
    """The same step, whose span says what it is about, and why it failed: steps raise nothing, so all look well."""

    def traced(*arguments: Any) -> Json:
        _note_on_span(workbook=steps.workbook_name, **about)
        found = step(*arguments)
        if found["failed"] is not None:
            _note_on_span(failed=found["failed"])
        return found

    return traced


def _note_on_span(**about: str) -> None:
    # Without traces, not even the library that makes them need be there.
    span = DBOS.span if _makes_traces else None
    if span is not None:
        span.set_attributes({f"sheetplan.{name}": value for name, value in about.items()})


def _quiet() -> None:
    """The engine's messages go the way of all others."""
    engine = logging.getLogger("dbos")
    engine.handlers = [logging.NullHandler()]
    engine.propagate = True
