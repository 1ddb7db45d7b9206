"""A clock that jumps by hours while a run is under way: deadlines go by elapsed time, and only by time of work."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import RegisteredWorkbook, ServiceSettings, Settings, StoreSettings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.run_table import Asked, State
from sheets_sync.jobs.shared_quota import SharedLimiter
from sheets_sync.jobs.worker import HOUSEKEEPING_S, Worker
from sheets_sync.opening import workbook_key
from sheets_sync.workbook.backend import WorkbookUnreachableError
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


class Held:
    """A workbook that is held until it is let go, and then turns out to be gone."""

    def __init__(self, let_go: threading.Event) -> None:
        self._let_go = let_go

    @contextmanager
    def locked(self) -> Iterator[None]:
        assert self._let_go.wait(50)
        yield

    def read(self, *_: object) -> None:
        raise WorkbookUnreachableError("The workbook is gone.")


def test_an_interrupted_run_that_waits_for_its_turn_is_not_overdue(tmp_path: Path) -> None:
    """Thousands may wait with it; its time counts anew once it is worked on."""
    settings = Settings(
        service=ServiceSettings(database=f"sqlite:///{tmp_path / 'jobs.db'}", concurrent_runs=1, poll_s=0.05),
        store=StoreSettings(path=tmp_path / "runs.sqlite3"),
    )
    let_go = threading.Event()
    worker = Worker(settings, open_workbook=lambda *_: Held(let_go))  # type: ignore[arg-type, return-value]
    worker.start()
    try:
        first = worker.submit(Asked("first", "first", "first", None, "test", "")).run_id
        wait(lambda: worker.runs.get(first).state is State.RUNNING)
        second = worker.submit(Asked("second", "second", "second", None, "test", "")).run_id
        # As a worker leaves it that was killed long ago.
        worker.runs.begin(second, "gone", deadline_s=-1000)
        time.sleep(2 * HOUSEKEEPING_S + 0.5)
        assert worker.runs.get(second).state is State.RUNNING
        let_go.set()
        wait(lambda: worker.runs.get(second).state.is_final)
    finally:
        worker.stop()
    assert worker.runs.get(second).summary == "The workbook is gone."


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 50
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


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
