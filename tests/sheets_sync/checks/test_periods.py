"""Plans over several periods: which periods they have, what rows say about time, capacity by period; on their cells."""

from datetime import date

import pytest

from optimizer.plan import TOKENS, PeriodCapacity, Prerequisite, Slice
from sheets_sync.checks import check
from tests.sheets_sync.sheets import Case, edited, snapshot

YEAR = {
    "KPIs": [["kpi_key", "kpi_level", "unit", "accrues"], ["gmv", "north_star", "GBP", "each_period"]],
    "Initiatives": [
        [
            "initiative_key",
            "engineering_tokens",
            "department",
            "status",
            "remaining_tokens",
            "earliest_start",
            "latest_finish",
            "duration_periods",
            "tokens_in_1",
            "tokens_in_2",
            "tokens_in_3",
            "may_stop",
            "stop_cost",
            "prerequisite_keys",
            "gmv",
        ],
        ["A", 6, "Data", "in progress", 4, None, None, 2, None, None, None, True, 1, None, 10],
        ["B", 5, "Data", None, None, None, "2026-Q4", None, None, None, None, None, None, "A", 20],
        ["C", 9, "Growth", None, None, "2026-Q4", None, 2, 3, 6, None, None, None, None, 30],
    ],
    "Scenarios": [
        ["scenario_name", "from_period", "to_period", "objective_mode", "capacity_total_tokens", "period_key"],
        ["Year", "2026-Q3", "2027-Q2", "north_star", None, None],
    ],
    "Constraints": [["constraint_type", "member_keys", "lag_periods"], ["prerequisite", "C, B", 1]],
    "Targets": [["kpi_key", "target_value", "period_key"], ["gmv", 5, "2027-Q1"]],
    "Capacity": [
        ["period_key", "dimension", "dimension_key", "amount", "resource"],
        [None, "department", "Data", 8, None],
        ["Q4 2026", None, None, 12, None],
        [None] * 5,
        [None, "department", "Growth", 9, None],
    ],
}
SPRINTS = [
    ["period_key", "starts", "ends"],
    ["2026-Q3", date(2026, 7, 6), date(2026, 9, 25)],
    ["2026-Q4", date(2026, 9, 28), None],
    ["2027-Q1", date(2027, 1, 4), date(2027, 3, 26)],
    ["2027-Q2", date(2027, 3, 29), date(2027, 6, 25)],
]
"""Quarters whose days are those of the team: from Monday to Friday."""
CASES = {
    "a team that nothing limits, beside one that has a capacity": Case(
        {"Capacity!A5": "2026-Q3", "Initiatives!C3": "Web"},
        [
            (
                "Initiatives!A3: No row of the Capacity tab limits department Web in 2026-Q3, 2027-Q1 and 2027-Q2, so "
                '"Year" may plan any amount of its work then. Add a row for it, or one for the whole portfolio; '
                "nothing to do if it is never short. [team_without_capacity]"
            ),
            (
                "Initiatives!A4: No row of the Capacity tab limits department Growth in 2027-Q1 and 2027-Q2, so "
                '"Year" may plan any amount of its work then. Add a row for it, or one for the whole portfolio; '
                "nothing to do if it is never short. [team_without_capacity]"
            ),
        ],
        [],
    ),
    "days that are no dates": Case(
        {"Periods": SPRINTS, "Periods!B2": "Monday", "Periods!C2": 46000},
        [
            'Periods!B2: starts is "Monday", which is not a date. Type a date, such as 2026-07-01. [not_a_date]',
            'Periods!C2: ends is "46000", which is not a date. Type a date, such as 2026-07-01. [not_a_date]',
        ],
        ["Year"],
    ),
    "a period that ends before it starts": Case(
        {"Periods": SPRINTS, "Periods!C2": "2026-07-01"},
        [
            (
                'Periods!C2: "2026-Q3" starts on 2026-07-06 and ends on 2026-07-01. Correct one of the two dates. '
                "[period_backwards]"
            ),
        ],
        ["Year"],
    ),
    "periods that overlap": Case(
        {"Periods": SPRINTS, "Periods!B3": "2026-09-21"},
        [
            (
                'Periods!B3: "2026-Q4" starts on 2026-09-21, but "2026-Q3" above it ends on 2026-09-25. Correct one of '
                "the two dates, or put the rows in the order of time. [periods_overlap]"
            ),
        ],
        ["Year"],
    ),
    "days between two periods": Case(
        {"Periods": SPRINTS, "Periods!B3": "2026-10-05"},
        [
            (
                'Periods!B3: "2026-Q3" ends on 2026-09-25, and "2026-Q4" starts on 2026-10-05: 9 days are in neither. '
                "Nothing to do if nobody works then; otherwise correct one of the two dates. [periods_gap]"
            ),
        ],
        [],
    ),
    "what counts for work in progress, of work that is not": Case(
        {"Initiatives!D2": None},
        [
            (
                'Initiatives!E2: remaining_tokens counts only for work in progress, and "A" is not. Correct its '
                "status, or clear the cell. [not_in_progress]"
            ),
            (
                'Initiatives!L2: may_stop counts only for work in progress, and "A" is not. Correct its status, '
                "or clear the cell. [not_in_progress]"
            ),
            (
                'Initiatives!M2: stop_cost counts only for work in progress, and "A" is not. Correct its status, '
                "or clear the cell. [not_in_progress]"
            ),
        ],
        [],
    ),
    "half a period": Case(
        {"Initiatives!H3": 1.5},
        [
            ("Initiatives!H3: duration_periods must be a whole number of periods. Round it up. [part_of_a_period]"),
        ],
        ["Year"],
    ),
    "a profile shorter than the work": Case(
        {"Initiatives!H4": 3},
        [
            (
                'Initiatives!H4: "C" cannot be finished by 2027-Q2 in "Year", because "B" comes first. Nothing to do '
                "if it is to wait; otherwise move its dates or those of what comes first. [never_in_time]"
            ),
            (
                "Initiatives!J4: The effort is given for 2 periods of work that takes 3 periods. Fill in one "
                "number for each period of the work, or none. [profile_length]"
            ),
        ],
        ["Year"],
    ),
    "a profile that does not add up": Case(
        {"Initiatives!J4": 5},
        [
            (
                "Initiatives!J4: The effort by period adds up to 8, but the effort is 9. Make the two equal. "
                "[profile_sum]"
            ),
        ],
        ["Year"],
    ),
    "a deadline before the earliest start": Case(
        {"Initiatives!F3": "2027-Q1"},
        [
            (
                "Initiatives!G3: It may start in 2027-Q1 at the earliest and takes 1 period, so it cannot be "
                "finished in 2026-Q4. Move one of the two, or shorten the work. [finish_before_start]"
            ),
            (
                'Initiatives!H4: "C" cannot be finished by 2027-Q2 in "Year", because "B" comes first. Nothing to do '
                "if it is to wait; otherwise move its dates or those of what comes first. [never_in_time]"
            ),
        ],
        ["Year"],
    ),
    "a date that is no period of the plan": Case(
        {"Initiatives!G3": "Sprint 4"},
        [
            (
                'Initiatives!G3: "Sprint 4" in latest_finish is no period among 2026-Q3 to 2027-Q2. Correct it, '
                "or add it to the Periods tab. [unknown_period]"
            ),
        ],
        ["Year"],
    ),
    "a prerequisite that takes too long": Case(
        {"Initiatives!H3": 2},
        [
            (
                'Initiatives!G3: "B" cannot be finished by 2026-Q4 in "Year", because "A" comes first. Nothing '
                "to do if it is to wait; otherwise move its dates or those of what comes first. [never_in_time]"
            ),
            (
                'Initiatives!H4: "C" cannot be finished by 2027-Q2 in "Year", because "B" comes first. Nothing to do '
                "if it is to wait; otherwise move its dates or those of what comes first. [never_in_time]"
            ),
        ],
        [],
    ),
    "a mandatory initiative whose chain is longer than the plan": Case(
        {
            "Scenarios!C2": "2026-Q4",
            "Constraints!A3": "mandatory",
            "Constraints!B3": "C",
            "Constraints!D1": "notes",
            "Constraints!D3": "law",
            "Targets": None,
        },
        [
            (
                'Initiatives!H4: "C" is mandatory, but it cannot be finished by 2026-Q4 in "Year", because "B" comes '
                "first. Move its dates or those of what comes first, plan over more periods, or make it optional. "
                "[mandatory_too_late]"
            ),
        ],
        ["Year"],
    ),
    "a plan without its last period": Case(
        {"Scenarios!C2": None},
        [
            (
                "Scenarios!C2: to_period is blank, so nobody knows which periods the plan has. Fill in both "
                "from_period and to_period, or neither. [period_without_end]"
            ),
        ],
        ["Year"],
    ),
    "a period beside a horizon": Case(
        {"Scenarios!F2": "2026-Q3"},
        [
            (
                'Scenarios!F2: The period "2026-Q3" and from_period are two answers to one question. Clear the '
                "period, or from_period and to_period. [period_and_horizon]"
            ),
            (
                'Scenarios!F2: No initiative has the period "2026-Q3"; only those without a period are '
                "considered. Check period_key here and in the Initiatives tab. [period_without_initiatives]"
            ),
        ],
        ["Year"],
    ),
    "a plan that ends before it begins": Case(
        {"Scenarios!B2": "2027-Q2", "Scenarios!C2": "2026-Q3"},
        [
            ("Scenarios!C2: The plan is from 2027-Q2 to 2026-Q3, which is backwards. Swap the two. [periods_reversed]"),
        ],
        ["Year"],
    ),
    "sprints without the Periods tab": Case(
        {"Scenarios!B2": "Sprint 1"},
        [
            (
                'Scenarios!B2: "Sprint 1" in from_period is no period such as 2026-Q3. Correct it, or add it to '
                "the Periods tab. [unknown_period]"
            ),
        ],
        ["Year"],
    ),
    "plans over quarters and over months": Case(
        {
            "Scenarios!A3": "Months",
            "Scenarios!B3": "2026-07",
            "Scenarios!C3": "2026-12",
            "Scenarios!D3": "north_star",
        },
        [
            (
                'Scenarios!B3: "2026-07" is not as long as 2026-Q3, which another plan over several periods has. '
                "Use periods of one length, or list all of them in the Periods tab. [mixed_periods]"
            ),
        ],
        ["Months"],
    ),
    "a year that is a mistake": Case(
        {"Scenarios!C2": "2099-Q1"},
        [
            (
                "Scenarios!C2: The workbook speaks of 291 periods from the first to the last. Check the years of "
                "its periods. [too_many_periods]"
            ),
        ],
        ["Year"],
    ),
    "a capacity given twice, in two spellings": Case(
        {"Capacity!A4": "2026-Q4", "Capacity!D4": 3},
        [
            (
                "Capacity!D4: A capacity for the whole portfolio in 2026-Q4 is already given in Capacity!D3. "
                "Remove one of the two. [repeated_capacity]"
            ),
        ],
        ["Year"],
    ),
    "a capacity of a period that no scenario plans": Case(
        {"Capacity!A3": "2028-Q1"},
        [
            (
                "Capacity!A3: No scenario plans over a period that this row is about, so it limits nothing. "
                "Correct the period or the scenario, or remove the row. [capacity_not_used]"
            ),
        ],
        [],
    ),
    "a capacity of an unknown period": Case(
        {"Capacity!A3": "Sprint 1"},
        [
            (
                'Capacity!A3: "Sprint 1" in period_key is no period among 2026-Q3 to 2027-Q2. Correct it, or add '
                "it to the Periods tab. [unknown_period]"
            ),
        ],
        ["Year"],
    ),
    "a plan that nothing limits": Case(
        {"Capacity": None},
        [
            (
                "Scenarios!E2: Nothing limits what this plan may spend. Fill in the capacity here, or add rows "
                "to the Capacity tab. [no_capacity]"
            ),
        ],
        ["Year"],
    ),
    "tokens that nothing limits, beside a resource that something limits": Case(
        {
            "Initiatives!P1": "cost: design",
            "Initiatives!P2": 2,
            "Capacity!E2": "design",
            "Capacity!E3": "design",
            "Capacity!E5": "design",
        },
        [
            (
                'Scenarios!E2: The scenario "Year" has no capacity_total_tokens, so the tokens that initiatives cost '
                "are not limited. Type the capacity if they should be. [tokens_not_limited]"
            ),
        ],
        [],
    ),
    "a target of a period that is not planned": Case(
        {"Targets!C2": "2029-Q1"},
        [
            (
                'Targets!C2: No scenario of this target plans "2029-Q1". Correct period_key, or clear it. '
                "[target_of_no_plan]"
            ),
        ],
        ["Year"],
    ),
    "a lag of half a period": Case(
        {"Constraints!C2": 0.5},
        [
            "Constraints!C2: lag_periods must be a whole number of periods. Round it up. [part_of_a_period]",
        ],
        ["Year"],
    ),
    "columns about time in a workbook without such a plan": Case(
        {"Scenarios!B2": None, "Scenarios!C2": None, "Scenarios!E2": 10, "Capacity": None, "Targets": None},
        [
            (
                "KPIs!D2: accrues counts only in a scenario with from_period and to_period, and there is none. "
                "Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
            (
                "Initiatives!H2: duration_periods counts only in a scenario with from_period and to_period, and "
                "there is none. Nothing to do, unless you want a plan over several periods: then fill in these "
                "two. [timing_not_used]"
            ),
            (
                "Initiatives!L2: may_stop counts only in a scenario with from_period and to_period, and there is "
                "none. Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
            (
                "Initiatives!M2: stop_cost counts only in a scenario with from_period and to_period, and there "
                "is none. Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
            (
                "Initiatives!G3: latest_finish counts only in a scenario with from_period and to_period, and "
                "there is none. Nothing to do, unless you want a plan over several periods: then fill in these "
                "two. [timing_not_used]"
            ),
            (
                "Initiatives!F4: earliest_start counts only in a scenario with from_period and to_period, and "
                "there is none. Nothing to do, unless you want a plan over several periods: then fill in these "
                "two. [timing_not_used]"
            ),
            (
                "Initiatives!I4: tokens_in_1 counts only in a scenario with from_period and to_period, and there "
                "is none. Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
            (
                "Initiatives!J4: tokens_in_2 counts only in a scenario with from_period and to_period, and there "
                "is none. Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
            (
                "Constraints!C2: lag_periods counts only in a scenario with from_period and to_period, and there "
                "is none. Nothing to do, unless you want a plan over several periods: then fill in these two. "
                "[timing_not_used]"
            ),
        ],
        [],
    ),
    "a Periods tab with a period twice and the last one missing": Case(
        {"Periods": [["period_key"], ["2026-Q3"], ["2026-Q4"], ["2026-Q4"], ["2027-Q1"]]},
        [
            (
                'Scenarios!C2: "2027-Q2" in to_period is no period of the Periods tab. Correct it, or add it to '
                "the Periods tab. [unknown_period]"
            ),
            (
                'Periods!A4: period_key "2026-Q4" is already used in A3 (case and surrounding blanks do not '
                "count). Give each row a key of its own. [duplicate_key]"
            ),
        ],
        ["Year"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    result = check(snapshot(edited(case.edits, YEAR)))
    assert [str(issue) for issue in result.issues] == list(case.reported)
    assert list(result.stopped) == list(case.stopped)


def test_year_becomes_a_plan() -> None:
    result = check(snapshot(YEAR))
    assert result.issues == ()
    assert result.plan is not None
    assert result.plan.periods == ("2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")
    year = result.plan.scenario("Year")
    assert (year.from_period, year.to_period, year.capacities) == ("2026-Q3", "2027-Q2", {})
    assert [target.period for target in year.targets] == ["2027-Q1"]
    assert year.rules == (
        Prerequisite(initiative="C", requires=("B",), lag=1, source="Constraints!B2"),
        PeriodCapacity(amount=8.0, slice=Slice(dimension="department", key="Data"), source="Capacity!D2"),
        PeriodCapacity(amount=12.0, period="2026-Q4", source="Capacity!D3"),
        PeriodCapacity(amount=9.0, slice=Slice(dimension="department", key="Growth"), source="Capacity!D5"),
    )
    a, c = result.plan.initiative("A"), result.plan.initiative("C")
    assert (a.costs[TOKENS], a.duration, a.is_in_progress, a.may_stop, a.stop_cost) == (4.0, 2, True, True, 1.0)
    assert (c.earliest_start, c.profile) == ("2026-Q4", (3.0, 6.0))


@pytest.mark.parametrize(
    ("written", "meant"), [("2026", "2026-Q4"), ("2026-11", "2026-Q4"), ("Q3 2026", "2026-Q3"), ("2025", "2025-Q4")]
)
def test_date_in_other_words_is_a_period_of_the_plan(written: str, meant: str) -> None:
    """A longer one means its end where it is a deadline, a shorter one the period that holds it."""
    plan = check(snapshot(edited({"Initiatives!G4": written, "Initiatives!F4": None}, YEAR))).plan
    assert plan is not None
    assert plan.initiative("C").latest_finish == meant


def test_sprints_are_in_the_order_of_their_tab() -> None:
    sprints = {
        "Periods": [["period_key"], ["Sprint 9"], ["Sprint 10"], ["Sprint 11"]],
        "Scenarios!B2": "Sprint 9",
        "Scenarios!C2": "sprint 11",
        "Initiatives!F4": None,
        "Initiatives!G3": "Sprint 10",
        "Capacity!A3": None,
        "Targets": None,
    }
    plan = check(snapshot(edited(sprints, YEAR))).plan
    assert plan is not None
    assert plan.horizon(plan.scenario("Year")) == ("Sprint 9", "Sprint 10", "Sprint 11")
    assert plan.initiative("B").latest_finish == "Sprint 10"


def test_plan_of_one_period_beside_it_is_as_before() -> None:
    """The same rows without a horizon: dates and durations do not matter, and the whole effort counts."""
    one = {"Scenarios!A3": "Now", "Scenarios!D3": "north_star", "Scenarios!E3": 20}
    plan = check(snapshot(edited(one, YEAR))).plan
    assert plan is not None
    assert plan.horizon(plan.scenario("Now")) == ()
    assert [target.kpi for target in plan.scenario("Now").targets] == []


def test_dates_of_initiatives_find_the_sprint_that_holds_them() -> None:
    """A day between two sprints is in the later one for a start, and in the earlier one for a finish."""
    names = [f"Sprint {number}" for number in (9, 10, 11)]
    days = [(date(2026, 7, 6), date(2026, 7, 17)), (date(2026, 7, 20), date(2026, 7, 31)), (date(2026, 8, 3), None)]
    edits = {
        "Periods": [
            ["Sprint", "Start date", "End date"],
            *([name, *ends] for name, ends in zip(names, days, strict=True)),
        ],
        "Periods!C4": date(2026, 8, 14),
        "Scenarios!B2": "Sprint 9",
        "Scenarios!C2": "Sprint 11",
        "Constraints": None,
        "Targets": None,
        "Capacity": [["amount", "period_key"], [20, None], [15, "Sprint 10"]],
    }
    for address, moment in (
        ("F3", date(2026, 7, 18)),
        ("G3", "2026-08-04"),
        ("F4", date(2026, 7, 8)),
        ("G4", "July 2026"),
    ):
        edits[f"Initiatives!{address}"] = moment
    result = check(snapshot(edited(edits, YEAR)))
    assert [str(issue) for issue in result.issues] == []
    assert result.plan is not None
    found = {one.key: (one.earliest_start, one.latest_finish) for one in result.plan.initiatives}
    assert found == {"A": (None, None), "B": ("Sprint 10", "Sprint 11"), "C": ("Sprint 9", "Sprint 10")}
    assert result.plan.periods == tuple(names)
