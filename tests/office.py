"""LibreOffice without a window, as an independent judge of the files that we write: recalculate, convert, draw."""

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import openpyxl
import pytest

Value = str | float | int | bool | None

_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>
</prop></item></oor:items>"""
_CSV_OF_EVERY_TAB = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
"""Comma, double quote, UTF-8, from row 1, cells as shown, all tabs."""
_XLSX = "xlsx:Calc MS Excel 2007 XML"
_TIMEOUT_S = 400


def recalculated(path: Path, folder: Path) -> Path:
    """The workbook with every formula calculated anew by LibreOffice, as a new .xlsx in that folder."""
    return _convert(path, _XLSX, folder, ".xlsx")


def all_recalculated(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The same for several workbooks of different names at once, which takes hardly longer than one."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("--convert-to", _XLSX, "--outdir", folder, *paths)
    return [folder / path.name for path in paths]


def recalculated_values(path: Path, folder: Path) -> dict[str, dict[str, Value]]:
    """What LibreOffice calculates: by tab and A1 address, typed; blank cells are left out."""
    workbook = openpyxl.load_workbook(recalculated(path, folder), data_only=True)
    return {
        sheet.title: {
            cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        }
        for sheet in workbook.worksheets
    }


def shown_values(path: Path, folder: Path) -> dict[str, list[list[str]]]:
    """The text that LibreOffice shows in each cell, by tab."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("--convert-to", _CSV_OF_EVERY_TAB, "--outdir", folder, path)
    texts = {}
    for file in folder.glob(f"{path.stem}-*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            texts[file.stem.removeprefix(f"{path.stem}-")] = list(csv.reader(lines))
    return texts


def converted(path: Path, suffix: str, folder: Path) -> Path:
    """The workbook as LibreOffice saves it as a file of that ending, such as ``.ods``."""
    return _convert(path, suffix.removeprefix("."), folder, suffix)


def pictures(path: Path, folder: Path, *, resolution: int = 80) -> list[Path]:
    """A picture of each printed page, in order."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed; install poppler-utils to draw workbooks")
    pdf = _convert(path, "pdf", folder, ".pdf")
    subprocess.run(["pdftoppm", "-r", str(resolution), "-png", pdf, folder / path.stem], check=True, timeout=_TIMEOUT_S)
    return sorted(folder.glob(f"{path.stem}-*.png"))


def _convert(path: Path, kind: str, folder: Path, suffix: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _run("--convert-to", kind, "--outdir", folder, path)
    made = folder / f"{path.stem}{suffix}"
    if not made.exists():
        raise AssertionError(f"LibreOffice did not open {path}")
    return made


def _run(*arguments: str | Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed; install libreoffice-calc to check what it makes of our files")
    subprocess.run(
        [program, f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--norestore", *arguments],
        check=True,
        capture_output=True,
        timeout=_TIMEOUT_S,
    )


@cache
def _profile() -> Path:
    """A profile per process, since two LibreOffices cannot share one; it calculates every file anew on load."""
    profile = Path(tempfile.mkdtemp(prefix=f"sheetplan-office-{os.getpid()}-"))
    user = profile / "user"
    user.mkdir()
    (user / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    return profile
