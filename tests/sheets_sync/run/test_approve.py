"""Sign-off: who may approve, what later runs say of it, and that nobody changes a signed figure unnoticed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.approvals import NOT_APPROVED, ApprovalState, StateKind
from sheets_sync.request import RunRequest
from sheets_sync.run.approve import Ask, approve, revoke
from sheets_sync.run.known_approvals import recorded_approvals, states_of
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.signoff.approval import Approval
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook, WorkbookRefusedError
from tests.office import recalculated
from tests.sheets_sync.run.conftest import PlanWorkbook, plan_file
from tests.workbooks import rename_tab

SCENARIO = "Pure north star"
TAB = f"Approved {SCENARIO}"
ANA = Ask(SCENARIO, "ana@example.com", typed="The CFO", comment="Board of 1 July")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ABOUT = 'approved on 1 July 2026 by ana@example.com (as "The CFO")'


def run(workbook: Workbook, store: RunStore | None, person: str = "ben") -> str:
    return run_workbook(workbook, RunRequest(person=person), store=store).facts.run_id


def approved(planned: PlanWorkbook, store: RunStore, ask: Ask = ANA) -> Approval:
    run(planned.open(), store)
    return approve(planned.open(), store, ask, clock=lambda: NOON)


def state(workbook: Workbook, store: RunStore | None) -> ApprovalState:
    return states_of(workbook.read(wanted_tabs), store).get(SCENARIO.casefold(), NOT_APPROVED)


def total_cell(workbook: Workbook) -> str:
    """Where the tab has the total of gmv."""
    tab = workbook.read(wanted_tabs).tabs[TAB]
    return f"C{next(row for row in range(20, 40) if tab.cell(row, 1).value == 'gmv')}"


def test_later_runs_find_it_unchanged(planned: PlanWorkbook, store: RunStore) -> None:
    made = approved(planned, store)
    run(planned.open(), store)
    found = state(planned.open(), store)
    assert (found.kind, found.words) == (StateKind.UNCHANGED, f"{ABOUT}: unchanged")
    assert found.plan is not None
    assert (found.plan.selected, found.plan.totals["gmv"], found.approval_id) == (("A", "C"), 160000, made.approval_id)


def test_a_changed_total_is_found_with_what_it_was(planned: PlanWorkbook, store: RunStore) -> None:
    approved(planned, store)
    planned.type(TAB, total_cell(planned.open()), 1_550_000)
    found = state(planned.open(), store)
    difference = "Gross merchandise value was £160,000, and is £1,550,000 now"
    assert (found.kind, found.words) == (StateKind.ALTERED, f"ALTERED: {difference} ({ABOUT})")
    assert found.plan is not None
    assert found.plan.totals["gmv"] == 160000
    outcome = run_workbook(planned.open(), RunRequest(), store=store)
    assert outcome.written


def test_another_machine_sees_the_seal_and_says_that_it_has_no_record(
    planned: PlanWorkbook, store: RunStore, tmp_path: Path
) -> None:
    approved(planned, store)
    for other in (None, RunStore(tmp_path / "other.sqlite3", keep_runs=9)):
        assert state(planned.open(), other).words == f"{ABOUT}: unchanged (not recorded on this machine)"
    planned.type(TAB, total_cell(planned.open()), 1_550_000)
    found = state(planned.open(), None)
    assert (found.kind, found.plan) == (StateKind.ALTERED, None)
    assert found.words == f"ALTERED: the tab {TAB} is not as it was sealed ({ABOUT})"


def test_machines_with_one_key_confirm_each_others_seals(planned: PlanWorkbook, tmp_path: Path) -> None:
    ours, theirs = (RunStore(tmp_path / name, keep_runs=9, seal_key=b"a key for both") for name in ("1.db", "2.db"))
    approved(planned, ours)
    assert state(planned.open(), theirs).words == f"{ABOUT}: unchanged"


def test_a_tab_made_by_somebody_else_is_believed_by_no_machine_that_knows_better(
    tmp_path: Path, store: RunStore
) -> None:
    """Whoever edits a workbook can seal it anew with a key of their own. The record and the key find that out."""
    planned = plan_file(tmp_path / "plan.xlsx")
    approved(planned, store)
    forger = RunStore(tmp_path / "forger.sqlite3", keep_runs=9)
    planned.type("Initiatives", "D2", 5_000_000)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    del book[TAB]
    book.save(tmp_path / "plan.xlsx")
    run(planned.open(), forger)
    approve(planned.open(), forger, ANA, clock=lambda: NOON)
    assert state(planned.open(), forger).kind is StateKind.UNCHANGED
    found = state(planned.open(), store)
    assert found.words.startswith("ALTERED: Gross merchandise value was £160,000, and is £5,040,000 now and ")
    assert found.plan is not None
    assert found.plan.totals["gmv"] == 160000


def test_a_tab_that_is_gone_or_renamed_is_missed(tmp_path: Path, store: RunStore) -> None:
    planned, path = plan_file(tmp_path / "plan.xlsx"), tmp_path / "plan.xlsx"
    approved(planned, store)
    rename_tab(path, TAB, "Q3 as agreed")
    for machine in (store, None):
        assert state(planned.open(), machine).words == f"ALTERED: the tab {TAB} is called Q3 as agreed now ({ABOUT})"
    book = openpyxl.load_workbook(path)
    del book["Q3 as agreed"]
    book.save(path)
    for machine in (store, None):
        assert state(planned.open(), machine).words == f"ALTERED: the tab {TAB} is gone ({ABOUT})"


@pytest.mark.parametrize("program", ["openpyxl", "LibreOffice"])
def test_programs_that_save_the_file_raise_no_alarm(tmp_path: Path, store: RunStore, program: str) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    planned.type("Initiatives", "D2", 120000.1 + 0.2)
    planned.type("Initiatives", "B2", "Schnellere  Suche – “α”\n& more")
    approved(planned, store)
    path = tmp_path / "plan.xlsx"
    if program == "openpyxl":
        openpyxl.load_workbook(path).save(path)
    else:
        shutil.copy(recalculated(path, tmp_path / "saved"), path)
    assert state(ExcelWorkbook(path), store).words == f"{ABOUT}: unchanged"
    assert state(ExcelWorkbook(path), None).words == f"{ABOUT}: unchanged (not recorded on this machine)"


def test_two_people_who_did_not_run_it_approve_where_two_are_needed(planned: PlanWorkbook, store: RunStore) -> None:
    run(planned.open(), store, person="ana")
    with pytest.raises(WorkbookRefusedError, match=r"^ana@example.com started the run .*, and so cannot approve it"):
        approve(planned.open(), store, Ask(SCENARIO, "ana@example.com", needed=2))
    first = approve(planned.open(), store, Ask(SCENARIO, "eve@example.com", needed=2), clock=lambda: NOON)
    assert (first.is_complete, first.tab) == (False, "")
    words = "approved on 1 July 2026 by eve@example.com; one more person has to approve"
    assert (state(planned.open(), store).kind, state(planned.open(), store).words) == (StateKind.PENDING, words)
    with pytest.raises(WorkbookRefusedError, match=r"^eve has approved Pure north star already\. A second person has"):
        approve(planned.open(), store, Ask(SCENARIO, "eve", needed=2))
    second = approve(planned.open(), store, Ask(SCENARIO, "dan@example.com", needed=2), clock=lambda: NOON)
    assert (second.is_complete, second.tab) == (True, TAB)
    found = state(planned.open(), store)
    assert found.words == "approved on 1 July 2026 by eve@example.com and dan@example.com: unchanged"
    assert state(planned.open(), None).words.startswith(found.words)
    assert len(recorded_approvals(store)) == 1


def test_an_approval_can_be_revoked_and_another_one_given(planned: PlanWorkbook, store: RunStore) -> None:
    approved(planned, store)
    revoke(planned.open(), store, Ask(SCENARIO, "eve@example.com", comment="wrong estimate"), clock=lambda: NOON)
    words = (
        'approval of 1 July 2026 by ana@example.com (as "The CFO") was revoked on 1 July 2026 by eve@example.com: '
        "wrong estimate"
    )
    found = state(planned.open(), store)
    assert (found.kind, found.words, found.plan) == (StateKind.REVOKED, words, None)
    assert state(planned.open(), None).kind is StateKind.REVOKED
    tab = planned.open().read(wanted_tabs).tabs[TAB]
    shown = {tab.cell(row, 1).value: tab.cell(row, 2).value for row in range(1, 20)}
    assert shown["Revoked"] == "2026-07-01 12:00:00 UTC by eve@example.com: wrong estimate"
    with pytest.raises(WorkbookRefusedError, match=r"^There is no approval of Pure north star to revoke"):
        revoke(planned.open(), store, Ask(SCENARIO, "eve@example.com"))
    again = approve(planned.open(), store, ANA)
    assert again.tab == f"{TAB} 2"
    assert state(planned.open(), store).kind is StateKind.UNCHANGED


def test_a_copy_is_not_approved(tmp_path: Path, store: RunStore) -> None:
    approved(plan_file(tmp_path / "plan.xlsx"), store)
    shutil.copy(tmp_path / "plan.xlsx", tmp_path / "copy.xlsx")
    run(ExcelWorkbook(tmp_path / "copy.xlsx"), store)
    found = state(ExcelWorkbook(tmp_path / "copy.xlsx"), store)
    assert (found.kind, found.plan) == (StateKind.ELSEWHERE, None)
    assert found.words == f"not approved here: the workbook that this one is a copy of was {ABOUT}"


def test_a_tab_from_before_there_were_seals_counts_and_says_that_it_cannot_be_checked(
    tmp_path: Path, store: RunStore
) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    approved(planned, store)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    for row in book[TAB].iter_rows(max_row=20):
        if row[0].value in ("Seal", "Revoked", "Workbook id"):
            row[0].value = row[1].value = None
        if row[0].value == "Approved at (UTC)":
            row[1].value = NOON.replace(tzinfo=None)
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    book.save(tmp_path / "plan.xlsx")
    found = state(ExcelWorkbook(tmp_path / "plan.xlsx"), None)
    assert found.kind is StateKind.UNSEALED
    assert found.words == f"{ABOUT}, before approvals were sealed: it cannot be checked"
    assert found.plan is not None


def test_the_run_of_an_approval_is_kept_as_long_as_the_approval(tmp_path: Path) -> None:
    planned, store = plan_file(tmp_path / "plan.xlsx"), RunStore(tmp_path / "runs.sqlite3", keep_runs=2)
    made = approved(planned, store)
    for _ in range(3):
        run(planned.open(), store)
    assert [found.run_id for found in store.runs()][-1] == made.run_id
    assert len(store.runs()) == 3


def test_somebody_without_a_name_approves_nothing(tmp_path: Path, store: RunStore) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    run(planned.open(), store)
    with pytest.raises(WorkbookRefusedError, match=r"^An approval needs a name"):
        approve(planned.open(), store, Ask(SCENARIO, " "))
