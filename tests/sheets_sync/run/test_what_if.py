"""What-if on a Google Sheet: one read, no write."""

from sheets_sync.request import RunRequest
from sheets_sync.run.explain_decisions import explain_decisions
from sheets_sync.run.what_if import WhatIfRequest, what_if
from tests.sheets_sync.google_sheets import make_plan
from tests.workbooks import WORKED_EXAMPLE


def test_a_google_sheet_is_asked_without_a_write(sheets_server):
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in WORKED_EXAMPLE.items():
        plan.add_tab(title, rows)
    before = [plan.sheet_json(title) for title in ("Initiatives", "Scenarios")]
    request = RunRequest(dry_run=True)
    found = what_if(plan.open(), WhatIfRequest("Weighted", settings=["capacity_total_tokens=1"]), request)
    as_it_is, changed = (one.portfolio for one in found.scenarios)
    assert as_it_is.selected
    assert changed.selected == ()
    explained = explain_decisions(plan.open(), request, initiative=as_it_is.selected[0])
    assert explained.scenarios[0].decisions[0].is_selected
    assert [plan.sheet_json(title) for title in ("Initiatives", "Scenarios")] == before
    plan.close()
