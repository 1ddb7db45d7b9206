"""The file itself: every way in which it can be wrong, busy or out of reach, and the save that is whole or nothing."""

import errno
import hashlib
import os
import re
import secrets
import shlex
import stat
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from sheets_sync.excel.file_rights import keep_rights, refuse_hard_links
from sheets_sync.excel.ooxml import BrokenPartError, TooLargeError
from sheets_sync.excel.package import Package, is_strict
from sheets_sync.workbook.backend import WorkbookChangedError, WorkbookRefusedError, WorkbookUnreachableError
from sheets_sync.workbook.changes import copy_title

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of the container that old .xls files and encrypted workbooks share."""
MAX_EXPANSION = 20
"""A workbook that unpacks to more than this many times the size limit is taken for a trap."""
MOST_UNPACKED, MOST_TIMES = 64_000_000, 100
"""Nor may it unpack to more than this and so many times its own size."""
_MEGABYTE = 1_000_000
LEFT_OVER_AFTER_S = 60.0
_LONGEST_STEM = 200
_LEFT_OVER = re.compile(r"\.sheetplan-(?:([0-9]{1,9})-)?[0-9a-f]{12}\.tmp")


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file at one moment, and how to detect a change since."""

    data: bytes
    mark: tuple[int, int, int]

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def load(path: Path, max_bytes: int) -> Content:
    """The bytes of the file.

    Raises:
        WorkbookUnreachableError: missing, a folder, larger than `max_bytes`, or not to be read.
    """
    refuse_folder(path)
    _refuse_special(path)
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > max_bytes:
                raise WorkbookUnreachableError(
                    f"{path} has {_size(status.st_size)}; workbooks up to {_size(max_bytes)} are read. "
                    "Remove tabs, pictures or empty formatted rows that the plan does not need."
                )
            return Content(file.read(), _mark(status))
    except FileNotFoundError:
        raise WorkbookUnreachableError(
            f"{path} does not exist. Check the path, or create the workbook with: "
            f"sheetplan init {shlex.quote(str(path))}"
        ) from None
    except PermissionError:
        raise WorkbookUnreachableError(
            f"{path} cannot be read by this user, or another program has it open. "
            "Close it there, or ask its owner for access."
        ) from None
    except OSError as problem:
        raise WorkbookUnreachableError(f"{path} cannot be read: {problem.strerror or problem}.") from None


def refuse_folder(path: Path) -> None:
    """Nothing is read from a folder, and no lock file is left beside it.

    Raises:
        WorkbookUnreachableError: it is one.
    """
    if path.is_dir():
        raise WorkbookUnreachableError(f"{path} is a folder, not a workbook. Give the path of an .xlsx file.")


def _refuse_special(path: Path) -> None:
    """A pipe or a device would keep us waiting, or never end.

    Raises:
        WorkbookUnreachableError: it is one.
    """
    with suppress(OSError):  # what is missing or may not be looked at is reported by whoever opens it
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise WorkbookUnreachableError(
                f"{path} is a pipe, a device or a socket, not a workbook. Give the path of an .xlsx file."
            )


def _size(size: int) -> str:
    return f"{size / _MEGABYTE:,.0f} MB" if size >= _MEGABYTE else f"{size:,} bytes"


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def unpack(path: Path, content: Content, max_bytes: int) -> Package:
    """The package in the file's bytes.

    Raises:
        WorkbookUnreachableError: it is something else; the sentence says what, and the cure.
    """
    _report_foreign_format(path, content.data)
    with damage_reported(path):
        package = Package(content.data)
        _report_foreign_package(path, package)
        if package.unpacked_size > min(max_bytes * MAX_EXPANSION, MOST_UNPACKED + MOST_TIMES * len(content.data)):
            raise WorkbookUnreachableError(
                f"{path} would unpack to {_size(package.unpacked_size)}, which is far too much for a workbook "
                "of its size. It was not opened."
            )
        if is_strict(package):
            raise WorkbookUnreachableError(
                f'{path} is saved as "Strict Open XML". Open it in Excel and save it as "Excel Workbook (*.xlsx)".'
            )
        return package


_BROKEN_PARTS = (BrokenPartError, zipfile.BadZipFile, zlib.error, etree.LxmlError, EOFError)
_BROKEN_CONTENT = (*_BROKEN_PARTS, KeyError, IndexError, ValueError, NotImplementedError, RuntimeError)


@contextmanager
def damage_reported(path: Path, *, reading: bool = True) -> Iterator[None]:
    """Turn what a parser says about damaged contents into one sentence.

    While `reading`, any wrong value is the file's fault; while changes are applied it may be ours, and must be loud.
    """
    reported = _BROKEN_CONTENT if reading else _BROKEN_PARTS
    try:
        yield
    except TooLargeError as problem:
        raise WorkbookUnreachableError(
            f"{path} holds {problem}, which is more than is read. Copy the tabs that the plan needs to a workbook of "
            "their own."
        ) from None
    except reported as problem:
        raise WorkbookUnreachableError(
            f"{path} is damaged or incomplete and cannot be read as a workbook ({_reason(problem)}). "
            "Open it in a spreadsheet program, let it repair the file, save it, and try again."
        ) from problem


def _reason(problem: Exception) -> str:
    text = str(problem.args[0] if problem.args else problem).strip()
    return text.splitlines()[0].rstrip(".") if text else type(problem).__name__


def _report_foreign_format(path: Path, data: bytes) -> None:
    if data.startswith(OLE_MAGIC):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookUnreachableError(
                f"{path} is encrypted with a password. Open it in Excel, remove the password "
                "(File, Info, Protect Workbook, Encrypt with Password), save it, and try again."
            )
        raise WorkbookUnreachableError(
            f"{path} is a workbook of the old .xls kind. Open it in a spreadsheet program and save it as .xlsx."
        )
    if not data:
        raise WorkbookUnreachableError(f"{path} is empty (0 bytes). Restore it from a copy, or create a new one.")
    if not data.startswith(b"PK"):
        raise WorkbookUnreachableError(
            f"{path} is not an .xlsx workbook, despite its name (its first bytes are those of "
            f"{_guess(data)}). Open it in a spreadsheet program and save it as .xlsx."
        )


def _guess(data: bytes) -> str:
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        return "a web page"
    if start.startswith(b"<"):
        return "an XML file"
    if start.startswith(b"%pdf"):
        return "a PDF"
    if b"\0" not in data[:200]:
        return "a text or CSV file"
    return "another kind of file"


def _report_foreign_package(path: Path, package: Package) -> None:
    if "mimetype" in package and b"opendocument" in package.content("mimetype"):
        raise WorkbookUnreachableError(
            f"{path} is an OpenDocument file (.ods). Open it in a spreadsheet program and save it as .xlsx."
        )
    main = package.content_type(package.workbook_part) if "[Content_Types].xml" in package else ""
    if "sheet.binary" in main:
        raise WorkbookUnreachableError(f"{path} is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.")
    if "spreadsheetml" not in main and "ms-excel" not in main:
        raise WorkbookUnreachableError(f"{path} is a zip file, but holds no workbook. Give the path of an .xlsx file.")


def refuse_if_no_folder(path: Path) -> None:
    """Report a file whose folder is not there.

    Raises:
        WorkbookUnreachableError: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise WorkbookUnreachableError(
            f"{path} cannot be written: the folder {path.parent} does not exist. Check the path, or create the folder."
        )


def refuse_if_not_writable(path: Path) -> None:
    """Refuse, before any work, what would make a save fail or go against someone's wish.

    Raises:
        WorkbookUnreachableError: the file is marked read-only.
        WorkbookRefusedError: a spreadsheet program has it open.
    """
    # The save replaces the file, which a read-only mark does not hinder; but it says what its owner wants.
    if path.exists() and not path.stat().st_mode & 0o222:
        raise WorkbookUnreachableError(
            f"{path} is read-only. Allow writing to it (file properties), or work on a copy."
        )
    refuse_hard_links(path)
    opened = _opened_elsewhere(path)
    if opened is not None:
        program, person, owner_file = opened
        by = f" by {person}" if person else ""
        raise WorkbookRefusedError(
            f"{path} is open in {program}{by}. Close it there and run again "
            f"(if nobody has it open, delete the leftover file {owner_file.name} beside it)."
        )


def _opened_elsewhere(path: Path) -> tuple[str, str, Path] | None:
    libre = path.with_name(f".~lock.{path.name}#")
    excel = path.with_name(f"~${path.name}")
    with suppress(OSError):
        if libre.exists():
            fields = libre.read_bytes().decode("utf-8", "replace").split(",")
            return "LibreOffice", next((field.strip() for field in fields[:2] if field.strip()), ""), libre
        if excel.exists():
            data = excel.read_bytes()
            name = data[1 : 1 + data[0]].decode("latin-1").strip() if data else ""
            return "Excel", name, excel
    return None


def save(path: Path, data: bytes, replaced: Content | None) -> Content:
    """Put the bytes in the file's place, at once: whoever looks finds the old file or the new one, whole.

    `replaced` is the content that the new one was made from; None means that there must be no file yet.

    Raises:
        WorkbookChangedError: the file is no longer the one that it was made from.
        WorkbookUnreachableError: no permission, disk full, or whatever else the system says; the old file is intact.
    """
    # A name of fixed length and start, so that a left-over of a killed process tells where it comes from.
    temporary = path.with_name(f".sheetplan-{os.getpid()}-{secrets.token_hex(6)}.tmp")
    _clear_left_overs(path.parent)
    try:
        try:
            # Until it has the rights of the file that it replaces, it is for nobody else to read.
            _write_through(temporary, data, mode=0o600 if path.exists() else 0o666)
            keep_rights(temporary, path)
            _refuse_if_changed(path, replaced)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return Content(data, _mark(path.stat()))
    except OSError as problem:
        raise WorkbookUnreachableError(save_problem(path, problem)) from None


def keep_copy(path: Path, content: Content, kept_as: str) -> str:
    """Save a file as it was beside it: ``plan before 2026-Q4.xlsx``; returns the name of the copy.

    Raises:
        WorkbookUnreachableError: it cannot be written.
    """
    taken = {other.stem for other in path.parent.glob(f"*{path.suffix}")}
    copy = path.with_name(copy_title(path.stem, kept_as, taken, _LONGEST_STEM) + path.suffix)
    save(copy, content.data, None)
    return copy.name


def _write_through(path: Path, data: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _clear_left_overs(folder: Path) -> None:
    """Remove what killed runs of this machine left in the folder: files whose writer is gone, a minute old or more."""
    for left in folder.glob(".sheetplan-*.tmp"):
        found = _LEFT_OVER.fullmatch(left.name)
        with suppress(OSError):
            is_old = time.time() - left.stat().st_mtime > LEFT_OVER_AFTER_S
            if found is not None and is_old and not (found[1] and _is_alive(int(found[1]))):
                left.unlink()


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # where signal 0 would end the process; the file's age decides
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _refuse_if_changed(path: Path, replaced: Content | None) -> None:
    current = _mark(path.stat()) if path.exists() else None
    if current != (None if replaced is None else replaced.mark):
        raise WorkbookChangedError(changed_sentence(path))


def changed_sentence(path: Path) -> str:
    """The error for a file that is no longer the one that was read."""
    return f"{path} was saved by someone else meanwhile. Nothing was written; run again to use what it holds now."


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders; its rename is already durable enough for a document.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def save_problem(path: Path, problem: OSError) -> str:
    """The sentence for what the system said when we tried to write."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{path} could not be saved: the disk is full. The file is as it was; free some space and run again."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{path} could not be saved: this user cannot write to {path.parent}, or another program has it open. "
            "The file is as it was; close it elsewhere, or allow writing to the folder."
        )
    return f"{path} could not be saved: {problem.strerror or problem}. The file is as it was."
