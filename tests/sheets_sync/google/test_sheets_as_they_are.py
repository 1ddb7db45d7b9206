"""Sheets as people make them now: tables, chips, connected tabs, groups, filter views; read, or ignored on purpose.

The answers are written after Google's published description, and held against it.
"""

from dataclasses import replace

import pytest

from sheets_sync.google.cells_in import parse_cell
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.sheet_state import parse_state
from sheets_sync.run.exit_codes import exit_code_of
from sheets_sync.workbook.backend import WorkbookError, WorkbookRefusedError
from sheets_sync.workbook.changes import Changes, OutCell, Sheet, StatusColumn
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, TableArea
from sheets_sync.workbook.template import ColumnTemplate, InputKind, TabTemplate
from tests.sheets_server.conformance import response_violations
from tests.sheets_server.discovery import load
from tests.sheets_sync.google_sheets import changes, inputs

GRID = {"rowCount": 100, "columnCount": 5}
TEXT = {"userEnteredValue": {"stringValue": "@Ann Example"}, "effectiveValue": {"stringValue": "Ann Example"}}
PERSON = {
    **TEXT,
    "formattedValue": "Ann Example",
    "chipRuns": [
        {"startIndex": 0, "chip": {"personProperties": {"email": "ann@example.com", "displayFormat": "DEFAULT"}}}
    ],
}
FILE = {
    "effectiveValue": {"stringValue": "Spec"},
    "formattedValue": "Spec",
    "chipRuns": [{"chip": {"richLinkProperties": {"uri": "https://docs.google.com/document/d/x"}}}],
}
DATE = {
    "effectiveValue": {"numberValue": 46112},
    "formattedValue": "31 Mar 2026",
    "effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "d mmm yyyy"}},
}
DROP_DOWN = {
    "effectiveValue": {"stringValue": "proposed"},
    "formattedValue": "proposed",
    "dataValidation": {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "proposed"}]}},
}
TABLE = {
    "tableId": "1",
    "name": "Backlog",
    "range": {"sheetId": 5, "startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 4},
    "columnProperties": [
        {"columnIndex": 0, "columnName": "key", "columnType": "TEXT"},
        {"columnIndex": 1, "columnName": "owner", "columnType": "PEOPLE_CHIP"},
        {"columnIndex": 2, "columnName": "due", "columnType": "DATE"},
        {
            "columnIndex": 3,
            "columnName": "status",
            "columnType": "DROPDOWN",
            "dataValidationRule": {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "proposed"}]}},
        },
    ],
    "rowsProperties": {"headerColorStyle": {"rgbColor": {"red": 1}}, "footerColorStyle": {"themeColor": "ACCENT1"}},
}
OURS = {
    "properties": {"sheetId": 5, "title": "Initiatives", "sheetType": "GRID", "gridProperties": GRID},
    "data": [{"rowData": [{"values": [PERSON, FILE, DATE, DROP_DOWN]}]}],
    "tables": [TABLE],
    "rowGroups": [{"range": {"sheetId": 5, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}, "depth": 1}],
    "columnGroups": [{"range": {"sheetId": 5, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}, "depth": 1}],
    "filterViews": [{"filterViewId": 3, "title": "mine", "range": {"sheetId": 5, "startRowIndex": 0}}],
    "slicers": [{"slicerId": 4, "spec": {"title": "team"}}],
    "protectedRanges": [
        {
            "protectedRangeId": 6,
            "range": {"sheetId": 5, "startColumnIndex": 2, "endColumnIndex": 3},
            "editors": {"users": ["ann@example.com"], "domainUsersCanEdit": False},
        }
    ],
}
OTHERS = [
    {"properties": {"sheetId": 7, "title": "Chart", "sheetType": "OBJECT"}},
    {
        "properties": {
            "sheetId": 8,
            "title": "Warehouse",
            "sheetType": "DATA_SOURCE",
            "gridProperties": GRID,
            "dataSourceSheetProperties": {"dataSourceId": "9"},
        }
    },
]
ANSWER = {"properties": {"title": "Plan", "locale": "en_US"}, "sheets": [OURS, *OTHERS]}


def test_the_answer_fits_the_published_description():
    assert response_violations(load("sheets"), "Spreadsheet", ANSWER) == []


def test_chips_are_what_the_cell_shows():
    assert [parse_cell(cell) for cell in (PERSON, FILE, DROP_DOWN)] == [
        Cell(CellKind.TEXT, shown, shown) for shown in ("Ann Example", "Spec", "proposed")
    ]
    assert parse_cell(DATE).kind is CellKind.DATE


def test_typed_tables_are_tables_and_all_else_over_the_cells_is_ignored():
    state = parse_state("id", ANSWER, inputs, ())
    (sheet,) = state.sheets
    assert sheet.tab.tables == (TableArea("Backlog", Area("Initiatives", 1, 1, 4, 4), 4),)
    assert len(sheet.tab.rows) == 1
    assert state.snapshot().titles == ("Initiatives", "Chart", "Warehouse")


def table(plan, title, name, rows, columns, **more):
    place = {"sheetId": plan.book.worksheet(title).id, "startRowIndex": 0, "endRowIndex": rows}
    place |= {"startColumnIndex": 0, "endColumnIndex": columns}
    return {"addTable": {"table": {"name": name, "range": place, **more}}}


def test_a_run_writes_beside_and_below_tables_and_leaves_them_as_they_are(plan):
    """A new status column is beside the table, a history goes on below its footer; a column within is written there."""
    people = plan.add_tab("Backlog", [["initiative_key", "gmv"], ["A", 1], ["B", 2]])
    plan.open().write(changes("one"))
    wide = len(plan.cells("Runs")[0])
    footer = {"rowsProperties": {"footerColorStyle": {"rgbColor": {"red": 1}}}}
    plan.book.worksheet("Runs").update([["Total"]], "A4", raw=True)
    requests = [
        table(plan, "Initiatives", "Initiatives", 4, 3, columnProperties=[{"columnIndex": 0, "columnType": "TEXT"}]),
        table(plan, "Backlog", "Backlog", 3, 2),
        table(plan, "Runs", "Runs", 4, wide, **footer),
    ]
    plan.book.batch_update({"requests": requests})
    before = {title: plan.sheet_json(title)["tables"] for title in ("Initiatives", "Backlog", "Runs")}
    beside = StatusColumn(people.title, "sync_status", 1, 3, True, {2: "OK", 3: "OK"})
    second = changes("two")
    plan.open().write(replace(second, statuses=[*second.statuses, beside]))
    assert {title: plan.sheet_json(title)["tables"] for title in before} == before
    assert plan.cells("Initiatives")[1] == ["A", 120000, "OK in two"]
    assert plan.cells("Backlog") == [["initiative_key", "gmv", "sync_status"], ["A", 1, "OK"], ["B", 2, "OK"]]
    assert [row[0] for row in plan.cells("Runs")] == ["run_id", "one", "one", "Total", "two", "two"]


def test_chips_and_tabs_without_cells_are_no_obstacle_to_a_run(plan):
    """People, links and drop-downs are what the cell shows; a chart's and a database's own tabs are left alone."""
    for kind in ("OBJECT", "DATA_SOURCE"):
        plan.server.add_tab_without_cells(plan.id, f"Other {kind}", kind)
    place = {"sheetId": plan.book.worksheet("Initiatives").id, "rowIndex": 1, "columnIndex": 0}
    person = {"startIndex": 0, "chip": {"personProperties": {"email": "ann@example.com"}}}
    cell = {"userEnteredValue": {"stringValue": "@ (lead)"}, "chipRuns": [person]}
    update = {"start": place, "rows": [{"values": [cell]}], "fields": "userEnteredValue,chipRuns"}
    plan.book.batch_update({"requests": [{"updateCells": update}]})
    snapshot = plan.open().read(inputs)
    assert snapshot.tabs["Initiatives"].cell(2, 1).value == "ann@example.com (lead)"
    assert snapshot.titles == ("Sheet1", "Initiatives", "Other OBJECT", "Other DATA_SOURCE")
    before = plan.sheet_json("Initiatives")["data"][0]["rowData"][1]["values"][0]
    plan.open().write(changes("one"))
    assert plan.cells("Initiatives")[1][2] == "OK in one"
    assert plan.sheet_json("Initiatives")["data"][0]["rowData"][1]["values"][0] == before


KINDS = [("DATA_SOURCE", "is connected to a database"), ("OBJECT", "holds a chart")]


@pytest.mark.parametrize(("kind", "what"), KINDS)
def test_a_tab_of_ours_without_cells_is_called_so(plan, kind, what):
    plan.book.worksheet("Initiatives").update_title("List")
    plan.server.add_tab_without_cells(plan.id, "Initiatives", kind)
    with pytest.raises(WorkbookError) as refused:
        GoogleWorkbook(plan.id, plan.connection).read(inputs)
    assert str(refused.value) == (
        f'The tab "Initiatives" {what} and has no cells of its own. Give it another title, and make a tab '
        '"Initiatives" with the rows (Data > Extract, where it is connected to a database).'
    )
    assert exit_code_of(refused.value) == 3


@pytest.mark.parametrize(("kind", "what"), KINDS)
@pytest.mark.parametrize("title", ["Results", "runs"])
def test_a_tab_without_cells_in_the_place_of_ours_is_called_so(plan, kind, what, title):
    """Titles are unique at Google, those of such tabs included: our own could not be added."""
    plan.server.add_tab_without_cells(plan.id, title, kind)
    with pytest.raises(WorkbookError) as refused:
        plan.open().write(changes("one"))
    assert str(refused.value) == (
        f'The tab "{title}" {what} and has no cells of its own. Give it another title: sheetplan makes a tab of that '
        "title itself."
    )


@pytest.mark.parametrize("kind", ["OBJECT", "DATA_SOURCE"])
def test_whoever_reads_all_tabs_reads_those_that_have_cells(plan, kind):
    """As adopt does, to find a team's list."""
    plan.server.add_tab_without_cells(plan.id, "Burn-down", kind)
    for workbook in (plan.open(), GoogleWorkbook(plan.id, plan.connection)):
        assert list(workbook.read(lambda _: True).tabs) == ["Sheet1", "Initiatives"]


def test_a_tab_that_is_written_once_does_not_meet_one_without_cells(plan):
    plan.server.add_tab_without_cells(plan.id, "Approved Q3", "OBJECT")
    workbook = plan.open()
    assert "Approved Q3" in workbook.read(inputs).titles
    with pytest.raises(WorkbookRefusedError, match='There is a tab "Approved Q3" already'):
        workbook.write(Changes(added=Sheet("Approved Q3", [[OutCell("sealed")]], "approved_q3", "approved_")))


def test_init_makes_no_tab_beside_one_without_cells(plan):
    plan.server.add_tab_without_cells(plan.id, "KPIs", "DATA_SOURCE")
    templates = [TabTemplate(title, [ColumnTemplate("key", "", InputKind.TEXT, 12)]) for title in ("KPIs", "Scenarios")]
    assert plan.open().create_tabs(templates) == ["Scenarios"]


def test_tabs_of_people_that_are_called_like_our_hidden_ones_stay(plan):
    for title in ("sheetplan is writing the plan", "sheetplan is writing c0ffee"):
        plan.add_tab(title, [["mine"]])
    plan.open().write(changes("one"))
    assert plan.cells("sheetplan is writing the plan") == plan.cells("sheetplan is writing c0ffee") == [["mine"]]


FETCHED = '=IMPORTRANGE("elsewhere","A1")'
STILL = {"errorValue": {"type": "LOADING", "message": "Loading..."}}


def test_cells_that_are_still_loading_are_waited_for(plan):
    plan.server.set_formula_result(plan.id, FETCHED, STILL)
    plan.book.worksheet("Initiatives").update([[FETCHED]], "B2", raw=False)
    plan.time.on_sleep = lambda _: plan.server.set_formula_result(plan.id, FETCHED, {"numberValue": 7})
    assert plan.open().read(inputs).tabs["Initiatives"].cell(2, 2).value == 7
    assert plan.time.slept == [2]


def test_cells_that_never_load_are_errors_in_the_end(plan):
    plan.server.set_formula_result(plan.id, FETCHED, STILL)
    plan.book.worksheet("Initiatives").update([[FETCHED]], "B2", raw=False)
    plan.server.log.clear()
    cell = plan.open().read(inputs).tabs["Initiatives"].cell(2, 2)
    assert (cell.kind, cell.value) == (CellKind.ERROR, "Loading...")
    assert plan.time.slept == [2, 5, 10]
    assert len(plan.calls()) == 4
