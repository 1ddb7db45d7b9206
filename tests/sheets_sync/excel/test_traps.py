"""Files made to take memory and time without end are refused in words before they do."""

import io
import time
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.excel.ooxml import MOST_TAGS
from sheets_sync.excel.read_snapshot import MOST_STRINGS
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_sync.excel_files import everything, parts, repack

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """The example workbook, whose texts are shared strings."""
    path = tmp_path / "plan.xlsx"
    path.write_bytes((files("sheets_sync.demo") / "marketplace-q3.xlsx").read_bytes())
    return path


def refusal(path: Path) -> str:
    start = time.process_time()
    with pytest.raises(WorkbookUnreachableError) as error:
        ExcelWorkbook(path).read(everything)
    assert time.process_time() - start < 30
    return str(error.value)


def sheet_of(path: Path) -> str:
    return next(name for name in parts(path) if name.startswith("xl/worksheets/sheet"))


def strings_of(count: int, item: bytes) -> bytes:
    return b'<sst xmlns="' + MAIN.encode() + b'">' + item * count + b"</sst>"


def test_millions_of_shared_strings_are_not_read(plan: Path) -> None:
    """25 million fit into a file of one megabyte."""
    repack(plan, {"xl/sharedStrings.xml": strings_of(25_000_000, b"<si/>")})
    assert plan.stat().st_size < 1_000_000
    assert "would unpack to 125 MB, which is far too much for a workbook of its size" in refusal(plan) or (
        f"holds more than {MOST_STRINGS:,} shared strings" in refusal(plan)
    )


@pytest.mark.parametrize(
    ("part", "content", "reported"),
    [
        ("xl/sharedStrings.xml", strings_of(MOST_STRINGS + 1, b"<si/>"), "shared strings"),
        ("xl/sharedStrings.xml", strings_of(MOST_TAGS + 1, b"<x/>"), "tags beside its items"),
        ("xl/styles.xml", strings_of(MOST_TAGS + 1, b"<x/>"), "a part with more than 2,000,000 tags"),
        ("xl/_rels/workbook.xml.rels", strings_of(MOST_TAGS + 1, b"<x/>"), "a part with more than 2,000,000 tags"),
        ("sheet", strings_of(MOST_TAGS + 1, b"<x/>"), "tags beside its items"),
    ],
    ids=["strings", "between strings", "styles", "relations", "sheet"],
)
def test_a_part_with_too_many_tags_is_not_read(plan: Path, part: str, content: bytes, reported: str) -> None:
    repack(plan, {sheet_of(plan) if part == "sheet" else part: content})
    assert reported in refusal(plan)


def test_cells_very_far_apart_are_not_filled_up(plan: Path) -> None:
    """One cell at the right edge of each of ten thousand rows is 164 million places."""
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 10_001))
    repack(plan, {sheet_of(plan): f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()})
    assert "cells very far apart" in refusal(plan)


def test_a_zip_with_very_many_parts_is_not_opened(plan: Path) -> None:
    data = io.BytesIO(plan.read_bytes())
    with zipfile.ZipFile(data, "a") as package:
        for number in range(20_001):
            package.writestr(f"x/{number}", b"")
    plan.write_bytes(data.getvalue())
    assert "holds more than 20,000 parts" in refusal(plan)
