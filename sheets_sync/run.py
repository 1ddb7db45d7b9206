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
from optimizer import SolverName, solve_plan
from optimizer.portfolio import Portfolio
from sheets_sync.changes import Changes, StatusColumn
from sheets_sync.checks import Checked, ScenarioRow, check, run_status_column, sync_status_column
from sheets_sync.findings import finding_issues, portfolio_notes
from sheets_sync.history import last_selections
from sheets_sync.issues import Issue, Severity
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome, run_status
from sheets_sync.report.layout import TITLE as RESULTS_TITLE
from sheets_sync.report.results import results_sheet
from sheets_sync.report.runs import TITLE as RUNS_TITLE
from sheets_sync.report.runs import runs_log
from sheets_sync.snapshot import Snapshot, Workbook

SHOWN_PROBLEMS = 3
"""Errors that a scenario's status names before it only counts the rest."""


class UnknownScenarioError(Exception):
    """A scenario was asked for that the workbook does not have; the message names those that it has."""


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run. `scenarios` None runs every ticked one; `time_limit_s` holds for each scenario."""

    scenarios: Sequence[str] | None = None
    dry_run: bool = False
    solver: SolverName = "highs"
    time_limit_s: float | None = None
    force: bool = False
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
    return input_tabs(title) or fold_key(title) in {fold_key(RESULTS_TITLE), fold_key(RUNS_TITLE)}


def run_workbook(
    workbook: Workbook,
    request: RunRequest,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
) -> RunOutcome:
    """Read, check, solve and (unless it is a dry run) write one workbook.

    Raises:
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached, is busy, changed meanwhile, or refuses to be written.
    """
    with workbook.locked():
        started_at = clock()
        progress.reading()
        snapshot = workbook.read(wanted_tabs)
        checked = check(snapshot)
        scenarios = _answered(snapshot, checked, request, progress)
        outcome = RunOutcome(
            facts=RunFacts(
                run_id=f"{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
                workbook=workbook.locator,
                started_at=started_at,
                finished_at=clock(),
                trigger=request.trigger,
                person=request.person,
                fingerprint=checked.fingerprint,
                sheetplan_version=version("sheetplan"),
            ),
            plan=checked.plan,
            scenarios=scenarios,
            issues=(*checked.issues, *finding_issues(checked, scenarios)),
            written=False,
        )
        if request.dry_run:
            return outcome
        progress.writing()
        workbook.write(changes_of(outcome, checked), force=request.force)
        return replace(outcome, written=True)


def check_workbook(workbook: Workbook, *, write: bool = False) -> Checked:
    """Read and validate one workbook; with `write`, also write the status columns.

    Raises:
        WorkbookError: the workbook cannot be reached, or (with `write`) not be written.
    """
    if not write:
        return check(workbook.read(input_tabs))
    with workbook.locked():
        checked = check(workbook.read(input_tabs))
        stopped = {name: _problem_line(issues) for name, issues in checked.stopped.items()}
        texts = {row.name: stopped.get(row.name, "OK: ready to run.") for row in checked.scenarios}
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
    columns = (sync_status_column(checked), run_status_column(checked, run_texts))
    return [column for column in columns if column is not None]


def _answered(
    snapshot: Snapshot, checked: Checked, request: RunRequest, progress: Progress
) -> tuple[ScenarioOutcome, ...]:
    """One outcome per scenario asked for, in the order of the sheet."""
    rows = _asked_for(checked, request.scenarios)
    names = [row.name for row in rows if row.name not in checked.stopped]
    previous = last_selections(snapshot)
    portfolios: dict[str, Portfolio] = {}
    failures: dict[str, str] = {}
    if checked.plan is not None and names:
        progress.solving(len(names))
        answers = solve_plan(
            checked.plan,
            names,
            previous={name: previous[fold_key(name)] for name in names if fold_key(name) in previous},
            solver=request.solver,
            time_limit_s=request.time_limit_s,
            on_done=lambda _: progress.solved(),
        )
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, Portfolio):
                portfolios[name] = answer
            else:
                failures[name] = answer.message
    return tuple(_outcome_of(row, checked, portfolios, failures, previous) for row in rows)


def _asked_for(checked: Checked, names: Sequence[str] | None) -> list[ScenarioRow]:
    """The scenarios to run, in the order of the sheet: the named ones, else the ticked ones."""
    if names is None:
        return [row for row in checked.scenarios if row.ticked]
    wanted = {fold_key(name): name for name in names}
    known = {fold_key(row.name) for row in checked.scenarios}
    unknown = [name for folded, name in wanted.items() if folded not in known]
    if unknown and known:
        have = ", ".join(row.name for row in checked.scenarios)
        raise UnknownScenarioError(f"There is no scenario {', '.join(unknown)} in the workbook. It has: {have}.")
    return [row for row in checked.scenarios if fold_key(row.name) in wanted]


def _outcome_of(
    row: ScenarioRow,
    checked: Checked,
    portfolios: Mapping[str, Portfolio],
    failures: Mapping[str, str],
    previous: Mapping[str, frozenset[str]],
) -> ScenarioOutcome:
    portfolio = portfolios.get(row.name)
    if row.name in failures:
        return ScenarioOutcome(row.name, row.objective_mode, None, (failures[row.name],), defect=True)
    if portfolio is None:
        stopping = checked.stopped.get(row.name, checked.issues)
        return ScenarioOutcome(row.name, row.objective_mode, None, (_problem_line(stopping),))
    came_in = went_out = None
    before = previous.get(fold_key(row.name))
    if before is not None and portfolio.status.has_portfolio:
        now = set(portfolio.selected)
        came_in = tuple(key for key in portfolio.selected if key not in before)
        went_out = tuple(sorted(before - now))
    notes = portfolio_notes(checked, portfolio)
    return ScenarioOutcome(row.name, row.objective_mode, portfolio, notes, came_in, went_out)


def _problem_line(issues: Sequence[Issue]) -> str:
    """The first errors in words, and how many there are besides."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    told = [f"{issue.place}: {issue.message}" for issue in errors[:SHOWN_PROBLEMS]]
    more = len(errors) - len(told)
    return " ".join([*told, *([f"And {more} more: run sheetplan check."] if more > 0 else [])])
