"""The core finds what the whole problem has: brute force, tiny cores, and plans for which a core is of no use."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.models import Model
from optimizer import solve_scenario
from optimizer.model.problem import Model as SolverModel
from optimizer.model.rows import Candidates
from optimizer.plan import TOKENS, Bundle, Kpi, ObjectiveMode, Plan, Scenario, Target, TargetKind
from optimizer.portfolio import Status, StopReason
from optimizer.rules import rules_of
from optimizer.search import core_search, tie_breaking
from optimizer.search.clock import Clock
from optimizer.search.core_search import CoreFound, best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.lagrangian_bound import Lagrangian
from optimizer.search.solver_calls import SolverChoice
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

ORACLE = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    max_examples=150,
)


@pytest.fixture
def tiny_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cores of two and four columns in plans of a dozen, so that first, second and no core all come up."""
    monkeypatch.setattr(core_search, "CORE_ABOVE", 0)
    monkeypatch.setattr(core_search, "_FIRST_CORES", (2, 4))
    monkeypatch.setattr(core_search, "_FEW", 1)
    monkeypatch.setattr(core_search, "_NEAR", 1)
    monkeypatch.setattr(tie_breaking, "_FIXED_ABOVE", 0)


@pytest.mark.usefixtures("tiny_cores")
@ORACLE
@given(seed=st.integers(0, 10**9), size=st.integers(1, 12))
def test_answer_by_way_of_the_core_agrees_with_brute_force(seed: int, size: int) -> None:
    asked = random_plan(seed, size)
    previous = random.Random(seed).choice([None, [i.key for i in asked.initiatives][::2]])
    truth = Oracle(asked, asked.scenario("S")).answer(previous)
    answer = solve_scenario(asked, "S", previous_selection=previous, explain=False)
    if truth.selected is None:
        assert answer.status is Status.INFEASIBLE
    else:
        assert frozenset(answer.selected) == truth.selected
        assert answer.status in (Status.OPTIMAL, Status.TARGETS_MISSED)


@pytest.mark.usefixtures("tiny_cores")
@pytest.mark.parametrize(("seed", "size"), [(203890, 11), (301628, 9)])
def test_answers_that_were_wrong_once(seed: int, size: int) -> None:
    """203890: with every column of a cost fixed, -1e-16 was no -0.0. 301628: amounts of 1e12 cancel to 0.76."""
    asked = random_plan(seed, size)
    previous = random.Random(seed).choice([None, [], [i.key for i in asked.initiatives][::2]])
    truth = Oracle(asked, asked.scenario("S")).answer(previous)
    assert frozenset(solve_scenario(asked, "S", previous_selection=previous, explain=False).selected) == truth.selected


@pytest.mark.parametrize("seed", [10078, 10122, 10372, 10479, 12882, 13850])
def test_answer_with_only_shortfalls_open_is_proven(seed: int) -> None:
    """With every x fixed, a problem that still has shortfalls is a linear one, and has no MIP bound."""
    answer = solve_scenario(random_plan(seed, seed % 11 + 1), "S", explain=False)
    assert answer.status in (Status.OPTIMAL, Status.TARGETS_MISSED)
    assert answer.ties_broken


def searched(asked: Plan, **options: object) -> tuple[CoreFound, Found]:
    """By way of the core, and directly."""
    own = asked.scenarios[0]
    results = []
    for find in (best_by_core, Search.best):
        candidates = Candidates(asked, own)
        looked = Search(candidates, rules_of(asked, own), SolverChoice())
        results.append(find(looked, candidates.kpi_terms("gmv"), Clock(), **options))
        assert not any(looked.model.is_fixed(column) for column in range(candidates.width))
    return results[0], results[1]


@pytest.mark.parametrize("size", [700, 1_000])
@pytest.mark.parametrize("sign", [-1, 1])
def test_core_of_a_large_plan_has_the_best_of_all(size: int, sign: int) -> None:
    """Least GMV too: with floors there is something to minimize."""
    by_core, directly = searched(Model(size, 1).plan(), sign=sign)
    assert by_core.bound is not None
    assert by_core.found.reason is directly.reason is StopReason.OPTIMAL
    assert by_core.found.value == pytest.approx(directly.value, rel=1e-9)
    assert by_core.found.gap == 0


def even_plan(size: int = 300, **targets: object) -> Plan:
    """All alike: prices decide nothing, and every column belongs to the core."""
    return plan([initiative(f"I{n:04}", 2.0, gmv=3.0) for n in range(size)], scenario(capacity=size + 1.0, **targets))


def test_plan_without_a_core_is_solved_all_the_same() -> None:
    by_core, directly = searched(even_plan())
    assert by_core.found.value == directly.value == 450.0
    answer = solve_scenario(even_plan(), "S")
    assert answer.selected == tuple(f"I{n:04}" for n in range(150))
    assert answer.ties_broken


def test_impossible_plan_is_impossible() -> None:
    floor = (Target(kpi="gmv", value=451.0, kind=TargetKind.FLOOR),)
    by_core, directly = searched(even_plan(targets=floor))
    assert by_core.found.reason is directly.reason is StopReason.INFEASIBLE


def test_first_core_without_a_selection_makes_way_for_a_larger_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A floor on retention that the most valuable initiatives do not bring, and none of the first core can."""
    monkeypatch.setattr(core_search, "_FIRST_CORES", (5, 100))
    monkeypatch.setattr(core_search, "CORE_ABOVE", 250)
    monkeypatch.setattr(core_search, "_FEW", 30)
    source = random.Random(3)
    rich = [initiative(f"A{n:03}", 1.0, gmv=100.0 + source.random()) for n in range(200)]
    poor = [initiative(f"B{n:03}", 1.0, gmv=source.random(), retention_30d=0.001) for n in range(100)]
    floor = (Target(kpi="retention_30d", value=0.05, kind=TargetKind.FLOOR),)
    by_core, directly = searched(plan([*rich, *poor], scenario(capacity=100.0, targets=floor)))
    assert by_core.found.value == pytest.approx(directly.value, rel=1e-9)


def hard_plan(size: int = 300, resources: int = 20) -> Plan:
    """Correlated profits under many capacities: nothing to prove within seconds, with or without a core."""
    source = random.Random(5)
    names = [TOKENS, *(f"r{row}" for row in range(1, resources))]
    costs = [{name: float(source.randint(10, 1000)) for name in names} for _ in range(size)]
    return Plan(
        kpis=(Kpi(key="gmv", is_north_star=True),),
        initiatives=tuple(
            initiative(f"I{n:03}", costs=own, gmv=round(sum(own.values()) / resources) + float(source.randint(0, 500)))
            for n, own in enumerate(costs)
        ),
        scenarios=(
            Scenario(
                name="S",
                objective_mode=ObjectiveMode.NORTH_STAR,
                capacities={name: round(sum(own[name] for own in costs) / 2) + 0.0 for name in names},
            ),
        ),
    )


def test_time_limit_leaves_the_best_of_the_cores_with_an_honest_gap() -> None:
    own = hard_plan()
    limited = solve_scenario(own, "S", time_limit_s=3.0)
    assert limited.status is Status.FEASIBLE
    assert limited.objective is not None
    assert limited.bound is not None
    assert 1e-6 < limited.gap < 0.02
    # Without a limit it takes minutes; a busy machine may be some seconds late.
    assert limited.solver.seconds < 10.0
    longer = solve_scenario(own, "S", time_limit_s=6.0, explain=False)
    assert longer.objective <= limited.bound
    assert limited.objective <= longer.bound


@pytest.mark.parametrize("fails", ["the first core", "the second core"])
def test_core_that_runs_out_of_time_loses_nothing(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first core found counts where the second finds nothing, and the start where neither does."""
    run = solve.run
    calls: list[int] = []

    def sometimes(model: SolverModel, name: solve.SolverName, limits: Limits) -> Answer:
        calls.append(sum(not model.is_fixed(column) for column in range(len(model.variables))))
        if len(calls) == {"the first core": 1, "the second core": 2}[fails]:
            return Answer(StopReason.TIME_LIMIT)
        return run(model, name, limits)

    monkeypatch.setattr(core_search, "_FIRST_CORES", (30,))
    monkeypatch.setattr(core_search, "CORE_ABOVE", 250)
    monkeypatch.setattr(core_search, "_FEW", 30)
    monkeypatch.setattr(solve, "run", sometimes)
    by_core, directly = searched(Model(300, 2).plan())
    assert calls[0] == 30
    if fails == "the first core":
        assert calls[1] > 30
        assert by_core.found.value == directly.value
        assert by_core.found.gap == 0
    else:
        assert 30 < calls[1] < 300
        assert by_core.found.reason is StopReason.TIME_LIMIT
        assert by_core.found.bits is not None
        assert by_core.found.value <= directly.value <= by_core.found.bound


def test_better_prices_bring_the_bound_down() -> None:
    own = Model(3_000, 2).plan()
    candidates = Candidates(own, own.scenario("Most GMV"))
    looked = Search(candidates, rules_of(own, own.scenario("Most GMV")), SolverChoice())
    terms = candidates.kpi_terms("gmv")
    looked.model.minimize(terms, -1)
    relaxed = solve.relaxation(looked.model, "highs", Limits())
    assert relaxed is not None
    prices = relaxed.prices
    rows = list(looked.model.scaled_rows())
    native = [abs(p) / (scale * looked.model.cost_scale) for p, (_, scale) in zip(prices, rows, strict=True)]
    costs = [0.0] * candidates.width
    for column, amount in zip(terms.columns, terms.coefficients, strict=True):
        costs[column] = amount
    ones = [1.0] * candidates.width
    lagrangian = Lagrangian([row for row, _ in rows], [0.0] * candidates.width, ones, candidates.width)
    best = best_by_core(looked, terms, Clock()).found.value
    before = lagrangian.bound(costs, native).value - best
    after = lagrangian.least_bound(costs, native, solve.minimize_linear).value - best
    assert 0 <= after < before / 2


def test_what_a_solver_cannot_tell_apart_is_still_no_worse_than_by_density() -> None:
    """Two that go together bring 1e12 and cost as much, so that a solver sees no difference between the others."""
    small = [initiative(f"I{n:02}", 1.0, gmv=n * 1e-6) for n in range(1, 17)]
    ends = [initiative("A", 1.0, gmv=1e12), initiative("B", 1.0, churn=1e12)]
    weights = {"gmv": 1.0, "churn": 1.0}
    rule = Bundle(label="both", members=("A", "B"))
    asked = scenario(ObjectiveMode.WEIGHTED_KPIS, 16.0, weights=weights, rules=(rule,))
    answer = solve_scenario(plan([*small, *ends], asked), "S", explain=False)
    assert answer.objective == pytest.approx(136e-6)
    assert answer.selected == tuple(one.key for one in small)
    assert (answer.status, answer.is_blurred, answer.is_clock_decided) == (Status.FEASIBLE, True, False)
