"""The three modes, normalization, goals and synergies, on plans small enough to check by hand."""

import pytest

from optimizer import PlanError, evaluate, solve_scenario
from optimizer.model.objectives import goal_levels, objective_of
from optimizer.plan import (
    Direction,
    Kpi,
    Normalization,
    ObjectiveMode,
    Plan,
    Slice,
    Synergy,
    Target,
    TargetKind,
)
from optimizer.portfolio import Finding, Portfolio, Status
from sheets_sync.checks.check_snapshot import CheckedScenario
from sheets_sync.run.findings_in_words import finding_issues
from tests.optimizer.plans import CHURN, CONVERSION, GMV, RETENTION, initiative, plan, scenario

WEIGHTED = ObjectiveMode.WEIGHTED_KPIS
LEXICOGRAPHIC = ObjectiveMode.LEXICOGRAPHIC
WEIGHTS = {"gmv": 1.0, "retention_30d": 0.4, "conversion_rate": 0.2}


def example(capacity: float = 1000.0, mode: ObjectiveMode = ObjectiveMode.NORTH_STAR, **fields: object) -> Plan:
    """The specification's worked example: A 500, B 450, C 300 tokens."""
    return plan(
        [
            initiative("A", 500.0, gmv=120000.0, conversion_rate=0.002),
            initiative("B", 450.0, gmv=80000.0, retention_30d=0.015),
            initiative("C", 300.0, gmv=40000.0),
        ],
        scenario(mode, capacity, **fields),
    )


@pytest.fixture(params=["highs", "cbc"])
def solver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_north_star_is_the_sum_of_its_contributions(solver: str) -> None:
    answer = solve_scenario(example(), "S", solver=solver)
    assert answer.selected == ("A", "B")
    assert answer.objective == answer.bound == answer.kpi_totals["gmv"] == 200000.0
    assert answer.gap == 0.0
    assert answer.status is Status.OPTIMAL
    assert answer.factors == {}


def test_weighted_scores_follow_the_formula(solver: str) -> None:
    answer = solve_scenario(example(mode=WEIGHTED, weights=WEIGHTS), "S", solver=solver)
    assert answer.scores == {"A": 120000.0004, "B": 80000.006, "C": 40000.0}
    assert answer.objective == pytest.approx(200000.0064, rel=1e-15)
    assert answer.factors == {"gmv": 1.0, "retention_30d": 1.0, "conversion_rate": 1.0}


def test_target_that_no_portfolio_reaches_is_missed_by_what_is_left(solver: str) -> None:
    target = Target(kpi="retention_30d", value=0.02)
    answer = solve_scenario(example(mode=LEXICOGRAPHIC, targets=(target,)), "S", solver=solver)
    assert answer.status is Status.TARGETS_MISSED
    assert "B" in answer.selected
    (outcome,) = answer.targets
    assert not outcome.met
    assert outcome.shortfall == pytest.approx(0.005, rel=1e-12)
    assert answer.stages[0].name == "shortfall of retention_30d"
    assert answer.stages[0].value == pytest.approx(0.25, rel=1e-12)


def test_target_that_one_initiative_alone_reaches_forces_it_in(solver: str) -> None:
    target = Target(kpi="retention_30d", value=0.015)
    answer = solve_scenario(example(500.0, LEXICOGRAPHIC, targets=(target,)), "S", solver=solver)
    assert answer.selected == ("B",)
    assert answer.status is Status.OPTIMAL
    assert answer.targets[0].met
    assert answer.targets[0].shortfall == 0.0


def test_goal_does_not_bind_outside_lexicographic_mode() -> None:
    target = Target(kpi="retention_30d", value=0.015)
    answer = solve_scenario(example(500.0, targets=(target,)), "S")
    assert answer.selected == ("A",)
    assert answer.status is Status.OPTIMAL
    assert not answer.targets[0].met


def test_floor_binds_in_every_mode() -> None:
    target = Target(kpi="retention_30d", value=0.015, kind=TargetKind.FLOOR)
    assert solve_scenario(example(500.0, targets=(target,)), "S").selected == ("B",)


def test_lower_is_better_north_star_is_reported_in_its_own_sign() -> None:
    churn = CHURN.model_copy(update={"is_north_star": True})
    asked = plan(
        [initiative("A", churn=-5.0), initiative("B", churn=-3.0), initiative("C", churn=2.0)],
        scenario(capacity=1.0),
        kpis=(churn,),
    )
    answer = solve_scenario(asked, "S")
    assert answer.selected == ("A",)
    assert answer.objective == answer.bound == -5.0
    assert answer.scores == {"A": 5.0, "B": 3.0, "C": -2.0}


def test_scenario_overrides_the_north_star() -> None:
    assert solve_scenario(example(500.0, north_star="retention_30d"), "S").selected == ("B",)


@pytest.mark.parametrize(
    ("normalization", "factors"),
    [
        (Normalization.NONE, {"gmv": 1.0, "retention_30d": 1.0}),
        (Normalization.SCALE, {"gmv": 1 / 100000.0, "retention_30d": 1 / 0.01}),
        # the goal, not the floor; and the whole portfolio, not a slice
        (Normalization.TARGET, {"gmv": 1 / 50000.0, "retention_30d": 1 / 0.03}),
        # 200,000 with A and B, 0.015 with B
        (Normalization.IDEAL, {"gmv": 1 / 200000.0, "retention_30d": 1 / 0.015}),
    ],
)
def test_normalization_factors(normalization: Normalization, factors: dict[str, float], solver: str) -> None:
    kpis = (GMV.model_copy(update={"scale": 100000.0}), RETENTION.model_copy(update={"scale": 0.01}), CONVERSION)
    asked = example(
        mode=WEIGHTED,
        weights={"gmv": 1.0, "retention_30d": 0.4},
        normalization=normalization,
        targets=(
            Target(kpi="gmv", value=10.0, kind=TargetKind.FLOOR),
            Target(kpi="gmv", value=1.0, slice=Slice(dimension="market", key="UK")),
            Target(kpi="gmv", value=50000.0),
            Target(kpi="retention_30d", value=0.03),
        ),
    ).model_copy(update={"kpis": kpis})
    asked = Plan(kpis=kpis, initiatives=asked.initiatives, scenarios=asked.scenarios)
    answer = solve_scenario(asked, "S", solver=solver)
    assert answer.factors == pytest.approx(factors, rel=1e-15)
    weighted = (
        answer.kpi_totals["gmv"] * factors["gmv"] + 0.4 * answer.kpi_totals["retention_30d"] * factors["retention_30d"]
    )
    assert answer.objective == pytest.approx(weighted, rel=1e-12)


def test_ideal_without_any_contribution_counts_as_it_is_and_says_so() -> None:
    asked = example(mode=WEIGHTED, weights={"gmv": 1.0, "churn": 1.0}, normalization=Normalization.IDEAL)
    answer = solve_scenario(asked, "S")
    assert answer.factors["churn"] == 1.0
    assert Finding("ideal_is_zero", "churn", {"reason": "no contribution"}) in answer.findings


def test_ideal_of_a_kpi_that_is_best_left_alone_says_so() -> None:
    asked = plan(
        [initiative("A", gmv=5.0, churn=2.0), initiative("B", gmv=3.0, churn=1.0)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "churn": 1.0}, normalization=Normalization.IDEAL),
    )
    answer = solve_scenario(asked, "S")
    assert Finding("ideal_is_zero", "churn", {"reason": "best is nothing"}) in answer.findings
    row = CheckedScenario("S", 2, "Scenarios!A2", WEIGHTED, is_chosen=True, weight_places={"churn": "Scenarios!H2"})
    (issue,) = [i for i in finding_issues([(answer, row)]) if i.code == "best_is_nothing"]
    assert (issue.tab, issue.cell) == ("Scenarios", "H2")
    assert issue.message.endswith(
        "so normalization ideal cannot scale it and it counts in its own unit. Use scale or target."
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mode": WEIGHTED}, "scenario 'S' has no weight above 0"),
        (
            {"mode": WEIGHTED, "weights": {"gmv": 1.0}, "normalization": Normalization.SCALE},
            "normalization scale needs a scale for KPI 'gmv'",
        ),
        (
            {"mode": WEIGHTED, "weights": {"gmv": 1.0}, "normalization": Normalization.TARGET},
            "normalization target needs a target other than 0 for KPI 'gmv' in scenario 'S'",
        ),
    ],
)
def test_objective_that_the_plan_does_not_define_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match=f"^{message}$"):
        solve_scenario(example(**fields), "S")


def test_plan_without_north_star_is_refused() -> None:
    asked = plan([initiative("A", gmv=1.0)], scenario(), kpis=(Kpi(key="gmv"),))
    with pytest.raises(PlanError, match=r"^scenario 'S' needs a north star, and no KPI is one$"):
        solve_scenario(asked, "S")


def test_ideal_needs_factors_to_be_evaluated() -> None:
    asked = example(mode=WEIGHTED, weights=WEIGHTS, normalization=Normalization.IDEAL)
    with pytest.raises(PlanError, match="best total"):
        evaluate(asked, "S", ["A"])
    answer = solve_scenario(asked, "S")
    assert evaluate(asked, "S", answer.selected, factors=answer.factors).objective == pytest.approx(answer.objective)
    with pytest.raises(PlanError, match="no factor is given"):
        evaluate(asked, "S", ["A"], factors={})


# goals


def priorities(*groups: tuple[str, ...]) -> Portfolio:
    """A brings gmv 10, B retention 10; there is room for one; each target is 10."""
    asked = plan(
        [initiative("A", gmv=10.0), initiative("B", retention_30d=10.0, gmv=1.0)],
        scenario(
            LEXICOGRAPHIC,
            1.0,
            targets=(Target(kpi="gmv", value=10.0), Target(kpi="retention_30d", value=10.0)),
            target_priorities=groups,
        ),
    )
    return solve_scenario(asked, "S")


def test_first_priority_wins() -> None:
    assert priorities(("gmv",), ("retention_30d",)).selected == ("A",)
    assert priorities(("retention_30d",), ("gmv",)).selected == ("B",)


def test_goals_that_are_not_named_come_last() -> None:
    assert priorities(("retention_30d",)).selected == ("B",)
    assert [stage.name for stage in priorities(("retention_30d",)).stages[:2]] == [
        "shortfall of retention_30d",
        "shortfall of gmv",
    ]


def test_equal_goals_share_one_level() -> None:
    answer = priorities()
    # B leaves 0.9 of gmv, A leaves all of retention
    assert answer.selected == ("B",)
    assert answer.stages[0].name == "shortfall of gmv = retention_30d"
    assert answer.stages[0].value == pytest.approx(0.9)


def test_kpi_named_twice_counts_where_it_is_named_first() -> None:
    asked = example(
        mode=LEXICOGRAPHIC,
        targets=(Target(kpi="gmv", value=1.0), Target(kpi="retention_30d", value=1.0)),
        target_priorities=(("gmv",), ("retention_30d", "gmv"), ("churn",)),
    )
    levels = goal_levels(asked, asked.scenario("S"))
    assert [level.name for level in levels] == ["gmv", "retention_30d"]


def test_goal_of_zero_is_relative_to_the_largest_contribution() -> None:
    asked = plan(
        [initiative("A", gmv=10.0, churn=4.0, is_mandatory=True), initiative("B", gmv=1.0, churn=-1.0)],
        scenario(LEXICOGRAPHIC, 5.0, targets=(Target(kpi="churn", value=0.0),)),
    )
    answer = solve_scenario(asked, "S")
    assert answer.selected == ("A", "B")
    assert answer.stages[0].value == pytest.approx(3 / 4)
    assert answer.targets[0].shortfall == pytest.approx(3.0)


def test_goals_leave_room_for_a_weighted_secondary_objective() -> None:
    asked = example(
        500.0,
        LEXICOGRAPHIC,
        targets=(Target(kpi="gmv", value=80000.0),),
        secondary_objective=WEIGHTED,
        weights={"retention_30d": 1.0},
    )
    answer = solve_scenario(asked, "S")
    assert answer.selected == ("B",)
    assert answer.objective == 0.015


# synergies


@pytest.mark.parametrize(
    ("value", "expected"),
    [(10.0, ("A", "B")), (-10.0, ("C",)), (1.0, ("A", "B"))],
    ids=["worth-it", "harmful", "exactly-as-good-and-cheaper"],
)
def test_synergy_counts_when_all_members_are_selected(value: float, expected: tuple[str, ...], solver: str) -> None:
    """Room for A and B, or for C alone, which is worth 1 more than A and B without synergy."""
    asked = plan(
        [initiative("A", 1.0, gmv=5.0), initiative("B", 1.0, gmv=5.0), initiative("C", 3.0, gmv=11.0)],
        scenario(capacity=3.0, rules=(Synergy(members=("A", "B"), kpi="gmv", value=value),)),
    )
    answer = solve_scenario(asked, "S", solver=solver)
    assert answer.selected == expected
    assert answer.synergies[0].earned == (expected == ("A", "B"))
    assert answer.objective == answer.kpi_totals["gmv"] == (10.0 + value if expected == ("A", "B") else 11.0)


def test_synergy_of_a_lower_kpi_helps_when_negative() -> None:
    churn = Kpi(key="churn", direction=Direction.LOWER, is_north_star=True)
    asked = plan(
        [initiative("A", churn=1.0), initiative("B", churn=1.0)],
        scenario(capacity=2.0, rules=(Synergy(members=("A", "B"), kpi="churn", value=-5.0),)),
        kpis=(churn,),
    )
    assert solve_scenario(asked, "S").objective == -3.0


def test_synergy_with_a_member_that_is_no_candidate_is_never_earned() -> None:
    asked = plan(
        [initiative("A", gmv=1.0), initiative("B", gmv=1.0, is_candidate=False)],
        scenario(capacity=2.0, rules=(Synergy(members=("A", "B"), kpi="gmv", value=9.0),)),
    )
    answer = solve_scenario(asked, "S")
    assert answer.objective == 1.0
    assert not answer.synergies[0].earned


def test_synergy_counts_in_a_slice_only_if_all_members_are_in_it() -> None:
    uk, de = ({"dimensions": {"market": market}} for market in ("UK", "DE"))
    part = Slice(dimension="market", key="UK")
    asked = plan(
        [initiative("A", gmv=1.0, **uk), initiative("B", gmv=1.0, **uk), initiative("C", gmv=1.0, **de)],
        scenario(
            capacity=3.0,
            targets=(Target(kpi="gmv", value=6.0, slice=part), Target(kpi="gmv", value=108.0)),
            rules=(
                Synergy(members=("A", "B"), kpi="gmv", value=4.0),
                Synergy(members=("A", "C"), kpi="gmv", value=101.0),
            ),
        ),
    )
    answer = solve_scenario(asked, "S")
    assert [(outcome.achieved, outcome.met) for outcome in answer.targets] == [(6.0, True), (108.0, True)]


def test_objective_names_itself() -> None:
    asked = example()
    objective = objective_of(asked, asked.scenario("S"))
    assert (objective.name, objective.unit, objective.sign) == ("gmv", "GBP", 1)
