"""The fault matrix: whatever happens to any call, Results is the old or the new one, whole, and Runs has no run twice.

Every call of a run meets every fault, before and after it took effect, once and for good; and processes are killed at
many moments of a write. The counts are printed (pytest -s).
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.workbook.backend import WorkbookError
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import Plan, changes, inputs, make_plan

CALLS = {"read": "GET /v4/spreadsheets/", "write": "POST /v4/spreadsheets/.*:batchUpdate"}
STATUSES = (400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504)
BODY = 12
LARGE = 800
"""Bytes per call with which the report of `BODY` initiatives goes out in parts."""


@dataclass(frozen=True)
class Trouble:
    """One cell of the matrix."""

    call: str
    kind: str
    status: int = 503
    times: int | None = 1


def troubles() -> list[Trouble]:
    found = []
    for call, times in itertools.product(CALLS, (1, None)):
        found += [Trouble(call, "status", status, times) for status in STATUSES]
        found += [Trouble(call, kind, times=times) for kind in ("reset_before", "reset_after", "cut_body", "delay")]
    return found


def state_of(plan: Plan) -> tuple[str, Counter[str], set[str]]:
    """The one run that Results shows, how often each run stands in Runs, and the run that the statuses name."""
    sheets = {sheet["properties"]["title"]: sheet for sheet in plan.server.workbook_json(plan.id)["sheets"]}

    def texts(title: str) -> list[list[str]]:
        rows = sheets[title]["data"][0].get("rowData", []) if title in sheets else []
        return [[cell.get("formattedValue", "") for cell in row.get("values", [])] for row in rows]

    report = [row for row in texts("Results") if any(row)]
    shown = {row[2] for row in report[2:-1]} | {row[1] for row in report[:1]}
    assert len(shown) <= 1, f"Results mixes {shown}"
    assert len(report) in (0, BODY + 3), f"Results has {len(report)} rows"
    runs = Counter(row[0] for row in texts("Runs")[1:] if row)
    statuses = {row[2].removeprefix("OK in ") for row in texts("Initiatives")[1:] if len(row) > 2 and row[2]}
    return shown.pop() if shown else "", runs, statuses


def check_whole(plan: Plan, old: str, new: str) -> str:
    """The run that stands there now; asserts that all three places agree on it."""
    shown, runs, statuses = state_of(plan)
    assert shown in (old, new)
    assert statuses == ({shown} if shown else set())
    assert runs == {run: 2 for run in (old, shown) if run}
    return shown


def write(workbook: GoogleWorkbook, run: str) -> None:
    workbook.read(inputs)
    workbook.write(changes(run, body=BODY))


def count_writes(server: SheetsServer, **options: int) -> int:
    """The calls of one write."""
    plan = make_plan(server)
    write(plan.open(**options), "probe")
    plan.close()
    return len(server.calls(f"{plan.id}:batchUpdate"))


def order(plan: Plan, trouble: Trouble, skip: int) -> None:
    """Have the server make the trouble; an attempt waits long enough for anything but a delay."""
    late = trouble.kind == "delay"
    plan.connection.http.patience = plan.time.patience(attempt_s=0.05 if late else 60)
    details = {"status": trouble.status, "times": trouble.times, "skip": skip, "message": "No. Nothing."}
    plan.server.fault(trouble.kind, CALLS[trouble.call], delay_s=0.12 if late else 0, **details)


def attempt(plan: Plan, **options: int) -> str | None:
    """Write the new report; what a person is told where that fails."""
    try:
        write(plan.open(**options), "new")
    except WorkbookError as error:
        return str(error)
    return None


@pytest.mark.parametrize("first", [True, False], ids=["first contact", "later run"])
@pytest.mark.parametrize("large", [False, True], ids=["one call", "in parts"])
def test_every_call_meets_every_fault(sheets_server, first, large):
    options = {"payload_bytes": LARGE} if large else {}
    last = count_writes(sheets_server, **options) - 1
    assert (last > 1) is large
    cells = [
        (trouble, skip)
        for trouble in troubles()
        for skip in ((0, 1, last) if large and trouble.call == "write" else (0,))
    ]
    outcomes: Counter[str] = Counter()
    for trouble, skip in cells:
        plan = make_plan(sheets_server)
        if not first:
            write(plan.open(), "old")
        order(plan, trouble, skip)
        told = attempt(plan, **options)
        if trouble.kind == "delay":
            settle(sheets_server)
        sheets_server.faults.clear()
        old = "" if first else "old"
        shown = check_whole(plan, old, "new")
        assert shown == "new" if told is None else ". " in told
        outcomes[f"{'done' if told is None else 'told'}, {'new' if shown == 'new' else 'old'} report stands"] += 1
        # Whoever writes the same changes again ends in the same state, once.
        write(plan.open(), "new")
        assert check_whole(plan, old, "new") == "new"
        plan.close()
    kind = f"{'first contact' if first else 'later run'}, {'in parts' if large else 'one call'}"
    print(f"\nfault matrix, {kind}: {len(cells)} cases: {dict(outcomes)}")


WRITER = """
import os, sys, time
from tests.sheets_sync.google_sheets import changes, inputs
from sheets_sync.google.connection import connect
from sheets_sync.google.google_workbook import GoogleWorkbook
for line in sys.stdin:
    run, size = line.split()
    writer = os.fork()
    if writer == 0:
        print(os.getpid(), flush=True)
        workbook = GoogleWorkbook(sys.argv[2], connect(emulator=sys.argv[1]), payload_bytes=int(size))
        workbook.read(inputs)
        print("read", flush=True)
        workbook.write(changes(run, body=int(sys.argv[3])))
        print("written", flush=True)
        time.sleep(60)  # Whoever is done stays, so that the kill never meets a number that belongs to somebody else.
        os._exit(0)
    os.waitpid(writer, 0)
    print("gone", flush=True)
"""
"""Forks a writer for each line, so that the imports are paid for once."""
KILLS = 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_kill_9_at_many_moments(sheets_server):
    plan = make_plan(sheets_server)
    write(plan.open(), "run-0")
    chance = random.Random(20260105)
    outcomes: Counter[str] = Counter()
    old, finished = "run-0", {"run-0"}
    command = [sys.executable, "-c", WRITER, sheets_server.url, plan.id, str(BODY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as mother:
        assert mother.stdin is not None
        assert mother.stdout is not None
        for kill in range(1, KILLS + 1):
            run, in_parts = f"run-{kill}", kill % 2 == 1
            mother.stdin.write(f"{run} {LARGE if in_parts else 2_000_000}\n")
            mother.stdin.flush()
            writer = int(mother.stdout.readline())
            if chance.random() < 0.7:
                assert mother.stdout.readline() == "read\n"
            time.sleep(chance.uniform(0, 0.05 if in_parts else 0.015))
            os.kill(writer, signal.SIGKILL)
            while mother.stdout.readline() != "gone\n":
                pass
            # What was sent may still be applied by the server after its sender is dead.
            settle(sheets_server)
            shown, runs, statuses = state_of(plan)
            assert shown in (old, run)
            assert statuses == {shown}
            assert runs == dict.fromkeys(finished | {shown}, 2)
            outcomes["new report stands" if shown == run else "old report stands"] += 1
            if chance.random() < 0.5:
                # A restarted worker writes the same changes again.
                write(plan.open(), run)
                shown, runs, statuses = state_of(plan)
                assert (shown, statuses) == (run, {run})
                assert runs == dict.fromkeys(finished | {run}, 2)
            old = shown
            finished.add(shown)
        mother.stdin.close()
    write(plan.open(), "last")
    titles = [sheet["properties"]["title"] for sheet in plan.server.workbook_json(plan.id)["sheets"]]
    assert titles == ["Sheet1", "Initiatives", "Results", "Runs"]
    assert min(outcomes.values()) >= 5
    print(f"\nkill -9: {KILLS} writers killed: {dict(outcomes)}; no hidden tab is left")
    plan.close()


def settle(server: SheetsServer) -> None:
    """Wait until no call is under way any more."""
    seen = -1
    while seen != len(server.calls()):
        seen = len(server.calls())
        time.sleep(0.05)
