"""The tools: each reads a workbook anew, answers from it, and writes nothing."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.names import fold_key
from config.settings import Settings
from optimizer.errors import Cancelled
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
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.answer_question import answer_question
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.exit_codes import REPORTED
from sheets_sync.run.kept_studies import keep_study
from sheets_sync.run.question import MOST_CHANGES, Question, QuestionKind
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import open_store
from sheets_sync.workbook.snapshot import Cell, CellKind, a1

logger = logging.getLogger(__name__)

MOST_ROWS = 100
MOST_ISSUES = 200
MOST_POINTS = 50
MOST_PLANS = 20
MOST_SAMPLES = 1000
TRIGGER = "assistant"

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

    def list_workbooks(self) -> Workbooks:
        """The workbooks that can be read here; the other tools take these names."""
        return Workbooks(workbooks=list(self.workbooks))

    def read_rows(self, workbook: str, tab: str = "Initiatives", from_row: int = 1, rows: int = 50) -> TableRows:
        """Rows of an input tab (KPIs, Initiatives, Scenarios, Constraints, Targets, Periods, Capacity) by cell."""

        def work(opened: ReadOnlyWorkbook) -> TableRows:
            frames = check_workbook(opened).frames
            frame = _frame(frames, unmarked(tab))
            numbers = [row for row in frame.rows if row >= from_row]
            kept = numbers[: max(1, min(rows, MOST_ROWS))]
            later = numbers[len(kept) :]
            return TableRows(
                workbook=workbook,
                tab=opened.texts.mark(frame.title),
                tabs=[opened.texts.mark(one.title) for one in frames.values()],
                rows=[SheetRow(row=row, cells=list(_cells(frame, row, opened.texts))) for row in kept],
                next_row=later[0] if later else None,
            )

        return self._on(workbook, work)

    def check(self, workbook: str) -> CheckResult:
        """Everything that is wrong in a workbook, with its cell and what to do about it."""

        def work(opened: ReadOnlyWorkbook) -> CheckResult:
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

    def run_dry(self, workbook: str, scenarios: list[str] | None = None) -> RunResult:
        """Solve scenarios (the ticked ones, where none are named) and write nothing."""

        def work(opened: ReadOnlyWorkbook) -> RunResult:
            names = None if scenarios is None else [unmarked(name) for name in scenarios]
            with self._progress() as progress:
                store = open_store(self.settings.store)
                outcome = run_workbook(opened, self._request(names), progress=progress, store=store)
            document = outcome.to_json()
            found, left_out = _issues(document["issues"], opened.texts)
            return RunResult(
                workbook=workbook,
                run_id=outcome.facts.run_id,
                inputs_fingerprint=outcome.facts.fingerprint,
                summary=opened.texts.mark(outcome.summary),
                issues=found,
                issues_left_out=left_out,
                scenarios=opened.texts.mark_all(document["scenarios"]),
            )

        return self._on(workbook, work)

    def explain(
        self, workbook: str, scenario: str, initiative: str | None = None, with_thresholds: bool = False
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
        workbook: str,
        scenario: str,
        force_in: list[str] | None = None,
        leave_out: list[str] | None = None,
        changes: list[str] | None = None,
        dropped: list[str] | None = None,
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

    def frontier(self, workbook: str, scenario: str, first: str, second: str, points: int = 10) -> StudyResult:
        """Efficient plans between two measures, spread evenly: KPIs, or a KPI and what is spent of a resource."""
        question = Question(
            QuestionKind.FRONTIER,
            unmarked(scenario),
            measures=_names([first, second]),
            points=max(2, min(points, MOST_POINTS)),
        )
        return self._study(workbook, question)

    def audit(self, workbook: str, scenario: str, column: str) -> StudyResult:
        """A plan made by hand in a column of the list, compared with the best.

        The column has ticks; over several periods it has the period in which each initiative starts.
        """
        return self._study(workbook, Question(QuestionKind.AUDIT, unmarked(scenario), column=unmarked(column)))

    def capacity_value(
        self, workbook: str, scenario: str, of: str | None = None, low: float | None = None, high: float | None = None
    ) -> StudyResult:
        """What more of a capacity would bring and less would cost; of one resource or limit's cell, or of all."""
        named = None if of is None else unmarked(of)
        question = Question(QuestionKind.CAPACITY_VALUE, unmarked(scenario), of=named, low=low, high=high)
        return self._study(workbook, question)

    def rule_prices(self, workbook: str, scenario: str, dimension: str | None = None) -> StudyResult:
        """What each cap, floor, mandate and share costs the objective, and what equal shares by a dimension would."""
        named = None if dimension is None else unmarked(dimension)
        return self._study(workbook, Question(QuestionKind.RULE_PRICES, unmarked(scenario), dimension=named))

    def priorities(
        self, workbook: str, scenario: str, of: str | None = None, low: float | None = None, high: float | None = None
    ) -> StudyResult:
        """One ordered list for every budget of a resource, and what it loses against the best plans.

        `low` and `high` are the smallest and the largest budget; over several periods in percent of today's capacity.
        """
        named = None if of is None else unmarked(of)
        question = Question(QuestionKind.PRIORITIES, unmarked(scenario), of=named, low=low, high=high)
        return self._study(workbook, question)

    def alternatives(self, workbook: str, scenario: str, count: int = 5, within: float = 0.01) -> StudyResult:
        """The next best plans, and the most different ones within a part of the best (0.01 is 1%)."""
        count = max(1, min(count, MOST_PLANS))
        question = Question(QuestionKind.ALTERNATIVES, unmarked(scenario), count=count, within=within)
        return self._study(workbook, question)

    def change_value(self, workbook: str, scenario: str, most: int = 10) -> StudyResult:
        """The best value with at most 0, 1, 2 ... changes to the approved plan, or to the last run."""
        count = max(0, min(most, MOST_CHANGES))
        return self._study(workbook, Question(QuestionKind.CHANGE_VALUE, unmarked(scenario), count=count))

    def robustness(
        self, workbook: str, scenario: str, samples: int = 200, spread: float = 0.2, common: float = 0.25
    ) -> StudyResult:
        """How often each initiative is picked while estimates vary by `spread` (0.2 is 20%); always the same draws."""
        question = Question(
            QuestionKind.ROBUSTNESS,
            unmarked(scenario),
            samples=max(1, min(samples, MOST_SAMPLES)),
            seed=1,
            spread=spread,
            common=common,
            with_core=False,
        )
        return self._study(workbook, question)

    def _study(self, workbook: str, question: Question) -> StudyResult:
        def work(opened: ReadOnlyWorkbook) -> StudyResult:
            request, store = self._request([question.scenario]), open_store(self.settings.store)
            with self._progress() as progress:
                found = answer_question(opened, question, request, store=store, progress=progress)
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
                numbers=opened.texts.mark_all(found.document),
            )

        return self._on(workbook, work)

    def _on(self, name: str, work: Callable[[ReadOnlyWorkbook], Given]) -> Given:
        """What the work makes of a workbook.

        Raises:
            ToolProblem: it is none of ours, cannot be read, or has not what was asked about.
        """
        place = next((at for known, at in self.workbooks.items() if fold_key(known) == fold_key(unmarked(name))), None)
        if place is None:
            have = ", ".join(self.workbooks)
            raise ToolProblem(f"There is no workbook of that name here. There are: {have or 'none'}.")
        if not self.places.acquire(timeout=self.deadline_s):
            raise ToolProblem("Other questions are being answered. Ask again in a minute.")
        opened: ReadOnlyWorkbook | None = None
        try:
            opened = ReadOnlyWorkbook(open_workbook(place, self.settings))
            return work(opened)
        except Cancelled:
            raise ToolProblem(f"There was no answer within {self.deadline_s:.0f} s. Ask about less.") from None
        except REPORTED as error:
            texts = SheetTexts(()) if opened is None else opened.texts
            raise ToolProblem(texts.mark(str(error))) from None
        finally:
            self.places.release()

    @contextmanager
    def _progress(self) -> Iterator[Progress]:
        """What stops the solves at the deadline."""
        progress = Progress()
        progress.cancel = threading.Event()
        timer = None if self.deadline_s is None else threading.Timer(self.deadline_s, progress.cancel.set)
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield progress
        finally:
            if timer is not None:
                timer.cancel()

    def _request(self, scenarios: Sequence[str] | None) -> RunRequest:
        return RunRequest(
            scenarios=scenarios,
            dry_run=True,
            solver=self.settings.solver,
            time_limit_s=self.settings.time_limit_s,
            trigger=TRIGGER,
            person=self.person,
        )


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
