"""The two streams as Python gives them, made so that no text and no reader can spoil the end of a command."""

import io
import os
import sys
from contextlib import suppress


def accept_all_texts() -> None:
    """Print what a stream's encoding lacks as an escape: by then, the workbook is written, and the outcome counts."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_further_output() -> None:
    """Send standard output nowhere from now on: whoever read it has gone, as `head` does."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
