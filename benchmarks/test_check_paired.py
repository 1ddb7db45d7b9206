"""`sheetplan check` of the example workbook beside the same command of an earlier version, in turns."""

import resource
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "marketplace-q3.xlsx"
EARLIER = "81874ab"
"""The version to compare with: the last one that read sheets in the form of the template only."""
PAIRS = 15
AIM = 1.2

COMMAND = "import sys; from sheets_sync.cli import main; sys.argv[0] = 'sheetplan'; main()"
CHECKS = """
import sys, time
from config.tabs import input_tabs
from sheets_sync.checks import check
from sheets_sync.excel import ExcelWorkbook
snapshot = ExcelWorkbook(sys.argv[1]).read(input_tabs)
check(snapshot)
times = []
for _ in range(20):
    start = time.process_time()
    check(snapshot)
    times.append(time.process_time() - start)
print(sorted(times)[len(times) // 2])
"""


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of this version and of the earlier one."""
    archive = subprocess.run(["git", "archive", EARLIER], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip(f"The history of this folder does not reach back to {EARLIER}")
    folder = tmp_path_factory.mktemp("earlier")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return ROOT, folder


def whole_command(folder: Path, workbook: Path) -> float:
    """CPU time of the command in a process of its own, imports included, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", COMMAND, "check", workbook], cwd=folder, capture_output=True, check=True, timeout=60
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def checks_alone(folder: Path, workbook: Path) -> float:
    """CPU time of the checks of a snapshot that was read, in a warm process, in seconds."""
    done = subprocess.run(
        [sys.executable, "-c", CHECKS, workbook], cwd=folder, capture_output=True, check=True, timeout=60, text=True
    )
    return float(done.stdout)


@pytest.mark.parametrize("measure", [whole_command, checks_alone], ids=lambda measure: measure.__name__)
def test_check_is_not_much_slower_than_before(
    versions: tuple[Path, Path],
    tmp_path: Path,
    measure: Callable[[Path, Path], float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In turns, so that what else the machine does falls on both; the ratio is the median of the pairs'."""
    workbook = Path(shutil.copy(EXAMPLE, tmp_path))
    pairs = [tuple(measure(folder, workbook) for folder in versions) for _ in range(PAIRS)]
    ratio = median(ours / earlier for ours, earlier in pairs)
    ours, earlier = (median(pair[at] for pair in pairs) for at in (0, 1))
    with capsys.disabled():
        print(f"\n{measure.__name__}: {1000 * ours:.1f} ms, {ratio:.2f} times {EARLIER} ({1000 * earlier:.1f} ms)")
    assert measure is checks_alone or ratio <= AIM
