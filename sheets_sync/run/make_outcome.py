"""The third step of a run: from answers to an outcome, with every scenario, every issue, and words for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version

from config.names import fold_key
from optimizer import PlanError, ScenarioFailure
from optimizer.scenarios import Answer
from sheets_sync.checks import CheckedScenario
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.issues.issue import Issue, Severity
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.findings_in_words import finding_issues, portfolio_notes
from sheets_sync.run.read_inputs import Reading

SHOWN_PROBLEMS = 3
"""Errors that a scenario's status names before it only counts the rest."""


def make_outcome(
    reading: Reading,
    answers: Mapping[str, Answer],
    request: RunRequest,
    *,
    run_id: str,
    workbook: str,
    started_at: datetime,
    finished_at: datetime,
) -> RunOutcome:
    """The outcome of a run that has written nothing yet; `answers` are by scenario name, `workbook` is its locator."""
    checked = reading.checked
    chosen = [scenario for scenario in checked.scenarios if scenario.is_chosen]
    done = frozenset[str]() if checked.plan is None else checked.plan.done
    scenarios = tuple(
        _scenario_outcome(scenario, answers.get(scenario.name), reading.previous, done) for scenario in chosen
    )
    rows = {scenario.name: scenario for scenario in chosen}
    solved = [(scenario.portfolio, rows[scenario.name]) for scenario in scenarios if scenario.portfolio is not None]
    facts = RunFacts(
        run_id=run_id,
        workbook=workbook,
        started_at=started_at,
        finished_at=finished_at,
        trigger=request.trigger,
        person=request.person,
        fingerprint=fingerprint(checked.frames),
        sheetplan_version=version("sheetplan"),
    )
    return RunOutcome(
        facts, checked.plan, scenarios, (*checked.issues, *finding_issues(solved, checked)), written=False
    )


def _scenario_outcome(
    scenario: CheckedScenario, answer: Answer | None, previous: Mapping[str, frozenset[str]], done: frozenset[str]
) -> ScenarioOutcome:
    name, mode = scenario.name, scenario.objective_mode
    if answer is None:
        return ScenarioOutcome(name, mode, None, (problem_line(scenario.errors),))
    if isinstance(answer, ScenarioFailure):
        # A plan that asks for something impossible to model is for people to fix, and no bug in sheetplan.
        return ScenarioOutcome(name, mode, None, (str(answer.error),), defect=not isinstance(answer.error, PlanError))
    came_in = went_out = None
    finished: tuple[str, ...] = ()
    before = previous.get(fold_key(name))
    if before is not None and answer.status.has_portfolio:
        came_in = tuple(key for key in answer.selected if key not in before)
        finished = tuple(sorted(before & done))
        went_out = tuple(sorted(before - set(answer.selected) - done))
    return ScenarioOutcome(name, mode, answer, portfolio_notes(answer), came_in, went_out, finished)


def problem_line(issues: Sequence[Issue]) -> str:
    """The first errors in words, and how many there are besides."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    shown = [f"{issue.place}: {issue.message}" for issue in errors[:SHOWN_PROBLEMS]]
    more = len(errors) - len(shown)
    return " ".join([*shown, *([f"And {more} more: run sheetplan check."] if more > 0 else [])])
