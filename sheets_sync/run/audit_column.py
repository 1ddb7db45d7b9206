"""A plan that a person made by hand in a column of the list, held against the best. Nothing is written.

In a plan of one period the column has ticks; over several it has the period in which each initiative starts. The
column `decision` that sheetplan writes says both, and can be audited too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from config.names import fold_header, fold_key
from config.tabs import INITIATIVES
from optimizer.plan import Initiative, Plan, Scenario
from optimizer.studies.audit import Audit, AuditQuestion, audit_plan
from optimizer.studies.moves import Move
from sheets_sync.checks import cell_values
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import NamedPeriod
from sheets_sync.checks.timeline import find_period, is_before
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.grouping import grouped
from sheets_sync.issues.issue import Issue
from sheets_sync.report.decision_column import Decided, decided_in
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.bridges import moved_json
from sheets_sync.run.question_errors import TickedColumnError
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.read_study import StudyAnswer, study_of
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import Cell, CellKind, a1


@dataclass(frozen=True)
class AuditAnswer(StudyAnswer):
    """A plan made by hand and what was found out about it; `audit` is None where the scenario has no answer.

    `starts` has the period in which each of `ticked` starts, in a plan over several.
    """

    ticked: tuple[str, ...]
    audit: Audit | None
    starts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.audit is not None and bool(self.audit.unanswered)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        audit = self.audit
        document: dict[str, Any] = {**self.beginning_json(), "ticked": list(self.ticked), "audit": None}
        if self.starts:
            document["starts"] = dict(self.starts)
        if audit is not None:
            document["audit"] = {
                "objective": audit.evaluation.objective,
                "best_objective": audit.best_objective,
                "kpi_totals": dict(audit.evaluation.kpi_totals),
                "used": {use.resource: use.used for use in audit.evaluation.resources},
                "broken_rules": [
                    {"rule": one.rule.wording, "source": one.rule.source, "by": one.amount} for one in audit.broken
                ],
                "not_candidates": list(audit.strangers),
                **{question.value: _alternative_json(audit, question) for question in AuditQuestion},
                "moves": [_move_json(move) for move in audit.moves],
                "unproven": [question.value for question in audit.unproven],
                "unanswered": [question.value for question in audit.unanswered],
            }
        return document


def _alternative_json(audit: Audit, question: AuditQuestion) -> dict[str, Any] | None:
    found = audit.alternatives[question]
    if found is None:
        return None
    return {
        "selected": list(found.selected),
        **({"starts": dict(found.starts)} if found.starts else {}),
        "came_in": list(found.came_in),
        "went_out": list(found.went_out),
        **({"moved": moved_json(found.moved)} if found.starts else {}),
        "objective": found.objective,
        "used": dict(found.resources),
        "proven": question not in audit.unproven,
    }


def _move_json(move: Move) -> dict[str, Any]:
    return {
        "came_in": list(move.came_in),
        "went_out": list(move.went_out),
        **({"moved": moved_json(move.moved)} if move.after.starts else {}),
        "objective_change": move.objective_change,
        "used_change": dict(move.resource_changes),
        "objective": move.after.objective,
        "keeps_every_rule": move.after.is_allowed,
        "puts_right": list(move.puts_right),
    }


def audit_column(
    workbook: Workbook,
    scenario: str,
    header: str,
    request: RunRequest,
    *,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> AuditAnswer:
    """Audit the plan that the column of that header holds, in a scenario.

    `store` knows which approvals this installation recorded, as for a run. `stop` ends the audit with what was found so
    far, as Ctrl-C does.

    Raises:
        TickedColumnError: there is no such column, or one of its cells says neither yes nor no, or not when.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    inputs = read_inputs(workbook, [scenario], store)
    # Without a plan that can be solved there is nothing to audit, and its own errors are what has to be told.
    made = {} if inputs.checked.plan is None else _read_plan(inputs, inputs.checked.plan, header)
    reading = study_of(inputs, request, workbook, started_at, clock, progress)
    study = reading.study
    ticked = tuple(made)
    if study is None:
        return AuditAnswer(reading, ticked, None)
    # A row that is no initiative has been reported as an issue.
    spelling = {fold_key(one.key): one.key for one in study.plan.initiatives}
    known = {spelling[fold_key(key)]: start for key, start in made.items() if fold_key(key) in spelling}
    if not study.plan.horizon(study.scenario):
        return AuditAnswer(reading, ticked, audit_plan(study, list(known), stop=stop))
    starts = {key: start for key, start in known.items() if start is not None}
    return AuditAnswer(reading, ticked, audit_plan(study, starts, stop=stop), starts)


def _read_plan(reading: Reading, plan: Plan, header: str) -> dict[str, str | None]:
    """The keys of the rows in the plan, in the order of the sheet, each with the period of its start if any."""
    frame = reading.checked.frames.get(INITIATIVES.name)
    if frame is None or not frame.header_found:
        raise TickedColumnError("The workbook has no list of initiatives that can be read.")
    tab = reading.snapshot.tabs[frame.title]
    number = _column(frame, tab.rows[frame.header_row - 1], header)
    marks = _Marks.of(plan, reading.checked.timeline)
    made: dict[str, str | None] = {}
    faults: list[Issue] = []
    for row, key in zip(frame.rows, frame.column(INITIATIVES.key_column), strict=True):
        name = shown(key).strip()
        mark = marks.read(tab.cell(row, number), name)
        if isinstance(mark, Fault):
            kind = CATALOGUE[mark.code]
            message = kind.message(column=header, **mark.values)
            faults.append(Issue(kind.severity, kind.code, frame.title, a1(row, number), message))
        elif mark.is_in:
            made[name] = mark.start
    if faults:
        raise TickedColumnError(" ".join(map(str, grouped(faults))))
    return made


@dataclass(frozen=True)
class _Mark:
    """What a cell says of an initiative: whether it is in the plan, and in which period it starts."""

    is_in: bool
    start: str | None = None


@dataclass(frozen=True)
class _Marks:
    """How the cells of a plan's column are read in a scenario; `horizon` is empty in a plan of one period."""

    plan: Plan
    scenario: Scenario
    horizon: Sequence[NamedPeriod]

    @staticmethod
    def of(plan: Plan, timeline: Sequence[NamedPeriod]) -> "_Marks":
        """For the one scenario that was read."""
        (scenario,) = plan.scenarios
        names = plan.horizon(scenario)
        return _Marks(plan, scenario, [period for period in timeline if period.name in names])

    def read(self, cell: Cell, key: str) -> _Mark | Fault:
        """What a cell says of the initiative of its row."""
        decided = self._decided(cell)
        if decided is not None and not decided.is_in:
            return _Mark(False)
        ticked = cell_values.boolean(cell, _OUT if self.horizon else {}) if decided is None else decided.is_in
        if not self.horizon:
            return ticked if isinstance(ticked, Fault) else _Mark(bool(ticked))
        if isinstance(ticked, Fault) and ticked.code != "not_a_checkbox":
            return ticked
        if ticked in (False, None):
            return _Mark(False)
        text = cell_values.period(cell) if decided is None else decided.period
        own = next((one for one in self.plan.initiatives if fold_key(one.key) == fold_key(key)), None)
        if own is not None and own.is_done and isinstance(text, str) and is_before(self.horizon, text):
            return _Mark(False)
        start = self._start(text, own, is_ticked=ticked is True)
        if start is not None:
            return _Mark(True, start)
        periods = ", ".join(period.name for period in self.horizon)
        return Fault("not_a_start", {"value": shown(cell), "periods": periods})

    def _decided(self, cell: Cell) -> Decided | None:
        """What a decision that sheetplan wrote says."""
        return decided_in(shown(cell), self.scenario.name) if cell.kind is CellKind.TEXT else None

    def _start(self, text: str | Fault | None, own: Initiative | None, *, is_ticked: bool) -> str | None:
        """The period of the plan that a cell means; a tick means the only one in which the initiative can start."""
        found = find_period(self.horizon, text) if isinstance(text, str) else None
        if found is not None:
            return self.horizon[found[0]].name if found[0] == found[1] else None
        if own is None:
            return self.horizon[0].name
        starts = self.plan.starts(self.scenario, own)
        has_begun = own.is_in_progress and isinstance(text, str) and is_before(self.horizon, text)
        return self.horizon[starts[0]].name if len(starts) == 1 and (is_ticked or has_begun) else None


_OUT = {"out": False}
"""A further word for an initiative that is not in the plan, where others have a period."""


def _column(frame: Frame, headers: Sequence[Cell], header: str) -> int:
    """The number of the column of that header, however it is spelt."""
    texts = [shown(cell).strip() for cell in headers]
    found = [number for number, text in enumerate(texts, start=1) if text and fold_header(text) == fold_header(header)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(text for text in texts if text)
    if not found:
        raise TickedColumnError(f'{frame.title} has no column "{header}". Its columns are: {there}.')
    places = " and ".join(a1(frame.header_row, number) for number in found)
    raise TickedColumnError(f'{frame.title} has several columns "{header}": {places}. Rename one of them.')
