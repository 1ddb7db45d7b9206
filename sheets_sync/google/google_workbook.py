"""The workbook protocol on a Google Sheet: one read, one atomic write."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from gspread.exceptions import APIError
from gspread.http_client import ParamsType
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL

from sheets_sync.google.cells_out import Writer
from sheets_sync.google.connection import Connection, refused
from sheets_sync.google.faults import Situation, is_lost_name, is_taken_mark
from sheets_sync.google.input_tabs import tab_requests
from sheets_sync.google.locator import address_of, tab_address
from sheets_sync.google.locks import locks_on
from sheets_sync.google.reading import quoted, read_state
from sheets_sync.google.reading_comparison import input_titles, inputs_differ, is_loading, misplaced, outline
from sheets_sync.google.sheet_state import (
    AFTER_FIELDS,
    WorkbookState,
    parse_state,
)
from sheets_sync.google.staging import in_parts
from sheets_sync.google.transport import answer_of
from sheets_sync.google.write_plan import WritePlan, is_guarded, plan_write, report_tab_id, token_of
from sheets_sync.workbook.backend import (
    ANALYSIS,
    REPORT_NAMES,
    FurtherTabs,
    TabFilter,
    WorkbookChangedError,
    WorkbookUnreachableError,
    Written,
    no_further_tabs,
)
from sheets_sync.workbook.changes import Changes, StatusColumn
from sheets_sync.workbook.run_lock import RunLock
from sheets_sync.workbook.snapshot import Snapshot
from sheets_sync.workbook.template import TabTemplate, is_there

logger = logging.getLogger(__name__)

Json = dict[str, Any]

ATTEMPTS = 5
"""How often a write is planned anew, because another run wrote between its read and itself, or its number is taken."""
LOADING_PAUSES_S = (2.0, 5.0, 10.0)
"""How long a read waits for cells that still show "Loading...", such as IMPORTRANGE; after that they are errors."""


class GoogleWorkbook:
    """One Google Sheet, reached through a connection that may be shared.

    It remembers the state that it read last, so that a write needs no read of its own. `outputs` are the titles of the
    tabs that we write: their cells are read too, because a write must know them. A write of more than `payload_bytes`
    is brought in parts (Google recommends calls of at most 2 MB), and shown by its last call.
    """

    def __init__(
        self,
        spreadsheet_id: str,
        connection: Connection,
        *,
        outputs: Sequence[str] = (*REPORT_NAMES, "Runs"),
        payload_bytes: int = 2_000_000,
    ) -> None:
        self._id = spreadsheet_id
        self._connection = connection
        self._outputs = outputs
        self._payload_bytes = payload_bytes
        self._state: WorkbookState | None = None
        self._wanted: TabFilter = _nothing
        self._further: FurtherTabs = no_further_tabs

    @property
    def locator(self) -> str:
        """The address at which people open it."""
        return address_of(self._id)

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """Read the wanted tabs, and the further ones that these name: where there is little else, at one moment.

        Raises:
            WorkbookUnreachableError: the spreadsheet cannot be reached.
        """
        self._wanted, self._further = wanted, further
        self._state = self._read()
        for pause in LOADING_PAUSES_S:
            if not is_loading(self._state):
                break
            self._connection.patience.sleep(pause)
            self._state = self._read()
        return self._state.snapshot()

    def write(self, changes: Changes, *, force: bool = False) -> Written:  # noqa: ARG002 -- nothing is lost here
        """Apply all changes in one call, or none of them.

        A repeated write of the same changes, from whatever process, is recognised and not applied again.

        Raises:
            WorkbookUnreachableError: the spreadsheet cannot be reached or not be written.
            WorkbookRefusedError: writing would overwrite what people wrote.
            WorkbookChangedError: input tabs changed since they were read, and that was seen before writing.
        """
        read = state = self._state or self._first_contact(changes)
        if changes.analysis is not None and ANALYSIS not in self._outputs:
            # No run needs the cells of this tab, so none has read them.
            self._outputs = (*self._outputs, ANALYSIS)
            state = self._read()
        token, lost_name, taken_marks = token_of(changes), None, 0
        for _ in range(ATTEMPTS):
            if is_guarded(changes) and any(mark.token == token for mark in state.marks):
                return self._written(changes, read, state, state, repeated=True)
            account = self._connection.identity.account
            plan = plan_write(
                changes, state, account=account, lost_names=lost_name is not None, taken_marks=taken_marks
            )
            if not plan.requests:
                return self._written(changes, read, state, state, notices=plan.notices, left_out=plan.left_out)
            try:
                after, notices = self._send(plan, read)
            except APIError as error:
                fresh = self._read()
                if outline(fresh) != outline(state):
                    state = fresh
                    self._refuse_changed_inputs(changes, read, state, token)
                elif is_guarded(changes) and is_taken_mark(answer_of(error)) and taken_marks < ATTEMPTS - 2:
                    taken_marks += 1
                elif lost_name is None and is_lost_name(answer_of(error)):
                    lost_name = error
                else:
                    raise refused(lost_name or error, self._situation(state, writing=True)) from None
                continue
            self._state = None
            notices = (*notices, *misplaced(read, after, changes.statuses))
            return self._written(
                changes, read, state, after, notices=notices, left_out=plan.left_out, copies=plan.copies
            )
        raise WorkbookUnreachableError(
            f"Other runs wrote to {self.locator} {ATTEMPTS} times while this one tried to. Nothing was written; run "
            "again."
        )

    def _first_contact(self, changes: Changes) -> WorkbookState:
        """The state that a write needs where this object has read nothing yet."""
        tabs = {status.tab.casefold() for status in changes.statuses}
        self._wanted = lambda title: title.casefold() in tabs
        return self._read()

    def _written(
        self,
        changes: Changes,
        read: WorkbookState,
        planned: WorkbookState,
        after: WorkbookState,
        *,
        repeated: bool = False,
        notices: tuple[str, ...] = (),
        left_out: tuple[StatusColumn, ...] = (),
        copies: tuple[str, ...] = (),
    ) -> Written:
        # What was edited differs from what was read, as it should.
        changed = not changes.edits and self._changed(changes, read, after)
        results = changes.results
        return Written(
            after.snapshot(),
            changed_meanwhile=changed,
            repeated=repeated,
            notices=notices,
            left_out=left_out,
            copy=", ".join(copies),
            results_url=None if results is None else tab_address(self._id, report_tab_id(results, planned)),
        )

    def _refuse_changed_inputs(self, changes: Changes, read: WorkbookState, now: WorkbookState, token: str) -> None:
        landed = any(mark.token == token for mark in now.marks)
        if not landed and self._changed(changes, read, now):
            raise WorkbookChangedError(
                f"The input tabs of {self.locator} changed while sheetplan worked on them. Nothing was written; run "
                "again."
            )

    def _changed(self, changes: Changes, read: WorkbookState, now: WorkbookState) -> bool:
        """Whether the inputs changed, in what they mean to the run."""
        if not inputs_differ(read, now, changes.statuses, self._outputs):
            return False
        return changes.is_same is None or not changes.is_same(now.snapshot())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the spreadsheet against other runs on this machine; those elsewhere are kept apart by the write's guard.

        Raises:
            WorkbookBusyError: another run holds it.
            WorkbookUnreachableError: this machine has no place for the lock.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self._run_lock.held())
            except OSError as problem:
                raise WorkbookUnreachableError(
                    f"{self.locator} cannot be locked on this machine: {problem.strerror or problem}. Set TMPDIR to a "
                    "folder that you can write to."
                ) from None
            yield

    @cached_property
    def _run_lock(self) -> RunLock:
        name = hashlib.sha256(self._id.encode()).hexdigest()[:16]
        # A lock file of another user could not be opened, so each user has one.
        user = getattr(os, "getuid", int)()
        return RunLock(Path(tempfile.gettempdir()) / f"sheetplan-{user}-{name}.lock", self.locator)

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:
        """Create each tab that is missing, as a table; returns their titles. One read and one write.

        Where Google refuses tables, the tabs are made without: the same cells, boxes and lists.

        Raises:
            WorkbookUnreachableError: the spreadsheet cannot be reached or not be written.
        """
        state = self._read()
        created: list[str] = []
        as_tables = True
        for _ in range(ATTEMPTS):
            missing = [template for template in templates if not is_there(template, state.titles)]
            if not missing:
                return created
            writer = Writer(state.locale, logger.warning)
            requests = [
                request for template in missing for request in tab_requests(template, state, writer, as_table=as_tables)
            ]
            created = [template.title for template in missing]
            try:
                self._batch_update({"requests": requests}, "spreadsheetId", state)
            except APIError as error:
                # Either the first attempt came through and its answer was lost, or somebody made a tab of that name.
                fresh = self._read()
                if outline(fresh) == outline(state):
                    if not as_tables:
                        raise refused(error, self._situation(state, writing=True)) from None
                    as_tables = False
                state = fresh
                continue
            if not as_tables:
                logger.warning("Google refused tables in this spreadsheet; the tabs were made without.")
            return created
        raise WorkbookUnreachableError(f"Tabs of {self.locator} come and go; run again in a minute.")

    def _read(self) -> WorkbookState:
        situation = self._situation()
        return read_state(self._id, self._connection, situation, self._wanted, self._outputs, self._further)

    def _send(self, plan: WritePlan, read: WorkbookState) -> tuple[WorkbookState, tuple[str, ...]]:
        """The input tabs right after the write, and notices."""
        *parts, last = in_parts(plan.requests, plan.report_ids, self._payload_bytes)
        for part in parts:
            self._batch_update({"requests": part}, "spreadsheetId", read)
        body: Json = {"requests": last, "includeSpreadsheetInResponse": True}
        titles = input_titles(read, self._outputs)
        if titles:
            body["responseRanges"] = [quoted(title) for title in titles]
        answer = self._batch_update(body, AFTER_FIELDS if titles else "spreadsheetId", read)
        wanted = {title.casefold() for title in titles}
        after = parse_state(
            self._id, answer.get("updatedSpreadsheet", {}), lambda title: title.casefold() in wanted, ()
        )
        large = f"The report was large, so it was sent in {len(parts) + 1} calls and shown by the last."
        return after, (*plan.notices, *([large] if parts else []))

    def _batch_update(self, body: Json, fields: str, state: WorkbookState) -> Json:
        params: ParamsType = {"fields": fields, "prettyPrint": "false"}
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        return self._connection.call("post", url, self._situation(state, writing=True), params=params, body=body)

    def _situation(self, state: WorkbookState | None = None, *, writing: bool = False) -> Situation:
        locks = [] if state is None else [str(lock) for sheet in state.sheets for lock in locks_on(sheet, state)]
        return self._connection.situation(self.locator, writing=writing, locks=locks)


def _nothing(_: str) -> bool:
    return False
