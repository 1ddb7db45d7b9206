"""Periods of initiatives that no scenario asks for, or that lack the year."""

import pytest

from tests.sheets_sync.sheets import Case

CASES = {
    "a period without a year": Case(
        {"Initiatives!I2": "Q1"},
        [
            'Initiatives!I2: The period "Q1" has no year, while others have one; it is a period of its own. Add '
            "the year. [period_without_year]",
        ],
    ),
    "periods that no scenario asks for": Case(
        {"Scenarios!C3": "2026-Q1", "Initiatives!I2": "2026-Q4", "Initiatives!I3": "Q4 2026"},
        [
            'Initiatives!I2: No scenario asks for the period "2026-Q4", so 2 initiatives with it take part in '
            "none. Correct the period, or add a scenario for it. [period_not_asked_for]",
            'Scenarios!H3: No candidate of the scenario "Weighted" contributes to "retention_30d", so its weight '
            "has no effect. Add contributions, or clear the weight. [weight_without_effect]",
        ],
    ),
    "one quarter in several spellings": Case(
        {"Scenarios!C3": "1Q26", "Initiatives!I2": "2026–Q1", "Initiatives!I3": "Q1/26", "Initiatives!I5": "2026Q2"},
        [],
    ),
    "a month within the quarter": Case(
        {"Scenarios!C3": "2026-Q1", "Initiatives!I2": "2026-02", "Initiatives!I3": "Feb 2026"},
        [],
    ),
    "a fiscal quarter is none of the calendar": Case(
        {"Scenarios!C3": "2026-Q1", "Initiatives!I2": "FY26 Q1"},
        [
            'Initiatives!I2: No scenario asks for the period "FY26 Q1", so 1 initiative with it takes part in '
            "none. Correct the period, or add a scenario for it. [period_not_asked_for]",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
