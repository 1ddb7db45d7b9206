"""One list of runs: the service's, the command line's and `sync`'s, each once, newest first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import RegisteredWorkbook, Settings, StoreSettings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.run_history import RunHistory
from sheets_sync.jobs.run_table import Asked, PastRun, RunTable, State
from sheets_sync.opening import open_workbook, workbook_key
from sheets_sync.request import RunRequest
from sheets_sync.run import sync_registered
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.run.unchanged import NOTHING_TO_DO
from sheets_sync.store import open_store
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook


class Clock:
    now = datetime.now(UTC).timestamp() - 100_000

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    places = {"q3": write_workbook(tmp_path / "q3.xlsx", WORKED_EXAMPLE), "gone": tmp_path / "gone.xlsx"}
    return Settings(
        store=StoreSettings(path=tmp_path / "runs.sqlite3"),
        workbooks={name: RegisteredWorkbook(location=str(place)) for name, place in places.items()},
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs(store: str, clock: Clock) -> Iterator[RunTable]:
    database = Database(store)
    database.create_tables()
    yield RunTable(database, now=clock)
    database.close()


@pytest.fixture
def history(settings: Settings, runs: RunTable) -> RunHistory:
    return RunHistory(settings, runs)


def served(runs: RunTable, settings: Settings, name: str = "q3", **end: object) -> str:
    """A run of the service, from click to end."""
    key = workbook_key(name, settings)
    scheduled = end.pop("scheduled", False)
    run = runs.accept(Asked(name, key, name, None, "schedule" if scheduled else "menu", "", bool(scheduled)))
    runs.begin(run.run_id, "me", deadline_s=60)
    runs.finish(run.run_id, "me", State(end.pop("state", "succeeded")), **{"exit_code": 0, "summary": "done"} | end)
    return run.run_id


def shown(listed: list[PastRun]) -> list[tuple[str, str, str, int | None, int]]:
    return [(past.run.workbook, past.run.trigger, past.run.state, past.run.exit_code, past.times) for past in listed]


def sync(settings: Settings) -> None:
    list(sync_registered.sync(["q3", "gone"], settings, force=False, person="cron"))


def test_runs_of_every_origin_are_in_one_list(settings: Settings, runs: RunTable, history: RunHistory) -> None:
    first = served(runs, settings)
    outcome = run_workbook(open_workbook("q3", settings), RunRequest(person="ana"), store=open_store(settings.store))
    sync(settings)
    assert shown(history.latest(limit=10)) == [
        ("gone", "sync", "failed", 5, 1),
        ("q3", "sync", "succeeded", 0, 1),
        ("q3", "command line", "succeeded", 0, 1),
        ("q3", "menu", "succeeded", 0, 1),
    ]
    assert [past.run.run_id for past in history.latest(limit=10)][2:] == [outcome.facts.run_id, first]
    assert history.latest([workbook_key("gone", settings)], limit=9)[0].run.summary.endswith("gone.xlsx")
    assert shown(history.latest([workbook_key("gone", settings)], limit=9)) == [("gone", "sync", "failed", 5, 1)]
    run = history.get(outcome.facts.run_id)
    assert (run.summary, run.outcome) == (outcome.summary, outcome.to_json())
    assert history.get("20200101T000000Z-00000000") is None


def test_what_sync_finds_again_is_one_entry_until_something_else_happens(
    settings: Settings, history: RunHistory, tmp_path: Path
) -> None:
    for _ in range(3):
        sync(settings)
    assert shown(history.latest(limit=10)) == [
        ("gone", "sync", "failed", 5, 3),
        ("q3", "sync", "succeeded", 0, 2),
        ("q3", "sync", "succeeded", 0, 1),
    ]
    with pytest.raises(WorkbookUnreachableError):
        run_workbook(open_workbook("gone", settings), RunRequest(person="ana"), store=open_store(settings.store))
    assert shown(history.latest(limit=2)) == [
        ("gone", "command line", "failed", 5, 1),
        ("gone", "sync", "failed", 5, 3),
    ]
    idle = history.latest(limit=10)[2]
    assert idle.run.summary == NOTHING_TO_DO
    assert idle.since < idle.run.created_at
    write_workbook(tmp_path / "q3.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}))
    sync(settings)
    sync(settings)
    latest = history.latest([workbook_key("q3", settings)], limit=2)
    assert [(past.run.state, past.run.exit_code) for past in latest] == [("failed", 3), ("failed", 3)]
    assert latest[0].run.summary.startswith("Still broken, and the inputs have not changed since the last run.")


def test_a_run_that_is_in_both_places_counts_once(settings: Settings, runs: RunTable, history: RunHistory) -> None:
    run_id = served(runs, settings, summary="as the service said it")
    run_workbook(open_workbook("q3", settings), RunRequest(), store=(store := open_store(settings.store)))
    kept = store.run(store.runs()[0].run_id).to_json()
    kept["outcome"]["run_id"] = run_id
    store.keep(type(store.run(store.runs()[0].run_id)).from_json(kept))
    assert sorted(past.run.summary for past in history.latest(limit=10))[1:] == ["as the service said it"]


def test_a_run_that_was_killed_before_its_end_was_noted_has_the_words_of_its_scenarios(
    settings: Settings, history: RunHistory
) -> None:
    store = open_store(settings.store)
    outcome = run_workbook(open_workbook("q3", settings), RunRequest(), store=store)
    with store._open() as database, database:
        database.execute("DELETE FROM ends")
    (past,) = history.latest(limit=10)
    assert (past.run.run_id, past.run.summary) == (outcome.facts.run_id, "4 of 4 scenarios solved.")
    assert history.get(outcome.facts.run_id).outcome == outcome.to_json()


def test_idle_ticks_of_the_schedule_are_folded_and_clicks_are_not(
    settings: Settings, runs: RunTable, history: RunHistory, clock: Clock
) -> None:
    def later(**end: object) -> str:
        clock.now += 60
        return served(runs, settings, **end)

    ids = [later(), *(later(scheduled=True, summary="nothing to do") for _ in range(4))]
    other = later(name="gone", scheduled=True, state="failed", exit_code=5, summary="not there")
    ids += [later(scheduled=True, summary="nothing to do"), later(), later(), later(scheduled=True, summary="nothing")]
    folded = history.latest(limit=10, folded=True)
    assert [(past.run.run_id, past.times) for past in folded] == [
        (ids[8], 1), (ids[7], 1), (ids[6], 1), (ids[5], 5), (other, 1), (ids[0], 1),
    ]  # fmt: skip
    assert folded[3].since == clock.now - 8 * 60
    assert len(history.latest(limit=100)) == 10
    assert [past.times for past in history.latest([workbook_key("q3", settings)], limit=4, folded=True)] == [1, 1, 1, 5]


def test_the_difference_to_the_run_before(settings: Settings, history: RunHistory, tmp_path: Path) -> None:
    store = open_store(settings.store)
    first = run_workbook(open_workbook("q3", settings), RunRequest(), store=store).facts.run_id
    assert history.difference(first) is None
    write_workbook(tmp_path / "q3.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!D3": 130000}))
    second = run_workbook(open_workbook("q3", settings), RunRequest(), store=store).facts.run_id
    found = history.difference(second)
    assert (found.before, found.after) == (first, second)
    assert [change.key for change in found.inputs] == ["B"]
    assert history.difference(second) is found
    assert history.difference(second[:8]) is None


def test_a_store_that_cannot_be_read_hides_no_run_of_the_service_and_is_reported_once(
    settings: Settings, runs: RunTable, history: RunHistory, caplog: pytest.LogCaptureFixture
) -> None:
    served(runs, settings)
    settings.store.path.write_text("no database" * 100)
    for _ in range(3):
        assert len(history.latest(limit=5)) == 1
    assert history.get("20200101T000000Z-00000000") is None
    assert [record.action for record in caplog.records] == ["store_unreadable"]
