"""A workbook whose inputs are those of its last run: there is nothing to do, and what was broken is still broken."""

from dataclasses import dataclass

from config.names import fold_key
from sheets_sync.issues.issue import Severity
from sheets_sync.outcome import INVALID, STATUS_WORDS, ExitCode, errors_in_words, first_code
from sheets_sync.run.previous_runs import failures_of_last_runs
from sheets_sync.run.read_inputs import Reading
from sheets_sync.store.run_end import BROKEN_STATUSES

NOTHING_TO_DO = "The inputs are those of the last run, so there was nothing to do."


@dataclass(frozen=True)
class Unchanged:
    """What a run would find again: its exit code, and the words that say so."""

    exit_code: ExitCode
    summary: str


def unchanged(reading: Reading) -> Unchanged | None:
    """What to report without solving; None where some scenario to run was not last run on these very inputs."""
    if not reading.is_unchanged:
        return None
    failures = failures_of_last_runs(reading.snapshot, frozenset(BROKEN_STATUSES))
    chosen = [scenario.name for scenario in reading.checked.scenarios if scenario.is_chosen]
    broken = {name: failures[fold_key(name)] for name in chosen if fold_key(name) in failures}
    codes = [BROKEN_STATUSES[failure.status] for failure in broken.values()]
    errors = sum(issue.severity is Severity.ERROR for issue in reading.checked.issues)
    code = first_code([*codes, *([ExitCode.WORKBOOK_ERRORS] if errors else [])])
    if code is ExitCode.DONE:
        return Unchanged(code, NOTHING_TO_DO)
    parts = [
        f"{name}: {failure.words} (since {failure.since} UTC)."
        for name, failure in broken.items()
        if failure.status != INVALID
    ]
    # What is wrong in the workbook is said once, not for each scenario that it stops.
    stopped = {name: failure.since for name, failure in broken.items() if failure.status == INVALID}
    for since in dict.fromkeys(stopped.values()):
        names = ", ".join(name for name, began in stopped.items() if began == since)
        parts.append(f"{names}: {STATUS_WORDS[INVALID]} (since {since} UTC).")
    parts += errors_in_words(reading.checked.issues)
    return Unchanged(code, " ".join(["Still broken, and the inputs have not changed since the last run.", *parts]))
