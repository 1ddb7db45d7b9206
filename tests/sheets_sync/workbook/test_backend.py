"""One contract, two backends: the same changes give the same cells in an .xlsx file and in a Google Sheet."""

import math
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.packaging.custom import StringProperty

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.kept_run_block import LONGEST_CELL, kept_run_text
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import LONGEST_PROPERTY, Workbook, WorkbookBusyError, WorkbookRefusedError
from sheets_sync.workbook.changes import Align, Changes, Formula, Log, OutCell, Role, Sheet, StatusColumn
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, Snapshot
from sheets_sync.workbook.template import templates as input_templates
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import WORKED_EXAMPLE, rename_tab, write_workbook

Rows = Sequence[Sequence[Any]]
START = {"Initiatives": [["initiative_key", "gmv", "sync_status"], ["A", 120000.5, None], ["B", True, "old"]]}


@dataclass
class Backend:
    """A way to make a workbook with these tabs, and to come to it afresh, as another process would."""

    name: str
    open: Callable[[], Workbook]
    rename: Callable[[str, str], object]
    """Give a tab another title, as a person does: the workbook's names follow."""

    def read(self) -> Snapshot:
        return self.open().read(lambda _: True)

    def write(self, changes: Changes) -> None:
        workbook = self.open()
        workbook.read(lambda _: True)
        workbook.write(changes)


Make = Callable[[Mapping[str, Rows]], Backend]


@pytest.fixture(params=["excel", "google"])
def make(request, tmp_path: Path, sheets_server) -> Iterator[Make]:
    """Makes workbooks of one backend after the other."""
    made = []

    def excel(tabs: Mapping[str, Rows]) -> Backend:
        path = write_workbook(tmp_path / "plan.xlsx", tabs)
        return Backend("excel", lambda: ExcelWorkbook(path), lambda old, new: rename_tab(path, old, new))

    def google(tabs: Mapping[str, Rows]) -> Backend:
        plan = make_plan(sheets_server)
        made.append(plan)
        for title, rows in tabs.items():
            plain = [["" if value is None else value for value in row] for row in rows]
            if title == "Initiatives":
                plan.book.worksheet(title).clear()
                plan.book.worksheet(title).update(plain, raw=True)
            else:
                plan.add_tab(title, plain)
        plan.book.del_worksheet(plan.book.worksheet("Sheet1"))
        return Backend("google", plan.open, lambda old, new: plan.book.worksheet(old).update_title(new))

    yield excel if request.param == "excel" else google
    for plan in made:
        plan.close()


def content(snapshot: Snapshot, title: str) -> list[list[tuple[str, Any, str | None]]]:
    """Kind, value and formula of every cell; blank ends cut off."""
    rows = [[(cell.kind.value, cell.value, cell.formula) for cell in row] for row in snapshot.tabs[title].rows]
    for row in rows:
        while row and row[-1][0] == "blank":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


ROWS = [
    [OutCell("Results", Role.TITLE), None, OutCell("=1+1"), OutCell("'quoted"), OutCell("2026-03"), OutCell("007")],
    [OutCell(1), OutCell(0.25, number_format="0.0%"), OutCell(True), OutCell(datetime(2026, 1, 5, 9, 30, tzinfo=UTC))],
    [
        OutCell(Formula("=SUM(A2:B2)", 1.25), Role.TOTAL),
        OutCell(Formula('=IF(A2>0.5,"yes, it is","no")', "yes, it is")),
    ],
    [],
    [OutCell("line\nbreak", wrap=True), OutCell("مرحبا 👩‍👧", align=Align.RIGHT), OutCell("x" * 32_000, note="long")],
]
RESULTS = Sheet("Results", ROWS, "sheetplan_results", "sheetplan_", {"sheetplan_block": Area("Results", 2, 1, 3, 2)})


def run_log(run: str) -> Log:
    rows = [{"run_id": OutCell(run), "scenario_name": OutCell(name), "objective": OutCell(1.5)} for name in ("S", "T")]
    return Log("Runs", ["run_id", "scenario_name", "objective"], "run_id", rows)


def test_cells_are_read_back_as_they_were_written(make):
    backend = make(START)
    backend.write(Changes(results=RESULTS, runs=run_log("r1")))
    snapshot = backend.read()
    assert content(snapshot, "Results") == [
        [("text", "Results", None), ("blank", None, None), ("text", "=1+1", None), ("text", "'quoted", None),
         ("text", "2026-03", None), ("text", "007", None)],
        [("number", 1, None), ("number", 0.25, None), ("boolean", True, None),
         ("date", datetime(2026, 1, 5, 9, 30), None)],
        [("number", 1.25, "=SUM(A2:B2)"), ("text", "yes, it is", '=IF(A2>0.5,"yes, it is","no")')],
        [],
        [("text", "line\nbreak", None), ("text", "مرحبا 👩‍👧", None), ("text", "x" * 32_000, None)],
    ]  # fmt: skip
    assert content(snapshot, "Runs") == [
        [("text", "run_id", None), ("text", "scenario_name", None), ("text", "objective", None)],
        [("text", "r1", None), ("text", "S", None), ("number", 1.5, None)],
        [("text", "r1", None), ("text", "T", None), ("number", 1.5, None)],
    ]
    assert snapshot.named_areas == {
        "sheetplan_results": Area("Results", 1, 1, 5, 6),
        "sheetplan_block": Area("Results", 2, 1, 3, 2),
    }


def test_the_next_report_leaves_nothing_of_the_last_one(make):
    backend = make(START)
    backend.write(Changes(results=RESULTS, runs=run_log("r1")))
    backend.write(Changes(results=replace(RESULTS, rows=[[OutCell("new")]], named_ranges={}), runs=run_log("r2")))
    snapshot = backend.read()
    assert content(snapshot, "Results") == [[("text", "new", None)]]
    assert snapshot.named_areas == {"sheetplan_results": Area("Results", 1, 1, 1, 1)}
    assert [row[0][1] for row in content(snapshot, "Runs")] == ["run_id", "r1", "r1", "r2", "r2"]


def test_results_under_another_name_are_updated_there_and_people_are_reported(make):
    """Formulas and charts of people follow a renamed tab, so the next run does too."""
    backend = make(START)
    backend.write(Changes(results=RESULTS, runs=run_log("r1")))
    backend.rename("Results", "Our results")
    workbook = backend.open()
    assert "Our results" in workbook.read(lambda title: title in ("Results", "Initiatives")).tabs
    reported = workbook.write(Changes(results=replace(RESULTS, rows=[[OutCell("new")]]), runs=run_log("r2"))).notices
    assert reported == (
        'Results was renamed to "Our results" and was updated there. To keep an answer as it is, approve it '
        "(sheetplan approve) or make a copy of the tab.",
    )
    snapshot = backend.read()
    assert "Results" not in snapshot.tabs
    assert content(snapshot, "Our results") == [[("text", "new", None)]]
    assert snapshot.named_areas["sheetplan_results"] == Area("Our results", 1, 1, 1, 1)
    assert snapshot.named_areas["sheetplan_block"].tab == "Our results"


def test_runs_never_has_a_run_twice(make):
    backend = make(START)
    for _ in range(3):
        backend.write(Changes(results=RESULTS, runs=run_log("r1")))
    assert len(content(backend.read(), "Runs")) == 3


def test_runs_finds_its_columns_wherever_they_were_moved(make):
    backend = make({**START, "Runs": [["mine", "Objective", "RUN ID"], ["note", 1, "r0"]]})
    backend.write(Changes(runs=run_log("r1")))
    assert [[cell[1] for cell in row] for row in content(backend.read(), "Runs")] == [
        ["mine", "Objective", "RUN ID", "scenario_name"],
        ["note", 1, "r0"],
        [None, 1.5, "r1", "S"],
        [None, 1.5, "r1", "T"],
    ]


@pytest.mark.parametrize("creates", [False, True])
def test_statuses_are_written_and_nothing_else(make, creates):
    backend = make(START)
    column = 4 if creates else 3
    backend.write(Changes([StatusColumn("Initiatives", "sync_status", 1, column, creates, {2: "OK", 3: ""})]))
    cells = content(backend.read(), "Initiatives")
    assert [row[:2] for row in cells] == [
        [("text", "initiative_key", None), ("text", "gmv", None)],
        [("text", "A", None), ("number", 120000.5, None)],
        [("text", "B", None), ("boolean", True, None)],
    ]
    tab = backend.read().tabs["Initiatives"]
    assert [tab.cell(row, column).value for row in (1, 2, 3)] == ["sync_status", "OK", None]


def refused(make: Make, tabs: Mapping[str, Rows], changes: Changes) -> str:
    """The sentence of a refusal, which leaves every tab as it was."""
    backend = make(tabs)
    before = backend.read()
    with pytest.raises(WorkbookRefusedError) as error:
        backend.write(changes)
    assert backend.read().tabs == before.tabs
    return str(error.value)


@pytest.mark.parametrize("title", ["Results", "results"])
def test_a_tab_that_is_not_ours_is_refused(make, title):
    sentence = refused(make, {**START, title: [["", "mine"]]}, Changes(results=RESULTS))
    assert sentence == (
        f'There is a tab "{title}" that sheetplan did not write (its cell B1 holds "mine"). Rename that tab, then run '
        "again; sheetplan makes its own. Nothing was written."
    )


def test_long_texts_in_the_way_are_shown_shortened(make):
    sentence = refused(make, {**START, "Results": [["x" * 41]]}, Changes(results=RESULTS))
    assert f'holds "{"x" * 40}…")' in sentence


def test_cells_of_people_where_the_next_report_has_to_write_are_refused(make):
    backend = make(START)
    backend.write(Changes(results=replace(RESULTS, rows=[[OutCell("old")]], named_ranges={})))
    backend.write(Changes([StatusColumn("Results", "note", 2, 2, True, {3: "finance"})]))
    with pytest.raises(WorkbookRefusedError) as error:
        backend.write(Changes(results=RESULTS))
    assert str(error.value) == (
        'Results!B2 holds "note" (and 1 more), where this run has to write. Move it to the right of column F or below '
        "row 5, then run again. Nothing was written."
    )


def test_a_tab_that_is_written_once_is_refused_where_it_is(make):
    added = Sheet("Initiatives", [[OutCell("approved")]], "sheetplan_approved", "sheetplan_approved")
    sentence = refused(make, START, Changes(added=added))
    assert sentence == 'There is a tab "Initiatives" already. Nothing was written.'


def test_a_status_column_of_a_tab_that_is_gone_is_refused(make):
    sentence = refused(make, START, Changes([StatusColumn("Scenarios", "run_status", 1, 1, True, {2: "OK"})]))
    assert sentence == 'The tab "Scenarios" is not in the workbook any more. Nothing was written.'


def test_a_new_status_column_where_another_header_is_is_refused(make):
    sentence = refused(make, START, Changes([StatusColumn("Initiatives", "sync_status", 1, 2, True, {2: "OK"})]))
    assert sentence == (
        'Initiatives!B1 holds "gmv", where the header "sync_status" belongs. Move it, then run again. Nothing was '
        "written."
    )


def test_a_tab_of_runs_without_run_ids_is_refused(make):
    sentence = refused(make, {**START, "Runs": [["my notes"]]}, Changes(runs=run_log("r1")))
    assert sentence == (
        'The tab "Runs" has no column headed "run_id" in its first 20 rows, so runs cannot be told apart. Give that '
        "column its header back, or rename the tab; sheetplan then makes a new one. Nothing was written."
    )


def test_a_second_run_of_a_workbook_is_turned_away(make):
    backend = make(START)
    first, second = backend.open(), backend.open()
    with first.locked(), pytest.raises(WorkbookBusyError) as error, second.locked():
        pass
    assert re.fullmatch(
        rf"A run of {re.escape(second.locator)} is already under way: process {os.getpid()} of .+, since .+ UTC\. "
        r"Wait until it has finished, then run again\.",
        str(error.value),
    )


def test_init_makes_the_same_tabs(make):
    backend = make(START)
    templates = input_templates()
    created = backend.open().create_tabs(templates)
    assert list(created) == [item.title for item in templates if item.title != "Initiatives"]
    snapshot = backend.read()
    for item in templates:
        if item.title == "Initiatives":
            continue
        rows = content(snapshot, item.title)
        assert [cell[1] for cell in rows[0]] == [column.header for column in item.columns]
        # Google fills the check boxes that are created: they are unticked, and no row.
        assert all(cell[1] in (None, "", False) for row in rows[1:] for cell in row)
    assert backend.open().create_tabs(templates) == []
    assert [row[:2] for row in content(snapshot, "Initiatives")][1:] == [
        [("text", "A", None), ("number", 120000.5, None)],
        [("text", "B", None), ("boolean", True, None)],
    ]


def _padded(snapshot: Snapshot, title: str, row: int, width: int) -> list[Cell]:
    return [snapshot.tabs[title].cell(row, column) for column in range(1, width + 1)]


EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("example", ["worked example", "marketplace-q3.xlsx", "roadmap-2026.xlsx"])
def test_a_whole_run_gives_the_same_results_on_both(tmp_path, sheets_server, example):
    """Every tab, cell for cell; only what names the run and the workbook differs."""
    path = tmp_path / "plan.xlsx"
    if example == "worked example":
        write_workbook(path, WORKED_EXAMPLE)
    else:
        shutil.copy(EXAMPLES / example, path)
    plan = make_plan(sheets_server)
    copy_to_google(path, plan)
    file = ExcelWorkbook(path)
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    sheets_server.log.clear()
    outcomes = [run_workbook(book, RunRequest(), clock=lambda: moment) for book in (file, plan.open())]
    assert plan.calls() == [("GET", 200), ("POST", 200)]
    assert outcomes[0].facts.fingerprint == outcomes[1].facts.fingerprint
    snapshots = [file.read(lambda _: True), plan.open().read(lambda _: True)]
    plan.close()
    own = {fact for outcome in outcomes for fact in (outcome.facts.run_id, outcome.facts.workbook)}
    kept = [kept_run_text(snapshot) for snapshot in snapshots]
    own |= {text[start : start + LONGEST_CELL] for text in kept for start in range(0, len(text), LONGEST_CELL)}
    for title in snapshots[0].tabs:
        left, right = (content(snapshot, title) for snapshot in snapshots)
        assert [len(row) for row in left] == [len(row) for row in right], title
        for number, (ours, theirs) in enumerate(zip(left, right, strict=True), start=1):
            for cell, other in zip(ours, theirs, strict=True):
                if cell[1] not in own:
                    assert same(cell, other), f"{title} row {number}: {cell} is not {other}"
    assert snapshots[0].named_areas == snapshots[1].named_areas


def copy_to_google(path: Path, plan: Plan) -> None:
    """The tabs of a file, their values, formulas and number formats, and its named ranges."""
    book = openpyxl.load_workbook(path)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for sheet in book:
        tab = plan.book.add_worksheet(sheet.title, sheet.max_row + 5, sheet.max_column + 5)
        rows = [{"values": [_entered(cell) for cell in row]} for row in sheet.iter_rows()]
        update = {"start": {"sheetId": tab.id}, "rows": rows, "fields": "userEnteredValue,userEnteredFormat"}
        plan.book.batch_update({"requests": [{"updateCells": update}]})
    for name, defined in book.defined_names.items():
        for title, place in defined.destinations:
            plan.book.worksheet(title).define_named_range(place.replace("$", ""), name)


def _entered(cell: openpyxl.cell.Cell) -> dict[str, Any]:
    if cell.value is None:
        return {}
    kind = {bool: "boolValue", str: "stringValue"}.get(type(cell.value), "numberValue")
    kind = "formulaValue" if cell.data_type == "f" else kind
    entered: dict[str, Any] = {"userEnteredValue": {kind: cell.value}}
    if kind in ("numberValue", "formulaValue") and cell.number_format not in ("General", "@"):
        number_format = {"type": "PERCENT" if "%" in cell.number_format else "NUMBER", "pattern": cell.number_format}
        entered["userEnteredFormat"] = {"numberFormat": number_format}
    return entered


def same(left: tuple[str, Any, str | None], right: tuple[str, Any, str | None]) -> bool:
    """Equal, numbers to 1e-12 relative: a formula's value is the optimizer's in one and recalculated in the other."""
    if [unquoted(left[2]), left[0]] != [unquoted(right[2]), right[0]]:
        return False
    if left[0] == CellKind.NUMBER.value:
        return math.isclose(left[1], right[1], rel_tol=1e-12, abs_tol=1e-12)
    return bool(left[1] == right[1])


def unquoted(formula: str | None) -> str | None:
    """A formula without the quotes around plain tab names, which Google drops."""
    return formula and re.sub(r"'([A-Za-z_]\w*)'!", r"\1!", formula)


def test_document_properties_are_set_changed_and_removed(make: Make) -> None:
    """Beside people's own, which nobody touches; what is there already is not written again."""
    backend = make(START)
    long = "é" * LONGEST_PROPERTY
    backend.write(Changes(properties={"sheetplan.a": "1", "sheetplan.b": long}))
    assert backend.read().properties == {"sheetplan.a": "1", "sheetplan.b": long}
    backend.write(Changes(properties={"sheetplan.a": None, "sheetplan.b": "2", "sheetplan.c": "<&>"}))
    backend.write(Changes(properties={"sheetplan.b": "2"}))
    assert backend.read().properties == {"sheetplan.b": "2", "sheetplan.c": "<&>"}


def test_peoples_own_document_properties_stay(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", START)
    book = openpyxl.load_workbook(path)
    book.custom_doc_props.append(StringProperty(name="Cost centre", value="4711"))
    book.save(path)
    ExcelWorkbook(path).write(Changes(properties={"sheetplan.a": "1"}))
    found = {item.name: item.value for item in openpyxl.load_workbook(path).custom_doc_props.props}
    assert found == {"Cost centre": "4711", "sheetplan.a": "1"}
