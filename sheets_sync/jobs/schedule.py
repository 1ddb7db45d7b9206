"""Schedules: cron expressions with time zones, one per registered workbook.

A tick is run once, however many services there are; ticks that were missed while none was up are caught up by one run.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from cronsim import CronSim, CronSimError

from config.settings import Settings, SettingsError
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import watches
from sheets_sync.jobs.run_table import Asked, Run
from sheets_sync.opening import workbook_key

LOOK_S = 1.0
"""Seconds between two looks at the clock."""
FARTHEST_S = 86_400.0
"""Seconds after which a schedule without a next tick is looked at again."""
TRIGGER = "schedule"
FIELDS = 5

Submit = Callable[[Asked, str], Run]
"""Accepts a run under an idempotency key."""


@dataclass(frozen=True)
class Schedule:
    """When one workbook runs; `delay_s` is its own share of the jitter."""

    workbook: str
    workbook_key: str
    location: str
    cron: str
    zone: ZoneInfo
    delay_s: float

    def latest(self, at: float) -> float | None:
        """The last tick whose run is due by `at`; None where there never was one."""
        # The search goes back from just after, because it leaves its starting point out.
        start = datetime.fromtimestamp(at - self.delay_s + 1, self.zone)
        tick = next(CronSim(by_clock(self.cron), start, reverse=True), None)
        return None if tick is None else tick.timestamp()

    def next(self, at: float) -> float | None:
        """When the first run after `at` is due; None where there is none any more."""
        tick = next(CronSim(by_clock(self.cron), datetime.fromtimestamp(at - self.delay_s, self.zone)), None)
        return None if tick is None else tick.timestamp() + self.delay_s


def schedules_of(settings: Settings) -> list[Schedule]:
    """The schedules of all registered workbooks that have one.

    Raises:
        SettingsError: an expression or a time zone is wrong.
    """
    found = []
    for name, workbook in settings.workbooks.items():
        if workbook.schedule is None:
            continue
        try:
            zone = ZoneInfo(workbook.time_zone)
            CronSim(by_clock(workbook.schedule), datetime.now(UTC))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingsError(
                f'workbooks.{name}.time_zone: "{workbook.time_zone}" is no time zone. Use an IANA name, such as '
                "Europe/London."
            ) from None
        except CronSimError as error:
            raise SettingsError(
                f'workbooks.{name}.schedule: "{workbook.schedule}" is no cron expression ({error}). Use five fields: '
                'minute, hour, day, month, weekday, such as "0 6 * * 1-5".'
            ) from None
        key = workbook_key(name, settings)
        delay_s = jitter(key, settings.service.jitter_s)
        found.append(Schedule(name, key, workbook.location, workbook.schedule, zone, delay_s))
    return found


def by_clock(cron: str) -> str:
    """The same expression, such that a clock time which daylight saving leaves out is made up for right after.

    The library does so unless minutes or hours begin with a star, as in ``*/15 2 * * *``. An expression for every hour
    needs no such care: it goes by elapsed time.

    Raises:
        CronSimError: it has not five fields; the library would take the first of six for seconds.
    """
    fields = cron.split()
    if len(fields) != FIELDS:
        raise CronSimError(f"it has {len(fields)} fields")
    minute, hour, *days = fields
    if hour == "*":
        return cron
    return " ".join([_as_range(minute, "0-59"), _as_range(hour, "0-23"), *days])


def _as_range(field: str, all_of_it: str) -> str:
    return all_of_it + field[1:] if field.startswith("*") else field


def jitter(key: str, longest_s: float) -> float:
    """A delay below `longest_s`, always the same for one workbook and spread evenly over all."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48 * longest_s


class Scheduler:
    """Submits runs as their time comes; what was submitted is remembered in the store."""

    def __init__(
        self,
        schedules: Sequence[Schedule],
        database: Database,
        submit: Submit,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._schedules = {schedule.workbook: schedule for schedule in schedules}
        self._database = database
        self._submit = submit
        self._now = now
        # When each schedule has something to do next: with thousands of them a look must not ask the store for each.
        self._quiet_until: dict[str, float] = {}
        self._looked_at = 0.0

    def look(self) -> None:
        """Submit what is due."""
        now = self._now()
        if now < self._looked_at:
            self._quiet_until.clear()
        self._looked_at = now
        for schedule in self._schedules.values():
            if now < self._quiet_until.get(schedule.workbook, now):
                continue
            seen = self._seen(schedule, now)
            due = schedule.latest(now)
            if due is not None and due > seen:
                asked = Asked(
                    schedule.workbook, schedule.workbook_key, schedule.location, None, TRIGGER, "", only_if_changed=True
                )
                # First the run, then the note: a crash between the two repeats a key, not a run.
                self._submit(asked, f"{TRIGGER} {schedule.workbook_key} {due:.0f}")
                self._note(schedule, due)
            self._quiet_until[schedule.workbook] = schedule.next(now) or now + FARTHEST_S

    def next_run(self, workbook: str) -> float | None:
        """When a workbook's next run is due."""
        schedule = self._schedules.get(workbook)
        return None if schedule is None else schedule.next(self._now())

    def _seen(self, schedule: Schedule, now: float) -> float:
        """The last tick that was submitted; a schedule that is new begins now."""
        name = _name(schedule)
        with self._database.begin() as connection:
            seen = connection.execute(sa.select(watches.c.seen).where(watches.c.name == name)).scalar()
            if seen is None:
                connection.execute(sa.insert(watches).values(name=name, seen=str(now)))
                return now
            return float(seen)

    def _note(self, schedule: Schedule, tick: float) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.update(watches).where(watches.c.name == _name(schedule)).values(seen=str(tick)))


def _name(schedule: Schedule) -> str:
    # A changed expression is a new schedule: it must not catch up on ticks that it never had.
    return f"schedule {schedule.workbook_key} {schedule.cron} {schedule.zone.key}"
