"""One execution of a run: the steps of `sheets_sync.run`, as the job engine calls and records them.

What a step returns is JSON that the engine records, and gives back instead of calling the step when another process
goes on with the run. The workbook as it was read is not recorded: whoever goes on reads again, and keeps the recorded
answers if the inputs are still the ones that were solved. All steps are called in the process that holds the workbook.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.settings import Settings
from optimizer.errors import Cancelled
from optimizer.scenarios import ScenarioFailure
from sheets_sync.inputs.earlier_plans import starts_of
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.jobs import answer_json
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import Run, RunTable, State
from sheets_sync.jobs.slots import abandon_process
from sheets_sync.outcome import ExitCode, RunOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.approved_differences import differences_from_approved
from sheets_sync.run.exit_codes import REPORTED, exit_code_of
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.previous_runs import run_ids
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.solve_inputs import compare_answers, solve_one
from sheets_sync.run.unchanged import unchanged
from sheets_sync.run.write_outcome import report_change, write_outcome
from sheets_sync.store import open_store
from sheets_sync.workbook.backend import Workbook, WorkbookBusyError, WorkbookChangedError
from sheets_sync.workbook.snapshot import Snapshot

logger = logging.getLogger(__name__)

Json = dict[str, Any]

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
CHANGED_TOO_OFTEN = "People kept saving the workbook while it was solved. Nothing was written; run again later."


class SupersededError(Exception):
    """The run was cancelled, ended, or went to another process: this execution must stop and write nothing."""


@dataclass(frozen=True)
class Step:
    """What a step gave: a value; or that the inputs changed, so that the run begins again; or why the run failed."""

    value: Json | None = None
    changed: bool = False
    failed: str | None = None
    exit_code: int = 0

    def to_json(self) -> Json:
        """As the engine records it."""
        return vars(self)


def failed_with(error: Exception) -> Step:
    """The step that ends a run with what people read of this error."""
    return Step(failed=str(error), exit_code=exit_code_of(error))


class JobExecution:
    """What an execution of a run and one of a question have in common; `stop` is set when it shall end."""

    def __init__(self, run: Run, owner: str, runs: RunTable, settings: Settings) -> None:
        self.run = run
        self.owner = owner
        self.stop = threading.Event()
        self.ends_at = float("inf")
        """When its time is up, by `time.monotonic`."""
        self._runs = runs
        self._settings = settings

    @property
    def workbook_name(self) -> str:
        """The workbook, as traces name it."""
        return self.run.workbook

    def is_current(self, now: Run | None) -> bool:
        """Whether the run, as it is in the table now, still is this execution's."""
        return now is not None and not now.state.is_final and now.owner == self.owner

    def forget_reading(self) -> None:
        """Read again next time: the workbook has changed."""

    def end(self, last: Json) -> None:
        """Record in the run table how the run ended, by its last step."""
        if last["changed"]:
            last = failed_with(WorkbookChangedError(CHANGED_TOO_OFTEN)).to_json()
        value = last["value"] or {}
        exit_code = last["exit_code"] if last["failed"] else value["exit_code"]
        outcome = value.get("outcome")
        ended = self._runs.finish(
            self.run.run_id,
            self.owner,
            State.SUCCEEDED if exit_code == ExitCode.DONE else State.FAILED,
            exit_code=int(exit_code),
            summary=last["failed"] or value["summary"],
            outcome=outcome,
            fingerprint=outcome["inputs_fingerprint"] if outcome else value.get("fingerprint"),
        )
        if ended:
            # A question without an answer is one for whoever asked, a run that failed is one for the operator.
            is_question = self.run.question is not None
            level = logging.INFO if is_question or exit_code == ExitCode.DONE else logging.ERROR
            what = "question" if is_question else "run"
            about = {"action": f"{what}_ended", "exit_code": int(exit_code)}
            logger.log(level, f"{what.capitalize()} ended: %s", last["failed"] or value["summary"], extra=about)

    def guarded(self, step: Callable[[], Step]) -> Step:
        """Errors that are for people end the run with their sentence; a changed workbook begins it again."""
        try:
            return step()
        except SupersededError:
            # The run table has its end already; this only stops the steps that would follow.
            return Step(failed="The run had ended.", exit_code=ExitCode.DEFECT)
        except WorkbookChangedError:
            self.forget_reading()
            return Step(changed=True)
        except REPORTED as error:
            return failed_with(error)

    def still_ours(self, **progress: Any) -> None:
        """Note progress.

        Raises:
            SupersededError: the job was cancelled, or ended.
        """
        if self._runs.advance(self.run.run_id, self.owner, **progress):
            return
        now = self._runs.get(self.run.run_id)
        if now is not None and not now.state.is_final:
            # Another process was reported that this one is dead: nothing that it records or writes may count any more.
            abandon_process(f"run {self.run.run_id} went to another worker")
        raise SupersededError(self.run.run_id)


class Execution(JobExecution):
    """One execution; `stop` is set when the run was cancelled or is past its deadline."""

    def __init__(
        self,
        run: Run,
        owner: str,
        workbook: Workbook,
        runs: RunTable,
        settings: Settings,
        observer: Observer,
        run_again: Callable[[Run], object],
    ) -> None:
        super().__init__(run, owner, runs, settings)
        self._workbook = workbook
        self._observer = observer
        self._run_again = run_again
        self._reading: Reading | None = None

    def forget_reading(self) -> None:
        """Read again next time: the workbook has changed."""
        self._reading = None

    def lock(self, held: ExitStack) -> Json | None:
        """Hold the workbook until `held` closes; waits for a run that was cancelled but still solves, or a person's.

        None, or the failed step where it did not come free before the deadline.
        """
        wait = FIRST_WAIT_S
        while True:
            try:
                held.enter_context(self._workbook.locked())
            except WorkbookBusyError as error:
                if self.stop.wait(wait):
                    return failed_with(error).to_json()
                wait = min(2 * wait, LONGEST_WAIT_S)
            except REPORTED as error:
                return failed_with(error).to_json()
            else:
                return None

    def read(self) -> Json:
        """Read and check; the value names the scenarios to solve, and says what their answers will rest on."""
        self.still_ours(phase="reading", scenarios_done=0)
        with self._observer.phase("read", self.run.workbook):
            return self.guarded(self._read).to_json()

    def _read(self) -> Step:
        self._reading = self._read_workbook()
        same = unchanged(self._reading) if self.run.only_if_changed else None
        if same is not None:
            now = fingerprint(self._reading.checked.frames)
            return Step({"unchanged": True, "fingerprint": now, "exit_code": same.exit_code, "summary": same.summary})
        names = list(self._reading.scenarios)
        self.still_ours(phase="solving", scenarios_total=len(names))
        return Step({"basis": basis_of(self._reading), "scenarios": names})

    def solve(self, basis: str, scenario: str) -> Json:
        """Solve one scenario."""
        with self._observer.phase("solve", self.run.workbook):
            return self.guarded(lambda: self._solve(basis, scenario)).to_json()

    def _solve(self, basis: str, scenario: str) -> Step:
        reading = self._read_again(basis)
        if reading is None or reading.checked.plan is None:
            return Step(changed=True)
        try:
            answer = solve_one(reading, scenario, self._request, self.stop)
        except Cancelled:
            self.still_ours(phase="solving")
            return Step(failed=self._too_late(), exit_code=ExitCode.UNSOLVED)
        if isinstance(answer, ScenarioFailure):
            about = {"action": "scenario_failed", "scenario": scenario}
            logger.error("A scenario failed", exc_info=answer.error, extra=about)
        self._runs.count_solved(self.run.run_id, self.owner)
        return Step(answer_json.to_json(answer))

    def finish_solving(self) -> Json:
        """When the answers were complete; recorded, so that a repeated write is the same write."""
        return Step({"finished_at": datetime.now(UTC).isoformat()}).to_json()

    def write(self, basis: str, solved: Mapping[str, Json], finished_at: str) -> Json:
        """Write the answers; the value is the run's JSON document, exit code and summary."""
        with self._observer.phase("write", self.run.workbook):
            return self.guarded(lambda: self._write(basis, solved, finished_at)).to_json()

    def _write(self, basis: str, solved: Mapping[str, Json], finished_at: str) -> Step:
        reading = self._reading
        if reading is None:
            self._reading = reading = self._read_workbook()
        was_written = self.run.run_id in run_ids(reading.snapshot)
        if not was_written and basis_of(reading) != basis:
            return Step(changed=True)
        outcome = self._outcome(reading, solved, finished_at)
        store = open_store(self._settings.store)
        if not was_written:
            # From here on it is too late to cancel; and an execution that was taken for dead is shut out.
            self.still_ours(phase="writing")
            outcome, changed = write_outcome(self._workbook, outcome, reading, self._request, store)
            if changed is not None:
                outcome = self._after_a_change(outcome, changed)
        document = outcome.to_json() | {
            "written": was_written or outcome.written,
            "differs_from_approved": differences_from_approved(outcome, reading.snapshot, store),
        }
        return Step({"outcome": document, "exit_code": int(outcome.exit_code), "summary": outcome.summary})

    def _outcome(self, reading: Reading, solved: Mapping[str, Json], finished_at: str) -> RunOutcome:
        answers = {name: answer_json.from_json(name, text) for name, text in solved.items()}
        return make_outcome(
            reading,
            compare_answers(reading, answers, self._request),
            self._request,
            run_id=self.run.run_id,
            workbook=self._workbook.locator,
            started_at=datetime.fromtimestamp(self.run.started_at or self.run.created_at, UTC),
            finished_at=datetime.fromisoformat(finished_at),
        )

    @property
    def _request(self) -> RunRequest:
        return RunRequest(
            scenarios=self.run.scenarios,
            solver=self._settings.solver,
            time_limit_s=self._settings.time_limit_s,
            trigger=self.run.trigger,
            person=self.run.person,
        )

    def _after_a_change(self, outcome: RunOutcome, now: Snapshot) -> RunOutcome:
        """Report that the inputs changed meanwhile; if the settings say so, another run follows."""
        if self._settings.on_change == "rerun":
            self._run_again(self.run)
        return report_change(self._workbook, outcome, now)

    def _read_workbook(self) -> Reading:
        return read_inputs(self._workbook, self.run.scenarios, open_store(self._settings.store))

    def _read_again(self, basis: str) -> Reading | None:
        """The reading that `basis` was made of; None where the workbook has changed since."""
        if self._reading is None:
            self._reading = self._read_workbook()
        return self._reading if basis_of(self._reading) == basis else None

    def _too_late(self) -> str:
        return (
            f"The run took longer than {self._settings.service.run_deadline_s:.0f} s and was stopped. Nothing was "
            "written. Lower the time limit of the scenarios, or raise service.run_deadline_s."
        )


def basis_of(reading: Reading) -> str:
    """A digest of all that the answers rest on: the inputs, last selections and approved plans."""
    last = {name: sorted(keys) for name, keys in reading.last_selections.items()}
    approved = {name: plan.to_json() for name, plan in reading.approved.items()}
    starts = {name: dict(starts_of(keys)) for name, keys in reading.last_selections.items()}
    text = json.dumps([fingerprint(reading.checked.frames), last, starts, approved], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
