"""Values that group initiatives and are nearly the same, and cells that name several of them."""

import pytest

from tests.sheets_sync.sheets import Case

CASES = {
    "a department that a cap names": Case(
        {"Initiatives!D2": "Grwoth"},
        [
            'Initiatives!D2: "Grwoth" in department is nearly "Growth" in D3, and a rule or target for department '
            "Growth depends on whether they are the same. Write both in the same way if one is meant, else make "
            "them differ more. [near_value_of_rule]",
        ],
        stopped=["North"],
    ),
    "a department that no rule names": Case(
        {"Initiatives!D4": "Trsut"},
        [
            'Initiatives!D4: "Trsut" in department is nearly "Trust" in D5; they count as two. Write both in the '
            "same way if one is meant. [near_value]",
        ],
    ),
    "invisible characters, case and kinds of dash": Case(
        {
            "Initiatives!D2": "growth\u200b",
            "Initiatives!D4": "Trust\ufe0f",
            "Initiatives!M2": "a\u2013b",
            "Initiatives!M3": "A-B",
        },
        [],
    ),
    "a group of variants": Case(
        {"Initiatives!P2": "checkout", "Initiatives!P3": "chekcout"},
        [
            'Initiatives!P3: "chekcout" in variant_of is nearly "checkout" in P2, and the group of variants '
            '"chekcout" depends on whether they are the same. Write both in the same way if one is meant, else '
            "make them differ more. [near_value_of_rule]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a bundle": Case(
        {"Initiatives!M2": "wallet one", "Initiatives!M3": "wallet-one"},
        [
            'Initiatives!M2: The bundle "wallet one" contains only "PAY-1". Give the others the same bundle_key, '
            "or clear it. [lone_bundle]",
            'Initiatives!M3: The bundle "wallet-one" contains only "PAY-2". Give the others the same bundle_key, '
            "or clear it. [lone_bundle]",
            'Initiatives!M3: "wallet-one" in bundle_key is nearly "wallet one" in M2, and the bundle "wallet-one" '
            "depends on whether they are the same. Write both in the same way if one is meant, else make them "
            "differ more. [near_value_of_rule]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "short values and numbers that differ on purpose": Case(
        {"Initiatives!E2": "US", "Initiatives!P2": "phase 1", "Initiatives!P3": "phase 2"},
        [],
    ),
    "two markets in one cell": Case(
        {"Initiatives!E5": "UK, DE"},
        [
            'Initiatives!E5: "UK, DE" in market names 2 values of other rows, and counts as one more. Choose one '
            "of them, or make it a row for each. [several_values]",
        ],
    ),
    "two departments in one cell, of which a cap names one": Case(
        {"Initiatives!D5": "Growth, Trust"},
        [
            'Initiatives!D5: "Growth, Trust" in department names 2 values of other rows, and a rule or target for '
            "department Growth would not count it. Choose one of them, or split the row; `cost: <team>` columns "
            "say how much each spends. [several_values_of_rule]",
        ],
        stopped=["North"],
    ),
    "two departments in one cell, and a cap on a third": Case(
        {"Initiatives!D3": "Mobile", "Initiatives!D5": "Mobile & Trust"},
        [
            'Initiatives!D5: "Mobile & Trust" in department names 2 values of other rows, and a rule or target by '
            "department would not count it. Choose one of them, or split the row; `cost: <team>` columns say how "
            "much each spends. [several_values_of_rule]",
        ],
        stopped=["North"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
