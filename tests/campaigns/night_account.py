"""One service account's night: its service with the real worker, job engine, scheduler and limiter, in this process.

Started by `tests.campaigns.nights`, which kills it now and then. Only Google and the network are made up, and the clock
passes over the time in which everything sleeps. What arrives at Google, and when, is a line in a file.
"""

import heapq
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from config.settings import GoogleSettings, RegisteredWorkbook, ServiceSettings, Settings, StoreSettings
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.jobs.run_table import FINAL
from sheets_sync.jobs.schedule import LOOK_S, Scheduler, schedules_of
from sheets_sync.jobs.shared_quota import SharedLimiter
from sheets_sync.jobs.worker import Worker
from sheets_sync.report import runs_log
from sheets_sync.request import RunRequest
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import FurtherTabs, TabFilter, Workbook, Written, no_further_tabs
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot
from sheets_sync.workbook.template import TabTemplate
from tests.sheets_server.errors import ApiError
from tests.sheets_server.quota import Quota
from tests.workbooks import WORKED_EXAMPLE, write_workbook

MIDNIGHT = 1_767_225_600.0
"""2026-01-01, 00:00 UTC; the schedule is 02:00."""
TICK = MIDNIGHT + 2 * 3600
CHANGED_OF = 5
"""One workbook of so many was edited since yesterday: these are solved and written."""
LONGEST_WAIT_S = 0.25


@dataclass(frozen=True)
class Night:
    """What one account has to do."""

    name: str
    workbooks: int
    per_minute: int
    known: bool
    """Whether each workbook was met before."""


class PassingClock:
    """The real time, and on top what was passed over because all that could happen was that somebody wakes up."""

    def __init__(self, start: float) -> None:
        self._offset = start - time.monotonic()
        self._sleepers: list[float] = []
        self._changed = threading.Condition()
        self.is_idle: Callable[[int], bool] = lambda _: False
        """Whether nothing but these many sleepers could do anything."""

    def now(self) -> float:
        """The time of the simulation."""
        return time.monotonic() + self._offset

    def sleep(self, seconds: float) -> None:
        """Sleep so long by this clock."""
        if seconds <= 0:
            return
        with self._changed:
            until = self.now() + seconds
            heapq.heappush(self._sleepers, until)
            while (left := until - self.now()) > 0:
                ahead = self._sleepers[0] - self.now()
                if ahead > 0 and self.is_idle(len(self._sleepers)):
                    self._offset += ahead
                    self._changed.notify_all()
                else:
                    self._changed.wait(min(left, LONGEST_WAIT_S))
            self._sleepers.remove(until)
            heapq.heapify(self._sleepers)


class Google:
    """What arrives at Google: counted against the quota, and written down so that it outlives this process."""

    def __init__(self, file: Path, night: Night, clock: PassingClock) -> None:
        self._quota = Quota(night.per_minute, night.per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self.written: dict[str, set[str]] = {}
        for at, kind, workbook, run_id, _ in calls_in(file):
            self._count(at, kind, workbook, run_id)
        self._log = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def call(self, kind: str, workbook: str, run_id: str = "-") -> bool:
        """One call, which a write takes effect with; False where it is beyond the quota and refused."""
        with self._lock:
            at = self._clock.now()
            is_taken = self._count(at, kind, workbook, run_id)
            os.write(self._log, f"{at:.6f} {kind} {workbook} {run_id} {'ok' if is_taken else '429'}\n".encode())
            return is_taken

    def _count(self, at: float, kind: str, workbook: str, run_id: str) -> bool:
        try:
            self._quota.take("account", kind.capitalize(), at)
        except ApiError:
            return False
        if kind == "write":
            self.written.setdefault(workbook, set()).add(run_id)
        return True


def calls_in(file: Path) -> Iterator[tuple[float, str, str, str, str]]:
    """The calls that arrived: when, kind, workbook, run, answer."""
    for line in file.read_text().splitlines() if file.exists() else ():
        at, kind, workbook, run_id, answer = line.split()
        yield float(at), kind, workbook, run_id, answer


class NightWorkbook(Workbook):
    """A workbook at that Google; its cells are those of a worked example that has been run before."""

    def __init__(self, account: "Account", sheet: str, *, is_edited: bool) -> None:
        self._account = account
        self._sheet = sheet
        self._cells = account.edited if is_edited else account.unchanged

    @property
    def locator(self) -> str:
        """Its address."""
        return self._sheet

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """One call, two where the workbook is not known."""
        del wanted, further
        for _ in range(1 if self._account.night.known else 2):
            self._call("read")
        written = self._account.google.written.get(self._sheet)
        cells = _with_run(self._cells, max(written)) if written else self._cells
        return replace(cells, locator=self._sheet, workbook_id=self._sheet)

    def write(self, changes: Changes, *, force: bool = False) -> Written:
        """One call, which takes effect as a whole."""
        del force
        self._call("write", changes.run_id)
        return Written()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold it; that a second run comes at the same time is what must not happen."""
        assert self._sheet not in self._account.held
        self._account.held.add(self._sheet)
        try:
            yield
        finally:
            self._account.held.remove(self._sheet)

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:
        """Nobody asks for it at night."""
        raise NotImplementedError

    def _call(self, kind: str, run_id: str = "-") -> None:
        account, pause = self._account, 1.0
        while True:
            account.limiter.acquire(kind)
            account.clock.sleep(account.chance.uniform(0.05, 0.6))
            is_taken = account.google.call(kind, self._sheet, run_id)
            account.clock.sleep(account.chance.uniform(0.1, 0.8))
            if is_taken:
                return
            # As the transport does.
            account.clock.sleep(account.chance.uniform(0, pause))
            pause *= 2


def _with_run(cells: Snapshot, run_id: str) -> Snapshot:
    """The same cells after that run was written."""
    tab = cells.tabs[runs_log.TITLE]
    *rows, last = tab.rows
    column = next(number for row in rows for number, cell in enumerate(row) if cell.value == runs_log.RUN_ID)
    last = [replace(cell, value=run_id) if number == column else cell for number, cell in enumerate(last)]
    return replace(cells, tabs={**cells.tabs, runs_log.TITLE: replace(tab, rows=[*rows, last])})


class Account:
    """The service of one account, from when it is started until nothing is left to do (or it is killed)."""

    def __init__(self, folder: Path, night: Night) -> None:
        self.night = night
        file = folder / f"{night.name}.calls"
        last = max((at for at, *_ in calls_in(file)), default=TICK - 30)
        self.clock = PassingClock(last)
        self.chance = random.Random(f"{night.name} {last}")
        self.google = Google(file, night, self.clock)
        self.held: set[str] = set()
        self.unchanged, self.edited = _cells(folder / f"{night.name}.xlsx")
        settings = _settings(folder, night)
        edited_ones = {location_of(night, at) for at in range(0, night.workbooks, CHANGED_OF)}

        def opened(location: str, _: Settings) -> Workbook:
            return NightWorkbook(self, sheet_of(location), is_edited=location in edited_ones)

        self._worker = Worker(settings, clock=self.clock.now, open_workbook=opened)
        self._scheduler = Scheduler(
            schedules_of(settings), self._worker.database, self._worker.submit_once, now=self.clock.now
        )
        limits = {"read": night.per_minute, "write": night.per_minute}
        self.limiter = SharedLimiter(
            self._worker.database, night.name, limits, clock=self.clock.now, sleep=self.clock.sleep
        )
        self._most = settings.service.concurrent_runs

    def run(self) -> None:
        """Work until every workbook was looked at."""
        self._worker.start()
        self.clock.is_idle = self._only_sleepers
        while sum(counts := self._counts()) < self.night.workbooks or counts[0]:
            self._scheduler.look()
            self.clock.sleep(LOOK_S)
        self._worker.stop()

    def _only_sleepers(self, sleepers: int) -> bool:
        # The scheduler is one of them; each run under way must be another.
        return sleepers > min(self._most, self._counts()[0])

    def _counts(self) -> tuple[int, int]:
        """How many runs are open, and how many have ended."""
        counts = self._worker.runs.counts()
        ended = sum(counts.get(state, 0) for state in FINAL)
        return sum(counts.values()) - ended, ended


def location_of(night: Night, number: int) -> str:
    """The address of a workbook."""
    return f"https://docs.google.com/spreadsheets/d/{night.name}-{number:030}"


def sheet_of(location: str) -> str:
    """The id in an address."""
    return location.rpartition("/")[2]


def _settings(folder: Path, night: Night) -> Settings:
    return Settings(
        google=GoogleSettings(reads_per_minute=night.per_minute, writes_per_minute=night.per_minute),
        service=ServiceSettings(database=f"sqlite:///{folder / night.name}.db"),
        store=StoreSettings(path=folder / f"{night.name}.sqlite3"),
        workbooks={
            f"{night.name} {at}": RegisteredWorkbook(location=location_of(night, at), schedule="0 2 * * *")
            for at in range(night.workbooks)
        },
    )


def _cells(file: Path) -> tuple[Snapshot, Snapshot]:
    """A workbook after a run, and the same after somebody edited it."""
    scenarios = WORKED_EXAMPLE["Scenarios"][:2]
    run_workbook(ExcelWorkbook(write_workbook(file, {**WORKED_EXAMPLE, "Scenarios": scenarios})), RunRequest())
    unchanged = ExcelWorkbook(file).read(wanted_tabs)
    tab = unchanged.tabs["Initiatives"]
    rows = [[replace(cell, value=130_000) if cell.value == 120_000 else cell for cell in row] for row in tab.rows]
    return unchanged, replace(unchanged, tabs={**unchanged.tabs, "Initiatives": replace(tab, rows=rows)})


def main(folder: str, name: str, workbooks: str, per_minute: str, known: str) -> None:
    """One night of one account."""
    Account(Path(folder), Night(name, int(workbooks), int(per_minute), known == "True")).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
