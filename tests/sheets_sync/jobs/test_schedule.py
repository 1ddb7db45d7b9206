"""Schedules: pure ticks first, then the scheduler over a store with time as an argument, then the real service."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.settings import RegisteredWorkbook, ServiceSettings, Settings, SettingsError
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.run_table import Asked, Run, RunTable, State
from sheets_sync.jobs.schedule import Schedule, Scheduler, jitter, schedules_of
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import google_workbook, rows_of

LONDON = ZoneInfo("Europe/London")


def at(text: str, zone: ZoneInfo = LONDON) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def schedule(cron: str, *, zone: ZoneInfo = LONDON, delay_s: float = 0.0) -> Schedule:
    return Schedule("q3", "google:q3", "q3", cron, zone, delay_s)


def test_ticks_follow_the_clocks_of_their_zone() -> None:
    daily = schedule("0 6 * * *")
    assert daily.next(at("2026-03-28 12:00")) == at("2026-03-29 06:00")
    assert at("2026-03-29 06:00") - at("2026-03-28 06:00") == 23 * 3600
    assert schedule("0 6 * * *", zone=ZoneInfo("Asia/Tokyo")).next(at("2026-01-05 12:00")) == at("2026-01-05 21:00")


def test_a_time_that_the_clocks_leave_out_comes_right_after_and_one_that_comes_twice_once() -> None:
    nightly = schedule("30 1 * * *")
    assert nightly.next(at("2026-03-28 12:00")) == at("2026-03-29 02:00")
    first = nightly.next(at("2026-10-24 12:00"))
    assert first == at("2026-10-25 01:30")
    assert nightly.next(first) == at("2026-10-26 01:30")


def test_steps_within_an_hour_that_the_clocks_leave_out_are_made_up_for() -> None:
    """At 01:00 the clocks of London go to 02:00."""
    for cron in ("*/15 1 * * *", "* 1 * * *", "*/15 1-1 * * *"):
        quarters = schedule(cron)
        assert quarters.next(at("2026-03-29 00:59")) == at("2026-03-29 02:00"), cron
        assert quarters.latest(at("2026-03-29 03:00")) == at("2026-03-29 02:00"), cron
    assert schedule("30 */3 * * *", zone=ZoneInfo("Europe/Berlin")).next(at("2026-01-05 03:31")) == at(
        "2026-01-05 05:30"
    )
    assert schedule("*/15 * * * *").next(at("2026-03-29 00:59")) == at("2026-03-29 02:00")


@pytest.mark.parametrize("cron", ["0 0 6 * * *", "6 * * *", "", "@daily", "0 6 * * * 2026 x"])
def test_an_expression_has_five_fields(cron: str) -> None:
    workbook = RegisteredWorkbook(location="x" * 44, schedule=cron)
    with pytest.raises(SettingsError, match="Use five fields: minute, hour, day, month, weekday"):
        schedules_of(Settings(workbooks={"q3": workbook}))


def test_the_latest_tick_is_due_from_its_very_second_and_after_its_own_delay() -> None:
    assert schedule("0 6 * * *").latest(at("2026-01-05 06:00")) == at("2026-01-05 06:00")
    assert schedule("0 6 * * *").latest(at("2026-01-05 05:59:59")) == at("2026-01-04 06:00")
    delayed = schedule("0 6 * * *", delay_s=30)
    assert delayed.latest(at("2026-01-05 06:00:29")) == at("2026-01-04 06:00")
    assert delayed.latest(at("2026-01-05 06:00:30")) == at("2026-01-05 06:00")
    assert delayed.next(at("2026-01-05 05:00")) == at("2026-01-05 06:00:30")


def test_jitter_is_each_workbooks_own_and_spread() -> None:
    delays = [jitter(f"google:{number}", 60) for number in range(400)]
    assert delays == [jitter(f"google:{number}", 60) for number in range(400)]
    assert all(0 <= delay < 60 for delay in delays)
    assert 25 < sum(delays) / len(delays) < 35


@pytest.mark.parametrize(
    ("details", "reported"),
    [
        ({"schedule": "every day"}, 'workbooks.q3.schedule: "every day" is no cron expression'),
        ({"schedule": "61 * * * *"}, 'workbooks.q3.schedule: "61 * * * *" is no cron expression'),
        ({"schedule": "* * * * *", "time_zone": "Londres"}, 'workbooks.q3.time_zone: "Londres" is no time zone'),
    ],
)
def test_a_wrong_schedule_is_reported_with_its_place(details: dict[str, str], reported: str) -> None:
    settings = Settings(workbooks={"q3": RegisteredWorkbook(location="q3.xlsx", **details)})
    with pytest.raises(SettingsError) as error:
        schedules_of(settings)
    assert str(error.value).startswith(reported)


class Clock:
    def __init__(self, text: str) -> None:
        self.now = at(text)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-01-05 09:30")


@pytest.fixture
def runs(store: str, clock: Clock):
    database = Database(store)
    database.create_tables()
    yield RunTable(database, now=clock)
    database.close()


@pytest.fixture
def scheduler(store: str, clock: Clock, runs: RunTable):
    database = Database(store)
    yield Scheduler([schedule("0 * * * *")], database, submitter(runs), now=clock)
    database.close()


def submitter(runs: RunTable):
    def submit(asked: Asked, key: str) -> Run:
        return runs.accept(asked, idempotency_key=key)

    return submit


def test_a_new_schedule_begins_with_its_next_tick(scheduler: Scheduler, runs: RunTable, clock: Clock) -> None:
    scheduler.look()
    clock.now = at("2026-01-05 09:59:59")
    scheduler.look()
    assert runs.latest() == []
    clock.now = at("2026-01-05 10:00")
    scheduler.look()
    scheduler.look()
    (run,) = runs.latest()
    assert (run.trigger, run.person, run.only_if_changed) == ("schedule", "", True)
    assert scheduler.next_run("q3") == at("2026-01-05 11:00")


def test_missed_ticks_are_caught_up_once(scheduler: Scheduler, runs: RunTable, clock: Clock) -> None:
    scheduler.look()
    clock.now = at("2026-01-08 14:20")
    scheduler.look()
    scheduler.look()
    assert len(runs.latest()) == 1


def test_two_services_give_one_run_for_a_tick(store: str, scheduler: Scheduler, runs: RunTable, clock: Clock) -> None:
    other_database = Database(store)
    other = Scheduler([schedule("0 * * * *")], other_database, submitter(runs), now=clock)
    scheduler.look()
    for hour in ("10:00", "11:00"):
        clock.now = at(f"2026-01-05 {hour}")
        scheduler.look()
        for run in runs.latest():
            runs.fail(run.run_id, "over", 1)
        other.look()
    assert [run.state for run in runs.latest()] == [State.FAILED, State.FAILED]
    other_database.close()


def test_the_service_runs_on_schedule_and_skips_what_is_unchanged(install: Install, google: SheetsServer) -> None:
    installation = install()
    key = google_workbook(google)
    installation.register("q3", key)
    installation.serve()
    first = installation.finished(installation.click("q3"))
    installation.stop()
    # As if the service had been down since yesterday.
    installation.register("q3", key, schedule="* * * * *")
    database = Database(str(installation.service["database"]))
    workbook = RegisteredWorkbook(location=key, schedule="* * * * *")
    (entry,) = schedules_of(Settings(workbooks={"q3": workbook}, service=ServiceSettings(jitter_s=0)))
    Scheduler([entry], database, submitter(RunTable(database)), now=lambda: 0.0).look()
    database.close()
    google.log.clear()
    installation.serve()
    installation.wait(lambda: len(listed(installation)) > 1, "the schedule runs")
    scheduled = installation.finished(listed(installation)[0]["run_id"])
    assert (scheduled["trigger"], scheduled["state"], scheduled["written"]) == ("schedule", "succeeded", False)
    assert scheduled["summary"] == "The inputs are those of the last run, so there was nothing to do."
    assert {row["run_id"] for row in rows_of(google, key)} == {first["run_id"]}
    (workbook,) = installation.call("GET", "/v1/workbooks").json()["workbooks"]
    assert workbook["next_run_at"] is not None


def listed(installation) -> list[dict]:
    return installation.call("GET", "/v1/runs?workbook=q3").json()["runs"]
