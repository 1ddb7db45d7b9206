"""Ways out of a conflict over several periods are about cells: a capacity, a cap and a reserve hold in each period."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import Mandate, PeriodCapacity, Plan, RuleSpec, Slice, TokenBound
from optimizer.portfolio import Relaxation, Status
from tests.optimizer.explain.test_conflict import restated, sentences
from tests.optimizer.plans import GMV, initiative, scenario
from tests.optimizer.time_oracle import TimedOracle

RANDOM = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
QUARTERS = ("2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")
DATA = Slice(dimension="department", key="Data")
IN_DATA = {"dimensions": {"department": "Data"}}
_NEARER = 1e-6


def year(initiatives: list[object], *rules: RuleSpec, to_period: str = QUARTERS[-1], **fields: object) -> Plan:
    own = scenario(from_period=QUARTERS[0], to_period=to_period, rules=rules, **fields)
    return Plan(kpis=(GMV,), initiatives=tuple(initiatives), scenarios=(own,), periods=QUARTERS)


def must(key: str, tokens: float, **fields: object) -> object:
    return initiative(key, tokens, gmv=1.0, is_mandatory=True, mandate_reason="law", **{**IN_DATA, **fields})


def ways_out(asked: Plan) -> list[str]:
    answer = solve_scenario(asked, "S")
    assert answer.conflict is not None
    return sentences(answer.conflict)


def test_a_capacity_in_each_period_is_one_number() -> None:
    """7 and 5 tokens over two quarters of 4 each: 7 in one of them is enough in its cell, and 6 is not."""
    asked = year(
        [must("A", 7.0), must("B", 5.0)],
        PeriodCapacity(amount=4.0, slice=DATA, source="Capacity!E2"),
        to_period="2026-Q4",
    )
    assert "raise the capacity for department Data in each period from 4 to 7" in ways_out(asked)


def test_two_quarters_that_are_too_small_are_one_change() -> None:
    """A must be done in one quarter and B in the other: each is a conflict of its own, and one number mends both."""
    asked = year(
        [must("A", 7.0, latest_finish="2026-Q3"), must("B", 5.0, earliest_start="2026-Q4")],
        PeriodCapacity(amount=4.0, slice=DATA, source="Capacity!E2"),
        to_period="2026-Q4",
    )
    assert "raise the capacity for department Data in each period from 4 to 7" in ways_out(asked)


def test_the_reserve_is_one_number_for_all_capacities() -> None:
    """Two teams of 10 with 9 and 8.5 to do: a reserve of 10% is enough for both, and of 20% for neither."""
    ops = Slice(dimension="department", key="Ops")
    asked = year(
        [must("A", 9.0), must("B", 8.5, dimensions={"department": "Ops"})],
        PeriodCapacity(amount=10.0, slice=DATA, source="Capacity!E2"),
        PeriodCapacity(amount=10.0, slice=ops, source="Capacity!E3"),
        to_period="2026-Q3",
        reserve=0.2,
        reserve_source="Scenarios!F2",
    )
    assert "lower the reserve from 20% to 10%" in ways_out(asked)


def test_a_cap_in_each_period_is_one_number() -> None:
    cap = TokenBound(slice=DATA, max_tokens=4.0, source="Constraints!E2")
    assert "raise the cap for department Data in each period from 4 to 7" in ways_out(
        year([must("A", 7.0), must("B", 5.0)], cap, to_period="2026-Q4")
    )


def crowded(seed: int) -> Plan:
    """A plan over two or three quarters that is often impossible; its rules have sources."""
    random = Random(seed)
    cells = iter(range(1000))

    def amount() -> float:
        return random.choice([1.0, 2.0, 3.0, 1 / 3, 2.5, round(random.uniform(0.5, 6.0), 2)])

    def source() -> dict[str, str]:
        return {"source": f"C!{next(cells)}"}

    last = random.choice([1, 2])
    keys = [f"I{number}" for number in range(5)]
    whole = [
        initiative(
            key,
            amount(),
            gmv=amount(),
            duration=random.choice([1, 1, 2]),
            costs={"design": amount()},
            dimensions={"department": random.choice(["Data", "Ops"])},
            latest_finish=random.choice([None, None, *QUARTERS[: last + 1]]),
        )
        for key in keys
    ]
    rules: list[RuleSpec] = [
        PeriodCapacity(amount=amount(), slice=DATA, **source()),
        PeriodCapacity(amount=amount(), resource="design", **source()),
        PeriodCapacity(amount=amount(), period=random.choice(QUARTERS[: last + 1]), **source()),
        TokenBound(slice=Slice(dimension="department", key="Ops"), max_tokens=amount(), **source()),
    ]
    return year(
        whole,
        *random.sample(rules, random.randint(1, 4)),
        *(Mandate(initiative=key, **source()) for key in random.sample(keys, random.randint(1, 4))),
        to_period=QUARTERS[last],
        capacity=random.choice([None, 3 * amount()]),
        reserve=random.choice([0.0, 0.0, 0.1, 0.25]),
        reserve_source="S!r",
    )


def is_possible(asked: Plan, way_out: Relaxation, *, nearer: float = 0.0) -> bool:
    """Whether any plan keeps every rule after a change; `nearer` is the part of it that is left undone."""
    own = restated(asked.scenario("S"), way_out)
    if nearer:
        changes = []
        for change in way_out.changes:
            assert change.from_value is not None
            assert change.to_value is not None
            number = change.to_value + nearer * (change.from_value - change.to_value)
            changes.append(type(change)(change.rule, change.from_value, number, change.sentence))
        own = restated(asked.scenario("S"), Relaxation(tuple(changes), way_out.least, way_out.sentence))
    changed = asked.model_copy(update={"scenarios": (own,)})
    return bool(len(TimedOracle(changed, own).allowed))


@settings(RANDOM, max_examples=40)
@given(seed=st.integers(0, 10**9))
def test_every_way_out_works_in_its_cell_and_no_smaller_one_does(seed: int) -> None:
    asked = crowded(seed)
    answer = solve_scenario(asked, "S")
    if answer.status is not Status.INFEASIBLE:
        return
    assert answer.conflict is not None
    assert answer.conflict.minimal
    assert answer.conflict.relaxations
    for way_out in answer.conflict.relaxations:
        dates = {change.rule.kind for change in way_out.changes} & {"latest_finish", "earliest_start"}
        if dates:
            continue  # a period is no number of the scenario
        assert is_possible(asked, way_out), way_out.sentence
        if way_out.least and len(way_out.changes) == 1 and way_out.changes[0].to_value is not None:
            # A percent is said with two decimals.
            nearer = _NEARER if "reserve" not in way_out.sentence else 0.01
            assert not is_possible(asked, way_out, nearer=nearer), way_out.sentence
