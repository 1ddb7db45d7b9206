"""The two writes of a run, the workbook and the store, and what dies between them."""

from pathlib import Path

import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store.run_store import RunStore
from sheets_sync.workbook.backend import WorkbookRefusedError, WorkbookUnreachableError, Written
from sheets_sync.workbook.changes import Changes
from tests.workbooks import WORKED_EXAMPLE, column_below, write_workbook


class Killed(BaseException):
    """As kill -9: nothing that follows runs."""


class DiesAfterWriting(ExcelWorkbook):
    def write(self, changes: Changes, *, force: bool = False) -> Written:
        super().write(changes, force=force)
        raise Killed


class DiesBeforeWriting(ExcelWorkbook):
    def write(self, *_: object, **__: object) -> Written:
        raise Killed


class LosesTheAnswer(ExcelWorkbook):
    def write(self, changes: Changes, *, force: bool = False) -> Written:
        super().write(changes, force=force)
        raise WorkbookUnreachableError("The connection broke.")


class Refuses(ExcelWorkbook):
    def write(self, *_: object, **__: object) -> Written:
        raise WorkbookRefusedError("It is open in Excel.")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite3", keep_runs=10)


def test_a_run_that_the_workbook_shows_is_in_the_store_whatever_died_in_between(plan: Path, store: RunStore) -> None:
    for kind in (DiesBeforeWriting, DiesAfterWriting):
        with pytest.raises(Killed):
            run_workbook(kind(plan), RunRequest(), store=store)
    (shown,) = set(column_below(plan, "Runs", "run_id"))
    assert store.run(shown).outcome["run_id"] == shown


def test_a_run_that_was_not_written_is_not_in_the_store(plan: Path, store: RunStore) -> None:
    with pytest.raises(WorkbookRefusedError):
        run_workbook(Refuses(plan), RunRequest(), store=store)
    assert store.runs() == []
    outcome = run_workbook(ExcelWorkbook(plan), RunRequest(), store=store)
    (kept,) = store.runs()
    assert store.run(kept.run_id).outcome == outcome.to_json()
    assert store.run(kept.run_id).outcome["written"] is True


def test_a_run_that_may_have_been_written_stays_in_the_store(plan: Path, store: RunStore) -> None:
    with pytest.raises(WorkbookUnreachableError):
        run_workbook(LosesTheAnswer(plan), RunRequest(), store=store)
    (shown,) = set(column_below(plan, "Runs", "run_id"))
    assert [run.run_id for run in store.runs()] == [shown]
