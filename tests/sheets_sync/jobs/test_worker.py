"""The run table, the shared quotas and the slots, each over both kinds of store."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.settings import ServiceSettings, Settings, SettingsError
from sheets_sync.jobs.durable import RECOVERIES
from sheets_sync.jobs.job_database import Database, parse_url
from sheets_sync.jobs.job_tables import probe
from sheets_sync.jobs.run_table import Asked, IdempotencyConflictError, Run, RunTable, State
from sheets_sync.jobs.shared_quota import SharedLimiter
from sheets_sync.jobs.slots import NoSlotError, Slots
from sheets_sync.jobs.worker import Worker


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(store: str) -> Iterator[Database]:
    made = Database(store)
    made.create_tables()
    yield made
    made.close()


@pytest.fixture
def runs(database: Database, clock: Clock) -> RunTable:
    return RunTable(database, now=clock)


def asked(workbook: str = "q3", scenarios: tuple[str, ...] | None = None, **details: object) -> Asked:
    values = {"trigger": "test", "person": "ana@example.com"} | details
    return Asked(workbook, f"google:{workbook}", workbook, scenarios, **values)  # type: ignore[arg-type]


def begun(runs: RunTable, owner: str = "one") -> Run:
    run = runs.begin(runs.accept(asked()).run_id, owner, deadline_s=60)
    assert run is not None
    return run


def test_clicks_at_once_give_one_run_each_of_its_own_workbook_and_scenarios(runs: RunTable) -> None:
    wanted = [asked("q3"), asked("q4"), asked("q3", ("Stretch",))] * 20
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(runs.accept, wanted))
    assert len({run.run_id for run in found}) == 3
    assert sorted(run.clicks for run in runs.open_runs()) == [20, 20, 20]
    assert sorted((run.workbook, run.sequence) for run in runs.open_runs()) == [("q3", 1), ("q3", 2), ("q4", 1)]


def test_a_click_after_the_read_began_gets_the_next_run(runs: RunTable) -> None:
    first = begun(runs)
    second = runs.accept(asked())
    assert second.run_id != first.run_id
    assert (first.sequence, second.sequence) == (1, 2)
    assert runs.accept(asked()).run_id == second.run_id


def test_a_click_makes_a_waiting_conditional_run_unconditional(runs: RunTable) -> None:
    scheduled = runs.accept(asked(only_if_changed=True))
    assert runs.accept(asked(only_if_changed=True)).only_if_changed is True
    clicked = runs.accept(asked())
    assert (clicked.run_id, clicked.only_if_changed) == (scheduled.run_id, False)


def test_a_key_is_good_for_one_request(runs: RunTable) -> None:
    first = runs.accept(asked(), idempotency_key="k")
    runs.cancel(first.run_id, "ana")
    assert runs.accept(asked(), idempotency_key="k").run_id == first.run_id
    with pytest.raises(IdempotencyConflictError):
        runs.accept(asked("q4"), idempotency_key="k")
    assert runs.accept(asked(person="ben@example.com"), idempotency_key="k").run_id != first.run_id


def test_who_goes_on_with_a_run_shuts_out_who_had_it_before(runs: RunTable, clock: Clock) -> None:
    """It begins with all of its time: between the two it may have waited behind many others."""
    run = begun(runs, "one")
    clock.now += 1000
    again = runs.begin(run.run_id, "two", deadline_s=60)
    assert again is not None
    assert (again.executions, again.started_at, again.deadline_at) == (2, run.started_at, clock.now + 60)
    assert runs.advance(run.run_id, "one", phase="writing") is False
    assert runs.finish(run.run_id, "one", State.SUCCEEDED) is False
    assert runs.advance(run.run_id, "two", phase="writing") is True
    assert runs.finish(run.run_id, "two", State.SUCCEEDED, exit_code=0, summary="done") is True
    assert runs.begin(run.run_id, "three", deadline_s=60) is None


def test_a_run_can_be_cancelled_until_it_writes(runs: RunTable) -> None:
    run = begun(runs)
    runs.advance(run.run_id, "one", phase="writing")
    assert runs.cancel(run.run_id, "ana") is False
    other = runs.accept(asked())
    assert runs.cancel(other.run_id, "ana") is True
    assert runs.begin(other.run_id, "one", deadline_s=60) is None
    assert runs.cancel(other.run_id, "ana") is False


def test_what_never_reached_the_engine_and_what_is_overdue_are_found(runs: RunTable, clock: Clock) -> None:
    lost = runs.accept(asked("q4"))
    run = begun(runs)
    runs.mark_enqueued(run.run_id)
    assert runs.lost(older_than_s=5) == runs.overdue(grace_s=5) == []
    clock.now += 66
    assert [found.run_id for found in runs.lost(older_than_s=5)] == [lost.run_id]
    assert [found.run_id for found in runs.overdue(grace_s=5)] == [run.run_id]
    assert runs.fail(run.run_id, "too late", 1) is True
    assert runs.fail(run.run_id, "too late", 1) is False


def test_ended_runs_are_forgotten_after_their_time_and_open_ones_never(runs: RunTable, clock: Clock) -> None:
    run = begun(runs)
    runs.finish(run.run_id, "one", State.FAILED, exit_code=4, summary="infeasible", outcome={"written": True})
    waiting = runs.accept(asked())
    clock.now += 100
    assert runs.forget(older_than_s=101) == []
    assert runs.forget(older_than_s=99) == [run.run_id]
    assert [left.run_id for left in runs.latest()] == [waiting.run_id]


def test_a_run_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    worker = Worker(Settings(service=ServiceSettings(database=f"sqlite:///{tmp_path / 'store.db'}")))
    worker.database.create_tables()
    run = worker.runs.accept(asked("plan.xlsx"))
    for number in range(RECOVERIES):
        worker.runs.begin(run.run_id, f"owner {number}", deadline_s=60)
    with ExitStack() as held:
        assert worker.begin(run.run_id, held) is None
    ended = worker.runs.get(run.run_id)
    assert ended is not None
    assert (ended.state, ended.summary) == (State.FAILED, "The run was interrupted 8 times and will not be retried.")
    worker.database.close()


def test_writers_wait_for_their_turn_and_one_that_fails_gives_it_back(database: Database, runs: RunTable) -> None:
    with pytest.raises(ZeroDivisionError), database.begin():
        _ = 1 / 0
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            connection.execute(sa.insert(probe).values(checked_at=1.0))
            # Readers do not wait for it; in PostgreSQL, neither do writers of other rows.
            assert runs.latest() == []
            waiting = pool.submit(runs.accept, asked())
            assert not (database.is_sqlite and wait([waiting], timeout=0.2).done)
        assert waiting.result(timeout=5).state == State.QUEUED
    database.check()


def test_the_quota_holds_over_all_who_share_the_store(tmp_path: Path, clock: Clock) -> None:
    slept: list[float] = []
    databases = [Database(f"sqlite:///{tmp_path / 'store.db'}") for _ in range(2)]
    databases[0].create_tables()
    limiters = [SharedLimiter(d, "bot", {"read": 3, "write": 1}, clock=clock, sleep=slept.append) for d in databases]
    waits = [limiters[number % 2].acquire("read") for number in range(7)]
    assert waits == pytest.approx([0, 0, 0, 61, 61, 61, 122])
    assert limiters[0].acquire("write") == 0
    assert SharedLimiter(databases[0], "other", {"read": 3}, clock=clock, sleep=slept.append).acquire("read") == 0
    clock.now += 62
    assert limiters[1].acquire("read") == pytest.approx(60)
    for database in databases:
        database.close()


def test_the_quota_holds_for_calls_at_once(database: Database) -> None:
    limiter = SharedLimiter(database, "bot", {"read": 5}, sleep=lambda _: None)
    with ThreadPoolExecutor(8) as pool:
        waits = sorted(pool.map(lambda _: limiter.acquire("read"), range(15)))
    assert waits[:5] == [0.0] * 5
    assert all(50 < wait <= 61 for wait in waits[5:10])
    assert all(110 < wait <= 122 for wait in waits[10:])


def test_a_slot_that_is_looked_at_for_a_moment_is_waited_for(store: str, database: Database) -> None:
    other_database = Database(store)
    ours, theirs = Slots(database, 2), Slots(other_database, 2)
    ours.claim()
    look = ours.free()
    assert next(look) == "slot-1"
    timer = threading.Timer(0.2, look.close)
    timer.start()
    assert theirs.claim() == "slot-1"
    timer.join()
    for slots in (ours, theirs):
        slots.release()
    other_database.close()


def test_a_slot_is_one_workers_until_it_is_gone(store: str, database: Database) -> None:
    other_database = Database(store)
    ours, theirs, third = Slots(database, 2), Slots(other_database, 2), Slots(other_database, 2)
    assert [ours.claim(), theirs.claim()] == ["slot-0", "slot-1"]
    with pytest.raises(NoSlotError):
        third.claim()
    assert list(ours.free()) == []
    theirs.release()
    for name in ours.free():
        assert name == "slot-1"
        # While it is looked after, nobody starts in it.
        with pytest.raises(NoSlotError):
            third.claim()
    assert third.claim() == "slot-1"
    ours.verify()
    ours.release()
    third.release()
    other_database.close()


@pytest.mark.parametrize("text", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "store.db", ""])
def test_an_address_that_is_no_store_is_reported_without_its_password(text: str) -> None:
    with pytest.raises(SettingsError, match=r"service\.database"):
        parse_url(text)


def test_a_password_is_in_no_message() -> None:
    database = Database("postgresql://sheetplan:hunter2@127.0.0.1:9/none")
    assert "hunter2" not in str(database)
    assert "hunter2" in database.address
    database.close()
