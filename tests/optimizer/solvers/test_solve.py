"""Solvers as they are: silent, honest after a time limit, the same for any number of threads, missing with a cure."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pulp
import pytest

from optimizer import Cancelled, SolverError, SolverUnavailableError, solve_scenario
from optimizer.model.problem import Model
from optimizer.model.rows import Candidates, Terms
from optimizer.plan import TOKENS, CountBound, Kpi, ObjectiveMode, Plan, Scenario, Synergy, Target, TargetKind
from optimizer.portfolio import Status, StopReason
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.solver_calls import SolverChoice
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits
from optimizer.solvers.solve import run, solver_version
from tests.optimizer.plans import GMV, initiative, plan, scenario

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["highs", "cbc"])
def solver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hard(mode: ObjectiveMode = ObjectiveMode.NORTH_STAR, size: int = 60, resources: int = 30) -> Plan:
    """A multidimensional knapsack with correlated profits: far beyond a few seconds of proof."""
    source = random.Random(7)
    names = [TOKENS, *(f"r{row}" for row in range(1, resources))]
    costs = {name: [float(source.randint(10, 1000)) for _ in range(size)] for name in names}
    return Plan(
        kpis=(Kpi(key="gmv", is_north_star=True), Kpi(key="nps")),
        initiatives=tuple(
            initiative(
                f"I{n:03}",
                costs={name: costs[name][n] for name in names},
                gmv=float(round(sum(costs[name][n] for name in names) / resources + source.randint(0, 500))),
                nps=float(round(sum(costs[name][n] for name in names) / resources + source.randint(0, 400))),
            )
            for n in range(size)
        ),
        scenarios=(
            Scenario(
                name="S",
                objective_mode=mode,
                capacities={name: float(round(sum(costs[name]) / 2)) for name in names},
                targets=(Target(kpi="nps", value=1e6),) if mode is ObjectiveMode.LEXICOGRAPHIC else (),
            ),
        ),
    )


@pytest.mark.parametrize("mode", [ObjectiveMode.NORTH_STAR, ObjectiveMode.LEXICOGRAPHIC])
def test_time_limit_holds_for_all_stages_together(solver: str, mode: ObjectiveMode) -> None:
    """To the end each stage takes minutes; the limit is left some room for a machine with twenty things to do."""
    begun = time.monotonic()
    answer = solve_scenario(hard(mode), "S", solver=solver, time_limit_s=2.0)
    assert time.monotonic() - begun < 15.0
    assert answer.status is Status.FEASIBLE
    assert answer.selected
    assert not answer.ties_broken


def test_time_limit_leaves_an_honest_gap(solver: str) -> None:
    """PuLP says Optimal here; the bound says otherwise."""
    answer = solve_scenario(hard(), "S", solver=solver, time_limit_s=1.5)
    assert answer.status is Status.FEASIBLE
    assert answer.stages[-1].reason in (StopReason.TIME_LIMIT, StopReason.EFFORT)
    assert answer.bound is not None
    assert answer.gap is not None
    assert answer.bound > answer.objective
    assert answer.gap == pytest.approx((answer.bound - answer.objective) / answer.objective)
    assert 1e-6 < answer.gap < 1


def test_no_time_still_gives_a_portfolio_with_an_honest_gap(solver: str) -> None:
    answer = solve_scenario(hard(), "S", solver=solver, time_limit_s=0.0)
    assert answer.status is Status.FEASIBLE
    assert answer.selected
    assert solve_scenario(hard(), "S", time_limit_s=1.0).objective <= answer.bound
    assert not answer.ties_broken


def test_no_time_gives_what_a_solver_finds_where_nothing_simple_keeps_the_rules(solver: str) -> None:
    """Only 2 + 4 + 9 tokens are exactly 15: whoever takes the largest first, or the first first, misses it."""
    parts = [initiative(f"I{n}", float(n), gmv=1.0, sum=float(n)) for n in (2, 4, 6, 8, 9, 12)]
    asked = plan(
        parts,
        scenario(capacity=15.0, targets=(Target(kpi="sum", value=15.0, kind=TargetKind.FLOOR),)),
        kpis=(GMV, Kpi(key="sum")),
    )
    answer = solve_scenario(asked, "S", solver=solver, time_limit_s=0.0)
    assert sum(float(key[1:]) for key in answer.selected) == 15.0
    assert answer.bound is not None
    assert answer.bound >= 3.0


def test_no_candidates_is_an_empty_portfolio() -> None:
    answer = solve_scenario(plan([initiative("A", is_candidate=False)], scenario(capacity=1.0)), "S")
    assert answer.status is Status.OPTIMAL
    assert (answer.selected, answer.objective) == ((), 0.0)


def test_solver_says_who_it_is(solver: str) -> None:
    answer = solve_scenario(plan([initiative("A", gmv=1.0)], scenario(capacity=1.0)), "S", solver=solver)
    assert (answer.solver.name, answer.solver.version) == solver_version(solver)
    assert answer.solver.name == {"highs": "HiGHS", "cbc": "CBC"}[solver]
    assert answer.solver.version[0].isdigit()
    assert answer.solver.seconds >= sum(stage.seconds for stage in answer.stages)


SILENT = """
from tests.optimizer.plans import initiative, plan, scenario
from optimizer import solve_plan
asked = plan([initiative("A", gmv=1.0, is_mandatory=True)], scenario(capacity=1.0), scenario(name="T", capacity=0.5))
for solver in ("highs", "cbc"):
    first, second = solve_plan(asked, solver=solver)
    assert first.selected == ("A",) and second.conflict is not None
"""


def test_solvers_never_print() -> None:
    """HiGHS prints a banner when its object is made; that would ruin --json."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SILENT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_missing_cbc_is_reported_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cbcbox", None)
    with pytest.raises(SolverUnavailableError) as reported:
        solve_scenario(plan([initiative("A")], scenario(capacity=1.0)), "S", solver="cbc")
    assert str(reported.value) == (
        "CBC is not installed. Install it with: pip install 'sheetplan[cbc]', or use the solver highs"
    )


def test_unknown_solver_is_refused() -> None:
    model = Model(Candidates(*asked_of(plan([initiative("A")], scenario()))))
    with pytest.raises(SolverUnavailableError, match="there is no solver 'scip'; use highs or cbc"):
        run(model, "scip", Limits())


@pytest.mark.parametrize("presolve", [True, False])
@pytest.mark.parametrize(
    ("cutoff", "reason", "objective"),
    [
        (-5.0, StopReason.OPTIMAL, -11.7),
        (-11.7, StopReason.OPTIMAL, -11.7),
        (-12.5, StopReason.INFEASIBLE, None),
        (-20.0, StopReason.INFEASIBLE, None),
    ],
)
def test_nothing_beyond_the_cutoff_is_an_answer(
    solver: str, cutoff: float, reason: StopReason, objective: float | None, presolve: bool
) -> None:
    """minimize -3.5 a - 5.5 b - 7 c - 4.5 d - 6.2 e with 3 a + 5 b + 7 c + 4 d + 6 e <= 11: b and e, -11.7."""
    amounts = {"A": (3.0, 3.5), "B": (5.0, 5.5), "C": (7.0, 7.0), "D": (4.0, 4.5), "E": (6.0, 6.2)}
    asked = plan([initiative(key, t, gmv=g) for key, (t, g) in amounts.items()], scenario(capacity=11.0))
    search = Search(Candidates(*asked_of(asked)), rules_of(*asked_of(asked)), SolverChoice())
    search.model.minimize(Terms(range(5), [gmv for _, gmv in amounts.values()]), -1)
    scale = search.model.cost_scale
    answer = run(search.model, solver, Limits(presolve=presolve, cutoff=scale * (cutoff + 1e-9)))
    assert answer.reason is reason
    assert answer.objective == (None if objective is None else pytest.approx(scale * objective))


def asked_of(asked: Plan) -> tuple[Plan, Scenario]:
    return asked, asked.scenario("S")


def test_model_that_highs_refuses_is_an_error_not_an_answer() -> None:
    model = Model(Candidates(*asked_of(plan([initiative("A")], scenario()))))
    model.minimize(Terms((0,), (1.0,)))
    too_large = pulp.LpAffineExpression({model.variables[0]: 1e30})
    model.problem.addConstraint(pulp.LpConstraint(too_large, pulp.LpConstraintLE, "c0", 1.0))
    with pytest.raises(SolverError, match="HiGHS refused the model"):
        run(model, "highs", Limits())


@pytest.mark.skipif(os.name == "nt", reason="needs the program false")
def test_cbc_that_crashes_is_an_error_not_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbcbox.cbc_bin_path", lambda: shutil.which("false"))
    rivals = [initiative("A", gmv=1.0), initiative("B", gmv=2.0, exclusion_keys=("A",))]
    with pytest.raises(SolverError, match="CBC ended with code 1"):
        solve_scenario(plan(rivals, scenario(capacity=1.0)), "S", solver="cbc")


def test_number_of_threads_may_change_within_one_thread() -> None:
    asked = plan([initiative("A", gmv=1.0)], scenario(capacity=1.0))
    for threads in (1, 2, 1):
        assert solve_scenario(asked, "S", threads=threads).selected == ("A",)


def test_set_cancel_stops_at_once(solver: str) -> None:
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        solve_scenario(hard(), "S", solver=solver, time_limit_s=30.0, cancel=cancel)
    assert time.monotonic() - begun < 3.0
    with pytest.raises(Cancelled):
        solve_scenario(hard(), "S", solver=solver, cancel=cancel)


def test_solver_that_lies_about_its_objective_proves_nothing() -> None:
    """Its selection counts, at its exact value; its bound does not."""
    asked, own = asked_of(plan([initiative("A", gmv=1.0), initiative("B", gmv=9.0)], scenario(capacity=1.0)))
    search = Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())
    found = search.best(Terms((0, 1), (1.0, 2.0)), Clock(), value_of=lambda _bits: 0.5)
    assert (found.reason, found.bits, found.value) == (StopReason.ERROR, (0, 1), 0.5)
    assert found.bound == pytest.approx(2.0)


# the model


def test_names_hold_no_key_and_rows_lead_back_to_their_cells() -> None:
    """PuLP would turn INIT-1 and INIT_1 into the same name."""
    asked, own = asked_of(
        plan(
            [initiative("INIT-1", gmv=1.0), initiative("INIT_1", gmv=1.0)],
            scenario(
                capacity=1.0,
                capacity_sources={TOKENS: "Scenarios!G2"},
                rules=(Synergy(members=("INIT-1", "INIT_1"), kpi="gmv", value=1.0),),
            ),
        )
    )
    search = Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())
    assert [variable.name for variable in search.model.variables] == ["x0", "x1", "y0"]
    assert list(search.model.origin) == ["capacity_1", "row_1", "row_2", "row_3"]
    rule = search.model.origin["capacity_1"].rule
    assert rule is not None
    assert rule.source == "Scenarios!G2"
    assert solve_scenario(asked, "S", solver="cbc").selected == ("INIT-1",)


def test_model_does_not_depend_on_the_order_of_the_sheet() -> None:
    initiatives = [initiative(f"I{n}", float(n), gmv=float(n)) for n in range(6)]
    texts = set()
    for order in (initiatives, initiatives[::-1]):
        asked, own = asked_of(plan(order, scenario(capacity=7.0)))
        search = Search(Candidates(asked, own), rules_of(asked, own), SolverChoice())
        search.model.minimize(Candidates(asked, own).kpi_terms("gmv"), -1)
        texts.add(str(search.model.problem))
    assert len(texts) == 1


@pytest.mark.parametrize(("gap", "status"), [(5e-7, Status.OPTIMAL), (5e-6, Status.FEASIBLE)])
def test_stage_that_time_ends_within_the_proof_is_optimal(
    monkeypatch: pytest.MonkeyPatch, gap: float, status: Status
) -> None:
    def stopped(model: Model, name: solve.SolverName, limits: Limits) -> Answer:
        answer = run(model, name, limits)
        if answer.objective is None:
            return answer
        return Answer(StopReason.TIME_LIMIT, answer.objective, answer.objective * (1 + gap))

    monkeypatch.setattr(solve, "run", stopped)
    pair = [initiative("A", gmv=3.0, exclusion_keys=("B",)), initiative("B", gmv=2.0)]
    answer = solve_scenario(plan(pair, scenario(capacity=1.0, rules=(CountBound(max_count=1),))), "S", explain=False)
    assert (answer.status, answer.selected) == (status, ("A",))
    assert answer.stages[0].reason is StopReason.TIME_LIMIT


def test_a_search_ends_with_what_is_enough() -> None:
    """Something is found before the end; what is found is as good as asked for, and not called the best."""
    asked = hard(size=40, resources=5)
    candidates = Candidates(asked, asked.scenarios[0])
    search = Search(candidates, rules_of(asked, asked.scenarios[0]), SolverChoice())
    found = search.best(candidates.kpi_terms("gmv"), Clock(), enough=1000.0)
    assert found.reason is StopReason.EFFORT
    assert found.value is not None
    assert found.value >= 1000.0
