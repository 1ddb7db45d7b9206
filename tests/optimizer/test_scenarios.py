"""Scenarios side by side: results in order, failures kept apart, a clean stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer import PlanError, ScenarioFailure, solve_plan, solve_scenario
from optimizer.plan import ObjectiveMode, Plan
from optimizer.portfolio import Portfolio, Status
from tests.optimizer.plans import initiative, plan, scenario
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
