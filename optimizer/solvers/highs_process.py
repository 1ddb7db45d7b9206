"""HiGHS in a process of its own, which can be killed: so a time limit and a wish to stop hold in every phase.

HiGHS looks at the clock now and then, but not while it presolves rows over all columns, nor in some of its heuristics:
at 30,000 columns it was seen to overrun by a minute and more. The child reports each better incumbent and bound as it
finds them, so that what it had counts when it is killed.
"""

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

_CHILD = f"""
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from {__name__} import main
main(sys.argv[2])
"""
"""The child looks for modules where this process does: `optimizer` is a common name for a folder."""

_Message = tuple[Literal["progress", "done"], Answer] | tuple[Literal["failed"], str]
_Send = Callable[[_Message], None]


def minimize_apart(matrix: Matrix, limits: Limits, *, relaxed: bool = False) -> Answer:
    """`highs.minimize` in a child process; one that is killed for the time has reached its TIME_LIMIT.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: HiGHS or the child crashed.
    """
    deadline = inf if limits.time_limit_s is None else time.monotonic() + max(0.0, limits.time_limit_s) + _GRACE_S
    with tempfile.TemporaryDirectory(prefix="sheetplan-") as folder:
        question, errors = Path(folder) / "question", Path(folder) / "errors"
        question.write_bytes(pickle.dumps((matrix, replace(limits, cancel=None), relaxed, time.monotonic())))
        with (
            errors.open("wb") as stderr,
            # The child ends when its standard input does: it does not outlive this process, however that ends.
            subprocess.Popen(
                [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path), str(question)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            ) as child,
        ):
            assert child.stdout is not None
            messages: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
            receiver = threading.Thread(target=_receive, args=(child.stdout, messages), daemon=True)
            receiver.start()
            try:
                answer = _listen(messages, limits, deadline)
            finally:
                child.kill()
                receiver.join()
        if answer is None:
            raise SolverError(f"HiGHS' process broke off: {errors.read_text(errors='replace')[-300:].strip()}")
        return answer


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


def main(question: str) -> NoReturn:
    """Answers the question in a file, on standard output."""
    # Whoever presses Ctrl-C means the parent, which then kills this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    matrix, limits, relaxed, sent = pickle.loads(Path(question).read_bytes())

    def send(message: _Message) -> None:
        pickle.dump(message, answers)
        answers.flush()

    if limits.time_limit_s is not None:
        spent = min(limits.time_limit_s, max(0.0, time.monotonic() - sent))
        limits = replace(limits, time_limit_s=limits.time_limit_s - spent)
    try:
        send(("done", minimize(matrix, limits, relaxed=relaxed, on_progress=_Progress(send))))
    except SolverError as error:
        send(("failed", str(error)))
    # Without the time that it takes to free a large model.
    os._exit(0)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
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
