"""A study on a Google Sheet: written in one call, live cells, charts, and other people's tabs left alone."""

from collections.abc import Iterator

import pytest

from sheets_sync.request import RunRequest
from sheets_sync.run.frontier_plans import frontier_plans
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.study_analyses import frontier_analysis
from sheets_sync.run.write_analysis import CHANGED, write_analysis
from sheets_sync.workbook.backend import WorkbookRefusedError
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import WORKED_EXAMPLE


@pytest.fixture
def book(sheets_server: SheetsServer) -> Iterator[Plan]:
    """The worked example as a Google Sheet."""
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in WORKED_EXAMPLE.items():
        plain = [["" if value is None else value for value in row] for row in rows]
        plan.add_tab(title, plain, size=(30, 15))
    yield plan
    plan.close()


def study(book: Plan, *, meanwhile: tuple[object, str] | None = None) -> tuple[str, ...]:
    """The frontier of one scenario, written; `meanwhile` changes a cell of the list between reading and writing."""
    workbook = book.open()
    found = frontier_plans(workbook, "Pure north star", ("gmv", "retention_30d"), RunRequest(dry_run=True))
    analysis = frontier_analysis(found, "sheetplan frontier WORKBOOK")
    assert analysis is not None
    if meanwhile is not None:
        book.book.worksheet("Initiatives").update([[meanwhile[0]]], meanwhile[1], raw=True)
    return write_analysis(workbook, analysis, found.outcome, found.inputs)


def charts(book: Plan) -> list[dict[str, object]]:
    sheets = book.book.fetch_sheet_metadata({"fields": "sheets(properties.title,charts)"})["sheets"]
    return next(sheet.get("charts", []) for sheet in sheets if sheet["properties"]["title"] == "Analysis")


def test_a_study_is_written_and_its_cells_live(book: Plan) -> None:
    assert study(book) == ()
    rows = book.cells("Analysis")
    assert rows[0][:2] == ["Analysis", "Inputs unchanged since this run"]
    top = next(at for at, row in enumerate(rows) if row[:1] == ["Efficient plans"])
    assert [row[:4] for row in rows[top + 2 : top + 4]] == [[160000, 0], [120000, 0.015, "B", "A"]]
    (chart,) = charts(book)
    assert chart["spec"]["basicChart"]["chartType"] == "SCATTER"
    # The efficient plans, and each scenario's answer.
    assert len(chart["spec"]["basicChart"]["series"]) == 1 + len(rows[top + 1][4:])
    assert rows[top + 4][2:5] == ["answer to Pure north star", "", 160000]
    book.book.worksheet("Initiatives").update([[120001]], "D2", raw=True)
    assert book.cells("Analysis")[0][1] == "1 row changed since this run"


def test_the_next_study_takes_its_place_and_runs_leave_it_alone(book: Plan) -> None:
    study(book)
    study(book)
    assert len(charts(book)) == 1
    before = book.cells("Analysis")
    run_workbook(book.open(), RunRequest())
    assert book.cells("Analysis") == before


def test_a_renamed_study_stays_and_a_new_tab_is_made(book: Plan) -> None:
    study(book)
    book.book.worksheet("Analysis").update_title("Frontier in March")
    study(book)
    assert book.cells("Frontier in March")[0][0] == "Analysis"
    assert book.cells("Analysis")[0][1] == "Inputs unchanged since this run"


def test_inputs_that_change_meanwhile_are_reported(book: Plan) -> None:
    assert study(book, meanwhile=(120001, "D2")) == (CHANGED,)
    assert study(book, meanwhile=("a note", "J2")) == ()


def test_a_persons_own_tab_is_never_written(book: Plan) -> None:
    book.add_tab("Analysis", [["Our own notes"]])
    with pytest.raises(WorkbookRefusedError, match='There is a tab "Analysis" that sheetplan did not write'):
        study(book)
    assert book.cells("Analysis")[0][0] == "Our own notes"
