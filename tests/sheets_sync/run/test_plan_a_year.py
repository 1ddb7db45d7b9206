"""A plan over several periods on a Google Sheet is the one of the file."""

from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.end_to_end.test_plan_a_year import STARTS, YEAR
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import make_plan


def test_year_on_a_google_sheet(sheets_server: SheetsServer) -> None:
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in YEAR.items():
        plan.add_tab(title, [["" if value is None else value for value in row] for row in rows])
    (scenario,) = run_workbook(plan.open(), RunRequest()).to_json()["scenarios"]
    assert scenario["starts"] == STARTS
    plan.close()
