"""Standard input that lets go: a process that ends need not wait for whoever might still write to it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO

CHUNK = 65_536
_INPUT = 0


@contextmanager
def input_that_ends() -> Iterator[Callable[[], None]]:
    """Standard input for so long, at whose end, or when what is given is called, whoever reads it meets its end.

    The protocol's library reads in a thread, which nothing can stop while it waits for the next line; and no process
    ends before its threads. So it reads from a pipe of ours, which can be closed.
    """
    real = os.dup(_INPUT)
    reading, writing = os.pipe()
    os.dup2(reading, _INPUT)
    os.close(reading)
    with FileIO(writing, "w") as pipe:
        threading.Thread(target=_copy, args=(real, pipe), name="standard input", daemon=True).start()
        yield pipe.close


def _copy(real: int, pipe: FileIO) -> None:
    # Neither of the two: the process ends, and has closed the pipe.
    with suppress(OSError, ValueError), pipe:
        while chunk := os.read(real, CHUNK):
            while chunk:
                chunk = chunk[pipe.write(chunk) :]
