"""The Constraints tab."""

import pytest

from tests.sheets_sync.sheets import Case, constraints

CASES = {
    "a share typed as tokens": Case(
        constraints(["North", "capacity_floor", "department", "Growth", 0.2]),
        [
            "Constraints!E2: 0.2 tokens is less than any initiative costs (30 at least). Type the number of tokens, or "
            "use share_floor or share_cap for a percentage such as 20%. [share_as_tokens]"
        ],
        stopped=["North"],
    ),
    "a scenario is misspelt": Case(
        constraints(["Nroth", "count_cap", None, None, None, None, None, None, 3]),
        ['Constraints!A2: "Nroth" is not a scenario in the Scenarios tab. Did you mean "North"? [unknown_scenario]'],
        stopped=["North"],
    ),
    "a scenario is unknown": Case(
        constraints(["Zzz", "count_cap", None, None, None, None, None, None, 3]),
        [
            'Constraints!A2: "Zzz" is not a scenario in the Scenarios tab. Correct it, or clear it to mean all '
            "scenarios. [unknown_scenario]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "the type is blank": Case(
        constraints(["North", None, "department", "Growth", None, 5]),
        [
            "Constraints!B2: Row 2 has content, but constraint_type is blank. Fill it in, or clear the whole row."
            " [blank_key]"
        ],
        stopped=["North"],
    ),
    "the type is unknown": Case(
        constraints(["North", "capacity cup", "department", "Growth", None, 5]),
        ['Constraints!B2: constraint_type is "capacity cup". Did you mean "capacity_cap"? [unknown_choice]'],
        stopped=["North"],
    ),
    "a cap without its number": Case(
        constraints(["North", "capacity_cap", "department", "Growth"]),
        ["Constraints!F2: capacity_cap needs max_tokens. Fill it in, or change constraint_type. [constraint_needs]"],
        stopped=["North"],
    ),
    "a cap without its slice": Case(
        constraints(["North", "capacity_cap", None, None, None, 5]),
        [
            "Constraints!C2: capacity_cap needs dimension. Fill it in, or change constraint_type. [constraint_needs]",
            "Constraints!D2: capacity_cap needs dimension_key. Fill it in, or change constraint_type. "
            "[constraint_needs]",
        ],
        stopped=["North"],
    ),
    "a cap with members": Case(
        constraints(["North", "capacity_cap", "department", "Growth", None, 5, "PAY-1"]),
        [
            "Constraints!G2: capacity_cap does not use member_keys. Clear it, or change constraint_type. "
            "[constraint_has_no]"
        ],
        stopped=["North"],
    ),
    "half a slice": Case(
        constraints(
            ["North", "count_cap", "department", None, None, None, None, None, 3],
            ["North", "count_cap", None, "Growth", None, None, None, None, 3],
        ),
        [
            "Constraints!C2: dimension is given without dimension_key. Fill in both, or neither. "
            "[dimension_without_key]",
            "Constraints!D3: dimension_key is given without dimension. Fill in both, or neither. "
            "[dimension_without_key]",
        ],
        stopped=["North"],
    ),
    "a dimension is unknown": Case(
        constraints(["North", "capacity_cap", "departement", "Growth", None, 5]),
        ['Constraints!C2: dimension is "departement". Did you mean "department"? [unknown_choice]'],
        stopped=["North"],
    ),
    "a dimension is called as the team's sheet calls it": Case(
        constraints(["North", "capacity_cap", "Squad", "Growth", None, 500]),
        [],
    ),
    "a dimension value is misspelt": Case(
        constraints([None, "capacity_cap", "department", "Grwoth", None, 5]),
        ['Constraints!D2: No initiative has the department "Grwoth". Did you mean "Growth"? [unknown_dimension_key]'],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a bundle of one member": Case(
        constraints(["North", "bundle", None, None, None, None, "PAY-1, pay-1"]),
        [
            "Constraints!G2: bundle needs at least 2 different initiatives in member_keys. Add the others. "
            "[too_few_members]"
        ],
        stopped=["North"],
    ),
    "a member is unknown": Case(
        constraints(["North", "exclude_pair", None, None, None, None, "PAY-1, PAY-22"]),
        [
            'Constraints!G2: "PAY-22" in member_keys is not an initiative in the Initiatives tab. Did you mean '
            '"PAY-2"? [unknown_initiative]'
        ],
        stopped=["North"],
    ),
    "two caps for one slice": Case(
        constraints(
            ["North", "capacity_cap", "department", "Growth", None, 80],
            [None, "capacity_cap", "Department", "growth", None, 80],
        ),
        [
            "Constraints!F3: A cap on tokens for department Growth is already given in Constraints!F2. Keep one "
            "of the two rows. [repeated_rule]"
        ],
        stopped=["North"],
    ),
    "two caps for one slice in all scenarios": Case(
        constraints(
            [None, "count_cap", None, None, None, None, None, None, 2],
            [None, "count_cap", None, None, None, None, None, None, 3],
        ),
        [
            "Constraints!I3: A cap on the number of initiatives for the whole portfolio is already given in "
            "Constraints!I2. Keep one of the two rows. [repeated_rule]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a floor above the cap of its slice": Case(
        constraints(
            ["North", "capacity_cap", "department", "Growth", None, 20],
            ["North", "capacity_floor", "department", "Growth", 50],
        ),
        [
            "Constraints!E3: department Growth: at least 50 tokens, but at most 20 tokens (Constraints!F2). Lower"
            " the floor, or raise the cap. [contradicting_bounds]"
        ],
        stopped=["North"],
    ),
    "a minimum above the maximum of its row": Case(
        constraints(["North", "capacity_cap", "department", "Growth", 50, 20]),
        [
            "Constraints!E2: department Growth: at least 50 tokens, but at most 20 tokens (Constraints!F2). Lower"
            " the floor, or raise the cap. [contradicting_bounds]"
        ],
        stopped=["North"],
    ),
    "floors add up to more than the capacity": Case(
        constraints(
            ["Weighted", "capacity_floor", "market", "UK", 70], ["Weighted", "capacity_floor", "market", "DE", 50]
        ),
        [
            'Scenarios!E3: The floors per market add up to 120 tokens, but the scenario "Weighted" has only 100. '
            "Lower the floors, or raise capacity_total_tokens. [floors_over_capacity]"
        ],
        stopped=["Weighted"],
    ),
    "floors above everything that there is": Case(
        constraints(
            ["Targets", "capacity_floor", "department", "Growth", 1],
            ["Targets", "count_floor", None, None, None, None, None, None, 9],
        ),
        [
            'Constraints!E2: In the scenario "Targets", all candidates of department Growth together reach only 0 '
            "tokens, which is below the floor of 1 token. Lower the floor, or add candidates. [unreachable_floor]",
            'Constraints!I3: In the scenario "Targets", all candidates of the whole portfolio together reach only 2 '
            "initiatives, which is below the floor of 9 initiatives. Lower the floor, or add candidates. "
            "[unreachable_floor]",
        ],
        stopped=["Targets"],
    ),
    "a synergy for an unknown and an inactive KPI": Case(
        constraints(
            ["North", "synergy_bonus", None, None, None, None, "PAY-1|PAY-2", "gvm", 5],
            ["North", "synergy_bonus", None, None, None, None, "PAY-1|PAY-2", "nps", 5],
        ),
        [
            'Constraints!H2: "gvm" is not a KPI in the KPIs tab. Did you mean "gmv"? [unknown_kpi]',
            'Constraints!H3: The KPI "nps" in kpi_key is not active. Activate it in the KPIs tab, or clear this '
            "cell. [inactive_kpi]",
        ],
        stopped=["North"],
    ),
    "a synergy given twice": Case(
        constraints(
            ["North", "synergy_bonus", None, None, None, None, "PAY-1|PAY-2", "gmv", 5],
            [None, "synergy_bonus", None, None, None, None, "PAY-2|PAY-1", "gmv", 5],
        ),
        [
            'Constraints!G3: A synergy of these initiatives for "gmv" is already given in Constraints!G2. Keep '
            "one of the two rows. [repeated_rule]"
        ],
        stopped=["North"],
    ),
    "a prerequisite closes a circle": Case(
        {"Initiatives!N2": "PAY-2", **constraints(["North", "prerequisite", None, None, None, None, "PAY-2, PAY-1"])},
        [
            "Constraints!G2: The prerequisites form a cycle: PAY-1 needs PAY-2, PAY-2 needs PAY-1. Remove one of "
            "them. [prerequisite_cycle]"
        ],
        stopped=["North"],
    ),
    "a rule makes mandatory without a reason": Case(
        constraints(["North", "mandatory", None, None, None, None, "PAY-1", None, None, " "]),
        [
            'Constraints!J2: "PAY-1" is mandatory, but notes is blank. Enter the reason there, or remove this row. '
            "[mandate_without_reason]"
        ],
        stopped=["North"],
    ),
    "an initiative is mandatory where it is no candidate": Case(
        constraints(["Targets", "mandatory", None, None, None, None, "PAY-1", None, None, "law"]),
        [
            'Constraints!G2: "PAY-1" is not a candidate of the scenario "Targets", so it cannot be mandatory '
            "there. Correct the scenario, the key or the initiative's period_key. [rule_without_candidates]"
        ],
        stopped=["Targets"],
    ),
    "an initiative is mandatory everywhere but no candidate anywhere": Case(
        constraints([None, "mandatory", None, None, None, None, "OLD-1", None, None, "law"]),
        [
            'Constraints!G2: "OLD-1" is not a candidate of any scenario, so it cannot be mandatory there. Correct'
            " the scenario, the key or the initiative's period_key. [rule_without_candidates]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "an initiative is mandatory wherever it is a candidate": Case(
        constraints([None, "mandatory", None, None, None, None, "PAY-1", None, None, "law"]),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
