"""`sheetplan run` on a file, killed at random moments: the file is whole, and what it shows is in the store.

`make campaign NAME=kills` kills a hundred runs; `make campaign NAME=service` kills the service.
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import openpyxl

from tests.workbooks import WORKED_EXAMPLE, column_below, write_workbook

KILLS = 100


def kill_one(plan: Path, environment: dict[str, str], after_s: float) -> None:
    """Start a run and kill it."""
    command = [sys.executable, "-m", "sheets_sync", "run", str(plan)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(after_s)
        process.kill()


def main(kills: int) -> int:
    """Kill so many runs; returns how often something was wrong."""
    failures = 0
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        plan = write_workbook(Path(folder) / "plan.xlsx", WORKED_EXAMPLE)
        store = Path(folder) / "runs.sqlite3"
        environment = os.environ | {"SHEETPLAN_STORE__PATH": str(store)}
        start = time.monotonic()
        subprocess.run([sys.executable, "-m", "sheets_sync", "run", str(plan)], env=environment, check=True)
        whole_s = time.monotonic() - start
        for number in range(kills):
            # Mostly late, where the two writes are.
            kill_one(plan, environment, whole_s * chance.triangular(0.2, 1.2, 0.9))
            openpyxl.load_workbook(plan)
            shown = set(column_below(plan, "Runs", "run_id"))
            with closing(sqlite3.connect(store)) as database:
                kept = {row[0] for row in database.execute("SELECT run_id FROM runs")}
            if not shown <= kept:
                failures += 1
                print(f"kill {number}: {shown - kept} in the workbook, not in the store")
        subprocess.run([sys.executable, "-m", "sheets_sync", "run", str(plan)], env=environment, check=True)
        left = sorted(path.name for path in Path(folder).iterdir() if path.name.startswith("."))
        print(f"{kills} kills, {len(shown)} runs in the workbook, {failures} failures; left behind: {left}")
    return failures


if __name__ == "__main__":
    sys.exit(min(1, main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)))
