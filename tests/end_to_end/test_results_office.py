"""LibreOffice recalculates what a run wrote: checks say OK, totals are the JSON's, edited inputs show at once."""

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
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
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


def a_column_that_would_be_read(book: Workbook) -> None:
    book["Initiatives"]["J1"] = "GMV_Low"
    book["Initiatives"]["J2"] = 3


def a_resource_and_a_json_column(book: Workbook) -> None:
    book["Initiatives"]["J1"] = "Costs: design days"
    book["Scenarios"]["K1"] = "Weights"


def a_header_renamed(book: Workbook) -> None:
    book["Initiatives"]["D1"] = "gmv (old)"


def columns_of_their_own(book: Workbook) -> None:
    for column, text in enumerate(("my comment", "weighting", "sync_status", "low"), start=11):
        book["Initiatives"].cell(1, column).value = text


def a_model_of_their_own(book: Workbook) -> None:
    totals = [f"INDEX(sheetplan_totals,0,{column})" for column in (4, 1, 2)]
    book.create_sheet("Model")["A1"] = f'=SUMIFS({totals[0]},{totals[1]},"Stretch",{totals[2]},"gmv")'


EDITS: dict[Callable[[Workbook], None], str] = {
    a_number: "1 row changed since this run",
    blank_for_zero: "1 row changed since this run",
    zero_for_blank: "1 row changed since this run",
    text_for_number: "1 row changed since this run",
    a_rule_and_a_scenario: "2 rows changed since this run",
    rows_in_another_order: "Inputs unchanged since this run",
    a_row_more_and_one_less: "3 rows changed since this run",
    a_column_that_would_be_read: "1 column changed since this run",
    a_resource_and_a_json_column: "2 columns changed since this run",
    a_header_renamed: "1 column changed since this run",
    columns_of_their_own: "Inputs unchanged since this run",
    a_model_of_their_own: "Inputs unchanged since this run",
}


def rules_under_another_name(book: Workbook) -> None:
    sheet = book.create_sheet("Rules")
    for row in RULES[:3]:
        sheet.append(row)


def targets_and_a_column(book: Workbook) -> None:
    sheet = book.create_sheet("Targets")
    for row in TARGETS[:2]:
        sheet.append(row)
    a_column_that_would_be_read(book)


EDITS_WITHOUT_OPTIONAL_TABS: dict[Callable[[Workbook], None], str] = {
    rules_under_another_name: "2 rows changed since this run",
    targets_and_a_column: "1 row and 1 column changed since this run",
}
RESOURCES = 200
"""More columns than the formula of one row has room for."""


def a_wide_example() -> dict[str, list[list[object]]]:
    """Initiatives with so many columns that no formula can compare a row of them."""
    initiatives = [[*row] for row in WORKED_EXAMPLE["Initiatives"]]
    initiatives[0] += [f"cost: resource {number}" for number in range(RESOURCES)]
    for row in initiatives[1:]:
        row += [1] * RESOURCES
    return {**WORKED_EXAMPLE, "Initiatives": initiatives}


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
    plain = {title: rows for title, rows in rich_example().items() if title not in ("Constraints", "Targets")}
    bare = write_workbook(folder / "bare.xlsx", plain)
    wide = write_workbook(folder / "wide.xlsx", a_wide_example())
    for path in (bare, wide):
        run_workbook(ExcelWorkbook(path), RunRequest())
    paths = [written, bare, wide]
    for source, edits in ((written, EDITS), (bare, EDITS_WITHOUT_OPTIONAL_TABS)):
        for edit in edits:
            book = openpyxl.load_workbook(source)
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
    book = openpyxl.load_workbook(calculated, data_only=True)
    texts = [cell for title in ("Results", "Results details") for row in book[title].values for cell in row]
    assert not [text for text in texts if isinstance(text, str) and text.startswith(("#", "Err:", "differs"))]


def test_what_the_file_holds_is_what_libreoffice_calculates(ran: Ran) -> None:
    """Previews and mail clients show the values that we wrote beside our formulas."""
    ours = openpyxl.load_workbook(ran.written, data_only=True)
    theirs = openpyxl.load_workbook(ran.calculated["plan"], data_only=True)
    for title in ("Results", "Results details"):
        for cell in (cell for row in ours[title].iter_rows() for cell in row):
            other = theirs[title][cell.coordinate].value
            if isinstance(cell.value, int | float):
                assert other == pytest.approx(cell.value, rel=1e-9, abs=1e-12), cell.coordinate
            else:
                assert (other or None) == (cell.value or None), cell.coordinate


ALL_EDITS = {**EDITS, **EDITS_WITHOUT_OPTIONAL_TABS}


@pytest.mark.parametrize(("edit", "expected"), ALL_EDITS.items(), ids=[edit.__name__ for edit in ALL_EDITS])
def test_the_top_tells_how_much_of_the_inputs_changed(
    ran: Ran, edit: Callable[[Workbook], None], expected: str
) -> None:
    calculated = ran.calculated[edit.__name__]
    assert top(calculated)[1] == expected
    header, *tabs = named_range_values(calculated, "sheetplan_inputs")
    assert header[3:] == ["Changed", "Gone", "Added", "Columns changed", "Not compared"]
    rows, columns = (sum(tab[at] or 0 for tab in tabs for at in places) for places in ((3, 4, 5), (6,)))
    reported = [int(word) for word in expected.split() if word.isdigit()]
    assert [number for number in (rows, columns) if number] == reported


def test_rows_that_no_formula_can_compare_are_counted_and_told(ran: Ran) -> None:
    assert top(ran.calculated["wide"])[1] == "3 rows cannot be compared; the others are unchanged"
    initiatives = named_range_values(ran.calculated["wide"], "sheetplan_inputs")[2]
    assert [initiatives[0], initiatives[3], initiatives[7]] == ["Initiatives", 0, 3]


def test_optional_tabs_that_do_not_exist_have_a_line_of_their_own(ran: Ran) -> None:
    assert top(ran.calculated["bare"])[1] == "Inputs unchanged since this run"
    lines = named_range_values(ran.calculated["bare"], "sheetplan_inputs")
    assert [line[:2] for line in lines[4:]] == [["Constraints", 0], ["Targets", 0], ["Periods", 0], ["Capacity", 0]]


def test_figures_are_summed_from_one_block_as_the_tab_advises(ran: Ran) -> None:
    texts = [str(cell) for row in named_range_values(ran.written, "sheetplan_details") for cell in row]
    advice = next(text for text in texts if "SUMIFS" in text)
    assert "SUMIFS(INDEX(sheetplan_totals,0,4),INDEX(sheetplan_totals,0,1),scenario," in advice
    stretch = next(item for item in ran.document["scenarios"] if item["scenario"] == "Stretch")
    model = openpyxl.load_workbook(ran.calculated["a_model_of_their_own"], data_only=True)["Model"]
    assert model["A1"].value == pytest.approx(stretch["kpi_totals"]["gmv"], rel=1e-9)


def test_a_second_run_clears_the_marks(ran: Ran) -> None:
    check, stale = top(ran.calculated["again"])
    assert check.startswith("OK: all ")
    assert stale == "Inputs unchanged since this run"
