"""The Initiatives tab."""

import pytest

from tests.sheets_sync.sheets import Case

CASES = {
    "a key with a letter of another script": Case(
        {"Initiatives!N3": "P\u0410Y-1"},
        [
            'Initiatives!N3: "P\u0410Y-1" in prerequisite_keys is not an initiative in the Initiatives tab. Did you '
            'mean "PAY-1"? Yours has a cyrillic capital letter a (U+0410) in it. [unknown_initiative]'
        ],
        stopped=["North", "Weighted"],
    ),
    "a key holds a separator": Case(
        {"Initiatives!A2": "PAY-1; phase 2", "Initiatives!A5": "TRUST\n2"},
        [
            'Initiatives!A2: initiative_key "PAY-1; phase 2" contains a comma, semicolon, pipe or line break, which '
            "separate keys in lists. Use another character, here and wherever the key is used. [separator_in_key]",
            'Initiatives!A5: initiative_key "TRUST 2" contains a comma, semicolon, pipe or line break, which '
            "separate keys in lists. Use another character, here and wherever the key is used. [separator_in_key]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a required contribution is blank": Case(
        {"KPIs!G2": True},
        [
            'Initiatives!F5: This candidate has no contribution to "gmv", which is required. Enter it; 0 is '
            "allowed. [contribution_required]"
        ],
        stopped=["Weighted", "Targets"],
    ),
    "contributions to an inactive KPI": Case(
        {"Initiatives!S1": "nps", "Initiatives!S2": "abc"},
        [
            'Initiatives!S1: The KPI "nps" is not active, so these contributions are ignored. Activate the KPI in '
            "the KPIs tab if they should count. [contribution_to_inactive_kpi]"
        ],
    ),
    "contributions in JSON to an inactive KPI": Case(
        {"Initiatives!R4": '{"nps": 3}'},
        [
            'Initiatives!R4: The KPI "nps" is not active, so these contributions are ignored. Activate the KPI in '
            "the KPIs tab if they should count. [contribution_to_inactive_kpi]"
        ],
    ),
    "an initiative moves no KPI": Case(
        {"Initiatives!F2": None},
        [
            'Initiatives!A2: "PAY-1" contributes to no active KPI. Give it a contribution, or untick '
            "is_candidate. [no_contribution]"
        ],
    ),
    "a fraction beyond 1": Case(
        {"Initiatives!G3": 1.5},
        [
            'Initiatives!G3: 1.5 is implausible for "retention_30d", whose unit is fraction (1 means 100 '
            "percent). If 1.5 percent is meant, type 0.015. [implausible_fraction]"
        ],
    ),
    "a fraction beyond 1, the unit written as a sign": Case(
        {"Initiatives!G3": 1.5, "KPIs!D3": "%"},
        [
            'Initiatives!G3: 1.5 is implausible for "retention_30d", whose unit is % (1 means 100 '
            "percent). If 1.5 percent is meant, type 0.015. [implausible_fraction]"
        ],
    ),
    "a value far above the median": Case(
        {"Initiatives!F2": 90_000_000},
        [
            'Initiatives!F2: 90000000 is 1,500 times the median contribution to "gmv" (60000). Check its unit. '
            "[implausible_size]"
        ],
    ),
    "a range does not hold its estimate": Case(
        {
            "Initiatives!S1": "gmv low",
            "Initiatives!T1": "gmv high",
            "Initiatives!S2": 130_000,
            "Initiatives!T2": 140_000,
        },
        [
            'Initiatives!S2: The range of "gmv" is 130000 to 140000, but the estimate is 120000. The estimate must '
            "lie between low and high. [range_order]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a range has no estimate": Case(
        {"Initiatives!S1": "churn low", "Initiatives!S2": -1},
        [
            'Initiatives!S2: There is a range for "churn", but no contribution. Type the contribution, or clear '
            "the range. [range_without_estimate]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a range of the effort does not hold it": Case(
        {"Initiatives!S1": "Effort low", "Initiatives!S2": 1_000},
        [
            'Initiatives!S2: The range of "tokens" is 1000 to 60, but the estimate is 60. The estimate must '
            "lie between low and high. [range_order]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a range has no cost": Case(
        {"Initiatives!S1": "cost high: lab days", "Initiatives!S2": 3, "Initiatives!T1": "cost: lab days"},
        [
            "Initiatives!S2: There is a range for what it costs in lab days, but no cost. Type the cost, or clear the "
            "range. [range_without_cost]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a confidence above 1": Case(
        {"Initiatives!S1": "Confidence", "Initiatives!S2": 8, "Initiatives!S3": 0.8, "Initiatives!S4": "High"},
        [
            "Initiatives!S2: Confidence is 8. The robustness study reads numbers from 0 to 1 and percentages; it takes "
            "its default spread here. Type 0.8 or 80% if you are that sure. [confidence_not_read]"
        ],
    ),
    "an unknown prerequisite": Case(
        {"Initiatives!N2": "PAY2; TRUST-1"},
        [
            'Initiatives!N2: "PAY2" in prerequisite_keys is not an initiative in the Initiatives tab. Did you mean '
            '"PAY-2"? [unknown_initiative]'
        ],
        stopped=["North", "Weighted"],
    ),
    "an unknown exclusion": Case(
        {"Initiatives!O2": "nothing like it"},
        [
            'Initiatives!O2: "nothing like it" in exclusion_keys is not an initiative in the Initiatives tab. Add '
            "it to that tab, or correct the key. [unknown_initiative]"
        ],
        stopped=["North", "Weighted"],
    ),
    "an initiative names itself": Case(
        {"Initiatives!N2": "pay-1", "Initiatives!O3": "PAY-2"},
        [
            'Initiatives!N2: "PAY-1" names itself in prerequisite_keys. Remove it there. [names_itself]',
            'Initiatives!O3: "PAY-2" names itself in exclusion_keys. Remove it there. [names_itself]',
        ],
        stopped=["North", "Weighted"],
    ),
    "a circle of prerequisites": Case(
        {"Initiatives!N2": "PAY-2", "Initiatives!N3": "TRUST-1|PAY-1"},
        [
            "Initiatives!N2: The prerequisites form a cycle: PAY-1 needs PAY-2, PAY-2 needs PAY-1. Remove one of "
            "them. [prerequisite_cycle]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a prerequisite is excluded": Case(
        {"Initiatives!N2": "PAY-2", "Initiatives!O2": "PAY-2"},
        [
            'Initiatives!N2: "PAY-1" needs "PAY-2", but the two exclude each other, so it can never be selected. '
            "Remove one of the two. [excluded_prerequisite]"
        ],
    ),
    "a prerequisite excludes": Case(
        {"Initiatives!N2": "PAY-2", "Initiatives!O3": "PAY-1"},
        [
            'Initiatives!N2: "PAY-1" needs "PAY-2", but the two exclude each other, so it can never be selected. '
            "Remove one of the two. [excluded_prerequisite]"
        ],
    ),
    "a prerequisite is parked": Case(
        {"Initiatives!N2": "OLD-1"},
        [
            'Initiatives!N2: "PAY-1" needs "OLD-1", which is not a candidate, so "PAY-1" cannot be selected. '
            "Change the prerequisite, or make it available. [prerequisite_not_available]"
        ],
    ),
    "a prerequisite is of another period": Case(
        {"Initiatives!N2": "TRUST-2"},
        [
            'Initiatives!N2: "PAY-1" needs "TRUST-2", which is of the period 2026-Q2, so "PAY-1" cannot be '
            "selected. Change the prerequisite, or make it available. [prerequisite_not_available]"
        ],
    ),
    "mandatory without a reason": Case(
        {"Initiatives!K2": True},
        [
            'Initiatives!L2: "PAY-1" is mandatory, but mandate_reason is blank. Enter the reason there, or untick '
            "is_mandatory. [mandate_without_reason]"
        ],
        stopped=["North", "Weighted"],
    ),
    "mandatory but parked": Case(
        {"Initiatives!K6": True, "Initiatives!L6": "law"},
        [
            'Initiatives!K6: "OLD-1" is mandatory, but is_candidate is unticked, so no run selects it. Tick '
            "is_candidate, or untick is_mandatory. [mandatory_not_candidate]"
        ],
    ),
    "a bundle of one": Case(
        {"Initiatives!M2": "b"},
        [
            'Initiatives!M2: The bundle "b" contains only "PAY-1". Give the others the same bundle_key, or clear '
            "it. [lone_bundle]"
        ],
    ),
    "a bundle with a parked member": Case(
        {"Initiatives!M2": "b", "Initiatives!M6": "B "},
        [
            'Initiatives!M6: "OLD-1" in the bundle "b" is not a candidate, so none of the bundle can be selected. '
            "Remove it from the bundle, or tick its is_candidate. [bundle_not_available]"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
