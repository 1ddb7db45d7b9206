"""Ten thousand workbooks in one night, on a clock of our own: what schedule, run table and quotas make of it.

`make campaign NAME=nights` simulates 10,000 workbooks on five service accounts (`ARGS="1000 1"`: so many on so many).
Real are the scheduler, the table of runs with its keys, and the limiter, over one database per account; a stand-in's
quota counts what arrives at Google. Simulated are time, the network, the solver, the queue in memory (first in, first
out), and services that die between two steps.
"""

import heapq
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.run_table import Asked, Run, RunTable, State
from sheets_sync.jobs.schedule import Schedule, Scheduler, jitter
from sheets_sync.jobs.shared_quota import SharedLimiter
from tests.sheets_server.errors import ApiError
from tests.sheets_server.quota import Quota

WORKBOOKS, ACCOUNTS = 10_000, 5
PER_MINUTE = 60
MIDNIGHT = 1_767_225_600.0
"""2026-01-01, 00:00 UTC; the schedule is 02:00."""
TICK = MIDNIGHT + 2 * 3600
JITTER_S = 60.0
WORKERS = 4
"""Runs that one service handles at once, by default."""
CHANGED = 0.2
"""Share of workbooks that somebody edited since yesterday: these are solved and written."""
DEATHS = 0.02
"""Chance that a service dies after an acceptance, before it has noted it, or within a run."""
LOOK_S = 5.0


@dataclass
class Night:
    """What one account made of its night; times in seconds since the schedule's."""

    workbooks: int
    finished: dict[str, list[float]] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    refused: int = 0
    deaths: int = 0

    @property
    def lost(self) -> int:
        """Workbooks that were not looked at."""
        return self.workbooks - len(self.finished)

    @property
    def doubled(self) -> int:
        """Workbooks that were looked at by more than one run."""
        return sum(len(times) > 1 for times in self.finished.values())

    @property
    def last(self) -> float:
        """When the last one was finished."""
        return max(times[-1] for times in self.finished.values())

    @property
    def ideal(self) -> float:
        """When it would be, if not one place of the quota were left free."""
        return max(self.reads, self.writes) / PER_MINUTE * 60


class Account:
    """One service account: its service, its database, its quota; advanced event by event."""

    def __init__(self, folder: Path, name: str, workbooks: int, *, known: bool) -> None:
        self._now = TICK - 30.0
        self._chance = random.Random(name)
        self._database = Database(f"sqlite:///{folder / name}.db")
        self._database.create_tables()
        self._runs = RunTable(self._database, now=lambda: self._now)
        limits = {"read": PER_MINUTE, "write": PER_MINUTE}
        self._limiter = SharedLimiter(
            self._database, name, limits, clock=lambda: self._now, sleep=lambda _: None
        )  # fmt: skip
        self._google = Quota(PER_MINUTE, PER_MINUTE)
        self._known = known
        self._waiting: list[Run] = []
        self._accepted: set[str] = set()
        self._busy = 0
        self._events: list[tuple[float, int, Iterator[float]]] = []
        self._count = 0
        self.night = Night(workbooks)
        schedules = [
            Schedule(key, key, key, "0 2 * * *", ZoneInfo("UTC"), jitter(key, JITTER_S))
            for key in (f"{name}-{number}" for number in range(workbooks))
        ]
        self._scheduler = Scheduler(schedules, self._database, self._submit, now=lambda: self._now)

    def run(self) -> Night:
        """The night from half a minute before its tick until nothing is left to do."""
        self._spawn(self._looking())
        while self._events:
            at, _, process = heapq.heappop(self._events)
            self._now = max(self._now, at)
            try:
                pause = next(process)
            except StopIteration:
                continue
            self._push(process, self._now + pause)
        self._database.engine.dispose()
        return self.night

    def _push(self, process: Iterator[float], at: float) -> None:
        self._count += 1
        heapq.heappush(self._events, (at, self._count, process))

    def _spawn(self, process: Iterator[float]) -> None:
        self._push(process, self._now)

    def _looking(self) -> Iterator[float]:
        # A service that died is started again, and looks as long as there is something to look for.
        while self._now < TICK + JITTER_S + 30 or len(self._accepted) < self.night.workbooks:
            try:
                self._scheduler.look()
            except _DeathError:
                self.night.deaths += 1
            self._start()
            yield LOOK_S

    def _submit(self, asked: Asked, key: str) -> Run:
        run = self._runs.accept(asked, idempotency_key=key)
        if run.run_id not in self._accepted:
            self._accepted.add(run.run_id)
            self._waiting.append(run)
        if self._chance.random() < DEATHS:
            raise _DeathError
        return run

    def _start(self) -> None:
        while self._waiting and self._busy < WORKERS:
            self._busy += 1
            self._spawn(self._work(self._waiting.pop(0)))

    def _work(self, run: Run) -> Iterator[float]:
        begun = self._runs.begin(run.run_id, "worker", deadline_s=900.0)
        if begun is not None:
            if self._chance.random() < DEATHS:
                # Its successor takes the run over, and reads again.
                self.night.deaths += 1
                yield from self._call("read")
            yield from self._call("read")
            if not self._known:
                yield from self._call("read")
            if self._chance.random() < CHANGED:
                yield self._chance.lognormvariate(0.5, 1.0)
                yield from self._call("write")
            self._runs.finish(run.run_id, "worker", State.SUCCEEDED, exit_code=0, summary="")
            self.night.finished.setdefault(run.workbook, []).append(self._now - TICK)
        self._busy -= 1
        self._start()

    def _call(self, kind: str) -> Iterator[float]:
        yield self._limiter.acquire(kind)
        network = self._chance.uniform(0.05, 0.6)
        yield network
        try:
            self._google.take("account", "Read" if kind == "read" else "Write", self._now)
        except ApiError:
            self.night.refused += 1
        if kind == "read":
            self.night.reads += 1
        else:
            self.night.writes += 1
        yield self._chance.uniform(0.1, 0.8)


class _DeathError(Exception):
    """A service dies here."""


def nights(workbooks: int, accounts: int, folder: Path, *, known: bool) -> list[Night]:
    """The same night of each account; `known` says whether each workbook was met before."""
    share = workbooks // accounts
    return [Account(folder, f"account-{known}-{at}", share, known=known).run() for at in range(accounts)]


def failures(found: list[Night]) -> int:
    """How often something is wrong: lost, doubled, refused by Google, or later than twice the ideal."""
    late = sum(time > 2 * night.ideal for night in found for times in night.finished.values() for time in times)
    return late + sum(night.lost + night.doubled + night.refused for night in found)


def main(workbooks: int, accounts: int) -> int:
    """Simulate, and print what came out; returns the number of failures."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for known in (False, True):
            began = time.perf_counter()
            found = nights(workbooks, accounts, Path(folder), known=known)
            last, ideal = max(night.last for night in found), max(night.ideal for night in found)
            failed += failures(found)
            print(
                f"{workbooks:,} workbooks, {'known' if known else 'first contact'}, on {accounts} accounts: last one "
                f"after {last / 60:.0f} min, ideal {ideal / 60:.0f}; {sum(night.reads for night in found):,} reads, "
                f"{sum(night.writes for night in found):,} writes, {sum(night.refused for night in found)} refused; "
                f"{sum(night.lost for night in found)} lost, {sum(night.doubled for night in found)} doubled, "
                f"{sum(night.deaths for night in found)} deaths ({time.perf_counter() - began:.0f} s)"
            )
    print(f"{failed} failures")
    return failed


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(min(main(*(given or [WORKBOOKS, ACCOUNTS])), 1))
