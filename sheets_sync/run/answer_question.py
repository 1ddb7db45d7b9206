"""Answer a question: the studies of the command line, one call for all, in words and in numbers. Nothing is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sheets_sync.outcome import ExitCode, RunOutcome, run_status
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.audit_column import audit_column
from sheets_sync.run.audit_in_words import audit_sentences
from sheets_sync.run.capacity_in_words import curve_sentences
from sheets_sync.run.capacity_values import capacity_values
from sheets_sync.run.change_values import change_curve_lines, change_values
from sheets_sync.run.decisions_in_words import explanation_json, explanation_lines
from sheets_sync.run.explain_decisions import explain_decisions
from sheets_sync.run.frontier_in_words import frontier_lines
from sheets_sync.run.frontier_plans import frontier_plans
from sheets_sync.run.other_plans import other_plans
from sheets_sync.run.other_plans_in_words import other_plan_lines
from sheets_sync.run.priorities_in_words import priority_lines
from sheets_sync.run.priority_list import priority_list
from sheets_sync.run.question import Question, QuestionKind
from sheets_sync.run.read_inputs import Reading
from sheets_sync.run.read_study import StudyAnswer
from sheets_sync.run.robustness_in_words import sentences as robustness_sentences
from sheets_sync.run.robustness_study import RobustnessRequest, robustness_study
from sheets_sync.run.rule_price_list import rule_price_list
from sheets_sync.run.rule_prices_in_words import rule_price_lines
from sheets_sync.run.what_if import WhatIfRequest, what_if
from sheets_sync.run.what_if_in_words import change_lines, effect_lines, figures
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook

Json = dict[str, Any]


@dataclass(frozen=True)
class QuestionAnswer:
    """What a study found: sentences for people, and the document that the command prints with ``--json``."""

    run_id: str
    """Of the run that wrote nothing, from which all figures are."""
    exit_code: ExitCode
    summary: str
    sentences: tuple[str, ...]
    document: Json
    outcome: RunOutcome
    """The run that wrote nothing."""
    inputs: Reading
    is_stopped: bool


class Studied(Protocol):
    """What every study's answer has."""

    @property
    def outcome(self) -> RunOutcome:
        """The run that it began with, which wrote nothing."""

    @property
    def inputs(self) -> Reading:
        """What was read."""

    @property
    def exit_code(self) -> ExitCode:
        """Of the command that asks it."""

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""


Stop = Callable[[], bool]
Study = Callable[[Workbook, Question, RunRequest, RunStore | None, Progress, Stop], QuestionAnswer]


def answer_question(
    workbook: Workbook,
    question: Question,
    request: RunRequest,
    *,
    store: RunStore | None = None,
    progress: Progress = SILENT,
    stop: Stop = lambda: False,
) -> QuestionAnswer:
    """Answer one question about a scenario. `store` knows which approvals this installation recorded, as for a run.
    `stop` ends every study but what-if with what it found so far, as Ctrl-C does on the command line.

    Raises:
        Cancelled: `progress.cancel` was set.
        ChangeError, TickedColumnError, UnknownDimensionError, UnknownInitiativeError, UnknownLimitError,
            UnknownMeasureError, UnknownScenarioError: the question names something that the workbook does not have.
        UnanswerableError: the scenario is of a kind that has no answer to the question.
        WorkbookError: the workbook cannot be reached.
    """
    return _STUDIES[question.kind](workbook, question, request, store, progress, stop)


def _explain(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    found = explain_decisions(
        workbook,
        request,
        initiative=question.initiative,
        with_thresholds=bool(question.with_thresholds),
        store=store,
        progress=progress,
        stop=stop,
    )
    return _answer(found, list(explanation_lines(found)), explanation_json(found))


def _what_if(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    del stop  # two solves
    asked = WhatIfRequest(question.scenario, question.force_in, question.leave_out, question.changes, question.dropped)
    found = what_if(workbook, asked, request, store=store, progress=progress)
    changed = [
        f"{name}: {before} before, {after} after" + (f" ({change})." if change else ".")
        for name, before, after, change in figures(found)
    ]
    lines = [*change_lines(found), *effect_lines(found), *changed]
    return _answer(found, lines, found.to_json())


def _frontier(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    found = frontier_plans(
        workbook,
        question.scenario,
        question.measures,
        request,
        points=question.points,
        store=store,
        progress=progress,
        stop=stop,
    )
    plan, curve = found.outcome.plan, found.frontier
    lines = [] if plan is None or curve is None else frontier_lines(plan, found.scenario, curve, found.placed)
    return _answer(found, list(lines), found.to_json())


def _audit(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    assert question.column is not None
    found = audit_column(
        workbook, question.scenario, question.column, request, store=store, progress=progress, stop=stop
    )
    return _studied(found, audit_sentences(found))


def _capacity_value(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    found = capacity_values(
        workbook,
        question.scenario,
        request,
        of=question.of,
        low=question.low,
        high=question.high,
        store=store,
        progress=progress,
        stop=stop,
    )
    study = found.reading.study
    curves = [] if study is None else [line for curve in found.curves for line in curve_sentences(study, curve)]
    return _studied(found, curves)


def _rule_prices(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    found = rule_price_list(
        workbook, question.scenario, request, dimension=question.dimension, store=store, progress=progress, stop=stop
    )
    study = found.reading.study
    lines = () if study is None or found.prices is None else rule_price_lines(study, found.prices)
    return _studied(found, lines)


def _priorities(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    found = priority_list(
        workbook,
        question.scenario,
        request,
        resource=question.of,
        bottom=question.low,
        top=question.high,
        store=store,
        progress=progress,
        stop=stop,
    )
    study = found.reading.study
    lines = () if study is None or found.priorities is None else priority_lines(study, found.priorities)
    return _studied(found, lines)


def _alternatives(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    assert question.count is not None
    assert question.within is not None
    found = other_plans(
        workbook,
        question.scenario,
        request,
        count=question.count,
        within=question.within,
        store=store,
        progress=progress,
        stop=stop,
    )
    study = found.reading.study
    lines = () if study is None or found.alternatives is None else other_plan_lines(study, found.alternatives)
    return _studied(found, lines)


def _robustness(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    asked = RobustnessRequest.of(question)
    found = robustness_study(workbook, question.scenario, asked, request, store=store, progress=progress, stop=stop)
    return _studied(found, robustness_sentences(found))


def _change_value(
    workbook: Workbook, question: Question, request: RunRequest, store: RunStore | None, progress: Progress, stop: Stop
) -> QuestionAnswer:
    assert question.count is not None
    found = change_values(
        workbook, question.scenario, request, most=question.count, store=store, progress=progress, stop=stop
    )
    return _studied(found, change_curve_lines(found))


_STUDIES: Mapping[QuestionKind, Study] = {
    QuestionKind.EXPLAIN: _explain,
    QuestionKind.WHAT_IF: _what_if,
    QuestionKind.FRONTIER: _frontier,
    QuestionKind.AUDIT: _audit,
    QuestionKind.CAPACITY_VALUE: _capacity_value,
    QuestionKind.RULE_PRICES: _rule_prices,
    QuestionKind.PRIORITIES: _priorities,
    QuestionKind.ALTERNATIVES: _alternatives,
    QuestionKind.ROBUSTNESS: _robustness,
    QuestionKind.CHANGE_VALUE: _change_value,
}


def _studied(found: StudyAnswer, lines: Iterable[str]) -> QuestionAnswer:
    """The answer of a study: how the scenario was answered, and what was found out about it."""
    statuses = [f"{scenario.name}: {run_status(scenario, found.outcome.plan)}" for scenario in found.outcome.scenarios]
    return _answer(found, [*statuses, *lines], found.to_json())


def _answer(found: Studied, lines: Sequence[str], document: Json) -> QuestionAnswer:
    """An answer that begins with its first line; where there is none, with what is wrong."""
    outcome = found.outcome
    return QuestionAnswer(
        run_id=outcome.facts.run_id,
        exit_code=found.exit_code,
        summary=lines[0] if lines else outcome.summary,
        sentences=tuple(lines),
        document=document,
        outcome=outcome,
        inputs=found.inputs,
        is_stopped=found.is_stopped,
    )
