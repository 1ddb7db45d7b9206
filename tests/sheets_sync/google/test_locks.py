"""Locked input tabs: a run leaves out the column that it may not write, says so, and writes the rest."""

import pytest

from sheets_sync.google.connection import connect
from sheets_sync.google.credentials import KEY_VARIABLE, find_identity
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.known_sizes import KnownSizes
from sheets_sync.workbook.backend import WorkbookRefusedError, WorkbookUnreachableError
from sheets_sync.workbook.changes import CellEdit, Changes, StatusColumn
from tests.sheets_sync.google_sheets import changes, inputs

ACCOUNT = "planner@team.iam.gserviceaccount.com"
CURE = (
    f" To have it written, open Data > Protect sheets and ranges and add {ACCOUNT} to those who may edit them."
)  # fmt: skip


@pytest.fixture
def planner(plan, tmp_path, monkeypatch):
    """Opens the sheet as a service account that is one of its editors, not its owner."""
    path = plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    sizes = KnownSizes()
    sizes.note(plan.id, 0)
    patience = plan.time.patience()
    connection = connect(emulator=plan.server.url, patience=patience, identity=find_identity(), sizes=sizes)
    plan.server.share(plan.id, ACCOUNT)
    yield lambda: GoogleWorkbook(plan.id, connection)
    connection.close()


def lock(plan, title="Initiatives", *, description="", holes=(), **edges):
    sheet_id = plan.book.worksheet(title).id
    item = {
        "range": {"sheetId": sheet_id, **edges},
        "description": description,
        "editors": {"users": ["boss@team.example"]},
        "unprotectedRanges": [{"sheetId": sheet_id, **hole} for hole in holes],
    }
    plan.book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": item}}]})
    plan.server.log.clear()


def written(workbook, what):
    workbook.read(inputs)
    return workbook.write(what)


def texts(plan):
    return [row[2] for row in plan.cells("Initiatives") if len(row) > 2]


ROWS = {"startRowIndex": 1, "endRowIndex": 3}


@pytest.mark.parametrize(
    ("edges", "place"),
    [
        ({}, "Initiatives statuses"),
        (ROWS, "Initiatives!A2:L3 statuses"),
        ({"startColumnIndex": 2, "endColumnIndex": 3}, "Initiatives!C1:C30 statuses"),
    ],
)
def test_a_locked_column_is_left_out_and_the_rest_is_written(plan, planner, edges, place):
    lock(plan, description="statuses", **edges)
    said = written(planner(), changes("r1"))
    assert plan.calls() == [("GET", 200), ("POST", 200)]
    assert said.notices == (
        f"The column sync_status of Initiatives was not written, because {ACCOUNT} may not edit protected cells there "
        f"({place}).{CURE}",
    )
    assert texts(plan) == ["sync_status"]
    assert plan.cells("Results")[0] == ["Results", "r1"]
    assert len(plan.cells("Runs")) == 3
    assert not said.changed_meanwhile


def test_a_locked_header_row_keeps_out_only_a_column_that_is_new(plan, planner):
    lock(plan, startRowIndex=0, endRowIndex=1)
    assert written(planner(), changes("r1")).notices == ()
    assert texts(plan) == ["sync_status", "OK in r1", "OK in r1", "OK in r1"]
    new = StatusColumn("Initiatives", "run_status", 1, 4, True, {2: "fine"})
    said = written(planner(), Changes(statuses=[new]))
    assert said.notices == (
        f"The column run_status of Initiatives was not written, because {ACCOUNT} may not edit protected cells there "
        f"(Initiatives!A1:L1).{CURE}",
    )


def test_a_locked_tab_with_an_open_column_is_written_there(plan, planner):
    lock(plan, holes=[{"startColumnIndex": 2, "endColumnIndex": 3}])
    assert written(planner(), changes("r1")).notices == ()
    assert texts(plan)[1:] == ["OK in r1"] * 3


def test_a_lock_by_a_name_is_a_lock(plan, planner):
    plan.book.worksheet("Initiatives").define_named_range("A1:C4", "backlog")
    (name,) = plan.server.workbook_json(plan.id)["namedRanges"]
    item = {"namedRangeId": name["namedRangeId"], "editors": {"users": ["boss@team.example"]}}
    plan.book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": item}}]})
    (notice,) = written(planner(), changes("r1")).notices
    assert "(Initiatives!A1:C4)" in notice


def test_a_lock_set_while_the_run_was_solving_is_found_in_time(plan, planner):
    workbook = planner()
    workbook.read(inputs)
    lock(plan)
    said = workbook.write(changes("r1"))
    assert "(Initiatives)" in said.notices[0]
    assert plan.calls() == [("POST", 400), ("GET", 200), ("POST", 200)]
    assert plan.cells("Results")[0] == ["Results", "r1"]


def test_a_locked_report_is_reported_and_nothing_is_written(plan, planner):
    written(planner(), changes("r1"))
    lock(plan, "Results", description="board copy")
    before = plan.server.workbook_json(plan.id)
    with pytest.raises(WorkbookUnreachableError, match=r"protected cells.*\(Results board copy\).*\[protected\]"):
        written(planner(), changes("r2"))
    assert plan.server.workbook_json(plan.id) == before


def test_a_check_that_may_write_nothing_says_so(plan, planner):
    lock(plan)
    said = written(planner(), Changes(statuses=[StatusColumn("Initiatives", "sync_status", 1, 3, False, {2: "OK"})]))
    assert len(said.notices) == 1
    assert plan.calls() == [("GET", 200)]


def test_a_locked_cell_refuses_an_edit_and_nothing_is_written(plan, planner):
    """What a person agreed to have changed is changed as a whole, or not at all."""
    lock(plan, description="by the boss", **ROWS)
    before = plan.cells("Initiatives")
    edits = [CellEdit("Initiatives", 8, 2, 4.0), CellEdit("Initiatives", 2, 2, 5.0)]
    with pytest.raises(WorkbookRefusedError) as refused:
        written(planner(), Changes(edits=edits, kept_as="before Q4"))
    assert str(refused.value) == (
        f"Initiatives!B2 is protected (Initiatives!A2:L3 by the boss), and {ACCOUNT} may not edit it. Open Data > "
        f"Protect sheets and ranges and add {ACCOUNT} to those who may edit it, then try again. Nothing was written."
    )
    assert plan.cells("Initiatives") == before
    assert [sheet.title for sheet in plan.book.worksheets() if "before" in sheet.title] == []
