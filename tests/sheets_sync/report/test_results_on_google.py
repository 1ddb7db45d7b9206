"""The report on a Google Sheet: its formulas calculate to OK, charts and formats are drawn, approvals stand."""

from pathlib import Path

import pytest

from sheets_sync.request import RunRequest
from sheets_sync.run.approve import Ask, approve
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.snapshot import a1
from tests.end_to_end.test_live_starts import LIVE_YEAR
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import WORKED_EXAMPLE


@pytest.fixture
def book(sheets_server: SheetsServer) -> Plan:
    """The worked example as a Google Sheet."""
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in WORKED_EXAMPLE.items():
        plain = [["" if value is None else value for value in row] for row in rows]
        plan.add_tab(title, plain, size=(30, 15))
    yield plan
    plan.close()


def top(book: Plan) -> tuple[str, str]:
    """The two cells at the top that sum up all checks."""
    row = book.cells("Results")[0]
    return row[2], row[1]


def test_every_figure_recomputes_and_the_inputs_are_unchanged(book: Plan) -> None:
    run_workbook(book.open(), RunRequest())
    check, stale = top(book)
    assert check.startswith("OK: all ")
    assert stale == "Inputs unchanged since this run"
    tabs = [*book.cells("Results"), *book.cells("Results details")]
    texts = [cell for row in tabs for cell in row if isinstance(cell, str)]
    assert not [text for text in texts if text.startswith("#") or text == "differs"]
    assert texts.count("same") == 3 + 3 + 4


@pytest.mark.parametrize(
    ("address", "value", "expected"),
    [
        pytest.param("D2", 120001, "1 row changed since this run", id="a number"),
        pytest.param("E2", 0, "1 row changed since this run", id="a blank becomes 0"),
        pytest.param("B2", "Quicker search", "1 row changed since this run", id="a text"),
        pytest.param("A5", "D", "1 row changed since this run", id="a new row"),
        pytest.param("A2", "E", "2 rows changed since this run", id="another key"),
        pytest.param("J2", 5, "Inputs unchanged since this run", id="a column that is not read"),
        pytest.param("J1", "our comments", "Inputs unchanged since this run", id="a header that is not read"),
        pytest.param("J1", "GMV High", "1 column changed since this run", id="a header that is read"),
        pytest.param("J1", "cost: design days", "1 column changed since this run", id="a further resource"),
        pytest.param("D1", "gmv in 2025", "1 column changed since this run", id="a header renamed"),
    ],
)
def test_the_top_tells_live_how_many_rows_changed(book: Plan, address: str, value: object, expected: str) -> None:
    run_workbook(book.open(), RunRequest())
    book.book.worksheet("Initiatives").update([[value]], address, raw=True)
    assert top(book)[1] == expected


def test_a_tab_that_came_after_the_run_is_reported(book: Plan) -> None:
    run_workbook(book.open(), RunRequest())
    rules = [["constraint_type", "dimension", "dimension_key", "max_tokens"], ["count_cap", "market", "UK", 1]]
    book.add_tab("Rules", rules)
    assert top(book)[1] == "1 row changed since this run"


def test_sorting_a_tab_and_inserting_a_column_change_nothing(book: Plan) -> None:
    run_workbook(book.open(), RunRequest())
    sheet = book.book.worksheet("Initiatives")
    sheet.insert_cols([[]], 3)
    rows = sheet.get("A2:G4", value_render_option="UNFORMATTED_VALUE", pad_values=True)
    sheet.update(rows[::-1], "A2:G4", raw=True)
    assert sheet.col_values(1)[1:4] == ["C", "B", "A"]
    assert top(book)[1] == "Inputs unchanged since this run"


def test_charts_and_formats_are_drawn(book: Plan) -> None:
    for _ in range(2):
        run_workbook(book.open(), RunRequest())
        drawn = book.sheet_json("Results")
        titles = [chart["spec"]["title"] for chart in drawn["charts"]]
        assert titles == ["Targets: achieved, % of what is asked", "Capacity: used, % of the limit"]
        assert len(drawn["conditionalFormats"]) > 8
        assert drawn["properties"]["gridProperties"]["frozenRowCount"] == 1


def test_an_approval_is_a_protected_tab_that_later_runs_leave_alone(book: Plan, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite3", keep_runs=9)
    run_workbook(book.open(), RunRequest(), store=store)
    found = approve(book.open(), store, Ask("weighted", "ana", "Ana B.", "fine"))
    assert found.tab == "Approved Weighted"
    protections = book.sheet_json("Approved Weighted")["protectedRanges"]
    assert [(item["description"], item["warningOnly"]) for item in protections] == [
        ("An approved plan: later runs do not change this tab.", True)
    ]
    frozen = book.cells("Approved Weighted")
    book.book.worksheet("Initiatives").update([[1]], "D2", raw=True)
    with pytest.raises(WorkbookRefusedError, match="The inputs were changed since the run"):
        approve(book.open(), store, Ask("weighted", "ana"))
    run_workbook(book.open(), RunRequest(), store=store)
    assert book.cells("Approved Weighted") == frozen
    rows = [row for row in book.cells("Results details") if row and row[0] in ("Approved by", "Went out since")]
    drift = {row[0]: row[4] for row in rows}
    assert drift == {"Approved by": 'ana (as "Ana B.")', "Went out since": "A"}
    assert approve(book.open(), store, Ask("weighted", "bo")).tab == "Approved Weighted 2"


def test_a_year_follows_its_starts_and_grows_with_the_list(sheets_server: SheetsServer) -> None:
    """The stand-in calculates: what depends on time is a formula there too."""
    book = make_plan(sheets_server)
    book.book.del_worksheet(book.book.worksheet("Initiatives"))
    for title, rows in LIVE_YEAR.items():
        book.add_tab(title, [["" if value is None else value for value in row] for row in rows], size=(30, 20))
    run_workbook(book.open(), RunRequest())
    assert top(book) == ("OK: all 53 figures recompute", "Inputs unchanged since this run")
    cells = book.cells("Results")
    header = next(row for row in cells if row[:1] == ["Initiative"])
    row = next(number for number, values in enumerate(cells, start=1) if values[:1] == ["A"])
    drawn = next(number for number, values in enumerate(cells) if values[:1] == ["Roadmap: Year"]) + 2
    assert cells[drawn][:6] == ["A", "", "Data", 5, 4, 3]
    book.book.worksheet("Results").update([["2026-Q4"]], a1(row, header.index("Year") + 1), raw=True)
    assert book.cells("Results")[drawn][:7] == ["A", "", "Data", "", 5, 4, 3]
    assert top(book)[0] == "Figures differ: see Results details"
    titles = {chart["spec"]["title"] for chart in book.sheet_json("Results")["charts"]}
    assert {"Load, % of the limit: Year", "gmv by the end of each period: Year"} <= titles
    # A row more makes Results longer than its grid, charts and named ranges included.
    book.book.worksheet("Initiatives").update([["F", 1, "Growth"]], "A7", raw=True)
    run_workbook(book.open(), RunRequest())
    assert top(book) == ("OK: all 53 figures recompute", "Inputs unchanged since this run")
    book.close()
