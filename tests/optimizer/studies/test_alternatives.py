"""The next best plans and the most different ones, against brute force."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import Accrual, Kpi, ObjectiveMode, Plan
from optimizer.portfolio import PROVEN
from optimizer.studies.alternatives import Alternatives, share_of_plans, solve_alternatives
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
FOUR = (
    initiative("A", 6, gmv=100.0),
    initiative("B", 4, gmv=60.0),
    initiative("C", 4, gmv=59.0),
    initiative("D", 2, gmv=49.0),
)


def study_of(whole: Plan) -> Study:
    return Study(whole, solve_scenario(whole, "S", explain=False))


def names(found: Alternatives) -> tuple[list[str], list[str]]:
    return (
        ["".join(other.portfolio.selected) for other in found.next_best],
        ["".join(other.portfolio.selected) for other in found.different],
    )


def test_the_next_best_plans_come_in_order_and_those_that_differ_most_after_them() -> None:
    """BCD is worth 168 for 10 tokens, AB 160, AC 159, AD 149; within 30% AB and AC are already listed."""
    study = study_of(plan(list(FOUR), scenario(capacity=10.0)))
    found = solve_alternatives(study, count=2, within=0.3)
    assert study.answer.selected == ("B", "C", "D")
    assert names(found) == (["AB", "AC"], ["AD", "BC"])
    assert [other.objective_change for other in found.plans] == [-8.0, -9.0, -19.0, -49.0]
    assert [other.differences for other in found.plans] == [3, 2, 2, 1]
    assert all(other.is_proven for other in found.plans)
    assert (found.is_all, found.is_all_within) == (False, False)
    assert share_of_plans(study.answer, found.next_best) == pytest.approx(
        {"B": 2 / 3, "C": 2 / 3, "D": 1 / 3, "A": 2 / 3}
    )


def test_where_there_is_no_other_plan_that_is_said() -> None:
    must = (initiative("A", 6, gmv=100.0, is_mandatory=True), initiative("B", 5, gmv=60.0))
    found = solve_alternatives(study_of(plan(list(must), scenario(capacity=10.0))), count=3, within=0.1)
    assert found == Alternatives((), (), 0.1, is_all=True, is_all_within=True)


def test_plans_over_several_periods_differ_in_what_they_select() -> None:
    asked = scenario(capacity=10.0, from_period="Q3", to_period="Q4")
    kpis = (Kpi(key="gmv", is_north_star=True, accrues=Accrual.EACH_PERIOD),)
    whole = Plan(kpis=kpis, initiatives=FOUR, scenarios=(asked,), periods=("Q3", "Q4"))
    found = solve_alternatives(study_of(whole), count=2, within=0.5)
    assert names(found)[0] == ["AB", "AC"]
    assert all(other.portfolio.starts for other in found.plans)


def test_plans_differ_most_where_kpis_accrue_in_different_ways() -> None:
    """In Q4 what was finished in Q3 counts once more: AC is worth twice 159, and differs from BCD and AB in two."""
    weights = {"gmv": 1.0, "retention_30d": 1.0}
    asked = scenario(ObjectiveMode.WEIGHTED_KPIS, 10.0, weights=weights, from_period="Q3", to_period="Q4")
    kpis = (Kpi(key="gmv", accrues=Accrual.EACH_PERIOD), Kpi(key="retention_30d"))
    both = tuple(
        one.model_copy(update={"contributions": dict.fromkeys(weights, one.contributions["gmv"])}) for one in FOUR
    )
    found = solve_alternatives(
        study_of(Plan(kpis=kpis, initiatives=both, scenarios=(asked,), periods=("Q3", "Q4"))), count=1, within=0.3
    )
    assert names(found) == (["AB"], ["AC"])
    assert [(other.objective_change, other.is_proven) for other in found.plans] == [(-16.0, True), (-18.0, True)]


@settings(ORACLE, max_examples=25)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 7))
def test_alternatives_agree_with_brute_force(seed: int, size: int) -> None:
    check_alternatives(seed, size)


def check_alternatives(seed: int, size: int) -> int:
    """Every plan listed is the best of those left, or the farthest; returns how many plans were checked."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study = Study(whole, answer)
    found = solve_alternatives(study, count=3, within=0.2)
    oracle = Oracle(study.plan, study.scenario)
    weights = oracle.weights()
    levels = oracle.levels() if study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC else []
    worth = {s: (*(-oracle.shortfall(level, s) for level in levels), oracle.value(weights, s)) for s in oracle.allowed}
    listed = [frozenset(answer.selected)]

    def close(one: tuple[Fraction, ...], other: tuple[Fraction, ...]) -> bool:
        rooms = [Fraction(PROVEN) * max(abs(a), abs(b)) + Fraction(1, 10**9) for a, b in zip(one, other, strict=True)]
        return all(abs(a - b) <= room for a, b, room in zip(one, other, rooms, strict=True))

    for other in found.next_best:
        if not other.is_proven:
            return len(listed)
        selected = frozenset(other.portfolio.selected)
        best = max(worth[s] for s in oracle.allowed if s not in listed)
        assert selected in set(worth) - set(listed)
        assert close(worth[selected], best), (selected, worth[selected], best)
        listed.append(selected)
    if len(found.next_best) < 3:
        assert (found.is_all, len(listed)) == (True, len(worth))
        return len(found.plans)
    top = worth[frozenset(answer.selected)]
    goals = [t for level in levels for t in level]
    least = top[-1] - Fraction(0.2) * abs(top[-1])

    def is_near(subset: frozenset[str], room: Fraction) -> bool:
        short = [oracle.shortfall([goal], subset) <= oracle.shortfall([goal], listed[0]) + room for goal in goals]
        return worth[subset][-1] >= least - room * max(1, abs(top[-1])) and all(short)

    for other in found.different:
        if not other.is_proven:
            return len(listed)
        selected = frozenset(other.portfolio.selected)
        assert is_near(selected, Fraction(1, 10**6))
        distances = {
            s: min(len(s ^ one) for one in listed) for s in worth if s not in listed and is_near(s, -Fraction(1, 10**6))
        }
        assert other.differences == min(len(selected ^ one) for one in listed)
        assert other.differences >= max(distances.values(), default=0)
        listed.append(selected)
    return len(found.plans)
