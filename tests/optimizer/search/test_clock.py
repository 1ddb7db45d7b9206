"""Effort is counted in work that repeats, with the clock as the limit beyond it; an answer says which one decided."""

import multiprocessing
import time
from dataclasses import replace

import pytest

from benchmarks.families import NAME, family_plan
from optimizer import solve_scenario
from optimizer.portfolio import Portfolio, Status, StopReason
from optimizer.search import clock as clock_module
from optimizer.search.clock import Clock, Work


def test_what_a_part_spends_is_spent_for_the_whole() -> None:
    whole = Work(100.0)
    part = whole.part(30.0)
    part.spend(40.0)
    assert (part.left, whole.left, whole.done) == (-10.0, 60.0, 40.0)
    assert whole.part(80.0).left == 60.0


def test_time_buys_work_and_no_limit_buys_all_of_it() -> None:
    assert Clock.with_work(2.0).work.left == 2 * Clock.with_work(1.0).work.left
    assert not Clock.with_work(None).is_work_done
    assert Clock.with_work(0.0).is_work_done


def test_ties_may_take_as_much_work_as_the_answer_or_a_little() -> None:
    asked = Clock.with_work(60.0)
    least = asked.ties(0.0).work.left
    asked.work.spend(2 * least)
    assert asked.ties(0.0).work.left == 2 * least


def test_explanations_may_take_ten_times_the_work_of_the_answer_or_a_lot() -> None:
    asked = Clock.with_work(60.0)
    least = asked.extra(0.0).work.left
    assert least == Clock.with_work(60.0).work.left
    asked.work.spend(least)
    assert asked.extra(0.0).work.left == 10 * least


def busy(until: float) -> None:
    while time.monotonic() < until:
        pass


def without_times(answer: Portfolio) -> Portfolio:
    return replace(
        answer, solver=replace(answer.solver, seconds=0.0), stages=tuple(replace(s, seconds=0.0) for s in answer.stages)
    )


@pytest.mark.parametrize("family", ["10 capacities", "release planning"])
def test_unfinished_answer_is_the_same_on_a_busy_machine(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of a tenth of a second, and a clock that leaves a busy machine the time for it."""
    monkeypatch.setattr(clock_module, "_UNITS_PER_S", 50.0)
    monkeypatch.setattr(clock_module, "_LEAST_TIES_S", 30.0)
    monkeypatch.setattr(clock_module, "_LEAST_TIES_UNITS", 2_000.0)
    asked = family_plan(family, 120)
    idle = solve_scenario(asked, NAME, time_limit_s=60.0, explain=False)
    context = multiprocessing.get_context("spawn")
    load = [context.Process(target=busy, args=(time.monotonic() + 20.0,), daemon=True) for _ in range(3)]
    for process in load:
        process.start()
    try:
        loaded = solve_scenario(asked, NAME, time_limit_s=60.0, explain=False)
    finally:
        for process in load:
            process.kill()
            process.join()
    assert idle.status is Status.FEASIBLE
    assert {stage.reason for stage in idle.stages} == {StopReason.EFFORT}
    assert not idle.is_clock_decided
    assert without_times(loaded) == without_times(idle)


def test_clock_beyond_the_work_decides_where_it_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_UNITS_PER_S", 1e9)
    answer = solve_scenario(family_plan("10 capacities", 120), NAME, time_limit_s=0.3, explain=False)
    assert answer.status is Status.FEASIBLE
    assert answer.is_clock_decided


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_more_work_never_gives_a_worse_answer(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_UNITS_PER_S", 20.0)
    asked = family_plan("5 capacities", 60)
    answers = [solve_scenario(asked, NAME, time_limit_s=limit, solver=solver, explain=False) for limit in (2, 20, 200)]
    assert answers[0].objective <= answers[1].objective <= answers[2].objective
    assert answers[0].gap >= answers[1].gap >= answers[2].gap
