"""Each rule that knows time: what it allows and forbids, how it words itself. Rows and own measure must agree."""

import itertools

import pytest

from optimizer import evaluate, solve_scenario
from optimizer.model.rows import Candidates
from optimizer.plan import AnyPrerequisite, Initiative, PeriodCapacity, Plan, Prerequisite, Selection, Slice, TokenBound
from optimizer.portfolio import Status
from optimizer.rules import RULES, rules_of
from optimizer.rules.rule import BoundRule, Rule
from tests.optimizer.plans import GMV, initiative, scenario

QUARTERS = ("2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")
Q3, Q4, Q1, Q2 = QUARTERS
DATA = Slice(dimension="department", key="Data")
IN_DATA = {"dimensions": {"department": "Data"}}


def year(initiatives: list[Initiative], **fields: object) -> Plan:
    """A plan over four quarters."""
    question = scenario(**{"from_period": Q3, "to_period": Q2, **fields})
    return Plan(kpis=(GMV,), initiatives=tuple(initiatives), scenarios=(question,), periods=QUARTERS)


def two(**on_a: object) -> list[Initiative]:
    """A takes two quarters and 6 tokens, B one quarter and 2 tokens; both are Data's."""
    return [initiative("A", 6.0, gmv=3.0, duration=2, **IN_DATA, **on_a), initiative("B", 2.0, gmv=2.0, **IN_DATA)]


# kind of rule, plan, starts that it allows, starts that it forbids, how it words itself
CASES = [
    pytest.param(
        "period_capacity",
        year(two(), rules=(PeriodCapacity(amount=4.0, period=Q4, slice=DATA, source="Capacity!F7"),)),
        {"A": Q3, "B": Q3},
        {"A": Q3, "B": Q4},
        "the capacity for department Data in 2026-Q4 is 4 (Capacity!F7)",
        id="capacity-of-a-team-in-one-quarter",
    ),
    pytest.param(
        "period_capacity",
        year(two(profile=(1.0, 5.0)), to_period=Q4, rules=(PeriodCapacity(amount=4.0, period=Q4),)),
        {"B": Q4},
        {"A": Q3},
        "the token capacity in 2026-Q4 is 4",
        id="capacity-against-a-profile",
    ),
    pytest.param(
        "period_capacity",
        year(two(is_in_progress=True, may_stop=True, stop_cost=1.5), rules=(PeriodCapacity(amount=3.0, period=Q3),)),
        {"A": Q3},
        {"B": Q3},
        "the token capacity in 2026-Q3 is 3",
        id="stopping-costs-in-the-first-quarter",
    ),
    pytest.param(
        "capacity_cap",
        year(two(), from_period=Q4, to_period=Q4, rules=(TokenBound(slice=DATA, max_tokens=1.0),)),
        {},
        {"B": Q4},
        "department Data gets at most 1 token in 2026-Q4",
        id="cap-holds-in-each-quarter",
    ),
    pytest.param(
        "earliest_start",
        year(two(earliest_start=Q4, timing_sources={"earliest_start": "Initiatives!H2"})),
        {"A": Q4},
        {"A": Q3},
        "A starts in 2026-Q4 or later (Initiatives!H2)",
        id="earliest-start",
    ),
    pytest.param(
        "latest_finish",
        year(two(latest_finish=Q4, timing_sources={"latest_finish": "Initiatives!I2"})),
        {"A": Q3},
        {"A": Q4},
        "A is finished in 2026-Q4 or earlier (Initiatives!I2)",
        id="latest-finish",
    ),
    pytest.param(
        "latest_finish",
        year(two(latest_finish=Q3), from_period=Q4),
        {"B": Q4},
        {"A": Q4},
        "A is finished in 2026-Q3 or earlier",
        id="latest-finish-before-the-plan-begins",
    ),
    pytest.param(
        "in_progress",
        year(two(is_in_progress=True, source="Initiatives!A2")),
        {"A": Q3},
        {"B": Q3},
        "A is in progress and goes on (Initiatives!A2)",
        id="work-in-progress-goes-on",
    ),
    pytest.param(
        "prerequisite",
        year([*two(), initiative("C", prerequisite_keys=("A",))]),
        {"A": Q3, "C": Q4},
        {"A": Q4, "C": Q4},
        "C needs A",
        id="starts-when-its-prerequisite-is-finished",
    ),
    pytest.param(
        "prerequisite",
        year(two(), rules=(Prerequisite(initiative="B", requires=("A",), lag=1, source="Constraints!A4"),)),
        {"A": Q3, "B": Q1},
        {"A": Q3, "B": Q4},
        "B needs A, finished 1 period before it starts (Constraints!A4)",
        id="starts-a-lag-later",
    ),
    pytest.param(
        "prerequisite_any",
        year(two(), rules=(AnyPrerequisite(initiative="B", any_of=("A",), source="Constraints!A5"),)),
        {"A": Q3, "B": Q4},
        {"A": Q4, "B": Q4},
        "B needs A (Constraints!A5)",
        id="starts-when-one-of-several-is-finished",
    ),
    pytest.param(
        "period_capacity",
        year(
            two(),
            reserve=0.5,
            reserve_source="Scenarios!J2",
            rules=(PeriodCapacity(amount=6.0, period=Q4, source="Capacity!F7"),),
        ),
        {"A": Q3},
        {"A": Q3, "B": Q4},
        "the token capacity in 2026-Q4 is 6, of which 50% is kept free (Capacity!F7, Scenarios!J2)",
        id="reserve-of-a-quarter",
    ),
]
TIMED_KINDS = frozenset(rule_class.kind for rule_class in RULES if rule_class.__module__.endswith(".timing")) | {
    "period_capacity"
}


def the_rule(asked: Plan, kind: str) -> Rule:
    (rule,) = (rule for rule in rules_of(asked, asked.scenario("S")) if rule.kind == kind)
    return rule


def selection(asked: Plan, starts: dict[str, str]) -> Selection:
    horizon = asked.horizon(asked.scenario("S"))
    return Selection({key: horizon.index(period) for key, period in starts.items()})


@pytest.mark.parametrize(("kind", "asked", "allowed", "forbidden", "wording"), CASES)
def test_rule_allows_forbids_and_words_itself(
    kind: str, asked: Plan, allowed: dict[str, str], forbidden: dict[str, str], wording: str
) -> None:
    rule = the_rule(asked, kind)
    assert rule.violation(selection(asked, allowed)) == 0
    assert rule.violation(selection(asked, forbidden)) > 0
    assert rule.wording() == wording
    broken = [violation.rule.wording() for violation in evaluate(asked, "S", forbidden).violations]
    assert wording in broken


@pytest.mark.parametrize(("kind", "asked", "_allowed", "_forbidden", "_wording"), CASES)
def test_rows_say_what_the_rule_measures(
    kind: str, asked: Plan, _allowed: dict[str, str], _forbidden: dict[str, str], _wording: str
) -> None:
    """With every combination of starts the rows hold exactly where the rule measures no violation."""
    rule = the_rule(asked, kind)
    candidates = Candidates(asked, asked.scenario("S"))
    kept_by_some = False
    for values in itertools.product([0.0, 1.0], repeat=len(candidates.options)):
        bits = candidates.bits(values)
        if any(row.cut(bits) is not None for row in candidates.start_rows):
            continue
        kept = all(row.cut(bits) is None for row in rule.rows(candidates))
        assert kept == (rule.violation(candidates.keys(bits)) == 0)
        kept_by_some |= kept
    assert kept_by_some


def test_every_rule_about_time_has_a_case() -> None:
    assert {str(case.values[0]) for case in CASES} >= TIMED_KINDS


@pytest.mark.parametrize(
    ("kind", "fields", "stated", "words"),
    [
        ("latest_finish", {"latest_finish": Q4}, 3.0, "let A finish 1 period later, in 2027-Q1"),
        ("latest_finish", {"latest_finish": Q4}, 4.0, "let A finish 2 periods later, in 2027-Q2"),
        ("earliest_start", {"earliest_start": Q1}, 4.0, "let A start in 2026-Q3"),
    ],
)
def test_date_that_gives_way_says_how_far(kind: str, fields: dict[str, str], stated: float, words: str) -> None:
    rule = the_rule(year(two(**fields)), kind)
    assert isinstance(rule, BoundRule)
    assert rule.change(stated) == words


def test_conflict_names_periods_and_ways_out() -> None:
    """Data is too small for both by the end of the year: each way out was solved."""
    asked = year(
        [
            *two(latest_finish=Q4, is_mandatory=True, mandate_reason="audit"),
            initiative("C", 3.0, is_mandatory=True, latest_finish=Q4, **IN_DATA),
        ],
        rules=(PeriodCapacity(amount=4.0, slice=DATA, source="Capacity!F2"),),
    )
    conflict = solve_scenario(asked, "S").conflict
    assert conflict is not None
    assert conflict.sentence == (
        "No portfolio keeps these rules together: the capacity for department Data in each of 2026-Q3 and 2026-Q4 is 4 "
        "(Capacity!F2), A is mandatory: audit, C is mandatory, A is finished in 2026-Q4 or earlier and C is "
        "finished in 2026-Q4 or earlier."
    )
    assert [relaxation.sentence for relaxation in conflict.relaxations] == [
        "raise the capacity for department Data in each period from 4 to 6",
        "make A not mandatory",
        "make C not mandatory",
        "let A finish 1 period later, in 2027-Q1",
        "let C finish 1 period later, in 2027-Q1",
    ]


def test_mandatory_work_that_is_longer_than_the_plan() -> None:
    asked = year(two(is_mandatory=True), to_period=Q3)
    answer = solve_scenario(asked, "S")
    assert answer.status is Status.INFEASIBLE
    assert answer.conflict is not None
    assert answer.conflict.sentence == (
        "No portfolio keeps this rule: A is mandatory, but it cannot be finished within 2026-Q3."
    )


def test_reasons_know_time() -> None:
    asked = year(
        [
            initiative("done", 4.0, gmv=9.0, is_in_progress=True, **IN_DATA),
            initiative("after", 4.0, gmv=8.0, prerequisite_keys=("done",), **IN_DATA),
            initiative("large", 4.0, gmv=1.0, **IN_DATA),
            initiative("huge", 5.0, gmv=20.0, **IN_DATA),
            initiative("long", 1.0, gmv=7.0, duration=3),
            initiative("late", 1.0, gmv=2.0, prerequisite_keys=("after",), latest_finish=Q3),
        ],
        to_period=Q4,
        rules=(PeriodCapacity(amount=4.0, slice=DATA),),
    )
    answer = solve_scenario(asked, "S")
    assert answer.starts == {"done": Q3, "after": Q4}
    assert answer.reasons == {
        "done": "in progress",
        "after": "on merit",
        "large": (
            "fits in no period beside those selected: the capacity for department Data in 2026-Q3 and the capacity for "
            "department Data in 2026-Q4"
        ),
        "huge": (
            "fits in no period, even alone: the capacity for department Data in 2026-Q3 and the capacity for "
            "department Data in 2026-Q4"
        ),
        "long": "cannot be finished between 2026-Q3 and 2026-Q4",
        "late": ("fits in no period beside those selected: late needs after and the latest finish of late"),
    }
