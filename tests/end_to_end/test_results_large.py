"""Many initiatives in 20 scenarios: Google gets the report in parts, LibreOffice opens it, and every figure holds.

`INITIATIVES=3000 pytest -k results_large` is the long form.
"""

import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.run.run_workbook import RunRequest, run_workbook
from tests import office
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.google_sheets import make_plan
from tests.workbooks import Rows, named_range_values, write_workbook

INITIATIVES = int(os.environ.get("INITIATIVES", "1000"))
SCENARIOS = 20
DEPARTMENTS = ("Growth", "Checkout", "Search", "Trust", "Logistics", "Ads")
LARGEST_CALL = 2_500_000
"""Bytes: the 2 MB that Google recommends, and what stands around the values of a call."""


def large_example() -> dict[str, Rows]:
    """Estimates of many sizes, equal costs (so that solving takes seconds), caps that bind, and a goal."""
    initiatives = [["initiative_key", "title", "engineering_tokens", "department", "gmv", "retention_30d", "churn"]]
    for number in range(INITIATIVES):
        gmv = 1_000.25 + number * 7_919 % 100_003
        retention = number * 31 % 97 * 1e-5 if number % 2 else None
        churn = -(number % 13) if number % 3 else None
        where = DEPARTMENTS[number % len(DEPARTMENTS)]
        initiatives.append([f"INIT-{number}", f"Improvement number {number}", 1, where, gmv, retention, churn])
    scenarios = [["scenario_name", "objective_mode", "capacity_total_tokens", "weight: gmv", "weight: churn"]]
    for number in range(SCENARIOS):
        mode = ["north_star", None, None] if number % 2 else ["weighted_kpis", 1, 10.5]
        scenarios.append([f"Plan {number}", mode[0], INITIATIVES * (number + 4) // 30, *mode[1:]])
    return {
        "KPIs": [
            ["kpi_key", "kpi_level", "unit", "direction"],
            ["gmv", "north_star", "GBP", "higher"],
            ["retention_30d", None, "fraction", "higher"],
            ["churn", None, "count", "lower"],
        ],
        "Initiatives": initiatives,
        "Scenarios": scenarios,
        "Constraints": [
            ["constraint_type", "dimension", "dimension_key", "max_tokens"],
            *(["capacity_cap", "department", key, INITIATIVES // 8] for key in DEPARTMENTS),
        ],
        "Targets": [["kpi_key", "floor_or_goal", "target_value"], ["retention_30d", "goal", 0.3]],
    }


def assert_figures(outcome: RunOutcome, totals: list[list[Any]], capacity: list[list[Any]]) -> None:
    """The live figures of the two long tables are those of the run's JSON."""
    live = {(row[0], row[1]): row[3] for row in totals[1:]}
    used = {(row[0], row[1]): row[3] for row in capacity[1:] if row[2] == "all"}
    scenarios = outcome.to_json()["scenarios"]
    assert len(scenarios) == SCENARIOS
    assert len(live) == SCENARIOS * 3
    for scenario in scenarios:
        for kpi, total in scenario["kpi_totals"].items():
            assert live[scenario["scenario"], kpi] == pytest.approx(total, rel=1e-9, abs=1e-12)
        for resource, use in scenario["capacity"].items():
            assert used[scenario["scenario"], resource] == pytest.approx(use["used"], rel=1e-9)
    assert {row[5] for row in (*totals[1:], *capacity[1:])} == {"OK"}


def test_a_google_sheet_takes_the_report_in_parts_and_computes_every_figure() -> None:
    """Over HTTP with gspread; the stand-in checks each request against Google's description of its API."""
    names = ["sheetplan_check", "sheetplan_totals", "sheetplan_capacity", "sheetplan_selection"]
    with SheetsServer() as server:
        plan = make_plan(server)
        plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
        for title, rows in large_example().items():
            plain = [["" if value is None else value for value in row] for row in rows]
            plan.add_tab(title, plain, size=(len(rows) + 1, len(rows[0]) + 1))
        server.log.clear()
        outcome = run_workbook(plan.open(), RunRequest())
        calls = server.calls("POST /v4/spreadsheets")
        answer = plan.book.values_batch_get(names, {"valueRenderOption": "UNFORMATTED_VALUE"})
        titles = [sheet.title for sheet in plan.book.worksheets()]
        plan.close()
    assert outcome.notices == (f"The report was large, so it was sent in {len(calls)} calls and shown by the last.",)
    assert max(call.request_bytes for call in calls) < LARGEST_CALL < sum(call.request_bytes for call in calls)
    assert titles == ["Sheet1", *large_example(), "Results", "Results details", "Runs"]
    check, totals, capacity, selection = (found["values"] for found in answer["valueRanges"])
    assert check[0][0].startswith("OK: all ")
    assert_figures(outcome, totals, capacity)
    for column, scenario in enumerate(outcome.to_json()["scenarios"], start=3):
        assert sorted(row[0] for row in selection[1:] if row[column] == 1) == sorted(scenario["selected"])


def test_libreoffice_computes_the_same_figures_from_a_file(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "large.xlsx", large_example())
    outcome = run_workbook(ExcelWorkbook(path), RunRequest())
    calculated = office.recalculated(path, tmp_path / "calculated")
    book = openpyxl.load_workbook(calculated, data_only=True)
    check, stale = (named_range_values(book, f"sheetplan_{name}")[0][0] for name in ("check", "stale"))
    assert check.startswith("OK: all ")
    assert stale == "Inputs unchanged since this run"
    totals, capacity = (named_range_values(book, f"sheetplan_{name}") for name in ("totals", "capacity"))
    assert_figures(outcome, totals, capacity)
    tabs = (book["Results"], book["Results details"])
    texts = {cell for tab in tabs for row in tab.values for cell in row if isinstance(cell, str)}
    assert not [text for text in texts if text.startswith(("#", "Err:", "differs", "changed", "gone", "missing"))]
