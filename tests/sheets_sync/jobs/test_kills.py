"""kill -9 at random moments: every accepted run ends once, Runs has no duplicates, Results is whole.

`KILLS=200 pytest tests/sheets_sync/jobs/test_kills.py` is the long form.
"""

import os
import random
import time
from collections import Counter

import pytest

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import FINAL, SCENARIOS, copies, rows_of

KILLS = int(os.environ.get("KILLS", "3"))


@pytest.mark.parametrize("seed", [int(os.environ.get("KILL_SEED", "1"))])
def test_runs_under_kills_are_each_written_exactly_once(
    install: Install, google: SheetsServer, store: str, seed: int
) -> None:
    chance = random.Random(seed)
    installation = install(store=store, concurrent_runs=2)
    books = {f"team{number}": key for number, key in enumerate(copies(google, 4))}
    for name, key in books.items():
        installation.register(name, key)
    # Answers that take a while make moments in which a call was carried out, but nobody knows yet.
    google.fault("delay", "POST .*batchUpdate", delay_s=0.15, times=None)
    processes = {"serve": installation.serve(), "worker": installation.start("worker")}
    clicked: list[str] = []
    started = time.monotonic()
    for kill in range(KILLS):
        clicked += [installation.insist(name, f"{kill}-{name}") for name in chance.sample(list(books), 2)]
        time.sleep(chance.uniform(0, 2.5))
        victim = chance.choice(list(processes))
        installation.kill(processes[victim])
        processes[victim] = installation.serve() if victim == "serve" else installation.start("worker")
    # Also those that were accepted, but whose answer a kill cut off.
    accepted = {run["run_id"] for name in books for run in listed(installation, name)}
    assert set(clicked) <= accepted
    ended = {run_id: installation.finished(run_id, timeout_s=120) for run_id in sorted(accepted)}
    seconds = time.monotonic() - started
    executions = sum(line.get("action") == "run_begun" for line in installation.log_lines())
    print(f"\n{KILLS} kills, {len(accepted)} runs, {executions} executions, {seconds:.0f} s")
    assert Counter(run["state"] for run in ended.values()) == {"succeeded": len(accepted)}, [
        run["summary"] for run in ended.values() if run["state"] != "succeeded"
    ]
    for name, key in books.items():
        runs = [row["run_id"] for row in rows_of(google, key)]
        mine = {run_id for run_id, run in ended.items() if run["workbook"] == name}
        assert Counter(runs) == dict.fromkeys(mine, SCENARIOS), name
        if runs:
            assert_results_are_whole(google, key, runs[-1])
    assert all(run["state"] in FINAL for run in ended.values())


def assert_results_are_whole(google: SheetsServer, key: str, run_id: str) -> None:
    """Results is of one run alone, the last one, with its check cell true."""
    (sheet,) = [sheet for sheet in google.workbook_json(key)["sheets"] if sheet["properties"]["title"] == "Results"]
    texts = {
        value["stringValue"]
        for row in sheet["data"][0].get("rowData", [])
        for cell in row.get("values", [])
        if "stringValue" in (value := cell.get("effectiveValue", {}))
    }
    assert run_id in texts
    assert any(text.startswith("OK: all ") for text in texts)


def listed(installation, name: str) -> list[dict]:
    answer = installation.call("GET", f"/v1/runs?workbook={name}&limit=200")
    assert answer.status_code == 200, answer.text
    return answer.json()["runs"]
