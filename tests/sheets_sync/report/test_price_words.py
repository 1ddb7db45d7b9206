"""What Results says about the price of a decision, read from a workbook as people open it."""

from itertools import takewhile
from pathlib import Path

import openpyxl
import pytest

from sheets_sync.excel.excel_workbook import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.workbooks import Rows, write_workbook

TABS: dict[str, Rows] = {
    "KPIs": [["KPI", "Name", "Level", "Unit"], ["gmv", "GMV", "north_star", "GBP"], ["nps", "NPS", None, "count"]],
    "Initiatives": [
        ["Initiative", "Effort (days)", "gmv", "nps", "Prerequisites", "Mandatory", "Mandate reason"],
        ["A", 6, 100_000, 1, None, None, None],
        ["B", 4, 60_000, None, None, None, None],
        ["C", 4, 55_000, None, None, None, None],
        ["D", 20, 900_000, None, None, None, None],
        ["E", 1, 1_000, 2, None, True, "the law"],
        ["F", 5, 50_000, None, None, None, None],
        ["G", 5, 50_000, None, None, None, None],
    ],
}
SCENARIOS: Rows = [
    ["Scenario", "Objective mode", "Capacity", "weight: gmv", "weight: nps", "target: nps"],
    ["Most GMV", "north_star", 11, None, None, None],
    ["NPS first", "lexicographic", 11, None, None, 3],
]


def why(path: Path, scenarios: Rows) -> dict[str, str]:
    """The cells of the column Why, by initiative."""
    book = write_workbook(path, TABS | {"Scenarios": scenarios})
    run_workbook(ExcelWorkbook(book), RunRequest())
    rows = list(openpyxl.load_workbook(book, data_only=True)["Results"].iter_rows(values_only=True))
    header = next(row for row in rows if "Why" in row)
    column, top = header.index("Why"), rows.index(header)
    return {str(row[0]): str(row[column]) for row in rows[top + 1 : top + 8]}


def test_one_scenario_says_what_is_lost_who_changes_and_where_it_turns(tmp_path: Path) -> None:
    """11 days: E is the law, A and B fill the rest with 161,000."""
    less = "brings less per day than those on merit"
    assert why(tmp_path / "plan.xlsx", SCENARIOS[:2]) == {
        "E": "mandatory: the law",
        "A": "on merit; without it £45,000 less GMV (C in); drops out at GMV £54,000",
        "B": "on merit; without it £5,000 less GMV (C in); drops out at GMV £54,000",
        "C": f"{less}: needs 4 days, 0 left; with it £5,000 less GMV; comes in at GMV £61,000",
        "D": "would not fit: needs 20 days, 0 left; no plan with it keeps every rule",
        "F": f"{less}; with it £50,000 less GMV (A out); comes in at GMV £101,000",
        "G": f"{less}; with it £50,000 less GMV (A out); comes in at GMV £101,000",
    }


def test_several_scenarios_say_which_one_the_price_is_of(tmp_path: Path) -> None:
    """The goal of 3 needs A and E: without A it is missed by 1, which comes before any GMV."""
    path = tmp_path / "plan.xlsx"
    found = why(path, SCENARIOS)
    assert found["A"] == "on merit; without it £45,000 less GMV (C in); drops out at GMV £54,000 (Most GMV)"
    assert found["B"] == "on merit; without it £5,000 less GMV (C in); drops out at GMV £54,000"
    rows = list(openpyxl.load_workbook(path, data_only=True)["Results details"].iter_rows(values_only=True))
    top = next(at for at, row in enumerate(rows) if row[0] == "What each decision is worth")
    table = {(row[0], row[1]): row[2:6] for row in rows[top + 2 : top + 16]}
    assert table["A", "NPS first"] == ("in", "on merit", "without it the target for NPS missed by 1", None)
    assert table["C", "NPS first"][2:] == ("with it £5,000 less GMV (B out)", "comes in at GMV £61,000 (now £55,000)")
    assert table["E", "Most GMV"] == ("in", "mandatory: the law", None, None)


def test_what_takes_more_work_than_a_run_has_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit takes a solver to prove, and there is no work for it."""
    monkeypatch.setattr("sheets_sync.run.solve_inputs.WORK_OF_A_RUN", 0.0)
    costs = ["cost: design", 4, 3, 2, 9, 1, 3, 2]
    rows = [[*row, cost] for row, cost in zip(TABS["Initiatives"], costs, strict=True)]
    monkeypatch.setitem(TABS, "Initiatives", rows)
    found = why(tmp_path / "plan.xlsx", [[*SCENARIOS[0], "capacity: design"], [*SCENARIOS[1], 6]])
    assert found["D"].endswith("; its price takes more work than a run has (see sheetplan explain)")


def test_what_prices_leave_out_of_reasons_is_in_the_details(tmp_path: Path) -> None:
    """Over two quarters nothing is priced, so the table of prices does not have the reasons of that scenario."""
    path = tmp_path / "plan.xlsx"
    periods = [["From period", "To period"], [None, None], ["2026-Q3", "2026-Q4"]]
    scenarios = [SCENARIOS[0], SCENARIOS[1], ["Half a year", *SCENARIOS[1][1:]]]
    found = why(path, [[*row, *ends] for row, ends in zip(scenarios, periods, strict=True)])
    assert found["D"] == "would not fit: needs 20 days, 0 left; no plan with it keeps every rule (Most GMV)"
    rows = list(openpyxl.load_workbook(path, data_only=True)["Results details"].iter_rows(values_only=True))
    top = next(at for at, row in enumerate(rows) if row[0] == "Reasons in full")
    assert dict(takewhile(any, (row[:2] for row in rows[top + 2 :]))) == {
        "C": "brings less per day than those on merit: needs 4 days, 0 left",
        "F": "brings less per day than those on merit: needs 5 days, 0 left",
        "G": "brings less per day than those on merit: needs 5 days, 0 left",
    }
