"""The two streams as consoles: fitted and styled on a terminal, plain whole lines anywhere else.

Neither reads markup: most of what is printed was typed by people, and a department may be called ``[/x]``. Nor does the
terminal read any: an escape character in a cell is shown, never obeyed.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from config.control_characters import printable

UNBOUNDED = 10_000
"""Columns of what is no terminal: whoever reads it (a file, `grep`) wants each line whole."""
_TRAILING_BLANKS = re.compile(r"[ ]+$", re.MULTILINE)


def answers(on_reader_gone: Callable[[], None]) -> Console:
    """Standard output; `on_reader_gone` is called where nobody reads it any more."""
    if sys.stdout is None or sys.stdout.isatty():
        return _console()
    return _Answers(
        on_reader_gone,
        file=cast(TextIO, _WithoutTrailingBlanks(sys.stdout)),
        width=UNBOUNDED,
        highlight=False,
        emoji=False,
        markup=False,
    )


def notices() -> Console:
    """Standard error; not drawn wider than its terminal, so that the progress bar fits."""
    return _console(stderr=True)


def _console(*, stderr: bool = False) -> Console:
    if os.environ.get("NO_COLOR"):
        # rich alone would leave bold and dim.
        return _PlainTexts(stderr=stderr, highlight=False, emoji=False, markup=False, color_system=None)
    return _PlainTexts(stderr=stderr, highlight=False, emoji=False, markup=False)


class _PlainTexts(Console):
    """A console on which only its own styles reach the terminal as commands."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is to be written, in pieces."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


class _Answers(_PlainTexts):
    """A console that outlives its reader."""

    def __init__(self, on_reader_gone: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_reader_gone = on_reader_gone

    def on_broken_pipe(self) -> None:
        """The library would end the process here, with an exit code of its own."""
        self._on_reader_gone()


class _WithoutTrailingBlanks:
    """A stream that drops the blanks with which tables fill their lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(_TRAILING_BLANKS.sub("", text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return False

    @property
    def encoding(self) -> str:
        return self._stream.encoding
