"""A year for two teams, from the sheet and back to it: what starts when."""

from pathlib import Path

import openpyxl

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import named_range_values, write_workbook

YEAR = {
    "KPIs": [["KPI", "Level", "Unit", "Accrues"], ["gmv", "north_star", "GBP", "each_period"]],
    "Initiatives": [
        ["Initiative", "Effort (tokens)", "Team", "Status", "Remaining tokens", "Latest finish", "Duration periods",
         "Depends on", "Mandatory", "Mandatory reason", "gmv"],
        ["PAY-1", 12, "Data", "in progress", 6, None, 2, None, None, None, None],
        ["CHK-1", 8, "Growth", None, None, None, None, "PAY-1", None, None, 90000],
        ["CHK-2", 10, "Growth", None, None, None, 2, "CHK-1", None, None, 60000],
        ["LEG-1", 5, "Data", None, None, "2026-12", None, None, True, "law from January", None],
        ["DAT-1", 9, "Data", None, None, None, None, None, None, None, 80000],
        ["DAT-2", 7, "Data", None, None, None, None, None, None, None, 50000],
    ],
    "Scenarios": [["Scenario", "From period", "To period", "Objective mode", "Capacity (tokens)"],
                  ["Year", "2026-Q3", "2027-Q2", "north_star", None]],
    "Capacity": [["Period", "Dimension", "Dimension key", "Amount"], [None, "team", "Growth", 8],
                 ["Q3 2026", "team", "Data", 6], ["Q4 2026", "team", "Data", 8], ["Q1 2027", "team", "Data", 9],
                 ["Q2 2027", "team", "Data", 9]],
}  # fmt: skip
STARTS = {"PAY-1": "2026-Q3", "CHK-1": "2026-Q4", "LEG-1": "2026-Q4", "DAT-1": "2027-Q1"}


def test_year_in_a_file(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Growth does checkout once payments are finished; Data is full until then, and the law comes first."""
    path = write_workbook(tmp_path / "year.xlsx", YEAR)
    said = sheetplan("run", path, "--json")
    assert said.code == 0
    (scenario,) = said.document["scenarios"]
    assert scenario["status"] == "optimal"
    assert scenario["starts"] == STARTS
    assert scenario["objective"] == 2 * 90000 + 80000
    assert scenario["reasons"]["PAY-1"] == "in progress"
    assert scenario["reasons"]["DAT-2"] == (
        "does not fit early enough to count: the capacity for department Data in 2026-Q3, the capacity "
        "for department Data in 2026-Q4 and the capacity for department Data in 2027-Q1"
    )
    book = openpyxl.load_workbook(path)
    ((_, decisions),) = book.defined_names["sheetplan_selection"].destinations
    marks = {row[0].value: row[3] for row in book["Results"][decisions.replace("$", "")]}
    assert {key: marks[key].value for key in (*STARTS, "DAT-2")} == {**STARTS, "DAT-2": "–"}
    assert {mark.number_format for key, mark in marks.items() if key != "Initiative"} == {"@"}
    assert named_range_values(path, "sheetplan_roadmap_year") == [
        ["Initiative", "Title", "Team", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"],
        ["PAY-1", None, "Data", 3, 3, None, None],
        ["LEG-1", None, "Data", None, 5, None, None],
        ["DAT-1", None, "Data", None, None, 9, None],
        ["CHK-1", None, "Growth", None, 8, None, None],
    ]
    assert named_range_values(path, "sheetplan_load_year") == [
        ["Load", "Used of the limit", "Team", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"],
        [None, "Effort (tokens)", "Data", 3, 8, 9, 0],
        [None, None, "Growth", 0, 8, 0, 0],
    ]
    loads = {cell.number_format for row in book["Results"].iter_rows() for cell in row if " of " in cell.number_format}
    assert loads == {'#,##0" of 6"', '#,##0" of 8"', '#,##0" of 9"'}
    assert named_range_values(path, "sheetplan_kpis_by_period_year") == [
        ["KPIs", None, None, "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"],
        [None, "gmv", "in the period", 0, 0, 90000, 170000],
        [None, None, "by its end", 0, 0, 90000, 260000],
    ]


def test_impossible_year_names_periods_and_ways_out(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Data has less until December than payments and the law take."""
    less = [["Q3 2026", "team", "Data", 4], ["Q4 2026", "team", "Data", 6]]
    path = write_workbook(tmp_path / "year.xlsx", {**YEAR, "Capacity": [*YEAR["Capacity"][:2], *less]})
    said = sheetplan("run", path, "--json")
    assert said.code == 4
    assert said.document["scenarios"][0]["problems"] == [
        "No portfolio keeps these rules together: the capacity for department Data in 2026-Q3 is 4 (Capacity!D3), the "
        "capacity for department Data in 2026-Q4 is 6 (Capacity!D4), LEG-1 is mandatory: law from January "
        "(Initiatives!A5), LEG-1 is finished in 2026-Q4 or earlier (Initiatives!F5) and PAY-1 is in progress and goes "
        "on (Initiatives!A2).",
        "To make it possible: raise the capacity for department Data in 2026-Q3 from 4 to 8; or raise the capacity for "
        "department Data in 2026-Q4 from 6 to 8; or make LEG-1 not mandatory; or let LEG-1 finish 1 period later, in "
        "2027-Q1.",
    ]
