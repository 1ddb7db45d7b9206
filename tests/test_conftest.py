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
    # Loading every plugin that is installed takes longer than the test.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "no:cacheprovider", *arguments]
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


ENGINE = "import pytest\n@pytest.mark.needs_container_engine\ndef test_one(): assert False\ndef test_two(): pass\n"


@pytest.mark.parametrize("engine", [None, "#!/bin/sh\nexit 1\n"])
def test_what_needs_a_container_engine_is_left_out_in_a_word_where_there_is_none(
    tmp_path: Path, engine: str | None
) -> None:
    """Neither the program alone nor CI makes it a failure: nothing that we install brings an engine."""
    if engine is not None:
        (tmp_path / "docker").write_text(engine)
        (tmp_path / "docker").chmod(0o755)
    register = ("-W", "ignore::pytest.PytestUnknownMarkWarning")
    result = run_pytest(tmp_path, ENGINE, *register, CI="true", PATH=str(tmp_path))
    assert result.returncode == pytest.ExitCode.OK
    assert "No container engine answers here, so not run: test_it.py::test_one" in result.stdout
    assert "1 passed, 1 deselected" in result.stdout.splitlines()[-1]


def test_what_needs_a_container_engine_is_run_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "podman").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "podman").chmod(0o755)
    register = ("-W", "ignore::pytest.PytestUnknownMarkWarning")
    result = run_pytest(tmp_path, ENGINE, *register, PATH=str(tmp_path))
    assert result.returncode == pytest.ExitCode.TESTS_FAILED


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
