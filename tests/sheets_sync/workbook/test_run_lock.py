"""A lock says who holds it and what to do about it, whoever that is: another process, machine or person, or nobody."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import SoftFileLock

from sheets_sync.workbook import run_lock
from sheets_sync.workbook.backend import WorkbookBusyError, WorkbookUnreachableError
from sheets_sync.workbook.run_lock import RunLock, read_holder

HERE = socket.gethostname()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".sheetplan-0123456789abcdef.lock"


def refusal(file: Path) -> str:
    with pytest.raises((WorkbookBusyError, WorkbookUnreachableError)) as error, RunLock(file, "plan.xlsx").held():
        pass
    return str(error.value)


def test_a_held_lock_names_its_holder_and_leaves_no_file(file: Path) -> None:
    with RunLock(file, "plan.xlsx").held():
        person = read_holder(file).person
        assert re.fullmatch(
            rf"A run of plan\.xlsx is already under way: process {os.getpid()} of {person} on {re.escape(HERE)}, since "
            r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\. Wait until it has finished, then run again\.",
            refusal(file),
        )
    assert list(file.parent.iterdir()) == []
    with RunLock(file, "plan.xlsx").held():
        pass


def test_a_lock_is_nested_by_its_own_object(file: Path) -> None:
    lock = RunLock(file, "plan.xlsx")
    with lock.held():
        with lock.held():
            pass
        assert "already under way" in refusal(file)


def test_what_a_killed_run_left_is_taken_over(file: Path) -> None:
    file.write_text(json.dumps({"process": 1, "host": HERE, "person": "ana", "since": "yesterday"}))
    with RunLock(file, "plan.xlsx").held():
        assert read_holder(file).process == os.getpid()


def test_a_run_on_another_machine_names_the_file_to_delete(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunLock(file, "plan.xlsx").held():
        monkeypatch.setattr(run_lock.socket, "gethostname", lambda: "elsewhere")
        assert refusal(file).endswith(
            f"Wait until it has finished, then run again. If that run was killed, or its machine is off, delete {file}."
        )


def test_where_the_file_is_the_lock_it_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on shares without locks: what a dead run of another machine left has to be deleted by hand."""
    monkeypatch.setattr(run_lock, "FileLock", SoftFileLock)
    file.write_text("4711\nfarm-7\n")
    assert refusal(file) == (
        "A run of plan.xlsx is already under way: process 4711 on farm-7. Wait until it has finished, then run again. "
        f"If that run was killed, or its machine is off, delete {file}."
    )
    file.unlink()
    with RunLock(file, "plan.xlsx").held():
        assert refusal(file).startswith(f"A run of plan.xlsx is already under way: process {os.getpid()} on {HERE}.")
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff\xfe nonsense",
        b"[1, 2]",
        b"{}",
        b'{"process": "1", "host": "here"}',
        b'{"process": true, "host": "here"}',
        b'{"process": 1, "host": "\\u001b[31mred"}',
        b'{"process": 1, "host": 5}',
        b'{"process": 1, "host": "here", "more": 1}',
        b'{"process": 1, "host": "' + b"h" * 500 + b'"}',
        b"[" * 1500,
    ],
)
def test_what_anybody_wrote_into_a_lock_is_shown_only_where_it_makes_sense(file: Path, note: bytes) -> None:
    with RunLock(file, "plan.xlsx").held():
        file.write_bytes(note)
        assert refusal(file) == ("A run of plan.xlsx is already under way. Wait until it has finished, then run again.")


def test_a_link_or_a_folder_in_the_place_of_the_lock_is_named(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("kept")
    file.symlink_to(target)
    sentence = (
        f"plan.xlsx cannot be locked: {file} is no file of ours. Delete that file, or ask its owner to, and run again."
    )
    assert refusal(file) == sentence
    assert target.read_text() == "kept"
    file.unlink()
    file.mkdir()
    assert refusal(file) == sentence


OTHER = 65534
AS_ANOTHER = """
import os, sys
from pathlib import Path
from sheets_sync.workbook.run_lock import RunLock
file = Path(sys.argv[1])
os.setgid({other}); os.setuid({other})
try:
    with RunLock(file, "plan.xlsx").held():
        print("held")
except Exception as error:
    print(type(error).__name__, error)
"""


def as_another_person(file: Path) -> str:
    command = [sys.executable, "-c", AS_ANOTHER.format(other=OTHER), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.needs_root
def test_the_lock_of_another_person_is_waited_for_cleared_or_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Everybody can pass the folders of the system's own, but not pytest's.
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / ".sheetplan-0.lock"
        folder.chmod(0o777)
        with RunLock(file, "plan.xlsx").held():
            file.chmod(0o644)
            found = as_another_person(file)
            assert found.startswith(
                f"WorkbookBusyError A run of plan.xlsx is already under way: process {os.getpid()} of "
            )
        file.write_text("")
        file.chmod(0o644)
        assert as_another_person(file) == "held"
        assert not file.exists()
        file.write_text("")
        file.chmod(0o644)
        folder.chmod(0o1777)
        assert as_another_person(file) == (
            f"WorkbookUnreachableError plan.xlsx cannot be locked: {file} belongs to root, whose run has ended. Delete "
            "that file, or ask its owner to, and run again."
        )
