"""Google for tests: a spreadsheet on the local server, a connection whose time is ours, and small changes to write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import gspread

from sheets_sync.google.connection import Connection, connect
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.transport import Patience
from sheets_sync.workbook.changes import (
    Changes,
    Chart,
    ChartKind,
    Formula,
    Highlight,
    Log,
    OutCell,
    Role,
    Sheet,
    StatusColumn,
)
from sheets_sync.workbook.snapshot import Area
from tests.sheets_server.server import SheetsServer

INITIATIVES = [["initiative_key", "gmv", "sync_status"], ["A", 120000, ""], ["B", 80000, ""], ["C", 40000, ""]]


@dataclass
class OurTime:
    """A clock that only moves when someone sleeps; backoff waits its full length, so tests know how long."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[float], object] = lambda _: None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.on_sleep(seconds)

    def patience(self, deadline_s: float = 180.0, attempt_s: float = 60.0) -> Patience:
        return Patience(deadline_s, attempt_s, lambda: self.now, self.sleep, lambda _, longest: longest)


@dataclass
class Plan:
    """One spreadsheet on the server, and two ways to it: ours, and that of a person (plain gspread)."""

    server: SheetsServer
    book: gspread.Spreadsheet
    connection: Connection
    time: OurTime

    @property
    def id(self) -> str:
        return self.book.id

    def close(self) -> None:
        self.connection.close()
        self.book.client.session.close()

    def open(self, **options: Any) -> GoogleWorkbook:
        """A fresh object, as another process would have it."""
        return GoogleWorkbook(self.id, self.connection, **options)

    def add_tab(
        self, title: str, rows: Sequence[Sequence[Any]], *, size: tuple[int, int] = (30, 12)
    ) -> gspread.Worksheet:
        sheet = self.book.add_worksheet(title, *size)
        sheet.update([list(row) for row in rows], raw=True)
        return sheet

    def cells(self, title: str) -> list[list[Any]]:
        """What a tab holds, formulas as their values; blank ends are cut off."""
        rows: list[list[Any]] = self.book.worksheet(title).get(value_render_option="UNFORMATTED_VALUE")
        return rows

    def calls(self) -> list[tuple[str, int]]:
        """Method and status of every call since the log was cleared."""
        return [(call.method, call.status) for call in self.server.calls("/v4/spreadsheets")]

    def sheet_json(self, title: str) -> Mapping[str, Any]:
        found = self.server.workbook_json(self.id)["sheets"]
        return next(sheet for sheet in found if sheet["properties"]["title"] == title)


def make_plan(server: SheetsServer, *, initiatives: Sequence[Sequence[Any]] = INITIATIVES, known: bool = True) -> Plan:
    """A spreadsheet with an Initiatives tab, which the connection may know already; its calls are not in the log."""
    time = OurTime()
    connection = connect(
        emulator=server.url, patience=time.patience(), reads_per_minute=10_000, writes_per_minute=10_000
    )
    plan = Plan(server, server.client().create("Plan"), connection, time)
    plan.add_tab("Initiatives", initiatives)
    if known:
        connection.sizes.note(plan.id, 0)
    server.log.clear()
    return plan


def inputs(title: str) -> bool:
    """The tab filter of these tests."""
    return title == "Initiatives"


def results(run: str, *, body: int = 3, columns: int = 3) -> Sheet:
    """A report in which every cell of the body names its run, so that a mixture of two would show."""
    rows: list[list[OutCell | None]] = [
        [OutCell("Results", Role.TITLE), OutCell(run)],
        [OutCell("initiative", Role.HEADER), OutCell("gmv", Role.HEADER, note="per year"), OutCell("run", Role.HEADER)],
    ]
    rows += [
        [OutCell(f"I{index}"), OutCell(index * 1000.5, number_format="#,##0.00"), *[OutCell(run)] * (columns - 2)]
        for index in range(body)
    ]
    last = len(rows)
    rows.append(
        [
            OutCell("total", Role.TOTAL),
            OutCell(Formula(f"=SUM(B3:B{last})", sum(i * 1000.5 for i in range(body))), Role.TOTAL),
        ]
    )
    return Sheet(
        "Results",
        rows,
        owned_name="sheetplan_results",
        name_prefix="sheetplan_",
        named_ranges={"sheetplan_selection": Area("Results", 2, 1, last, 3)},
        column_widths=[20, 12, 12],
        frozen_rows=2,
        frozen_columns=1,
        highlights=[Highlight(Area("Results", 3, 2, last, 2), "=B3>1500", Role.BAD)],
        charts=[
            Chart("GMV", ChartKind.COLUMN, Area("Results", 3, 1, last, 1), [Area("Results", 2, 2, last, 2)], (2, 6))
        ],
    )


def log(run: str, scenarios: int = 2) -> Log:
    """One row per scenario."""
    started = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    rows = [
        {
            "run_id": OutCell(run),
            "started_utc": OutCell(started),
            "scenario_name": OutCell(f"S{index}"),
            "objective": OutCell(200000.0, number_format="#,##0"),
        }
        for index in range(scenarios)
    ]
    return Log("Runs", ["run_id", "started_utc", "scenario_name", "objective"], "run_id", rows)


def changes(run: str, *, body: int = 3, scenarios: int = 2, status: bool = True) -> Changes:
    """All that a run writes: statuses, Results and Runs, each naming the run."""
    texts = dict.fromkeys((2, 3, 4), f"OK in {run}")
    column = StatusColumn("Initiatives", "sync_status", 1, 3, False, texts)
    return Changes([column] if status else [], results(run, body=body), log(run, scenarios), run)
