"""The bridge between two answers: each part where it belongs, and all parts together exactly the whole."""

from fractions import Fraction
from itertools import pairwise

import pytest

from optimizer.plan import Accrual, Initiative, Mandate, PeriodCapacity, Plan
from optimizer.scenario import solve_scenario
from optimizer.studies.bridge import Bridge, Cause, Side, bridge_between
from tests.campaigns.bridges import random_pair
from tests.optimizer.plans import GMV, initiative, plan, scenario
from tests.optimizer.timed_plans import random_timed_plan

SAMPLE = 15
QUARTERS = ("Q1", "Q2", "Q3", "Q4")


def side(made: Plan) -> Side:
    answer = solve_scenario(made, "S", explain=False)
    assert answer.status.has_portfolio
    return Side(made, answer.selected, answer.kpi_totals, answer.starts)


def gmv(bridge: Bridge) -> dict[str, float]:
    return {"+".join(step.causes): float(step.changes["gmv"]) for step in bridge.steps}


A, B, C = initiative("A", 60, gmv=100.0), initiative("B", 50, gmv=80.0), initiative("C", 40, gmv=40.0)


def test_each_kind_of_change_is_in_its_step() -> None:
    """Then A + C = 140. Now A brings 90, D is new, 150 tokens instead of 100, and C must not be left out."""
    before = side(plan([A, B, C], scenario(capacity=100)))
    now = [initiative("A", 60, gmv=90.0), B, C, initiative("D", 40, gmv=70.0)]
    after = side(plan(now, scenario(capacity=150, rules=(Mandate(initiative="C"),))))
    bridge = bridge_between("S", before, after)
    # (1) A + C = 130, (2) A + D = 160, (3) A + B + D = 240, (4) A + B + C = 210
    assert gmv(bridge) == {"estimates": -10, "initiatives": 30, "capacity": 80, "rules": -30}
    assert [(step.came_in, step.went_out) for step in bridge.steps] == [
        ((), ()),
        (("D",), ("C",)),
        (("B",), ()),
        (("C",), ("D",)),
    ]
    assert bridge.adds_up


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        (plan([A, B, C], scenario(capacity=150)), Cause.CAPACITY),
        (plan([A, B, C], scenario(capacity=100, rules=(Mandate(initiative="B"),))), Cause.RULES),
        (plan([A, B, C, initiative("D", 40, gmv=70.0)], scenario(capacity=100)), Cause.INITIATIVES),
        (plan([initiative("A", 60, gmv=110.0), B, C], scenario(capacity=100)), Cause.ESTIMATES),
    ],
)
def test_one_change_is_all_in_one_step(changed: Plan, cause: Cause) -> None:
    bridge = bridge_between("S", side(plan([A, B, C], scenario(capacity=100))), side(changed))
    assert [step.causes for step in bridge.steps if step.changes["gmv"]] == [(cause,)]
    assert bridge.adds_up


def test_the_same_plan_has_a_bridge_of_nothing() -> None:
    same = side(plan([A, B, C], scenario(capacity=100)))
    assert set(gmv(bridge_between("S", same, same)).values()) == {0.0}


def test_a_step_that_no_plan_keeps_is_told_together_with_the_next() -> None:
    """B must be in, and costs more than the capacity of then: only with the capacity of now is there a plan."""
    must = (Mandate(initiative="B"),)
    before = side(plan([A, B, C], scenario(capacity=100, rules=must)))
    after = side(plan([A, initiative("B", 120, gmv=80.0), C], scenario(capacity=200, rules=must)))
    bridge = bridge_between("S", before, after)
    assert [step.causes for step in bridge.steps] == [
        (Cause.ESTIMATES,),
        (Cause.INITIATIVES, Cause.CAPACITY),
        (Cause.RULES,),
    ]
    assert gmv(bridge) == {"estimates": 0, "initiatives+capacity": 60, "rules": 0}


def test_an_initiative_that_is_gone_takes_the_rules_with_it_that_name_it() -> None:
    before = side(plan([A, B, C], scenario(capacity=100, rules=(Mandate(initiative="A"),))))
    after = side(plan([B, C], scenario(capacity=90)))
    assert gmv(bridge_between("S", before, after)) == {"estimates": 0, "initiatives": -20, "capacity": 0, "rules": 0}


def test_a_kpi_of_another_unit_is_left_out() -> None:
    before = side(plan([A, B, C], scenario(capacity=100)))
    kpis = tuple(kpi.model_copy(update={"unit": "EUR"}) if kpi.key == "gmv" else kpi for kpi in before.plan.kpis)
    after = side(plan([A, B, C], scenario(capacity=150), kpis=kpis))
    assert list(bridge_between("S", before, after).after) == ["retention_30d", "conversion_rate", "churn"]


def test_bridges_of_random_pairs_add_up_exactly() -> None:
    """A sample of `make campaign NAME=bridges`, which tries 1,000."""
    pairs = [pair for pair in map(random_pair, range(SAMPLE)) if pair is not None]
    assert len(pairs) > SAMPLE / 2
    for pair in pairs:
        bridge = bridge_between("S", *pair)
        assert bridge.steps[0].causes == (Cause.ESTIMATES,)
        for kpi, total in bridge.after.items():
            assert total == pair[1].totals[kpi]
            steps = sum((step.changes[kpi] for step in bridge.steps), Fraction())
            assert Fraction(pair[0].totals[kpi]) + steps == Fraction(total)
        assert bridge.adds_up


def year(amounts: list[float], last: str = "Q3", tokens: float = 10, periods: tuple[str, ...] = QUARTERS) -> Plan:
    """A and B, each as large as a period, whose GMV counts in every period after the one in which they are finished."""
    limits = tuple(PeriodCapacity(amount=amount, period=at) for amount, at in zip(amounts, periods, strict=False))
    both = [initiative("A", tokens, gmv=100.0), initiative("B", 10, gmv=40.0)]
    asked = scenario(rules=limits, from_period=periods[0], to_period=last)
    kpis = (GMV.model_copy(update={"accrues": Accrual.EACH_PERIOD}),)
    return Plan(kpis=kpis, initiatives=tuple(both), scenarios=(asked,), periods=periods)


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        # Then A starts in Q1 and counts twice, B in Q2 and counts once: 240.
        pytest.param(year([20, 0, 0]), {"capacity": 40}, id="capacity of a period"),
        pytest.param(year([10, 10, 0], tokens=12), {"initiatives": -160}, id="effort"),
        pytest.param(year([10, 10, 0], last="Q4"), {"rules": 140}, id="a longer plan"),
        # A begins in Q2 at the earliest and counts twice, and so does B; there is room for A alone.
        pytest.param(
            year([10, 0, 0], periods=("Q2", "Q3", "Q4"), last="Q4"), {"cycle": 40, "initiatives": -80}, id="rolled on"
        ),
        pytest.param(year([10, 10, 0], periods=("Q3", "Q2", "Q1"), last="Q1"), {}, id="periods in another order"),
    ],
)
def test_a_plan_over_several_periods_has_a_bridge(changed: Plan, parts: dict[str, float]) -> None:
    before, after = side(year([10, 10, 0])), side(changed)
    assert (before.totals["gmv"], dict(before.starts)) == (240, {"A": "Q1", "B": "Q2"})
    bridge = bridge_between("S", before, after)
    assert bridge.adds_up
    assert {name: change for name, change in gmv(bridge).items() if change} == parts or not parts


def test_the_next_cycle_is_a_step_of_its_own() -> None:
    """A is finished, B goes on with half of its effort, C keeps its start; the new period has its capacity of now.

    Then A in Q1 counts twice (200), B from Q1 to Q2 once (40), C in Q3 not yet. A no longer counts, B is finished in Q2
    and counts twice (80), C in Q3 counts once (30). With D, which is new, instead of C there are 20 more.
    """
    limits = [PeriodCapacity(amount=amount, period=at) for amount, at in zip((20, 10, 10, 0), QUARTERS, strict=True)]
    a, b, c = initiative("A", 10, gmv=100.0), initiative("B", 20, gmv=40.0), initiative("C", 10, gmv=30.0)
    b = b.model_copy(update={"duration": 2})
    kpis = (GMV.model_copy(update={"accrues": Accrual.EACH_PERIOD}),)

    def made(work: list[Initiative], first: int) -> Plan:
        asked = scenario(
            rules=tuple(limits[first : first + 3]), from_period=QUARTERS[first], to_period=QUARTERS[first + 2]
        )
        return Plan(kpis=kpis, initiatives=tuple(work), scenarios=(asked,), periods=QUARTERS)

    before = side(made([a, b, c.model_copy(update={"earliest_start": "Q3"})], 0))
    assert dict(before.starts) == {"A": "Q1", "B": "Q1"}
    before = Side(before.plan, ("A", "B", "C"), before.totals, {**before.starts, "C": "Q3"})
    done = a.model_copy(update={"is_done": True, "is_candidate": False})
    goes_on = initiative("B", 10, gmv=40.0).model_copy(update={"is_in_progress": True})
    after = side(made([done, goes_on, c, initiative("D", 10, gmv=50.0)], 1))
    assert dict(after.starts) == {"B": "Q2", "D": "Q3"}
    bridge = bridge_between("S", before, after)
    assert gmv(bridge) == {"cycle": -130, "estimates": 0, "initiatives": 20, "capacity": 0, "rules": 0}
    assert (bridge.steps[0].went_out, bridge.steps[2].came_in, bridge.steps[2].went_out) == (("A",), ("D",), ("C",))
    assert not any(step.moved for step in bridge.steps)
    assert bridge.adds_up


def test_random_bridges_between_plans_over_several_periods_add_up() -> None:
    plans = [random_timed_plan(seed, 5, 3) for seed in range(18)]
    answers = [solve_scenario(made, "S", explain=False) for made in plans]
    sides = [
        Side(made, answer.selected, answer.kpi_totals, answer.starts)
        for made, answer in zip(plans, answers, strict=True)
        if answer.status.has_portfolio
    ]
    assert len(sides) > 6  # the others have no portfolio
    for before, after in pairwise(sides):
        assert bridge_between("S", before, after).adds_up
