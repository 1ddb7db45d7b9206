"""The one use case: read, check, solve, report, write. Every trigger calls it; it knows neither Google nor files.

A run is a function of the snapshot and the last run's selection; time, identity and the workbook come in as arguments.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

from config.names import fold_key
from config.tabs import input_tabs
from optimizer import ScenarioFailure, SolverName, solve_plan
from optimizer.parallel import Answer
from optimizer.plan import Plan
from sheets_sync import statuses
from sheets_sync.changes import Changes, StatusColumn
from sheets_sync.checks import Checked, CheckedScenario, check
from sheets_sync.fingerprint import fingerprint
from sheets_sync.history import approved_plans, last_fingerprints, last_selections
from sheets_sync.issues import Issue, Severity
from sheets_sync.notes import finding_issues, portfolio_notes
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome, run_status
from sheets_sync.report.approved import is_approved_tab
from sheets_sync.report.inputs import Inputs
from sheets_sync.report.layout import TITLE as RESULTS_TITLE
from sheets_sync.report.results import results_sheet
from sheets_sync.report.runs import TITLE as RUNS_TITLE
from sheets_sync.report.runs import runs_log
from sheets_sync.snapshot import Snapshot, Workbook, WorkbookChangedError
from sheets_sync.store import RunRecord, RunStore, StoreError, workbook_identity

SHOWN_PROBLEMS = 3
"""Errors that a scenario's status names before it only counts the rest."""
ATTEMPTS = 3
"""How often a run begins, should people keep saving the workbook meanwhile."""
READY = "OK: ready to run."
CHANGED = "The inputs were changed while this run was solving: run again for an answer to what stands there now."
OnChange = Literal["tell", "rerun"]


class UnknownScenarioError(Exception):
    """A scenario was asked for that the workbook does not have; the message names those that it has."""


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run. `scenarios` None runs every ticked one; `time_limit_s` holds for each scenario.

    `on_change` says what follows where a sheet's inputs were changed between our reading and our writing: ``tell``
    people, beside the answer to the inputs as they were, or ``rerun`` until nobody changes them. `only_if_changed`
    ends a run after its read where every scenario to run was last run on the very inputs that stand there.
    """

    scenarios: Sequence[str] | None = None
    dry_run: bool = False
    solver: SolverName = "highs"
    time_limit_s: float | None = None
    force: bool = False
    on_change: OnChange = "tell"
    only_if_changed: bool = False
    trigger: str = "command line"
    person: str = ""


class Progress:
    """What a run tells while it goes on; the default says nothing."""

    def reading(self) -> None:
        """The workbook is being read."""

    def solving(self, scenarios: int) -> None:
        """This many scenarios are being solved."""

    def solved(self) -> None:
        """One more scenario is solved."""

    def writing(self) -> None:
        """Results are being written."""


SILENT = Progress()


def wanted_tabs(title: str) -> bool:
    """Whether a run reads the tab of that title: the inputs, and what earlier runs left."""
    written = fold_key(title) in {fold_key(RESULTS_TITLE), fold_key(RUNS_TITLE)}
    return input_tabs(title) or written or is_approved_tab(title)


def run_workbook(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    store: RunStore | None = None,
) -> RunOutcome:
    """Read, check, solve and (unless it is a dry run) write one workbook.

    Where somebody saves a file between our reading and our writing, nothing is written and the run begins again. On a
    Google Sheet that is only known once the answer is written: `request.on_change` says what then. After `ATTEMPTS`
    times a run gives up.

    What is written is also kept in `store`, for `diff` and `replay`; a store that fails is told and fails no run.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached, is busy, keeps changing, or refuses to be written.
    """
    outcome = run_if_changed(
        workbook, replace(request, only_if_changed=False), clock=clock, progress=progress, store=store
    )
    assert outcome is not None
    return outcome


def run_if_changed(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    store: RunStore | None = None,
) -> RunOutcome | None:
    """The same; but with `request.only_if_changed` None, after one read, where there was nothing to do.

    Raises:
        UnknownScenarioError, WorkbookError: as `run_workbook`.
    """
    with workbook.locked():
        for attempt in range(1, ATTEMPTS + 1):
            again = attempt < ATTEMPTS
            started_at = clock()
            try:
                progress.reading()
                reading = read_inputs(workbook, request.scenarios)
                if request.only_if_changed and reading.is_unchanged:
                    return None
                outcome, changed = _run_once(workbook, reading, request, clock, started_at, progress, store)
            except WorkbookChangedError:
                if not again:
                    raise
                continue
            if changed is None:
                return outcome
            if not (again and request.on_change == "rerun"):
                return tell_of_change(workbook, outcome, changed)
    raise AssertionError("the last attempt returns or raises")


@dataclass(frozen=True)
class Reading:
    """What a run read, checked: the inputs, and what the last run of each scenario selected (by folded name)."""

    snapshot: Snapshot
    checked: Checked
    previous: Mapping[str, frozenset[str]]

    @property
    def scenarios(self) -> Sequence[str]:
        """The scenarios that can be solved, in the order of the sheet."""
        return [] if self.checked.plan is None else [scenario.name for scenario in self.checked.plan.scenarios]

    @property
    def last_selections(self) -> Mapping[str, frozenset[str]]:
        """The selection of the last run of each scenario that can be solved and has one, by its name."""
        names = [name for name in self.scenarios if fold_key(name) in self.previous]
        return {name: self.previous[fold_key(name)] for name in names}

    @property
    def is_unchanged(self) -> bool:
        """Whether every scenario to run was last run on these very inputs."""
        chosen = [fold_key(scenario.name) for scenario in self.checked.scenarios if scenario.is_chosen]
        last, now = last_fingerprints(self.snapshot), fingerprint(self.checked.frames)
        return bool(chosen) and all(last.get(name) == now for name in chosen)


def new_run_id(moment: datetime) -> str:
    """An id for a run that was asked for at that moment; ids sort by time."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def read_inputs(workbook: Workbook, scenarios: Sequence[str] | None) -> Reading:
    """Read and check one workbook for a run of these scenarios.

    Raises:
        UnknownScenarioError: one of them is not in the workbook.
        WorkbookError: the workbook cannot be reached.
    """
    snapshot = workbook.read(wanted_tabs)
    return _checked(snapshot, last_selections(snapshot), scenarios)


def _checked(snapshot: Snapshot, previous: Mapping[str, frozenset[str]], scenarios: Sequence[str] | None) -> Reading:
    checked = check(snapshot, scenarios)
    refuse_unknown(checked, scenarios)
    return Reading(snapshot, checked, _spelt_as_in_plan(previous, checked.plan))


def _run_once(
    workbook: Workbook,
    reading: Reading,
    request: RunRequest,
    clock: Callable[[], datetime],
    started_at: datetime,
    progress: Progress,
    store: RunStore | None,
) -> tuple[RunOutcome, Snapshot | None]:
    answered = answered_with(reading, _answers(reading, request, progress))
    outcome = outcome_of(answered, new_run_id(started_at), workbook.locator, started_at, clock(), request)
    if request.dry_run:
        return outcome, None
    progress.writing()
    return write_outcome(workbook, outcome, reading, request, store)


def write_outcome(
    workbook: Workbook, outcome: RunOutcome, reading: Reading, request: RunRequest, store: RunStore | None
) -> tuple[RunOutcome, Snapshot | None]:
    """Write a run; also returns how the workbook stood after that where its inputs were no longer those that we read.

    Raises:
        WorkbookError: the workbook cannot be reached, was changed since it was read, or refuses to be written.
    """
    changes = changes_of(outcome, reading.checked, reading.snapshot)
    if not changes.tabs:
        return outcome, None
    written = workbook.write(changes, force=request.force)
    outcome = replace(
        outcome,
        written=True,
        written_tabs=changes.tabs,
        notices=written.notices,
        results_url=written.results_url,
    )
    if store is not None:
        outcome = replace(outcome, notices=(*outcome.notices, *_keep(store, outcome, reading, request)))
    return outcome, written.after if written.changed_meanwhile else None


@dataclass(frozen=True)
class Answered:
    """What a snapshot and the previous selections give: the checks, one outcome per chosen scenario, every issue."""

    checked: Checked
    scenarios: tuple[ScenarioOutcome, ...]
    issues: tuple[Issue, ...]


def answer_snapshot(
    snapshot: Snapshot, previous: Mapping[str, frozenset[str]], request: RunRequest, progress: Progress
) -> Answered:
    """Check and solve; ties go to the `previous` selections, which are by folded scenario name.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
    """
    reading = _checked(snapshot, previous, request.scenarios)
    return answered_with(reading, _answers(reading, request, progress))


def answered_with(reading: Reading, answers: Mapping[str, Answer]) -> Answered:
    """What a reading gives together with the answers of its scenarios, by name."""
    checked = reading.checked
    chosen = [scenario for scenario in checked.scenarios if scenario.is_chosen]
    scenarios = tuple(_outcome_of(scenario, answers.get(scenario.name), reading.previous) for scenario in chosen)
    rows = {scenario.name: scenario for scenario in chosen}
    solved = [(scenario.portfolio, rows[scenario.name]) for scenario in scenarios if scenario.portfolio is not None]
    return Answered(checked, scenarios, (*checked.issues, *finding_issues(solved)))


def outcome_of(
    answered: Answered, run_id: str, workbook: str, started_at: datetime, finished_at: datetime, request: RunRequest
) -> RunOutcome:
    """The outcome of a run that has written nothing yet."""
    facts = RunFacts(
        run_id=run_id,
        workbook=workbook,
        started_at=started_at,
        finished_at=finished_at,
        trigger=request.trigger,
        person=request.person,
        fingerprint=fingerprint(answered.checked.frames),
        sheetplan_version=version("sheetplan"),
    )
    return RunOutcome(facts, answered.checked.plan, answered.scenarios, answered.issues, written=False)


def _keep(store: RunStore, outcome: RunOutcome, reading: Reading, request: RunRequest) -> tuple[str, ...]:
    """Keep a run in the store; returns what people should be told where that fails."""
    asked = None if request.scenarios is None else list(request.scenarios)
    record = RunRecord(
        workbook=workbook_identity(outcome.facts.workbook),
        trigger=outcome.facts.trigger,
        person=outcome.facts.person,
        sheetplan_version=outcome.facts.sheetplan_version,
        options={"scenarios": asked, "solver": request.solver, "time_limit_s": request.time_limit_s},
        previous=reading.previous,
        snapshot=reading.snapshot,
        outcome=outcome.to_json(),
    )
    try:
        store.keep(record)
    except StoreError as problem:
        return (f"{problem} This run was written to the workbook, but diff and replay will not know it.",)
    return ()


def tell_of_change(workbook: Workbook, outcome: RunOutcome, after: Snapshot) -> RunOutcome:
    """Say in the statuses, at the rows where they belong now, that the answer is to inputs which are no more."""
    checked = check(after)
    texts = {scenario.name: f"{run_status(scenario, outcome.plan)} {CHANGED}" for scenario in outcome.scenarios}
    workbook.write(Changes(statuses=_statuses(checked, texts)))
    return replace(outcome, notices=(*outcome.notices, CHANGED))


def check_workbook(workbook: Workbook, *, write: bool = False) -> Checked:
    """Read and validate one workbook; with `write`, also write the status columns.

    Raises:
        WorkbookError: the workbook cannot be reached, or (with `write`) not be written.
    """
    if not write:
        return check(workbook.read(input_tabs))
    with workbook.locked():
        checked = check(workbook.read(input_tabs))
        texts = {
            scenario.name: _problem_line(scenario.errors) if scenario.errors else READY
            for scenario in checked.scenarios
        }
        workbook.write(Changes(statuses=_statuses(checked, texts)))
        return checked


def changes_of(outcome: RunOutcome, checked: Checked, snapshot: Snapshot) -> Changes:
    """What a run writes: statuses always, a row in Runs for each scenario, and Results.

    Where not one scenario could be solved because the workbook has errors, Results keeps the last answer: the statuses
    say what to mend, and a typing mistake must not take away the figures that others work with.
    """
    texts = {scenario.name: run_status(scenario, outcome.plan) for scenario in outcome.scenarios}
    anything_solved = any(scenario.portfolio is not None for scenario in outcome.scenarios)
    results = None
    if outcome.plan is not None and anything_solved:
        inputs = Inputs(checked.frames, snapshot.tabs)
        results = results_sheet(outcome, outcome.plan, inputs, approved_plans(snapshot))
    return Changes(
        statuses=_statuses(checked, texts),
        results=results,
        runs=runs_log(outcome, outcome.plan) if outcome.scenarios else None,
        run_id=outcome.facts.run_id,
    )


def _statuses(checked: Checked, run_texts: Mapping[str, str]) -> list[StatusColumn]:
    columns = (statuses.sync_status(checked), statuses.run_status(checked, run_texts))
    return [column for column in columns if column is not None]


def _answers(reading: Reading, request: RunRequest, progress: Progress) -> dict[str, Answer]:
    plan, names = reading.checked.plan, reading.scenarios
    if plan is None:
        return {}
    progress.solving(len(names))
    solved = solve_plan(
        plan,
        names,
        previous=reading.last_selections,
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        on_done=lambda _: progress.solved(),
    )
    return dict(zip(names, solved, strict=True))


def _spelt_as_in_plan(previous: Mapping[str, frozenset[str]], plan: Plan | None) -> dict[str, frozenset[str]]:
    """Earlier selections with each key as the sheet spells it now: `A` that became `a` is the same initiative."""
    spelling = {} if plan is None else {fold_key(initiative.key): initiative.key for initiative in plan.initiatives}
    return {
        scenario: frozenset(spelling.get(fold_key(key), key) for key in keys) for scenario, keys in previous.items()
    }


def _outcome_of(
    scenario: CheckedScenario, answer: Answer | None, previous: Mapping[str, frozenset[str]]
) -> ScenarioOutcome:
    name, mode = scenario.name, scenario.objective_mode
    if answer is None:
        return ScenarioOutcome(name, mode, None, (_problem_line(scenario.errors),))
    if isinstance(answer, ScenarioFailure):
        return ScenarioOutcome(name, mode, None, (str(answer.error),), defect=True)
    came_in = went_out = None
    before = previous.get(fold_key(name))
    if before is not None and answer.status.has_portfolio:
        came_in = tuple(key for key in answer.selected if key not in before)
        went_out = tuple(sorted(before - set(answer.selected)))
    return ScenarioOutcome(name, mode, answer, portfolio_notes(answer), came_in, went_out)


def refuse_unknown(checked: Checked, names: Sequence[str] | None) -> None:
    """Tell about scenarios that the workbook does not have.

    Raises:
        UnknownScenarioError: one of the names is of none.
    """
    known = {fold_key(scenario.name) for scenario in checked.scenarios}
    unknown = [name for name in names or () if fold_key(name) not in known]
    if unknown and known:
        have = ", ".join(scenario.name for scenario in checked.scenarios)
        raise UnknownScenarioError(f"There is no scenario {', '.join(unknown)} in the workbook. It has: {have}.")


def _problem_line(issues: Sequence[Issue]) -> str:
    """The first errors in words, and how many there are besides."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    told = [f"{issue.place}: {issue.message}" for issue in errors[:SHOWN_PROBLEMS]]
    more = len(errors) - len(told)
    return " ".join([*told, *([f"And {more} more: run sheetplan check."] if more > 0 else [])])
