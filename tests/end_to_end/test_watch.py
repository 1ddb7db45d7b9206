"""`sheetplan watch`: every save is run once, what it wrote itself is not."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import openpyxl

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.watch_file import Watched, watch
from tests.workbooks import column_below


class Saves:
    """Stands in for time: at each sleep the next thing happens; when there is no more, it ends."""

    def __init__(self, *happenings) -> None:
        self._happenings = list(happenings)

    def __call__(self, _: float) -> None:
        if not self._happenings:
            raise KeyboardInterrupt
        happening = self._happenings.pop(0)
        if happening is not None:
            happening()


def watched(path: Path, *happenings) -> list[Watched]:
    seen: list[Watched] = []
    request = RunRequest(only_if_changed=True, trigger="watch")
    with suppress(KeyboardInterrupt):
        seen.extend(watch(path, ExcelWorkbook(path), request, sleep=Saves(*happenings)))
    return seen


def saver(path: Path, place: str, value: object):
    def save() -> None:
        book = openpyxl.load_workbook(path)
        book["Initiatives"][place].value = value
        book.save(path)

    return save


def test_each_save_is_run_once(worked_example: Path) -> None:
    save = saver(worked_example, "D4", 900000)
    seen = watched(worked_example, None, None, save, None, None, None)
    assert len(seen) == 2
    assert all(one.outcome is not None and one.outcome.written for one in seen)
    assert column_below(worked_example, "Runs", "trigger") == ["watch"] * 8


def test_a_save_that_changes_no_input_is_passed_over(worked_example: Path) -> None:
    save = saver(worked_example, "K20", "a note beside")
    assert len(watched(worked_example, None, save, None, None, None)) == 1


def test_a_file_that_cannot_be_read_is_reported_once_and_taken_up_again(worked_example: Path) -> None:
    whole = worked_example.read_bytes()
    worked_example.write_bytes(b"half a file")
    mend = lambda: worked_example.write_bytes(whole)  # noqa: E731
    reported, ran = watched(worked_example, None, None, mend, None, None)
    assert "plan.xlsx" in str(reported.error)
    assert ran.outcome is not None


def test_the_command_runs_at_once_and_ends_with_ctrl_c(worked_example: Path) -> None:
    command = [sys.executable, "-m", "sheets_sync", "watch", str(worked_example), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert first["written"] is True
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said
