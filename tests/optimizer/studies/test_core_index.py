"""What is safe anywhere in the ranges, against the definition by enumeration."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.studies import study_plan
from optimizer import solve_scenario
from optimizer.plan import Accrual, Kpi, ObjectiveMode, PeriodCapacity, Plan
from optimizer.studies.core_index import Core, core_index
from optimizer.studies.estimates import estimates_of
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, scenario
from tests.optimizer.studies.test_frontier import whole_numbers

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def safe(study: Study, spread: float) -> dict[str, Core]:
    """By trying all pairs of plans: X can be better than every plan that decides the other way."""
    coefficients = study.objective.coefficients
    low = {one.key: Fraction(0) for one in study.candidates}
    high = dict(low)
    for one in estimates_of(study.plan, study.scenario, spread):
        if not one.is_cost and one.of in coefficients:
            ends = sorted(Fraction(coefficients[one.of]) * Fraction(end) for end in (one.low, one.high))
            low[one.initiative] += ends[0]
            high[one.initiative] += ends[1]
    allowed = Oracle(study.plan, study.scenario).allowed
    above = Fraction(1e-6) * abs(Fraction(study.answer.objective or 0.0))

    def beats_all(one: frozenset[str], others: list[frozenset[str]]) -> bool:
        return all(sum(high[k] for k in one - other) - sum(low[k] for k in other - one) > above for other in others)

    found = {}
    for candidate in study.candidates:
        key = candidate.key
        is_in = key in study.answer.selected
        same = [subset for subset in allowed if (key in subset) is is_in]
        against = [subset for subset in allowed if (key in subset) is not is_in]
        has_case = any(beats_all(subset, same) for subset in against)
        found[key] = Core.DISCUSS if has_case else Core.IN if is_in else Core.OUT
    return found


def check_core(seed: int, size: int, spread: float) -> int:
    """Check every initiative of a random plan without synergies; how many that were."""
    whole = whole_numbers(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio or not answer.objective:
        return 0
    study = Study(whole, answer)
    truth = safe(study, spread)
    for one in core_index(study, spread=spread, workers=1):
        assert one.core in (truth[one.initiative], Core.UNKNOWN), one
    return len(truth)


@settings(ORACLE, max_examples=15)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 6), spread=st.sampled_from([0.05, 0.3, 1.0]))
def test_what_is_safe_agrees_with_all_pairs_of_plans(seed: int, size: int, spread: float) -> None:
    check_core(seed, size, spread)


@pytest.mark.parametrize(("capacities", "seed"), [(1, 2), (2, 4)])
def test_where_capacities_alone_decide_everything_is_decided(capacities: int, seed: int) -> None:
    """Nothing is left open, and cases are plans that keep the rules."""
    whole = study_plan(9, capacities=capacities, largest=500, seed=seed)
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    found = core_index(study, spread=0.3, workers=1)
    assert {one.initiative: one.core for one in found} == safe(study, 0.3)
    allowed = Oracle(study.plan, study.scenario).allowed
    cases = [one for one in found if one.core is Core.DISCUSS]
    assert len(cases) > 1
    for one in cases:
        assert frozenset(one.case) in allowed
        assert (one.initiative in one.case) is not (one.initiative in study.answer.selected)


def test_a_case_to_discuss_is_a_plan_that_decides_the_other_way() -> None:
    """A is safe; B and C may change places."""
    whole = plan(
        [initiative("A", 5, gmv=100.0), initiative("B", 5, gmv=50.0), initiative("C", 5, gmv=45.0)],
        scenario(ObjectiveMode.NORTH_STAR, 10.0),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    assert {one.initiative: (one.core, one.case) for one in core_index(study, spread=0.1)} == {
        "A": (Core.IN, ()),
        "B": (Core.DISCUSS, ("A", "C")),
        "C": (Core.DISCUSS, ("A", "C")),
    }


def test_what_a_rule_commands_is_safe() -> None:
    """However little A may bring, the rule stays."""
    whole = plan(
        [initiative("A", 5, gmv=1.0, is_mandatory=True, mandate_reason="law"), initiative("B", 5, gmv=50.0)],
        scenario(ObjectiveMode.NORTH_STAR, 5.0),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    assert [one.core for one in core_index(study, spread=0.5)] == [Core.IN, Core.OUT]


def test_a_stopped_search_has_what_it_found() -> None:
    whole = plan([initiative(f"I{n}", 5, gmv=50.0 + n) for n in range(4)], scenario(ObjectiveMode.NORTH_STAR, 10.0))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    assert core_index(study, spread=0.1, stop=lambda: True) == ()


def test_where_it_matters_when_something_starts_nothing_is_proven() -> None:
    """Of what counts in each period the first to be finished brings most: a set of initiatives does not say which."""
    kpi = Kpi(key="gmv", is_north_star=True, accrues=Accrual.EACH_PERIOD)
    asked = scenario(ObjectiveMode.NORTH_STAR, from_period="P1", to_period="P3", rules=(PeriodCapacity(amount=5.0),))
    rows = [initiative("A", 5, gmv=100.0), initiative("B", 5, gmv=50.0)]
    whole = Plan(kpis=(kpi,), initiatives=tuple(rows), scenarios=(asked,), periods=("P1", "P2", "P3"))
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    assert [one.core for one in core_index(study, spread=0.1)] == [Core.UNKNOWN, Core.UNKNOWN]


def test_what_rules_alone_decide_is_safe_whenever_it_brings_more() -> None:
    """A goes on, and M, which is mandatory, needs B; T takes more than there is. C may be in or out."""
    kpi = Kpi(key="gmv", is_north_star=True, accrues=Accrual.EACH_PERIOD)
    asked = scenario(from_period="Q1", to_period="Q2", rules=(PeriodCapacity(amount=10.0),))
    whole = Plan(
        kpis=(kpi,),
        initiatives=(
            initiative("A", 2, gmv=1.0, is_in_progress=True),
            initiative("B", 5, gmv=1.0),
            initiative("C", 3, gmv=5.0),
            initiative("M", 1, is_mandatory=True, mandate_reason="law", prerequisite_keys=("B",)),
            initiative("T", 22, gmv=90.0, duration=2),
        ),
        scenarios=(asked,),
        periods=("Q1", "Q2"),
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    found = {one.initiative: one.core for one in core_index(study, spread=0.1)}
    assert found == {"A": Core.IN, "B": Core.IN, "C": Core.UNKNOWN, "M": Core.IN, "T": Core.OUT}
