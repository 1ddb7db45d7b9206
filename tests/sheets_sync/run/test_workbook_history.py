"""A workbook that is renamed or moved keeps its history; a copy begins one of its own, and knows where it came from."""

import shutil
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from config.settings import Settings
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.workbook_history import identify, identity_of
from sheets_sync.store import RunStore, WorkbookIdentity
from sheets_sync.workbook.backend import Workbook
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan
from tests.sheets_sync.run.conftest import PlanWorkbook, plan_file
from tests.workbooks import WORKED_EXAMPLE


def run(workbook: Workbook, store: RunStore) -> RunOutcome:
    return run_workbook(workbook, RunRequest(scenarios=["Weighted"]), store=store)


def history(path: Path, store: RunStore) -> list[str]:
    return [found.run_id for found in store.runs(identity_of(str(path), Settings(), store))]


def test_a_run_leaves_an_id_by_which_the_workbook_is_known_again(planned: PlanWorkbook, store: RunStore) -> None:
    first = run(planned.open(), store)
    snapshot = planned.open().read(lambda _: False)
    identity = identify(snapshot, store)
    assert identity.id == (snapshot.workbook_id or first.facts.run_id)
    run(planned.open(), store)
    assert identify(planned.open().read(lambda _: False), store) == identity
    assert len(store.runs(identity)) == 2
    assert not [notice for notice in first.notices if "copy" in notice]


def test_a_file_that_was_moved_keeps_its_history(tmp_path: Path, store: RunStore) -> None:
    plan_file(tmp_path / "plan.xlsx")
    first = run(ExcelWorkbook(tmp_path / "plan.xlsx"), store).facts.run_id
    (tmp_path / "2026").mkdir()
    moved = (tmp_path / "plan.xlsx").rename(tmp_path / "2026" / "Q3 plan.xlsx")
    assert history(moved, store) == [first]
    second = run(ExcelWorkbook(moved), store)
    assert (second.notices, history(moved, store)) == ((), [second.facts.run_id, first])
    assert [found.workbook for found in store.runs()] == [str(moved.resolve())] * 2


@pytest.mark.parametrize("saved_by", ["nobody", "openpyxl"])
def test_a_copy_of_a_file_has_a_history_of_its_own(tmp_path: Path, store: RunStore, saved_by: str) -> None:
    original, copy = tmp_path / "plan.xlsx", tmp_path / "copy.xlsx"
    plan_file(original)
    first = run(ExcelWorkbook(original), store).facts.run_id
    shutil.copy(original, copy)
    if saved_by == "openpyxl":
        openpyxl.load_workbook(copy).save(copy)
    assert history(copy, store) == []
    second = run(ExcelWorkbook(copy), store)
    assert second.notices == (
        f"This workbook is a copy of {original.resolve()}. Its own history of runs and approvals begins with this run.",
    )
    assert (history(copy, store), history(original, store)) == ([second.facts.run_id], [first])
    assert identify(ExcelWorkbook(copy).read(lambda _: False), store).copied_from == first
    third = run(ExcelWorkbook(copy), store)
    assert third.notices == ()
    original.unlink()
    assert history(copy, store) == [third.facts.run_id, second.facts.run_id]


def test_a_link_to_a_file_is_no_copy(tmp_path: Path, store: RunStore) -> None:
    plan_file(tmp_path / "plan.xlsx")
    first = run(ExcelWorkbook(tmp_path / "plan.xlsx"), store).facts.run_id
    (tmp_path / "hard.xlsx").hardlink_to(tmp_path / "plan.xlsx")
    (tmp_path / "soft.xlsx").symlink_to(tmp_path / "plan.xlsx")
    assert history(tmp_path / "hard.xlsx", store) == history(tmp_path / "soft.xlsx", store) == [first]


def test_a_copy_of_a_google_sheet_has_a_history_of_its_own(
    plan: Plan, sheets_server: SheetsServer, store: RunStore
) -> None:
    plan.book.worksheet("Initiatives").clear()
    plan.book.worksheet("Initiatives").update(_plain("Initiatives"), raw=True)
    for title in ("KPIs", "Scenarios"):
        plan.add_tab(title, _plain(title))
    run(plan.open(), store)
    copied = sheets_server.client().copy(plan.id, title="Copy of Plan")
    copy = Plan(sheets_server, copied, plan.connection, plan.time)
    outcome = run(copy.open(), store)
    assert outcome.notices[-1] == (
        f"This workbook is a copy of {plan.open().locator}. Its own history of runs and approvals begins with this run."
    )
    assert identify(copy.open().read(lambda _: False), store) == WorkbookIdentity(copy.open().locator, copy.id, plan.id)
    assert run(copy.open(), store).notices == ()
    copied.client.session.close()


def _plain(title: str) -> list[list[object]]:
    return [["" if value is None else value for value in row] for row in WORKED_EXAMPLE[title]]


def test_runs_from_before_there_were_ids_are_found_by_their_place(tmp_path: Path, store: RunStore) -> None:
    path = tmp_path / "plan.xlsx"
    plan_file(path)
    first = run(ExcelWorkbook(path), store).facts.run_id
    with sqlite3.connect(store.path) as database:
        database.executescript(
            "DROP TABLE workbooks; ALTER TABLE runs DROP COLUMN workbook_id; PRAGMA user_version = 1;"
        )
    database.close()
    assert history(path, store) == [first]
    second = run(ExcelWorkbook(path), store).facts.run_id
    moved = path.rename(tmp_path / "moved.xlsx")
    assert history(moved, store) == [second, first]


def test_the_store_of_another_installation_does_not_know_a_copy(tmp_path: Path, store: RunStore) -> None:
    """Sent by mail, a file is the same workbook as far as anybody there can know."""
    plan_file(tmp_path / "plan.xlsx")
    first = run(ExcelWorkbook(tmp_path / "plan.xlsx"), store)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "plan.xlsx", tmp_path / "elsewhere" / "plan.xlsx")
    other = RunStore(tmp_path / "elsewhere" / "runs.sqlite3", keep_runs=9)
    second = run(ExcelWorkbook(tmp_path / "elsewhere" / "plan.xlsx"), other)
    assert second.notices == ()
    assert identify(ExcelWorkbook(tmp_path / "elsewhere" / "plan.xlsx").read(lambda _: False), other).id == (
        first.facts.run_id
    )
