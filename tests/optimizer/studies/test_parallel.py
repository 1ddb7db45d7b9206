"""Many questions in processes of their own: the same answers, and an end when it is asked for."""

import multiprocessing
import os
import threading
import time
from functools import partial

import pytest

from optimizer.errors import Cancelled
from optimizer.studies.parallel import solve_all, solve_many


def square(number: int) -> int:
    time.sleep(0.05)
    return number * number


def test_processes_answer_as_threads_do_and_end_when_asked() -> None:
    """In the order of the questions; after a stop the first answers, and everyone is told to end."""
    questions = [partial(square, number) for number in range(12)]
    done: list[None] = []
    apart = solve_many(
        questions,
        threading.Event(),
        lambda: False,
        workers=2,
        on_done=lambda: done.append(None),
        pays_after_s=0.0,
    )
    assert apart == solve_many(questions, threading.Event(), lambda: False) == [n * n for n in range(12)]
    assert len(done) == 12
    cancel, few = threading.Event(), []
    stopped = solve_many(
        questions * 20, cancel, lambda: len(few) > 2, workers=2, on_done=lambda: few.append(1), pays_after_s=0.0
    )
    assert stopped == ([n * n for n in range(12)] * 20)[: len(stopped)]
    assert cancel.is_set()
    assert len(stopped) < 240
    cancelled, some = threading.Event(), []

    def cancel_after_two() -> None:
        some.append(1)
        if len(some) == 2:
            cancelled.set()

    with pytest.raises(Cancelled):
        solve_many(questions, cancelled, lambda: False, workers=2, on_done=cancel_after_two, pays_after_s=0.0)


def test_each_answer_is_passed_on_in_the_order_in_which_they_come() -> None:
    """The first question waits until the second one has been answered; what is counted is of the answer itself."""
    second, answers = threading.Event(), list[str]()

    def first() -> str:
        second.wait()
        return "first"

    def answered(answer: str) -> None:
        answers.append(answer)
        second.set()

    assert solve_all([first, lambda: "second"], threading.Event(), workers=2, on_answer=answered) == ["first", "second"]
    assert answers == ["second", "first"]


def dies_in_a_process(number: int) -> int:
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return number


def test_where_processes_end_unasked_the_questions_are_answered_without() -> None:
    """As where the system has too little memory for them."""
    questions = [partial(dies_in_a_process, number) for number in range(5)]
    cancel = threading.Event()
    assert solve_many(questions, cancel, lambda: False, workers=2, pays_after_s=0.0) == [0, 1, 2, 3, 4]
    assert not cancel.is_set()


def never_ends_in_a_process(number: int) -> int:
    while multiprocessing.parent_process() is not None:
        time.sleep(0.05)
    return number


def test_a_stop_does_not_wait_for_what_processes_are_at() -> None:
    """What was answered before is there; with Ctrl-C too, which nothing is asked again after."""
    questions = [partial(never_ends_in_a_process, number) for number in range(40)]
    done: list[None] = []
    found = solve_many(
        questions,
        threading.Event(),
        lambda: len(done) > 2,
        workers=2,
        on_done=lambda: done.append(None),
        pays_after_s=0.0,
    )
    assert found == list(range(len(found)))
    assert 0 < len(found) < 40

    pressed: list[None] = []

    def press() -> None:
        pressed.append(None)
        if len(pressed) == 3:
            raise KeyboardInterrupt

    cancel = threading.Event()
    found = solve_many(questions, cancel, lambda: False, workers=2, on_done=press, pays_after_s=0.0)
    assert found == list(range(len(found)))
    assert 0 < len(found) < 40
    assert cancel.is_set()
