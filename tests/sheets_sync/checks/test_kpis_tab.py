"""The KPIs tab."""

import pytest

from tests.sheets_sync.sheets import Case

CASES = {
    "two active north stars": Case(
        {"KPIs!C3": "North Star"},
        [
            'KPIs!C3: "retention_30d" is a north star, but so is "gmv" in C2. Keep one, and make the other '
            "strategic; a scenario may still name another KPI in its north_star_kpi. [two_north_stars]"
        ],
        stopped=["North", "Targets"],
    ),
    "two north stars but one is inactive": Case(
        {"KPIs!C5": "north_star"},
        [],
    ),
    "a name that is another KPI's key": Case(
        {"KPIs!B3": "GMV"},
        [
            'KPIs!B3: "GMV" also means the KPI "gmv" in A2. Use the KPI\'s key as the column header, not this '
            "name. [shared_kpi_name]"
        ],
    ),
    "a KPI feeds itself through another": Case(
        {"KPIs!H3": "churn", "KPIs!H4": "retention_30d"},
        [
            "KPIs!H3: feeds forms a cycle: retention_30d > churn > retention_30d. Clear feeds on one of them. "
            "[feeds_itself]"
        ],
        stopped=["Weighted"],
    ),
    "a KPI feeds an unknown one": Case(
        {"KPIs!H3": "gvm"},
        ['KPIs!H3: "gvm" is not a KPI in the KPIs tab. Did you mean "gmv"? [unknown_kpi]'],
        stopped=["Weighted"],
    ),
    "a scale that normalization uses is zero": Case(
        {"KPIs!F2": 0},
        ["KPIs!F2: scale is 0. It must be more than 0. [not_positive]"],
        stopped=["Weighted"],
    ),
    "a scale that nothing uses is text": Case(
        {"KPIs!F4": "small"},
        [
            'KPIs!F4: scale is "small", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]"
        ],
    ),
    "a duplicate key": Case(
        {"KPIs!A5": "GMV"},
        [
            'KPIs!A5: kpi_key "GMV" is already used in A2 (case and surrounding blanks do not count). Give each row '
            "a key of its own. [duplicate_key]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "an unknown level": Case(
        {"KPIs!C3": "tactical"},
        ['KPIs!C3: kpi_level is "tactical". It must be one of north_star, strategic. [unknown_choice]'],
        stopped=["North", "Targets"],
    ),
    "an unknown direction": Case(
        {"KPIs!E3": "down"},
        ['KPIs!E3: direction is "down". It must be one of higher, lower. [unknown_choice]'],
        stopped=["North", "Weighted", "Targets"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
