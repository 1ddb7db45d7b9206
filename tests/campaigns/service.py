"""The service, killed with kill -9 at random moments: every accepted run ends once and is written once.

`make campaign NAME=service` kills a hundred times, whichever of the service and a worker chance picks, while people
click on Google Sheets and .xlsx files. `ARGS="SEED KILLS"` chooses others.
"""

import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import SCENARIOS, Installation, copies, rows_of
from tests.workbooks import WORKED_EXAMPLE, column_below, write_workbook

KILLS = 100
PATIENCE_S = 180
"""Seconds for a start and for a run to end: a busy machine is no fault."""


@dataclass(frozen=True)
class Campaign:
    """What happened, and everything that should not have."""

    kills: int
    runs: int
    executions: int
    seconds: float
    faults: list[str]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.runs} runs, {self.executions} executions, {self.seconds:.0f} s, "
            f"{len(self.faults)} faults" + "".join(f"\n  {fault}" for fault in self.faults)
        )


def register_books(installation: Installation, google: SheetsServer, sheets: int, files: int) -> dict[str, str | Path]:
    """Workbooks of both kinds, by name: a spreadsheet's id, or a path."""
    books: dict[str, str | Path] = {f"team{number}": key for number, key in enumerate(copies(google, sheets))}
    for number in range(files):
        books[f"file{number}"] = write_workbook(installation.folder / f"file{number}.xlsx", WORKED_EXAMPLE)
    for name, place in books.items():
        installation.register(name, str(place))
    return books


def kill_service(
    installation: Installation, google: SheetsServer, books: Mapping[str, str | Path], kills: int, chance: random.Random
) -> Campaign:
    """Click and kill, wait until every run has ended, and compare sheets, run table and store."""
    # Answers that take a while make moments in which a call was carried out, but nobody knows yet.
    google.fault("delay", "POST .*batchUpdate", delay_s=0.15, times=None)
    start = {"serve": lambda: installation.serve(PATIENCE_S), "worker": lambda: installation.start("worker")}
    processes = {name: begin() for name, begin in start.items()}
    clicked: list[str] = []
    started = time.monotonic()
    for kill in range(kills):
        clicked += [installation.insist(name, f"{kill}-{name}") for name in chance.sample(list(books), 2)]
        time.sleep(chance.uniform(0, 2.5))
        victim = chance.choice(list(processes))
        installation.kill(processes[victim])
        processes[victim] = start[victim]()
    # Also those that were accepted, but whose answer a kill cut off.
    accepted = [run for name in books for run in listed(installation, name)]
    ended = {run["run_id"]: installation.finished(run["run_id"], timeout_s=PATIENCE_S) for run in accepted}
    executions = sum(line.get("action") == "run_begun" for line in installation.log_lines())
    faults = [f"{run_id} was accepted and is lost" for run_id in set(clicked) - ended.keys()]
    faults += [
        f"{run_id}: {run['state']}: {run['summary']}" for run_id, run in ended.items() if run["state"] != "succeeded"
    ]
    for name, place in books.items():
        mine = {run_id for run_id, run in ended.items() if run["workbook"] == name}
        faults += [f"{name}: {fault}" for fault in wrong_in(google, place, mine)]
    faults += wrong_in_store(installation, set(ended))
    left = [path.name for path in installation.folder.iterdir() if path.name.endswith((".tmp", ".lock"))]
    faults += [f"left behind: {left}"] if len(left) > 1 else []  # one may wait for its minute to be over
    return Campaign(kills, len(ended), executions, time.monotonic() - started, faults)


def wrong_in(google: SheetsServer, place: str | Path, expected: set[str]) -> Iterator[str]:
    """What a workbook shows that is not each of these runs once, and the last of them in Results."""
    if isinstance(place, Path):
        book = openpyxl.load_workbook(place)
        shown = column_below(place, "Runs", "run_id") if expected else []
        results = " ".join(str(cell.value) for row in book["Results"] for cell in row) if expected else ""
    else:
        shown = [row["run_id"] for row in rows_of(google, place)]
        results = " ".join(texts_of_results(google, place)) if expected else ""
    if Counter(shown) != dict.fromkeys(expected, SCENARIOS):
        yield f"Runs has {Counter(shown)} for {sorted(expected)}"
    if shown and shown[-1] not in results:
        yield f"Results is not of {shown[-1]}"
    if any(run_id in results for run_id in set(shown) - set(shown[-1:])):
        yield "Results names more than one run"


def texts_of_results(google: SheetsServer, key: str) -> Iterator[str]:
    """Every text in Results."""
    (sheet,) = [sheet for sheet in google.workbook_json(key)["sheets"] if sheet["properties"]["title"] == "Results"]
    for row in sheet["data"][0].get("rowData", []):
        for cell in row.get("values", []):
            if "stringValue" in (value := cell.get("effectiveValue", {})):
                yield value["stringValue"]


def wrong_in_store(installation: Installation, expected: set[str]) -> Iterator[str]:
    """Runs that the workbooks show and the store of past runs does not have, or the other way round."""
    with closing(sqlite3.connect(installation.past_runs)) as database:
        kept = {row[0] for row in database.execute("SELECT run_id FROM runs")}
    if kept != expected:
        yield f"the store lacks {sorted(expected - kept)} and has {sorted(kept - expected)} beyond the workbooks"


def listed(installation: Installation, name: str) -> list[dict]:
    """The runs of a workbook, as the service lists them."""
    answer = installation.call("GET", f"/v1/runs?workbook={name}&limit=200")
    assert answer.status_code == 200, answer.text
    return answer.json()["runs"]


def main(seed: int, kills: int) -> int:
    """Run the campaign; 1 where something was lost, doubled or different."""
    folder = Path(tempfile.mkdtemp(prefix="sheetplan-campaign-"))
    with SheetsServer() as google:
        installation = Installation(folder, google, concurrent_runs=2)
        try:
            found = kill_service(
                installation, google, register_books(installation, google, 4, 2), kills, random.Random(seed)
            )
        finally:
            installation.stop()
    print(found)
    if found.faults:
        print(f"The logs are in {folder}.")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(map(int, sys.argv[1:3]) if len(sys.argv) == 3 else (1, KILLS))))
