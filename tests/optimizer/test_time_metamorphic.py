"""What must not change, or only one way, when a plan over several periods is changed in a known way."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import evaluate, solve_scenario
from optimizer.plan import (
    Accrual,
    ChangeLimit,
    ObjectiveMode,
    PeriodCapacity,
    Plan,
    PlanPart,
    Prerequisite,
    RuleSpec,
    Slice,
)
from optimizer.portfolio import Portfolio, Status
from tests.optimizer.plans import random_plan
from tests.optimizer.timed_plans import PERIODS, random_timed_plan

SEEDS, SIZES, LENGTHS = st.integers(0, 10**9), st.integers(2, 9), st.integers(2, 4)
FEW = settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)


def solved(asked: Plan) -> Portfolio:
    return solve_scenario(asked, "S", explain=False)


def changed(asked: Plan, **fields: object) -> Plan:
    own = asked.scenario("S").model_copy(update=fields)
    return asked.model_copy(update={"scenarios": (own,)})


def later(asked: Plan) -> Plan:
    """The same plan with other names for its periods."""
    own = asked.scenario("S")
    question = renamed(own, "from_period", "to_period").model_copy(
        update={
            "targets": tuple(renamed(target, "period") for target in own.targets),
            "rules": tuple(later_rule(rule) for rule in own.rules),
        }
    )
    return Plan(
        kpis=asked.kpis,
        initiatives=tuple(renamed(i, "period_key", "earliest_start", "latest_finish") for i in asked.initiatives),
        scenarios=(question,),
        periods=tuple(f"later {period}" for period in asked.periods),
    )


def later_rule(rule: RuleSpec) -> RuleSpec:
    if isinstance(rule, ChangeLimit):
        return rule.model_copy(update={"starts": {key: f"later {start}" for key, start in rule.starts.items()}})
    return renamed(rule, *(name for name in ("period", "start") if hasattr(rule, name)))


def renamed(part: PlanPart, *fields: str) -> PlanPart:
    return part.model_copy(update={name: f"later {old}" for name in fields if (old := getattr(part, name)) is not None})


def assert_no_worse(asked: Plan, before: Portfolio, after: Portfolio) -> None:
    if before.status is Status.INFEASIBLE:
        return
    sign = asked.kpi(asked.scenario("S").north_star or "k0").direction.sign
    assert after.status.has_portfolio
    assert sign * after.objective >= sign * before.objective - 1e-9 * abs(before.objective) - 1e-12


@FEW
@given(seed=SEEDS, size=SIZES)
def test_one_period_is_the_plan_of_one_period(seed: int, size: int) -> None:
    """Over a single period, with what accrues once, the answer is that of the plan without periods."""
    asked = random_plan(seed, size)
    own = asked.scenario("S").model_copy(update={"period_key": "Q1"})
    timed = own.model_copy(update={"period_key": None, "from_period": "Q1", "to_period": "Q1"})
    plain = solved(asked.model_copy(update={"scenarios": (own,)}))
    answer = solved(asked.model_copy(update={"scenarios": (timed,), "periods": ("Q1",)}))
    assert (answer.status, answer.selected, answer.objective) == (plain.status, plain.selected, plain.objective)
    assert answer.kpi_totals == plain.kpi_totals
    assert plain.starts == {}
    assert answer.starts == dict.fromkeys(plain.selected, "Q1")


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_names_of_periods_do_not_matter(seed: int, size: int, length: int) -> None:
    """The same plan a year later has the same answer a year later."""
    asked = random_timed_plan(seed, size, length)
    before, after = solved(asked), solved(later(asked))
    assert after.status == before.status
    assert after.starts == {key: f"later {period}" for key, period in before.starts.items()}


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_capacity_of_a_period_never_hurts(seed: int, size: int, length: int) -> None:
    asked = random_timed_plan(seed, size, length, mode=ObjectiveMode.NORTH_STAR)
    richer = changed(
        asked,
        rules=tuple(
            rule.model_copy(update={"amount": 1.3 * rule.amount}) if isinstance(rule, PeriodCapacity) else rule
            for rule in asked.scenario("S").rules
        ),
    )
    assert_no_worse(asked, solved(asked), solved(richer))


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_less_lag_never_hurts(seed: int, size: int, length: int) -> None:
    asked = random_timed_plan(seed, size, length, mode=ObjectiveMode.NORTH_STAR)
    own = asked.scenario("S")
    keys = [initiative.key for initiative in asked.initiatives]
    lagging = changed(asked, rules=(*own.rules, Prerequisite(initiative=keys[0], requires=(keys[1],), lag=1)))
    quicker = changed(asked, rules=(*own.rules, Prerequisite(initiative=keys[0], requires=(keys[1],))))
    assert_no_worse(asked, solved(lagging), solved(quicker))


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_longer_horizon_never_hurts(seed: int, size: int, length: int) -> None:
    """Where what accrues counts once: with each period a KPI that gets worse gets worse for longer."""
    asked = random_timed_plan(seed, size, length, mode=ObjectiveMode.NORTH_STAR)
    asked = asked.model_copy(update={"kpis": tuple(k.model_copy(update={"accrues": Accrual.ONCE}) for k in asked.kpis)})
    own = asked.scenario("S")
    last = asked.period_number(own.to_period)
    if last + 1 == len(PERIODS):
        return
    # What is asked for by the end of the plan stays asked for by the same date.
    targets = tuple(t.model_copy(update={"period": t.period or own.to_period}) for t in own.targets)
    shorter = changed(asked, targets=targets)
    longer = changed(asked, targets=targets, to_period=PERIODS[last + 1])
    assert_no_worse(asked, solved(shorter), solved(longer))


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_splitting_the_capacity_of_a_period_never_helps(seed: int, size: int, length: int) -> None:
    """Two teams that share what they have bring no less than two teams with a part each."""
    asked = random_timed_plan(seed, size, length, mode=ObjectiveMode.NORTH_STAR)
    own = asked.scenario("S")
    whole = sum(i.tokens for i in asked.initiatives) / length
    parts = [
        PeriodCapacity(amount=share * whole, slice=Slice(dimension="market", key=key))
        for key, share in (("UK", 0.4), ("DE", 0.6))
    ]
    together = changed(asked, rules=(*own.rules, PeriodCapacity(amount=whole)))
    apart = changed(asked, rules=(*own.rules, *parts))
    assert_no_worse(asked, solved(apart), solved(together))


@FEW
@given(seed=SEEDS, size=SIZES, length=LENGTHS)
def test_answer_is_what_its_starts_amount_to(seed: int, size: int, length: int) -> None:
    """Evaluated anew from keys and periods alone, an answer has the totals that it says."""
    asked = random_timed_plan(seed, size, length, mode=ObjectiveMode.NORTH_STAR)
    answer = solved(asked)
    if not answer.status.has_portfolio:
        return
    again = evaluate(asked, "S", answer.starts)
    assert again.is_allowed
    assert again.objective == answer.objective
    assert again.slices == answer.slices


def test_selection_without_starts_is_refused() -> None:
    asked = random_timed_plan(1, 3, 2)
    with pytest.raises(ValueError, match=r"^scenario 'S' has several periods: give the period in which each"):
        evaluate(asked, "S", [asked.initiatives[0].key])
    with pytest.raises(ValueError, match=r"^scenario 'S' does not plan the period Q9$"):
        evaluate(asked, "S", {asked.initiatives[0].key: "Q9"})
