"""The Scenarios tab, and what is mandatory against it."""

import pytest

from tests.sheets_sync.sheets import BOTH_MANDATORY, MANDATORY, Case, checked, constraints

CASES = {
    "no scenario is ticked": Case(
        {"Scenarios!B2": False, "Scenarios!B3": False, "Scenarios!B4": None},
        ["Scenarios!B1: No scenario is ticked in run, so nothing runs. Tick at least one. [nothing_ticked]"],
    ),
    "a period is nearly one of the initiatives'": Case(
        {"Scenarios!C2": "2026-Q11", "Scenarios!M2": None, **constraints()},
        [
            'Scenarios!C2: No initiative has the period "2026-Q11"; only those without a period are considered. Did '
            'you mean "2026-Q1"? [period_without_initiatives]'
        ],
    ),
    "no candidate is left in a period that is nearly another": Case(
        {"Scenarios!C2": "2026-Q11", "Initiatives!J4": False},
        [
            'Scenarios!C2: The scenario "North" has no candidate initiative in the period 2026-Q11. Did you mean '
            '"2026-Q1"? [no_candidates]',
            'Scenarios!F4: No candidate of the scenario "Targets" contributes to its north star "gmv", so every '
            "portfolio is equally good. Fill in that KPI's column on the Initiatives tab, or correct its header. "
            "[idle_north_star]",
        ],
        stopped=["North"],
    ),
    "a period of which there is no initiative": Case(
        {"Scenarios!C2": "FY31", "Scenarios!M2": None, **constraints()},
        [
            'Scenarios!C2: No initiative has the period "FY31"; only those without a period are considered. Check '
            "period_key here and in the Initiatives tab. [period_without_initiatives]"
        ],
    ),
    "no candidate is left": Case(
        {"Scenarios!C2": "FY31", "Initiatives!J4": False},
        [
            'Scenarios!C2: The scenario "North" has no candidate initiative in the period FY31. Check period_key '
            "and is_candidate. [no_candidates]",
            'Scenarios!F4: No candidate of the scenario "Targets" contributes to its north star "gmv", so every '
            "portfolio is equally good. Fill in that KPI's column on the Initiatives tab, or correct its header. "
            "[idle_north_star]",
        ],
        stopped=["North"],
    ),
    "a north star is needed and there is none": Case(
        {"KPIs!C2": "strategic"},
        [
            'Scenarios!F2: The scenario "North" needs a north star, and the KPIs tab has no active one. Set '
            "kpi_level of one KPI to north_star, or fill in north_star_kpi. [no_north_star]",
            'Scenarios!F4: The scenario "Targets" needs a north star, and the KPIs tab has no active one. Set '
            "kpi_level of one KPI to north_star, or fill in north_star_kpi. [no_north_star]",
        ],
        stopped=["North", "Targets"],
    ),
    "a north star that is unknown": Case(
        {"Scenarios!F2": "gvm"},
        ['Scenarios!F2: "gvm" is not a KPI in the KPIs tab. Did you mean "gmv"? [unknown_kpi]'],
        stopped=["North"],
    ),
    "a north star that is inactive": Case(
        {"Scenarios!F2": "nps"},
        [
            'Scenarios!F2: The KPI "nps" in north_star_kpi is not active. Activate it in the KPIs tab, or clear '
            "this cell. [inactive_kpi]"
        ],
        stopped=["North"],
    ),
    "a weight on an inactive KPI": Case(
        {"Scenarios!H1": "weight: nps"},
        [
            'Scenarios!H3: The KPI "nps" in weight: nps is not active. Activate it in the KPIs tab, or clear this'
            " cell. [inactive_kpi]"
        ],
        stopped=["Weighted"],
    ),
    "a target on an inactive KPI": Case(
        {"Scenarios!O2": '{"nps": 3}'},
        [
            'Scenarios!O2: The KPI "nps" in targets_json is not active. Activate it in the KPIs tab, or clear '
            "this cell. [inactive_kpi]"
        ],
        stopped=["North"],
    ),
    "weights are missing": Case(
        {"Scenarios!G3": None, "Scenarios!H3": None},
        [
            'Scenarios!D3: The scenario "Weighted" optimizes weighted KPIs, but has no weights. Fill in at least '
            "one weight column, or objective_weights_json. [missing_weights]"
        ],
        stopped=["Weighted"],
    ),
    "all weights are zero": Case(
        {"Scenarios!G3": 0, "Scenarios!H3": 0},
        [
            'Scenarios!G3: Every weight of the scenario "Weighted" is 0. Give at least one KPI a weight above 0. '
            "[zero_weights]"
        ],
        stopped=["Weighted"],
    ),
    "a weight that nothing answers to": Case(
        {"Scenarios!P1": "weight: churn", "Scenarios!P3": 1, "Initiatives!H4": None, "Initiatives!H5": None},
        [
            'Scenarios!P3: No candidate of the scenario "Weighted" contributes to "churn", so its weight has no '
            "effect. Add contributions, or clear the weight. [weight_without_effect]"
        ],
    ),
    "a north star that nothing moves": Case(
        {f"Initiatives!F{row}": None for row in range(2, 6)} | {"Scenarios!B3": False, "Scenarios!B4": False},
        [
            'Initiatives!A2: "PAY-1" contributes to no active KPI. Give it a contribution, or untick is_candidate. '
            "[no_contribution]",
            'Scenarios!F2: No candidate of the scenario "North" contributes to its north star "gmv", so every '
            "portfolio is equally good. Fill in that KPI's column on the Initiatives tab, or correct its header. "
            "[idle_north_star]",
            'Scenarios!G3: No candidate of the scenario "Weighted" contributes to "gmv", so its weight has no effect. '
            "Add contributions, or clear the weight. [weight_without_effect]",
            'Scenarios!F4: No candidate of the scenario "Targets" contributes to its north star "gmv", so every '
            "portfolio is equally good. Fill in that KPI's column on the Initiatives tab, or correct its header. "
            "[idle_north_star]",
        ],
    ),
    "a KPI is rewarded with its cause": Case(
        {"KPIs!H3": "GMV"},
        [
            'Scenarios!H3: The scenario "Weighted" weights "retention_30d" and also "gmv", which it feeds, so the '
            "same effect counts twice. Weight only one of them. [double_counting]"
        ],
    ),
    "several weights in a mode without weights": Case(
        {"Scenarios!G2": 1, "Scenarios!H2": 0.5},
        [
            "Scenarios!G2: weight: gmv and weight: retention_30d have no effect in the mode north_star. Clear them, or "
            "change the mode. [unused_setting]"
        ],
    ),
    "weights in a mode without weights": Case(
        {"Scenarios!G2": 1},
        [
            "Scenarios!G2: weight: gmv has no effect in the mode north_star. Clear it, or change the mode. "
            "[unused_setting]"
        ],
    ),
    "weights and normalization in a lexicographic scenario": Case(
        {"Scenarios!G4": 1, "Scenarios!L4": "ideal"},
        [
            "Scenarios!G4: weight: gmv has no effect in this lexicographic scenario, whose secondary_objective is"
            " north_star. Clear it, or change the mode. [unused_setting]",
            "Scenarios!L4: normalization has no effect in this lexicographic scenario, whose secondary_objective "
            "is north_star. Clear it, or change the mode. [unused_setting]",
        ],
    ),
    "lexicographic settings in another mode": Case(
        {"Scenarios!J2": "gmv", "Scenarios!K2": "north_star"},
        [
            "Scenarios!J2: target_priority has no effect in the mode north_star. Clear it, or change the mode. "
            "[unused_setting]",
            "Scenarios!K2: secondary_objective has no effect in the mode north_star. Clear it, or change the "
            "mode. [unused_setting]",
        ],
    ),
    "normalization by a missing scale": Case(
        {"KPIs!F2": None},
        [
            'Scenarios!L3: normalization is scale, but "gmv" has no scale in the KPIs tab. Fill it in there. '
            "[missing_scale]"
        ],
        stopped=["Weighted"],
    ),
    "normalization by a missing target": Case(
        {"Scenarios!L3": "target"},
        [
            'Scenarios!L3: normalization is target, but "retention_30d" is weighted and has no target for the whole '
            "portfolio. Give it a target other than 0, or choose another normalization. [missing_target]"
        ],
        stopped=["Weighted"],
    ),
    "normalization by a target of zero": Case(
        {"Scenarios!L3": "target", "Scenarios!I3": 0},
        [
            'Scenarios!I3: The goal 0 for "retention_30d" is met without any initiative. Check its sign: for a KPI '
            "where lower is better, a reduction is a negative number. [target_met_by_nothing]",
            'Scenarios!L3: normalization is target, but "retention_30d" is weighted and has no target for the whole '
            "portfolio other than 0. Give it a target other than 0, or choose another normalization. "
            "[missing_target]",
        ],
        stopped=["Weighted"],
    ),
    "lexicographic without a target": Case(
        {"Scenarios!I4": None},
        [
            'Scenarios!D4: The scenario "Targets" is lexicographic, but has no target. Fill in a target column, '
            "targets_json or the Targets tab. [no_targets]"
        ],
        stopped=["Targets"],
    ),
    "a priority that cannot be read": Case(
        {"Scenarios!J4": "retention_30d > > retention_30d"},
        [
            'Scenarios!J4: target_priority "retention_30d > > retention_30d" cannot be read: a KPI is missing next '
            "to >. Write it like this: retention_30d > gmv. [bad_priority]",
            'Scenarios!J4: target_priority "retention_30d > > retention_30d" cannot be read: "retention_30d" is '
            "listed twice. Write it like this: retention_30d > gmv. [bad_priority]",
        ],
        stopped=["Targets"],
    ),
    "a priority that puts nothing first": Case(
        {"Scenarios!J4": "retention_30d, churn", "Scenarios!O4": '{"churn": -0.0001}'},
        [
            'Scenarios!J4: "retention_30d, churn" gives these targets equal priority. To rank them, write > between '
            "them. [priority_without_order]"
        ],
    ),
    "a priority without a target": Case(
        {"Scenarios!J4": "retention_30d > gmv"},
        [
            'Scenarios!J4: target_priority names "gmv", but this scenario has no goal for it. Give it a target, '
            "or remove it. [priority_without_target]"
        ],
    ),
    "a capacity is nearly a resource's": Case(
        {"Scenarios!M1": "capacity: design day"},
        [
            'Scenarios!M2: "capacity: design day" matches no "cost: ..." column of the Initiatives tab. Did you mean '
            '"capacity: design days"? [unknown_resource]'
        ],
        stopped=["North"],
    ),
    "a capacity of what nothing costs": Case(
        {"Scenarios!M1": "capacity: legal"},
        [
            'Scenarios!M2: No initiative has a column "cost: legal", so this capacity limits nothing. Add that '
            "column to the Initiatives tab, or remove this one. [unused_capacity]"
        ],
    ),
    "a mandatory initiative is excluded": Case(
        {**MANDATORY, **constraints(["North", "exclude_initiative", None, None, None, None, "pay-1"])},
        [
            'Initiatives!A2: In the scenario "North", "PAY-1" must be selected, but Constraints!G2 excludes it. '
            "Change one of the two. [mandatory_impossible]"
        ],
        stopped=["North"],
    ),
    "a mandatory initiative needs a parked one": Case(
        {**MANDATORY, "Initiatives!N2": "TRUST-1", "Initiatives!N4": "OLD-1"},
        [
            'Initiatives!A2: In the scenario "North", "OLD-1" must be selected (because "TRUST-1" must be '
            "selected and needs it), but it is not a candidate. Change one of the two. [mandatory_impossible]",
            'Initiatives!A2: In the scenario "Weighted", "OLD-1" must be selected (because "TRUST-1" must be '
            "selected and needs it), but it is not a candidate. Change one of the two. [mandatory_impossible]",
            'Initiatives!N4: "TRUST-1" needs "OLD-1", which is not a candidate, so "TRUST-1" cannot be selected. '
            "Change the prerequisite, or make it available. [prerequisite_not_available]",
        ],
        stopped=["North", "Weighted"],
    ),
    "a mandatory initiative is bundled with another period's": Case(
        {**MANDATORY, "Initiatives!M2": "b", "Initiatives!M5": "B"},
        [
            'Initiatives!A2: In the scenario "North", "TRUST-2" must be selected (because "PAY-1" is mandatory '
            'and is bundled with it in "b"), but its period is 2026-Q2. Change one of the two. '
            "[mandatory_impossible]",
            'Initiatives!M2: The bundle "b" has members in 2026-Q1 and 2026-Q2, so no scenario of one period can '
            "select it. Give its members one period, or plan over all of these periods. [bundle_over_periods]",
        ],
        stopped=["North"],
    ),
    "two mandatory initiatives exclude each other": Case(
        {**BOTH_MANDATORY, "Initiatives!O3": "pay-1"},
        [
            'Initiatives!A3: In the scenario "North", "PAY-2" and "PAY-1" must both be selected, but they exclude'
            " each other (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]",
            'Initiatives!A3: In the scenario "Weighted", "PAY-2" and "PAY-1" must both be selected, but they '
            "exclude each other (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]",
        ],
        stopped=["North", "Weighted"],
    ),
    "a mandatory initiative excludes its own prerequisite": Case(
        {**MANDATORY, "Initiatives!N2": "TRUST-1", "Initiatives!O2": "TRUST-1", "Scenarios!C4": "2026-Q2"},
        [
            'Initiatives!A2: In the scenario "North", "PAY-1" and "TRUST-1" must both be selected, but they exclude'
            " each other (Initiatives!A2). Change one of them. [mandatory_exclude_each_other]",
            'Initiatives!A2: In the scenario "Weighted", "PAY-1" and "TRUST-1" must both be selected, but they '
            "exclude each other (Initiatives!A2). Change one of them. [mandatory_exclude_each_other]",
            'Initiatives!N2: "PAY-1" needs "TRUST-1", but the two exclude each other, so it can never be selected. '
            "Remove one of the two. [excluded_prerequisite]",
        ],
        stopped=["North", "Weighted"],
    ),
    "two mandatory initiatives are variants": Case(
        {**BOTH_MANDATORY, "Initiatives!P2": "v", "Initiatives!P3": "V"},
        [
            'Initiatives!A2: In the scenario "North", "PAY-1" and "PAY-2" must both be selected, but they are '
            'variants of "v" (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]',
            'Initiatives!A2: In the scenario "Weighted", "PAY-1" and "PAY-2" must both be selected, but they are '
            'variants of "v" (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]',
        ],
        stopped=["North", "Weighted"],
    ),
    "a mandatory initiative is a variant of another": Case(
        {**BOTH_MANDATORY, "Initiatives!P3": "pay-1"},
        [
            'Initiatives!A2: In the scenario "North", "PAY-1" and "PAY-2" must both be selected, but they are '
            'variants of "PAY-1" (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]',
            'Initiatives!A2: In the scenario "Weighted", "PAY-1" and "PAY-2" must both be selected, but they are '
            'variants of "PAY-1" (Initiatives!A3). Change one of them. [mandatory_exclude_each_other]',
        ],
        stopped=["North", "Weighted"],
    ),
    "two mandatory initiatives are a forbidden pair": Case(
        {**BOTH_MANDATORY, **constraints(["North", "exclude_pair", None, None, None, None, "PAY-2, PAY-1"])},
        [
            'Initiatives!A3: In the scenario "North", "PAY-2" and "PAY-1" must both be selected, but they exclude'
            " each other (Constraints!G2). Change one of them. [mandatory_exclude_each_other]"
        ],
        stopped=["North"],
    ),
    "what is mandatory costs too many tokens": Case(
        {**MANDATORY, "Initiatives!N2": "PAY-2"},
        [
            'Scenarios!E2: In the scenario "North", the initiatives that must be selected cost 110 '
            "tokens, but only 100 are available: PAY-1 and PAY-2. Raise capacity_total_tokens to 110, or "
            "make PAY-1 not mandatory. [mandatory_over_capacity]",
            'Scenarios!E3: In the scenario "Weighted", the initiatives that must be selected cost 110 '
            "tokens, but only 100 are available: PAY-1 and PAY-2. Raise capacity_total_tokens to 110, or "
            "make PAY-1 not mandatory. [mandatory_over_capacity]",
        ],
        stopped=["North", "Weighted"],
    ),
    "what is mandatory costs more than the reserve leaves": Case(
        {**BOTH_MANDATORY, "Scenarios!E2": 115, "Scenarios!P1": "reserve", "Scenarios!P2": 0.2},
        [
            'Scenarios!E2: In the scenario "North", the initiatives that must be selected cost 110 '
            "tokens, but only 92 are available beside the reserve: PAY-1 and PAY-2. Raise "
            "capacity_total_tokens to 137.5, or make PAY-2 or PAY-1 not mandatory. [mandatory_over_capacity]"
        ],
        stopped=["North"],
    ),
    "several of what is mandatory have to go": Case(
        {**BOTH_MANDATORY, "Scenarios!E2": 20},
        [
            'Scenarios!E2: In the scenario "North", the initiatives that must be selected cost 110 '
            "tokens, but only 20 are available: PAY-1 and PAY-2. Raise capacity_total_tokens to 110, or "
            "make PAY-1 and PAY-2 not mandatory. [mandatory_over_capacity]"
        ],
        stopped=["North"],
    ),
    "what is mandatory costs too much of a resource": Case(
        {**MANDATORY, "Scenarios!M2": 4},
        [
            'Scenarios!M2: In the scenario "North", the initiatives that must be selected cost 5 design days, but '
            "only 4 are available: PAY-1. Raise capacity: design days to 5, or make PAY-1 not mandatory. "
            "[mandatory_over_capacity]"
        ],
        stopped=["North"],
    ),
}


@pytest.mark.parametrize(("capacity", "cost", "fits"), [(0, 1e-13, True), (0, 1e-11, False), (10, 10 + 5e-9, True)])
def test_what_is_mandatory_fits_by_the_rule_of_the_optimizer(capacity: float, cost: float, fits: bool) -> None:
    result = checked({**MANDATORY, "Scenarios!M2": capacity, "Initiatives!Q2": cost})
    assert list(result.stopped) == ([] if fits else ["North"])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
