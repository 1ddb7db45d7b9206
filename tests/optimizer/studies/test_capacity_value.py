"""The value of a capacity against brute force: the step curve, amount by amount."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import PlanError, solve_scenario
from optimizer.plan import TOKENS, Plan, ShareBound, Slice, TokenBound
from optimizer.studies.capacity_value import CapacityCurve, Limit, limits_of, solve_capacity_curve
from optimizer.studies.study import Study
from tests.optimizer.plans import initiative, plan, scenario
from tests.optimizer.studies.test_frontier import whole_numbers
from tests.optimizer.studies.test_studies import best

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
THREE = (
    initiative("A", 6, gmv=100.0, dimensions={"market": "UK"}),
    initiative("B", 4, gmv=60.0, dimensions={"market": "DE"}),
    initiative("C", 3, gmv=50.0, dimensions={"market": "UK"}),
)


def check_curve(whole: Plan, *, reserve: float = 0.0) -> int:
    """Check every amount of every limit of a plan against brute force; how many amounts that were."""
    (asked,) = whole.scenarios
    whole = whole.model_copy(update={"scenarios": (asked.model_copy(update={"reserve": reserve}),)})
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study, checked = Study(whole, answer), 0
    for limit in limits_of(study.scenario):
        curve = solve_capacity_curve(study, limit, low=0.0, high=2 * limit.amount(study.scenario) + 3, workers=2)
        if curve.step < 1:
            continue
        for number in range(int(curve.low), int(curve.high) + 1):
            truth = best(study, limit.edit(float(number)))
            reached = [step for step in curve.steps if step.amount <= number]
            assert bool(reached) == (truth is not None), (limit, number)
            if truth is not None:
                assert reached[-1].worth == pytest.approx([float(part) for part in truth], rel=1e-9, abs=1e-9)
            checked += 1
        for lower, upper in zip(curve.steps, curve.steps[1:], strict=False):
            assert upper.worth > lower.worth
    return checked


@settings(ORACLE, max_examples=12)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 6), reserve=st.sampled_from([0.0, 0.1]))
def test_every_amount_is_worth_what_the_curve_says(seed: int, size: int, reserve: float) -> None:
    check_curve(whole_numbers(seed, size), reserve=reserve)


def curve_of(*rules: object, number: int = 0, capacity: float = 10.0, **ends: float) -> CapacityCurve:
    whole = plan(list(THREE), scenario(capacity=capacity, rules=rules))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    return solve_capacity_curve(study, limits_of(study.scenario)[number], **ends)


def steps(curve: CapacityCurve) -> list[tuple[float, tuple[str, ...]]]:
    return [(step.amount, step.portfolio.selected) for step in curve.steps]


def test_steps_are_the_least_amounts_at_which_something_gets_better() -> None:
    curve = curve_of(low=0.0, high=15.0)
    assert steps(curve) == [
        (0.0, ()),
        (3.0, ("C",)),
        (4.0, ("B",)),
        (6.0, ("A",)),
        (7.0, ("B", "C")),
        (9.0, ("A", "C")),
        (10.0, ("A", "B")),
        (13.0, ("A", "B", "C")),
    ]
    assert (curve.now, curve.is_proven, curve.least_possible) == (10.0, True, None)
    assert curve.here is curve.steps[6]


def test_a_cap_has_a_curve_of_its_own() -> None:
    """The cap on the UK lets A in from 6 on."""
    curve = curve_of(TokenBound(slice=Slice(dimension="market", key="UK"), max_tokens=5.0), number=1, low=0.0)
    assert steps(curve) == [(0.0, ("B",)), (3.0, ("B", "C")), (6.0, ("A", "B"))]


def test_a_cap_on_a_share_of_the_capacity_ends_a_plan_before_what_it_uses() -> None:
    """A costs 6 in the UK, which may have half of the capacity: it needs 12, though it uses only 6."""
    cap = ShareBound(slice=Slice(dimension="market", key="UK"), max_share=0.5, of_capacity=True)
    assert steps(curve_of(cap, capacity=12.0, low=0.0, high=13.0)) == [
        (0.0, ()),
        (4.0, ("B",)),
        (7.0, ("B", "C")),
        (12.0, ("A", "B")),
    ]
    whole = plan(list(THREE), scenario(capacity=12.0, rules=(cap,)))
    assert check_curve(whole) == 28


def test_what_a_floor_needs_is_the_least_possible_amount() -> None:
    curve = curve_of(TokenBound(slice=Slice(dimension="market", key="DE"), min_tokens=4.0), low=0.0, high=8.0)
    assert curve.least_possible == 4.0
    assert curve.steps[0].amount == 4.0


def test_a_curve_begins_where_it_was_asked_to() -> None:
    """Just below today's capacity nothing is worse until 9."""
    assert steps(curve_of(low=8.0, high=9.0)) == [(8.0, ("B", "C")), (9.0, ("A", "C"))]


def test_amounts_keep_the_reserve_free() -> None:
    """12 with a third kept free leave 8: B and C need a capacity of 10.5, which is 11 in whole tokens."""
    whole = plan(list(THREE), scenario(capacity=12.0, reserve=1 / 3))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    curve = solve_capacity_curve(study, Limit(TOKENS), low=10.0, high=11.0)
    assert steps(curve) == [(10.0, ("A",)), (11.0, ("B", "C"))]


@pytest.mark.parametrize(
    ("rules", "ends", "message"),
    [
        pytest.param(
            (ShareBound(slice=Slice(dimension="market", key="DE"), min_share=0.2, of_capacity=True),),
            {},
            "a floor is a share of the capacity",
            id="floor-on-capacity",
        ),
        pytest.param((), {"low": 9.0, "high": 8.0}, "the range of the curve is empty", id="empty-range"),
    ],
)
def test_what_has_no_curve_is_refused(rules: tuple[object, ...], ends: dict[str, float], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        curve_of(*rules, **ends)


def test_worths_are_exact() -> None:
    """Sums of floats are rounded once: the curve of tenths has the steps of the tenths."""
    whole = plan([initiative("A", 0.1, gmv=1.0), initiative("B", 0.2, gmv=2.0)], scenario(capacity=0.3))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    curve = solve_capacity_curve(study, Limit(TOKENS), low=0.0, high=0.4)
    assert [Fraction(str(step.amount)) for step in curve.steps] == [0, Fraction(1, 10), Fraction(1, 5), Fraction(3, 10)]
