"""HiGHS in a process of its own, which can be killed: so a time limit and a wish to stop hold in every phase.

HiGHS looks at the clock now and then, but not while it presolves rows over all columns, nor in some of its heuristics:
at 30,000 columns it was seen to overrun by a minute and more. The child reports each better incumbent and bound as it
finds them, so that what it had counts when it is killed.
"""

import atexit
import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import IO, Literal, NoReturn

from optimizer.errors import Cancelled, SolverError
from optimizer.model.matrix import Matrix
from optimizer.portfolio import StopReason
from optimizer.solvers.answer import Answer, Limits
from optimizer.solvers.highs import minimize

_GRACE_S = 0.3
"""How long the child may go on after its time limit before it is killed."""
_POLL_S = 0.02
_TELL_EVERY_S = 0.1
"""How often the child reports a better bound, at most."""

_WAITS_BELOW = 5_000
"""Columns of the largest question after which a child waits for the next one."""
_MOST_IDLE = 2
"""Children that wait at most; each takes some 80 MB of memory."""

_CHILD = f"""
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from {__name__} import main
main()
"""
"""The child looks for modules where this process does: `optimizer` is a common name for a folder."""

_Message = tuple[Literal["progress", "done"], Answer] | tuple[Literal["failed"], str]
_Send = Callable[[_Message], None]


def minimize_apart(matrix: Matrix, limits: Limits, *, relaxed: bool = False) -> Answer:
    """`highs.minimize` in a child process; one that is killed for the time has reached its TIME_LIMIT.

    A child that answered a small question waits for the next one: such questions come in series, and a process takes a
    second to load HiGHS. One that answered a large question ends, and gives its memory back.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: HiGHS or the child crashed.
    """
    deadline = inf if limits.time_limit_s is None else time.monotonic() + max(0.0, limits.time_limit_s) + _GRACE_S
    child = _idle_child() or _Child()
    answer = None
    try:
        child.ask(matrix, limits, relaxed=relaxed)
        answer = _listen(child.messages, limits, deadline)
        if answer is None:
            raise SolverError(f"HiGHS' process broke off: {child.last_words()}")
        return answer
    finally:
        is_free = answer is not None and answer.reason is not StopReason.TIME_LIMIT
        if not (is_free and matrix.width <= _WAITS_BELOW and _keep(child)):
            child.end()


class _Child:
    """A process that answers one question after another. It ends when its standard input does: it does not outlive
    this process, however that ends.
    """

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.questions, self.answers = self.process.stdin, self.process.stdout
        self.question: Path | None = None
        self.messages: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
        self.receiver = threading.Thread(target=_receive, args=(self.answers, self.messages), daemon=True)
        self.receiver.start()

    def ask(self, matrix: Matrix, limits: Limits, *, relaxed: bool) -> None:
        """Lets the child begin with a question, in a file: a pipe would block while the child is busy or suspended."""
        with tempfile.NamedTemporaryFile(prefix="sheetplan-", delete=False) as file:
            self.question = Path(file.name)
            pickle.dump((matrix, replace(limits, cancel=None), relaxed, time.monotonic()), file)
        # A child that died meanwhile is noticed by whoever listens for its answer.
        with contextlib.suppress(BrokenPipeError):
            self.questions.write(os.fsencode(self.question) + b"\n")
            self.questions.flush()

    def last_words(self) -> str:
        """The end of what the child wrote to its standard error."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-300:].strip()

    def forget_question(self) -> None:
        """Removes the file of the last question."""
        if self.question is not None:
            self.question.unlink(missing_ok=True)
            self.question = None

    def end(self) -> None:
        """Kills the process, and frees what belongs to it."""
        self.process.kill()
        self.receiver.join()
        with contextlib.suppress(BrokenPipeError):
            self.questions.close()
        self.process.wait()
        self.answers.close()
        self.errors.close()
        self.forget_question()


_idle: list[_Child] = []
_idle_lock = threading.Lock()


def _idle_child() -> _Child | None:
    """A living child of this process that waits for a question, if there is one; it no longer waits."""
    with _idle_lock:
        while _idle:
            child = _idle.pop()
            # After a fork the list is there twice, the children are not.
            if child.owner == os.getpid():
                if child.process.poll() is None:
                    return child
                child.end()
        return None


def _keep(child: _Child) -> bool:
    """Lets a child wait for the next question; False where enough of them wait."""
    child.forget_question()
    with _idle_lock:
        if len(_idle) >= _MOST_IDLE:
            return False
        _idle.append(child)
        return True


@atexit.register
def end_idle_children() -> None:
    """Ends the processes that wait for a question."""
    while (child := _idle_child()) is not None:
        child.end()


def _receive(stream: IO[bytes], messages: "queue.SimpleQueue[_Message | None]") -> None:
    """Hands on the messages of the child, and None after the last."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            messages.put(pickle.load(stream))
    messages.put(None)


def _listen(messages: "queue.SimpleQueue[_Message | None]", limits: Limits, deadline: float) -> Answer | None:
    """The child's answer, or what it knew at the deadline; None where it ended without one."""
    latest = Answer(StopReason.TIME_LIMIT)
    while True:
        if limits.is_cancelled:
            raise Cancelled("stopped while HiGHS was solving")
        is_over = time.monotonic() >= deadline
        try:
            # At the end, messages that came already are still read.
            message = messages.get(timeout=0.0 if is_over else _POLL_S)
        except queue.Empty:
            if is_over:
                return latest
            continue
        match message:
            case None:
                return None
            case ("failed", reason):
                raise SolverError(reason)
            case ("done", answer):
                return answer
            case ("progress", answer):
                latest = _later(latest, answer)


def _later(known: Answer, news: Answer) -> Answer:
    """What is known after some news: the last incumbent, the best bound."""
    bounds = [answer.bound for answer in (known, news) if answer.bound is not None]
    incumbent = known if news.values is None else news
    return replace(incumbent, bound=max(bounds, default=None))


# in the child


def main() -> NoReturn:
    """Answers the questions whose files are named on standard input, line by line, on standard output."""
    # Whoever presses Ctrl-C means the parent, which then kills this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions: queue.SimpleQueue[Path] = queue.SimpleQueue()
    threading.Thread(target=_read_questions, args=(questions,), daemon=True).start()

    def send(message: _Message) -> None:
        pickle.dump(message, answers)
        answers.flush()

    while True:
        _answer(questions.get(), send)


def _answer(question: Path, send: _Send) -> None:
    matrix, limits, relaxed, sent = pickle.loads(question.read_bytes())
    if limits.time_limit_s is not None:
        spent = min(limits.time_limit_s, max(0.0, time.monotonic() - sent))
        limits = replace(limits, time_limit_s=limits.time_limit_s - spent)
    try:
        send(("done", minimize(matrix, limits, relaxed=relaxed, on_progress=_Progress(send))))
    except SolverError as error:
        send(("failed", str(error)))


def _read_questions(questions: "queue.SimpleQueue[Path]") -> None:
    """Hands on what is asked; the end of standard input is the end of the parent."""
    for line in sys.stdin.buffer:
        questions.put(Path(os.fsdecode(line.rstrip(b"\n"))))
    os._exit(1)


class _Progress:
    """Reports every better incumbent, and better bounds now and then."""

    def __init__(self, send: _Send) -> None:
        self.send = send
        self.bound = -inf
        self.told_at = -inf

    def __call__(self, news: Answer) -> None:
        bound = -inf if news.bound is None else news.bound
        is_due = bound > self.bound and time.monotonic() >= self.told_at + _TELL_EVERY_S
        if news.values is not None or is_due:
            self.bound = max(self.bound, bound)
            self.told_at = time.monotonic()
            self.send(("progress", news))
