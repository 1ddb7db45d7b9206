"""Why it is impossible, in words; and every way out that is proposed is applied and solved."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Conflict, explain_infeasible, solve_scenario
from optimizer.explain.conflict import proven_conflict
from optimizer.model.rows import Candidates
from optimizer.plan import (
    TOKENS,
    AnyPrerequisite,
    Bundle,
    CountBound,
    Incompatibility,
    Mandate,
    ObjectiveMode,
    Plan,
    Prerequisite,
    Scenario,
    ShareBound,
    Slice,
    Target,
    TargetKind,
    TokenBound,
)
from optimizer.portfolio import Relaxation, Status
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

UK = Slice(dimension="market", key="UK")
IN_UK = {"dimensions": {"market": "UK"}}


def conflict(asked: Plan, solver: str = "highs") -> Conflict:
    answer = solve_scenario(asked, "S", solver=solver)
    assert answer.status is Status.INFEASIBLE
    assert answer.conflict is not None
    return answer.conflict


def sentences(found: Conflict) -> list[str]:
    return [relaxation.sentence for relaxation in found.relaxations]


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_mandatory_set_over_capacity(solver: str) -> None:
    asked = plan(
        [
            initiative("INIT-6", 700.0, is_mandatory=True, mandate_reason="law", source="Initiatives!A6"),
            initiative("INIT-7", 420.0, is_mandatory=True, mandate_reason="promise", source="Initiatives!A7"),
            initiative("INIT-8", 100.0, gmv=1.0),
        ],
        scenario(capacity=1000.0, capacity_sources={TOKENS: "Scenarios!G2"}),
    )
    found = conflict(asked, solver)
    assert found.minimal
    assert found.sentence == (
        "No portfolio keeps these rules together: the token capacity is 1,000 (Scenarios!G2), "
        "INIT-6 is mandatory: law (Initiatives!A6) and INIT-7 is mandatory: promise (Initiatives!A7)."
    )
    assert [rule.source for rule in found.rules] == ["Scenarios!G2", "Initiatives!A6", "Initiatives!A7"]
    assert sentences(found) == [
        "raise the token capacity from 1,000 to 1,120",
        "make INIT-6 not mandatory",
        "make INIT-7 not mandatory",
    ]
    (change,) = found.relaxations[0].changes
    assert (change.from_value, change.to_value, change.rule.kind) == (1000.0, 1120.0, "capacity")


def test_only_the_mandatory_initiatives_that_it_takes_are_blamed() -> None:
    asked = plan(
        [initiative(f"M{n}", tokens, is_mandatory=True) for n, tokens in enumerate([1.0, 1.0, 9.0, 5.0])],
        scenario(capacity=10.0),
    )
    assert [rule.wording for rule in conflict(asked).rules][1:] == ["M2 is mandatory", "M3 is mandatory"]


def test_fewest_commitments_are_named_where_none_is_enough_alone() -> None:
    """180 tokens where 100 are there: without B and D 100 are left; no other two are enough and cost less."""
    committed = zip("ABCD", (60.0, 50.0, 40.0, 30.0), strict=True)
    asked = plan([initiative(key, tokens, is_mandatory=True) for key, tokens in committed], scenario(capacity=100.0))
    found = conflict(asked)
    assert sentences(found) == [
        "raise the token capacity from 100 to 180",
        "make B not mandatory and make D not mandatory",
    ]
    assert all(relaxation.least for relaxation in found.relaxations)


def test_floor_above_all_that_exists() -> None:
    asked = plan(
        [initiative("A", 140.0, **IN_UK), initiative("B", 500.0)],
        scenario(rules=(TokenBound(slice=UK, min_tokens=200.0, source="Constraints!E4"),)),
    )
    found = conflict(asked)
    assert found.sentence == ("No portfolio keeps this rule: market UK gets at least 200 tokens (Constraints!E4).")
    assert sentences(found) == ["lower the floor for market UK from 200 to 140"]


def test_floor_above_the_cap_of_the_same_slice() -> None:
    asked = plan(
        [initiative("A", 100.0, **IN_UK), initiative("B", 150.0, **IN_UK)],
        scenario(
            rules=(TokenBound(slice=UK, max_tokens=120.0), TokenBound(slice=UK, min_tokens=130.0)),
        ),
    )
    assert sentences(conflict(asked)) == [
        "raise the cap for market UK from 120 to 150",
        "lower the floor for market UK from 130 to 100",
    ]


def test_rules_of_yes_and_no() -> None:
    """A must come, needs B, and excludes it."""
    asked = plan(
        [initiative("A", is_mandatory=True, prerequisite_keys=("B",), exclusion_keys=("B",)), initiative("B")],
        scenario(capacity=5.0),
    )
    found = conflict(asked)
    assert found.minimal
    assert sentences(found) == ["make A not mandatory", "allow A and B together", "let A go without B"]


def test_bundle_taken_apart() -> None:
    asked = plan(
        [initiative("A", 1.0), initiative("B", 9.0)],
        scenario(
            capacity=5.0,
            rules=(Bundle(label="Launch", members=("A", "B")), Mandate(initiative="A")),
        ),
    )
    assert sentences(conflict(asked)) == [
        "raise the token capacity from 5 to 10",
        "make A not mandatory",
        "take bundle Launch apart",
    ]


def test_counts_are_whole() -> None:
    asked = plan(
        [initiative("A", 2.0), initiative("B", 2.0), initiative("C", 2.0)],
        scenario(capacity=5.0, rules=(CountBound(min_count=3),)),
    )
    assert sentences(conflict(asked)) == [
        "raise the token capacity from 5 to 6",
        "lower the smallest number of initiatives for the whole portfolio from 3 to 2",
    ]


def test_floor_with_a_baseline_is_relaxed_as_the_sheet_states_it() -> None:
    target = Target(kpi="gmv", value=100.0, stated=10000.0, baseline=9900.0, kind=TargetKind.FLOOR, source="Targets!F2")
    found = conflict(plan([initiative("A", gmv=60.0)], scenario(targets=(target,))))
    assert sentences(found) == ["lower the floor for gmv from 10,000 to 9,960"]


def test_limit_where_lower_is_better_is_raised() -> None:
    target = Target(kpi="churn", value=2.0, kind=TargetKind.FLOOR)
    asked = plan([initiative("A", churn=3.5, is_mandatory=True)], scenario(targets=(target,)))
    assert sentences(conflict(asked)) == ["make A not mandatory", "raise the limit for churn from 2 to 3.5"]


def test_two_conflicts_at_once_are_mended_together() -> None:
    asked = plan(
        [initiative("A", 5.0, is_mandatory=True, **IN_UK), initiative("B", 5.0, gmv=1.0)],
        scenario(capacity=4.0, targets=(Target(kpi="gmv", value=2.0, kind=TargetKind.FLOOR),)),
    )
    found = conflict(asked)
    assert found.sentence == (
        "No portfolio keeps this rule: gmv must come to at least 2. Nor does any keep these together: the "
        "token capacity is 4 and A is mandatory."
    )
    assert [[rule.kind for rule in other] for other in found.further] == [["capacity", "mandatory"]]
    (together,) = found.relaxations
    assert len(together.changes) == 2
    assert_works(asked, together)


def test_possible_scenario_has_no_conflict() -> None:
    assert explain_infeasible(plan([initiative("A")], scenario(capacity=1.0)), "S") is None


def test_conflict_can_be_asked_for_directly() -> None:
    asked = plan([initiative("A", 2.0, is_mandatory=True)], scenario(capacity=1.0))
    assert explain_infeasible(asked, "S") == conflict(asked)


def test_time_limit_leaves_a_conflict_that_is_not_minimal() -> None:
    asked = plan(
        [initiative("A", is_mandatory=True, prerequisite_keys=("B",), exclusion_keys=("B",)), initiative("B")],
        scenario(capacity=5.0),
    )
    found = explain_infeasible(asked, "S", time_limit_s=0.0)
    assert found is None or not found.minimal


# proofs before solving are never false claims


def question(asked: Plan) -> Question:
    own = asked.scenario("S")
    return Question(asked, own, rules_of(asked, own), Candidates(asked, own), SolverChoice(), Clock())


def test_floors_of_overlapping_slices_are_not_added_up() -> None:
    both = {"dimensions": {"market": "UK", "department": "Growth"}}
    asked = plan(
        [initiative("A", 60.0, **both)],
        scenario(
            capacity=60.0,
            rules=(
                TokenBound(slice=UK, min_tokens=60.0),
                TokenBound(slice=Slice(dimension="department", key="Growth"), min_tokens=60.0),
            ),
        ),
    )
    assert proven_conflict(question(asked)) is None
    assert solve_scenario(asked, "S").selected == ("A",)


def test_negative_contributions_do_not_hide_what_can_be_reached() -> None:
    asked = plan(
        [initiative("A", gmv=10.0), initiative("B", gmv=-8.0)],
        scenario(capacity=5.0, targets=(Target(kpi="gmv", value=9.0, kind=TargetKind.FLOOR),)),
    )
    assert proven_conflict(question(asked)) is None
    assert solve_scenario(asked, "S").selected == ("A",)


RANDOM = settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)


@settings(RANDOM, max_examples=150)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 8))
def test_what_is_proven_before_solving_is_true(seed: int, size: int) -> None:
    asked = random_plan(seed, size)
    if proven_conflict(question(asked)) is not None:
        assert not Oracle(asked, asked.scenario("S")).allowed


# every relaxation works


def restated(own: Scenario, relaxation: Relaxation) -> Scenario:
    """The scenario with the changes typed in, found by the words of each rule."""
    fields: dict[str, object] = {}
    for change in relaxation.changes:
        kind, to = change.rule.kind, change.to_value
        source = change.rule.source
        if kind in ("capacity", "period_capacity") and " the reserve " in change.sentence:
            fields["reserve"] = to
        elif kind == "capacity":
            named = change.sentence.split(" capacity ")[0].removeprefix("raise the ")
            resource = TOKENS if named == "token" else named
            fields["capacities"] = {**fields.get("capacities", own.capacities), resource: to}
        elif kind in ("capacity_cap", "capacity_floor"):
            name = "max_tokens" if kind == "capacity_cap" else "min_tokens"
            rules = fields.get("rules", own.rules)
            fields["rules"] = tuple(r.model_copy(update={name: to}) if r.source == source else r for r in rules)
        elif kind == "period_capacity":
            rules = fields.get("rules", own.rules)
            fields["rules"] = tuple(r.model_copy(update={"amount": to}) if r.source == source else r for r in rules)
        elif kind in ("count_cap", "count_floor"):
            name = "max_count" if kind == "count_cap" else "min_count"
            rules = fields.get("rules", own.rules)
            fields["rules"] = tuple(r.model_copy(update={name: int(to)}) if r.source == source else r for r in rules)
        elif kind.startswith("share_") and to is not None:
            name = "max_share" if "cap" in kind.removesuffix("_of_capacity") else "min_share"
            rules = fields.get("rules", own.rules)
            fields["rules"] = tuple(r.model_copy(update={name: to}) if r.source == source else r for r in rules)
        elif kind == "kpi_floor":
            targets = fields.get("targets", own.targets)
            fields["targets"] = tuple(
                t.model_copy(update={"value": to if t.stated is None else to - t.baseline, "stated": t.stated and to})
                if t.source == source
                else t
                for t in targets
            )
        else:
            kept = fields.get("rules", own.rules)
            fields["rules"] = tuple(rule for rule in kept if rule.source not in str(source).split(", "))
    return own.model_copy(update=fields)


def assert_works(asked: Plan, relaxation: Relaxation) -> None:
    changed = asked.model_copy(update={"scenarios": (restated(asked.scenario("S"), relaxation),)})
    assert solve_scenario(changed, "S").status.has_portfolio, relaxation.sentence


def crowded(seed: int) -> Plan:
    """A scenario with so many rules that it is often impossible; all stand in the scenario, each with a source."""
    random = Random(seed)
    keys = [f"I{n}" for n in range(7)]

    def amount() -> float:
        return random.choice([1.0, 2.0, 0.1, 1 / 3, round(random.uniform(0.5, 9.0), 3)])

    initiatives = [
        initiative(
            key,
            amount(),
            gmv=amount() * random.choice([1, 1, -1]),
            churn=amount(),
            costs={"design": amount()},
            dimensions={"market": random.choice(["UK", "DE"])},
        )
        for key in keys
    ]
    cells = iter(range(1000))

    def source() -> dict[str, str]:
        return {"source": f"C!{next(cells)}"}

    return plan(
        initiatives,
        scenario(
            capacity=amount() * 2,
            rules=(
                TokenBound(slice=UK, min_tokens=amount(), **source()),
                TokenBound(slice=UK, max_tokens=amount() * 2, **source()),
                CountBound(min_count=random.randint(1, 4), **source()),
                CountBound(slice=UK, max_count=random.randint(0, 3), **source()),
                *(Mandate(initiative=key, **source()) for key in random.sample(keys, 2)),
                Incompatibility(members=tuple(random.sample(keys, 3)), **source()),
                Bundle(label="B", members=tuple(random.sample(keys, 2)), **source()),
                Prerequisite(initiative=keys[0], requires=(random.choice(keys[1:]),), **source()),
            ),
            targets=(
                Target(kpi="gmv", value=amount(), kind=TargetKind.FLOOR, **source()),
                Target(kpi="churn", value=amount(), kind=TargetKind.FLOOR, stated=10.3, baseline=0.1, **source()),
            ),
        ),
    )


def with_shares(asked: Plan, seed: int) -> Plan:
    """The same with shares, a reserve and an alternative in place of most of its rules."""
    random = Random(f"shares {seed}")
    own = asked.scenario("S")
    shares = (
        ShareBound(slice=UK, min_share=random.choice([0.2, 0.55, 0.9]), source="C!s1"),
        ShareBound(slice=Slice(dimension="market", key="DE"), min_share=random.choice([0.1, 0.4, 0.6]), source="C!s2"),
        ShareBound(slice=UK, max_share=random.choice([0.05, 0.3, 0.7]), resource="design", source="C!s3"),
        ShareBound(slice=UK, max_share=random.choice([0.2, 0.5]), of_capacity=True, source="C!s4"),
        CountBound(members=("I1", "I2", "I3"), min_count=random.randint(1, 3), source="C!s5"),
        AnyPrerequisite(initiative="I1", any_of=("I4", "I5"), source="C!s6"),
    )
    rules = (*random.sample(own.rules, 4), *random.sample(shares, 4))
    fields = {"rules": rules, "reserve": random.choice([0.0, 0.1, 1 / 3]), "reserve_source": "S!r"}
    return asked.model_copy(update={"scenarios": (own.model_copy(update=fields),)})


@settings(RANDOM, max_examples=40)
@given(seed=st.integers(0, 10**9), has_shares=st.booleans())
def test_every_relaxation_works_when_applied(seed: int, has_shares: bool) -> None:
    asked = with_shares(crowded(seed), seed) if has_shares else crowded(seed)
    answer = solve_scenario(asked, "S")
    assert (answer.status is Status.INFEASIBLE) == (not Oracle(asked, asked.scenario("S")).allowed)
    if answer.conflict is None:
        return
    assert answer.conflict.minimal
    assert answer.conflict.relaxations
    for relaxation in answer.conflict.relaxations:
        assert relaxation.least or any(r.kind.endswith("of_capacity") for r in rules_of(asked, asked.scenario("S")))
        assert_works(asked, relaxation)


def platform(tokens: float, **fields: object) -> object:
    return initiative(tokens=tokens, dimensions={"department": "Platform"}, **fields)


def test_share_is_lowered_by_as_little_as_possible() -> None:
    """12 of 62 tokens, or 17 of 100 where P2 takes B along."""
    asked = plan(
        [
            initiative("A", 50.0, is_mandatory=True, gmv=1.0),
            platform(12.0, key="P1"),
            platform(5.0, key="P2", prerequisite_keys=("B",)),
            initiative("B", 33.0),
        ],
        scenario(
            capacity=100.0,
            rules=(
                ShareBound(slice=Slice(dimension="department", key="Platform"), min_share=0.2, source="Constraints!I4"),
            ),
        ),
    )
    found = conflict(asked)
    assert found.sentence == (
        "No portfolio keeps these rules together: A is mandatory, P2 needs B and department Platform gets at least "
        "20% of the tokens spent (Constraints!I4)."
    )
    assert sentences(found) == [
        "make A not mandatory",
        "let P2 go without B",
        "lower the share for department Platform from 20% to 19.35%",
    ]


def test_share_is_found_in_several_steps() -> None:
    """At 40% the largest surplus is that of P1 and P2 (30 of 90); P1 alone has the larger share (10 of 20)."""
    asked = plan(
        [
            initiative("A", 10.0, is_mandatory=True),
            platform(4.0, key="P1"),
            platform(20.0, key="P2", prerequisite_keys=("B",)),
            initiative("B", 30.0),
        ],
        scenario(rules=(ShareBound(slice=Slice(dimension="department", key="Platform"), min_share=0.9),)),
    )
    assert sentences(conflict(asked))[-1] == "lower the share for department Platform from 90% to 37.5%"


def test_capacity_with_a_reserve_has_two_ways_out() -> None:
    asked = plan(
        [initiative("A", 95.0, is_mandatory=True, mandate_reason="law", source="Initiatives!A2")],
        scenario(capacity=100.0, reserve=0.1, capacity_sources={TOKENS: "Scenarios!G2"}, reserve_source="Scenarios!H2"),
    )
    found = conflict(asked)
    assert found.sentence == (
        "No portfolio keeps these rules together: the token capacity is 100, of which 10% is kept free "
        "(Scenarios!G2, Scenarios!H2) and A is mandatory: law (Initiatives!A2)."
    )
    assert sentences(found) == [
        "raise the token capacity from 100 to 105.555556",
        "lower the reserve from 10% to 5%",
        "make A not mandatory",
    ]


def test_alternatives_and_counts_of_members_in_a_conflict() -> None:
    asked = plan(
        [initiative(key, 10.0) for key in "ABCD"],
        scenario(
            capacity=25.0,
            rules=(
                Mandate(initiative="A", source="Constraints!G2"),
                AnyPrerequisite(initiative="A", any_of=("B", "C"), source="Constraints!G3"),
                CountBound(members=("B", "C"), max_count=0, source="Constraints!I4"),
            ),
        ),
    )
    found = conflict(asked)
    assert found.sentence == (
        "No portfolio keeps these rules together: at most 0 of B and C are selected (Constraints!I4), A is mandatory "
        "(Constraints!G2) and A needs B or C (Constraints!G3)."
    )
    assert sentences(found) == [
        "raise the largest number of initiatives out of B and C from 0 to 1",
        "make A not mandatory",
        "let A go without B or C",
    ]


@settings(RANDOM, max_examples=15)
@given(seed=st.integers(0, 10**9), has_shares=st.booleans())
def test_conflict_is_impossible_and_irreducible(seed: int, has_shares: bool) -> None:
    asked = with_shares(crowded(seed), seed) if has_shares else crowded(seed)
    answer = solve_scenario(asked, "S")
    if answer.conflict is None:
        return
    named = {(rule.kind, rule.wording) for rule in answer.conflict.rules}
    core = [rule for rule in rules_of(asked, asked.scenario("S")) if (rule.kind, rule.wording()) in named]
    oracle = Oracle(asked, asked.scenario("S"))
    for left_out in [None, *core]:
        kept = [rule for rule in core if rule is not left_out]
        possible = any(all(not rule.violation(subset) for rule in kept) for subset in oracle.subsets())
        assert possible is (left_out is not None)


def test_floor_on_a_baseline_is_lowered_in_the_digits_of_the_sheet() -> None:
    """In floats .3 + .03 is not .33."""
    floor = Target(kpi="retention_30d", value=0.05, kind=TargetKind.FLOOR, stated=0.35, baseline=0.3)
    asked = plan([initiative("A", retention_30d=0.03)], scenario(capacity=1.0, targets=(floor,)))
    assert "lower the floor for retention_30d from 0.35 to 0.33" in sentences(conflict(asked))


def test_a_share_of_a_capacity_that_has_to_grow_gives_as_well() -> None:
    """More capacity for the kept and the mandatory work asks for more of team x, which has 6 tokens of work."""
    x = Slice(dimension="team", key="x")
    asked = plan(
        [
            initiative("A", 4.0, dimensions={"team": "x"}),
            initiative("B", 6.0, is_mandatory=True, mandate_reason="law"),
            initiative("C", 2.0, dimensions={"team": "x"}),
        ],
        scenario(
            capacity=5.0,
            rules=(
                ShareBound(slice=x, min_share=0.8, of_capacity=True),
                Mandate(initiative="A", reason="law"),
                CountBound(members=("A", "C"), min_count=2),
            ),
        ),
    )
    assert sentences(conflict(asked)) == [
        "raise the token capacity from 5 to 12 and lower the share for team x from 80% to 50%"
    ]


# missed goals


def test_missed_goal_says_how_far_and_at_what_capacity() -> None:
    asked = plan(
        [initiative("A", 700.0, retention_30d=0.012), initiative("B", 420.0, retention_30d=0.008)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 1000.0, targets=(Target(kpi="retention_30d", value=0.02),)),
    )
    answer = solve_scenario(asked, "S")
    (missed,) = answer.missed_goals
    assert (missed.most, missed.capacity_needed, missed.no_capacity_suffices) == (0.012, 1120.0, False)
    assert missed.sentence == (
        "retention_30d: at most 0.012 of the 0.02 asked for can be reached within the rules; "
        "it would need a token capacity of 1,120 (now 1,000)"
    )
    richer = scenario(ObjectiveMode.LEXICOGRAPHIC, missed.capacity_needed, targets=asked.scenarios[0].targets)
    assert solve_scenario(asked.model_copy(update={"scenarios": (richer,)}), "S").status is Status.OPTIMAL


def test_missed_goal_that_no_capacity_meets() -> None:
    asked = plan(
        [initiative("A", 1.0, retention_30d=0.015)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 5.0, targets=(Target(kpi="retention_30d", value=0.02),)),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.no_capacity_suffices
    assert missed.capacity_needed is None
    assert missed.sentence == (
        "retention_30d: at most 0.015 of the 0.02 asked for can be reached within the rules; "
        "no token capacity would be enough for it: all candidates together do not reach it"
    )


def test_missed_goal_that_could_be_met_alone() -> None:
    asked = plan(
        [initiative("A", 1.0, gmv=5.0), initiative("B", 1.0, churn=-5.0)],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC,
            1.0,
            targets=(Target(kpi="gmv", value=5.0), Target(kpi="churn", value=-5.0)),
            target_priorities=(("gmv",), ("churn",)),
        ),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.most == -5.0
    assert missed.sentence == (
        "churn: it could be met on its own, but not together with goals of the same or a higher priority; "
        "together with them it would need a token capacity of 2 (now 1)"
    )


def at_capacity(asked: Plan, capacity: float) -> Plan:
    own = asked.scenario("S")
    return asked.model_copy(
        update={"scenarios": (own.model_copy(update={"capacities": {**own.capacities, TOKENS: capacity}}),)}
    )


def test_missed_goal_that_a_goal_before_it_forbids() -> None:
    asked = plan(
        [
            initiative("A", 40.0, gmv=100.0, exclusion_keys=("C", "D")),
            initiative("B", 50.0, gmv=90.0, exclusion_keys=("C", "D")),
            initiative("C", 30.0, gmv=80.0, retention_30d=0.02),
            initiative("D", 20.0, gmv=70.0, retention_30d=0.01),
        ],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC,
            50.0,
            targets=(Target(kpi="retention_30d", value=0.03), Target(kpi="gmv", value=170.0)),
            target_priorities=(("retention_30d",), ("gmv",)),
        ),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.capacity_needed is None
    assert missed.sentence == (
        "gmv: at most 150 of the 170 asked for can be reached within the rules; "
        "on its own a token capacity of 90 would suffice, but the goals before it forbid it"
    )
    assert [o.met for o in solve_scenario(at_capacity(asked, 900.0), "S").targets] == [True, False]


@settings(RANDOM, max_examples=5)
@given(seed=st.integers(0, 10**9), capacity=st.sampled_from([0.5, 1.0, 2.0]))
def test_proposed_capacity_meets_the_goal(seed: int, capacity: float) -> None:
    asked = at_capacity(random_plan(seed, 6, mode=ObjectiveMode.LEXICOGRAPHIC), capacity)
    for missed in solve_scenario(asked, "S").missed_goals:
        if missed.capacity_needed is None:
            continue
        assert missed.capacity_needed > capacity
        richer = solve_scenario(at_capacity(asked, missed.capacity_needed), "S")
        assert next(o for o in richer.targets if o.target == missed.target).met
        if "it would need" in missed.sentence:
            least = least_capacity(asked, missed.target, capacity)
            assert missed.capacity_needed == pytest.approx(least, rel=1e-7)


def least_capacity(asked: Plan, target: Target, now: float) -> float:
    """The least capacity above the present one at which brute force meets a goal; sums of tokens are all that count."""
    own = asked.scenario("S")
    oracle = Oracle(asked, own)
    for amount in sorted({float(oracle.cost(subset, TOKENS)) for subset in oracle.subsets()}):
        if amount > now:
            richer = Oracle(asked, at_capacity(asked, amount).scenario("S"))
            chosen = richer.answer().selected
            if chosen is not None and richer.is_met(target, chosen):
                return amount
    raise AssertionError("no capacity meets it")


@pytest.mark.parametrize(
    ("mine", "target", "sentence"),
    [
        (
            {"churn": -3.0},
            Target(kpi="churn", value=-5.0),
            "churn: the best that can be reached within the rules is -3, and -5 is asked for",
        ),
        (
            {"gmv": 50.0},
            Target(kpi="gmv", value=100.0, stated=10_000.0, baseline=9_900.0),
            "gmv: at most 50 of the 100 asked for on top of the baseline of 9,900 can be reached within the rules",
        ),
        (
            {"gmv": 2.0},
            Target(kpi="gmv", value=5.0, slice=Slice(dimension="market", key="UK")),
            "gmv in market UK: at most 0 of the 5 asked for can be reached within the rules",
        ),
    ],
)
def test_missed_goal_in_words(mine: dict[str, float], target: Target, sentence: str) -> None:
    asked = plan([initiative("A", **mine)], scenario(ObjectiveMode.LEXICOGRAPHIC, 5.0, targets=(target,)))
    (missed,) = solve_scenario(asked, "S").missed_goals
    hopeless = "no token capacity would be enough for it: all candidates together do not reach it"
    assert missed.sentence == f"{sentence}; {hopeless}"


# time


class Spent(Clock):
    """A clock without a limit, whose patience with what follows an answer is over at once."""

    def extra(self, answer_s: float) -> Clock:  # noqa: ARG002
        return Clock(0.0, self.cancel)

    def ties(self, answer_s: float) -> Clock:
        return self.extra(answer_s)


def test_what_follows_an_answer_ends_of_itself_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.scenario.Clock", Spent)
    asked = plan(
        [initiative("A", 700.0, retention_30d=0.012), initiative("B", 420.0, retention_30d=0.008)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 1000.0, targets=(Target(kpi="retention_30d", value=0.02),)),
    )
    answer = solve_scenario(asked, "S")
    assert answer.status is Status.TARGETS_MISSED
    assert not answer.ties_broken
    (missed,) = answer.missed_goals
    assert missed.sentence == "retention_30d: time ran out before finding out what it would need"


def test_conflict_that_was_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.scenario.Clock", Spent)
    pair = [initiative("A", is_mandatory=True, exclusion_keys=("B",)), initiative("B", is_mandatory=True)]
    found = solve_scenario(plan(pair, scenario(capacity=5.0)), "S").conflict
    assert found is not None
    assert not found.minimal
    assert found.relaxations == ()
    assert found.sentence.endswith(
        "Time ran out before the list could be shortened, so not all of them may be needed for the conflict."
    )


def test_work_that_is_done_is_said_in_other_words_than_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are the same on every machine."""
    monkeypatch.setattr("optimizer.search.clock._LEAST_EXTRA_UNITS", 0.0)
    monkeypatch.setattr("optimizer.search.clock._EXTRA_TIMES", 0.0)
    goals = (Target(kpi="retention_30d", value=0.02),)
    asked = plan(
        [initiative("A", 700.0, retention_30d=0.012), initiative("B", 420.0, retention_30d=0.008)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 1000.0, targets=goals),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.sentence == (
        "retention_30d: finding out what it would need takes more work than the explanation of an answer may"
    )
    pair = [initiative("A", is_mandatory=True, exclusion_keys=("B",)), initiative("B", is_mandatory=True)]
    found = solve_scenario(plan(pair, scenario(capacity=5.0)), "S").conflict
    assert found is not None
    assert found.sentence.endswith(
        "Shortening the list takes more work than finding the conflict may, so not all of them may be needed for it."
    )


@pytest.mark.parametrize(("answer_s", "extra_s"), [(0.1, 120.0), (20.0, 200.0)])
def test_extra_time_is_ten_times_the_answer_s_and_never_more_than_is_left(answer_s: float, extra_s: float) -> None:
    assert Clock().extra(answer_s).limit_s == extra_s
    left = Clock(5.0).extra(answer_s).limit_s
    assert left is not None
    assert left <= 5.0


def test_goal_that_other_rules_stand_against_names_them() -> None:
    """Tokens abound, but A, B and C, which bring the 400 only together, need 19 design days of 10."""
    asked = plan(
        [
            initiative("A", 10.0, costs={"design days": 5.0}, gmv=50.0, is_mandatory=True, mandate_reason="law"),
            initiative("B", 20.0, costs={"design days": 6.0}, gmv=150.0),
            initiative("C", 25.0, costs={"design days": 8.0}, gmv=200.0),
        ],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC,
            300.0,
            capacities={"engineering_tokens": 300.0, "design days": 10.0},
            targets=(Target(kpi="gmv", value=400.0),),
        ),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.sentence == (
        "gmv: at most 50 of the 400 asked for can be reached within the rules; no token capacity would "
        "be enough for it, because the design days capacity is 10; it would need a design days capacity of 19 (now 10)"
    )


def test_goal_of_a_plan_without_tokens_names_the_resource_that_it_needs() -> None:
    """Budget would do: it is the design days of all three that are too many."""
    costs = {"A": (3.0, 5.0), "B": (6.0, 8.0), "C": (2.0, 2.0)}
    asked = plan(
        [initiative(k, 0.0, costs={"budget": b, "design days": d}, gmv=100.0) for k, (b, d) in costs.items()],
        scenario(
            ObjectiveMode.LEXICOGRAPHIC,
            capacities={"budget": 20.0, "design days": 10.0},
            targets=(Target(kpi="gmv", value=300.0),),
        ),
    )
    (missed,) = solve_scenario(asked, "S").missed_goals
    assert missed.sentence == (
        "gmv: at most 200 of the 300 asked for can be reached within the rules; the rules do not allow it, because the "
        "design days capacity is 10; it would need a design days capacity of 15 (now 10)"
    )
