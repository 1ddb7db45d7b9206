"""HiGHS in a process of its own: the same answers, and an end whatever the process does."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from optimizer import Cancelled, SolverError, solve_scenario
from optimizer.model.matrix import Matrix
from optimizer.portfolio import Status, StopReason
from optimizer.solvers import highs, highs_process, solve
from optimizer.solvers.answer import Limits
from optimizer.solvers.highs_process import end_idle_children, minimize_apart
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import random_plan

ROOT = Path(__file__).parents[3]


def knapsacks(columns: int, rows: int, seed: int = 7) -> Matrix:
    """Correlated profits under several capacities: hopeless to prove from some 50 columns and 20 rows on."""
    source = np.random.default_rng(seed)
    weights = source.integers(10, 1000, (rows, columns)).astype(float)
    profits = np.round(weights.mean(axis=0) + source.integers(0, 500, columns))
    return Matrix(
        offset=3.0,
        cost=-profits,
        lower=np.zeros(columns),
        upper=np.ones(columns),
        is_integer=np.ones(columns, dtype=bool),
        row_lower=np.full(rows, -np.inf),
        row_upper=np.round(weights.sum(axis=1) / 2),
        start=(np.arange(rows + 1) * columns).astype(np.int32),
        index=np.tile(np.arange(columns, dtype=np.int32), rows),
        value=weights.ravel(),
    )


HARD = knapsacks(60, 30)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """Whatever other tests of this process have running stays; what these start does not."""
    end_idle_children()
    before = children()
    yield
    end_idle_children()
    assert not children() - before


def children() -> set[int]:
    """The processes that this one has started."""
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture
def child() -> psutil.Process:
    """The process that answers the next question; it has loaded what it needs, which takes long on a busy machine."""
    others = children()
    minimize_apart(knapsacks(10, 2), Limits())
    [pid] = children() - others
    return psutil.Process(pid)


def soon(act: Callable[[], object], *, after_s: float) -> threading.Thread:
    """Does something after a while."""
    timer = threading.Timer(after_s, act)
    timer.start()
    return timer


@pytest.mark.parametrize("relaxed", [False, True])
def test_answer_is_the_one_of_highs_in_process(relaxed: bool) -> None:
    matrix = knapsacks(20, 3)
    here, apart = highs.minimize(matrix, Limits(), relaxed=relaxed), minimize_apart(matrix, Limits(), relaxed=relaxed)
    assert (apart.reason, apart.objective, apart.bound) == (here.reason, here.objective, here.bound)
    assert here.values is not None
    assert np.array_equal(apart.values, here.values)
    assert relaxed is (apart.prices is not None)
    assert not relaxed or np.array_equal(apart.prices, here.prices)


@pytest.mark.usefixtures("child")
def test_own_time_limit_leaves_incumbent_and_bound() -> None:
    begun = time.monotonic()
    answer = minimize_apart(HARD, Limits(time_limit_s=1.5))
    assert time.monotonic() - begun < 2.5
    assert answer.reason is StopReason.TIME_LIMIT
    assert answer.bound < answer.objective < 0


def test_process_that_does_not_look_at_the_clock_is_killed_and_what_it_had_counts(child: psutil.Process) -> None:
    stopper = soon(child.suspend, after_s=1.5)
    begun = time.monotonic()
    answer = minimize_apart(HARD, Limits(time_limit_s=2.5))
    took = time.monotonic() - begun
    stopper.join()
    assert 2.5 < took < 3.5
    assert answer.reason is StopReason.TIME_LIMIT
    assert answer.values is not None
    bits = np.round(answer.values)
    assert (HARD.value.reshape(30, 60) @ bits <= HARD.row_upper).all()
    assert answer.objective == pytest.approx(HARD.offset + HARD.cost @ bits)
    assert answer.bound < answer.objective


def test_process_that_does_not_answer_is_cancelled_at_once(child: psutil.Process) -> None:
    cancel = threading.Event()

    def suspend_and_cancel() -> None:
        child.suspend()
        cancel.set()

    stopper = soon(suspend_and_cancel, after_s=0.5)
    begun = time.monotonic()
    with pytest.raises(Cancelled, match="stopped while HiGHS was solving"):
        minimize_apart(HARD, Limits(cancel=cancel))
    stopper.join()
    assert time.monotonic() - begun < 5.0


def test_process_that_dies_is_an_error_not_an_answer(child: psutil.Process) -> None:
    stopper = soon(child.kill, after_s=0.5)
    with pytest.raises(SolverError, match="HiGHS' process broke off"):
        minimize_apart(HARD, Limits())
    stopper.join()


def test_model_that_highs_refuses_is_the_same_error() -> None:
    too_large = knapsacks(3, 1)
    too_large.value[0] = 1e30
    with pytest.raises(SolverError, match="HiGHS refused the model"):
        minimize_apart(too_large, Limits())


def test_small_questions_one_after_another_have_one_process(child: psutil.Process) -> None:
    matrix = knapsacks(12, 2, seed=8)
    assert minimize_apart(matrix, Limits()).objective == highs.minimize(matrix, Limits()).objective
    assert child.is_running()
    matrix.value[0] = 1e30
    with pytest.raises(SolverError):
        minimize_apart(matrix, Limits())
    assert not child.is_running()


def test_process_that_was_killed_while_it_waited_is_replaced(child: psutil.Process) -> None:
    child.kill()
    psutil.wait_procs([child], timeout=5.0)
    assert minimize_apart(knapsacks(10, 2), Limits()).reason is StopReason.OPTIMAL


def test_process_whose_time_ran_out_ends(child: psutil.Process) -> None:
    minimize_apart(HARD, Limits(time_limit_s=0.5))
    assert not child.is_running()


def test_process_of_a_large_question_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs_process, "_WAITS_BELOW", 9)
    others = children()
    minimize_apart(knapsacks(10, 2), Limits())
    assert not children() - others


def test_questions_side_by_side_have_a_process_each_and_two_wait_for_more() -> None:
    others = children()
    matrices = [knapsacks(20, 3, seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        apart = list(threads.map(lambda matrix: minimize_apart(matrix, Limits()).objective, matrices))
    assert apart == [highs.minimize(matrix, Limits()).objective for matrix in matrices]
    assert 1 <= len(children() - others) <= 2


ORPHAN = """
from optimizer.solvers.highs_process import minimize_apart
from optimizer.solvers.answer import Limits
from tests.optimizer.solvers.test_highs_process import HARD
minimize_apart(HARD, Limits())
"""


def test_process_does_not_outlive_who_asked() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}) as parent:
        asking = psutil.Process(parent.pid)
        started: list[psutil.Process] = []
        for _ in range(200):
            started = asking.children()
            if started:
                break
            time.sleep(0.05)
        time.sleep(1.0)
        parent.kill()
    assert len(started) == 1
    gone, alive = psutil.wait_procs(started, timeout=5.0)
    assert len(gone) == 1
    assert not alive


def test_process_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    minimize_apart(knapsacks(10, 2), Limits())
    assert capfd.readouterr() == ("", "")


def test_process_is_ours_whatever_lies_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("optimizer", "json", "highspy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    assert minimize_apart(knapsacks(10, 2), Limits()).reason is StopReason.OPTIMAL


@pytest.mark.parametrize("seed", range(3))
def test_whole_scenario_apart_agrees_with_brute_force(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "APART_ABOVE", 0)
    asked = random_plan(seed, 8)
    truth = Oracle(asked, asked.scenario("S")).answer()
    answer = solve_scenario(asked, "S", explain=False)
    if truth.selected is None:
        assert answer.status is Status.INFEASIBLE
    else:
        assert frozenset(answer.selected) == truth.selected
