"""The door of the checks: what becomes of a sound workbook, and which scenarios an error stops."""

import pytest

from optimizer.plan import TOKENS, Slice, Target, TargetKind, TokenBound
from sheets_sync.checks import check
from sheets_sync.workbook.template import templates
from tests.sheets_sync.sheets import VALID, Shown, brief, checked, constraints, edited, snapshot, targets


def test_nothing_is_wrong_with_the_valid_workbook() -> None:
    result = checked()
    assert brief(result) == []
    assert result.plan is not None
    assert [kpi.key for kpi in result.plan.kpis] == ["gmv", "retention_30d", "churn"]
    assert [scenario.name for scenario in result.plan.scenarios] == ["North", "Weighted", "Targets"]


def test_the_empty_template_says_what_to_fill_in() -> None:
    result = check(snapshot({tab.title: [[column.header for column in tab.columns]] for tab in templates()}))
    assert brief(result) == [("KPIs!A1", "no_rows"), ("Initiatives!A1", "no_rows"), ("Scenarios!A1", "no_rows")]
    assert result.plan is None


@pytest.mark.parametrize("title", ["Backlog", "Product Backlog", "roadmap", "Jira issues"])
def test_a_list_is_read_by_the_names_that_teams_give_it(title: str) -> None:
    tabs = edited({})
    tabs[title] = tabs.pop("Initiatives")
    assert brief(check(snapshot(tabs))) == []


def test_a_tab_that_only_looks_like_the_list_is_left_alone_beside_it() -> None:
    assert brief(checked({"Roadmap": [["Feature", "Effort"], ["Something else", 5]]})) == []


def test_an_initiative_carries_what_its_row_says() -> None:
    result = checked({"Initiatives!N2": "pay-2 ; TRUST-1", "Initiatives!M2": "Launch", "Initiatives!M3": "launch "})
    assert result.plan is not None
    wallets = result.plan.initiative("PAY-1")
    assert wallets.contributions == {"gmv": 120000.0}
    assert wallets.costs == {TOKENS: 60.0, "design days": 5.0}
    assert wallets.dimensions == {"department": "Growth", "market": "UK"}
    assert wallets.prerequisite_keys == ("PAY-2", "TRUST-1")
    assert result.plan.initiative("PAY-2").bundle_key == wallets.bundle_key == "Launch"
    assert wallets.source == "Initiatives!A2"


def test_a_range_may_lack_one_end() -> None:
    plan = checked({"Initiatives!S1": "gmv low", "Initiatives!S2": 90000, "Initiatives!T1": "revenue max"}).plan
    assert plan is not None
    assert plan.initiative("PAY-1").ranges == {"gmv": (90000.0, 120000.0)}


def test_keys_are_compared_without_case_and_blanks_and_shown_as_first_written() -> None:
    result = checked({"Initiatives!D3": " GROWTH", "Initiatives!I3": "2026-q1\u00a0", "Scenarios!C2": "2026-Q1 "})
    assert brief(result) == []
    assert result.plan is not None
    assert result.plan.initiative("PAY-2").dimensions["department"] == "Growth"
    assert result.plan.initiative("PAY-2").period_key == result.plan.scenario("North").period_key == "2026-Q1"


def test_keys_that_look_like_numbers_are_compared_as_shown() -> None:
    result = checked({"Initiatives!A2": Shown(7, "007"), "Initiatives!N3": "007"})
    assert brief(result) == []
    assert result.plan is not None
    assert result.plan.initiative("PAY-2").prerequisite_keys == ("007",)


def test_headers_are_found_below_a_title_block_by_alias_and_in_any_order() -> None:
    tabs = edited({})
    tabs["Metrics Config"] = [["KPI"], [], ["Which way", "METRIC key", "Better", "Kpi-Level"]]
    tabs["Metrics Config"] += [["", row[0], row[4], row[2]] for row in tabs.pop("KPIs")[1:4]]
    tabs["Backlog"] = [["Our backlog"], *([*row[1:], row[0]] for row in tabs.pop("Initiatives"))]
    tabs["Backlog"][1][1] = "Effort"
    tabs["Scenarios"][2][11] = None
    result = check(snapshot(tabs))
    assert brief(result) == []
    assert result.plan is not None
    assert result.plan.initiative("PAY-1").source == "Backlog!R3"


def test_a_contribution_is_headed_by_key_name_or_prefix() -> None:
    for header in ("GMV", "gross-merchandise value", "contribution: gmv", "Impact gmv", "contribution\uff1aGMV"):
        result = checked({"Initiatives!F1": header})
        assert brief(result) == [], header
        assert result.plan is not None
        assert result.plan.initiative("PAY-1").contributions == {"gmv": 120000.0}


def test_tokens_may_be_written_as_a_resource() -> None:
    result = checked({"Initiatives!C1": "cost: tokens", "Scenarios!E1": "capacity: engineering tokens"})
    assert brief(result) == []
    assert result.plan is not None
    assert result.plan.scenario("North").capacities == {TOKENS: 100.0, "design days": 10.0}


def test_a_bound_and_a_baseline_become_rules_with_their_cells() -> None:
    edits = constraints([None, "capacity_floor", "market", "uk", 10, 90, None, None, None]) | targets(
        ["North", "retention_30d", "market", "UK", "floor", 0.35, 0.3]
    )
    plan = checked(edits | {"Scenarios!C4": None}).plan
    assert plan is not None
    part = Slice(dimension="market", key="UK")
    bound = TokenBound(slice=part, min_tokens=10.0, max_tokens=90.0, source="Constraints!E2")
    assert all(scenario.rules == (bound,) for scenario in plan.scenarios)
    assert plan.scenario("North").targets == (
        Target(
            kpi="retention_30d",
            value=0.05,
            kind=TargetKind.FLOOR,
            slice=part,
            stated=0.35,
            baseline=0.3,
            source="Targets!F2",
        ),
    )


def test_an_error_in_an_initiative_stops_only_scenarios_that_may_select_it() -> None:
    result = checked({"Initiatives!C5": "many", "Scenarios!B3": False})
    assert list(result.stopped) == ["Targets"]
    assert result.plan is not None
    assert [scenario.name for scenario in result.plan.scenarios] == ["North"]
    assert "TRUST-2" not in [initiative.key for initiative in result.plan.initiatives]


def test_a_broken_initiative_that_another_needs_stays_as_one_that_cannot_be_selected() -> None:
    result = checked({"Initiatives!C6": "many", "Initiatives!N2": "OLD-1"})
    assert result.plan is not None
    assert not result.plan.initiative("OLD-1").is_candidate
    assert result.plan.initiative("PAY-1").prerequisite_keys == ("OLD-1",)


def test_a_prerequisite_that_is_also_excluded_leaves_a_plan_that_can_be_solved() -> None:
    result = checked({"Initiatives!N2": "PAY-2", "Initiatives!O2": "PAY-2"})
    assert brief(result) == [("Initiatives!N2", "excluded_prerequisite")]
    assert result.plan is not None
    assert result.plan.initiative("PAY-1").prerequisite_keys == ("PAY-2",)


def test_a_scenario_that_is_not_ticked_is_checked_but_not_run() -> None:
    result = checked({"Scenarios!B2": False, "Scenarios!E2": "lots"})
    assert brief(result) == [("Scenarios!E2", "not_a_number")]
    assert result.issues[0].scenario == "North"
    assert list(result.stopped) == []
    assert [(row.name, row.is_chosen, bool(row.errors)) for row in result.scenarios] == [
        ("North", False, True),
        ("Weighted", True, False),
        ("Targets", True, False),
    ]


def test_without_a_run_column_all_scenarios_run() -> None:
    plan = checked({"Scenarios!B1": None, "Scenarios!B2": None, "Scenarios!B3": None, "Scenarios!B4": None}).plan
    assert plan is not None
    assert len(plan.scenarios) == 3


def test_the_cell_of_each_weight_is_known() -> None:
    result = checked({"Scenarios!H3": None, "Scenarios!N3": '{"retention_30d": 2}'})
    assert [dict(row.weight_places) for row in result.scenarios] == [
        {},
        {"gmv": "Scenarios!G3", "retention_30d": "Scenarios!N3"},
        {},
    ]


def test_scenarios_may_be_chosen_by_name_instead() -> None:
    result = check(snapshot(edited({"Scenarios!B2": False})), ["NORTH ", "no such scenario"])
    assert result.plan is not None
    assert [scenario.name for scenario in result.plan.scenarios] == ["North"]


def test_rows_with_nothing_but_unticked_boxes_are_blank() -> None:
    result = checked({"Initiatives!J9": False, "Initiatives!K9": False, "Initiatives!B9": "", "Scenarios!B9": False})
    assert brief(result) == []


@pytest.mark.parametrize("title", ["Constraints", "Targets"])
def test_an_optional_tab_may_be_absent_or_empty(title: str) -> None:
    for rows in (None, [], [["", None]], [VALID[title][0]]):
        assert brief(checked({title: rows})) == []


def test_status_columns_are_not_read() -> None:
    result = checked({"Initiatives!S1": "Sync Status", "Initiatives!S2": 5, "Initiatives!S9": "Error of a cleared row"})
    assert brief(result) == []
    assert list(result.frames["Initiatives"].written[0].cells) == [2, 9]
