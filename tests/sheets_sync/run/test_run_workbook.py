"""A person edits the sheet while a run solves: reported where it belongs, or run again; never mixed."""

from collections.abc import Callable

from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.write_outcome import CHANGED
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.workbooks import WORKED_EXAMPLE


class Meanwhile(Progress):
    """Does something once, just before a run writes."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._actions = [action]

    def writing(self) -> None:
        if self._actions:
            self._actions.pop()()


def planned(server) -> Plan:
    plan = make_plan(server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in WORKED_EXAMPLE.items():
        plain = [["" if value is None else value for value in row] for row in rows]
        plan.add_tab(title, plain, size=(20, 15))
    return plan


def column(plan: Plan, title: str, header: str) -> list[object]:
    first, *rows = plan.cells(title)
    place = first.index(header)
    return [row[place] if place < len(row) else "" for row in rows]


def test_an_edit_while_solving_is_reported_in_the_statuses_and_the_outcome(sheets_server):
    plan = planned(sheets_server)
    edit = Meanwhile(lambda: sheets_server.edit(plan.id, "Initiatives!D2", 1))
    outcome = run_workbook(plan.open(), RunRequest(), progress=edit)
    assert CHANGED in outcome.notices
    assert outcome.scenarios[0].portfolio.objective == 160000
    assert all(str(status).endswith(CHANGED) for status in column(plan, "Scenarios", "run_status")[:4])
    plan.close()


def test_an_edit_while_solving_is_solved_again_where_that_is_the_policy(sheets_server):
    plan = planned(sheets_server)
    edit = Meanwhile(lambda: sheets_server.edit(plan.id, "Initiatives!D2", 1))
    outcome = run_workbook(plan.open(), RunRequest(on_change="rerun"), progress=edit)
    assert outcome.notices == ()
    assert outcome.scenarios[0].portfolio.objective == 120000
    assert not any(CHANGED in str(status) for status in column(plan, "Scenarios", "run_status")[:4])
    plan.close()


def test_statuses_stand_at_their_rows_though_a_row_was_inserted_while_solving(sheets_server):
    plan = planned(sheets_server)
    insert = Meanwhile(lambda: plan.book.worksheet("Scenarios").insert_row([""], 2))
    run_workbook(plan.open(), RunRequest(), progress=insert)
    names, statuses = column(plan, "Scenarios", "scenario_name"), column(plan, "Scenarios", "run_status")
    reported = {name: str(status) for name, status in zip(names, statuses, strict=False) if name}
    assert reported["Stretch"].startswith("Target missed. ")
    assert reported["Pure north star"].startswith("No target set. ")
    plan.close()


def test_decisions_stand_at_their_rows_though_rows_moved_while_solving(sheets_server):
    plan = planned(sheets_server)
    insert = Meanwhile(lambda: plan.book.worksheet("Initiatives").insert_row(["NEW", "New idea", 5, 100], 2))
    run_workbook(plan.open(), RunRequest(scenarios=["Weighted"]), progress=insert)
    first, *rows = plan.cells("Initiatives")
    assert first[6:] == ["sync_status", "decision"]
    assert {row[0]: row[7] for row in rows} == {
        "NEW": "Not planned: new, or has an error",
        "A": "In: on merit",
        "B": "Out (first out): would not fit: needs 50 tokens, 0 left",
        "C": "In: on merit",
    }
    assert not run_workbook(plan.open(), RunRequest(scenarios=["Weighted"])).notices
    assert plan.cells("Initiatives")[1][7].startswith("Out")
    plan.close()
