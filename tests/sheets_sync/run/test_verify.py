"""`verify`: on a machine without a store, whatever was changed in Results, its inputs or an approval is found."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.kept_run_block import LONGEST_CELL
from sheets_sync.request import SILENT, RunRequest
from sheets_sync.run.approve import Ask, approve
from sheets_sync.run.kept_run import pack_run, unpack_run
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.verify import Verified, verify
from sheets_sync.store import RunRecord, RunStore
from sheets_sync.workbook.backend import WorkbookRefusedError
from tests.end_to_end.test_live_starts import LIVE_YEAR
from tests.office import recalculated
from tests.sheets_sync.run.conftest import PlanWorkbook, plan_file
from tests.workbooks import write_workbook

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def verified(planned: PlanWorkbook) -> Verified:
    return verify(planned.open(), None, SILENT)


def wrong(found: Verified) -> list[str]:
    return [finding.words for finding in found.findings if not finding.ok]


def run(planned: PlanWorkbook, store: RunStore | None) -> str:
    return run_workbook(planned.open(), RunRequest(person="ana"), store=store).facts.run_id


def test_an_untouched_workbook_is_verified_without_a_store(planned: PlanWorkbook, store: RunStore) -> None:
    run(planned, store)
    approve(planned.open(), store, Ask("Weighted", "eve@example.com"), clock=lambda: NOON)
    run_id = run(planned, store)
    found = verified(planned)
    assert (wrong(found), found.run_id, found.notes) == ([], run_id, ())
    words = [finding.words for finding in found.findings]
    assert words[0].startswith(f"Inputs: those that the run {run_id} read, fingerprint ")
    assert words[1] == "Solved again: the same answer for 4 scenarios."
    assert words[2].endswith(" cells of Results and Results details are as the run wrote them.")
    assert words[3] == (
        "Weighted: approved on 1 July 2026 by eve@example.com: unchanged (not recorded on this machine)."
    )


def test_a_year_is_verified_whatever_choosing_among_equals_took(tmp_path: Path) -> None:
    """Steps that only compare portfolios that are equally good are no rows of Results."""
    path = write_workbook(tmp_path / "plan.xlsx", LIVE_YEAR)
    scenarios = run_workbook(ExcelWorkbook(path), RunRequest()).scenarios
    assert any(stage.breaks_ties for one in scenarios if one.portfolio for stage in one.portfolio.stages)
    assert wrong(verify(ExcelWorkbook(path), None, SILENT)) == []


def test_a_changed_figure_of_results_is_found_with_what_it_was(planned: PlanWorkbook) -> None:
    run(planned, None)
    tab = planned.open().read(lambda _: True).tabs["Results"]
    row, column, cell = next(
        (row, column, cell)
        for row in range(1, len(tab.rows) + 1)
        for column in range(1, 12)
        for cell in [tab.cell(row, column)]
        if cell.formula is None and cell.value == 120000
    )
    address = openpyxl.utils.get_column_letter(column) + str(row)
    planned.type("Results", address, 5_000_000)
    found = wrong(verified(planned))
    assert f"ALTERED: Results!{address} was {cell.shown}, and is " in found[0]


def test_a_formula_that_became_a_number_is_found(tmp_path: Path) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    run(planned, None)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    cell = next(cell for row in book["Results"].iter_rows() for cell in row if str(cell.value).startswith("=SUM"))
    was, cell.value = str(cell.value), 1_550_000
    book.save(tmp_path / "plan.xlsx")
    assert any(f"Results!{cell.coordinate} was the formula {was[:20]}" in words for words in wrong(verified(planned)))


@pytest.mark.parametrize("program", ["openpyxl", "LibreOffice"])
def test_programs_that_save_the_file_raise_no_alarm(tmp_path: Path, store: RunStore, program: str) -> None:
    planned, path = plan_file(tmp_path / "plan.xlsx"), tmp_path / "plan.xlsx"
    run(planned, store)
    approve(planned.open(), store, Ask("Weighted", "eve@example.com"), clock=lambda: NOON)
    run(planned, store)
    if program == "openpyxl":
        openpyxl.load_workbook(path).save(path)
    else:
        shutil.copy(recalculated(path, tmp_path / "saved"), path)
    assert wrong(verified(planned)) == []


def test_inputs_that_changed_since_are_a_note_and_no_alarm(planned: PlanWorkbook) -> None:
    run(planned, None)
    planned.type("Initiatives", "D3", 130000)
    found = verified(planned)
    assert (wrong(found), found.notes) == ([], ("The inputs have changed since this run.",))


def test_a_workbook_without_a_run_has_nothing_to_verify(planned: PlanWorkbook) -> None:
    with pytest.raises(
        WorkbookRefusedError, match=r"has no run to verify in Results details\. Run it once, then verify\."
    ):
        verified(planned)


def test_a_kept_run_that_somebody_changed_is_found(tmp_path: Path) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    run(planned, None)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    sheet = book["Results details"]
    cell = next(row[1] for row in sheet.iter_rows() if row[2].value == "end")
    cell.value = cell.value[:50] + ("a" if cell.value[50] != "a" else "b") + cell.value[51:]
    book.save(tmp_path / "plan.xlsx")
    assert wrong(verified(planned)) == [
        "ALTERED: the run that Results details keeps cannot be read: its text was changed."
    ]


def test_no_part_of_the_text_looks_like_a_formula_or_an_error(store: RunStore, tmp_path: Path) -> None:
    planned = plan_file(tmp_path / "plan.xlsx")
    text = pack_run(store.run(run(planned, store)), {}, {})
    assert re.fullmatch(r"[A-Za-z0-9._]+=*", text)


@pytest.mark.parametrize("text", ["", "~", "not base64 at all \x00", "c" * 1000])
def test_any_text_that_is_no_run_is_none(text: str) -> None:
    assert unpack_run(text) is None


def test_another_answer_than_the_solved_one_is_found(tmp_path: Path, store: RunStore) -> None:
    """Whoever writes a whole run of their own still has to make its inputs give its answer."""
    planned = plan_file(tmp_path / "plan.xlsx")
    run_id = run(planned, store)
    kept = store.run(run_id).to_json()
    kept["outcome"]["scenarios"][0]["selected"] = ["B", "C"]
    forged = RunRecord.from_json(kept)
    text = pack_run(forged, {}, {})
    assert len(text) < LONGEST_CELL
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    cell = next(row[1] for row in book["Results details"].iter_rows() if row[2].value == "end")
    cell.value = text
    book.save(tmp_path / "plan.xlsx")
    assert wrong(verified(planned))[0] == (
        "ALTERED: solved again from the inputs that it keeps, the run has another answer."
    )


def test_results_details_show_where_the_change_since_the_approval_comes_from(
    planned: PlanWorkbook, store: RunStore
) -> None:
    """A + C = 160,000 was approved. A brings 10,000 less, and with 110 tokens A + B fit."""
    first = run(planned, store)
    approve(planned.open(), store, Ask("Pure north star", "eve@example.com"), clock=lambda: NOON)
    planned.type("Initiatives", "D2", 110000)
    planned.type("Scenarios", "C2", 110)
    run(planned, store)
    snapshot = planned.open().read(lambda _: True)
    area = snapshot.named_areas["sheetplan_bridge"]
    tab = snapshot.tabs[area.tab]
    rows = [[tab.cell(row, column).value for column in (1, 2, 4)] for row in range(area.top, area.bottom + 1)]
    assert rows[1][2] == f"approved: {first}"
    assert rows[2:8] == [
        ["gmv", "Then", 160000],
        ["gmv", "Changed estimates", -10000],
        ["gmv", "Initiatives in and out", 0],
        ["gmv", "Capacity", 40000],
        ["gmv", "Rules and weights", 0],
        ["gmv", "Now", 190000],
    ]
    assert tab.cell(area.top + 7, 4).formula is not None
    assert wrong(verified(planned)) == []
