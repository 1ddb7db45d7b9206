"""Each business rule: what it allows, what it forbids, how it words itself. Rows and own measure must agree."""

import itertools

import pytest

from optimizer import evaluate, solve_scenario
from optimizer.model.rows import Candidates
from optimizer.plan import (
    TOKENS,
    AnyPrerequisite,
    Ban,
    Bundle,
    ChangeLimit,
    CountBound,
    Incompatibility,
    Kept,
    Mandate,
    Plan,
    Prerequisite,
    ShareBound,
    Slice,
    Target,
    TargetKind,
    TokenBound,
)
from optimizer.portfolio import Status
from optimizer.rules import RULES, rules_of
from optimizer.rules.reasons import Facts
from optimizer.rules.rule import Rule
from tests.optimizer.plans import initiative, plan, scenario
from tests.optimizer.rules.test_timing import TIMED_KINDS

UK = Slice(dimension="market", key="UK")
IN_UK = {"dimensions": {"market": "UK"}}


def three(**on_a: object) -> list[object]:
    """A and B in the UK, C elsewhere; 1 token each; gmv 3, 2, 1; churn 1, 2, 4."""
    return [
        initiative("A", 1.0, gmv=3.0, churn=1.0, **IN_UK, **on_a),
        initiative("B", 1.0, gmv=2.0, churn=2.0, **IN_UK),
        initiative("C", 1.0, gmv=1.0, churn=4.0),
    ]


def floor(kpi: str, value: float, **fields: object) -> Target:
    return Target(kpi=kpi, value=value, kind=TargetKind.FLOOR, **fields)


# kind of rule, plan, a selection that it allows, one that it forbids, how it words itself
CASES = [
    pytest.param(
        "capacity",
        plan(three(), scenario(capacity=2.0, capacity_sources={TOKENS: "Scenarios!H3"})),
        "AB",
        "ABC",
        "the token capacity is 2 (Scenarios!H3)",
        id="capacity",
    ),
    pytest.param(
        "capacity",
        plan(three(costs={"design": 0.3}), scenario(capacities={"design": 0.2})),
        "BC",
        "A",
        "the design capacity is 0.2",
        id="capacity-of-a-further-resource",
    ),
    pytest.param(
        "capacity",
        plan(
            three(),
            scenario(
                capacity=3.0, reserve=0.2, capacity_sources={TOKENS: "Scenarios!H3"}, reserve_source="Scenarios!I3"
            ),
        ),
        "AB",
        "ABC",
        "the token capacity is 3, of which 20% is kept free (Scenarios!H3, Scenarios!I3)",
        id="capacity-with-a-reserve",
    ),
    pytest.param(
        "capacity_cap",
        plan(three(), scenario(rules=(TokenBound(slice=UK, max_tokens=1.0, source="Constraints!F2"),))),
        "AC",
        "AB",
        "market UK gets at most 1 token (Constraints!F2)",
        id="capacity_cap",
    ),
    pytest.param(
        "capacity_floor",
        plan(three(), scenario(rules=(TokenBound(slice=UK, min_tokens=2.0),))),
        "AB",
        "AC",
        "market UK gets at least 2 tokens",
        id="capacity_floor",
    ),
    pytest.param(
        "count_cap",
        plan(three(), scenario(rules=(CountBound(max_count=2),))),
        "AB",
        "ABC",
        "at most 2 initiatives are selected for the whole portfolio",
        id="count_cap",
    ),
    pytest.param(
        "count_floor",
        plan(three(), scenario(rules=(CountBound(slice=UK, min_count=2),))),
        "AB",
        "AC",
        "at least 2 initiatives are selected for market UK",
        id="count_floor",
    ),
    pytest.param(
        "capacity_cap",
        plan(
            three(costs={"design": 2.0}),
            scenario(rules=(TokenBound(slice=UK, max_tokens=1.0, resource="design"),)),
        ),
        "B",
        "A",
        "market UK gets at most 1 design",
        id="capacity_cap-of-a-further-resource",
    ),
    pytest.param(
        "count_cap",
        plan(three(), scenario(rules=(CountBound(members=("A", "C"), max_count=1),))),
        "AB",
        "AC",
        "at most 1 of A and C is selected",
        id="count_cap-of-members",
    ),
    pytest.param(
        "count_floor",
        plan(three(), scenario(rules=(CountBound(members=("A", "B", "C"), min_count=2, source="Constraints!I2"),))),
        "AC",
        "B",
        "at least 2 of A, B and C are selected (Constraints!I2)",
        id="count_floor-of-members",
    ),
    pytest.param(
        "mandatory",
        plan(three(is_mandatory=True, mandate_reason="regulation", source="Initiatives!A2"), scenario()),
        "A",
        "B",
        "A is mandatory: regulation (Initiatives!A2)",
        id="mandatory-on-the-initiative",
    ),
    pytest.param(
        "mandatory",
        plan(three(), scenario(rules=(Mandate(initiative="A"),))),
        "AB",
        "",
        "A is mandatory",
        id="mandatory-in-the-scenario",
    ),
    pytest.param(
        "exclude_initiative",
        plan(three(), scenario(rules=(Ban(initiative="A"),))),
        "B",
        "A",
        "A is left out of this scenario",
        id="exclude_initiative",
    ),
    pytest.param(
        "exclude_pair",
        plan(three(exclusion_keys=("B",)), scenario()),
        "AC",
        "AB",
        "A and B exclude each other",
        id="exclusion-on-one-of-the-two",
    ),
    pytest.param(
        "exclude_pair",
        plan(three(), scenario(rules=(Incompatibility(members=("A", "B", "C")),))),
        "C",
        "AC",
        "A, B and C exclude each other",
        id="exclusion-in-the-scenario",
    ),
    pytest.param(
        "bundle",
        plan([*three(bundle_key="Launch")[:1], initiative("B", bundle_key="Launch"), initiative("C")], scenario()),
        "ABC",
        "AC",
        "bundle Launch: A and B, all or none",
        id="bundle-on-initiatives",
    ),
    pytest.param(
        "bundle",
        plan(three(), scenario(rules=(Bundle(label="Launch", members=("A", "B")),))),
        "C",
        "B",
        "bundle Launch: A and B, all or none",
        id="bundle-in-the-scenario",
    ),
    pytest.param(
        "bundle",
        plan([*three(), initiative("D", is_candidate=False)], scenario(rules=(Bundle(label="L", members=("A", "D")),))),
        "B",
        "A",
        "bundle L: A and D, all or none, and D not being a candidate of this scenario, none",
        id="bundle-with-a-member-that-is-no-candidate",
    ),
    pytest.param(
        "prerequisite",
        plan(three(prerequisite_keys=("B", "C")), scenario()),
        "ABC",
        "AB",
        "A needs B and C",
        id="prerequisite-on-the-initiative",
    ),
    pytest.param(
        "prerequisite",
        plan(three(), scenario(rules=(Prerequisite(initiative="A", requires=("B",)),))),
        "B",
        "A",
        "A needs B",
        id="prerequisite-in-the-scenario",
    ),
    pytest.param(
        "prerequisite",
        plan([*three(prerequisite_keys=("D",)), initiative("D", period_key="Q2")], scenario(period_key="Q1")),
        "B",
        "A",
        "A needs D, but D is not a candidate of this scenario",
        id="prerequisite-of-another-period",
    ),
    pytest.param(
        "variant_of",
        plan([initiative("A"), initiative("B", variant_of="A"), initiative("C", variant_of="A")], scenario()),
        "B",
        "AC",
        "at most one variant of A: A, B or C",
        id="variant_of",
    ),
    pytest.param(
        "kpi_floor",
        plan(three(), scenario(targets=(floor("gmv", 4.0),))),
        "AC",
        "BC",
        "gmv must come to at least 4",
        id="kpi_floor",
    ),
    pytest.param(
        "kpi_floor",
        plan(three(), scenario(targets=(floor("gmv", 4.0, slice=UK),))),
        "AB",
        "AC",
        "gmv in market UK must come to at least 4",
        id="kpi_floor-of-a-slice",
    ),
    pytest.param(
        "kpi_floor",
        plan(three(), scenario(targets=(floor("churn", 3.0, stated=103.0, baseline=100.0, source="Targets!E2"),))),
        "AB",
        "AC",
        "churn must come to at most 103, from a baseline of 100 (Targets!E2)",
        id="kpi_floor-where-lower-is-better",
    ),
    pytest.param(
        "share_floor",
        plan(three(), scenario(rules=(ShareBound(slice=UK, min_share=0.6, source="Constraints!I2"),))),
        "ABC",
        "AC",
        "market UK gets at least 60% of the tokens spent (Constraints!I2)",
        id="share_floor",
    ),
    pytest.param(
        "share_cap",
        plan(three(), scenario(rules=(ShareBound(slice=UK, max_share=2 / 3),))),
        "ABC",
        "AB",
        "market UK gets at most 66.6666667% of the tokens spent",
        id="share_cap",
    ),
    pytest.param(
        "share_floor_of_capacity",
        plan(three(), scenario(capacity=4.0, rules=(ShareBound(slice=UK, min_share=0.5, of_capacity=True),))),
        "AB",
        "AC",
        "market UK gets at least 50% of the token capacity",
        id="share_floor_of_capacity",
    ),
    pytest.param(
        "share_cap_of_capacity",
        plan(three(), scenario(capacity=4.0, rules=(ShareBound(slice=UK, max_share=0.25, of_capacity=True),))),
        "AC",
        "AB",
        "market UK gets at most 25% of the token capacity",
        id="share_cap_of_capacity",
    ),
    pytest.param(
        "prerequisite_any",
        plan(three(), scenario(rules=(AnyPrerequisite(initiative="A", any_of=("B", "C")),))),
        "AC",
        "A",
        "A needs B or C",
        id="prerequisite_any",
    ),
    pytest.param(
        "prerequisite_any",
        plan(
            [*three(), initiative("D", is_candidate=False)],
            scenario(rules=(AnyPrerequisite(initiative="A", any_of=("B", "D")),)),
        ),
        "AB",
        "AC",
        "A needs B or D, of which D is not a candidate of this scenario",
        id="prerequisite_any-with-one-that-is-no-candidate",
    ),
    pytest.param(
        "prerequisite_any",
        plan(
            [*three(), initiative("D", is_candidate=False), initiative("E", is_candidate=False)],
            scenario(rules=(AnyPrerequisite(initiative="A", any_of=("D", "E")),)),
        ),
        "BC",
        "A",
        "A needs D or E, but none of them is a candidate of this scenario",
        id="prerequisite_any-without-any-candidate",
    ),
    pytest.param(
        "keep",
        plan(
            three(),
            scenario(rules=(Kept(initiative="A", since="the approval of 2026-01-05", source="Scenarios!I2"),)),
        ),
        "AB",
        "BC",
        "A is kept from the approval of 2026-01-05 (Scenarios!I2)",
        id="keep",
    ),
    pytest.param(
        "max_changes",
        plan(three(), scenario(rules=(ChangeLimit(reference=("A", "B"), most=1, source="Scenarios!J2"),))),
        "ABC",
        "BC",
        "at most 1 initiative comes in or goes out against the last run (Scenarios!J2)",
        id="max_changes",
    ),
]


def the_rule(asked: Plan, kind: str) -> Rule:
    return next(rule for rule in rules_of(asked, asked.scenario("S")) if rule.kind == kind)


@pytest.mark.parametrize(("kind", "asked", "allowed", "_forbidden", "_wording"), CASES)
def test_rule_allows(kind: str, asked: Plan, allowed: str, _forbidden: str, _wording: str) -> None:
    assert the_rule(asked, kind).violation(frozenset(allowed)) == 0
    assert evaluate(asked, "S", allowed).is_allowed


@pytest.mark.parametrize(("kind", "asked", "_allowed", "forbidden", "_wording"), CASES)
def test_rule_forbids(kind: str, asked: Plan, _allowed: str, forbidden: str, _wording: str) -> None:
    rule = the_rule(asked, kind)
    assert rule.violation(frozenset(forbidden)) > 0
    assert [violation.rule.kind for violation in evaluate(asked, "S", forbidden).violations] == [kind]


def reasons_given(rule: Rule, asked: Plan, selection: str) -> dict[str, str]:
    """What the rule says about each initiative where exactly these are selected."""
    candidates = asked.candidates(asked.scenario("S"))
    facts = Facts(
        selected=frozenset(selection),
        left_out={i.key: i for i in candidates if i.key not in selection},
        demanded=frozenset(rule.demands()),
        ratios=dict.fromkeys((i.key for i in candidates), 0.0),
        least_ratio=0.0,
    )
    found = (*rule.why_in(facts), *rule.why_out(facts))
    return {
        reason.initiative: " ".join(filter(None, (reason.words, reason.figures, *reason.others))) for reason in found
    }


# case: a selection, and what the rule says about each initiative that it decides about
REASONS = {
    "capacity": ("AB", {"C": "would not fit: needs 1 token, 0 left"}),
    "capacity-of-a-further-resource": ("BC", {"A": "would not fit: needs 0.3 design, 0.2 left"}),
    "capacity-with-a-reserve": ("AB", {"C": "would not fit: needs 1 token, 0.4 left"}),
    "capacity_cap": ("AC", {"B": "would not fit: needs 1 token for market UK, 0 left"}),
    "capacity_floor": ("AB", dict.fromkeys("AB", "keeps the floor for market UK")),
    "count_cap": ("AB", {"C": "no place left: at most 2 initiatives are selected for the whole portfolio"}),
    "count_floor": ("ABC", dict.fromkeys("AB", "keeps 2 initiatives selected for market UK")),
    "capacity_cap-of-a-further-resource": ("B", {"A": "would not fit: needs 2 design for market UK, 1 left"}),
    "count_cap-of-members": ("AB", {"C": "no place left: at most 1 of A and C is selected"}),
    "count_floor-of-members": ("AC", dict.fromkeys("AC", "keeps 2 of A, B and C selected")),
    "mandatory-on-the-initiative": ("AB", {"A": "mandatory: regulation"}),
    "mandatory-in-the-scenario": ("A", {"A": "mandatory"}),
    "exclude_initiative": ("B", {"A": "left out by a rule of the scenario"}),
    "exclusion-on-one-of-the-two": ("AC", {"B": "excluded by A, which is selected"}),
    "exclusion-in-the-scenario": (
        "C",
        {"A": "excluded by C, which is selected", "B": "excluded by C, which is selected"},
    ),
    "bundle-on-initiatives": ("ABC", {"A": "part of bundle Launch", "B": "part of bundle Launch"}),
    "bundle-in-the-scenario": (
        "C",
        dict.fromkeys("AB", "bundle Launch does not fit or pay as a whole"),
    ),
    "bundle-with-a-member-that-is-no-candidate": ("B", {"A": "bundle L needs D, which is not a candidate"}),
    "prerequisite-on-the-initiative": ("ABC", {"B": "needed by A", "C": "needed by A"}),
    "prerequisite-in-the-scenario": ("C", {"A": "needs B, which is not selected"}),
    "prerequisite-of-another-period": ("B", {"A": "needs D, which is not a candidate"}),
    "variant_of": ("B", {"A": "variant B selected instead", "C": "variant B selected instead"}),
    "kpi_floor": ("ABC", {"A": "keeps the floor for gmv"}),
    "kpi_floor-of-a-slice": ("AB", dict.fromkeys("AB", "keeps the floor for gmv in market UK")),
    "kpi_floor-where-lower-is-better": ("AB", {"C": "would break the limit for churn"}),
    "share_floor": (
        "ABC",
        {"A": "keeps market UK at 60% or more", "B": "keeps market UK at 60% or more"},
    ),
    "share_cap": ("ABC", {"C": "keeps market UK at 66.6666667% or less"}),
    "share_floor_of_capacity": ("AB", dict.fromkeys("AB", "keeps the share for market UK")),
    "share_cap_of_capacity": ("A", {"B": "would not fit: needs 1 token for market UK, 0 left"}),
    "prerequisite_any": ("AC", {"C": "needed by A"}),
    "prerequisite_any-with-one-that-is-no-candidate": ("C", {"A": "needs B or D, none selected"}),
    "prerequisite_any-without-any-candidate": ("B", {"A": "needs D or E, none a candidate"}),
    "keep": ("A", {"A": "kept from the approval of 2026-01-05"}),
    "max_changes": (
        "A",
        {
            "A": "stays: at most 1 initiative comes in or goes out against the last run",
            "C": "one change too many: at most 1 initiative comes in or goes out against the last run",
        },
    ),
}


def test_every_case_has_its_reason() -> None:
    assert list(REASONS) == [str(case.id) for case in CASES]


@pytest.mark.parametrize(("kind", "asked", "_allowed", "_forbidden", "_wording"), CASES)
def test_rule_gives_reason(
    kind: str, asked: Plan, _allowed: str, _forbidden: str, _wording: str, request: pytest.FixtureRequest
) -> None:
    """In words that a person reads in Results."""
    selection, expected = REASONS[request.node.callspec.id]
    assert reasons_given(the_rule(asked, kind), asked, selection) == expected


@pytest.mark.parametrize(("kind", "asked", "_allowed", "_forbidden", "_wording"), CASES)
def test_rule_gives_reason_wherever_it_decides(
    kind: str, asked: Plan, _allowed: str, _forbidden: str, _wording: str
) -> None:
    """On every selection that keeps the rule: whatever cannot change sides alone because of it hears so from it."""
    rule = the_rule(asked, kind)
    keys = [i.key for i in asked.candidates(asked.scenario("S"))]
    for size in range(len(keys) + 1):
        for selected in itertools.combinations(keys, size):
            if rule.violation(frozenset(selected)):
                continue
            stuck = {key for key in keys if rule.violation(frozenset(selected) ^ {key})}
            assert stuck <= set(reasons_given(rule, asked, "".join(selected))), selected


@pytest.mark.parametrize(("kind", "asked", "_allowed", "_forbidden", "wording"), CASES)
def test_rule_words_itself(kind: str, asked: Plan, _allowed: str, _forbidden: str, wording: str) -> None:
    assert the_rule(asked, kind).wording() == wording


@pytest.mark.parametrize(("kind", "asked", "_allowed", "_forbidden", "_wording"), CASES)
def test_rows_say_what_the_rule_measures(kind: str, asked: Plan, _allowed: str, _forbidden: str, _wording: str) -> None:
    """On every selection of candidates the rows hold exactly where the rule measures no violation."""
    rule = the_rule(asked, kind)
    candidates = Candidates(asked, asked.scenario("S"))
    for values in itertools.product([0.0, 1.0], repeat=len(candidates.initiatives)):
        bits = candidates.bits(values)
        kept = all(row.cut(bits) is None for row in rule.rows(candidates))
        assert kept == (rule.violation(candidates.keys(bits)) == 0)


@pytest.mark.parametrize(("kind", "asked", "_allowed", "forbidden", "_wording"), CASES)
def test_solver_keeps_the_rule(kind: str, asked: Plan, _allowed: str, forbidden: str, _wording: str) -> None:
    """Even where all that the rule forbids is mandatory, it wins."""
    question = asked.scenario("S")
    keys = [key for key in forbidden if kind != "mandatory"]
    forced = question.model_copy(
        update={"rules": (*question.rules, *(Mandate(initiative=key) for key in keys))},
    )
    answer = solve_scenario(asked.model_copy(update={"scenarios": (forced,)}), "S")
    others = [i.key for i in asked.candidates(question) if i.key not in forbidden]
    if answer.status is Status.INFEASIBLE:
        assert not others or answer.conflict is not None
    else:
        assert evaluate(asked, "S", answer.selected).is_allowed


def test_every_class_of_rules_has_a_case_that_allows_and_one_that_forbids() -> None:
    """Those about time have theirs in `test_timing`."""
    assert {case.values[0] for case in CASES} | TIMED_KINDS == {rule_class.kind for rule_class in RULES}
    assert len({rule_class.kind for rule_class in RULES}) == len(RULES)


def test_mandate_of_an_initiative_that_is_no_candidate_is_impossible() -> None:
    asked = plan(
        [initiative("A", period_key="Q2"), initiative("B")],
        scenario(period_key="Q1", rules=(Mandate(initiative="A"),)),
    )
    answer = solve_scenario(asked, "S")
    assert answer.status is Status.INFEASIBLE
    assert answer.conflict is not None
    assert answer.conflict.sentence == (
        "No portfolio keeps this rule: A is mandatory, but it is not a candidate of this scenario."
    )
    assert [relaxation.sentence for relaxation in answer.conflict.relaxations] == ["make A not mandatory"]


def test_own_mandate_of_another_period_does_not_bind() -> None:
    asked = plan([initiative("A", period_key="Q2", is_mandatory=True)], scenario(period_key="Q1"))
    assert solve_scenario(asked, "S").selected == ()


def test_own_rules_and_the_scenarios_add_up() -> None:
    asked = plan(three(exclusion_keys=("B",)), scenario(rules=(Incompatibility(members=("B", "C")),), capacity=9.0))
    assert solve_scenario(asked, "S").selected == ("A", "C")
