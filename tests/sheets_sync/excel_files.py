"""What the tests of the .xlsx backend share: changes in one line, and ways to make and look into files."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.changes import Changes, OutCell, Sheet
from sheets_sync.workbook.snapshot import Cell, Tab

OWNED = "sheetplan_results"


def everything(_title: str) -> bool:
    return True


def all_tabs(path: Path) -> dict[str, Tab]:
    return dict(ExcelWorkbook(path).read(everything).tabs)


def cell(path: Path, tab: str, row: int, column: int) -> Cell:
    return all_tabs(path)[tab].cell(row, column)


def sheet(rows: Sequence[Sequence[OutCell | None]], **details: object) -> Sheet:
    return Sheet("Results", rows, OWNED, "sheetplan_", **details)  # type: ignore[arg-type]


def results(*rows: Sequence[object], **details: object) -> Changes:
    """Results with one plain cell per value."""
    cells = [[None if value is None else OutCell(value) for value in row] for row in rows]  # type: ignore[arg-type]
    return Changes(results=sheet(cells, **details))


def shown(path: Path, tab: str) -> list[list[str]]:
    return [[cell.shown for cell in row] for row in all_tabs(path)[tab].rows]


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def repack(path: Path, changed: dict[str, bytes | None]) -> None:
    """Write a package again with some parts changed, added, or (None) left out."""
    content = parts(path) | changed
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            if data is not None:
                package.writestr(name, data)
