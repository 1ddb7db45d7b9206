"""The worked example as a file and as a Google Sheet, and what a person does to it between two runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import make_plan
from tests.workbooks import WORKED_EXAMPLE, write_workbook


@dataclass
class PlanWorkbook:
    """A workbook with the worked example, to be opened afresh as another process would."""

    kind: str
    open: Callable[[], Workbook]
    type: Callable[[str, str, Any], object]
    """Give a cell of a tab another value, as a person does."""


def plan_file(path: Path) -> PlanWorkbook:
    """The worked example in a file."""
    write_workbook(path, WORKED_EXAMPLE)

    def edit(title: str, address: str, value: Any) -> None:
        book = openpyxl.load_workbook(path)
        book[title][address].value = value
        book.save(path)

    return PlanWorkbook("excel", lambda: ExcelWorkbook(path), edit)


def plan_sheet(server: SheetsServer) -> Iterator[PlanWorkbook]:
    """The worked example at Google, until it is closed."""
    plan = make_plan(server)
    for title, rows in WORKED_EXAMPLE.items():
        plain = [["" if value is None else value for value in row] for row in rows]
        if title == "Initiatives":
            plan.book.worksheet(title).clear()
            plan.book.worksheet(title).update(plain, raw=True)
        else:
            plan.add_tab(title, plain)
    yield PlanWorkbook(
        "google", plan.open, lambda title, cell, value: plan.book.worksheet(title).update_acell(cell, value)
    )
    plan.close()


@pytest.fixture(params=["excel", "google"])
def planned(request: pytest.FixtureRequest, tmp_path: Path, sheets_server: SheetsServer) -> Iterator[PlanWorkbook]:
    """The worked example on one backend after the other."""
    if request.param == "excel":
        yield plan_file(tmp_path / "plan.xlsx")
    else:
        yield from plan_sheet(sheets_server)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An installation's store, empty."""
    return RunStore(tmp_path / "kept" / "runs.sqlite3", keep_runs=50)
