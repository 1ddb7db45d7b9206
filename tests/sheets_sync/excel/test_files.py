"""Everything that can be wrong with a file has a sentence, and no fault ever harms the file that is there."""

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.check_workbook import check_workbook
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import (
    WorkbookBusyError,
    WorkbookChangedError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnreachableError,
)
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.template import templates
from tests.sheets_sync.excel_files import everything, parts, repack, results, shown
from tests.workbooks import WORKED_EXAMPLE, write_workbook

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "plan.xlsx"
    openpyxl.Workbook().save(path)
    return path


def read(path, **options):
    return ExcelWorkbook(path, **options).read(everything)


def reported(path, **options):
    """The sentence that reading gives; writing must give the same, or one of its own."""
    with pytest.raises(WorkbookUnreachableError) as fault:
        read(path, **options)
    with pytest.raises(WorkbookError):
        ExcelWorkbook(path, **options).write(results(["a"]))
    return str(fault.value)


# Not there, or something else


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.xlsx"
    assert reported(path) == (
        f"{path} does not exist. Check the path, or create the workbook with: sheetplan init {path}"
    )


def test_a_missing_folder(tmp_path):
    path = tmp_path / "no" / "none.xlsx"
    with pytest.raises(WorkbookUnreachableError) as fault:
        ExcelWorkbook(path).create_tabs(templates())
    assert str(fault.value) == (
        f"{path} cannot be written: the folder {path.parent} does not exist. Check the path, or create the folder."
    )


def test_a_folder(tmp_path):
    assert reported(tmp_path) == f"{tmp_path} is a folder, not a workbook. Give the path of an .xlsx file."


def test_a_file_above_the_limit(path):
    size = path.stat().st_size
    assert reported(path, max_bytes=1000) == (
        f"{path} has {size:,} bytes; workbooks up to 1,000 bytes are read. "
        "Remove tabs, pictures or empty formatted rows that the plan does not need."
    )


def test_the_default_limit_is_a_hundred_megabytes(tmp_path):
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(150_000_000)
    assert reported(path).startswith(f"{path} has 150 MB; workbooks up to 100 MB are read.")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "{} is empty (0 bytes). Restore it from a copy, or create a new one."),
        (b"key,tokens\nA,5\n", "a text or CSV file"),
        (b"\xef\xbb\xbf<html><table></table></html>", "a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "an XML file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\0\0", "another kind of file"),
        (
            OLE + b"\0" * 600,
            "{} is a workbook of the old .xls kind. Open it in a spreadsheet program and save it as .xlsx.",
        ),
        (
            OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "{} is encrypted with a password. Open it in Excel, remove the password "
            "(File, Info, Protect Workbook, Encrypt with Password), save it, and try again.",
        ),
    ],
)
def test_another_kind_of_file(path, data, sentence):
    path.write_bytes(data)
    if "{}" not in sentence:
        sentence = (
            "{} is not an .xlsx workbook, despite its name (its first bytes are those of "
            f"{sentence}). Open it in a spreadsheet program and save it as .xlsx."
        )
    assert reported(path) == sentence.format(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"a.txt": b"x"}, "is a zip file, but holds no workbook. Give the path of an .xlsx file."),
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"},
            "is an OpenDocument file (.ods). Open it in a spreadsheet program and save it as .xlsx.",
        ),
    ],
)
def test_another_kind_of_package(path, content, sentence):
    with zipfile.ZipFile(path, "w") as package:
        for name, data in content.items():
            package.writestr(name, data)
    assert reported(path) == f"{path} {sentence}"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
            "is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.",
        ),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "is a zip file, but holds no workbook. Give the path of an .xlsx file.",
        ),
    ],
)
def test_a_package_of_another_program(path, kind, sentence):
    types = parts(path)["[Content_Types].xml"].decode()
    ours = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    repack(path, {"[Content_Types].xml": types.replace(ours, kind).encode()})
    assert reported(path) == f"{path} {sentence}"


def test_strict_open_xml(path):
    strict = parts(path)["xl/workbook.xml"].replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    repack(path, {"xl/workbook.xml": strict})
    assert reported(path) == (
        f'{path} is saved as "Strict Open XML". Open it in Excel and save it as "Excel Workbook (*.xlsx)".'
    )


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert reported(path) == (
        f"{path} is damaged or incomplete and cannot be read as a workbook (File is not a zip file). "
        "Open it in a spreadsheet program, let it repair the file, save it, and try again."
    )


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet"),
        ("xl/worksheets/sheet1.xml", None),
        ("xl/workbook.xml", b"not xml"),
        ("xl/workbook.xml", None),
        ("xl/styles.xml", b""),
        ("_rels/.rels", None),
    ],
)
def test_a_damaged_part(path, part, data):
    repack(path, {part: data})
    with pytest.raises(WorkbookUnreachableError) as fault:
        read(path)
    assert str(fault.value).startswith(f"{path} is damaged or incomplete and cannot be read as a workbook (")


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1"><v>twelve</v></c>',
        '<c r="A1" t="s"><v>99</v></c>',
        '<c r="1A"><v>1</v></c>',
        '<c r="A1" t="d"><v>x</v></c>',
        '<c r="B1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="B1"><v>1</v></c><c r="B1"><v>2</v></c>',
    ],
)
def test_a_cell_that_makes_no_sense(path, cells):
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<worksheet xmlns="{namespace}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    repack(path, {"xl/worksheets/sheet1.xml": xml.encode()})
    with pytest.raises(WorkbookUnreachableError) as fault:
        read(path)
    assert "is damaged or incomplete" in str(fault.value)


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="1"><c r="?1"><v>1</v></c></row>',
        '<row r="one"/>',
        '<row r="2"/><row r="1"/>',
        '<row r="1048577"/>',
        '<row r="1">',
    ],
)
def test_a_damaged_tab_that_is_written_but_was_not_read(path, xml):
    ExcelWorkbook(path).write(results(["a"]))
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<worksheet xmlns="{namespace}"><sheetData>{xml}</sheetData></worksheet>'
    repack(path, {"xl/worksheets/sheet2.xml": xml.encode()})
    before = path.read_bytes()
    with pytest.raises(WorkbookUnreachableError, match="is damaged or incomplete"):
        ExcelWorkbook(path).write(results(["a"]))
    assert path.read_bytes() == before


def test_a_document_type_in_a_tab_that_is_written_is_reported(path):
    ExcelWorkbook(path).write(results(["a"]))
    xml = parts(path)["xl/worksheets/sheet2.xml"].decode().partition("?>")[2]
    repack(path, {"xl/worksheets/sheet2.xml": f'<!DOCTYPE x [<!ENTITY a "b">]>{xml}'.encode()})
    with pytest.raises(WorkbookUnreachableError, match="an XML part declares a document type"):
        ExcelWorkbook(path).write(results(["a"]))


def test_a_zip_bomb_is_not_unpacked(path):
    repack(path, {"xl/media/bomb.bin": b"\0" * 3_000_000})
    assert reported(path, max_bytes=100_000) == (
        f"{path} would unpack to 3 MB, which is far too much for a workbook of its size. It was not opened."
    )


def test_an_xml_bomb_is_not_expanded(path):
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    xml = parts(path)["xl/workbook.xml"].decode()
    declaration, _, rest = xml.partition("<workbook")
    repack(path, {"xl/workbook.xml": f"{declaration}{entities}<workbook{rest}".encode()})
    assert "(an XML part declares a document type)" in reported(path)


# Open, locked, changed


def test_a_file_open_in_libreoffice_is_read_but_not_written(path):
    lock = path.with_name(".~lock.plan.xlsx#")
    lock.write_text(",Ann Example,laptop,23.11.2026 10:00,file:///home/ann/.config/libreoffice/4;")
    read(path)
    before = path.read_bytes()
    with pytest.raises(WorkbookRefusedError) as fault:
        ExcelWorkbook(path).write(results(["a"]))
    assert str(fault.value) == (
        f"{path} is open in LibreOffice by Ann Example. Close it there and run again "
        "(if nobody has it open, delete the leftover file .~lock.plan.xlsx# beside it)."
    )
    assert path.read_bytes() == before


def test_a_file_open_in_excel_is_read_but_not_written(path):
    name = "Bob"
    owner = bytes([len(name)]) + name.encode().ljust(54) + b"\0" * 110
    path.with_name("~$plan.xlsx").write_bytes(owner)
    read(path)
    for act in (
        lambda: ExcelWorkbook(path).write(results(["a"])),
        lambda: ExcelWorkbook(path).create_tabs(templates()),
    ):
        with pytest.raises(WorkbookRefusedError) as fault:
            act()
        assert str(fault.value) == (
            f"{path} is open in Excel by Bob. Close it there and run again "
            "(if nobody has it open, delete the leftover file ~$plan.xlsx beside it)."
        )


def test_a_read_only_file_is_not_replaced(path):
    path.chmod(0o444)
    with pytest.raises(WorkbookUnreachableError) as fault:
        ExcelWorkbook(path).write(results(["a"]))
    assert str(fault.value) == f"{path} is read-only. Allow writing to it (file properties), or work on a copy."


def test_a_file_saved_by_someone_else_meanwhile_is_not_overwritten(path):
    workbook = ExcelWorkbook(path)
    workbook.read(everything)
    other = openpyxl.load_workbook(path)
    other.active["A1"] = "theirs"
    other.save(path)
    with pytest.raises(WorkbookChangedError) as fault:
        workbook.write(results(["a"]))
    assert str(fault.value) == (
        f"{path} was saved by someone else meanwhile. Nothing was written; run again to use what it holds now."
    )
    assert shown(path, "Sheet") == [["theirs"]]
    workbook.read(everything)
    workbook.write(results(["a"]))
    workbook.write(results(["b"]))
    assert shown(path, "Results") == [["b"]]


def test_a_file_that_was_only_touched_or_copied_back_is_written(path):
    workbook = ExcelWorkbook(path)
    workbook.read(everything)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    workbook.write(results(["a"]))


def test_two_runs_of_one_file_exclude_each_other_and_leave_no_lock_behind(path):
    first, second = ExcelWorkbook(path), ExcelWorkbook(path)
    with first.locked(), first.locked():
        first.write(results(["first"]))
        outcome = []

        def try_to_write():
            try:
                second.write(results(["second"]))
            except WorkbookBusyError as busy:
                outcome.append(str(busy))

        thread = threading.Thread(target=try_to_write)
        thread.start()
        thread.join()
        with pytest.raises(WorkbookBusyError), second.locked():
            pass
    assert len(outcome) == 1
    assert outcome[0].startswith(f"A run of {path} is already under way: process {os.getpid()} of ")
    second.write(results(["second"]))
    assert [file.name for file in path.parent.iterdir()] == ["plan.xlsx"]


HOLDER = """
import sys, time
from sheets_sync.excel import ExcelWorkbook
with ExcelWorkbook(sys.argv[1]).locked():
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_lets_go_of_the_file(path):
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkbookBusyError):
            ExcelWorkbook(path).write(results(["a"]))
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    ExcelWorkbook(path).write(results(["a"]))


# Saving


SAVER = """
import sys
from sheets_sync.workbook.changes import Changes, OutCell, Sheet
from sheets_sync.excel import ExcelWorkbook
number = 0
while True:
    number += 1
    rows = [[OutCell(number)]] * 300
    ExcelWorkbook(sys.argv[1]).write(Changes(results=Sheet("Results", rows, "sheetplan_results", "sheetplan_")))
    print(number, flush=True)
"""


def test_a_process_killed_while_it_saves_leaves_a_whole_file(path):
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", SAVER, path], stdout=subprocess.PIPE) as saver:
            assert saver.stdout is not None
            for _ in range(3):
                saver.stdout.readline()
            saver.send_signal(signal.SIGKILL)
            saver.wait()
        column = {row[0] for row in shown(path, "Results")}
        assert len(column) == 1


def test_a_full_disk_leaves_the_file_as_it_was(path):
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(WorkbookUnreachableError) as fault:
            ExcelWorkbook(path).write(results(["a"]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(fault.value) == (
        f"{path} could not be saved: the disk is full. The file is as it was; free some space and run again."
    )
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["plan.xlsx"]


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, f"{os.strerror(errno.EIO)}. The file is as")]
)
def test_what_the_system_says_while_saving_is_reported(path, monkeypatch, number, words):
    def fail(_handle):
        raise OSError(number, os.strerror(number))

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WorkbookUnreachableError, match=words):
        ExcelWorkbook(path).write(results(["a"]))
    assert path.read_bytes() == before


@pytest.fixture
def nobody():
    """A folder of another user's, and this process without root's power over it."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "plan.xlsx"
    openpyxl.Workbook().save(path)
    path.chmod(0o666)
    folder.chmod(0o555)
    if ROOT:
        os.seteuid(65534)
    yield path
    if ROOT:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_may_not_be_written(nobody):
    with pytest.raises(WorkbookUnreachableError) as fault:
        ExcelWorkbook(nobody).write(results(["a"]))
    assert str(fault.value) == (
        f"{nobody} could not be saved: this user cannot write to {nobody.parent}, or another program has it open. "
        "The file is as it was; close it elsewhere, or allow writing to the folder."
    )
    assert read(nobody).tabs


def test_a_file_that_may_not_be_read(nobody):
    if ROOT:
        os.seteuid(0)
    nobody.chmod(0o000)
    if ROOT:
        os.seteuid(65534)
    with pytest.raises(WorkbookUnreachableError) as fault:
        read(nobody)
    assert str(fault.value) == (
        f"{nobody} cannot be read by this user, or another program has it open. "
        "Close it there, or ask its owner for access."
    )


def test_rights_owner_and_links_are_kept(path, tmp_path):
    path.chmod(0o640)
    if ROOT:
        os.chown(path, 65534, 65534)
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    ExcelWorkbook(link).write(results(["a"]))
    assert link.is_symlink()
    status = path.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert not ROOT or (status.st_uid, status.st_gid) == (65534, 65534)
    assert shown(link, "Results") == [["a"]]


def test_the_locator_is_the_path_as_it_was_given(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert ExcelWorkbook("plan.xlsx").locator == "plan.xlsx"
    assert read("plan.xlsx").locator == "plan.xlsx"


def test_no_changes_are_no_fault(path):
    ExcelWorkbook(path).write(Changes())
    assert shown(path, "Sheet") == []


def test_left_overs_of_killed_runs_are_removed_and_those_of_living_ones_stay(path):
    gone, alive = f".sheetplan-{2**22 + 7}-{'0' * 12}.tmp", f".sheetplan-{os.getpid()}-{'0' * 12}.tmp"
    old, fresh, foreign = f".sheetplan-{'1' * 12}.tmp", f".sheetplan-{'2' * 12}.tmp", ".sheetplan-notes.tmp"
    for name in (gone, alive, old, fresh, foreign):
        (path.parent / name).write_bytes(b"x")
        if name != fresh:
            os.utime(path.parent / name, (1, 1))
    ExcelWorkbook(path).write(results(["x"]))
    assert {item.name for item in path.parent.iterdir()} == {path.name, alive, fresh, foreign}


def test_a_name_as_long_as_the_system_allows_can_be_locked(path):
    long = path.with_name("p" * 250 + ".xlsx")
    path.rename(long)
    ExcelWorkbook(long).write(results(["x"]))
    assert [item.name for item in long.parent.iterdir()] == [long.name]


def test_whoever_only_looks_needs_no_lock(path):
    """A dry run and a check work in a folder where nothing may be written, and beside another run."""
    with ExcelWorkbook(path).locked():
        before = sorted(path.parent.iterdir())
        run_workbook(ExcelWorkbook(path), RunRequest(dry_run=True))
        check_workbook(ExcelWorkbook(path))
        assert sorted(path.parent.iterdir()) == before


def test_a_run_that_is_terminated_leaves_nothing_behind(tmp_path):
    plan = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    hold = (
        "import sheets_sync.run.run_workbook as run, time\n"
        "run.read_inputs = lambda *_: (print('reading', flush=True), time.sleep(60))\n"
        "from sheets_sync.__main__ import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", hold, "run", str(plan)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline() == b"reading\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (143, b"\nStopped.\n")
    assert [item.name for item in tmp_path.iterdir()] == ["plan.xlsx"]
