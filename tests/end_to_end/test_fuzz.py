"""Random edits of the example workbook: never a traceback, never a row that disappears without a word."""

import json
import os
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.names import fold_key
from sheets_sync.cli import main

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
"""Each example is a whole run of five scenarios; FUZZ_EXAMPLES=500 is for a night."""
TABS = ("KPIs", "Initiatives", "Scenarios", "Constraints", "Targets")
ODD_VALUES: list[Any] = [
    None, "", "  ", "text", "4,500", "1.234,5", "100 pts", "12,5 %", "TRUE", True, False, 0, -1, 1e300, 1e-300, 3e12,
    46112, "2026-03", "#N/A", "#REF!", "=1/0", '=IMPORTXML("x")', "+cmd|' /C calc'!A0", "@", "'", "naïve 🚀 ‮rtl",
    "a" * 5_000, "new\nline", "{", '{"gmv": NaN}', '{"gmv": 1, "gmv": 2}', '{"gmv": "120k"}', "gmv", "GMV ", "gmw",
    "A, B; C | D", "\u00a0",
]  # fmt: skip


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Some cells changed; now and then a column deleted or doubled, a row doubled, a header renamed."""
    tab = st.sampled_from(TABS)
    cell = st.tuples(st.just("cell"), tab, st.integers(1, 60), st.integers(1, 24), st.sampled_from(ODD_VALUES))
    number = st.tuples(st.just("cell"), tab, st.integers(4, 60), st.integers(1, 24), st.floats(allow_nan=False))
    column = st.tuples(st.sampled_from(["delete column", "double column"]), tab, st.integers(1, 24))
    row = st.tuples(st.sampled_from(["delete row", "double row"]), tab, st.integers(1, 60))
    return draw(st.lists(st.one_of(cell, cell, number, column, row), min_size=1, max_size=6))


def apply(book: openpyxl.Workbook, edit: tuple[Any, ...]) -> None:
    kind, tab, place, *rest = edit
    sheet = book[tab]
    if kind == "cell":
        value = rest[1]
        target = sheet.cell(place, rest[0])
        if value in (float("inf"), float("-inf")):
            value = "=1E999"
        target.value = value
    elif kind == "delete column":
        sheet.delete_cols(place)
    elif kind == "delete row":
        sheet.delete_rows(place)
    elif kind == "double column":
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, sheet.max_column + (row == 1), sheet.cell(row, place).value)
    else:
        below = sheet.max_row + 1
        for column in range(1, sheet.max_column + 1):
            sheet.cell(below, column, sheet.cell(place, column).value)


@pytest.fixture(scope="module")
def calculated_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its formulas replaced by their values, so that openpyxl's saving loses nothing."""
    path = tmp_path_factory.mktemp("example") / "example.xlsx"
    with as_file(files("sheets_sync.demo") / "marketplace-q3.xlsx") as source:
        book = openpyxl.load_workbook(source, data_only=True)
    for sheet in book:
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
    book.save(path)
    return path


@given(changes=edits())
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_edit_gives_a_traceback_or_loses_a_row(
    changes: list[tuple[Any, ...]], calculated_example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.load_workbook(calculated_example)
    for change in changes:
        apply(book, change)
    path = tmp_path / "fuzzed.xlsx"
    book.save(path)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["run", str(path), "--json", "--time-limit", "5"])
    said = capsys.readouterr()
    assert ended.value.code in (0, 3, 4), said.err
    document = json.loads(said.out)
    if ended.value.code != 3 and document["scenarios"]:
        assert every_key(book) <= keys_in_results(path), "a row disappeared without a word"


def every_key(book: openpyxl.Workbook) -> set[str]:
    """The folded keys of all candidates of the fuzzed Initiatives tab."""
    sheet = book["Initiatives"]
    for header in sheet.iter_rows():
        names = {str(cell.value).casefold(): cell.column for cell in header if cell.value is not None}
        if "initiative_key" in names:
            break
    else:
        return set()
    keys = set()
    for row in range(header[0].row + 1, sheet.max_row + 1):
        key = sheet.cell(row, names["initiative_key"]).value
        parked = "is_candidate" in names and sheet.cell(row, names["is_candidate"]).value is False
        other_period = "period_key" in names and sheet.cell(row, names["period_key"]).value not in (None, "2026-Q3")
        if key is not None and str(key).strip() and not parked and not other_period:
            keys.add(fold_key(str(key)))
    return keys


def keys_in_results(path: Path) -> set[str]:
    book = openpyxl.load_workbook(path, data_only=True)
    ((title, area),) = book.defined_names["sheetplan_selection"].destinations
    return {fold_key(str(row[0].value)) for row in book[title][area.replace("$", "")]}
