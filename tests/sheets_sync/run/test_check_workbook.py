"""`check` reports everything that a run would refuse: tabs of people's own where a run writes its own."""

from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import WorkbookRefusedError
from tests.workbooks import WORKED_EXAMPLE, write_workbook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)


def add_tab(path: Path, title: str, *rows: tuple[object, ...]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    book.save(path)


@pytest.mark.parametrize("title", ["Results", "Runs"])
def test_a_tab_of_ones_own_is_reported_by_check_and_refused_by_run(path: Path, title: str) -> None:
    add_tab(path, title, ("5 km", "Ann"), ("10 km", "Ben"))
    found = [issue for issue in check_workbook(ExcelWorkbook(path)).issues if issue.code == "refused_by_run"]
    assert [issue.place for issue in found] == [f"{title}!A1"]
    with pytest.raises(WorkbookRefusedError) as refusal:
        run_workbook(ExcelWorkbook(path), RunRequest())
    assert str(refusal.value).removesuffix(" Nothing was written.") in found[0].message


def test_tabs_that_earlier_runs_wrote_are_no_issue(path: Path) -> None:
    run_workbook(ExcelWorkbook(path), RunRequest())
    assert check_workbook(ExcelWorkbook(path)).issues == ()


def test_empty_tabs_of_these_names_are_no_issue(path: Path) -> None:
    add_tab(path, "Results")
    add_tab(path, "Runs")
    assert check_workbook(ExcelWorkbook(path)).issues == ()
