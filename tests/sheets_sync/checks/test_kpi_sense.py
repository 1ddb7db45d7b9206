"""KPI columns and targets that are read right but probably do not say what the person means."""

import pytest

from tests.sheets_sync.sheets import Calculated, Case, targets

CASES = {
    "a lower-is-better KPI typed positive": Case(
        {"Initiatives!H3": 0.001, "Initiatives!H4": 0.002, "Initiatives!H5": 0.002},
        [
            'Initiatives!H1: Lower is better for "churn", but 3 of 3 contributions are above 0, which makes it '
            "worse. Type reductions as negative numbers, or set direction to higher if larger numbers are good. "
            "[lower_is_better_but_positive]",
        ],
    ),
    "a lower-is-better KPI with both signs": Case(
        {"Initiatives!H2": 0.003, "Initiatives!H3": 0.001},
        [],
    ),
    "a rank": Case(
        {f"Initiatives!F{row}": row - 1 for row in range(2, 7)},
        [
            'Initiatives!F1: The contributions to "gmv" are the ranks 1 to 5: adding ranks up says nothing. Use a '
            "value such as reach or revenue; or invert the rank, so that the first has 5. [rank_as_kpi]",
        ],
    ),
    "a score by its name": Case(
        {
            "KPIs!A3": "rice_score",
            "KPIs!D3": None,
            "Initiatives!G1": "rice_score",
            "Scenarios!H1": "weight: rice_score",
            "Scenarios!I1": "target: rice_score",
        },
        [
            'Initiatives!G1: "rice_score" looks like a score that is divided by effort, so that effort counts '
            "twice. Use the score before the division, such as reach x impact x confidence. "
            "[score_divides_by_effort]",
        ],
    ),
    "a score by its formula": Case(
        {f"Initiatives!F{row}": Calculated(f"=S{row}/C{row}", 1000.5 * row) for row in range(2, 7)},
        [
            'Initiatives!F1: "gmv" looks like a score that is divided by effort, so that effort counts twice. Use '
            "the score before the division, such as reach x impact x confidence. [score_divides_by_effort]",
        ],
    ),
    "a floor below zero": Case(
        {"Targets!F2": -10},
        [
            'Targets!F2: The floor -10 for "gmv" is met without any initiative. Check its sign: for a KPI where '
            "lower is better, a reduction is a negative number. [target_met_by_nothing]",
        ],
    ),
    "a reduction of 0": Case(
        targets(["Weighted", "churn", None, None, "floor", 0, None]),
        [
            'Targets!F2: The floor 0 for "churn" is met without any initiative. Check its sign: for a KPI where '
            "lower is better, a reduction is a negative number. [target_met_by_nothing]",
        ],
    ),
    "a rise of a lower-is-better KPI": Case(
        targets(["Weighted", "churn", None, None, "goal", 0.015, None]),
        [
            'Targets!F2: The goal for "churn" is 0.015, a rise, but lower is better for it. Type a reduction as a '
            "negative number, or fill in baseline_value in the Targets tab. [rise_of_lower_is_better]",
        ],
        stopped=["Weighted"],
    ),
    "a reduction": Case(
        targets(["Weighted", "churn", None, None, "goal", -0.001, None]),
        [],
    ),
    "an absolute target of a lower-is-better KPI": Case(
        targets(["Weighted", "churn", None, None, "goal", 0.015, 0.016]),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
