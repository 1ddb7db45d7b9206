"""Who may read and write a file: the one that replaces it gets the same rights, or does not replace it."""

import errno
import os
from pathlib import Path

from sheets_sync.workbook.backend import WorkbookUnreachableError

ACCESS_LIST = "system.posix_acl_access"
_OF_THE_SYSTEM = ("security.", "trusted.")
"""Attributes that the system gives to each file itself."""
_WITHOUT_ATTRIBUTES = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system answers that has no attributes to keep."""


def refuse_hard_links(path: Path) -> None:
    """A save replaces the file under one of its names, so the others would keep the old content.

    Raises:
        WorkbookUnreachableError: it has more than one name.
    """
    if path.exists() and path.stat().st_nlink > 1:
        raise WorkbookUnreachableError(
            f"{path} is a hard link: the same file has {path.stat().st_nlink} names, which a save would part. Work on "
            "a copy, or remove the other names."
        )


def keep_rights(new: Path, old: Path) -> None:
    """Give a new file, which only its owner may read so far, the owner, mode and attributes of the one it replaces.

    Raises:
        WorkbookUnreachableError: they cannot be kept, and others would get wider or narrower rights.
    """
    if not old.exists():
        return
    status = old.stat()
    if hasattr(os, "chown"):
        _keep_owner(new, old, status)
    if hasattr(os, "listxattr"):
        _keep_attributes(new, old)
    new.chmod(status.st_mode & 0o7777)


def _keep_owner(new: Path, old: Path, status: os.stat_result) -> None:
    try:
        os.chown(new, status.st_uid, status.st_gid)
    except PermissionError:
        # Only root may give a file away; for everyone else it becomes their own. Its group decides who may read it.
        try:
            os.chown(new, -1, status.st_gid)
        except PermissionError:
            if status.st_mode & 0o070:
                raise _not_kept(old, "its group cannot be kept") from None


def _keep_attributes(new: Path, old: Path) -> None:
    """Extended attributes, the access list among them; one that the new file inherited from its folder goes."""
    try:
        wanted = {name: os.getxattr(old, name) for name in os.listxattr(old) if not name.startswith(_OF_THE_SYSTEM)}
        for name in os.listxattr(new):
            if name == ACCESS_LIST and name not in wanted:
                os.removexattr(new, name)
    except OSError as problem:
        if problem.errno in _WITHOUT_ATTRIBUTES:
            return
        raise _not_kept(old, "its access list (ACL) and attributes cannot be read") from None
    for name, value in wanted.items():
        try:
            os.setxattr(new, name, value)
        except OSError:
            what = "its access list (ACL)" if name == ACCESS_LIST else f"its attribute {name}"
            raise _not_kept(old, f"{what} cannot be kept") from None


def _not_kept(path: Path, why: str) -> WorkbookUnreachableError:
    return WorkbookUnreachableError(
        f"{path} was not saved: {why} by this user. The file is as it was; let its owner run this, or work on a copy."
    )
