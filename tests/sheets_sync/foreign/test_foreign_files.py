"""Files of other kinds, as LibreOffice and exports write them, and their copies as .xlsx."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.foreign.foreign_files import copy_as_xlsx, is_foreign, read_foreign
from sheets_sync.workbook.backend import WorkbookRefusedError, WorkbookUnreachableError
from sheets_sync.workbook.snapshot import Area
from tests.office import converted

ROWS = [["key", "effort", "due", "done"], ["A", 1.5, datetime(2026, 3, 1), True], ["=B", 20, None, False]]


@pytest.mark.parametrize("suffix", [".ods", ".xls"])
def test_old_and_open_formats_keep_every_type(tmp_path: Path, suffix: str):
    book = openpyxl.Workbook()
    book.active.title = "Backlog"
    for row in ROWS:
        book.active.append(row)
    book.active["A3"].data_type = "s"
    notes = book.create_sheet("Notes")
    notes["B2"] = "hello"
    notes.merge_cells("B2:C3")
    book.save(tmp_path / "made.xlsx")
    source = converted(tmp_path / "made.xlsx", suffix, tmp_path / "office")
    tabs = {tab.title: tab for tab in read_foreign(source)}
    assert tabs["Notes"].cell(2, 2).value == "hello"
    assert [[tabs["Backlog"].cell(row, column).value for column in range(1, 5)] for row in range(1, 4)] == ROWS
    tabs = dict(ExcelWorkbook(copy_as_xlsx(source)).read(lambda _: True).tabs)
    copied = tabs["Backlog"]
    if suffix == ".xls":  # the reader knows no merges of .ods files
        assert tabs["Notes"].merges == (Area("Notes", 2, 2, 3, 3),)
    assert [[copied.cell(row, column).value for column in range(1, 5)] for row in range(1, 4)] == ROWS
    assert copied.cell(3, 1).formula is None


def test_a_copy_never_overwrites(tmp_path: Path):
    source = tmp_path / "plan.csv"
    source.write_text("key,effort\nA,1\n")
    target = copy_as_xlsx(source)
    before = target.read_bytes()
    with pytest.raises(WorkbookRefusedError, match="exists and was not overwritten"):
        copy_as_xlsx(source)
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\x81\x8d", "no text in UTF-8"),
        ("a.ods", b"PK nonsense", "cannot be read as a spreadsheet"),
        ("a.xls", b"nonsense", "cannot be read as a spreadsheet"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, name: str, content: bytes, words: str):
    path = tmp_path / name
    path.write_bytes(content)
    assert is_foreign(path)
    with pytest.raises(WorkbookUnreachableError, match=words):
        read_foreign(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("key\n" * 100)
    with pytest.raises(WorkbookUnreachableError, match="workbooks up to"):
        read_foreign(path, max_bytes=100)
