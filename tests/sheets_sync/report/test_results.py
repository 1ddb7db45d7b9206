"""The layout of Results, reviewed as text: ``UPDATE_GOLDEN=1 pytest`` writes the file anew, git shows the change."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from optimizer.portfolio import Portfolio, StopReason
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.approved_tab import approved_title
from sheets_sync.report.charts import MOST_SCENARIOS
from sheets_sync.report.inputs_block import Inputs
from sheets_sync.report.results import Report, report_of
from sheets_sync.request import SILENT, RunRequest
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.read_inputs import check_inputs, wanted_tabs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.workbook.changes import Formula, OutCell, Sheet
from sheets_sync.workbook.snapshot import Area, a1
from tests.end_to_end.test_live_starts import LIVE_YEAR
from tests.end_to_end.test_results_office import rich_example
from tests.workbooks import Rows, edited, write_workbook

GOLDEN = Path(__file__).parents[2] / "data" / "golden"


def reported(path: Path, change: Callable[[Portfolio], Portfolio] = lambda portfolio: portfolio) -> Report:
    """Both tabs of the report on a file, as of a fixed run; `change` is done to each answer before."""
    workbook = ExcelWorkbook(path)
    snapshot = workbook.read(wanted_tabs)
    moment = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    request = RunRequest(person="ana@example.com", trigger="menu")
    reading = check_inputs(snapshot, {}, None)
    outcome = make_outcome(
        reading,
        solve_inputs(reading, request, SILENT, with_prices=True),
        request,
        run_id="20260105T090000Z-00000000",
        workbook="plan.xlsx",
        started_at=moment,
        finished_at=moment,
    )
    outcome = _changed(outcome, change)
    assert outcome.plan is not None
    return report_of(outcome, outcome.plan, Inputs(reading.checked.frames, snapshot.tabs))


def _changed(outcome: RunOutcome, change: Callable[[Portfolio], Portfolio]) -> RunOutcome:
    scenarios = []
    for scenario in outcome.scenarios:
        assert scenario.portfolio is not None
        portfolio = replace(scenario.portfolio, solver=replace(scenario.portfolio.solver, version="1"))
        scenarios.append(replace(scenario, portfolio=change(portfolio)))
    facts = replace(outcome.facts, sheetplan_version="1", fingerprint="f" * 64)
    return replace(outcome, facts=facts, scenarios=tuple(scenarios))


def as_text(sheet: Sheet) -> str:
    """One line per row: each filled cell with its column, what it shows, and the formula behind it."""
    lines = []
    for row, cells in enumerate(sheet.rows, start=1):
        told = [f"{a1(row, column)} {_told(cell)}" for column, cell in enumerate(cells, start=1) if _is_filled(cell)]
        lines.append(" | ".join(told))
    lines += ["", "Names"]
    lines += [f"{name} {str(area).split('!')[1]}" for name, area in sorted(sheet.named_ranges.items())]
    lines += ["", "Charts"]
    lines += [
        f"{chart.title}: {chart.categories}, {len(chart.series)} series, at {a1(*chart.anchor)}"
        for chart in sheet.charts
    ]
    return "\n".join([*lines, "", f"Widths {list(sheet.column_widths)}", ""])


def _is_filled(cell: OutCell | None) -> bool:
    return cell is not None and cell.value is not None


def _told(cell: OutCell | None) -> str:
    assert cell is not None
    value = cell.value
    return f"{value.value!s} {{{value.text}}}" if isinstance(value, Formula) else str(value)


@pytest.mark.parametrize(
    ("tabs", "names"),
    [
        pytest.param(rich_example(), ("results.txt", "results-details.txt"), id="one period"),
        pytest.param(LIVE_YEAR, ("year.txt", "year-details.txt"), id="four periods"),
    ],
)
def test_results_look_as_reviewed(tmp_path: Path, tabs: dict[str, Rows], names: tuple[str, str]) -> None:
    report = reported(write_workbook(tmp_path / "plan.xlsx", tabs))
    for name, sheet in zip(names, (report.results, report.details), strict=True):
        text, golden = as_text(sheet), GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8")


def test_a_plan_of_many_periods_is_printed_within_the_columns_of_the_page(tmp_path: Path) -> None:
    """The column of reasons is then several narrow ones, over which its texts run on."""
    months = [f"2026-{month:02}" for month in range(1, 13)]
    tabs = {
        "KPIs": [["KPI", "Level"], ["gmv", "north_star"]],
        "Initiatives": [["Initiative", "Effort", "Team", "gmv"], ["A", 5, "Web", 10], ["B", 5, "App", 20]],
        "Scenarios": [
            ["Scenario", "From period", "To period", "Objective mode"],
            ["Year", months[0], months[-1], "north_star"],
        ],
        "Capacity": [["Amount"], [5]],
    }
    sheet = reported(write_workbook(tmp_path / "plan.xlsx", tabs)).results
    area = sheet.named_ranges["sheetplan_roadmap_year"]
    printed = sheet.named_ranges["sheetplan_answer"]
    assert [cell.value for cell in sheet.rows[area.top - 1][3 : area.right] if cell] == months
    assert area.right == printed.right
    header = sheet.rows[sheet.named_ranges["sheetplan_selection"].top - 1]
    reasons = next(number for number, cell in enumerate(header) if cell is not None and cell.value == "Why")
    assert sum(sheet.column_widths[reasons : printed.right]) < 70
    assert not [
        cell for row in sheet.rows[: area.top - 2] for cell in row[reasons + 1 : printed.right] if _is_filled(cell)
    ]


def test_stage_that_time_ended_is_told_with_what_is_open(tmp_path: Path) -> None:
    """And stages that only choose among equals are none of a reader's business."""

    def ended(portfolio: Portfolio) -> Portfolio:
        *others, last = portfolio.stages
        assert last.bound is not None
        stopped = replace(last, reason=StopReason.TIME_LIMIT, bound=last.bound * 1.5)
        return replace(portfolio, stages=(*others, stopped, replace(last, name="fewest tokens", breaks_ties=True)))

    lines = as_text(reported(write_workbook(tmp_path / "plan.xlsx", rich_example()), ended).details).splitlines()
    first = next(n for n, line in enumerate(lines) if "Stages of each answer" in line) + 2
    assert lines[first].split(" | ")[1:6] == [
        f"B{first + 1} objective", f"C{first + 1} GBP", f"D{first + 1} 120000.0", f"E{first + 1} 180000.0",
        f"F{first + 1} time limit",
    ]  # fmt: skip
    assert not [line for line in lines if "fewest tokens" in line]


def test_no_cell_is_owned_twice_and_charts_cover_none(tmp_path: Path) -> None:
    sheet = reported(write_workbook(tmp_path / "plan.xlsx", rich_example())).results
    assert sheet.charts
    for chart in sheet.charts:
        row, column = chart.anchor
        under = [cells[column - 1 : column + 3] for cells in sheet.rows[row - 1 : row + 15]]
        assert not [cell for cells in under for cell in cells if _is_filled(cell)]


def test_many_scenarios_are_charted_only_as_far_as_colours_go(tmp_path: Path) -> None:
    tabs = {title: rows for title, rows in rich_example().items() if title not in ("Constraints", "Targets")}
    tabs["Scenarios"] = [tabs["Scenarios"][0], *([f"S{n}", "north_star", 100] for n in range(9))]
    sheet = reported(write_workbook(tmp_path / "plan.xlsx", tabs)).results
    assert {len(chart.series) for chart in sheet.charts} == {MOST_SCENARIOS}
    assert all(chart.title.endswith("(first 6 scenarios)") for chart in sheet.charts)


def test_the_load_of_many_periods_is_charted_as_the_fullest_and_the_mean(tmp_path: Path) -> None:
    """Nobody can tell eight colours of bars apart; the heat map has each of them."""
    scenarios, year = LIVE_YEAR["Scenarios"][:2]
    tabs = {**LIVE_YEAR, "Scenarios": [scenarios, ["Year", "2026-Q3", "2028-Q2", *year[3:]]]}
    found = reported(write_workbook(tmp_path / "plan.xlsx", tabs))
    chart = next(chart for chart in found.results.charts if chart.title.startswith("Load"))
    assert chart.title == "Load, % of the limit: Year, fullest and mean of 3 rows"

    def cells(area: Area) -> list[Any]:
        row = found.details.rows[area.top - 1][area.left - 1 : area.right]
        return [cell.value.value if isinstance(cell.value, Formula) else cell.value for cell in row]

    periods = [f"{year}-Q{quarter}" for year, quarter in ((2026, 3), (2026, 4), (2027, 1), (2027, 2))]
    assert cells(chart.categories)[:4] == periods
    shares = found.details.named_ranges["sheetplan_loads_year"]
    columns = [
        [share for row in range(shares.top + 1, shares.bottom + 1) for share in cells(Area("", row, at, row, at))]
        for at in range(shares.left + 3, shares.right)
    ]
    assert len(columns) == 8
    fullest, mean = map(cells, chart.series)
    assert fullest == ["Fullest", *(max(column) for column in columns)]
    assert mean == ["Mean", *(pytest.approx(sum(column) / len(column)) for column in columns)]
    assert cells(chart.line) == ["Limit", *[1.0] * 8]


def test_keys_with_wildcards_are_found_as_they_are(tmp_path: Path) -> None:
    tabs = edited(rich_example(), {"Initiatives!A2": "A*?~", "Constraints!F3": "A*?~, C"})
    text = as_text(reported(write_workbook(tmp_path / "plan.xlsx", tabs)).details)
    assert 'MATCH("A~*~?~~",' in text


@pytest.mark.parametrize(
    ("scenario", "taken", "expected"),
    [
        ("GMV first", [], "Approved GMV first"),
        ("GMV first", ["approved gmv FIRST"], "Approved GMV first 2"),
        ("GMV first", ["Approved GMV first", "Approved GMV first 2"], "Approved GMV first 3"),
        ("What if: 10% [a/b]?", [], "Approved What if  10%  a b"),
        ("x" * 60, ["Approved " + "x" * 22], "Approved " + "x" * 20 + " 2"),
    ],
)
def test_the_tab_of_an_approval_has_a_title_that_every_program_takes(
    scenario: str, taken: list[str], expected: str
) -> None:
    assert approved_title(scenario, taken) == expected
    assert len(expected) <= 31
