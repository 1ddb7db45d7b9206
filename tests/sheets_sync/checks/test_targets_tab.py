"""The Targets tab."""

import pytest

from tests.sheets_sync.sheets import Case, targets

CASES = {
    "a goal that the Scenarios tab has too": Case(
        targets(["Targets", "retention_30d", None, None, "goal", 0.02]),
        [
            'Targets!F2: A goal for "retention_30d" is already given in Scenarios!I4. Keep one of the two. '
            "[repeated_target]"
        ],
        stopped=["Targets"],
    ),
    "a floor beside a goal": Case(
        targets(["Targets", "retention_30d", None, None, "floor", 0.002]),
        [],
    ),
    "two floors for one slice": Case(
        targets([None, "gmv", "market", "uk", "floor", 1], ["North", "gmv", "market", "UK", "floor", 1]),
        [
            'Targets!F3: A floor for "gmv" in market UK is already given in Targets!F2. Keep one of the two. '
            "[repeated_target]"
        ],
        stopped=["North"],
    ),
    "an inactive KPI and blank cells": Case(
        targets(
            ["North", "nps", None, None, None, 1],
            ["North", None, None, None, None, 1],
            ["North", "gmv", None, None, None, None],
        ),
        [
            'Targets!B2: The KPI "nps" in kpi_key is not active. Activate it in the KPIs tab, or clear this cell.'
            " [inactive_kpi]",
            "Targets!B3: Row 3 has content, but kpi_key is blank. Fill it in, or clear the whole row. [blank_key]",
            "Targets!F4: target_value is blank. Type a number in the KPI's own unit. [blank_value]",
        ],
        stopped=["North"],
    ),
    "text where numbers belong": Case(
        targets(["North", "gmv", None, None, "flor", "1,000", "x"]),
        [
            'Targets!E2: floor_or_goal is "flor". Did you mean "floor"? [unknown_choice]',
            'Targets!F2: target_value is "1,000", which is text, not a number. Type a plain number, or clear '
            "the cell. [not_a_number]",
            'Targets!G2: baseline_value is "x", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]",
        ],
        stopped=["North"],
    ),
    "a scenario is unknown": Case(
        targets(["Zzz", "gmv", None, None, "floor", 1]),
        [
            'Targets!A2: "Zzz" is not a scenario in the Scenarios tab. Correct it, or clear it to mean all '
            "scenarios. [unknown_scenario]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a dimension value that no initiative has": Case(
        targets(["North", "gmv", "market", "United Kingdom", None, 1]),
        [
            'Targets!D2: No initiative has the market "United Kingdom". Correct it, or fill it in on the '
            "Initiatives tab. [unknown_dimension_key]"
        ],
        stopped=["North"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
