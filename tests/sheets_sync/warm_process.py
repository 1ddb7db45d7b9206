"""A process of sheetplan that begins where all of it is loaded, for tests that start dozens of services.

To load the service takes three CPU seconds. A server of forks (Python's own `multiprocessing`) loads it once, and each
process is a fork of it: still a process of its own, with its own environment, folder and streams, that can be killed.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_STUDIES = "optimizer.studies.question_json"
_SERVICE = ("sheets_sync.cli", "sheets_sync.service.server", "sheets_sync.run.run_workbook")
_FORKS.set_forkserver_preload([*_SERVICE, _STUDIES])


class WarmProcess:
    """`sheetplan ARGUMENTS...` as a fork; the part of `subprocess.Popen` that tests of the service use."""

    def __init__(self, arguments: tuple[str, ...], *, folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self._arguments = arguments
        self._process: ForkServerProcess = _FORKS.Process(
            target=_run, args=(arguments, str(folder), dict(environment), str(log))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, minus the signal that ended it, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self._arguments, timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _run(arguments: tuple[str, ...], folder: str, environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    sys.argv = ["sheetplan", *arguments]
    # As in a process that is no fork, where studies say what theirs load.
    _FORKS.set_forkserver_preload([_STUDIES])
    from sheets_sync.__main__ import main

    main()
