"""What the jobs report to whoever measures them; the default reports nothing."""

from collections.abc import Iterator
from contextlib import contextmanager


class Observer:
    """Called with phases and ends; the service's metrics implement it."""

    @contextmanager
    def phase(self, name: str, workbook: str) -> Iterator[None]:
        """Around each read, solve and write of a workbook."""
        del name, workbook
        yield

    def ended(self, workbook: str, state: str, exit_code: int, seconds: float) -> None:
        """A run ended, this long after it was accepted."""
