"""Many questions in processes of their own: the same answers, and an end when it is asked for."""

import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from optimizer.errors import Cancelled
from optimizer.studies import parallel
from optimizer.studies.parallel import solve_all, solve_many
from optimizer.studies.question_set import Found, OtherWorkers, QuestionSet


@dataclass(frozen=True)
class Numbers(QuestionSet[int]):
    """What some number after the other comes to."""

    numbers: tuple[int, ...]
    of: Callable[[int], int]
    helped_by: OtherWorkers | None = None
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def cancel(self) -> threading.Event:
        return self.ending

    @property
    def others(self) -> OtherWorkers | None:
        return self.helped_by

    def __len__(self) -> int:
        return len(self.numbers)

    def answer(self, number: int) -> int:
        return self.of(self.numbers[number])

    def __getstate__(self) -> dict[str, Any]:
        return {"numbers": self.numbers, "of": self.of}


def never() -> bool:
    return False


def square(number: int) -> int:
    time.sleep(0.05)
    return number * number


def test_processes_answer_as_threads_do_and_end_when_asked() -> None:
    """In the order of the questions; after a stop the first answers, and everyone is told to end."""
    questions = Numbers(tuple(range(40)), square)
    done: list[None] = []
    apart = solve_many(questions, never, workers=2, on_done=lambda: done.append(None), pays_after_s=0.0)
    assert apart == [n * n for n in range(40)]
    assert len(done) == 40
    assert solve_many(questions, never, numbers=(7, 2, 5)) == [49, 4, 25]
    many, few = Numbers(tuple(range(12)) * 20, square), []
    stopped = solve_many(many, lambda: len(few) > 2, workers=2, on_done=lambda: few.append(1), pays_after_s=0.0)
    assert stopped == ([n * n for n in range(12)] * 20)[: len(stopped)]
    assert many.cancel.is_set()
    assert len(stopped) < 240
    cancelled, some = Numbers(tuple(range(12)), square), []

    def cancel_after_two() -> None:
        some.append(1)
        if len(some) == 2:
            cancelled.cancel.set()

    with pytest.raises(Cancelled):
        solve_many(cancelled, never, workers=2, on_done=cancel_after_two, pays_after_s=0.0)


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
    time.sleep(0.02)
    return number


def test_where_processes_end_unasked_the_questions_are_answered_without() -> None:
    """As where the system has too little memory for them."""
    questions, done = Numbers(tuple(range(60)), dies_in_a_process), list[int]()
    assert solve_many(questions, never, workers=2, on_answer=done.append, pays_after_s=0.0) == list(range(60))
    assert sorted(done) == list(range(60))
    assert not questions.cancel.is_set()


def says_who(number: int) -> int:
    time.sleep(0.02)
    return -number if multiprocessing.parent_process() is not None else number


def test_processes_that_end_between_two_questions_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended once an answer of theirs has come and before they are asked again, as for want of memory."""
    ended = list[bool]()

    def wait_and_end_them(asked: Iterable[Future[list[int]]], **how: Any) -> object:
        done, waiting = wait(asked, **how)
        if not ended and any(number < 0 for future in done for number in future.result()):
            for process in multiprocessing.active_children():
                process.kill()
            wait(waiting)
            ended.append(True)
        return done, waiting

    monkeypatch.setattr(parallel, "wait", wait_and_end_them)
    questions = Numbers(tuple(range(1, 200)), says_who)
    found = solve_many(questions, never, workers=2, pays_after_s=0.0)
    assert list(map(abs, found)) == list(range(1, 200))
    assert ended


def marker(asker: int) -> Path:
    """Where a process leaves word that it was asked, for the one that asked."""
    return Path(tempfile.gettempdir()) / f"sheetplan-asked-by-{asker}"


def never_ends_in_a_process(number: int) -> int:
    parent = multiprocessing.parent_process()
    while parent is not None and parent.pid is not None:
        marker(parent.pid).touch()
        time.sleep(0.05)
    time.sleep(0.02)
    return number


def test_a_stop_does_not_wait_for_what_processes_are_at() -> None:
    """What was answered before is there; with Ctrl-C too, which nothing is asked again after."""
    asked = marker(os.getpid())
    asked.unlink(missing_ok=True)
    questions = Numbers(tuple(range(9999)), never_ends_in_a_process)
    found = solve_many(questions, asked.exists, workers=2, pays_after_s=0.0)
    asked.unlink()
    assert found == list(range(len(found)))
    assert 0 < len(found) < 9999

    def press() -> None:
        if asked.exists():
            raise KeyboardInterrupt

    questions = Numbers(tuple(range(9999)), never_ends_in_a_process)
    found = solve_many(questions, never, workers=2, on_done=press, pays_after_s=0.0)
    asked.unlink()
    assert found == list(range(len(found)))
    assert 0 < len(found) < 9999
    assert questions.cancel.is_set()


class Odd:
    """Another worker, which answers what is odd, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    after_s = 0.0

    def are_there(self) -> bool:
        return True

    def answer(
        self,
        questions: QuestionSet[Found],
        numbers: Sequence[int],
        expected_s: float,
        stop: Callable[[], bool],
        on_answer: Callable[[Found], None],
    ) -> Mapping[int, Found]:
        assert expected_s > 0
        assert not stop()
        self.asked += numbers
        found = {number: questions.answer(number) for number in numbers if number % 2}
        for answer in found.values():
            on_answer(answer)
        return found


@pytest.mark.parametrize("pays_after_s", [0.0, 99.0], ids=["processes", "threads"])
def test_what_other_workers_do_not_answer_is_answered_here(pays_after_s: float) -> None:
    """They are asked once; every answer is in its place, and passed on once."""
    odd, done = Odd(), list[int]()
    questions = Numbers(tuple(range(20)), square, helped_by=odd)
    found = solve_many(questions, never, workers=2, on_answer=done.append, pays_after_s=pays_after_s)
    assert found == [n * n for n in range(20)]
    assert sorted(done) == found
    assert odd.asked == sorted(set(odd.asked))
    assert 0 < len(odd.asked) < 20
