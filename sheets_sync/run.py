"""The one use case: read, check, solve, report, write. Every trigger calls it; it knows neither Google nor files.

A run is a function of the snapshot and the last run's selection; time, identity and the workbook come in as arguments.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from config.names import fold_key
from config.tabs import input_tabs
from optimizer import ScenarioFailure, SolverName, solve_plan
from optimizer.parallel import Answer
from sheets_sync import statuses
from sheets_sync.changes import Changes, StatusColumn
from sheets_sync.checks import Checked, CheckedScenario, check
from sheets_sync.fingerprint import fingerprint
from sheets_sync.history import last_fingerprints, last_selections
from sheets_sync.issues import Issue, Severity
from sheets_sync.notes import finding_issues, portfolio_notes
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome, run_status
from sheets_sync.report.layout import TITLE as RESULTS_TITLE
from sheets_sync.report.results import results_sheet
from sheets_sync.report.runs import TITLE as RUNS_TITLE
from sheets_sync.report.runs import runs_log
from sheets_sync.snapshot import Snapshot, Workbook, WorkbookChangedError, Written

SHOWN_PROBLEMS = 3
"""Errors that a scenario's status names before it only counts the rest."""
ATTEMPTS = 3
"""How often a run begins, should people keep saving the workbook meanwhile."""
READY = "OK: ready to run."


class UnknownScenarioError(Exception):
    """A scenario was asked for that the workbook does not have; the message names those that it has."""


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run. `scenarios` None runs every ticked one; `time_limit_s` holds for each scenario.

    `run_id` None makes a new one. Runs never gets a second row for an id.
    """

    scenarios: Sequence[str] | None = None
    dry_run: bool = False
    solver: SolverName = "highs"
    time_limit_s: float | None = None
    force: bool = False
    trigger: str = "command line"
    person: str = ""
    run_id: str | None = None


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
    return input_tabs(title) or fold_key(title) in {fold_key(RESULTS_TITLE), fold_key(RUNS_TITLE)}


def run_workbook(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
) -> RunOutcome:
    """Read, check, solve and (unless it is a dry run) write one workbook.

    Where somebody saves the workbook between our reading and our writing, the run begins again, so that an answer never
    stands beside inputs that it was not made from; after `ATTEMPTS` times it gives up.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached, is busy, keeps changing, or refuses to be written.
    """
    outcome = _run(workbook, request, clock, progress)
    assert outcome is not None
    return outcome


def run_if_changed(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
) -> RunOutcome | None:
    """The same, but None (after one read) where every scenario to run was last run on the very inputs that stand there.

    Raises:
        UnknownScenarioError, WorkbookError: as `run_workbook`.
    """
    return _run(workbook, request, clock, progress, only_if_changed=True)


def _run(
    workbook: Workbook,
    request: RunRequest,
    clock: Callable[[], datetime],
    progress: Progress,
    *,
    only_if_changed: bool = False,
) -> RunOutcome | None:
    with workbook.locked():
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _run_once(workbook, request, clock, progress, only_if_changed=only_if_changed)
            except WorkbookChangedError:
                if attempt == ATTEMPTS:
                    raise
    raise AssertionError("the last attempt returns or raises")


@dataclass(frozen=True)
class Reading:
    """What a run read, checked: the inputs, and what the last run of each scenario selected."""

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
    checked = check(snapshot, scenarios)
    _refuse_unknown(checked, scenarios)
    return Reading(snapshot, checked, last_selections(snapshot))


def outcome_of(
    reading: Reading,
    answers: Mapping[str, Answer],
    request: RunRequest,
    *,
    run_id: str,
    workbook: str,
    started_at: datetime,
    finished_at: datetime,
) -> RunOutcome:
    """Everything that a run found, not written yet; `answers` by scenario, one for each of `reading.scenarios`."""
    checked = reading.checked
    chosen = [scenario for scenario in checked.scenarios if scenario.is_chosen]
    scenarios = tuple(_outcome_of(scenario, answers.get(scenario.name), reading.previous) for scenario in chosen)
    places = {scenario.name: scenario.place for scenario in checked.scenarios}
    solved = [(scenario.portfolio, places[scenario.name]) for scenario in scenarios if scenario.portfolio is not None]
    return RunOutcome(
        facts=RunFacts(
            run_id=run_id,
            workbook=workbook,
            started_at=started_at,
            finished_at=finished_at,
            trigger=request.trigger,
            person=request.person,
            fingerprint=fingerprint(checked.frames),
            sheetplan_version=version("sheetplan"),
        ),
        plan=checked.plan,
        scenarios=scenarios,
        issues=(*checked.issues, *finding_issues(solved)),
        written=False,
    )


def write_outcome(workbook: Workbook, outcome: RunOutcome, checked: Checked, *, force: bool = False) -> RunOutcome:
    """Write what a run found into the workbook that it was read from.

    Raises:
        WorkbookError: the workbook cannot be reached, was changed since it was read, or refuses to be written.
    """
    written = workbook.write(changes_of(outcome, checked), force=force)
    return replace(outcome, written=True, notices=_notices(written))


def _run_once(
    workbook: Workbook,
    request: RunRequest,
    clock: Callable[[], datetime],
    progress: Progress,
    *,
    only_if_changed: bool,
) -> RunOutcome | None:
    started_at = clock()
    progress.reading()
    reading = read_inputs(workbook, request.scenarios)
    if only_if_changed and reading.is_unchanged:
        return None
    answers = _answers(reading, request, progress)
    outcome = outcome_of(
        reading,
        answers,
        request,
        run_id=request.run_id or new_run_id(started_at),
        workbook=workbook.locator,
        started_at=started_at,
        finished_at=clock(),
    )
    if request.dry_run:
        return outcome
    progress.writing()
    return write_outcome(workbook, outcome, reading.checked, force=request.force)


def _notices(written: Written) -> tuple[str, ...]:
    changed = "The inputs were changed while this run was solving; run again for an answer to what stands there now."
    return (*written.notices, *([changed] if written.changed_meanwhile else []))


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


def changes_of(outcome: RunOutcome, checked: Checked) -> Changes:
    """What a run writes: statuses always, a row in Runs for each scenario, and Results.

    Where not one scenario could be solved because the workbook has errors, Results keeps the last answer: the statuses
    say what to mend, and a typing mistake must not take away the figures that others work with.
    """
    texts = {scenario.name: run_status(scenario, outcome.plan) for scenario in outcome.scenarios}
    anything_solved = any(scenario.portfolio is not None for scenario in outcome.scenarios)
    return Changes(
        statuses=_statuses(checked, texts),
        results=results_sheet(outcome, outcome.plan) if outcome.plan is not None and anything_solved else None,
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


def _refuse_unknown(checked: Checked, names: Sequence[str] | None) -> None:
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
