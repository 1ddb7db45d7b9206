"""Sizes to measure, workbooks made once per size, and the table at the end."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from benchmarks.models import SIZES, Model
from benchmarks.roadmap_table import SIZES as ROADMAP_SIZES
from benchmarks.studies import STUDIES
from benchmarks.table import (
    Measured,
    render,
    render_roadmaps,
    render_service,
    render_studies,
    write_page,
    write_roadmaps,
)
from sheets_sync.checks import Checked, check
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.snapshot import Snapshot

QUICK_SIZES = SIZES[:2]
SCENARIO_LIMIT_S = 120.0
"""Wall seconds for each scenario of a whole run; only the largest size on a busy machine comes near them."""
MEASURED = pytest.StashKey[Measured]()


@dataclass(frozen=True)
class Case:
    """A workbook of one size, and what each phase makes of it for the next one."""

    size: int
    path: Path

    @cached_property
    def snapshot(self) -> Snapshot:
        """What was read."""
        return ExcelWorkbook(self.path).read(wanted_tabs)

    @cached_property
    def checked(self) -> Checked:
        """What the checks made of it."""
        return check(self.snapshot)

    @cached_property
    def outcome(self) -> RunOutcome:
        """The answers to all scenarios, as far as time allowed."""
        return run_workbook(ExcelWorkbook(self.path), RunRequest(dry_run=True, time_limit_s=SCENARIO_LIMIT_S))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--quick`` for a first impression, ``--seeds`` for more plans over several periods."""
    parser.addoption("--quick", action="store_true", help=f"only {QUICK_SIZES} initiatives; writes no documentation")
    parser.addoption("--seeds", type=int, default=1, help="plans over several periods of each size (default: 1)")


def pytest_configure(config: pytest.Config) -> None:
    """One collection of measurements per session."""
    config.stash[MEASURED] = Measured()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that takes a case runs once per size."""
    if "case" in metafunc.fixturenames:
        sizes = QUICK_SIZES if metafunc.config.getoption("quick") else SIZES
        metafunc.parametrize("case", sizes, indirect=True, scope="session")


@pytest.fixture(scope="session")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The workbook of one size."""
    path = tmp_path_factory.mktemp(f"size{request.param}") / "model.xlsx"
    Model(request.param).write(path)
    return Case(request.param, path)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Where measurements for the table go."""
    return request.config.stash[MEASURED]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Prints the tables; what was measured whole and without a failure goes into the documentation."""
    found = config.stash[MEASURED]
    if found.sizes:
        terminalreporter.write_line(f"\n{render(found)}")
    if found.services or found.side_by_side:
        terminalreporter.write_line(f"\n{render_service(found)}")
    if found.roadmaps:
        terminalreporter.write_line(f"\n{render_roadmaps(found.roadmaps)}")
    if found.studies:
        terminalreporter.write_line(f"\n{render_studies(found)}")
    if exitstatus == 0 and len(found.studies) == len(STUDIES):
        write_page("studies", render_studies(found))
    if exitstatus == 0 and len(found.roadmaps) == 2 * len(ROADMAP_SIZES):
        write_roadmaps(found.roadmaps)
    if exitstatus == 0 and found.sizes == list(SIZES) and found.is_complete:
        write_page("benchmarks", render(found))
    if exitstatus == 0 and "SQLite" in found.services and found.side_by_side is not None:
        write_page("service", render_service(found))
