"""What a save does to the rights of the file that it replaces: nothing, or it is refused."""

import errno
import os
import struct
from pathlib import Path

import pytest

from sheets_sync.excel import ExcelWorkbook, file_rights
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_sync.excel_files import results
from tests.workbooks import WORKED_EXAMPLE, write_workbook

needs_attributes = pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux's")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)


def write(path: Path) -> None:
    ExcelWorkbook(path).write(results(["x"]))


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """The bytes of a POSIX access list: tag, permissions and id of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


OWNER, USER, GROUP, MASK, OTHER, NOBODY = 0x01, 0x02, 0x04, 0x10, 0x20, 0xFFFFFFFF


@needs_attributes
def test_access_list_and_attributes_are_kept(plan: Path) -> None:
    acl = access_list((OWNER, 6, NOBODY), (USER, 4, 4242), (GROUP, 0, NOBODY), (MASK, 4, NOBODY), (OTHER, 0, NOBODY))
    try:
        os.setxattr(plan, "user.comment", b"the plan of Q3")
        os.setxattr(plan, file_rights.ACCESS_LIST, acl)
    except OSError:
        pytest.skip("the file system of the test has no attributes")
    mode = plan.stat().st_mode
    write(plan)
    assert os.getxattr(plan, "user.comment") == b"the plan of Q3"
    assert os.getxattr(plan, file_rights.ACCESS_LIST) == acl
    assert plan.stat().st_mode == mode


@needs_attributes
def test_an_access_list_that_cannot_be_kept_stops_the_save(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    os.setxattr(plan, "user.comment", b"the plan of Q3")
    monkeypatch.setattr(os, "setxattr", refuse)
    before = plan.read_bytes()
    with pytest.raises(WorkbookUnreachableError, match=r"its attribute user\.comment cannot be kept by this user"):
        write(plan)
    assert plan.read_bytes() == before
    assert [path.name for path in plan.parent.iterdir()] == ["plan.xlsx"]


@needs_attributes
@pytest.mark.parametrize(("code", "is_saved"), [(errno.ENOTSUP, True), (errno.EACCES, False), (errno.EIO, False)])
def test_attributes_that_cannot_be_read_stop_the_save_unless_there_are_none(
    plan: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_saved: bool
) -> None:
    def refuse(*_: object) -> list[str]:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "listxattr", refuse)
    before = plan.read_bytes()
    if is_saved:
        write(plan)
    else:
        with pytest.raises(WorkbookUnreachableError, match=r"its access list \(ACL\) and attributes cannot be read by"):
            write(plan)
    assert (plan.read_bytes() != before) is is_saved
    assert [path.name for path in plan.parent.iterdir()] == ["plan.xlsx"]


def test_a_file_with_two_names_is_not_parted(plan: Path) -> None:
    other = plan.with_name("other.xlsx")
    os.link(plan, other)
    with pytest.raises(WorkbookUnreachableError, match="is a hard link: the same file has 2 names"):
        write(plan)
    assert plan.samefile(other)


def test_nobody_else_can_read_the_new_file_before_it_has_its_rights(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan.chmod(0o640)
    seen: list[int] = []
    keep = file_rights._keep_owner
    monkeypatch.setattr(
        file_rights,
        "_keep_owner",
        lambda new, old, status: (seen.append(new.stat().st_mode & 0o777), keep(new, old, status)),
    )
    write(plan)
    assert seen == [0o600]
    assert plan.stat().st_mode & 0o777 == 0o640
