"""How a run ended, in a line: what lists of runs show, also of runs that had no outcome to keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.portfolio import Status
from sheets_sync.outcome import INVALID, ExitCode, first_code

BROKEN_STATUSES = {
    INVALID: ExitCode.WORKBOOK_ERRORS,
    Status.INFEASIBLE.value: ExitCode.UNSOLVED,
    Status.NO_SOLUTION.value: ExitCode.UNSOLVED,
}
"""What a scenario's status asks for; any other status is a plan."""


@dataclass(frozen=True)
class RunEnd:
    """The end of a run; or of several in a row that found the same, of which `times` and `since` tell.

    `workbook` is where it is: a file's full path, a sheet's address. `since` and `finished_at` are ISO 8601 in UTC:
    when the first of them began, and the last one ended.
    """

    run_id: str
    workbook: str
    trigger: str
    person: str
    since: str
    finished_at: str
    exit_code: int
    summary: str
    written: bool
    times: int = 1


def end_of_kept(statuses: Sequence[str]) -> tuple[int, str]:
    """Exit code and words of a run of which only the statuses of its scenarios are known."""
    code = first_code([BROKEN_STATUSES.get(status, ExitCode.DONE) for status in statuses])
    solved = sum(status not in BROKEN_STATUSES for status in statuses)
    return int(code), f"{solved} of {len(statuses)} scenarios solved."
