"""The real service in a process of its own, before the stand-in for Google in another: what a trigger and a run cost.

Wall time, for here processes wait for each other; each figure therefore stands beside one of the same session that is
measured in the same way: a trigger beside `/healthz` of the same app, a run through the service beside the same run
without it, threads beside processes.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import gspread
import requests

from benchmarks.models import Model
from config.settings import StoreSettings
from sheets_sync.google.connection import connect
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import open_store
from tests.sheets_server.redirect import redirected_session
from tests.sheets_sync.installation import FINAL, Installation, copies

ROOT = Path(__file__).parent.parent
WORKBOOKS = 20
CALLERS = (1, 8)
TRIGGERS = 200
TRIVIAL_RUNS = 15
HEAVY_SIZE = 3_000
HEAVY_ROUNDS = 2
SCENARIO = "Pure north star"
POLL_S = 0.2
"""The default of `service.poll_s`: how often a worker looks for waiting runs."""


@dataclass(frozen=True)
class Latency:
    """Answers to some callers at once, each of whom asks again as soon as they have theirs."""

    per_second: float
    p50_s: float
    p95_s: float


@dataclass(frozen=True)
class Triggers:
    """Triggers of runs that then wait, triggers while runs are worked on, and `/healthz` between the two."""

    waiting: Latency
    busy: Latency
    healthz: Latency


@dataclass(frozen=True)
class ServiceFigures:
    """What one kind of store gave; `triggers` by the number of callers, the rest in seconds."""

    triggers: dict[int, Triggers]
    service_run_s: float
    direct_run_s: float

    @property
    def overhead_s(self) -> float:
        """What the service adds to a run, from acceptance to its end: the wait for the next look included."""
        return self.service_run_s - self.direct_run_s


@dataclass(frozen=True)
class SideBySide:
    """Two runs at once on this machine's cores, in seconds until both were done; and one run alone."""

    alone_s: float
    threads_s: float
    processes_s: float


class LocalGoogle:
    """The stand-in for Google in its own process, as far as an installation needs to know it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.log: list[object] = []

    def client(self) -> gspread.Client:
        """The real gspread, sent there."""
        return gspread.Client(auth=None, session=redirected_session(self.url))

    def hold_reads(self, seconds: float) -> None:
        """From now on a run waits so long for what it reads."""
        fault = {"kind": "delay", "match": "GET .*spreadsheets/", "delay_s": seconds, "times": None}
        requests.post(f"{self.url}/__admin__/faults", json=fault, timeout=10).raise_for_status()

    def release(self) -> None:
        """Answers come at once again."""
        requests.delete(f"{self.url}/__admin__/faults", timeout=10).raise_for_status()


@contextmanager
def local_google() -> Iterator[LocalGoogle]:
    """Starts it, and ends it."""
    command = [sys.executable, "-m", "tests.sheets_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield LocalGoogle(process.stdout.readline().strip())
        finally:
            process.terminate()


def measure_service(folder: Path, store: str) -> ServiceFigures:
    """All figures of one store, which is empty."""
    with local_google() as google:
        service = _installation(folder, google, store)
        keys = copies(google, WORKBOOKS)  # type: ignore[arg-type]  # of a stand-in it needs no more than ours has
        for number, key in enumerate(keys):
            service.register(f"team{number}", key)
        service.serve()
        try:
            service_run_s, direct_run_s = _trivial_runs(service, google, keys[0])
            busy = {callers: _busy(service, callers) for callers in CALLERS}
            service.wait(lambda: not _open_runs(service), "all runs end", 300)
            healthz = {callers: _asked(callers, lambda _: _healthz(service)) for callers in CALLERS}
            google.hold_reads(600.0)
            waiting = {callers: _waiting(service, callers) for callers in CALLERS}
        finally:
            for process in list(service.processes):
                service.kill(process)
        triggers = {callers: Triggers(waiting[callers], busy[callers], healthz[callers]) for callers in CALLERS}
        return ServiceFigures(triggers, service_run_s, direct_run_s)


def measure_side_by_side(folder: Path) -> SideBySide:
    """Two runs of all scenarios: threads of one worker, and one worker each; in turns, the best of each."""
    with local_google() as google:
        rounds = [_two_runs(folder / f"round{number}", google) for number in range(HEAVY_ROUNDS)]
    return SideBySide(*(min(times) for times in zip(*rounds, strict=True)))


def _two_runs(folder: Path, google: LocalGoogle) -> tuple[float, float, float]:
    together = _heavy(folder / "threads", google, concurrent_runs=2)
    alone_s = _until_done(together, "one")
    threads_s = _until_done(together, "one", "two")
    together.stop()
    apart = _heavy(folder / "processes", google, concurrent_runs=1)
    apart.start("worker")
    apart.wait(lambda: "slot-1" in apart.logs(), "the second worker starts")
    processes_s = _until_done(apart, "one", "two")
    apart.stop()
    return alone_s, threads_s, processes_s


def _heavy(folder: Path, google: LocalGoogle, *, concurrent_runs: int) -> Installation:
    folder.mkdir(parents=True)
    service = _installation(folder, google, f"sqlite:///{folder / 'store.db'}", concurrent_runs=concurrent_runs)
    for name in ("one", "two"):
        Model(HEAVY_SIZE).write(folder / f"{name}.xlsx")
        service.register(name, str(folder / f"{name}.xlsx"))
    service.serve()
    return service


def _installation(folder: Path, google: LocalGoogle, store: str, **service: object) -> Installation:
    # Of the stand-in an installation only needs the address.
    return Installation(folder, google, store=store, poll_s=POLL_S, **service)  # type: ignore[arg-type]


def _until_done(service: Installation, *names: str) -> float:
    """Seconds from the first click until the last of the runs has ended, as the service itself dates them."""
    runs = [service.finished(run_id, timeout_s=600) for run_id in [service.click(name) for name in names]]
    assert {run["state"] for run in runs} == {"succeeded"}, [run["summary"] for run in runs]
    return max(_moment(run["finished_at"]) for run in runs) - min(_moment(run["created_at"]) for run in runs)


def _trivial_runs(service: Installation, google: LocalGoogle, key: str) -> tuple[float, float]:
    """Medians of one scenario of the worked example: through the service, and without it; in turns."""
    connection = connect(reads_per_minute=10_000, writes_per_minute=10_000, emulator=google.url)
    store = open_store(StoreSettings(path=service.folder / "direct.sqlite3"))
    through, direct = [], []
    for number in range(TRIVIAL_RUNS + 1):
        run = service.finished(service.click("team0", scenarios=[SCENARIO]))
        begun = perf_counter()
        outcome = run_workbook(GoogleWorkbook(key, connection), RunRequest(scenarios=[SCENARIO]), store=store)
        if number:  # the first of each loads what it needs
            direct.append(perf_counter() - begun)
            through.append(_moment(run["finished_at"]) - _moment(run["created_at"]))
        assert run["state"] == "succeeded"
        assert outcome.written
    connection.close()
    return median(through), median(direct)


def _waiting(service: Installation, callers: int) -> Latency:
    """Each trigger a run of its own, which waits because the ones before it still read."""

    def trigger(number: int) -> None:
        service.click(f"team{number % WORKBOOKS}", scenarios=[f"{callers} callers, {number}"])

    return _asked(callers, trigger)


def _busy(service: Installation, callers: int) -> Latency:
    """Triggers as they come, while the same process works on the runs of those before."""
    return _asked(callers, lambda number: service.click(f"team{number % WORKBOOKS}"))


def _healthz(service: Installation) -> None:
    assert requests.get(f"{service.url}/healthz", timeout=30).status_code == 200


def _asked(callers: int, ask: Callable[[int], object]) -> Latency:
    def timed(number: int) -> float:
        begun = perf_counter()
        ask(number)
        return perf_counter() - begun

    begun = perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        times = list(pool.map(timed, range(TRIGGERS)))
    return Latency(TRIGGERS / (perf_counter() - begun), median(times), quantiles(times, n=20)[-1])


def _open_runs(service: Installation) -> list[str]:
    listed = service.call("GET", "/v1/runs?limit=200").json()["runs"]
    return [run["run_id"] for run in listed if run["state"] not in FINAL]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
