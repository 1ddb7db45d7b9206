"""Reading, solving all five scenarios and writing, in a fresh process: peak memory and time, by size."""

import shutil
from pathlib import Path

from benchmarks.conftest import SCENARIO_LIMIT_S, Case
from benchmarks.peak import run_apart
from benchmarks.table import Measured


def test_whole_run(case: Case, measured: Measured, tmp_path: Path) -> None:
    """Every scenario gets a portfolio."""
    run = run_apart(Path(shutil.copy(case.path, tmp_path)), SCENARIO_LIMIT_S)
    assert not {"invalid", "infeasible", "no_solution"}.intersection(run.statuses)
    measured.runs[case.size] = run
