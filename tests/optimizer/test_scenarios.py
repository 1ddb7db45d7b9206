"""Scenarios side by side: results in order, failures kept apart, a clean stop."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer import PlanError, ScenarioFailure, solve_plan, solve_scenario
from optimizer.plan import Ban, Initiative, Kpi, Normalization, ObjectiveMode, Plan
from optimizer.portfolio import Portfolio, Status
from optimizer.scenarios import with_siblings
from tests.optimizer.plans import GMV, initiative, plan, scenario
from tests.optimizer.solvers.test_solve import hard


def several() -> Plan:
    """Scenarios with room for one to six of six initiatives; the fourth has no weights."""
    rooms = [scenario(name=f"room for {n}", capacity=float(n)) for n in range(1, 7)]
    rooms[3] = scenario(ObjectiveMode.WEIGHTED_KPIS, 4.0, name="room for 4")
    return plan([initiative(f"I{n}", gmv=1.0) for n in range(6)], *rooms)


def test_results_are_in_order_and_failures_stay_apart() -> None:
    answers = solve_plan(several(), workers=3)
    names = [answer.scenario for answer in answers]
    assert names == [f"room for {n}" for n in range(1, 7)]
    failed = answers[3]
    assert isinstance(failed, ScenarioFailure)
    assert isinstance(failed.error, PlanError)
    assert str(failed) == "room for 4: scenario 'room for 4' has no weight above 0"
    others = [answer for answer in answers if isinstance(answer, Portfolio)]
    assert [len(answer.selected) for answer in others] == [1, 2, 3, 5, 6]


def test_scenarios_are_chosen_by_name_in_the_order_asked_for() -> None:
    answers = solve_plan(several(), ["room for 5", "room for 2"])
    assert [answer.scenario for answer in answers] == ["room for 5", "room for 2"]
    with pytest.raises(KeyError):
        solve_plan(several(), ["room for 9"])
    assert solve_plan(several(), []) == ()


def test_parallel_answers_are_those_of_one_at_a_time() -> None:
    asked = several()
    last = {"room for 2": ["I4", "I5"]}
    answers = solve_plan(asked, ["room for 2", "room for 3"], previous=last)
    alone = [
        solve_scenario(asked, "room for 2", previous_selection=last["room for 2"]),
        solve_scenario(asked, "room for 3"),
    ]
    assert [a.selected for a in answers] == [a.selected for a in alone] == [("I4", "I5"), ("I0", "I1", "I2")]


def test_each_answer_is_announced_once() -> None:
    seen: list[str] = []
    solve_plan(several(), on_done=lambda answer: seen.append(answer.scenario))
    assert sorted(seen) == [f"room for {n}" for n in range(1, 7)]


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_error_of_the_caller_stops_all_solvers(solver: str) -> None:
    asked = hard()
    quick = scenario(name="quick", capacity=1.0)
    asked = asked.model_copy(update={"scenarios": (quick, *asked.scenarios)})

    def fail(_answer: object) -> None:
        raise RuntimeError("enough")

    begun = time.monotonic()
    with pytest.raises(RuntimeError, match="enough"):
        solve_plan(asked, solver=solver, workers=2, time_limit_s=60.0, on_done=fail)
    assert time.monotonic() - begun < 10.0


def test_duplicate_scenarios_give_duplicate_results() -> None:
    own = scenario(capacity=3.0)
    asked = plan(
        [initiative(f"I{n}", gmv=float(n % 2)) for n in range(6)], own, own.model_copy(update={"name": "again"})
    )
    first, second = solve_plan(asked)
    assert isinstance(first, Portfolio)
    assert isinstance(second, Portfolio)
    assert first.selected == second.selected


INTERRUPTED = """
from tests.optimizer.solvers.test_solve import hard
from optimizer import solve_plan
print("begun", flush=True)
try:
    solve_plan(hard(), solver={solver!r}, time_limit_s=60.0)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are POSIX")
@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_ctrl_c_stops_within_seconds(solver: str) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(solver=solver)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(1.0)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (out, err) == ("stopped\n", "")
    assert time.monotonic() - begun < 5.0


def test_time_limit_counts_for_each_scenario() -> None:
    begun = time.monotonic()
    (answer,) = solve_plan(hard(), time_limit_s=1.0)
    assert time.monotonic() - begun < 2.0
    assert isinstance(answer, Portfolio)
    assert answer.status is Status.FEASIBLE


def test_no_answer_is_worse_than_a_sibling_that_keeps_its_rules() -> None:
    """Without time a scenario has what was built without a solver; its sibling had the time to do better."""
    asked = hard()
    own = asked.scenarios[0]
    both = asked.model_copy(update={"scenarios": (own, own.model_copy(update={"name": "again"}))})
    short = solve_scenario(both, own.name, time_limit_s=0.0)
    longer = solve_scenario(both, "again", time_limit_s=1.5)
    assert longer.objective > short.objective
    improved, same = with_siblings(both, [short, longer])
    assert isinstance(improved, Portfolio)
    assert (improved.selected, improved.objective) == (longer.selected, longer.objective)
    assert improved.status is Status.FEASIBLE
    assert improved.objective <= improved.bound <= short.bound
    assert same is longer


def test_sibling_that_breaks_a_rule_changes_nothing() -> None:
    asked = hard()
    own = asked.scenarios[0]
    banned = own.model_copy(update={"name": "banned", "rules": tuple(Ban(initiative=f"I{n:03}") for n in range(30))})
    both = asked.model_copy(update={"scenarios": (own, banned)})
    short = solve_scenario(both, "banned", time_limit_s=0.0)
    longer = solve_scenario(both, own.name, time_limit_s=0.5)
    assert longer.objective > short.objective
    assert with_siblings(both, [longer, short]) == (longer, short)


@pytest.mark.parametrize("limit", [0.3, 2.0])
def test_unproven_ideal_is_neither_called_proven_nor_exceeded(limit: float) -> None:
    """20,000 initiatives, a mix by ideals and too little time: no gap of 0.00%, no total above its ideal."""
    source = random.Random(7)
    rows = []
    for n in range(20_000):
        reach, impact = source.randint(100, 10_000), source.uniform(1, 10) * source.uniform(0.5, 1)
        rows.append(initiative(f"F-{n}", source.uniform(1, 10), gmv=round(reach * impact, 6), reach=float(reach)))
    own = scenario(
        ObjectiveMode.WEIGHTED_KPIS, 1000.0, weights={"gmv": 1.0, "reach": 0.5}, normalization=Normalization.IDEAL
    )
    asked = plan(rows, own, kpis=(GMV, Kpi(key="reach")))
    answer = solve_scenario(asked, "S", time_limit_s=limit, explain=False)
    assert answer.status.has_portfolio
    ideals = {stage.name: stage for stage in answer.stages if stage.name.startswith("ideal")}
    assert set(ideals) == {"ideal gmv", "ideal reach"}
    for name, stage in ideals.items():
        assert answer.kpi_totals[name.removeprefix("ideal ")] <= stage.value * (1 + 1e-6)
    if any(stage.gap is None or stage.gap > 1e-6 for stage in ideals.values()):
        assert answer.status is Status.FEASIBLE
        assert not answer.ties_broken
    density = sorted(rows, key=lambda row: -_mixed(answer, row) / row.tokens)
    chosen, used = [], 0.0
    for row in density:
        if used + row.tokens <= 1000.0:
            chosen.append(row)
            used += row.tokens
    assert answer.objective >= sum(_mixed(answer, row) for row in chosen) * (1 - 1e-9)


def _mixed(answer: Portfolio, row: Initiative) -> float:
    contributions, factors = row.contributions, answer.factors
    return contributions["gmv"] * factors["gmv"] + 0.5 * contributions["reach"] * factors["reach"]
