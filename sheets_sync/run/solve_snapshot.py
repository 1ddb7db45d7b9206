"""From a workbook to its answers: read, check, solve. Nothing is written here.

What is answered is a function of the snapshot and the last selections: the same for a sheet, a file and a kept run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from config.names import fold_key
from config.tabs import input_tabs
from optimizer import PlanError, ScenarioFailure, solve_plan
from optimizer.plan import Plan
from optimizer.scenarios import Answer
from sheets_sync.checks import Checked, CheckedScenario, check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.issues.issue import Issue, Severity
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome
from sheets_sync.report.approved_tab import is_approved_tab
from sheets_sync.report.layout import TITLE as RESULTS_TITLE
from sheets_sync.report.runs_log import TITLE as RUNS_TITLE
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.findings_in_words import finding_issues, portfolio_notes
from sheets_sync.run.previous_runs import last_fingerprints, last_selections
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import Snapshot

SHOWN_PROBLEMS = 3
"""Errors that a scenario's status names before it only counts the rest."""


class UnknownScenarioError(Exception):
    """A scenario was asked for that the workbook does not have; the message names those that it has."""


def wanted_tabs(title: str) -> bool:
    """Whether a run reads the tab of that title: the inputs, and what earlier runs left."""
    written = fold_key(title) in {fold_key(RESULTS_TITLE), fold_key(RUNS_TITLE)}
    return input_tabs(title) or written or is_approved_tab(title)


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
    return answered_with(reading, answers_of(reading, request, progress))


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


def answers_of(reading: Reading, request: RunRequest, progress: Progress) -> dict[str, Answer]:
    """Solve every scenario that can be solved; the answers by scenario name."""
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
        return ScenarioOutcome(name, mode, None, (problem_line(scenario.errors),))
    if isinstance(answer, ScenarioFailure):
        # What the plan asks for in vain is for people to mend, and no defect of ours.
        return ScenarioOutcome(name, mode, None, (str(answer.error),), defect=not isinstance(answer.error, PlanError))
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


def problem_line(issues: Sequence[Issue]) -> str:
    """The first errors in words, and how many there are besides."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    told = [f"{issue.place}: {issue.message}" for issue in errors[:SHOWN_PROBLEMS]]
    more = len(errors) - len(told)
    return " ".join([*told, *([f"And {more} more: run sheetplan check."] if more > 0 else [])])
