"""Whole runs against the local Google: how many calls they take, and how large these are (printed: pytest -s)."""

from contextlib import nullcontext

import pytest

from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.check_workbook import check_and_write, check_workbook
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.write_outcome import CHANGED
from sheets_sync.workbook.snapshot import a1
from sheets_sync.workbook.template import templates
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import WORKED_EXAMPLE

LARGEST_CALL = 2_000_000


def planned(server, initiatives: int = 3, scenarios: int = 4) -> Plan:
    """The worked example, made longer by copies of its initiatives and scenarios."""
    plan = make_plan(server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, (header, *rows) in WORKED_EXAMPLE.items():
        if title == "Initiatives":
            rows = [[f"{row[0]}{copy}", *row[1:]] for copy in range(-(-initiatives // 3)) for row in rows][:initiatives]
        if title == "Scenarios":
            rows = [[f"{row[0]} {copy}", *row[1:]] for copy in range(-(-scenarios // 4)) for row in rows][:scenarios]
        plain = [["" if value is None else value for value in row] for row in [header, *rows]]
        plan.add_tab(title, plain, size=(len(plain) + 5, 15))
    server.log.clear()
    return plan


def sizes(plan: Plan) -> list[tuple[str, int, int]]:
    return [(call.method, call.request_bytes, call.response_bytes) for call in plan.server.calls("/v4/")]


@pytest.mark.parametrize("scenarios", [1, 20])
def test_a_run_is_one_read_and_one_write_whatever_the_number_of_scenarios(sheets_server, scenarios):
    plan = planned(sheets_server, initiatives=30, scenarios=scenarios)
    for run in ("first contact", "second run"):
        sheets_server.log.clear()
        outcome = run_workbook(plan.open(), RunRequest())
        assert len(outcome.scenarios) == scenarios
        assert plan.calls() == [("GET", 200), ("POST", 200)]
        assert max(request for _, request, _ in sizes(plan)) < LARGEST_CALL
        print(f"\n{scenarios} scenarios, {run}: {sizes(plan)}")
    assert len(plan.cells("Runs")) == 1 + 2 * scenarios
    plan.close()


def test_a_check_is_one_read_and_a_written_check_one_write_more(sheets_server):
    plan = planned(sheets_server)
    check_workbook(plan.open())
    assert plan.calls() == [("GET", 200)]
    sheets_server.log.clear()
    check_and_write(plan.open())
    assert plan.calls() == [("GET", 200), ("POST", 200)]
    plan.close()


def test_a_dry_run_writes_nothing(sheets_server):
    plan = planned(sheets_server)
    before = sheets_server.workbook_json(plan.id)
    run_workbook(plan.open(), RunRequest(dry_run=True))
    assert plan.calls() == [("GET", 200)]
    assert sheets_server.workbook_json(plan.id) == before
    plan.close()


def test_init_is_one_read_and_one_write_and_touches_no_tab(sheets_server):
    plan = make_plan(sheets_server)
    before = plan.sheet_json("Initiatives")
    plan.open().create_tabs(templates())
    assert plan.calls() == [("GET", 200), ("POST", 200)]
    assert plan.sheet_json("Initiatives") == before
    header = sheets_server.cell(plan.id, "Scenarios!A1")
    assert header["note"].startswith("Required.")
    rules = [
        cell["dataValidation"]["condition"]["type"]
        for cell in plan.sheet_json("Scenarios")["data"][0]["rowData"][1]["values"]
        if "dataValidation" in cell
    ]
    assert {"BOOLEAN", "ONE_OF_LIST"} <= set(rules)
    plan.close()


def test_init_makes_tables_whose_columns_have_types(sheets_server):
    plan = make_plan(sheets_server)
    plan.book.worksheet("Initiatives").define_named_range("A1", "capacity")
    plan.open().create_tabs(templates())
    (table,) = plan.sheet_json("Scenarios")["tables"]
    assert (table["name"], table["range"]["endRowIndex"]) == ("Scenarios", 201)
    mode, *_ = [column for column in table["columnProperties"] if column.get("columnType") == "DROPDOWN"]
    assert mode["columnName"] == "Objective mode"
    assert [value["userEnteredValue"] for value in mode["dataValidationRule"]["condition"]["values"]] == [
        "north_star", "weighted_kpis", "lexicographic",
    ]  # fmt: skip
    boxes = [column["columnName"] for column in table["columnProperties"] if column.get("columnType") == "BOOLEAN"]
    assert boxes == ["Run"]
    (table,) = plan.sheet_json("Capacity")["tables"]
    assert table["name"] == "Capacity_2"
    plan.close()


def test_init_makes_the_same_tabs_where_google_refuses_tables(sheets_server, caplog):
    sheets_server.habits.tables = "refused"
    plan = make_plan(sheets_server)
    created = plan.open().create_tabs(templates())
    assert plan.calls() == [("GET", 200), ("POST", 400), ("GET", 200), ("POST", 200)]
    assert [tab.title for tab in templates() if tab.title != "Initiatives"] == list(created)
    assert plan.sheet_json("Scenarios").get("tables", []) == []
    second = plan.sheet_json("Scenarios")["data"][0]["rowData"][1]["values"]
    rules = {cell["dataValidation"]["condition"]["type"] for cell in second if "dataValidation" in cell}
    assert {"BOOLEAN", "ONE_OF_LIST"} <= rules
    assert caplog.messages == ["Google refused tables in this spreadsheet; the tabs were made without."]
    plan.close()


@pytest.mark.parametrize("kind", ["reset_after", "cut_body", "reset_before"])
def test_init_repeated_by_a_lost_answer_makes_each_tab_once(plan, kind):
    plan.server.fault(kind, "batchUpdate")
    created = plan.open().create_tabs(templates())
    assert [tab.title for tab in templates() if tab.title != "Initiatives"] == list(created)
    titles = [sheet.title for sheet in plan.book.worksheets()]
    assert sorted(titles) == sorted({"Sheet1", "Initiatives", *created})


def test_the_empty_template_of_init_is_answered_with_what_to_fill_in(sheets_server):
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    plan.open().create_tabs(templates())
    outcome = run_workbook(plan.open(), RunRequest())
    assert [(issue.tab, issue.code) for issue in outcome.issues] == [
        ("KPIs", "no_rows"), ("Initiatives", "no_rows"), ("Scenarios", "no_rows"),
    ]  # fmt: skip
    assert outcome.scenarios == ()
    plan.close()


def test_init_beside_a_backlog_makes_no_second_list(sheets_server):
    plan = make_plan(sheets_server)
    plan.book.worksheet("Initiatives").update_title("Product Backlog")
    assert "Initiatives" not in plan.open().create_tabs(templates())
    plan.close()


def test_a_run_sees_its_last_selection(sheets_server):
    plan = planned(sheets_server)
    run_workbook(plan.open(), RunRequest())
    outcome = run_workbook(plan.open(), RunRequest())
    assert all(scenario.came_in == () for scenario in outcome.scenarios if scenario.portfolio is not None)
    plan.close()


def edited(plan: Plan, place: str, value: object):
    """A run during which a person types something."""
    workbook = plan.open()
    read = workbook.read

    def read_and_edit(*filters):
        snapshot = read(*filters)
        plan.server.edit(plan.id, place, value)
        return snapshot

    workbook.read = read_and_edit
    return run_workbook(workbook, RunRequest())


class TestOnlyInputsCount:
    """What no answer depends on is no change of the inputs."""

    def test_a_clock_in_a_notes_column_changes_nothing(self, sheets_server):
        plan = planned(sheets_server)
        last = len(plan.cells("Initiatives")[0]) + 1
        sheet = plan.book.worksheet("Initiatives")
        sheet.update([["notes"], ["=NOW()"]], a1(1, last), raw=False)
        sheets_server.set_formula_result(plan.id, "=NOW()", {"numberValue": 46000.5})
        workbook = plan.open()
        snapshot = workbook.read(lambda title: title == "Initiatives")
        sheets_server.set_formula_result(plan.id, "=NOW()", {"numberValue": 46000.6})
        assert workbook.read(lambda title: title == "Initiatives") != snapshot
        outcome = edited(plan, "Initiatives!O1", "a word to myself")
        assert outcome.notices == ()
        plan.close()

    def test_a_formula_of_a_person_over_results_changes_nothing(self, sheets_server):
        plan = planned(sheets_server)
        run_workbook(plan.open(), RunRequest())
        last = len(plan.cells("Initiatives")[0]) + 1
        sheet = plan.book.worksheet("Initiatives")
        sheet.update([["in the plan"], ["=COUNTA(Results!A1:Z200)"]], a1(1, last), raw=False)
        sheet.update([["a notice of mine"]], a1(3, last + 2), raw=True)
        extra = [["S9", True, "", "north_star"]]
        plan.book.worksheet("Scenarios").append_rows(extra)
        assert CHANGED not in run_workbook(plan.open(), RunRequest()).notices
        plan.close()

    def test_an_estimate_is_an_input(self, sheets_server):
        plan = planned(sheets_server)
        (column,) = [at for at, text in enumerate(plan.cells("Initiatives")[0], start=1) if text == "gmv"]
        assert CHANGED in edited(plan, f"Initiatives!{a1(2, column)}", 99).notices
        plan.close()

    def test_two_runs_at_once_are_no_change_of_the_inputs_either(self, sheets_server):
        plan = planned(sheets_server)
        first, second = plan.open(), plan.open()
        reads = []

        def read_beside(*filters):
            snapshot = GoogleWorkbook.read(second, *filters)
            if not reads:
                reads.append(run_workbook(first, RunRequest()))
                sheets_server.edit(plan.id, "Initiatives!O1", "a word to myself")
            return snapshot

        second.read = read_beside
        second.locked = nullcontext
        assert run_workbook(second, RunRequest()).notices == ()
        assert len(reads) == 1
        plan.close()


@pytest.mark.parametrize("blank_boxes", ["FALSE", "blank"])
def test_boxes_that_nobody_ticked_mean_the_same_whatever_they_read(sheets_server, blank_boxes):
    """The template has none where blank means TRUE: there a FALSE that nobody typed would leave rows out."""
    sheets_server.habits.blank_boxes = blank_boxes
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    plan.open().create_tabs(templates())

    def fill(title: str, *rows: dict[str, object]) -> None:
        headers = plan.book.worksheet(title).row_values(1)
        cells = [[row.get(header) for header in headers] for row in rows]
        plan.book.worksheet(title).update(cells, "A2", raw=True)

    fill("KPIs", {"KPI": "gmv", "Level": "north_star"})
    header = plan.book.worksheet("Initiatives")
    header.update([["gmv"]], a1(1, len(header.row_values(1)) + 1), raw=True)
    fill(
        "Initiatives",
        *({"Initiative": key, "Effort (tokens)": 10, "gmv": worth} for key, worth in (("A", 5), ("B", 7))),
    )
    fill("Scenarios", {"Scenario": "Most", "Run": True, "Objective mode": "north_star", "Capacity (tokens)": 10})
    outcome = run_workbook(plan.open(), RunRequest())
    assert [issue.message for issue in outcome.issues] == []
    assert [scenario.portfolio.selected for scenario in outcome.scenarios] == [("B",)]
    plan.close()
