"""A plan that a person ticked by hand in a column of the list, held against the best. Nothing is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.names import fold_header, fold_key
from config.tabs import INITIATIVES
from optimizer.plan import Plan
from optimizer.studies.audit import Audit, AuditQuestion, audit_plan
from optimizer.studies.moves import Move
from sheets_sync.checks import cell_values
from sheets_sync.checks.cell_values import Fault
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.grouping import grouped
from sheets_sync.issues.issue import Issue
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.question_errors import TickedColumnError
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.read_study import StudyAnswer, study_of
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import Cell, a1


@dataclass(frozen=True)
class AuditAnswer(StudyAnswer):
    """A plan made by hand and what was found out about it; `audit` is None where the scenario has no answer."""

    ticked: tuple[str, ...]
    audit: Audit | None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.audit is not None and bool(self.audit.unanswered)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        audit = self.audit
        document: dict[str, Any] = {**self.beginning_json(), "ticked": list(self.ticked), "audit": None}
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
        "came_in": list(found.came_in),
        "went_out": list(found.went_out),
        "objective": found.objective,
        "used": dict(found.resources),
        "proven": question not in audit.unproven,
    }


def _move_json(move: Move) -> dict[str, Any]:
    return {
        "came_in": list(move.came_in),
        "went_out": list(move.went_out),
        "objective_change": move.objective_change,
        "used_change": dict(move.resource_changes),
        "objective": move.after.objective,
        "keeps_every_rule": move.after.is_allowed,
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
    """Audit the plan that is ticked in the column of that header, in a scenario.

    `store` knows which approvals this installation recorded, as for a run. `stop` ends the audit with what was found so
    far, as Ctrl-C does.

    Raises:
        TickedColumnError: there is no such column, or one of its cells is neither ticked nor empty.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    inputs = read_inputs(workbook, [scenario], store)
    ticked = _ticked(inputs, header)
    reading = study_of(inputs, request, workbook, started_at, clock, progress)
    study = reading.study
    if study is None:
        return AuditAnswer(reading, ticked, None)
    if study.plan.horizon(study.scenario):
        raise TickedColumnError(
            f"{study.scenario.name} plans over several periods, and ticks do not say what starts when. "
            "Audit a scenario of one period."
        )
    return AuditAnswer(reading, ticked, audit_plan(study, _keys_of(study.plan, ticked), stop=stop))


def _ticked(reading: Reading, header: str) -> tuple[str, ...]:
    """The keys of the rows that are ticked, in the order of the sheet."""
    frame = reading.checked.frames.get(INITIATIVES.name)
    if frame is None or not frame.header_found:
        raise TickedColumnError("The workbook has no list of initiatives that can be read.")
    tab = reading.snapshot.tabs[frame.title]
    number = _column(frame, tab.rows[frame.header_row - 1], header)
    ticked: list[str] = []
    faults: list[Issue] = []
    for row, key in zip(frame.rows, frame.column(INITIATIVES.key_column), strict=True):
        value = cell_values.boolean(tab.cell(row, number))
        if isinstance(value, Fault):
            kind = CATALOGUE[value.code]
            message = kind.message(column=header, **value.values)
            faults.append(Issue(kind.severity, kind.code, frame.title, a1(row, number), message))
        elif value:
            ticked.append(shown(key).strip())
    if faults:
        raise TickedColumnError(" ".join(map(str, grouped(faults))))
    return tuple(ticked)


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


def _keys_of(plan: Plan, ticked: Sequence[str]) -> list[str]:
    """The ticked keys as the plan spells them; a row that is no initiative has been reported as an issue."""
    spelling = {fold_key(one.key): one.key for one in plan.initiatives}
    return [spelling[fold_key(key)] for key in ticked if fold_key(key) in spelling]
