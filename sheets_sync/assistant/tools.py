"""The tools: each reads a workbook anew, answers from it, and writes nothing."""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.names import fold_key
from config.settings import Settings
from optimizer.errors import Cancelled
from sheets_sync.assistant.arguments import (
    Amount,
    Changes,
    FirstRow,
    Name,
    Names,
    Part,
    Plans,
    Points,
    RowCount,
    Samples,
)
from sheets_sync.assistant.call import ToolCall
from sheets_sync.assistant.input_cells import input_cells, list_cells
from sheets_sync.assistant.quoting import SheetTexts, marked, one_line, unmarked
from sheets_sync.assistant.read_only import ReadOnlyWorkbook
from sheets_sync.assistant.results import (
    CheckResult,
    FoundIssue,
    RunResult,
    SheetCell,
    SheetRow,
    StudyResult,
    TableRows,
    Workbooks,
)
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.issues.issue import Severity
from sheets_sync.opening import open_workbook
from sheets_sync.outcome import issues_json
from sheets_sync.request import RunRequest
from sheets_sync.run.answer_question import answer_question
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.exit_codes import REPORTED
from sheets_sync.run.kept_studies import keep_study
from sheets_sync.run.question import Question, QuestionKind
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import open_store
from sheets_sync.workbook.snapshot import Cell, CellKind, a1

logger = logging.getLogger(__name__)

MOST_ISSUES = 200
TRIGGER = "assistant"
_REASON = re.compile(r"(?<=\()[^()]+(?=\))|(?<=\")[^\"]+(?=\")")
"""Where the message of a workbook that cannot be read may quote from it."""

Given = TypeVar("Given")


class ToolProblem(Exception):  # noqa: N818 -- what an assistant reads, as the service's problems are
    """Why a tool has no answer; the message is for people, with text of the sheet marked."""


@dataclass(frozen=True)
class Tools:
    """The tools of a server, or of one caller of it. `workbooks` are those that may be read: by name, where each is."""

    workbooks: Mapping[str, str]
    settings: Settings
    person: str = ""
    deadline_s: float | None = None
    """Seconds after which an answer is given up; None is never."""
    places: threading.Semaphore = field(default_factory=threading.Semaphore)
    """How many answers are worked on at once; the default is one."""
    call: ToolCall | None = None
    """The call that is answered; without one, a call begins when a tool is used."""

    def list_workbooks(self) -> Workbooks:
        """The workbooks that can be read here; the other tools take these names."""
        return Workbooks(workbooks=list(self.workbooks))

    def read_rows(
        self, workbook: Name, tab: Name = "Initiatives", from_row: FirstRow = 1, rows: RowCount = 50
    ) -> TableRows:
        """Rows of an input tab (KPIs, Initiatives, Scenarios, Constraints, Targets, Periods, Capacity) by cell."""

        def work(opened: ReadOnlyWorkbook, _: ToolCall) -> TableRows:
            frames = check_workbook(opened).frames
            frame = _frame(frames, unmarked(tab))
            numbers = [row for row in frame.rows if row >= from_row]
            kept = numbers[:rows]
            later = numbers[len(kept) :]
            return TableRows(
                workbook=workbook,
                tab=opened.texts.mark(frame.title),
                tabs=[opened.texts.mark(one.title) for one in frames.values()],
                rows=[SheetRow(row=row, cells=list(_cells(frame, row, opened.texts))) for row in kept],
                next_row=later[0] if later else None,
            )

        return self._on(workbook, work)

    def check(self, workbook: Name) -> CheckResult:
        """Everything that is wrong in a workbook, with its cell and what to do about it."""

        def work(opened: ReadOnlyWorkbook, _: ToolCall) -> CheckResult:
            issues = check_workbook(opened).issues
            errors = sum(issue.severity is Severity.ERROR for issue in issues)
            found, left_out = _issues(issues_json(issues), opened.texts)
            return CheckResult(
                workbook=workbook,
                errors=errors,
                warnings=len(issues) - errors,
                issues=found,
                issues_left_out=left_out,
            )

        return self._on(workbook, work)

    def run_dry(self, workbook: Name, scenarios: Names | None = None) -> RunResult:
        """Solve scenarios (the ticked ones, where none are named) and write nothing."""

        def work(opened: ReadOnlyWorkbook, call: ToolCall) -> RunResult:
            names = None if scenarios is None else [unmarked(name) for name in scenarios]
            store = open_store(self.settings.store)
            outcome = run_workbook(opened, self._request(names), progress=call, store=store)
            document, frames = outcome.to_json(), opened.frames
            found, left_out = _issues(document["issues"], opened.texts)
            return RunResult(
                workbook=workbook,
                run_id=outcome.facts.run_id,
                inputs_fingerprint=outcome.facts.fingerprint,
                summary=opened.texts.mark(outcome.summary),
                issues=found,
                issues_left_out=left_out,
                scenarios=opened.texts.mark_all(document["scenarios"]),
                cells=input_cells(frames, [one.name for one in outcome.scenarios], opened.texts),
                list_cells=list_cells(frames, document["scenarios"], opened.texts),
            )

        return self._on(workbook, work)

    def explain(
        self, workbook: Name, scenario: Name, initiative: Name | None = None, with_thresholds: bool = False
    ) -> StudyResult:
        """Why initiatives are in or out and what the opposite would cost; one by key, title or cell, or all.

        `with_thresholds` also says at which numbers each decision would turn; of one initiative it is always said.
        """
        named = None if initiative is None else unmarked(initiative)
        asked = Question(
            QuestionKind.EXPLAIN, unmarked(scenario), initiative=named, with_thresholds=with_thresholds or None
        )
        return self._study(workbook, asked)

    def what_if(
        self,
        workbook: Name,
        scenario: Name,
        force_in: Names | None = None,
        leave_out: Names | None = None,
        changes: Names | None = None,
        dropped: Names | None = None,
    ) -> StudyResult:
        """The same scenario with changes, without touching the sheet.

        `changes` are FIELD=VALUE: a header of Scenarios, INITIATIVE.HEADER or a cell; `dropped` are cells of rules.
        """
        if not (force_in or leave_out or changes or dropped):
            raise ToolProblem("Say what to change: force_in, leave_out, changes or dropped.")
        question = Question(
            QuestionKind.WHAT_IF,
            unmarked(scenario),
            force_in=_names(force_in),
            leave_out=_names(leave_out),
            changes=_names(changes),
            dropped=_names(dropped),
        )
        return self._study(workbook, question)

    def frontier(self, workbook: Name, scenario: Name, first: Name, second: Name, points: Points = 10) -> StudyResult:
        """Efficient plans between two measures, spread evenly: KPIs, or a KPI and what is spent of a resource."""
        question = Question(
            QuestionKind.FRONTIER,
            unmarked(scenario),
            measures=_names([first, second]),
            points=points,
        )
        return self._study(workbook, question)

    def audit(self, workbook: Name, scenario: Name, column: Name) -> StudyResult:
        """A plan made by hand in a column of the list, compared with the best.

        The column has ticks; over several periods it has the period in which each initiative starts.
        """
        return self._study(workbook, Question(QuestionKind.AUDIT, unmarked(scenario), column=unmarked(column)))

    def capacity_value(
        self,
        workbook: Name,
        scenario: Name,
        of: Name | None = None,
        low: Amount | None = None,
        high: Amount | None = None,
    ) -> StudyResult:
        """What more of a capacity would bring and less would cost; of one resource or limit's cell, or of all."""
        named = None if of is None else unmarked(of)
        question = Question(QuestionKind.CAPACITY_VALUE, unmarked(scenario), of=named, low=low, high=high)
        return self._study(workbook, question)

    def rule_prices(self, workbook: Name, scenario: Name, dimension: Name | None = None) -> StudyResult:
        """What each cap, floor, mandate and share costs the objective, and what equal shares by a dimension would."""
        named = None if dimension is None else unmarked(dimension)
        return self._study(workbook, Question(QuestionKind.RULE_PRICES, unmarked(scenario), dimension=named))

    def priorities(
        self,
        workbook: Name,
        scenario: Name,
        of: Name | None = None,
        low: Amount | None = None,
        high: Amount | None = None,
    ) -> StudyResult:
        """One ordered list for every budget of a resource, and what it loses against the best plans.

        `low` and `high` are the smallest and the largest budget; over several periods in percent of today's capacity.
        """
        named = None if of is None else unmarked(of)
        question = Question(QuestionKind.PRIORITIES, unmarked(scenario), of=named, low=low, high=high)
        return self._study(workbook, question)

    def alternatives(self, workbook: Name, scenario: Name, count: Plans = 5, within: Part = 0.01) -> StudyResult:
        """The next best plans, and the most different ones within a part of the best (0.01 is 1%)."""
        question = Question(QuestionKind.ALTERNATIVES, unmarked(scenario), count=count, within=within)
        return self._study(workbook, question)

    def change_value(self, workbook: Name, scenario: Name, most: Changes = 10) -> StudyResult:
        """The best value with at most 0, 1, 2 ... changes to the approved plan, or to the last run."""
        return self._study(workbook, Question(QuestionKind.CHANGE_VALUE, unmarked(scenario), count=most))

    def robustness(
        self, workbook: Name, scenario: Name, samples: Samples = 200, spread: Part = 0.2, common: Part = 0.25
    ) -> StudyResult:
        """How often each initiative is picked while estimates vary by `spread` (0.2 is 20%); always the same draws."""
        question = Question(
            QuestionKind.ROBUSTNESS,
            unmarked(scenario),
            samples=samples,
            seed=1,
            spread=spread,
            common=common,
            with_core=False,
        )
        return self._study(workbook, question)

    def _study(self, workbook: Name, question: Question) -> StudyResult:
        def work(opened: ReadOnlyWorkbook, call: ToolCall) -> StudyResult:
            request, store = self._request([question.scenario]), open_store(self.settings.store)
            found = answer_question(opened, question, request, store=store, progress=call, stop=call.is_late)
            frames = found.inputs.checked.frames
            issues, left_out = _issues(found.document["issues"], opened.texts)
            for notice in keep_study(store, question, request, found, found.document):
                logger.warning(notice, extra={"action": "study_not_kept"})
            return StudyResult(
                workbook=workbook,
                scenario=opened.texts.mark(question.scenario),
                run_id=found.run_id,
                inputs_fingerprint=found.document["inputs_fingerprint"],
                exit_code=int(found.exit_code),
                summary=opened.texts.mark(found.summary),
                sentences=[opened.texts.mark(line) for line in found.sentences],
                issues=issues,
                issues_left_out=left_out,
                stopped=found.is_stopped,
                numbers=opened.texts.mark_all({**found.document, "issues": []}),
                cells=input_cells(frames, [one.name for one in found.outcome.scenarios], opened.texts),
                list_cells=list_cells(frames, found.document, opened.texts),
            )

        return self._on(workbook, work)

    def _on(self, name: str, work: Callable[[ReadOnlyWorkbook, ToolCall], Given]) -> Given:
        """What the work makes of a workbook.

        Raises:
            ToolProblem: it is none of ours, cannot be read, or has not what was asked about.
        """
        call = self.call or ToolCall(self.deadline_s)
        place = next((at for known, at in self.workbooks.items() if fold_key(known) == fold_key(unmarked(name))), None)
        if place is None:
            have = ", ".join(self.workbooks)
            raise ToolProblem(f"There is no workbook of that name here. There are: {have or 'none'}.")
        if not call.has_its_turn(self.places):
            raise ToolProblem("Other questions are being answered. Ask again in a minute.")
        opened: ReadOnlyWorkbook | None = None
        try:
            with _in_time(call):
                opened = ReadOnlyWorkbook(open_workbook(place, self.settings))
                return work(opened, call)
        except Cancelled:
            raise ToolProblem(call.no_answer) from None
        except REPORTED as error:
            texts = SheetTexts(_REASON.findall(str(error))) if opened is None or not opened.was_read else opened.texts
            raise ToolProblem(texts.mark(str(error))) from None
        finally:
            self.places.release()

    def _request(self, scenarios: Sequence[str] | None) -> RunRequest:
        return RunRequest(
            scenarios=scenarios,
            dry_run=True,
            solver=self.settings.solver,
            time_limit_s=self.settings.time_limit_s,
            trigger=TRIGGER,
            person=self.person,
        )


@contextmanager
def _in_time(call: ToolCall) -> Iterator[None]:
    """Stop the solves of a call once its time is up."""
    timer = None if call.left_s is None else threading.Timer(call.left_s, call.given_up.set)
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()


def _names(texts: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(unmarked(text) for text in texts or ())


def _frame(frames: Mapping[str, Frame], name: str) -> Frame:
    readable = {title: frame for title, frame in frames.items() if frame.header_found}
    for title, frame in readable.items():
        if fold_key(name) in (fold_key(title), fold_key(frame.title)):
            return frame
    have = ", ".join(one_line(title) for title in readable) or "none that can be read"
    raise ToolProblem(f"There is no input tab of that name. There are: {have}.")


def _cells(frame: Frame, row: int, texts: SheetTexts) -> "list[SheetCell]":
    """The filled cells of a row whose columns mean something; whatever is text is marked."""
    place = frame.rows.index(row)
    found = []
    for name, column in frame.fields.items():
        cell: Cell = frame.column(name)[place]
        if cell.is_blank:
            continue
        held: dict[str, Any] = {"text": marked(shown(cell))}
        if cell.kind is CellKind.NUMBER:
            held = {"number": cell.value}
        elif cell.kind is CellKind.BOOLEAN:
            held = {"ticked": cell.value}
        at = f"{texts.mark(frame.title)}!{a1(row, column.number)}"
        found.append(SheetCell(cell=at, column=texts.mark(name), **held))
    return found


def _issues(issues: Sequence[Mapping[str, Any]], texts: SheetTexts) -> tuple[list[FoundIssue], int]:
    """The first issues, errors before warnings, and how many more there are."""
    ordered = sorted(issues, key=lambda issue: issue["severity"] != "error")
    found = [FoundIssue(**texts.mark_all(dict(issue))) for issue in ordered[:MOST_ISSUES]]
    return found, max(0, len(ordered) - MOST_ISSUES)
