"""What holds for every test: a clean environment, repeatable property tests, and no silent skip in CI."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import google.auth.credentials
import google.oauth2.credentials
import hypothesis
import pytest

IN_CI = os.environ.get("CI") == "true"

FOREIGN_VARIABLES = ("SHEETPLAN_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "SHEETS_EMULATOR_HOST")
"""Beginnings of the variables that would let a developer's own settings or credentials into a test."""

# A machine that is busy is no failure, so there is no deadline; in CI the same examples are tried every time.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Clean the environment before anything is imported, so that subprocesses of tests get the clean one too."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_VARIABLES):
            del os.environ[name]
    # Google's libraries look into gcloud's folder as well, for the credentials of whoever is logged in.
    os.environ["CLOUDSDK_CONFIG"] = os.devnull
    # What is remembered of spreadsheets of tests must not meet those of the developer.
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="sheetplan-cache-")
    # Runs of tests are kept apart from the developer's own.
    os.environ["SHEETPLAN_STORE__PATH"] = str(Path(tempfile.mkdtemp(prefix="sheetplan-store-")) / "runs.sqlite3")
    if IN_CI:
        config.pluginmanager.register(SkipIsFailure(), "skip-is-failure")


def container_engine() -> str | None:
    """The program that builds and runs containers here; None where there is none, or its daemon does not answer."""
    for name in ("docker", "podman"):
        program = shutil.which(name)
        if program is not None:
            with suppress(subprocess.TimeoutExpired):
                if subprocess.run([program, "info"], capture_output=True, check=False, timeout=20).returncode == 0:
                    return program
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, with a word, what no package brings and CI need not have: a container engine, and root's rights."""
    for marker, is_here, why in (
        ("needs_container_engine", lambda: container_engine() is not None, "No container engine answers here"),
        ("needs_root", is_root, "Only root can become another person"),
    ):
        left_out = [item for item in items if item.get_closest_marker(marker)]
        if left_out and not is_here():
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=left_out)
            print(f"{why}, so not run:", *(item.nodeid for item in left_out))


def is_root() -> bool:
    """Whether this process may become another person."""
    return hasattr(os, "getuid") and os.getuid() == 0


@pytest.fixture(autouse=True)
def nothing_is_asked_of_google(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a host of Google's.

    google-auth asks one, in a thread of its own, in which regions an account may act; all other calls go where a test
    sends them.
    """
    lookup = "_is_regional_access_boundary_lookup_required"
    for kind in (google.auth.credentials.CredentialsWithRegionalAccessBoundary, google.oauth2.credentials.Credentials):
        monkeypatch.setattr(kind, lookup, lambda _: False)


class SkipIsFailure:
    """Fails a run in which a test was skipped: in CI everything that the tests need must be there."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test (an expected failure is reported as skipped too, and is none)."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skipped itself while it was collected."""
        if report.skipped:
            self._note(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure; other outcomes stay what they are."""
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why the run failed although no test did."""
        if self.skipped:
            terminalreporter.section("skipped, which is a failure in CI", red=True)
            for line in self.skipped:
                terminalreporter.line(line)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        self.skipped.append(f"{report.nodeid}: {reason}")
