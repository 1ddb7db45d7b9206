"""Studies kept in the store, and asked again: each is a function of what was read then and of the question."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.answer_question import Studied, answer_question
from sheets_sync.run.question import Question
from sheets_sync.run.replay import Replay, replay_run
from sheets_sync.run.workbook_history import identify
from sheets_sync.store import PastPlans, RunRecord, RunStore, StoreError, StudyRecord, canonical_study
from sheets_sync.workbook.backend import (
    FurtherTabs,
    TabFilter,
    Workbook,
    WorkbookRefusedError,
    Written,
    no_further_tabs,
)
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot
from sheets_sync.workbook.template import TabTemplate

Json = dict[str, Any]


def keep_study(
    store: RunStore, question: Question, request: RunRequest, found: Studied, document: Mapping[str, Any]
) -> tuple[str, ...]:
    """Keep a study with the document of its answer; returns a notice for people if that fails.

    One of a workbook that has no plan is not kept: there is nothing to ask again.
    """
    if found.outcome.plan is None:
        return ()
    facts, snapshot = found.outcome.facts, found.inputs.snapshot
    identity = identify(snapshot, store)
    try:
        store.studies.keep(
            StudyRecord(
                workbook=identity.place,
                workbook_id=identity.id,
                started_at=facts.started_at,
                trigger=request.trigger,
                person=request.person,
                sheetplan_version=facts.sheetplan_version,
                options={
                    "scenarios": None if request.scenarios is None else list(request.scenarios),
                    "solver": request.solver,
                    "time_limit_s": request.time_limit_s,
                },
                question=question.to_json(),
                snapshot=snapshot,
                past=PastPlans(found.inputs.previous, found.inputs.approved),
                document=document,
                run_id=facts.run_id,
                is_stopped=found.is_stopped,
            )
        )
    except StoreError as problem:
        return (f"This study cannot be repeated later: {problem}",)
    return ()


def find_kept(store: RunStore, run_id: str) -> RunRecord | StudyRecord:
    """The run or the study of that id, or of the one id that begins so.

    Raises:
        StoreError: there is none, or more than one, or the file cannot be read.
    """
    study = store.studies.find(run_id)
    if study is None or any(run.run_id == run_id for run in store.runs()):
        return store.run(run_id)
    if study.run_id != run_id and any(run.run_id.startswith(run_id) for run in store.runs()):
        raise StoreError(f"A run and a study have an id that begins with {run_id}. List them with: sheetplan runs")
    return study


def replay_kept(record: RunRecord | StudyRecord, store: RunStore, progress: Progress) -> Replay:
    """Solve a run or a study again, and compare; nothing is written or kept.

    Raises:
        StoreError: a study that was stopped early.
    """
    return replay_run(record, progress) if isinstance(record, RunRecord) else replay_study(record, store, progress)


def replay_study(record: StudyRecord, store: RunStore, progress: Progress) -> Replay:
    """Ask a kept study again of the inputs that it had, and compare; nothing is written or kept.

    Raises:
        StoreError: it was stopped early, at a moment that depends on the machine.
    """
    if record.is_stopped:
        raise StoreError(
            f"{record.run_id} was stopped before it was complete, so there is nothing to compare. Ask again, and let "
            "it come to its end."
        )
    options = record.options
    request = RunRequest(
        scenarios=options["scenarios"],
        dry_run=True,
        solver=options["solver"],
        time_limit_s=options["time_limit_s"],
        trigger=record.trigger,
        person=record.person,
    )
    # As the store keeps it: without tuples, and with every number as JSON has it.
    question = Question.from_json(record.question)
    found = answer_question(_KeptWorkbook(record), question, request, store=store.as_of(record.past), progress=progress)
    document = json.loads(json.dumps(found.document))
    return Replay(record.run_id, canonical_study(record.document), canonical_study(document))


class _KeptWorkbook(Workbook):
    """A workbook as a study read it; nothing can be written to the past."""

    def __init__(self, record: StudyRecord) -> None:
        self._record = record

    @property
    def locator(self) -> str:
        """Where it was."""
        return self._record.snapshot.locator

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """What was read then."""
        del wanted, further
        return self._record.snapshot

    def write(self, changes: Changes, *, force: bool = False) -> Written:
        """Refused."""
        del changes, force
        raise WorkbookRefusedError("A workbook of the past cannot be written.")

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else is there."""
        return nullcontext()

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:
        """Refused."""
        del templates
        raise WorkbookRefusedError("A workbook of the past cannot be written.")
