"""Typed frames: canonical columns, pandas types, and no value where a cell has an error."""

from math import nan

import pandas as pd
import pytest

from sheets_sync.checks.typed_frames import Frames, typed_frames
from tests.sheets_sync.sheets import VALID, Error, Rows, snapshot

NUMBER, TEXT, BOOLEAN = "float64", "string", "boolean"


def frames_of(**tabs: Rows) -> Frames:
    return typed_frames(snapshot({**VALID, **tabs}))


COLUMNS = {
    "kpis": ("kpi_key", {"kpi_name": TEXT, "kpi_level": TEXT, "unit": TEXT, "direction": TEXT, "scale": NUMBER,
                         "is_required": BOOLEAN, "feeds": TEXT, "is_active": BOOLEAN}),
    "initiatives": ("initiative_key", {"title": TEXT, "engineering_tokens": NUMBER, "size": TEXT, "status": TEXT,
                                       "priority": TEXT, "confidence": TEXT, "department": TEXT, "market": TEXT,
                                       "category": TEXT, "program": TEXT, "period_key": TEXT, "is_candidate": BOOLEAN,
                                       "is_mandatory": BOOLEAN, "mandate_reason": TEXT, "bundle_key": TEXT,
                                       "prerequisite_keys": TEXT, "exclusion_keys": TEXT, "variant_of": TEXT}),
    "contributions": ("initiative_key", dict.fromkeys(["gmv", "retention_30d", "churn", "nps"], NUMBER)),
    "lows": ("initiative_key", dict.fromkeys(["gmv", "retention_30d", "churn", "nps"], NUMBER)),
    "highs": ("initiative_key", dict.fromkeys(["gmv", "retention_30d", "churn", "nps"], NUMBER)),
    "costs": ("initiative_key", {"engineering_tokens": NUMBER, "design days": NUMBER}),
    "scenarios": ("scenario_name", {"run": BOOLEAN, "period_key": TEXT, "objective_mode": TEXT, "north_star_kpi": TEXT,
                                    "target_priority": TEXT, "secondary_objective": TEXT,
                                    "capacity_total_tokens": NUMBER, "normalization": TEXT}),
    "weights": ("scenario_name", dict.fromkeys(["gmv", "retention_30d", "churn", "nps"], NUMBER)),
    "capacities": ("scenario_name", {"engineering_tokens": NUMBER, "design days": NUMBER}),
    "targets": (None, {"scenario_name": TEXT, "kpi_key": TEXT, "dimension": TEXT, "dimension_key": TEXT,
                       "floor_or_goal": TEXT, "target_value": NUMBER, "baseline_value": NUMBER, "notes": TEXT,
                       "source": TEXT}),
    "constraints": (None, {"scenario_name": TEXT, "constraint_type": TEXT, "dimension": TEXT, "dimension_key": TEXT,
                           "min_tokens": NUMBER, "max_tokens": NUMBER, "member_keys": TEXT, "kpi_key": TEXT,
                           "value": NUMBER, "notes": TEXT, "source": TEXT}),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_names_and_types_are_the_documented_ones(name: str) -> None:
    index, columns = COLUMNS[name]
    frame = getattr(frames_of(), name)
    assert frame.index.name == index
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == columns


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
