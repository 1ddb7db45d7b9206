"""The decisions beside the list: what they say, and that nothing of a person's own is ever overwritten."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.checks import check
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.decision_column import RECORD, Decided, decided_in, decision_column
from sheets_sync.request import RunRequest
from sheets_sync.run.check_workbook import check_and_write
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import Area
from tests.sheets_sync.google_sheets import make_plan
from tests.sheets_sync.sheets import snapshot
from tests.workbooks import WORKED_EXAMPLE, write_workbook

Rows = Sequence[Sequence[Any]]
ONE = {
    "KPIs": [["kpi_key", "kpi_level"], ["gmv", "north_star"]],
    "Scenarios": [["scenario_name", "objective_mode", "capacity_total_tokens"], ["Growth", "north_star", 100]],
}
LIST = [["initiative_key", "effort", "gmv"], ["A", 60, 120], ["B", 50, 80], ["C", 40, 40]]
DECIDED = ["In: on merit", "Out (first out): would not fit: needs 50 tokens, 0 left", "In: on merit"]


def with_column(header: str, *cells: Any) -> Mapping[str, Rows]:
    rows = [[*LIST[0], header], *([*row, cell] for row, cell in zip(LIST[1:], cells, strict=True))]
    return {**ONE, "Initiatives": rows}


@pytest.fixture(params=["excel", "google"])
def book(request, tmp_path: Path, sheets_server):
    """Makes a workbook of one backend after the other, and edits its Initiatives as a person does."""
    return Book(request.param, tmp_path, sheets_server)


class Book:
    """One workbook: a way to run it, to look at its list, and to type into it."""

    def __init__(self, kind: str, folder: Path, server: Any) -> None:
        self.kind, self._path, self._server = kind, folder / "plan.xlsx", server
        self.plan: Any = None

    def make(self, tabs: Mapping[str, Rows]) -> "Book":
        if self.kind == "excel":
            write_workbook(self._path, tabs)
            return self
        self.plan = make_plan(self._server)
        self.plan.book.del_worksheet(self.plan.book.worksheet("Initiatives"))
        for title, rows in tabs.items():
            plain = [["" if value is None else value for value in row] for row in rows]
            self.plan.add_tab(title, plain, size=(20, 15))
        return self

    def open(self) -> Workbook:
        return ExcelWorkbook(self._path) if self.kind == "excel" else self.plan.open()

    def run(self) -> RunOutcome:
        outcome = run_workbook(self.open(), RunRequest())
        assert isinstance(outcome, RunOutcome)
        return outcome

    def type(self, cell: str, text: str | None) -> None:
        if self.kind == "google":
            self._server.edit(self.plan.id, f"Initiatives!{cell}", text or "")
            return
        book = openpyxl.load_workbook(self._path)
        book["Initiatives"][cell].value = text
        book.save(self._path)

    def columns(self, *, right_of: int = 3) -> list[list[Any]]:
        """The columns of the list right of one, each with its header."""
        tab = self.open().read(lambda _: True).tabs["Initiatives"]
        width = max(len(row) for row in tab.rows)
        return [[tab.cell(row, at).value for row in range(1, 5)] for at in range(right_of + 1, width + 1)]


def test_both_columns_are_made_in_one_run_and_the_next_run_changes_nothing(book):
    book.make({**ONE, "Initiatives": LIST})
    first = book.run()
    assert book.columns() == [["sync_status", "OK", "OK", "OK"], ["decision", *DECIDED]]
    assert book.open().read(lambda _: True).named_areas[RECORD] == Area("Initiatives", 1, 5, 1, 5)
    second = book.run()
    assert book.columns() == [["sync_status", "OK", "OK", "OK"], ["decision", *DECIDED]]
    assert first.facts.fingerprint == second.facts.fingerprint
    assert first.notices == second.notices == ()


def test_a_decision_column_of_a_person_stays_and_that_is_said_once(book):
    """Though she writes as sheetplan does: nothing records that her texts are ours."""
    own = ["Decision", "In: Q3", "Go", "Out: too big"]
    book.make(with_column(*own))
    assert book.run().notices == (
        'The column Decision of Initiatives is your own (D2 holds "In: Q3"), so it stays as it is; sheetplan writes '
        "its decisions into the new column sheetplan_decision.",
    )
    assert book.columns() == [own, ["sync_status", "OK", "OK", "OK"], ["sheetplan_decision", *DECIDED]]
    assert book.run().notices == ()
    assert book.columns() == [own, ["sync_status", "OK", "OK", "OK"], ["sheetplan_decision", *DECIDED]]


def test_a_cell_of_ours_that_a_person_wrote_into_stays_until_she_clears_it(book):
    book.make({**ONE, "Initiatives": LIST})
    book.run()
    book.type("E3", "talk to Bob")
    assert book.run().notices == (
        'Initiatives!E3 holds "talk to Bob", which sheetplan did not write, so it stays. Clear it to see the decision '
        "there.",
    )
    assert book.columns()[1] == ["decision", DECIDED[0], "talk to Bob", DECIDED[2]]
    book.type("E3", None)
    assert book.run().notices == ()
    assert book.columns()[1] == ["decision", *DECIDED]


def test_a_changed_plan_rewrites_old_decisions_and_a_check_leaves_them(book):
    book.make({**ONE, "Initiatives": LIST})
    book.run()
    book.type("C3", "")  # B is worth nothing now
    check_and_write(book.open())
    assert book.columns()[1] == ["decision", *DECIDED]
    book.run()
    assert book.columns()[1] == ["decision", DECIDED[0], "Out: adds nothing to the objective", DECIDED[2]]


def test_where_nothing_can_be_solved_the_last_decisions_stay_as_those_of_results_do(book):
    book.make({**ONE, "Initiatives": LIST})
    book.run()
    book.type("B2", "sixty")
    book.run()
    assert book.columns()[1] == ["decision", *DECIDED]


@pytest.mark.parametrize(
    ("headers", "recorded", "expected"),
    [
        pytest.param({"D": ["Decision", None, None]}, None, (4, "Decision", False), id="a blank one is ours"),
        pytest.param({"D": ["Decision", "Go", None]}, None, (5, "sheetplan_decision", True), id="a filled one is not"),
        pytest.param({"D": ["Decision", False, False]}, None, (5, "sheetplan_decision", True), id="nor are boxes"),
        pytest.param({"D": ["Decision (board)", "Go", "Go"]}, None, (5, "decision", True), id="another header"),
        pytest.param({"D": ["decision", "In: a", "Out: b"]}, 4, (4, "decision", False), id="recorded as ours"),
        pytest.param({"D": ["decision", "In: a", "Go"]}, 9, (4, "decision", False), id="ours, in a new place"),
        pytest.param({"D": ["decision", "Go", "Stop"]}, 4, (5, "sheetplan_decision", True), id="ours no longer"),
        pytest.param({"D": ["Decision", None, None], "E": ["sheetplan decision", "In: a", "Out: b"]}, 5,
                     (5, "sheetplan decision", False), id="the one that only we make goes first"),
        pytest.param({"D": ["decision", "In: a", "In: b"], "E": ["Decision", "In: a", "In: b"]}, 5,
                     (5, "Decision", False), id="of two copies the recorded one"),
    ],
)  # fmt: skip
def test_which_column_is_ours(headers, recorded, expected):
    rows = [[*row, *(column[at] for column in headers.values())] for at, row in enumerate(LIST[:3])]
    read = check(snapshot({**ONE, "Initiatives": rows}))
    named = {} if recorded is None else {RECORD: Area("Initiatives", 1, recorded, 1, recorded)}
    column = decision_column(read, {"a": "In: now", "b": "Out: now"}, named)
    assert column is not None
    assert (column.column, column.header, column.creates) == expected


def test_a_kpi_called_decision_keeps_its_column(tmp_path):
    tabs = {
        "KPIs": [["kpi_key", "kpi_level"], ["Decision", "north_star"]],
        "Initiatives": [["initiative_key", "effort", "Decision"], ["A", 60, 5], ["B", 50, 3]],
        "Scenarios": ONE["Scenarios"],
    }
    path = write_workbook(tmp_path / "plan.xlsx", tabs)
    outcome = run_workbook(ExcelWorkbook(path), RunRequest())
    assert outcome.scenarios[0].portfolio.kpi_totals == {"Decision": 5.0}
    sheet = openpyxl.load_workbook(path)["Initiatives"]
    assert [cell.value for cell in sheet[1]] == [
        "initiative_key", "effort", "Decision", "sync_status", "sheetplan_decision"]  # fmt: skip
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == [5, 3]


def test_rows_that_no_scenario_plans_say_why(tmp_path):
    rows = [
        ["initiative_key", "effort", "gmv", "status", "is_candidate", "period_key"],
        ["A", 60, 120, None, None, None],
        ["B", 50, 80, "Closed", None, None],
        ["C", 40, 40, None, False, None],
        ["D", 40, 40, None, None, "2026-Q4"],
    ]
    scenarios = [[*ONE["Scenarios"][0], "period_key"], [*ONE["Scenarios"][1], "2026-Q3"]]
    path = write_workbook(tmp_path / "plan.xlsx", {**ONE, "Scenarios": scenarios, "Initiatives": rows})
    run_workbook(ExcelWorkbook(path), RunRequest())
    sheet = openpyxl.load_workbook(path)["Initiatives"]
    assert [row[-1].value for row in sheet.iter_rows()] == [
        "decision",
        "In: on merit",
        "Not planned: Closed",
        "Not planned: not a candidate",
        "Not planned: not in the period of a scenario",
    ]


def test_over_several_periods_it_says_from_when(tmp_path):
    scenarios = [
        ["scenario_name", "objective_mode", "capacity_total_tokens", "from_period", "to_period"],
        ["Year", "north_star", 110, "2026-Q1", "2026-Q2"],
    ]
    rows = [[*LIST[0], "earliest_start"], [*LIST[1], "2026-Q2"], [*LIST[2], None], [*LIST[3], None]]
    path = write_workbook(tmp_path / "plan.xlsx", {**ONE, "Scenarios": scenarios, "Initiatives": rows})
    run_workbook(ExcelWorkbook(path), RunRequest())
    sheet = openpyxl.load_workbook(path)["Initiatives"]
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)][:2] == [
        "In: on merit; from 2026-Q2", "In: on merit; from 2026-Q1"]  # fmt: skip


def test_many_scenarios_are_counted_few_are_named(tmp_path):
    header, one = ONE["Scenarios"]
    capacities = [30, 100, 100, 160, 160, 200]
    few = [header, *([f"S{at}", *one[1:-1], tokens] for at, tokens in enumerate(capacities[:3]))]
    many = [header, *([f"S{at}", *one[1:-1], tokens] for at, tokens in enumerate(capacities))]
    said = []
    for scenarios in (few, many):
        path = write_workbook(tmp_path / "plan.xlsx", {**ONE, "Scenarios": scenarios, "Initiatives": LIST})
        run_workbook(ExcelWorkbook(path), RunRequest())
        said.append(openpyxl.load_workbook(path)["Initiatives"]["E2"].value)
    assert said == [
        "In some (2 of 3): would not fit: needs 60 tokens, 30 left (S0); S0 out, S1 in, S2 in",
        "In some (5 of 6): would not fit: needs 60 tokens, 30 left (S0)",
    ]


def test_efforts_are_counted_in_the_words_of_their_header_and_a_mandate_is_quoted(tmp_path):
    rows = [
        ["Initiative", "Effort (days)", "gmv", "Mandatory", "Mandatory reason"],
        ["A", 60, 120, None, None],
        ["B", 50, 80, None, None],
        ["C", 40, 40, True, "Rotate 5 tokens per token vault"],
    ]
    path = write_workbook(tmp_path / "plan.xlsx", {**ONE, "Initiatives": rows})
    run_workbook(ExcelWorkbook(path), RunRequest())
    sheet = openpyxl.load_workbook(path)["Initiatives"]
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)] == [
        "In: on merit",
        "Out (first out): brings less per day than those on merit: needs 50 days, 0 left",
        "In (must do): mandatory: Rotate 5 tokens per token vault",
    ]


def test_the_worked_example_says_the_same_in_results(tmp_path):
    """One set of words: what a filter on either tab finds is what the other one says."""
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    run_workbook(ExcelWorkbook(path), RunRequest())
    book = openpyxl.load_workbook(path)
    results, beside = book["Results"], book["Initiatives"]
    top = next(row for row in results.iter_rows() if row[0].value == "Initiative")
    at = next(cell.column for cell in top if cell.value == "Decision")
    shown = {
        row[0].value: row[at - 1].value for row in results.iter_rows(min_row=top[0].row + 1, max_row=top[0].row + 3)
    }
    assert shown == {
        row[0].value: re.sub(r"( \(\d of \d\))?:.*", "", row[-1].value) for row in beside.iter_rows(min_row=2)
    }


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("In: on merit; from 2026-Q3", Decided(True, "2026-Q3")),
        ("In (must do): mandatory: law; Growth in from 2026-Q4, Cost saver in from 2026-Q3", Decided(True, "2026-Q4")),
        ("In some (1 of 2): would not fit (Growth); Growth out, Cost saver in from 2026-Q3", Decided(False)),
        ("In some (1 of 9): on merit", None),
        ("In: on merit", Decided(True)),
        ("Out (first out): would not fit", Decided(False)),
        ("Not planned: done", Decided(False)),
        ("in the new year", None),
    ],
)
def test_what_is_decided_is_read_again(text: str, decided: Decided | None) -> None:
    """For Growth; a text of ours that says nothing of it, and any other text, decides nothing."""
    assert decided_in(text, "Growth") == decided
