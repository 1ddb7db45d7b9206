"""Triggers and runs of the real service over HTTP, on each kind of store; threads next to processes."""

import tempfile
from pathlib import Path

import pytest

from benchmarks.service import measure_service, measure_side_by_side
from benchmarks.table import Measured
from tests.sheets_sync.postgres import Postgres, find_binaries


def test_service_on_sqlite(measured: Measured, tmp_path: Path) -> None:
    """One file, in the same folder."""
    measured.services["SQLite"] = measure_service(tmp_path, f"sqlite:///{tmp_path / 'store.db'}")


def test_service_on_postgresql(measured: Measured, tmp_path: Path) -> None:
    """A server on loopback, with its defaults."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (scripts/install-test-deps)")
    with tempfile.TemporaryDirectory(prefix="sheetplan-postgres-") as folder:
        server = Postgres(Path(folder), binaries)
        server.start()
        try:
            measured.services["PostgreSQL"] = measure_service(tmp_path, server.new_database())
        finally:
            server.stop()


def test_threads_next_to_processes(measured: Measured, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two runs at once, each of five scenarios with 3,000 initiatives."""
    if request.config.getoption("quick"):
        pytest.skip("takes minutes")
    measured.side_by_side = measure_side_by_side(tmp_path)
