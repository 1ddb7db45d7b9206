"""A person moves starts in Results of a plan over several periods: LibreOffice then finds what the evaluator finds."""

from collections.abc import Mapping
from math import isclose
from pathlib import Path

import openpyxl
import pytest

from optimizer.evaluate import Evaluation, evaluate
from optimizer.plan import Plan
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.read_inputs import check_inputs, wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from tests.office import all_recalculated
from tests.workbooks import Rows, named_range_values, write_workbook

LIVE_YEAR: dict[str, Rows] = {
    "KPIs": [["KPI", "Level", "Unit", "Direction", "Accrues"], ["gmv", "north_star", "GBP", None, "each_period"],
             ["nps", None, "count", None, "once"], ["churn", None, "fraction", "lower", "each_period"]],
    "Initiatives": [
        ["Initiative", "Effort (days)", "Team", "Market", "Status", "Remaining tokens", "Duration periods",
         "Tokens in 1", "Tokens in 2", "Tokens in 3", "May stop", "Stop cost", "cost: design", "gmv", "nps", "churn"],
        ["A", 12, "Data", "UK", None, None, 3, 5, 4, 3, None, None, 6, 900, 2, -0.001],
        ["B", 7, "Growth", "UK", None, None, None, None, None, None, None, None, 2, 500, 1, None],
        ["C", 9, "Growth", "DE", None, None, 2, None, None, None, None, None, 1, 700, None, -0.0005],
        ["D", 10, "Data", "DE", "in progress", 6, 2, None, None, None, True, 1.5, None, 100, 0.1, None],
        ["E", 4, "Data", "UK", None, None, None, None, None, None, None, None, 3, 300, 3, 0.0002],
    ],
    "Scenarios": [["Scenario", "From period", "To period", "Objective mode", "Capacity (tokens)"],
                  ["Year", "2026-Q3", "2027-Q2", "north_star", 40], ["Half", "2026-Q3", "2026-Q4", "north_star", 30]],
    "Capacity": [["Resource", "Period", "Dimension", "Dimension key", "Amount"], [None, None, "team", "Growth", 8],
                 [None, None, "team", "Data", 9], [None, "2026-Q3", "team", "Data", 8],
                 ["design", None, None, None, 5]],
    "Targets": [["KPI", "Period", "Floor or goal", "Target value", "Dimension", "Dimension key", "Scenario"],
                ["gmv", "2026-Q4", "goal", 400, None, None, None], ["gmv", None, "goal", 2000, "market", "UK", "Year"],
                ["churn", "2027-Q1", "goal", -0.002, None, None, "Year"]],
    "Constraints": [["Scenario", "Type", "Member keys", "KPI", "Value", "Dimension", "Dimension key", "Min tokens"],
                    ["Year", "synergy_bonus", "A, E", "gmv", 50, None, None, None],
                    ["Year", "synergy_bonus", "B, E", "nps", 2, None, None, None],
                    ["Year", "capacity_floor", None, None, None, "team", "Data", 3]],
}  # fmt: skip
"""Profiles, work in progress that may be stopped, synergies, a second resource, targets by period and slice."""
PERIODS = ("2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")
MOVED: dict[str, dict[str, str]] = {
    "as found": {},
    "later": {"A": "2026-Q4", "B": "2027-Q2", "C": "2027-Q1", "E": "2027-Q1"},
    "some out": {"A": "2026-Q3", "B": "", "C": "2026-Q3", "D": "–", "E": "2031-Q1"},
}
"""What a person writes into the marks of the scenario Year; what is no period of the plan does not start."""


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan, Mapping[str, str]]:
    """The year after a run, its plan, and the starts that the run found."""
    path = write_workbook(tmp_path_factory.mktemp("live") / "year.xlsx", LIVE_YEAR)
    plan = check_inputs(ExcelWorkbook(path).read(wanted_tabs), {}, None).checked.plan
    outcome = run_workbook(ExcelWorkbook(path), RunRequest())
    portfolio = outcome.scenarios[0].portfolio
    assert plan is not None
    assert portfolio is not None
    assert set(portfolio.selected) == {"A", "B", "C", "D", "E"}
    return path, plan, portfolio.starts


@pytest.fixture(scope="module")
def moved(solved: tuple[Path, Plan, Mapping[str, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One workbook for each set of starts, calculated anew."""
    folder = tmp_path_factory.mktemp("moved")
    paths = []
    for name, starts in MOVED.items():
        book = openpyxl.load_workbook(solved[0])
        sheet = book["Results"]
        ((_, area),) = book.defined_names["sheetplan_selection"].destinations
        headers, *rows = sheet[area.replace("$", "")]
        header = {cell.value: cell.column for cell in sheet[headers[0].row]}
        for row in rows:
            key = row[0].value
            if key in starts:
                sheet.cell(row[0].row, header["Year"]).value = starts[key] or None
        book.save(folder / f"{name}.xlsx")
        paths.append(folder / f"{name}.xlsx")
    return {path.stem: path for path in all_recalculated(paths, folder / "calculated")}


def expected(solved: tuple[Path, Plan, Mapping[str, str]], name: str) -> Evaluation:
    """What the evaluator finds for these starts."""
    _, plan, found = solved
    starts = {key: start for key, start in ({**found, **MOVED[name]}).items() if start in PERIODS}
    return evaluate(plan, "Year", starts)


def same(found: object, value: float) -> bool:
    return isinstance(found, int | float) and isclose(found, value, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("name", MOVED)
def test_totals_targets_and_loads_follow_the_starts(
    solved: tuple[Path, Plan, Mapping[str, str]], moved: dict[str, Path], name: str
) -> None:
    _, plan, _ = solved
    wanted = expected(solved, name)
    book = openpyxl.load_workbook(moved[name], data_only=True)
    totals = {(row[0], row[1]): row[3] for row in named_range_values(book, "sheetplan_totals")}
    for kpi, value in wanted.kpi_totals.items():
        assert same(totals["Year", kpi], value), kpi
    targets = [row[3] for row in named_range_values(book, "sheetplan_targets") if row[0] == "Year"]
    for value, outcome in zip(targets, wanted.targets, strict=True):
        assert same(value, outcome.achieved), outcome.target
    uses = [row[3] for row in named_range_values(book, "sheetplan_capacity") if row[0] == "Year"]
    for value, use in zip(uses, [*wanted.resources, *wanted.slices], strict=True):
        assert same(value, use.used), use
    by_end = [row for row in named_range_values(book, "sheetplan_periods") if row[0] == "Year"]
    assert [row[2] for row in by_end] == [*PERIODS] * 3
    last = {row[1]: row[3] for row in by_end if row[2] == PERIODS[-1]}
    assert all(same(last[kpi.key], wanted.kpi_totals[kpi.key]) for kpi in plan.kpis)


def test_checks_say_which_figures_are_no_longer_those_of_the_run(moved: dict[str, Path]) -> None:
    found = {name: named_range_values(path, "sheetplan_check")[0][0] for name, path in moved.items()}
    assert found.pop("as found").startswith("OK: all ")
    assert set(found.values()) == {"Figures differ: see Results details"}


def test_the_roadmap_moves_with_the_starts(moved: dict[str, Path]) -> None:
    """A takes 5, 4 and 3 days, wherever it starts; what has no start is nowhere."""
    shown = {
        name: {row[0]: row[3:] for row in named_range_values(path, "sheetplan_roadmap_year")}
        for name, path in moved.items()
    }
    assert shown["later"]["A"] == [None, 5, 4, 3]
    assert shown["some out"]["A"] == [5, 4, 3, None]
    assert shown["some out"]["C"] == [4.5, 4.5, None, None]
    assert shown["some out"]["B"] == [None] * 4
