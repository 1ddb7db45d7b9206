"""A clock that jumps by hours while a run is under way: deadlines go by elapsed time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import RegisteredWorkbook, ServiceSettings, Settings, StoreSettings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import Asked, State
from sheets_sync.jobs.shared_quota import SharedLimiter
from sheets_sync.jobs.worker import Worker
from sheets_sync.opening import workbook_key
from tests.workbooks import WORKED_EXAMPLE, write_workbook


class Clock(Observer):
    """The wall clock, which jumps as soon as a run solves."""

    def __init__(self, jump_s: float) -> None:
        self._jump_s = jump_s
        self._offset_s = 0.0

    def __call__(self) -> float:
        return time.time() + self._offset_s

    @contextmanager
    def phase(self, name: str, workbook: str) -> Iterator[None]:
        del workbook
        if name == "solve" and not self._offset_s:
            self._offset_s = self._jump_s
            # The worker looks several times meanwhile, its housekeeping once.
            time.sleep(2.5)
        yield


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0], ids=["forward", "back"])
def test_a_clock_that_jumps_two_hours_fails_no_run(tmp_path: Path, jump_s: float) -> None:
    plan = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    settings = Settings(
        service=ServiceSettings(database=f"sqlite:///{tmp_path / 'jobs.db'}", run_deadline_s=60, poll_s=0.05),
        store=StoreSettings(path=tmp_path / "runs.sqlite3"),
        workbooks={"q3": RegisteredWorkbook(location=str(plan))},
    )
    clock = Clock(jump_s)
    worker = Worker(settings, observer=clock, clock=clock)
    worker.start()
    try:
        run_id = worker.submit(Asked("q3", workbook_key("q3", settings), str(plan), None, "test", "")).run_id
        end = time.monotonic() + 50
        while not (run := worker.runs.get(run_id)).state.is_final:
            assert time.monotonic() < end
            time.sleep(0.1)
    finally:
        worker.stop()
    assert (run.state, run.exit_code) == (State.SUCCEEDED, 0), run.summary


def test_a_clock_that_was_set_back_keeps_no_call_waiting(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    database.create_tables()
    now, waited = [1_000_000.0], []
    limiter = SharedLimiter(database, "ana", {"read": 2}, clock=lambda: now[0], sleep=waited.append)
    for _ in range(3):
        limiter.acquire("read")
    now[0] -= 7200
    limiter.acquire("read")
    database.close()
    assert waited == [61.0]
