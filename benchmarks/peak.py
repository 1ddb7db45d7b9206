"""A whole run in a process of its own, and the most memory that it needed: ``benchmarks.peak FILE SECONDS``."""

import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import psutil

from benchmarks.clock import cpu_time
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook

_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class WholeRun:
    """Peak memory in MiB, wall and CPU seconds, and the status of each scenario; all processes of the run together.

    `ties_broken` says for how many scenarios every tie was compared.
    """

    peak_mib: float
    wall_s: float
    cpu_s: float
    statuses: list[str]
    ties_broken: int


def run_apart(workbook: Path, time_limit_s: float) -> WholeRun:
    """Runs every scenario of a workbook in a fresh process and writes the results into it.

    Raises:
        subprocess.CalledProcessError: the run failed.
    """
    command = [sys.executable, "-m", "benchmarks.peak", str(workbook), str(time_limit_s)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, _tree_mib(process.pid))
            time.sleep(_LOOK_EVERY_S)
        assert process.stdout is not None
        answer = process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    run = WholeRun(**json.loads(answer.splitlines()[-1]))
    # What one process had at its peak is known exactly; the sum over all of them as often as was looked.
    return replace(run, peak_mib=max(run.peak_mib, most))


def _tree_mib(pid: int) -> float:
    """Memory of a process and all that it started, pages that they share counted once, in MiB."""
    total = 0
    try:
        for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.uss)
    except psutil.Error:
        # One of them has just ended.
        pass
    return total / 2**20


def _own_peak_mib() -> float:
    """The most memory that this process ever had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`: on Linux that counts what the parent had when it started this process.
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) / 2**10
    # Bytes on macOS, KiB elsewhere.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main(workbook: str, time_limit_s: str) -> None:
    """Runs the workbook here and prints a `WholeRun` as JSON."""
    begun = perf_counter()
    outcome = run_workbook(ExcelWorkbook(workbook), RunRequest(time_limit_s=float(time_limit_s)))
    statuses = [scenario.status for scenario in outcome.scenarios]
    portfolios = [scenario.portfolio for scenario in outcome.scenarios if scenario.portfolio is not None]
    broken = sum(portfolio.status.has_portfolio and portfolio.ties_broken for portfolio in portfolios)
    print(json.dumps(vars(WholeRun(_own_peak_mib(), perf_counter() - begun, cpu_time(), statuses, broken))))


if __name__ == "__main__":
    main(*sys.argv[1:])
