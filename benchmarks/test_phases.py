"""Each phase of a run by itself, by size: median CPU time, so that a busy machine does not count."""

import shutil
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import stage
from benchmarks.clock import cpu_time
from benchmarks.conftest import Case
from benchmarks.table import Measured
from sheets_sync.checks import check
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.write_outcome import changes_of
from sheets_sync.workbook.changes import Changes

pytestmark = pytest.mark.benchmark(timer=cpu_time)

ROUNDS = {30: 20, 300: 10, 3_000: 3, 30_000: 1}
SCENARIO = "Most GMV"


def _keep(measured: Measured, phase: str, case: Case, benchmark: BenchmarkFixture, cells: int = 0) -> None:
    measured.phases[phase, case.size] = benchmark.stats.stats.median
    measured.cells[phase, case.size] = cells


def test_read(benchmark: BenchmarkFixture, case: Case, measured: Measured) -> None:
    """An .xlsx file to a snapshot."""
    snapshot = benchmark.pedantic(lambda: ExcelWorkbook(case.path).read(wanted_tabs), rounds=ROUNDS[case.size])
    assert len(snapshot.tabs["Initiatives"].rows) == case.size + 1
    _keep(measured, "read", case, benchmark)


def test_validate(benchmark: BenchmarkFixture, case: Case, measured: Measured) -> None:
    """A snapshot to a plan."""
    cells = sum(not cell.is_blank for tab in case.snapshot.tabs.values() for row in tab.rows for cell in row)
    checked = benchmark.pedantic(check, args=(case.snapshot,), rounds=ROUNDS[case.size])
    assert checked.plan is not None
    assert len(checked.plan.scenarios) == 5
    _keep(measured, "validate", case, benchmark, cells)


def test_build(benchmark: BenchmarkFixture, case: Case, measured: Measured) -> None:
    """A plan to the PuLP model of one scenario."""
    plan = case.checked.plan
    benchmark.pedantic(stage.build, args=(plan, plan.scenario(SCENARIO)), rounds=ROUNDS[case.size])
    _keep(measured, "build", case, benchmark)


def test_solve(benchmark: BenchmarkFixture, case: Case, measured: Measured) -> None:
    """The objective stage of one scenario, solved and checked."""
    plan = case.checked.plan
    scenario = plan.scenario(SCENARIO)
    answered = benchmark.pedantic(
        stage.solve, setup=lambda: ((stage.build(plan, scenario),), {}), rounds=ROUNDS[case.size]
    )
    assert answered.evaluation.is_allowed
    _keep(measured, "solve", case, benchmark)


def test_report(benchmark: BenchmarkFixture, case: Case, measured: Measured) -> None:
    """The answers to five scenarios as cells; a scenario without an answer would make it look too quick."""
    assert all(scenario.solved for scenario in case.outcome.scenarios), "a scenario ran out of time: measure again"
    inputs = (case.outcome, case.checked, case.snapshot)
    changes: Changes = benchmark.pedantic(changes_of, args=inputs, rounds=ROUNDS[case.size])
    assert changes.results is not None
    _keep(measured, "report", case, benchmark, sum(len(row) for row in changes.results.rows))


def test_write(benchmark: BenchmarkFixture, case: Case, measured: Measured, tmp_path: Path) -> None:
    """Cells into the file, each time into a fresh copy of it."""
    changes = changes_of(case.outcome, case.checked, case.snapshot)

    def fresh() -> tuple[tuple[ExcelWorkbook], dict[str, object]]:
        return (ExcelWorkbook(shutil.copy(case.path, tmp_path / "fresh.xlsx")),), {}

    benchmark.pedantic(lambda workbook: workbook.write(changes), setup=fresh, rounds=ROUNDS[case.size])
    _keep(measured, "write", case, benchmark)
