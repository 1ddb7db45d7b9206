"""Calls to Google and their sizes, for each command: the table of docs/google.md.

`make campaign NAME=calls` measures them over HTTP against the stand-in, and prints the table.
"""

import sys
from collections.abc import Callable

from sheets_sync.request import RunRequest
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.run_workbook import run_if_changed, run_workbook
from tests.sheets_server.cell import Cell
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google.test_google_workbook import planned
from tests.sheets_sync.google_sheets import Plan

RAW_ROWS = 100_000
UNCHANGED = RunRequest(only_if_changed=True)


def add_raw(plan: Plan) -> None:
    """A tab of 100,000 rows of numbers that is none of ours."""
    sheet = plan.book.add_worksheet("Raw data", RAW_ROWS, 10)
    stored = plan.server.book(plan.id).sheet(sheet.id)
    assert stored is not None
    stored.rows = {row: {column: Cell(float(row)) for column in range(10)} for row in range(RAW_ROWS)}


def row(plan: Plan, what: str, command: Callable[[], object]) -> str:
    """What the command sends and takes, as a row of the table."""
    plan.server.log.clear()
    command()
    calls = plan.server.calls("/v4/")
    reads = [call for call in calls if call.method == "GET"]
    writes = [call for call in calls if call.method == "POST"]
    sizes = (
        sum(call.response_bytes for call in reads),
        sum(call.request_bytes for call in writes),
        sum(call.response_bytes for call in writes),
    )
    return f"| {what} | {len(reads)} | {len(writes)} | " + " | ".join(f"{size / 1000:,.0f}" for size in sizes) + " |"


def forgotten(plan: Plan) -> Plan:
    """The same, as a process meets it that knows nothing of it."""
    plan.connection.sizes._cells.clear()
    return plan


def main() -> int:
    """Measure and print."""
    print("| command | reads | writes | read (kB) | written (kB) | answer to the write (kB) |")
    print("| --- | --- | --- | --- | --- | --- |")
    with SheetsServer(check_answers=False) as server:
        plan = forgotten(planned(server))
        print(row(plan, "`run`, first contact", lambda: run_workbook(plan.open(), RunRequest())))
        print(row(plan, "`run`, second and later", lambda: run_workbook(plan.open(), RunRequest())))
        print(row(plan, "`sync`, inputs unchanged", lambda: run_if_changed(plan.open(), UNCHANGED)))
        print(row(plan, "`check`", lambda: check_workbook(plan.open())))
        print(row(plan, "`run --dry-run`", lambda: run_workbook(plan.open(), RunRequest(dry_run=True))))
        add_raw(plan)
        plan.connection.sizes.note(plan.id, RAW_ROWS * 10)
        print(row(plan, "`run` beside 100,000 rows of raw data", lambda: run_workbook(plan.open(), RunRequest())))
        print(row(plan, "`sync` beside them, inputs unchanged", lambda: run_if_changed(plan.open(), UNCHANGED)))
        many = planned(server, initiatives=30, scenarios=50)
        print(row(many, "`run` of 50 scenarios, 30 initiatives", lambda: run_workbook(many.open(), RunRequest())))
        long = planned(server, initiatives=3000, scenarios=4)
        print(row(long, "`run` of 4 scenarios, 3,000 initiatives", lambda: run_workbook(long.open(), RunRequest())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
