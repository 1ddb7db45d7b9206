"""Ten thousand workbooks in one night: the service, killed now and then, under the quotas of five accounts.

`make campaign NAME=nights` runs 10,000 workbooks on five service accounts, one installation after the other, once on
first contact and once with workbooks that are known (`ARGS="1000 1"`: so many on so many; `ARGS="10000 5 known"`: only
the one). Each installation is a process of its own, `tests.campaigns.night_account`: worker, job engine, scheduler,
table of runs, limiter and solver are the real ones. The clock passes over the time in which all of them sleep. Google
and the network are made up; a stand-in's quota counts what arrives there.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.run_table import RunTable, State
from tests.campaigns.night_account import CHANGED_OF, TICK, Night, calls_in, location_of, sheet_of

WORKBOOKS, ACCOUNTS = 10_000, 5
PER_MINUTE = 60
KILLS = 4
"""kill -9 of each service in a night."""
NIGHTS = {"first": False, "known": True}


@dataclass
class Outcome:
    """What one account made of its night; times in seconds since the schedule's."""

    workbooks: int
    ended: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0
    reads: int = 0
    writes: int = 0
    refused: int = 0
    """Calls beyond the quota, which were repeated: a process that had no turn for a second sends late what it had a
    place for, and Google sees more than a minute's calls in one. No fault, but there should be few."""
    lost: int = 0
    """Workbooks that were not looked at, or were edited and not written."""
    doubled: int = 0
    """Workbooks with more than one run, or more than one write."""
    ideal: float = 0.0
    """When the last one would be finished, if not one place of the quota were left free."""
    kills: int = 0

    @property
    def last(self) -> float:
        """When the last one was finished."""
        return max(times[-1] for times in self.ended.values())

    @property
    def late(self) -> int:
        """How many were finished later than twice the ideal."""
        return sum(time > 2 * self.ideal for times in self.ended.values() for time in times)

    @property
    def faults(self) -> int:
        """How often something is wrong."""
        return self.failed + self.lost + self.doubled + self.late


def spend(night: Night, folder: Path, kills: int) -> Outcome:
    """One account's night; its service is killed so often, after numbers of calls that chance picks."""
    calls = folder / f"{night.name}.calls"
    chance = random.Random(night.name)
    until = sorted(chance.randrange(1, night.workbooks) for _ in range(kills))
    for count in until:
        _kill_after(_start(night, folder), calls, count)
    service = _start(night, folder)
    assert service.wait() == 0, (folder / f"{night.name}.log").read_text()[-3000:]
    return _outcome(night, folder, calls, kills)


def _start(night: Night, folder: Path) -> subprocess.Popen[bytes]:
    about = [str(folder), night.name, str(night.workbooks), str(night.per_minute), str(night.known)]
    # Nothing is sent there; but without it, credentials would be looked for.
    environment = os.environ | {"SHEETS_EMULATOR_HOST": "http://127.0.0.1:9"}
    with (folder / f"{night.name}.log").open("ab") as log:
        command = [sys.executable, "-m", "tests.campaigns.night_account", *about]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _kill_after(service: subprocess.Popen[bytes], calls: Path, count: int) -> None:
    while not calls.exists() or calls.read_bytes().count(b"\n") < count:
        assert service.poll() is None, calls.with_suffix(".log").read_text()[-3000:]
        time.sleep(0.1)
    service.kill()
    service.wait()


def _outcome(night: Night, folder: Path, calls: Path, kills: int) -> Outcome:
    found = Outcome(night.workbooks, kills=kills)
    database = Database(f"sqlite:///{folder / night.name}.db")
    runs = RunTable(database).latest(limit=10 * night.workbooks)
    database.close()
    for run in runs:
        found.ended.setdefault(run.location, []).append((run.finished_at or float("inf")) - TICK)
        found.failed += run.state is not State.SUCCEEDED
    arrived = list(calls_in(calls))
    kinds = Counter(kind for _, kind, *_, answer in arrived if answer == "ok")
    found.reads, found.writes = kinds["read"], kinds["write"]
    found.refused = sum(answer != "ok" for *_, answer in arrived)
    found.ideal = max(found.reads, found.writes) / night.per_minute * 60
    writes = Counter(sheet for _, kind, sheet, _, answer in arrived if kind == "write" and answer == "ok")
    for number in range(night.workbooks):
        location = location_of(night, number)
        wanted, written = int(number % CHANGED_OF == 0), writes[sheet_of(location)]
        found.lost += location not in found.ended or written < wanted
        found.doubled += len(found.ended.get(location, ())) > 1 or written > wanted
    return found


def main(workbooks: int, accounts: int, *names: str) -> int:
    """Spend the nights, and print what came out; returns the number of faults."""
    faults = 0
    for name in names or NIGHTS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            found = []
            for number in range(accounts):
                night = Night(f"{name}-{number}", workbooks // accounts, PER_MINUTE, NIGHTS[name])
                found.append(spend(night, Path(folder), KILLS))
                print(f"{night.name}: {found[-1].last / 60:.1f} min, {found[-1].faults} faults", flush=True)
        faults += sum(night.faults for night in found)
        last, ideal = max(night.last for night in found), max(night.ideal for night in found)
        kind = "known" if NIGHTS[name] else "first contact"
        print(
            f"{workbooks:,} workbooks, {kind}, on {accounts} accounts: last one after {last / 60:.1f} min, "
            f"ideal {ideal / 60:.1f}; {sum(night.reads for night in found):,} reads, "
            f"{sum(night.writes for night in found):,} writes, {sum(night.refused for night in found)} refused; "
            f"{sum(night.kills for night in found)} kills, {sum(night.lost for night in found)} lost, "
            f"{sum(night.doubled for night in found)} doubled, {sum(night.failed for night in found)} failed, "
            f"{sum(night.late for night in found)} late ({time.perf_counter() - began:.0f} s)",
            flush=True,
        )
    print(f"{faults} faults")
    return faults


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    sys.exit(min(main(*(numbers or [WORKBOOKS, ACCOUNTS]), *sys.argv[3:]), 1))
