"""What changed, on Results: a small table that adds up, and a waterfall whose bars are cut where they cross zero."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.bridge_block import STEPS
from sheets_sync.report.bridge_panels import BARS, CHART_NAMES
from sheets_sync.request import RunRequest
from sheets_sync.run.approve import Ask, approve
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import RunStore
from tests.sheets_sync.google_sheets import make_plan
from tests.workbooks import named_range_values, write_workbook

TABS: Mapping[str, Sequence[Sequence[Any]]] = {
    "KPIs": [["kpi_key", "kpi_level", "unit"], ["gmv", "north_star", "GBP"]],
    "Initiatives": [
        ["initiative_key", "effort", "gmv", "is_mandatory", "mandate_reason"],
        ["LAW", 10, -50, True, "law"],
        ["A", 60, 20, None, None],
        ["B", 50, 80, None, None],
    ],
    "Scenarios": [
        ["scenario_name", "objective_mode", "capacity_total_tokens"],
        ["Growth", "north_star", 60],
        ["Same", "north_star", 10],
    ],
}
"""B fits: 30. With a worse law and less room: -80 + 20."""
CHANGED = {"Initiatives!C2": -90, "Initiatives!C4": 60, "Scenarios!C2": 20}
RUNNING = [30, -30, -30, -90, -90]
"""What the total comes to after each step: 30; estimates -40 - 20; nothing; B has no room any more; no rules."""


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("store") / "runs.sqlite3", keep_runs=9)


def changed_run(path: Path, changes: Mapping[str, Any], store: RunStore, person: str = "") -> None:
    """Change cells as a person does, then run."""
    book = openpyxl.load_workbook(path)
    for place, value in changes.items():
        tab, cell = place.split("!")
        book[tab][cell].value = value
    book.save(path)
    run_workbook(ExcelWorkbook(path), RunRequest(person=person), store=store)


def rows_of_parts(values: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(row[1:]) for row in values[1:]]


def expected_parts() -> list[list[float]]:
    """The parts of each bar: below, total, more, less, more and less below zero; cut by hand."""
    bars = [[30, 0, 30, 0, 0, 0, 0]]
    for before, now in pairwise(RUNNING):
        low, high = sorted((before, now))
        above, below = max(0, high) - max(0, low), min(0, low) - min(0, high)
        start = max(0, low) + min(0, high)
        more, less = ((above, below), (0, 0)) if now > before else ((0, 0), (above, below))
        bars.append([now - before, start, 0, more[0], less[0], more[1], less[1]])
    return [*bars, [-90, 0, -90, 0, 0, 0, 0]]


def test_a_file_shows_the_table_and_draws_stacked_columns(tmp_path: Path, store: RunStore) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", TABS)
    run_workbook(ExcelWorkbook(path), RunRequest(), store=store)
    assert "sheetplan_changes" not in openpyxl.load_workbook(path).defined_names
    changed_run(path, CHANGED, store)
    table = named_range_values(path, "sheetplan_changes")
    assert [row[0] for row in table] == ["gmv", "Then", *STEPS[1:], "Now"]
    assert [row[-1] for row in table[1:]] == [30, -60, "–", -60, "–", -90]
    assert named_range_values(path, "sheetplan_kpis")[1][3] == -90
    parts = named_range_values(path, "sheetplan_waterfall")
    assert [row[0] for row in parts] == ["Growth: gmv", "Then", *BARS[1:], "Now"]
    assert rows_of_parts(parts) == expected_parts()
    charts = {chart.title.tx.rich.p[0].r[0].t: chart for chart in openpyxl.load_workbook(path)["Results"]._charts}
    waterfall = charts["What changed (Growth: gmv)"]
    assert (waterfall.grouping, waterfall.overlap, waterfall.legend, len(waterfall.series)) == ("stacked", 100, None, 6)
    assert waterfall.series[0].spPr.noFill is True
    # The same again: nothing changed, so nothing is shown, and the chart is gone.
    run_workbook(ExcelWorkbook(path), RunRequest(), store=store)
    book = openpyxl.load_workbook(path)
    assert {"sheetplan_changes", *CHART_NAMES}.isdisjoint(book.defined_names)
    assert "What changed" not in str([chart.title.tx.rich.p[0].r[0].t for chart in book["Results"]._charts])


def test_a_google_sheet_has_a_waterfall_of_its_own(sheets_server, store: RunStore) -> None:
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    for title, rows in TABS.items():
        plan.add_tab(title, [["" if value is None else value for value in row] for row in rows])
    run_workbook(plan.open(), RunRequest(), store=store)
    for place, value in CHANGED.items():
        sheets_server.edit(plan.id, place, value)
    run_workbook(plan.open(), RunRequest(), store=store)
    # The stand-in calculates: these are the formulas' values, not those that were written.
    ranges = plan.book.values_batch_get(
        ["sheetplan_changes", "sheetplan_waterfall"], {"valueRenderOption": "UNFORMATTED_VALUE"}
    )["valueRanges"]
    table, parts = (answer["values"] for answer in ranges)
    assert [row[-1] for row in table[1:]] == [30, -60, "–", -60, "–", -90]
    assert rows_of_parts(parts) == expected_parts()
    charts = plan.sheet_json("Results")["charts"]
    (spec,) = (chart["spec"]["waterfallChart"] for chart in charts if "waterfallChart" in chart["spec"])
    assert spec["firstValueIsTotal"] is True
    assert spec["series"][0]["customSubtotals"] == [{"subtotalIndex": 5, "dataIsSubtotal": True}]
    assert spec["series"][0]["hideTrailingSubtotal"] is True
    sources = (spec["series"][0]["data"], spec["domain"]["data"])
    assert [
        (range_["endRowIndex"] - range_["startRowIndex"], range_["startColumnIndex"])
        for source in sources
        for range_ in source["sourceRange"]["sources"]
    ] == [(6, 1), (6, 0)]
    plan.close()


def test_an_approved_scenario_is_compared_with_the_approved_plan(tmp_path: Path, store: RunStore) -> None:
    """The change stays in sight however often it is run."""
    path = write_workbook(tmp_path / "approved.xlsx", TABS)
    run_workbook(ExcelWorkbook(path), RunRequest(person="ben"), store=store)
    approve(ExcelWorkbook(path), store, Ask("Growth", "ana@example.com"))
    for changes in ({"Initiatives!B3": "sixty"}, {"Initiatives!B3": 60} | CHANGED, {}):
        changed_run(path, changes, store, "ben")
    assert [row[-1] for row in named_range_values(path, "sheetplan_changes")[1:]] == [30, -60, "–", -60, "–", -90]
    results = openpyxl.load_workbook(path)["Results"]
    texts = [cell.value for row in results.iter_rows() for cell in row if str(cell.value).startswith("What changed")]
    assert texts == ["What changed since approval: Growth"]


def test_after_a_run_without_a_plan_the_last_plan_is_what_it_is_compared_with(tmp_path: Path, store: RunStore) -> None:
    path = write_workbook(tmp_path / "mended.xlsx", TABS)
    for changes in ({}, {"Initiatives!B3": "sixty"}, {"Initiatives!B3": 60} | CHANGED):
        changed_run(path, changes, store)
    assert [row[-1] for row in named_range_values(path, "sheetplan_changes")[1:]] == [30, -60, "–", -60, "–", -90]
