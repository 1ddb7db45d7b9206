"""Re-planning over several periods: what is kept keeps its start, and another start is a change."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.end_to_end.cli import Sheetplan
from tests.people_sheets import PeopleSheet, make_google, write_excel
from tests.sheets_server.server import SheetsServer

INITIATIVES: list[list[Any]] = [
    ["key", "effort", "team", "gmv", "status"],
    ["A", 8, "Data", 300, None],
    ["B", 8, "Data", 200, None],
    ["C", 8, "Data", 100, None],
]


def sheet(keep: str | None = None, max_changes: float | None = None) -> PeopleSheet:
    """Data does one initiative a quarter, the most valuable first: A, then B, then C."""
    return PeopleSheet({
        "KPIs": [["kpi_key", "kpi_level", "accrues"], ["gmv", "north_star", "each_period"]],
        "Initiatives": INITIATIVES,
        "Scenarios": [
            ["scenario", "mode", "from_period", "to_period", "keep", "max_changes"],
            ["Year", "north_star", "2026-Q3", "2027-Q2", keep, max_changes],
        ],
        "Capacity": [["dimension", "dimension_key", "amount"], ["team", "Data", 8]],
    })  # fmt: skip


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "runs.sqlite3"))


@pytest.fixture(params=["excel", "google"])
def open_sheet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[PeopleSheet], Any]]:
    """Makes the sheet on one backend and opens it."""
    if request.param == "excel":
        yield lambda made: ExcelWorkbook(write_excel(tmp_path / "other.xlsx", made))
        return
    with SheetsServer() as server:
        plans = []

        def make(made: PeopleSheet) -> Any:
            plans.append(make_google(server, made))
            return plans[-1].open()

        yield make
        for plan in plans:
            plan.close()


@pytest.fixture
def planned(tmp_path: Path, sheetplan: Sheetplan) -> Path:
    """A file whose plan was run and approved; after that C became worth most."""
    path = write_excel(tmp_path / "plan.xlsx", sheet())
    sheetplan("run", path)
    sheetplan("approve", path, "--scenario", "Year", "--by", "Ana")
    change(path, Initiatives_D4=900)
    return path


def change(path: Path, **edits: object) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in edits.items():
        tab, address = place.split("_")
        book[tab][address].value = value
    book.save(path)


def starts(sheetplan: Sheetplan, path: Path) -> dict[str, str]:
    (answer,) = sheetplan("run", path, "--json", "--dry-run").document["scenarios"]
    assert answer["status"] == "optimal"
    return answer["starts"]


def test_what_is_approved_starts_when_it_was_to_start(sheetplan: Sheetplan, planned: Path) -> None:
    assert starts(sheetplan, planned) == {"A": "2026-Q4", "B": "2027-Q1", "C": "2026-Q3"}
    change(planned, Scenarios_E2="approved")
    (answer,) = sheetplan("run", planned, "--json").document["scenarios"]
    assert answer["starts"] == {"A": "2026-Q3", "B": "2026-Q4", "C": "2027-Q1"}
    assert answer["reasons"]["C"].startswith("kept with its start from the approval of ")


def test_the_approved_tab_says_when_each_starts(planned: Path) -> None:
    tab = openpyxl.load_workbook(planned)["Approved Year"]
    shown = {"Initiative", "A", "B", "C"}
    assert [[cell.value for cell in row[:3]] for row in tab.iter_rows() if row[0].value in shown] == [
        ["Initiative", "Title", "Starts"],
        ["A", None, "2026-Q3"],
        ["B", None, "2026-Q4"],
        ["C", None, "2027-Q1"],
    ]


def test_a_start_that_is_over_is_kept_as_selected(sheetplan: Sheetplan, planned: Path) -> None:
    """A did not begin in 2026-Q3 after all: it is still in, and starts when that is best."""
    change(planned, Scenarios_E2="approved", Scenarios_C2="2026-Q4", Scenarios_D2="2027-Q3")
    assert starts(sheetplan, planned) == {"A": "2027-Q2", "B": "2026-Q4", "C": "2027-Q1"}


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, {"A": "2026-Q3", "B": "2026-Q4", "C": "2027-Q1"}),
        (2, {"A": "2027-Q1", "B": "2026-Q4", "C": "2026-Q3"}),
        (3, {"A": "2026-Q4", "B": "2027-Q1", "C": "2026-Q3"}),
    ],
)
def test_what_moves_counts_as_a_change(
    sheetplan: Sheetplan, planned: Path, most: int, expected: dict[str, str]
) -> None:
    change(planned, Scenarios_F2=most)
    assert starts(sheetplan, planned) == expected


def test_diff_and_its_bridge_say_what_moved(sheetplan: Sheetplan, planned: Path) -> None:
    sheetplan("run", planned)
    runs = [item["run_id"] for item in sheetplan("runs", planned, "--json").document["runs"]]
    said = sheetplan("diff", planned, runs[1], runs[0]).out
    assert "Moved: A 2026-Q3 -> 2026-Q4, B 2026-Q4 -> 2027-Q1, C 2027-Q1 -> 2026-Q3" in said
    found = sheetplan("diff", planned, runs[1], runs[0], "--json").document["scenarios"][0]
    assert found["moved"][0] == {"initiative": "A", "from": "2026-Q3", "to": "2026-Q4"}
    bridge = found["bridge"]
    assert bridge["before"] == {"gmv": 1400.0}
    assert [step["changes"]["gmv"] for step in bridge["steps"]] == [800.0, 1300.0, 0.0, 0.0]
    assert [len(step.get("moved", [])) for step in bridge["steps"]] == [0, 3, 0, 0]


def test_the_last_run_keeps_its_starts(open_sheet: Callable[[PeopleSheet], Any]) -> None:
    workbook = open_sheet(sheet(keep="last run", max_changes=2))
    first = run_workbook(workbook, RunRequest())
    assert first.scenarios[0].portfolio is not None
    second = run_workbook(workbook, RunRequest())
    assert second.plan is not None
    kept = [rule.start for rule in second.plan.scenario("Year").rules if hasattr(rule, "start")]
    assert kept == ["2026-Q3", "2026-Q4", "2027-Q1"]


def test_curve_of_changes_ends_where_more_bring_nothing(sheetplan: Sheetplan, planned: Path) -> None:
    """One move needs another one, as Data does one initiative a quarter; three moves are the best plan."""
    said = sheetplan("change-value", planned, "--scenario", "Year", "--json")
    assert said.code == 0
    document = said.document
    assert document["against"].startswith("the approval of ")
    points = [(point["most"], point["changes"], point["objective"]) for point in document["points"]]
    assert points == [(0, 0, 2200.0), (1, 0, 2200.0), (2, 2, 3400.0), (3, 3, 3500.0), (None, 3, 3500.0)]
    out = sheetplan("change-value", planned, "--scenario", "Year", "--most", "1").out
    assert [line.split("  ")[0] for line in out.splitlines()[-3:]] == ["none", "at most 1", "any number"]


def test_there_is_nothing_to_change_before_the_first_run(tmp_path: Path, sheetplan: Sheetplan) -> None:
    said = sheetplan("change-value", write_excel(tmp_path / "new.xlsx", sheet()), "--scenario", "Year")
    assert (said.code, said.err.strip()) == (
        2,
        'sheetplan: "Year" has no approval and no run yet, so there is nothing to change. Run it first.',
    )
