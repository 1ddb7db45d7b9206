"""kill -9 at random moments: every accepted run ends once, Runs has no duplicates, Results is whole.

The long form is `make campaign NAME=service`.
"""

import random

from tests.campaigns.service import kill_service, register_books
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install

KILLS = 3


def test_runs_under_kills_are_each_written_exactly_once(install: Install, google: SheetsServer, store: str) -> None:
    installation = install(store=store, concurrent_runs=2)
    books = register_books(installation, google, sheets=3, files=1)
    found = kill_service(installation, google, books, KILLS, random.Random(1))
    print(f"\n{found}")
    assert found.runs >= KILLS
    assert found.faults == []
