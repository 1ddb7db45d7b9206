"""The intervals of weights against brute force on both sides of each end."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import Initiative, ObjectiveMode
from optimizer.studies.edits import WeightOf
from optimizer.studies.study import Study
from optimizer.studies.weights import FURTHEST, WeightEnd, WeightInterval, weight_intervals
from tests.optimizer.plans import initiative, plan, random_plan, scenario
from tests.optimizer.studies.test_studies import best

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def stays(study: Study, kpi: str, weight: float) -> bool:
    """Whether nothing is better than the answer with this weight, rounding aside."""
    edit = WeightOf(kpi, weight)
    truth = best(study, edit)
    assert truth is not None
    factors = study.answer.factors
    own = sum(
        Fraction(weight if k == kpi else study.scenario.weights[k])
        * Fraction(factors[k])
        * study.plan.kpi(k).direction.sign
        * Fraction(study.answer.kpi_totals[k])
        for k in factors
    )
    return truth[-1] - own <= Fraction(1e-6) * max(abs(truth[-1]), Fraction(1e-9))


def check_weights(seed: int, size: int) -> int:
    """Check every end of every interval of a random plan; how many there are."""
    whole = random_plan(seed, size, mode=ObjectiveMode.WEIGHTED_KPIS)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return 0
    study, checked = Study(whole, answer), 0
    for one in weight_intervals(study):
        furthest = FURTHEST * max(study.scenario.weights[kpi] for kpi in answer.factors)
        for end, bound in ((one.low, 0.0), (one.high, furthest)):
            if end is None:
                continue  # where both plans are worth next to nothing, no solver proves which one is better
            if end.weight is None:
                assert stays(study, one.kpi, bound)
                continue
            assert stays(study, one.kpi, (end.weight + one.weight) / 2)
            beyond = end.weight + (end.weight - one.weight) * 0.01 + (1e-3 if end is one.high else -1e-3) * one.weight
            if beyond > 0 and abs(end.weight - one.weight) > 1e-6:
                assert end.came_in or end.went_out
                checked += 1
    return checked


@settings(ORACLE, max_examples=20)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 6))
def test_the_answer_stays_best_within_the_interval_of_each_weight(seed: int, size: int) -> None:
    check_weights(seed, size)


TWO = (initiative("A", 5, gmv=100.0, retention_30d=1.0), initiative("B", 5, gmv=40.0, retention_30d=4.0))


def intervals(
    weights: dict[str, float], of: tuple[Initiative, ...] = TWO, capacity: float = 5.0
) -> tuple[WeightInterval, ...]:
    whole = plan(list(of), scenario(ObjectiveMode.WEIGHTED_KPIS, capacity, weights=weights))
    return weight_intervals(Study(whole, solve_scenario(whole, "S", explain=False)))


def test_the_end_is_where_the_other_plan_is_as_good() -> None:
    """100 + w = 40 + 4 w at w = 20; and v 100 + 10 = v 40 + 40 at v = 0.5."""
    gmv, retention = intervals({"gmv": 1.0, "retention_30d": 10.0})
    assert retention.low == WeightEnd(None)
    assert retention.high == WeightEnd(pytest.approx(20.0), ("B",), ("A",))
    assert gmv.low == WeightEnd(pytest.approx(0.5), ("B",), ("A",))
    assert gmv.high == WeightEnd(None)


def test_a_plan_that_ties_takes_over_where_it_leads_by_more_than_a_tie() -> None:
    """B adds 2 to 1e10, which ties with the cheaper plan without it: up to 2 w > 1e-9 (1e10 + 2 w), about w = 5."""
    of = (initiative("A", 5, gmv=1e10), initiative("B", 3, retention_30d=2.0))
    gmv, retention = intervals({"gmv": 1.0, "retention_30d": 1.0}, of, 8.0)
    assert retention == WeightInterval(
        "retention_30d", 1.0, WeightEnd(None), WeightEnd(pytest.approx(5.0, rel=1e-8), ("B",))
    )
    assert gmv == WeightInterval("gmv", 1.0, WeightEnd(pytest.approx(0.2, rel=1e-8), ("B",)), WeightEnd(None))


def test_one_weight_alone_decides_nothing() -> None:
    assert intervals({"gmv": 1.0}) == ()
