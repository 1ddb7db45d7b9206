"""What the watcher of tick boxes has written for people, until the outcome of that run replaces it.

A run that ends without writing (cancelled, too late, no such scenario ...) leaves the statuses as they are, and with
them our "Queued". Each such text is remembered from before it is written until its run has ended and it was looked for.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from config.tabs import SCENARIOS, find_tab
from sheets_sync.checks import Checked, check
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.job_tables import watches
from sheets_sync.jobs.run_table import Run, State
from sheets_sync.report import status_columns
from sheets_sync.workbook.changes import StatusColumn
from sheets_sync.workbook.snapshot import Snapshot, Tab

PREFIX = "tick promise "
LEFT_OUT = "Ticked, but left out of the run that followed: tick it again."


class Promises:
    """The texts that wait for an outcome, by run, in the store: whoever reported them may be gone by then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, workbook_key: str, run_id: str, reported: str) -> None:
        """Before `reported` is written beside the scenarios of a run."""
        with self._database.begin() as connection:
            name = f"{PREFIX}{workbook_key} {run_id}"
            known = connection.execute(sa.select(watches.c.seen).where(watches.c.name == name)).scalar()
            texts = [reported] if known is None else [*json.loads(known), reported]
            connection.execute(sa.delete(watches).where(watches.c.name == name))
            connection.execute(sa.insert(watches).values(name=name, seen=json.dumps(texts)))

    def all(self) -> dict[str, dict[str, list[str]]]:
        """The texts of every run, by workbook and run id."""
        query = sa.select(watches).where(watches.c.name.startswith(PREFIX, autoescape=True))
        found: dict[str, dict[str, list[str]]] = {}
        with self._database.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                workbook_key, _, run_id = row["name"].removeprefix(PREFIX).rpartition(" ")
                found.setdefault(workbook_key, {})[run_id] = json.loads(row["seen"])
        return found

    def forget(self, workbook_key: str, run_id: str) -> None:
        """None of a run's texts is in the workbook any more."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(watches).where(watches.c.name == f"{PREFIX}{workbook_key} {run_id}"))


def outcome_in_words(run: Run) -> str:
    """What a status shows instead, once the run has ended without writing to it."""
    if run.state is State.CANCELLED:
        return run.summary
    return LEFT_OUT if (run.outcome or {}).get("written") else f"Not run: {run.summary}"


def settled(snapshot: Snapshot, instead: Mapping[str, str]) -> StatusColumn | None:
    """The statuses that still say one of the texts, each with what it shall say instead; None where none does."""
    tab = next((tab for title, tab in snapshot.tabs.items() if find_tab(title) is SCENARIOS), None)
    checked = check(snapshot)
    column = status_columns.run_status(checked, {})
    if tab is None or column is None or column.creates:
        return None
    values = _replaced(tab, checked, column.column, instead)
    return replace(column, values=values) if values else None


def _replaced(tab: Tab, checked: Checked, column: int, instead: Mapping[str, str]) -> dict[int, str]:
    stands = {scenario.row: tab.cell(scenario.row, column).value for scenario in checked.scenarios}
    return {row: instead[text] for row, text in stands.items() if isinstance(text, str) and text in instead}
