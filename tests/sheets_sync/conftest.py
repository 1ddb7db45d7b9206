"""Fixtures of the synchronisation tests."""

from collections.abc import Iterator

import pytest

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, make_plan


@pytest.fixture
def sheets_server() -> Iterator[SheetsServer]:
    """A local Google, empty."""
    with SheetsServer() as server:
        yield server


@pytest.fixture
def plan(sheets_server: SheetsServer) -> Iterator[Plan]:
    """A spreadsheet with an Initiatives tab on it."""
    plan = make_plan(sheets_server)
    yield plan
    plan.close()
