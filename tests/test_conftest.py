"""What tests/conftest.py promises to every test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED = "import pytest\ndef test_one(): pytest.skip('no such program')\ndef test_two(): pass\n"
EXPECTED_FAILURE = "import pytest\n@pytest.mark.xfail\ndef test_one(): assert False\n"
SKIPPED_MODULE = "import pytest\npytest.skip('not here', allow_module_level=True)\n"


def run_pytest(folder: Path, source: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A pytest of its own on one test file, with our conftest.py."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_it.py").write_text(source, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | variables
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_skipped_test_fails_a_run_in_ci_with_its_reason(tmp_path: Path, workers: str) -> None:
    result = run_pytest(tmp_path, SKIPPED, "-n", workers, CI="true")
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_it.py::test_one: Skipped: no such program" in result.stdout
    assert "1 passed, 1 skipped" in result.stdout.splitlines()[-1]


def test_module_that_skips_itself_fails_a_run_in_ci(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, SKIPPED_MODULE, CI="true")
    assert result.returncode != pytest.ExitCode.OK
    assert "test_it.py: Skipped: not here" in result.stdout


def test_skipped_test_is_fine_outside_ci(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, SKIPPED).returncode == pytest.ExitCode.OK


def test_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, EXPECTED_FAILURE, CI="true").returncode == pytest.ExitCode.OK


def test_variables_of_a_developers_own_installation_do_not_reach_tests(tmp_path: Path) -> None:
    """Neither settings nor credentials; subprocesses of tests inherit the clean environment."""
    source = (
        "import os\n"
        "def test_it():\n"
        "    found = [n for n in os.environ if n.startswith(('SHEETPLAN_', 'GOOGLE_', 'SHEETS_EMULATOR_HOST'))]\n"
        "    assert found == ['SHEETPLAN_STORE__PATH']  # the one that keeps tests out of a person's own store\n"
    )
    foreign = {
        "SHEETPLAN_SOLVER": "cbc",
        "GOOGLE_APPLICATION_CREDENTIALS": "/somewhere/key.json",
        "SHEETS_EMULATOR_HOST": "http://127.0.0.1:1",
    }
    assert run_pytest(tmp_path, source, **foreign).returncode == pytest.ExitCode.OK
