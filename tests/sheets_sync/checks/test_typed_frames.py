"""Typed frames: canonical columns, pandas types, and no value where a cell has an error."""

import re
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from sheets_sync.checks.typed_frames import Frames, typed_frames
from tests.sheets_sync.sheets import VALID, Error, Rows, snapshot

ROOT = Path(__file__).parents[3]
NUMBER, TEXT, BOOLEAN = "float64", "string", "boolean"


def frames_of(**tabs: Rows) -> Frames:
    return typed_frames(snapshot({**VALID, **tabs}))


def documented(tab: str) -> dict[str, str]:
    """The single columns of a tab on the workbook's page, and the pandas type of what each holds."""
    page = (ROOT / "docs" / "workbook.md").read_text(encoding="utf-8")
    section = page.partition(f"<!-- generated: {tab} -->")[2].partition("<!-- end of generated")[0]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]+) \|", section, re.MULTILINE)
    types = {"number": NUMBER, "check box": BOOLEAN}
    return {
        name: types.get(holds.partition(",")[0], TEXT)
        for name, holds in rows
        if holds not in ("JSON object", "written by sheetplan")
    }


@pytest.mark.parametrize(
    ("name", "tab", "index"),
    [
        ("kpis", "KPIs", "kpi_key"),
        ("initiatives", "Initiatives", "initiative_key"),
        ("scenarios", "Scenarios", "scenario_name"),
        ("targets", "Targets", None),
        ("constraints", "Constraints", None),
    ],
)
def test_columns_of_tabs_are_those_on_the_workbooks_page(name: str, tab: str, index: str | None) -> None:
    frame = getattr(frames_of(), name)
    columns = documented(tab)
    if index is None:
        columns["source"] = TEXT
    else:
        assert columns.pop(index) == TEXT
    assert {TEXT, NUMBER} <= set(columns.values())
    assert frame.index.name == index
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == columns


KPI_COLUMNS, RESOURCES = ["gmv", "retention_30d", "churn", "nps"], ["engineering_tokens", "design days"]


@pytest.mark.parametrize(
    ("name", "index", "columns"),
    [
        ("contributions", "initiative_key", KPI_COLUMNS),
        ("lows", "initiative_key", KPI_COLUMNS),
        ("highs", "initiative_key", KPI_COLUMNS),
        ("costs", "initiative_key", RESOURCES),
        ("weights", "scenario_name", KPI_COLUMNS),
        ("capacities", "scenario_name", RESOURCES),
    ],
)
def test_matrices_have_a_column_for_each_kpi_or_resource(name: str, index: str, columns: list[str]) -> None:
    frame = getattr(frames_of(), name)
    assert frame.index.name == index
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == dict.fromkeys(columns, NUMBER)


def test_values_stand_at_their_keys() -> None:
    frames = frames_of()
    assert list(frames.initiatives.index) == ["PAY-1", "PAY-2", "TRUST-1", "TRUST-2", "OLD-1"]
    assert frames.contributions.loc["PAY-2"].to_dict() == {"gmv": 80000, "retention_30d": 0.015, "churn": 0, "nps": 0}
    assert frames.costs.loc["PAY-1"].to_dict() == {"engineering_tokens": 60, "design days": 5}
    assert frames.weights.loc["Weighted"].to_dict() == {"gmv": 1, "retention_30d": 0.5, "churn": 0, "nps": 0}
    assert frames.capacities["design days"].tolist() == pytest.approx([10, nan, nan], nan_ok=True)
    assert frames.kpis["scale"].tolist() == pytest.approx([100000, 0.01, 0.01, nan], nan_ok=True)
    assert frames.issues == ()


def test_targets_of_both_tabs_have_their_cells() -> None:
    targets = frames_of().targets
    assert targets[["scenario_name", "kpi_key", "floor_or_goal", "target_value", "source"]].to_numpy().tolist() == [
        ["Weighted", "gmv", "floor", 10000.0, "Targets!B2"],
        ["Targets", "retention_30d", "goal", 0.01, "Scenarios!I4"],
    ]
    assert frames_of().constraints["source"].tolist() == ["Constraints!B2"]


def test_amounts_in_json_count_like_columns() -> None:
    frames = frames_of(
        Initiatives=[
            ["key", "tokens", "kpi_contribution_json"],
            ["A", 1, '{"gmv": 5, "Churn": -1}'],
            ["B", 2, '{"gmv": }'],
        ]
    )
    assert frames.contributions.loc["A"].to_dict() == {"gmv": 5, "retention_30d": 0, "churn": -1, "nps": 0}
    assert frames.contributions.loc["B"].isna().all()


def test_a_cell_with_an_error_has_no_value_and_an_issue() -> None:
    frames = frames_of(
        Initiatives=[
            ["key", "tokens", "gmv", "is_candidate", "title", "cost: days"],
            ["A", "4,500", "12%", "perhaps", Error("#N/A"), "two"],
            ["B", 2, 5, None, "Boat", None],
        ]
    )
    assert frames.initiatives.loc["A", ["engineering_tokens", "is_candidate", "title"]].isna().all()
    assert pd.isna(frames.contributions.loc["A", "gmv"])
    assert frames.costs.loc["A"].isna().all()
    assert frames.initiatives.loc["B", "is_candidate"]
    assert frames.costs.loc["B"].to_dict() == {"engineering_tokens": 2, "days": 0}
    assert {(issue.tab, issue.cell) for issue in frames.issues} >= {("Initiatives", f"{at}2") for at in "BCDEF"}


def test_rows_without_a_key_or_with_a_repeated_one_are_kept() -> None:
    frames = frames_of(Initiatives=[["key", "tokens", "gmv"], ["A", 1, 1], [None, 2, 2], ["a", 3, 3]])
    assert frames.initiatives["engineering_tokens"].tolist() == [1, 2, 3]
    assert frames.contributions["gmv"].tolist() == [1, 2, 3]
    assert frames.initiatives.index.isna().tolist() == [False, True, False]
    assert {issue.code for issue in frames.issues} >= {"blank_key", "duplicate_key"}


def test_a_resource_has_one_name_in_costs_and_capacities() -> None:
    frames = frames_of(
        Initiatives=[["key", "tokens", "gmv", "cost: Design Days"], ["A", 1, 1, 2]],
        Scenarios=[["scenario", "mode", "capacity", "capacity: design-days"], ["S", "north_star", 5, 3]],
    )
    assert list(frames.costs.columns) == list(frames.capacities.columns) == ["engineering_tokens", "Design Days"]
    assert frames.scenarios["run"].tolist() == [True]
