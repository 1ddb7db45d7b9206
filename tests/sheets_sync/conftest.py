"""Fixtures of the synchronisation tests: the local Google, a PostgreSQL, an installation, a key server."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, make_plan
from tests.sheets_sync.installation import Installation
from tests.sheets_sync.keys import KeyServer
from tests.sheets_sync.postgres import Postgres, find_binaries

Install = Callable[..., Installation]


@pytest.fixture
def google() -> Iterator[SheetsServer]:
    """The local stand-in for Google."""
    with SheetsServer() as server:
        yield server


@pytest.fixture(scope="session")
def key_server() -> Iterator[KeyServer]:
    """Signs identity tokens, and publishes its keys as Google does."""
    with KeyServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL on loopback."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (scripts/install-test-deps)")
    with tempfile.TemporaryDirectory(prefix="sheetplan-postgres-") as folder:
        server = Postgres(Path(folder), binaries)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def install(tmp_path: Path, google: SheetsServer) -> Iterator[Install]:
    """Makes an installation; its processes end with the test."""
    made: list[Installation] = []

    def make(**service: Any) -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        folder.mkdir()
        made.append(Installation(folder, google, **service))
        return made[-1]

    yield make
    for installation in made:
        installation.stop()


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
