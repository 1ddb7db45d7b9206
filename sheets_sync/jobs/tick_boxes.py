"""Tick boxes: a service that looks, for teams that cannot use a menu.

One call to Drive shows which of all spreadsheets changed; only those are read. A tick becomes a run first, then it is
taken off and the status beside it says so: a crash between the two finds the tick again, and the run by its key.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from config.settings import Settings
from config.tabs import SCENARIOS, find_tab, input_tabs
from sheets_sync.checks import check
from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import watches
from sheets_sync.jobs.logs import about_run
from sheets_sync.jobs.run_now_cells import find_ticked
from sheets_sync.jobs.run_table import Asked, Run
from sheets_sync.jobs.schedule import Submit
from sheets_sync.jobs.tick_promises import Promises, outcome_in_words, settled
from sheets_sync.opening import open_workbook, sheet_of_key, workbook_key
from sheets_sync.report import status_columns
from sheets_sync.workbook.backend import WorkbookBusyError, WorkbookError
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot

logger = logging.getLogger(__name__)

TRIGGER = "tick box"
OVERLAP_S = 1200.0
"""Drive notes changes of a sheet late, by reports by 3 to 10 minutes: no look may leave out what shows that late."""
SETTLE_WITHIN_S = 3600.0
"""How long after a run the outcome is tried to be reported to a workbook that cannot be reached."""


@dataclass(frozen=True)
class TickBoxes:
    """A registered workbook whose tick boxes are watched."""

    workbook: str
    workbook_key: str
    location: str


def tick_boxes_of(settings: Settings) -> list[TickBoxes]:
    """The registered Google Sheets that ask for it; a file has `sheetplan watch`."""
    found = [
        TickBoxes(name, workbook_key(name, settings), workbook.location)
        for name, workbook in settings.workbooks.items()
        if workbook.tick_box
    ]
    return [boxes for boxes in found if sheet_of_key(boxes.workbook_key) is not None]


class TickBoxWatcher:
    """Looks for ticks; what was seen of each spreadsheet is remembered in the store."""

    def __init__(
        self,
        boxes: Sequence[TickBoxes],
        settings: Settings,
        database: Database,
        submit: Submit,
        run_of: Callable[[str], Run | None],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        sheets = ((sheet_of_key(item.workbook_key), item) for item in boxes)
        self._boxes = {sheet.spreadsheet_id: item for sheet, item in sheets if sheet is not None}
        self._settings = settings
        self._database = database
        self._submit = submit
        self._run_of = run_of
        self._promises = Promises(database)
        self._now = now
        self._files: ChangedFiles | None = None
        self._looked_at: float | None = None
        # Spreadsheets whose ticks we may not take off: one run for a tick, not one for each change of the sheet.
        self._locked: set[str] = set()

    def look(self) -> None:
        """One look: a call to Drive, and a read of each watched spreadsheet that changed."""
        started = self._now()
        try:
            self._files = self._files or ChangedFiles.of(self._settings.google)
            since = None if self._looked_at is None else self._looked_at - OVERLAP_S
            changed = self._files.since(since, self._boxes)
        except WorkbookError as error:
            logger.warning("Tick boxes cannot be looked at: %s", error, extra={"action": "tick_boxes_unreachable"})
            return
        for spreadsheet_id, modified in changed.items():
            item = self._boxes.get(spreadsheet_id)
            if item is not None and self._seen(item) != modified:
                self._look_into(item, modified)
        self._looked_at = started
        for key, texts in self._promises.all().items():
            self._settle(key, texts)

    def _settle(self, key: str, texts: Mapping[str, Sequence[str]]) -> None:
        """Where a run ended that wrote nothing, say so in the statuses that still call it queued."""
        sheet = sheet_of_key(key)
        item = None if sheet is None else self._boxes.get(sheet.spreadsheet_id)
        runs = {run_id: self._run_of(run_id) for run_id in texts}
        ended = [run for run in runs.values() if run is not None and run.state.is_final]
        recent = [run for run in ended if run.finished_at and run.finished_at > self._now() - SETTLE_WITHIN_S]
        if item is not None and recent and not self._report(item, recent, texts):
            return
        for run_id, run in runs.items():
            if run is None or run.state.is_final:
                self._promises.forget(key, run_id)

    def _report(self, item: TickBoxes, ended: Sequence[Run], texts: Mapping[str, Sequence[str]]) -> bool:
        """Whether the outcomes stand there now."""
        instead = {reported: outcome_in_words(run) for run in ended for reported in texts[run.run_id]}
        try:
            workbook = open_workbook(item.location, self._settings)
            with workbook.locked():
                status = settled(workbook.read(input_tabs), instead)
                if status is not None:
                    workbook.write(Changes(statuses=[status]))
        except WorkbookBusyError:
            return False
        except WorkbookError as error:
            self._warn(item, error)
            return False
        return True

    def _look_into(self, item: TickBoxes, modified: str) -> None:
        try:
            self._take_up(item, modified)
        except WorkbookBusyError:
            # A run is under way: its own write changes the file, so that we come back.
            return
        except WorkbookError as error:
            self._warn(item, error)
            return
        self._note(item, modified)

    @staticmethod
    def _warn(item: TickBoxes, error: WorkbookError) -> None:
        extra = {"action": "tick_boxes_failed", "workbook": item.workbook}
        logger.warning("Tick boxes of %s: %s", item.workbook, error, extra=extra)

    def _take_up(self, item: TickBoxes, modified: str) -> None:
        workbook = open_workbook(item.location, self._settings)
        with workbook.locked():
            snapshot = workbook.read(input_tabs)
            tab, checked = _scenarios_tab(snapshot), check(snapshot)
            ticked = None if tab is None else find_ticked(snapshot.tabs[tab], checked)
            if ticked is None:
                self._locked.discard(item.workbook_key)
                return
            if item.workbook_key in self._locked:
                return
            asked = Asked(item.workbook, item.workbook_key, item.location, ticked.scenarios, TRIGGER, "")
            run = self._submit(asked, f"{TRIGGER} {item.workbook_key} {modified}")
            with about_run(run.run_id, run.workbook):
                logger.info("Tick taken up", extra={"action": "tick_taken_up", "workbook": item.workbook})
            reported = f"Queued at {datetime.fromtimestamp(self._now(), UTC):%H:%M:%S} UTC, asked by tick box."
            self._promises.remember(item.workbook_key, run.run_id, reported)
            names = ticked.scenarios or [scenario.name for scenario in checked.scenarios if scenario.is_chosen]
            status = status_columns.run_status(checked, dict.fromkeys(names, reported))
            written = workbook.write(Changes(statuses=[*ticked.resets, *([status] if status is not None else [])]))
            if any(status in ticked.resets for status in written.left_out):
                self._locked.add(item.workbook_key)
                extra = {"action": "tick_boxes_locked", "workbook": item.workbook}
                logger.warning("Tick boxes of %s: %s", item.workbook, " ".join(written.notices), extra=extra)

    def _seen(self, item: TickBoxes) -> str | None:
        query = sa.select(watches.c.seen).where(watches.c.name == _name(item))
        with self._database.engine.connect() as connection:
            seen: str | None = connection.execute(query).scalar()
        return seen

    def _note(self, item: TickBoxes, modified: str) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.delete(watches).where(watches.c.name == _name(item)))
            connection.execute(sa.insert(watches).values(name=_name(item), seen=modified))


def _name(item: TickBoxes) -> str:
    return f"{TRIGGER} {item.workbook_key}"


def _scenarios_tab(snapshot: Snapshot) -> str | None:
    """The title of the Scenarios tab, under whatever alias; one under the name itself goes first."""
    titles = [title for title in snapshot.tabs if (tab := find_tab(title)) is not None and tab.name == SCENARIOS.name]
    return min(titles, key=lambda title: title.casefold() != SCENARIOS.name.casefold(), default=None)
