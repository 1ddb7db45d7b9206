"""CPU time of this process and of all that it began, such as HiGHS where it is apart, and the processes of studies."""

import os
import resource
from pathlib import Path
from time import process_time

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_time() -> float:
    """Seconds; only differences mean something."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime + sum(map(_of_process, _begun_by("self")))


def _begun_by(process: str) -> list[str]:
    """Processes that one began and did not wait for yet: what processes of studies are forked from stays."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [child for task in tasks for child in _text(task).split()]


def _of_process(process: str) -> float:
    """With those that it began; 0 of one that is gone."""
    _, _, rest = _text(Path(f"/proc/{process}/stat")).rpartition(")")
    # User and system time of the process, and of those that it waited for.
    own = sum(map(int, rest.split()[11:15])) / _TICKS
    return own + sum(map(_of_process, _begun_by(process)))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
