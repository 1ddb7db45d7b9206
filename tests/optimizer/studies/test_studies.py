"""Every statement of a study against brute force in exact arithmetic."""

from fractions import Fraction
from math import ceil, floor
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from optimizer import PlanError, solve_scenario
from optimizer.plan import (
    TOKENS,
    Accrual,
    Ban,
    Kpi,
    Mandate,
    Normalization,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    ShareBound,
    Slice,
    Target,
    TokenBound,
)
from optimizer.portfolio import Portfolio, Status
from optimizer.studies.capacity_value import Limit, has_floor_on_capacity, resource_costs
from optimizer.studies.edits import CapacityOf, ContributionOf, CostOf, Edit, ForceIn, LeaveOut, edited
from optimizer.studies.grid import Grid, step_of
from optimizer.studies.one_capacity import OneCapacity
from optimizer.studies.opposite import Opposite, flip, solve_opposite, solve_opposites
from optimizer.studies.study import Study
from optimizer.studies.thresholds import Threshold, ThresholdKind, Unturned, all_thresholds, thresholds, turns_of
from optimizer.studies.turned_decisions import AT_ONCE
from tests.optimizer.oracle import AT_ZERO, RELATIVE, Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario
from tests.optimizer.time_oracle import TimedOracle
from tests.optimizer.timed_plans import random_timed_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def study_of(seed: int, size: int) -> Study | None:
    """A study of a random plan; None where the plan has no portfolio."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    return Study(whole, answer) if answer.status.has_portfolio else None


def best(study: Study, *edits: Edit) -> tuple[Fraction, ...] | None:
    """The worth of the best portfolio with some edits, by brute force; None where there is none."""
    changed = edited(study.plan, "S", edits)
    oracle = Oracle(changed, changed.scenario("S"))
    found = oracle.answer(study.answer.selected)
    if found.selected is None:
        return None
    levels = oracle.levels() if oracle.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else []
    return (*(-oracle.shortfall(level, found.selected) for level in levels), found.objective)


def beats(one: tuple[Fraction, ...] | None, other: tuple[Fraction, ...] | None, rounding: float = 1e-3) -> bool:
    """Whether a worth is larger than another for certain; whatever exists is better than nothing.

    `rounding` is how much more than the tolerance a difference must be: floats are on either side of an exact edge.
    """
    if one is None or other is None:
        return one is not None and other is None
    for mine, theirs in zip(one, other, strict=True):
        room = max(RELATIVE * max(abs(mine), abs(theirs)), AT_ZERO) * (1 + Fraction(rounding))
        if abs(mine - theirs) > room:
            return mine > theirs
    return False


def edit_of(key: str, threshold: Threshold, number: float) -> Edit:
    match threshold.kind:
        case ThresholdKind.COST:
            return CostOf(key, threshold.of, number)
        case ThresholdKind.CAPACITY:
            return CapacityOf(threshold.of, number) if threshold.limit is None else threshold.limit.edit(number)
    return ContributionOf(key, threshold.of, number)


def between(threshold: Threshold, most: int = 12) -> list[float]:
    """Some numbers of the grid between the one in the plan and the one before the turn."""
    low, high = sorted((threshold.now, threshold.holds_until))
    first, last = ceil(low / threshold.step), floor(high / threshold.step)
    return [number * threshold.step for number in range(first, last + 1, max(1, (last - first) // most))]


def best_in_time(study: Study, *edits: Edit) -> tuple[Fraction, ...] | None:
    """As `best`, over several periods."""
    changed = edited(study.plan, "S", edits)
    oracle = TimedOracle(changed, changed.scenario("S"))
    ties, worth = oracle.allowed, list[Fraction]()
    if not len(ties):
        return None
    for level in oracle.levels() if oracle.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else ():
        short = oracle.shortfall(level)[ties]
        worth.append(-Fraction(float(short.min())))
        ties = ties[short <= short.min() * (1 + np.longdouble(1e-9))]
    return (*worth, Fraction(float(oracle.value()[ties].max())))


def check_timed_study(seed: int, size: int, periods: int) -> int:
    """Check the thresholds of a random plan over several periods; how many that were."""
    whole = random_timed_plan(seed, size, periods)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study, checked = Study(whole, answer), 0
    for opposite in solve_opposites(study, workers=1):
        key = opposite.initiative
        here, there = (ForceIn, LeaveOut) if opposite.is_selected else (LeaveOut, ForceIn)
        for threshold in thresholds(study, opposite):
            turned, held = (edit_of(key, threshold, at) for at in (threshold.turns_at, threshold.holds_until))
            found = [best_in_time(study, kind(key), edit) for edit in (turned, held) for kind in (there, here)]
            assert beats(found[0], found[1], -1e-3), (key, threshold)
            assert not beats(found[2], found[3]), (key, threshold)
            checked += 1
    return checked


@settings(ORACLE, max_examples=15)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 5), periods=st.integers(1, 3))
def test_thresholds_over_several_periods_agree_with_brute_force(seed: int, size: int, periods: int) -> None:
    check_timed_study(seed, size, periods)


def test_what_accrues_in_each_period_is_worth_more_where_it_starts_earlier() -> None:
    """B starts in Q1 and brings its 100 three times; A with more than 100 would do so in its place."""
    each = Kpi(key="gmv", unit="GBP", is_north_star=True, accrues=Accrual.EACH_PERIOD)
    asked = scenario(capacity=10.0, from_period="Q1", to_period="Q4")
    whole = Plan(
        kpis=(each,),
        initiatives=(initiative("A", 10, gmv=60.0), initiative("B", 10, gmv=100.0)),
        scenarios=(asked,),
        periods=("Q1", "Q2", "Q3", "Q4"),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    found = list(thresholds(study, solve_opposite(study, study.plan.initiative("A"))))
    assert [(one.kind, one.turns_at, one.holds_until) for one in found] == [
        (ThresholdKind.CONTRIBUTION, 110.0, 100.0),
        (ThresholdKind.COST, 0.0, 10.0),
        (ThresholdKind.CAPACITY, 20.0, 10.0),
    ]


def test_what_is_known_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goals come first, and A stays selected up to a cost of 7: its own numbers are nothing to the plan without it."""
    asked: list[tuple[Edit, ...]] = []
    solve = Study.solve

    def noted(study: Study, *edits: Edit, **more: object) -> Portfolio:
        asked.append(edits)
        return solve(study, *edits, **more)

    goal = Target(kpi="retention_30d", value=0.5)
    whole = plan(
        [
            initiative("A", 4, gmv=50.0, retention_30d=0.5),
            initiative("B", 3, gmv=40.0, retention_30d=0.5),
            initiative("C", 3, gmv=30.0),
        ],
        scenario(ObjectiveMode.LEXICOGRAPHIC, capacity=10.0, targets=(goal,)),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    opposite = solve_opposite(study, study.plan.initiative("A"))
    monkeypatch.setattr(Study, "solve", noted)
    found = [one for one in thresholds(study, opposite) if one.kind is ThresholdKind.COST]
    assert [(one.holds_until, one.turns_at) for one in found] == [(7.0, 8.0)]
    assert not any(isinstance(one, LeaveOut) for edits in asked for one in edits if len(edits) > 1)
    assert len([edits for edits in asked if any(isinstance(one, CostOf) for one in edits)]) <= 5


def test_the_capacity_of_a_team_in_each_period_turns_a_decision() -> None:
    """B and C fill the team's two quarters; A takes 5 of each, beside the 9 of one of them."""
    team = PeriodCapacity(amount=10.0, slice=Slice(dimension="team", key="x"), source="Capacity!D2")
    other = PeriodCapacity(amount=50.0, slice=Slice(dimension="team", key="y"))
    own = {"team": "x"}
    whole = Plan(
        kpis=(Kpi(key="gmv", unit="GBP", is_north_star=True),),
        initiatives=(
            initiative("A", 10, gmv=70.0, duration=2, dimensions=own),
            initiative("B", 9, gmv=50.0, dimensions=own),
            initiative("C", 9, gmv=50.0, dimensions=own),
        ),
        scenarios=(scenario(from_period="Q1", to_period="Q2", rules=(team, other)),),
        periods=("Q1", "Q2"),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    found = list(thresholds(study, solve_opposite(study, study.plan.initiative("A"))))
    assert [(one.kind, one.turns_at, one.limit) for one in found] == [
        (ThresholdKind.CONTRIBUTION, 110.0, None),
        (ThresholdKind.COST, 2.0, None),
        (ThresholdKind.CAPACITY, 14.0, Limit(TOKENS, team)),
    ]


def check_no_capacity_turns(study: Study, opposite: Opposite) -> None:
    """At no amount of the column, between half and twice today's, is the decision the other one for certain."""
    if has_floor_on_capacity(study.scenario, TOKENS):
        return
    now = study.scenario.capacities[TOKENS]
    step = step_of([*resource_costs(study, TOKENS), now])
    grid = Grid(now, step, -1 if opposite.is_selected else 1)
    most = floor((now / 2 if opposite.is_selected else now) / step)
    here, there = (ForceIn, LeaveOut) if opposite.is_selected else (LeaveOut, ForceIn)
    for steps in range(1, most + 1, max(1, most // 6)):
        edit = CapacityOf(TOKENS, grid.number(steps))
        turned, held = (best(study, kind(opposite.initiative), edit) for kind in (there, here))
        assert not beats(turned, held), (opposite.initiative, edit)


def check_unturned(study: Study, opposite: Opposite) -> None:
    """What is said to turn nothing does not, at the ends of what was looked at, between them, and beyond all of it."""
    here, there = (ForceIn, LeaveOut) if opposite.is_selected else (LeaveOut, ForceIn)
    for one in turns_of(study, opposite):
        if not isinstance(one, Unturned):
            continue
        far = [one.now * 7 + 1000] if one.is_however_far and one.kind is ThresholdKind.CAPACITY else []
        for number in (
            one.looked_to,
            (one.now + one.looked_to) / 2,
            one.looked_to + (one.now - one.looked_to) / 8,
            *far,
        ):
            edit = CostOf(opposite.initiative, one.of, number)
            if one.kind is ThresholdKind.CAPACITY:
                edit = CapacityOf(one.of, number) if one.limit is None else one.limit.edit(number)
            turned, held = (best(study, kind(opposite.initiative), edit) for kind in (there, here))
            assert not beats(turned, held), (opposite.initiative, one, number)


def check_study(seed: int, size: int) -> int:
    """Check all that a study of a random plan says; the number of thresholds that were checked."""
    study = study_of(seed, size)
    checked = 0
    for opposite in solve_opposites(study, workers=1) if study else ():
        key = opposite.initiative
        truth = best(study, flip(study, key))
        assert opposite.is_possible == (truth is not None)
        assert opposite.is_proven
        if truth is None:
            continue
        assert (key in opposite.portfolio.selected) is not opposite.is_selected
        assert opposite.worth == pytest.approx([float(part) for part in truth], rel=1e-9, abs=1e-9)
        found = list(thresholds(study, opposite))
        check_unturned(study, opposite)
        capacities = {one.of for one in found if one.kind is ThresholdKind.CAPACITY}
        if not study.is_commanded(key) and TOKENS in study.scenario.capacities.keys() - capacities:
            check_no_capacity_turns(study, opposite)
        for threshold in found:
            turned, held = (edit_of(key, threshold, at) for at in (threshold.turns_at, threshold.holds_until))
            here, there = (ForceIn, LeaveOut) if opposite.is_selected else (LeaveOut, ForceIn)
            assert beats(best(study, there(key), turned), best(study, here(key), turned), -1e-3), (key, threshold)
            assert not beats(best(study, there(key), held), best(study, here(key), held)), (key, threshold)
            assert abs(threshold.turns_at - threshold.holds_until) <= threshold.step * 1.001
            if threshold.kind is ThresholdKind.CAPACITY:
                for number in between(threshold):
                    asked = edit_of(key, threshold, number)
                    assert not beats(best(study, there(key), asked), best(study, here(key), asked)), (key, number)
            checked += 1
    return checked


@settings(ORACLE, max_examples=20)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 7))
@example(438846087, 3).via("one contribution is 1e15 times what decides once it is gone")
@example(489794225, 10).via("what the answer falls short of the best, by a tolerance, decides where goals come first")
def test_opposites_and_thresholds_agree_with_brute_force(seed: int, size: int) -> None:
    """Forced costs are right; a threshold turns the decision, and one step before it does not."""
    check_study(seed, size)


def answered(*initiatives: object, capacity: float = 10.0, **fields: object) -> Study:
    whole = plan(list(initiatives), scenario(capacity=capacity, **fields))
    return Study(whole, solve_scenario(whole, "S", explain=False))


def test_an_initiative_that_is_out_says_what_it_would_cost_to_have_it_in() -> None:
    """B displaces A: the north star falls by 100 - 70."""
    study = answered(initiative("A", 8, gmv=100.0), initiative("B", 6, gmv=70.0))
    found = solve_opposite(study, study.plan.initiative("B"))
    assert (found.objective_change, found.came_in, found.went_out) == (-30.0, (), ("A",))


def test_thresholds_are_on_the_grid_of_their_column() -> None:
    """B enters with 110, since 100 is a tie; or when it costs 2, or with a capacity of 14, since then both fit."""
    study = answered(initiative("A", 8, gmv=100.0), initiative("B", 6, gmv=70.0))
    opposite = solve_opposite(study, study.plan.initiative("B"))
    assert list(thresholds(study, opposite)) == [
        Threshold("gmv", ThresholdKind.CONTRIBUTION, 70.0, 110.0, 100.0, 10.0),
        Threshold(TOKENS, ThresholdKind.COST, 6.0, 2.0, 3.0, 1.0),
        Threshold(TOKENS, ThresholdKind.CAPACITY, 10.0, 14.0, 13.0, 1.0),
    ]


def test_a_selected_initiative_says_how_much_worse_it_may_get() -> None:
    """A stays down to 70, which is a tie, up to 10 tokens, and as long as the capacity has room for it."""
    study = answered(initiative("A", 8, gmv=100.0), initiative("B", 6, gmv=70.0))
    opposite = solve_opposite(study, study.plan.initiative("A"))
    assert list(thresholds(study, opposite)) == [
        Threshold("gmv", ThresholdKind.CONTRIBUTION, 100.0, 60.0, 70.0, 10.0),
        Threshold(TOKENS, ThresholdKind.COST, 8.0, 11.0, 10.0, 1.0),
        Threshold(TOKENS, ThresholdKind.CAPACITY, 10.0, 7.0, 8.0, 1.0),
    ]


def test_a_capacity_and_a_cost_that_turn_nothing_are_said() -> None:
    """B makes things worse whatever it costs; A, which everything has room for, stays down to half of the capacity."""
    study = answered(initiative("A", 4, gmv=100.0), initiative("B", 6, gmv=-70.0))
    found = [list(turns_of(study, one)) for one in solve_opposites(study, workers=1)]
    assert [one for one in found[0] if isinstance(one, Unturned)] == [
        Unturned(TOKENS, ThresholdKind.CAPACITY, 10.0, 5.0, is_however_far=False)
    ]
    assert [one for one in found[1] if isinstance(one, Unturned)] == [
        Unturned(TOKENS, ThresholdKind.COST, 6.0, 0.0, is_however_far=True),
        Unturned(TOKENS, ThresholdKind.CAPACITY, 10.0, 11.0, is_however_far=True),
    ]


def test_a_share_of_the_capacity_grows_beyond_where_everything_fits() -> None:
    """B is kept out by the share of its team, which a capacity of 100 would make large enough; 20 are looked at."""
    part = Slice(dimension="team", key="x")
    share = ShareBound(slice=part, max_share=0.1, of_capacity=True, source="Constraints!H2")
    own = {"team": "x"}
    study = answered(initiative("A", 4, gmv=1.0), initiative("B", 10, gmv=70.0, dimensions=own), rules=(share,))
    found = list(turns_of(study, solve_opposite(study, study.plan.initiative("B"))))
    assert [one for one in found if isinstance(one, Unturned)] == [
        Unturned(TOKENS, ThresholdKind.CAPACITY, 10.0, 15.0, is_however_far=False)
    ]


def test_leaving_out_what_is_mandatory_says_what_the_mandate_costs() -> None:
    """Without the mandate the better initiative fits."""
    study = answered(
        initiative("A", 8, gmv=10.0, is_mandatory=True, mandate_reason="law"), initiative("B", 6, gmv=70.0)
    )
    found = solve_opposite(study, study.plan.initiative("A"))
    assert (found.objective_change, found.came_in) == (60.0, ("B",))


def test_all_opposites_together_are_those_of_each_alone() -> None:
    """A model that many questions share, starts from other answers, and two parts of a plan change no price."""
    random = Random(7)
    costs = [float(random.randint(5, 60)) for _ in range(AT_ONCE + 5)]
    whole = plan(
        [
            initiative(f"I{n}", cost, gmv=float(random.randint(10, 500)), dimensions={"department": "GT"[n % 2]})
            for n, cost in enumerate(costs)
        ],
        scenario(
            capacity=sum(costs) // 2,
            rules=(TokenBound(slice=Slice(dimension="department", key="G"), max_tokens=sum(costs) // 5),),
        ),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    together = solve_opposites(study, workers=2)
    assert [one.initiative for one in together] == [one.key for one in study.candidates]
    for opposite in together[:: AT_ONCE // 4]:
        alone = study.solve(flip(study, opposite.initiative), break_ties=False)
        assert opposite.objective_change == pytest.approx(alone.objective - study.answer.objective)
        assert opposite.portfolio.bound == opposite.portfolio.objective


@settings(ORACLE, max_examples=8)
@given(seed=st.integers(0, 10**9))
def test_tables_of_one_capacity_say_what_solving_says(seed: int) -> None:
    """Costs of 0, values below 0, a reserve, decimal costs and weights: the same thresholds from tables and solves."""
    random = Random(seed)
    unit = random.choice([1.0, 0.5, 0.1])
    rows = [
        initiative(
            f"I{n}",
            round(random.randint(0, 12) * unit, 1),
            gmv=random.randint(-2, 40) * 10.0,
            churn=random.random() // 0.2,
        )
        for n in range(random.randint(1, 9))
    ]
    fields = random.choice([{}, {"reserve": 0.1}])
    asked = scenario(random.choice([ObjectiveMode.NORTH_STAR, ObjectiveMode.WEIGHTED_KPIS]), 20.0 * unit, **fields)
    whole = plan(rows, asked.model_copy(update={"weights": {"gmv": 1.0, "churn": 4.0}}))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    assert OneCapacity.of(study) is not None
    opposites = solve_opposites(study, workers=1)
    by_tables = all_thresholds(study, opposites)
    assert by_tables == tuple(tuple(thresholds(study, one)) for one in opposites)


def test_what_is_stopped_before_it_begins_says_nothing() -> None:
    study = answered(initiative("A", 8, gmv=100.0), initiative("B", 6, gmv=70.0))
    opposites = solve_opposites(study, stop=lambda: False)
    assert [one.initiative for one in opposites] == ["A", "B"]
    assert all_thresholds(study, opposites, stop=lambda: True) == ()
    assert solve_opposites(study, stop=lambda: True) == []


def test_an_impossible_opposite_is_proven_impossible() -> None:
    """Nothing makes room for what is larger than the capacity."""
    study = answered(initiative("A", 8, gmv=10.0), initiative("B", 60, gmv=70.0))
    found = solve_opposite(study, study.plan.initiative("B"))
    assert not found.is_possible
    assert found.is_proven
    assert found.portfolio.status is Status.INFEASIBLE


def test_forcing_drops_the_rule_that_says_the_contrary() -> None:
    """A ban gives way to being forced in, a mandate to being left out."""
    whole = plan(
        [initiative("A", 1, gmv=1.0)], scenario(capacity=5.0, rules=(Ban(initiative="A"), Mandate(initiative="A")))
    )
    (banned,) = edited(whole, "S", (LeaveOut("A"),)).scenarios
    (forced,) = edited(whole, "S", (ForceIn("A"),)).scenarios
    assert not any(isinstance(rule, Mandate) for rule in banned.rules)
    assert not any(isinstance(rule, Ban) for rule in forced.rules)


def test_ideals_stay_those_of_the_answer() -> None:
    """Forcing an initiative in changes what is possible, not how KPIs are weighed against each other."""
    whole = plan(
        [initiative("A", 5, gmv=100.0), initiative("B", 5, retention_30d=0.01), initiative("C", 5, gmv=40.0)],
        scenario(
            ObjectiveMode.WEIGHTED_KPIS,
            10.0,
            weights={"gmv": 1.0, "retention_30d": 1.0},
            normalization=Normalization.IDEAL,
        ),
    )
    answer = solve_scenario(whole, "S", explain=False)
    study = Study(whole, answer)
    assert study.solve().objective == pytest.approx(answer.objective)
    assert study.solve(LeaveOut("A")).factors == pytest.approx(answer.factors)


def test_without_a_portfolio_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(PlanError, match="has no portfolio to compare with"):
        Study(plan([], scenario(capacity=1.0)), Portfolio(scenario="S", status=Status.INFEASIBLE))


def test_equal_questions_are_solved_once() -> None:
    study = answered(initiative("A", 8, gmv=100.0), initiative("B", 6, gmv=70.0))
    assert study.solve(ForceIn("B")) is study.solve(ForceIn("B"), break_ties=False)


def test_another_cost_keeps_its_profile_in_proportion() -> None:
    """12 tokens as 8 and 4 become 6 as 4 and 2."""
    whole = plan([initiative("A", 12.0, duration=2, profile=(8.0, 4.0))], scenario(capacity=20.0))
    (changed,) = edited(whole, "S", (CostOf("A", TOKENS, 6.0),)).initiatives
    assert (changed.tokens, changed.profile) == (6.0, (4.0, 2.0))


def test_what_cost_nothing_has_no_profile_once_it_costs_something() -> None:
    """It is spread evenly then."""
    whole = plan([initiative("A", 0.0, duration=2, profile=(0.0, 0.0))], scenario(capacity=20.0))
    (changed,) = edited(whole, "S", (CostOf("A", TOKENS, 6.0),)).initiatives
    assert (changed.tokens, changed.profile, changed.spent_in(TOKENS, 0)) == (6.0, (), 3.0)
