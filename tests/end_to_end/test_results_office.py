"""LibreOffice recalculates what a run wrote: checks say OK, totals are the JSON's, edited inputs are told at once."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock
from openpyxl.workbook import Workbook

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.run import RunRequest, run_workbook
from tests import office
from tests.workbooks import WORKED_EXAMPLE, edited, named_range_values, write_workbook

RULES = [
    ["scenario_name", "constraint_type", "dimension", "dimension_key", "max_tokens", "member_keys", "kpi_key", "value"],
    [None, "capacity_cap", "market", "UK", 90, None, None, None],
    [None, "synergy_bonus", None, None, None, "A, C", "gmv", 5000],
    ["Weighted", "count_cap", None, None, None, None, None, 2],
]
TARGETS = [
    ["kpi_key", "floor_or_goal", "target_value", "baseline_value", "dimension", "dimension_key"],
    ["gmv", "floor", 1_000_000, 960_000, None, None],
    ["conversion_rate", "goal", 0.001, None, "market", "DE"],
]


def rich_example() -> dict[str, list[list[object]]]:
    """The worked example with a market, a synergy, caps, a floor with a baseline, and a KPI where lower is better."""
    tabs = edited(WORKED_EXAMPLE, {"KPIs!A5": "churn", "KPIs!D5": "count", "KPIs!E5": "lower", "KPIs!C5": "strategic"})
    markets = {"Initiatives!G1": "market", "Initiatives!G2": "UK", "Initiatives!G3": "DE", "Initiatives!G4": "UK"}
    churn = {"Initiatives!H1": "churn", "Initiatives!H2": -3, "Initiatives!H3": 2.5, "Initiatives!H4": 0}
    return {**edited(tabs, markets | churn), "Constraints": RULES, "Targets": TARGETS}


def a_number(book: Workbook) -> None:
    book["Initiatives"]["D2"] = 120001


def blank_for_zero(book: Workbook) -> None:
    book["Initiatives"]["H4"] = None


def zero_for_blank(book: Workbook) -> None:
    book["Initiatives"]["E2"] = 0


def text_for_number(book: Workbook) -> None:
    book["Initiatives"]["C3"] = "50"


def a_rule_and_a_scenario(book: Workbook) -> None:
    book["Constraints"]["E2"] = 80
    book["Scenarios"]["C2"] = 101


def rows_in_another_order(book: Workbook) -> None:
    for title in ("Initiatives", "Constraints", "Targets"):
        sheet = book[title]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for row, values in enumerate(reversed(rows), start=2):
            for column, value in enumerate(values, start=1):
                sheet.cell(row, column).value = value


def a_row_more_and_one_less(book: Workbook) -> None:
    book["Targets"].append(["gmv", "goal", 5])
    book["Initiatives"]["A4"] = "D"


EDITS: dict[Callable[[Workbook], None], str] = {
    a_number: "1 row changed since this run",
    blank_for_zero: "1 row changed since this run",
    zero_for_blank: "1 row changed since this run",
    text_for_number: "1 row changed since this run",
    a_rule_and_a_scenario: "2 rows changed since this run",
    rows_in_another_order: "Inputs unchanged since this run",
    a_row_more_and_one_less: "3 rows changed since this run",
}


@dataclass(frozen=True)
class Ran:
    """A file after a run, its JSON, and what LibreOffice made of it, of edited copies and of one that ran again."""

    written: Path
    document: dict
    calculated: dict[str, Path]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """LibreOffice is slow to start, so it is asked once for all files, by one of the processes that run tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "results"
    with FileLock(shared / "results.lock"):
        if not (folder / "document.json").exists():
            folder.mkdir(exist_ok=True)
            _make(folder)
    document = json.loads((folder / "document.json").read_text())
    calculated = {path.stem: path for path in (folder / "recalculated").glob("*.xlsx")}
    return Ran(folder / "plan.xlsx", document, calculated)


def _make(folder: Path) -> None:
    """The files of all tests, and last of all the JSON of their run."""
    written = write_workbook(folder / "plan.xlsx", rich_example())
    document = run_workbook(ExcelWorkbook(written), RunRequest()).to_json()
    paths = [written]
    for edit in EDITS:
        book = openpyxl.load_workbook(written)
        edit(book)
        paths.append(folder / f"{edit.__name__}.xlsx")
        book.save(paths[-1])
    again = Path(shutil.copy(folder / "a_number.xlsx", folder / "again.xlsx"))
    run_workbook(ExcelWorkbook(again), RunRequest())
    office.all_recalculated([*paths, again], folder / "recalculated")
    (folder / "document.json").write_text(json.dumps(document))


def top(path: Path) -> tuple[str, str]:
    """The two cells that sum up all checks."""
    return named_range_values(path, "sheetplan_check")[0][0], named_range_values(path, "sheetplan_stale")[0][0]


def test_every_check_says_ok_and_totals_are_those_of_the_json(ran: Ran) -> None:
    calculated = ran.calculated["plan"]
    check, stale = top(calculated)
    assert check.startswith("OK: all ")
    assert stale == "Inputs unchanged since this run"
    totals = {(row[0], row[1]): row[3] for row in named_range_values(calculated, "sheetplan_totals")[1:]}
    used = {(row[0], row[1], row[2]): row[3] for row in named_range_values(calculated, "sheetplan_capacity")[1:]}
    for scenario in ran.document["scenarios"]:
        for kpi, total in scenario["kpi_totals"].items():
            assert totals[scenario["scenario"], kpi] == pytest.approx(total, rel=1e-9, abs=1e-15)
        for resource, use in scenario["capacity"].items():
            assert used[scenario["scenario"], resource, "all"] == pytest.approx(use["used"], rel=1e-9)
    texts = [cell for row in openpyxl.load_workbook(calculated, data_only=True)["Results"].values for cell in row]
    assert not [text for text in texts if isinstance(text, str) and text.startswith(("#", "Err:", "differs"))]


def test_what_the_file_holds_is_what_libreoffice_calculates(ran: Ran) -> None:
    """Previews and mail clients show the values that we wrote beside our formulas."""
    ours = openpyxl.load_workbook(ran.written, data_only=True)["Results"]
    theirs = openpyxl.load_workbook(ran.calculated["plan"], data_only=True)["Results"]
    for row in ours.iter_rows():
        for cell in row:
            other = theirs[cell.coordinate].value
            if isinstance(cell.value, int | float):
                assert other == pytest.approx(cell.value, rel=1e-9, abs=1e-12), cell.coordinate
            else:
                assert (other or None) == (cell.value or None), cell.coordinate


@pytest.mark.parametrize(("edit", "expected"), EDITS.items(), ids=[edit.__name__ for edit in EDITS])
def test_the_top_tells_how_many_rows_of_the_inputs_changed(
    ran: Ran, edit: Callable[[Workbook], None], expected: str
) -> None:
    calculated = ran.calculated[edit.__name__]
    assert top(calculated)[1] == expected
    header, *rows = named_range_values(calculated, "sheetplan_inputs")
    assert header == ["Input tab", "Rows in the run", None, "Changed", "Gone", "Added"]
    counts = [number for row in rows for number in row[3:]]
    assert expected.startswith(str(sum(counts))) or sum(counts) == 0


def test_a_second_run_clears_the_marks(ran: Ran) -> None:
    check, stale = top(ran.calculated["again"])
    assert check.startswith("OK: all ")
    assert stale == "Inputs unchanged since this run"
