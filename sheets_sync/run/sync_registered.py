"""`sheetplan sync`: registered workbooks whose inputs changed since their last run, one after the other, and done.

For cron, systemd timers, Cloud Run Jobs or Kubernetes CronJobs: no service, no database. What was run last is read from
the workbook's own Runs, in the one read that a run needs anyway; how it ended is noted in the store of past runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.names import fold_key
from config.settings import Settings, SettingsError
from sheets_sync.opening import locator_of, open_workbook
from sheets_sync.outcome import ExitCode, RunOutcome
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.exit_codes import REPORTED, exit_code_of
from sheets_sync.run.note_end import note_failure
from sheets_sync.run.run_workbook import run_if_changed
from sheets_sync.run.unchanged import Unchanged
from sheets_sync.store import RunStore, open_store
from sheets_sync.workbook.backend import WorkbookUnreachableError

TRIGGER = "sync"


@dataclass(frozen=True)
class Synced:
    """The result for one workbook: an outcome; that it was unchanged; or the sentence why it failed."""

    name: str
    exit_code: ExitCode
    outcome: RunOutcome | None = None
    error: str | None = None
    unchanged: Unchanged | None = None

    @property
    def state(self) -> str:
        """`unchanged`, `ran` or `failed` (nothing was written)."""
        if self.error is not None:
            return "failed"
        return "ran" if self.unchanged is None else "unchanged"

    @property
    def message(self) -> str | None:
        """What people need to know beside the state; None for an outcome, which has words of its own."""
        is_broken = self.unchanged is not None and self.exit_code is not ExitCode.DONE
        return self.unchanged.summary if self.unchanged is not None and is_broken else self.error

    def to_json(self) -> dict[str, Any]:
        """The entry in the command's JSON document."""
        return {
            "workbook": self.name,
            "state": self.state,
            "exit_code": int(self.exit_code),
            "message": self.message,
            "run": None if self.outcome is None else self.outcome.to_json(),
        }


def chosen(names: Sequence[str], settings: Settings) -> list[str]:
    """The registered names that were asked for, each once; all where none were.

    Raises:
        SettingsError: a name is not registered, or nothing is: a job in the wrong folder must not look like a success.
    """
    if not settings.workbooks:
        raise SettingsError(
            "No workbook is registered. Register some in sheetplan.toml in the folder of this command, or in the file "
            "that SHEETPLAN_CONFIG names."
        )
    registered = {fold_key(name): name for name in settings.workbooks}
    unknown = [name for name in names if fold_key(name) not in registered]
    if unknown:
        have = ", ".join(registered.values())
        raise SettingsError(f"Not registered: {', '.join(unknown)}. Registered in sheetplan.toml are: {have}.")
    return list(dict.fromkeys(registered[fold_key(name)] for name in names)) or list(registered.values())


def sync(
    names: Sequence[str], settings: Settings, *, force: bool, person: str, progress: Progress | None = None
) -> Iterator[Synced]:
    """Run each workbook whose inputs changed; with `force`, each. One that fails does not stop the others."""
    request = RunRequest(
        solver=settings.solver,
        time_limit_s=settings.time_limit_s,
        on_change=settings.on_change,
        only_if_changed=not force,
        trigger=TRIGGER,
        person=person,
    )
    store = open_store(settings.store)
    for name in names:
        try:
            outcome = _run(name, settings, request, progress or Progress(), store)
        except REPORTED as error:
            yield Synced(name, exit_code_of(error), error=str(error))
        else:
            if isinstance(outcome, Unchanged):
                yield Synced(name, outcome.exit_code, unchanged=outcome)
            else:
                yield Synced(name, outcome.exit_code, outcome)


def _run(
    name: str, settings: Settings, request: RunRequest, progress: Progress, store: RunStore
) -> RunOutcome | Unchanged:
    began = datetime.now(UTC)
    try:
        workbook = open_workbook(name, settings)
    except WorkbookUnreachableError as error:
        with suppress(WorkbookUnreachableError):  # a location that means no place has no history either
            note_failure(store, locator_of(name, settings), request, error, began, datetime.now(UTC))
        raise
    return run_if_changed(workbook, request, progress=progress, store=store)
