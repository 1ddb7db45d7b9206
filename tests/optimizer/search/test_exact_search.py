"""Exact on both sides: nothing that misses a bound is accepted, nothing that reaches it is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import PlanError, evaluate, exact, solve_scenario
from optimizer.plan import (
    Ban,
    Bundle,
    Normalization,
    ObjectiveMode,
    Plan,
    Slice,
    Synergy,
    Target,
    TargetKind,
    TokenBound,
)
from optimizer.portfolio import Status, StopReason
from optimizer.search.exact_search import Search
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

LEXICOGRAPHIC = ObjectiveMode.LEXICOGRAPHIC


@pytest.fixture(params=["highs", "cbc"])
def solver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def one(kpi: str, value: float, target: float, **fields: object) -> Plan:
    """One initiative that moves a KPI by `value`, and a goal."""
    asked = initiative("A", **{kpi: value}, **fields)
    return plan([asked], scenario(LEXICOGRAPHIC, 1.0, targets=(Target(kpi=kpi, value=target),)))


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (0.015, 0.015, True),
        (0.015, 0.0150000005, False),
        (0.015, 0.015 * (1 + 0.9e-9), True),
        (0.015, 0.015 * (1 + 1.1e-9), False),
        (1e-6, 1e-6, True),
        (1e-6, 1.00000001e-6, False),
        (3e12, 3e12, True),
        (3e12, 3e12 + 2_999, True),
        (3e12, 3e12 + 3_001, False),
        (-1e-13, 0.0, True),
        (-1e-11, 0.0, False),
    ],
)
def test_target_is_met_within_1e_9_and_no_further(value: float, target: float, met: bool, solver: str) -> None:
    answer = solve_scenario(one("gmv", value, target), "S", solver=solver)
    assert answer.targets[0].met is met or answer.selected == ()
    assert answer.status is (Status.OPTIMAL if met or target == 0 else Status.TARGETS_MISSED)


@pytest.mark.parametrize(
    ("costs", "capacity", "fits"),
    [
        ([1 / 3] * 3, 1.0, True),
        ([0.1, 0.2], 0.3, True),
        ([0.1] * 10, 1.0, True),
        ([1e-7, 2e-7], 3e-7, True),
        ([1e12, 2e12], 3e12, True),
        ([0.1, 0.2000001], 0.3, False),
        ([0.1, 0.2 + 1e-9], 0.3, False),
        ([1e12, 2e12 + 4_000], 3e12, False),
    ],
)
def test_capacity_is_kept_within_1e_9_and_no_further(
    costs: list[float], capacity: float, fits: bool, solver: str
) -> None:
    asked = plan([initiative(f"I{n}", cost, gmv=1.0) for n, cost in enumerate(costs)], scenario(capacity=capacity))
    answer = solve_scenario(asked, "S", solver=solver)
    assert (len(answer.selected) == len(costs)) is fits
    assert len(answer.selected) >= len(costs) - 1


@pytest.mark.parametrize("parts", [[1 / 3] * 3, [0.1] * 10, [0.7, 0.1, 0.2], [1e-7] * 3])
def test_parts_reach_their_floor(parts: list[float], solver: str) -> None:
    floor = Target(kpi="retention_30d", value=round(sum(parts), 12), kind=TargetKind.FLOOR)
    asked = plan([initiative(f"I{n}", retention_30d=part) for n, part in enumerate(parts)], scenario(targets=(floor,)))
    assert len(solve_scenario(asked, "S", solver=solver).selected) == len(parts)


def test_small_score_breaks_the_tie_of_a_large_one(solver: str) -> None:
    """GBP 80,000 against 0.4 * 0.015: below any solver's usual gap, but the formula is the formula."""
    asked = plan(
        [initiative("A", 1.0, gmv=80000.0), initiative("B", 2.0, gmv=80000.0, retention_30d=0.015)],
        scenario(ObjectiveMode.WEIGHTED_KPIS, 2.0, weights={"gmv": 1.0, "retention_30d": 0.4}),
    )
    assert solve_scenario(asked, "S", solver=solver).selected == ("B",)


def test_contributions_that_cancel_leave_an_exact_objective() -> None:
    asked = plan(
        [
            initiative("A", gmv=3e12, is_mandatory=True),
            initiative("B", gmv=-3e12, is_mandatory=True),
            initiative("C", gmv=0.25),
        ],
        scenario(capacity=3.0),
    )
    assert solve_scenario(asked, "S").objective == 0.25


def test_units_far_apart_in_one_plan(solver: str) -> None:
    asked = plan(
        [initiative("A", gmv=3e12, retention_30d=1e-6), initiative("B", gmv=2e12, retention_30d=2e-6)],
        scenario(
            capacity=1.0,
            targets=(
                Target(kpi="retention_30d", value=2e-6, kind=TargetKind.FLOOR),
                Target(kpi="gmv", value=2e12, kind=TargetKind.FLOOR),
            ),
        ),
    )
    assert solve_scenario(asked, "S", solver=solver).selected == ("B",)


# Rows that HiGHS 1.16 answers wrongly when they reach it unloosened, or with a tighter feasibility tolerance: the row's
# largest activity exceeds its bound by a few 1e-9. Found by the oracle; seed and size of `random_plan`.
@pytest.mark.parametrize(
    ("seed", "size"), [(60, 5), (1666, 3), (3065, 6), (8954, 5), (4788, 9), (6275, 6), (8662, 3), (42062, 3)]
)
def test_rows_that_misled_presolve(seed: int, size: int) -> None:
    asked = random_plan(seed, size)
    truth = Oracle(asked, asked.scenario("S")).answer()
    answer = solve_scenario(asked, "S")
    assert (frozenset(answer.selected) if answer.status.has_portfolio else None) == truth.selected


def test_second_opinion_finds_what_presolve_calls_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of those cases with its rows unloosened: HiGHS calls it infeasible, and without presolve it does not."""
    monkeypatch.setattr("optimizer.model.problem.LOOSE", 0.0)
    monkeypatch.setattr("optimizer.model.problem._LOOSE_OF_LARGEST", 0.0)
    test_rows_that_misled_presolve(1666, 3)


def spied(monkeypatch: pytest.MonkeyPatch, lies: bool = False) -> list[bool]:
    """Whether each run of the solver could use presolve; with `lies` all those that could say infeasible."""
    runs: list[bool] = []
    run = solve.run

    def spy(model: object, name: solve.SolverName, limits: Limits) -> Answer:
        runs.append(limits.presolve)
        if lies and limits.presolve:
            return Answer(StopReason.INFEASIBLE, None, None)
        return run(model, name, limits)

    monkeypatch.setattr(solve, "run", spy)
    return runs


def test_infeasible_is_reported_only_after_a_second_run(monkeypatch: pytest.MonkeyPatch, solver: str) -> None:
    runs = spied(monkeypatch)
    pair = [initiative("A", is_mandatory=True, exclusion_keys=("B",)), initiative("B", is_mandatory=True)]
    answer = solve_scenario(plan(pair, scenario(capacity=5.0)), "S", solver=solver, explain=False)
    assert answer.status is Status.INFEASIBLE
    assert runs == [True, False]


def test_portfolio_that_the_checker_accepts_wins_over_infeasible(monkeypatch: pytest.MonkeyPatch, solver: str) -> None:
    runs = spied(monkeypatch, lies=True)
    monkeypatch.setattr(Search, "best_of_knapsack", lambda *_arguments, **_options: None)
    asked = plan([initiative("A", 2.0, gmv=3.0), initiative("B", 2.0, gmv=2.0)], scenario(capacity=2.0))
    answer = solve_scenario(asked, "S", solver=solver)
    assert (answer.status, answer.selected) == (Status.OPTIMAL, ("A",))
    assert runs.count(True) == 1, "presolve was caught once and stays off"


def test_first_verdict_stands_when_the_second_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_model: object, _name: str, limits: Limits) -> Answer:
        return Answer(StopReason.INFEASIBLE if limits.presolve else StopReason.TIME_LIMIT, None, None)

    monkeypatch.setattr(solve, "run", run)
    pair = [initiative("A", is_mandatory=True, exclusion_keys=("B",)), initiative("B", is_mandatory=True)]
    answer = solve_scenario(plan(pair, scenario(capacity=5.0)), "S", explain=False)
    assert answer.status is Status.INFEASIBLE


def test_what_is_known_wins_over_a_verdict_of_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portfolio that was found without a solver cannot be impossible: nothing is proven then."""
    monkeypatch.setattr(solve, "run", lambda *_arguments: Answer(StopReason.INFEASIBLE, None, None))
    monkeypatch.setattr(Search, "best_of_knapsack", lambda *_arguments, **_options: None)
    rows = [initiative(f"I{n:02}", 2.0, gmv=2.0 + n / 128) for n in range(20)]
    answer = solve_scenario(plan(rows, scenario(capacity=3.0)), "S", explain=False)
    assert (answer.status, answer.selected) == (Status.FEASIBLE, ("I19",))


def test_capacity_that_all_but_fits() -> None:
    """The row of the first such case, without its plan."""
    asked = plan(
        [
            initiative("I01", 1 / 3, gmv=1.099),
            initiative("I02", 0.2, gmv=0.015),
            initiative("I04", 0.015, gmv=1.0006666666666666),
            initiative("I07", 2.0, gmv=-0.001),
            initiative("I09", 3.0, gmv=0.001),
        ],
        scenario(capacity=5.54833331114, rules=(Synergy(members=("I01", "I07", "I09"), kpi="gmv", value=1.0),)),
    )
    assert solve_scenario(asked, "S").selected == ("I01", "I04", "I07", "I09")


def test_token_bound_is_as_exact_as_capacity() -> None:
    asked = plan(
        [initiative(f"I{n}", 0.1, gmv=1.0, dimensions={"market": "UK"}) for n in range(3)],
        scenario(rules=(TokenBound(slice={"dimension": "market", "key": "UK"}, max_tokens=0.3),)),
    )
    assert len(solve_scenario(asked, "S").selected) == 3


# the rule itself

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


@given(NUMBERS)
def test_every_amount_reaches_itself(amount: float) -> None:
    assert exact.reaches(amount, amount)
    assert exact.stays_within(amount, amount)


@given(NUMBERS, NUMBERS)
def test_amounts_reach_or_stay_within(amount: float, bound: float) -> None:
    assert exact.reaches(amount, bound) or exact.stays_within(amount, bound)


@given(st.lists(NUMBERS, max_size=20))
def test_total_does_not_depend_on_order(values: list[float]) -> None:
    assert exact.total(values) == exact.total(reversed(values))


@given(NUMBERS, st.booleans())
@settings(max_examples=300)
def test_number_for_people_is_on_the_safe_side_and_near(value: float, upwards: bool) -> None:
    shown = exact.rounded_for_people(value, upwards=upwards)
    beyond = (value - shown) if upwards else (shown - value)
    assert beyond <= 1e-14 * abs(value)
    assert abs(shown - value) <= 1e-8 * abs(value)


@pytest.mark.parametrize(
    ("value", "upwards", "shown"),
    [
        (0.020999999999999998, False, 0.021),
        (0.02100000000000001, False, 0.021),
        (1 / 3, False, 0.333333333),
        (1 / 3, True, 0.333333334),
        (1119.9999999999998, True, 1120.0),
    ],
)
def test_number_for_people_has_no_rounding_noise(value: float, upwards: bool, shown: float) -> None:
    assert exact.rounded_for_people(value, upwards=upwards) == shown


@given(NUMBERS.filter(bool))
def test_scale_is_a_power_of_two_near(magnitude: float) -> None:
    scale = exact.power_of_two_near(abs(magnitude))
    assert 1 <= abs(magnitude) / scale < 2
    assert scale.hex().startswith("0x1.0000000000000p") or scale < 2**-1021


def test_evaluation_does_not_depend_on_a_solver() -> None:
    asked = one("gmv", 0.015, 0.0150000005)
    (outcome,) = evaluate(asked, "S", ["A"]).targets
    assert not outcome.met
    assert outcome.shortfall == pytest.approx(5e-10, rel=1e-6)


@pytest.mark.parametrize("value", [1e14, 1e17, 1e-15])
def test_goal_out_of_all_proportion_is_met_or_missed_like_any_other(value: float, solver: str) -> None:
    answer = solve_scenario(one("gmv", 0.015, value), "S", solver=solver)
    assert answer.targets[0].met is (value < 1)


def test_goal_beyond_double_precision_is_met_by_any_amount(solver: str) -> None:
    answer = solve_scenario(one("gmv", 0.015, 1e-300), "S", solver=solver)
    assert (answer.status, answer.targets[0].met) == (Status.OPTIMAL, True)


def test_harm_beyond_double_precision_is_refused_in_words(solver: str) -> None:
    """How far a goal is missed counts relative to it: 1e300 times what is asked for is no number to plan with."""
    asked = one("gmv", -0.015, 1e-300, is_mandatory=True)
    with pytest.raises(PlanError, match=r"a target of 1e-300 is too small beside amounts of 0\.015"):
        solve_scenario(asked, "S", solver=solver)


SMALL = {"a": (7, 0.011), "b": (6, 0.009), "c": (5, 0.007), "d": (4, 0.006), "e": (3, 0.0035), "f": (9, 0.0133)}
"""Tokens and a small contribution: of 20 tokens, a, d and f make the best use."""


@pytest.mark.parametrize("mode", [ObjectiveMode.WEIGHTED_KPIS, LEXICOGRAPHIC])
@pytest.mark.parametrize("size", [1e9, 3e12, 1e17])
@pytest.mark.parametrize("why", ["too large", "needs too much", "capped", "left out", "harmful"])
def test_small_amounts_decide_beside_a_large_one_that_does_not_matter(
    why: str, size: float, mode: ObjectiveMode, solver: str
) -> None:
    """Beside a coefficient of 3e12, differences of 0.01 are below what a solver sees."""
    large = initiative(
        "BIG",
        25.0 if why == "too large" else 8.0,
        gmv=-size if why == "harmful" else size,
        prerequisite_keys=("NEED",) if why == "needs too much" else (),
        dimensions={"department": "z"},
    )
    rows = [initiative(key, tokens, retention_30d=amount) for key, (tokens, amount) in SMALL.items()]
    cap = TokenBound(slice=Slice(dimension="department", key="z"), max_tokens=5.0)
    asked = plan(
        [large, initiative("NEED", 15.0), *rows],
        scenario(
            mode,
            20.0,
            weights={"gmv": 1.0, "retention_30d": 1.0},
            secondary_objective=ObjectiveMode.WEIGHTED_KPIS,
            targets=(Target(kpi="retention_30d", value=0.001),),
            rules={"capped": (cap,), "left out": (Ban(initiative="BIG"),)}.get(why, ()),
        ),
    )
    answer = solve_scenario(asked, "S", solver=solver)
    assert (answer.selected, answer.status) == (("a", "d", "f"), Status.OPTIMAL)
    assert answer.ties_broken


def test_what_a_solver_cannot_see_is_not_called_proven() -> None:
    """Mandatory amounts cancel to 0.1 beside 1e13, and nothing can be left out: the gap says what is not proven."""
    must = {"is_mandatory": True, "mandate_reason": "law"}
    asked = plan(
        [
            initiative("A", 1.0, gmv=1e13, **must),
            initiative("B", 1.0, gmv=-1e13, **must),
            initiative("C", 1.0, gmv=1e13),
            initiative("D", 1.0, gmv=-1e13 + 0.13),
            initiative("E", 1.0, gmv=0.1),
        ],
        scenario(capacity=4.0, rules=(Bundle(label="B", members=("C", "D")),)),
    )
    answer = solve_scenario(asked, "S")
    assert answer.gap is not None
    assert answer.bound is not None
    assert answer.bound >= 0.13
    assert answer.selected == ("A", "B", "C", "D") or answer.status is Status.FEASIBLE


def test_what_only_harm_forbids_is_not_left_out_for_other_ideals() -> None:
    """GIFT needs HARM, which ruins gmv, for a floor: as ideals of gmv nobody wants them, of retention they are best."""
    others = [initiative(f"F{n}", 0.01, conversion_rate=0.001) for n in range(12)]
    asked = plan(
        [
            initiative("A", 1.0, gmv=0.01, retention_30d=1.0),
            initiative("GIFT", 1.0, gmv=1e8, retention_30d=5.0, conversion_rate=-100.0),
            initiative("HARM", 1.0, gmv=-3e8, conversion_rate=100.0),
            *others,
        ],
        scenario(
            ObjectiveMode.WEIGHTED_KPIS,
            4.0,
            weights={"gmv": 1.0, "retention_30d": 1.0},
            normalization=Normalization.IDEAL,
            targets=(Target(kpi="conversion_rate", value=0.0, kind=TargetKind.FLOOR),),
        ),
    )
    answer = solve_scenario(asked, "S")
    assert answer.factors == pytest.approx({"gmv": 100.0, "retention_30d": 1 / 6})
