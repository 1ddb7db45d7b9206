"""A whole run in a process of its own, and the most memory that it needed: ``benchmarks.peak FILE SECONDS``."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run import run_workbook


@dataclass(frozen=True)
class WholeRun:
    """Peak memory in MiB, wall and CPU seconds, and the status of each scenario."""

    peak_mib: float
    wall_s: float
    cpu_s: float
    statuses: list[str]


def run_apart(workbook: Path, time_limit_s: float) -> WholeRun:
    """Runs every scenario of a workbook in a fresh process and writes the results into it.

    Raises:
        subprocess.CalledProcessError: the run failed.
    """
    command = [sys.executable, "-m", "benchmarks.peak", str(workbook), str(time_limit_s)]
    root = Path(__file__).parent.parent
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    return WholeRun(**json.loads(answer.stdout.splitlines()[-1]))


def main(workbook: str, time_limit_s: str) -> None:
    """Runs the workbook here and prints a `WholeRun` as JSON."""
    begun = perf_counter()
    outcome = run_workbook(ExcelWorkbook(workbook), RunRequest(time_limit_s=float(time_limit_s)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, KiB elsewhere.
    peak_mib = peak / (2**20 if sys.platform == "darwin" else 2**10)
    statuses = [scenario.status for scenario in outcome.scenarios]
    print(json.dumps(vars(WholeRun(peak_mib, perf_counter() - begun, process_time(), statuses))))


if __name__ == "__main__":
    main(*sys.argv[1:])
