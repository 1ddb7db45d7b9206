"""Noting in the store how a run ended, so that every list of runs shows it, whoever started it and however it ended."""

from contextlib import suppress
from datetime import UTC, datetime

from sheets_sync.outcome import RunOutcome
from sheets_sync.request import RunRequest, new_run_id
from sheets_sync.run.exit_codes import exit_code_of
from sheets_sync.run.unchanged import Unchanged
from sheets_sync.store import RunEnd, RunStore, StoreError, place_of_locator


def note_end(
    store: RunStore,
    locator: str,
    request: RunRequest,
    ended: RunOutcome | Unchanged,
    started_at: datetime,
    finished_at: datetime,
) -> None:
    """Note a run that came to its end. A store that fails was reported where the run was kept."""
    run_id, written = (ended.facts.run_id, ended.written) if isinstance(ended, RunOutcome) else (None, False)
    found = (int(ended.exit_code), ended.summary)
    _note(store, locator, request, (started_at, finished_at), found, run_id=run_id, written=written)


def note_failure(
    store: RunStore,
    locator: str,
    request: RunRequest,
    error: Exception,
    started_at: datetime,
    finished_at: datetime,
) -> None:
    """Note a run that an error ended. What people need to know is that error, not that the store fails too."""
    _note(store, locator, request, (started_at, finished_at), (int(exit_code_of(error)), str(error)))


def _note(
    store: RunStore,
    locator: str,
    request: RunRequest,
    times: tuple[datetime, datetime],
    found: tuple[int, str],
    *,
    run_id: str | None = None,
    written: bool = False,
) -> None:
    began, ended = (moment.astimezone(UTC) for moment in times)
    with suppress(StoreError):
        store.note_end(
            RunEnd(
                run_id or new_run_id(began),
                place_of_locator(locator),
                request.trigger,
                request.person,
                began.isoformat(),
                ended.isoformat(),
                *found,
                written=written,
            )
        )
