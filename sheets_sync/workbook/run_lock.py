"""The lock that a run holds on its workbook: a file that says who holds it, since when, and goes away with the run.

The system lets go of the lock when its holder dies. Where a file system has no such locks, the file itself is the lock,
and one that a dead holder left has to be deleted by hand: the sentence for it names the file.
"""

import json
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from sheets_sync.workbook.backend import WorkbookUnreachableError
from sheets_sync.workbook.os_account import os_account
from sheets_sync.workbook.refusals import busy

_LARGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as far as its file says."""

    process: int
    host: str
    person: str = ""
    since: str = ""

    def __str__(self) -> str:
        person = f" of {self.person}" if self.person else ""
        since = f", since {self.since}" if self.since else ""
        return f"process {self.process}{person} on {self.host}{since}"


class RunLock:
    """Holds one workbook against other runs, in this process and others; may be nested.

    The lock is this object's and not a thread's: a run may read in one thread and write in another.
    """

    def __init__(self, file: Path, locator: str) -> None:
        self._file = file
        self._locator = locator
        self._lock = FileLock(file, timeout=0, thread_local=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for as long as the block takes.

        Raises:
            WorkbookBusyError: another run holds it.
            WorkbookUnreachableError: the lock's file is somebody else's, or no file.
            OSError: a file cannot be made there.
        """
        self._acquire()
        try:
            if self._lock.lock_counter == 1:
                self._note_holder()
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        try:
            self._try()
        except PermissionError:
            if not self._file.exists():
                raise
            # Another person's file. While its run lasts, that is all there is to say; after a kill, the file is in the
            # way.
            if self._is_held_or_cleared():
                self._try()
            else:
                raise self._in_the_way(f"belongs to {_owner(self._file)}, whose run has ended") from None
        except OSError:
            if self._file.is_symlink() or (self._file.exists() and not self._file.is_file()):
                raise self._in_the_way("is no file of ours") from None
            raise

    def _try(self) -> None:
        try:
            with warnings.catch_warnings():
                # Where the file system has no locks, the library says so with each run.
                warnings.simplefilter("ignore", UserWarning)
                self._lock.acquire()
        except Timeout:
            raise busy(self._locator, *self._whose()) from None

    def _whose(self) -> tuple[str, str]:
        """Who holds the lock, and what to do where that is on another machine or only a file; empty where unknown."""
        holder = read_holder(self._file)
        if holder is None:
            return "", ""
        is_only_a_file = isinstance(self._lock, SoftFileLock)
        elsewhere = holder.host != socket.gethostname()
        return str(holder), str(self._file) if elsewhere or is_only_a_file else ""

    def _is_held_or_cleared(self) -> bool:
        """Take away a file that we may only read and that nobody holds; False where that is not allowed.

        Raises:
            WorkbookBusyError: somebody holds it.
        """
        if os.name == "nt":
            raise busy(self._locator, *self._whose())
        import fcntl

        try:
            handle = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.unlink()
        except BlockingIOError:
            raise busy(self._locator, *self._whose()) from None
        except OSError:
            return False
        finally:
            os.close(handle)
        return True

    def _in_the_way(self, why: str) -> WorkbookUnreachableError:
        return WorkbookUnreachableError(
            f"{self._locator} cannot be locked: {self._file} {why}. Delete that file, or ask its owner to, and run "
            "again."
        )

    def _note_holder(self) -> None:
        """Write into the lock's file who holds it; where that fails, only a sentence will be shorter."""
        if isinstance(self._lock, SoftFileLock):  # the library keeps notes of its own there
            return
        now = datetime.now(UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        holder = Holder(os.getpid(), socket.gethostname(), os_account(), f"{now} UTC")
        with suppress(OSError):
            handle = os.open(self._file, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(asdict(holder)).encode())

    def _release(self) -> None:
        if self._lock.lock_counter == 1:
            # Removed while still held, so that no lock file stays beside people's workbooks; whoever waits on the
            # removed file notices and makes a new one. Windows keeps it until the lock is released.
            with suppress(OSError):
                self._file.unlink()
        self._lock.release()


def read_holder(file: Path) -> Holder | None:
    """What a lock's file says of its holder; None where it says nothing that can be read."""
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as opened:
            text = opened.read(_LARGEST_NOTE).decode("utf-8", "replace")
    except OSError:
        return None
    with suppress(ValueError, TypeError, RecursionError):
        return _checked(Holder(**json.loads(text)))
    lines = text.split()
    if len(lines) >= 2 and lines[0].isdecimal():
        # The library's own notes, where the file is the lock: process and host.
        return _checked(Holder(int(lines[0]), lines[1]))
    return None


def _checked(holder: Holder) -> Holder | None:
    """Anybody may write into such a file: what is shown of it are a number and three short printable texts."""
    texts = (holder.host, holder.person, holder.since)
    is_plain = type(holder.process) is int and all(isinstance(text, str) and text.isprintable() for text in texts)
    return holder if is_plain and holder.host and max(map(len, texts)) < 100 else None


def _owner(file: Path) -> str:
    try:
        return file.owner()
    except (KeyError, OSError, NotImplementedError):
        return "another user"
