"""Answers by prices and a short list, and by few changes, against every selection there is."""

from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.model.objectives import objective_of
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Plan, Target, TargetKind
from optimizer.portfolio import StopReason
from optimizer.rules import rules_of
from optimizer.search import direct_search
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.neighbors import Neighbors
from optimizer.search.solver_calls import SolverChoice
from tests.optimizer.plans import initiative, plan, scenario

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def knapsacks(seed: int) -> Plan:
    """Two resources and a prerequisite; numbers of two digits, decimals, and values below 0."""
    random = Random(seed)
    unit = random.choice([1.0, 0.1])
    size = random.randint(1, 9)
    rows = [
        initiative(
            f"I{n}",
            random.randint(0, 20) * unit,
            costs={"design": float(random.randint(0, 9))},
            gmv=random.choice([random.randint(-5, 60) * 1.0, random.random()]),
            prerequisite_keys=("I0",) if n and random.random() < 0.2 else (),
        )
        for n in range(size)
    ]
    asked = scenario(capacity=5.0 * size * unit).model_copy(
        update={"capacities": {"engineering_tokens": 5.0 * size * unit, "design": 2.0 * size}}
    )
    return plan(rows, asked)


def opened(asked: Plan) -> Search:
    (own,) = asked.scenarios
    return Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())


@settings(ORACLE, max_examples=60)
@given(seed=st.integers(0, 10**9), share=st.sampled_from([None, 0.5, 1.0, 1.2]))
def test_the_best_of_all_is_found_or_there_is_none_above_the_bar(seed: int, share: float | None) -> None:
    """Without a bar the best; with one the best above it, and INFEASIBLE where nothing is."""
    asked = knapsacks(seed)
    search = opened(asked)
    aim = objective_of(asked, asked.scenarios[0]).over(search.candidates)
    kept = [bits for bits in product((0, 1), repeat=search.candidates.width) if search.keeps_demands(bits)]
    best = max(map(aim.value, kept))
    bar = None if share is None else share * best
    found = search.better(aim.terms, Clock(), than=bar, value_of=aim.value)
    if found.reason is StopReason.INFEASIBLE:
        assert bar is not None
        assert best <= bar + 1e-9 * abs(bar)
    else:
        assert found.value == pytest.approx(best, rel=1e-9, abs=1e-9)
        assert search.keeps_demands(found.bits)


@settings(ORACLE, max_examples=20)
@given(seed=st.integers(0, 10**9), are_many=st.booleans())
def test_what_is_kept_by_far_or_barely_is_what_exact_sums_say(
    monkeypatch: pytest.MonkeyPatch, seed: int, are_many: bool
) -> None:
    """Sums of tenths that fill a capacity to the last are kept, whatever floating point makes of them.

    Also where demands are so many that those that come later are looked at apart.
    """
    monkeypatch.setattr(direct_search, "_FEW_DEMANDS", 0 if are_many else 1_000)
    search = opened(knapsacks(seed))
    width = search.candidates.width
    pair, one_of = Terms((0, width - 1), (1.0, 1.0)), Terms(tuple(range(width)), (1.0,) * width)
    for demand in (None, Row(pair, Sense.AT_MOST, 1.0), Row(one_of, Sense.AT_LEAST, 1.0)):
        if demand is not None:
            search.demand(demand)
        for bits in product((0, 1), repeat=width):
            assert search.keeps_demands(bits) == all(row.cut(bits) is None for row in search.rows())


def test_amounts_that_cancel_in_a_floor_of_zero_keep_it() -> None:
    """-626,672.7 - 744,369.1 + 1,371,041.8 is 0 on paper, and less than -1e-12 as a sum of floats."""
    rows = [
        initiative("A", gmv=10.0, churn=-626672.7),
        initiative("B", gmv=10.0, churn=-744369.1),
        initiative("C", gmv=90.0, churn=1371041.8),
    ]
    floor = Target(kpi="churn", value=0.0, kind=TargetKind.FLOOR)
    asked = plan(rows, scenario(capacity=9.0, targets=(floor,)))
    search = opened(asked)
    aim = objective_of(asked, asked.scenarios[0]).over(search.candidates)
    assert search.better(aim.terms, Clock(), than=None, value_of=aim.value).bits == (1, 1, 1)


@settings(ORACLE, max_examples=20)
@given(seed=st.integers(0, 10**9))
def test_neighbors_are_the_best_within_few_changes(seed: int) -> None:
    """With one column turned and up to three others, as many as there are: no selection in reach is better."""
    asked = knapsacks(seed)
    search = opened(asked)
    aim = objective_of(asked, asked.scenarios[0]).over(search.candidates)
    width = search.candidates.width
    start = (0,) * width
    neighbors = Neighbors(search.candidates, search.rows(), start, aim.terms)
    kept = [bits for bits in product((0, 1), repeat=width) if search.keeps_demands(bits)]
    in_reach = [bits for bits in kept if 0 < sum(bits) <= 4]
    for column in range(width):
        turned = [bits for bits in in_reach if bits[column]]
        found = neighbors.turned(column)
        assert bool(found) == bool(turned)
        if found:
            assert aim.value(found[0]) == pytest.approx(max(map(aim.value, turned)))
            better = neighbors.improved(found[-1], column)
            assert better[column]
            assert search.keeps_demands(better)
            assert aim.value(better) >= aim.value(found[-1])
            near = [
                bits for bits in kept if bits[column] and sum(a != b for a, b in zip(bits, better, strict=True)) < 3
            ]
            assert aim.value(better) == pytest.approx(max(map(aim.value, near)), abs=1e-6)
