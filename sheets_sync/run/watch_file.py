"""`sheetplan watch`: runs a file again each time that somebody saves it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sheets_sync.outcome import RunOutcome
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.run_workbook import run_if_changed
from sheets_sync.run.unchanged import Unchanged
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook, WorkbookError

LOOK_S = 0.5
RETRY_S = 2.0
"""Seconds after which a run that failed is tried again: a spreadsheet program may have closed the file by then."""


@dataclass(frozen=True)
class Watched:
    """What a save led to: an outcome, or the sentence why there is none yet."""

    outcome: RunOutcome | None = None
    error: str | None = None


def watch(
    path: Path,
    workbook: Workbook,
    request: RunRequest,
    *,
    progress: Progress | None = None,
    store: RunStore | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Watched]:
    """Run now and after every save, for as long as the caller asks for more; what changed no input is passed over.

    A save is taken up once the file has stood still between two looks, because programs write large files in parts.
    """
    done: tuple[int, int] | None = None
    seen = _stamp(path)
    reported = ""
    while True:
        now = _stamp(path)
        if now == seen and now != done:
            try:
                outcome = run_if_changed(workbook, request, progress=progress or Progress(), store=store)
            except WorkbookError as error:
                if str(error) != reported:
                    reported = str(error)
                    yield Watched(error=reported)
                sleep(RETRY_S)
                continue
            # Our own write is no save to take up. One that came just after it is compared by its inputs.
            done, reported = now if isinstance(outcome, Unchanged) else _stamp(path), ""
            if not isinstance(outcome, Unchanged):
                yield Watched(outcome)
        seen = _stamp(path)
        sleep(LOOK_S)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
