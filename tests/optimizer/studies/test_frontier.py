"""Frontiers against brute force, and against points in print: exactly the efficient plans."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.studies import study_plan
from optimizer import PlanError
from optimizer.plan import TOKENS, ObjectiveMode, Plan, ShareBound, Slice, TargetKind
from optimizer.search.efficient_selections import MOST_ENTRIES
from optimizer.studies.frontier import Measure, solve_frontier
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario
from tests.optimizer.published_frontiers import MEASURES, two_knapsacks

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
TWO_KPIS = plan(
    [
        initiative("A", 5, gmv=100.0, retention_30d=0.001),
        initiative("B", 5, gmv=60.0, retention_30d=0.02),
        initiative("C", 5, gmv=50.0, retention_30d=0.01),
        initiative("D", 5, gmv=10.0, retention_30d=0.03),
    ],
    scenario(capacity=10.0),
)


def efficient(whole: Plan, first: Measure, second: Measure) -> set[tuple[Fraction, Fraction]]:
    """The totals of all efficient plans, larger being better in both, by trying every subset."""
    (asked,) = whole.scenarios
    if first.is_resource or second.is_resource:
        free = {r: c for r, c in asked.capacities.items() if r not in (first.name, second.name)}
        asked = asked.model_copy(update={"capacities": free})
    oracle = Oracle(whole, asked.model_copy(update={"objective_mode": ObjectiveMode.NORTH_STAR}))

    def total(measure: Measure, subset: frozenset[str]) -> Fraction:
        if measure.is_resource:
            return -oracle.cost(subset, measure.name)
        return whole.kpi(measure.name).direction.sign * oracle.total(measure.name, subset)

    points = {(total(first, subset), total(second, subset)) for subset in oracle.allowed}
    return {p for p in points if not any(q != p and q[0] >= p[0] and q[1] >= p[1] for q in points)}


def whole_numbers(seed: int, size: int) -> Plan:
    """A random plan whose contributions are whole: close totals are equal then, in floats and in fractions."""
    whole = random_plan(seed, size, mode=ObjectiveMode.NORTH_STAR)
    rounded = tuple(
        one.model_copy(
            update={
                "contributions": {k: float(round(v) % 97) for k, v in one.contributions.items()},
                "costs": {k: float(round(v)) for k, v in one.costs.items()},
            }
        )
        for one in whole.initiatives
    )
    (asked,) = whole.scenarios
    rules = tuple(rule for rule in asked.rules if not hasattr(rule, "value"))
    targets = tuple(t for t in asked.targets if t.kind is not TargetKind.FLOOR)
    asked = asked.model_copy(update={"rules": rules, "targets": targets})
    return whole.model_copy(update={"initiatives": rounded, "scenarios": (asked,)})


def check_frontier(seed: int, size: int, *, with_resource: bool, alone: int, most_entries: int = MOST_ENTRIES) -> int:
    """Check that the frontier of a random plan is exactly its efficient plans; how many there are.

    Also in parts, whose ends may lie anywhere between two points, and where little or nothing can be listed.
    """
    whole = whole_numbers(seed, size)
    first = Measure(whole.kpis[0].key)
    second = Measure(TOKENS, is_resource=True) if with_resource else Measure(whole.kpis[1].key)
    found = solve_frontier(whole, "S", first, second, alone=alone, most_entries=most_entries)
    signs = [-1 if m.is_resource else whole.kpi(m.name).direction.sign for m in (first, second)]
    truth = sorted((float(a), float(b)) for a, b in efficient(whole, first, second))
    assert found.is_complete
    assert sorted((signs[0] * p.first, signs[1] * p.second) for p in found.points) == truth
    return len(truth)


@settings(ORACLE, max_examples=40)
@given(
    seed=st.integers(0, 10**9),
    size=st.integers(1, 7),
    with_resource=st.booleans(),
    alone=st.integers(1, 4),
    most_entries=st.sampled_from((0, 20, 100, MOST_ENTRIES)),
)
def test_a_complete_frontier_is_exactly_the_efficient_plans(
    seed: int, size: int, with_resource: bool, alone: int, most_entries: int
) -> None:
    check_frontier(seed, size, with_resource=with_resource, alone=alone, most_entries=most_entries)


@pytest.mark.parametrize("most_entries", [0, 300])
def test_lists_and_a_solver_find_the_same_efficient_plans(most_entries: int) -> None:
    """With whole lists, with lists so short that a solver has to help, in many parts, and without any lists."""
    whole = study_plan(30, capacities=2, seed=3)
    first, second = Measure("value"), Measure("second")
    listed = solve_frontier(whole, "S", first, second)
    other = solve_frontier(whole, "S", first, second, alone=2, most_entries=most_entries)
    assert listed.is_complete
    assert len(listed.points) > 15
    assert [(p.first, p.second) for p in other.points] == [(p.first, p.second) for p in listed.points]


def test_lists_that_are_stopped_end_with_the_first_plans_of_the_frontier() -> None:
    """Only plans that nothing beyond the last band can be better than."""
    whole = study_plan(30, capacities=2, seed=3)
    first, second = Measure("value"), Measure("second")
    every = solve_frontier(whole, "S", first, second).points
    bands = list[None]()
    found = solve_frontier(
        whole, "S", first, second, on_done=lambda: bands.append(None), stop=lambda: len(bands) >= 8, workers=1
    )
    assert (found.is_stopped, found.is_complete, found.is_proven) == (True, False, True)
    assert 0 < len(found.points) < len(every)
    assert found.points == every[: len(found.points)]


def test_a_share_of_a_capacity_that_is_a_measure_stays_what_the_sheet_states() -> None:
    """The UK gets at least 60% of the 10 tokens, however many are spent: C, or A and C."""
    whole = plan(
        [
            initiative("A", 5, gmv=100.0, dimensions={"market": "DE"}),
            initiative("C", 6, gmv=50.0, dimensions={"market": "UK"}),
        ],
        scenario(
            capacity=10.0,
            rules=(ShareBound(slice=Slice(dimension="market", key="UK"), min_share=0.6, of_capacity=True),),
        ),
    )
    found = solve_frontier(whole, "S", Measure("gmv"), Measure(TOKENS, is_resource=True))
    assert [(p.first, p.second) for p in found.points] == [(150.0, 11.0), (50.0, 6.0)]


def test_points_are_in_order_and_hold_their_plan() -> None:
    found = solve_frontier(TWO_KPIS, "S", Measure("gmv"), Measure("retention_30d"))
    assert [(p.first, p.second, p.portfolio.selected) for p in found.points] == [
        (160.0, 0.021, ("A", "B")),
        (110.0, 0.031, ("A", "D")),
        (70.0, 0.05, ("B", "D")),
    ]
    assert found.is_complete


def test_a_resource_that_is_a_measure_is_not_limited() -> None:
    """What more tokens would bring, up to everything."""
    found = solve_frontier(TWO_KPIS, "S", Measure("gmv"), Measure(TOKENS, is_resource=True))
    assert [(p.first, p.second) for p in found.points] == [
        (220.0, 20.0),
        (210.0, 15.0),
        (160.0, 10.0),
        (100.0, 5.0),
        (0.0, 0.0),
    ]


def test_a_number_of_points_is_spread_and_says_that_it_is_not_complete() -> None:
    found = solve_frontier(TWO_KPIS, "S", Measure("gmv"), Measure("retention_30d"), points=2)
    assert [(p.first, p.second) for p in found.points] == [(160.0, 0.021), (70.0, 0.05)]
    assert not found.is_complete
    assert found.is_proven


def test_it_stops_with_the_plans_found_so_far() -> None:
    """A plan is known to be efficient once the next one is: the first of three after two solves."""
    asked = iter([False, False, True])
    by = (Measure("gmv"), Measure("retention_30d"))
    found = solve_frontier(TWO_KPIS, "S", *by, stop=lambda: next(asked), most_entries=0)
    assert [(p.first, p.second) for p in found.points] == [(160.0, 0.021)]
    assert (found.is_stopped, found.is_complete, found.is_proven) == (True, False, True)


def test_of_plans_with_as_much_of_the_first_only_that_with_the_most_of_the_second_is_efficient() -> None:
    """A and B bring the same GMV."""
    same = [initiative("A", 5, gmv=100.0, retention_30d=0.001), initiative("B", 5, gmv=100.0, retention_30d=0.02)]
    found = solve_frontier(plan(same, scenario(capacity=5.0)), "S", Measure("gmv"), Measure("retention_30d"))
    assert [(p.first, p.second) for p in found.points] == [(100.0, 0.02)]


def test_nothing_is_efficient_where_nothing_is_possible() -> None:
    whole = plan([initiative("A", 5, gmv=1.0, is_mandatory=True, mandate_reason="law")], scenario(capacity=1.0))
    assert solve_frontier(whole, "S", Measure("gmv"), Measure("retention_30d")).points == ()


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (Measure("gmv"), Measure("gmv"), "needs two measures"),
        (Measure("gmv"), Measure("nps"), "is no KPI of the plan"),
        (Measure("gmv"), Measure("design", is_resource=True), "is no resource of the plan"),
    ],
)
def test_a_measure_must_be_one_of_the_plan(first: Measure, second: Measure, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        solve_frontier(TWO_KPIS, "S", first, second)


def test_two_knapsacks_of_100_items_have_as_many_efficient_plans_as_in_print() -> None:
    """121, as Laumanns, Thiele and Zitzler (2006) have it; `make bench` does the 568 of 250 items."""
    whole, published = two_knapsacks(100)
    found = solve_frontier(whole, "S", *MEASURES)
    assert found.is_complete
    assert len(found.points) == published == 121


def test_a_published_frontier_is_found_point_by_point() -> None:
    """The 43 efficient points of an instance of Gandibleux and Freville (2000)."""
    text = (Path(__file__).parents[2] / "data" / "gandibleux-freville-2kp50.txt").read_text()
    numbers = [float(word) for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    items, capacity, *rest = numbers
    size = int(items)
    first, second, weights, points = rest[:size], rest[size : 2 * size], rest[2 * size : 3 * size], rest[3 * size :]
    columns = zip(first, second, weights, strict=True)
    initiatives = [initiative(f"I{row:02}", cost, gmv=a, churn=-b) for row, (a, b, cost) in enumerate(columns)]
    found = solve_frontier(plan(initiatives, scenario(capacity=capacity)), "S", Measure("gmv"), Measure("churn"))
    assert found.is_complete
    published = set(zip(points[::2], points[1::2], strict=True))
    assert len(published) == 43
    assert {(point.first, -point.second) for point in found.points} == published
