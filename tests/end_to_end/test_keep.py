"""Re-planning around what is decided: `keep` and `max_changes` against an approval or the last run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.end_to_end.cli import Sheetplan
from tests.people_sheets import PeopleSheet, make_google, write_excel
from tests.sheets_server.server import SheetsServer
from tests.workbooks import named_range_values

INITIATIVES: list[list[Any]] = [
    ["key", "effort", "gmv"],
    ["A", 60, 120000],
    ["B", 50, 80000],
    ["C", 40, 70000],
    ["D", 10, 1000],
]


def sheet(keep: str | None = None, max_changes: float | None = None) -> PeopleSheet:
    """Capacity 100: A and C are the best."""
    return PeopleSheet({
        "KPIs": [["kpi_key", "kpi_level"], ["gmv", "north_star"]],
        "Initiatives": INITIATIVES,
        "Scenarios": [
            ["scenario", "mode", "capacity", "keep", "max_changes"],
            ["S", "north_star", 100, keep, max_changes],
        ],
        "Constraints": [["constraint_type", "member_keys"]],
    })  # fmt: skip


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "runs.sqlite3"))


@pytest.fixture
def planned(tmp_path: Path, sheetplan: Sheetplan) -> Path:
    """A file whose plan, A and C, was run and approved; after that B became worth more than A."""
    path = write_excel(tmp_path / "plan.xlsx", sheet())
    sheetplan("run", path)
    sheetplan("approve", path, "--scenario", "S", "--by", "Ana")
    change(path, Initiatives_C3=900000)
    return path


def change(path: Path, **edits: object) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in edits.items():
        tab, address = place.split("_")
        book[tab][address].value = value
    book.save(path)


def issues(document: dict[str, Any]) -> list[str]:
    return [f"{issue['tab']}!{issue['cell']}: {issue['message']}" for issue in document["issues"]]


def test_what_is_approved_stays_selected(sheetplan: Sheetplan, planned: Path) -> None:
    assert sheetplan("run", planned, "--json", "--dry-run").document["scenarios"][0]["selected"] == ["B", "C", "D"]
    change(planned, Scenarios_D2="approved", Scenarios_C2=115)
    ran = sheetplan("run", planned, "--json").document
    (answer,) = ran["scenarios"]
    assert answer["selected"] == ["A", "C", "D"]
    assert answer["reasons"]["C"].startswith("kept from the approval of 20")
    assert ran["issues"] == []
    assert sheetplan("replay", ran["run_id"], "--json").document["same"]


def test_what_is_kept_and_no_longer_there_is_reported(sheetplan: Sheetplan, planned: Path) -> None:
    change(planned, Scenarios_D2="approved", Initiatives_A2="A2", Constraints_A2="exclude_initiative",
           Constraints_B2="C")  # fmt: skip
    ran = sheetplan("run", planned, "--json").document
    assert ran["scenarios"][0]["selected"] == ["B", "D"]
    first, second = issues(ran)
    assert first.startswith('Scenarios!D2: In the scenario "S", A was selected by the approval of ')
    assert first.endswith(
        ", but no longer among the candidates: not kept. "
        "Correct the row, its period or is_candidate if it should be kept."
    )
    assert second.startswith('Scenarios!D2: In the scenario "S", C was selected by the approval of ')
    assert second.endswith(", but excluded by a rule: not kept. Remove the exclude_initiative if it should be kept.")


def test_a_finished_initiative_needs_no_keeping(sheetplan: Sheetplan, planned: Path) -> None:
    change(planned, Scenarios_D2="approved", Initiatives_H1="status", Initiatives_H2="done")
    ran = sheetplan("run", planned, "--json").document
    assert (ran["scenarios"][0]["selected"], ran["issues"]) == (["B", "C", "D"], [])


def test_what_cannot_be_kept_says_the_ways_out(sheetplan: Sheetplan, planned: Path) -> None:
    change(planned, Scenarios_D2="approved", Initiatives_B2=70)
    said = sheetplan("run", planned, "--json")
    (answer,) = said.document["scenarios"]
    assert (said.code, answer["status"]) == (4, "infeasible")
    conflict, ways = answer["problems"]
    approval = conflict.split("A is kept from ")[1].split(" (Scenarios!D2)")[0]
    assert conflict == (
        "No portfolio keeps these rules together: the token capacity is 100 (Scenarios!C2), A is kept "
        f"from {approval} (Scenarios!D2) and C is kept from {approval} (Scenarios!D2)."
    )
    assert ways == (
        "To make it possible: raise the token capacity from 100 to 110; or let A go with an "
        "exclude_initiative; or let C go with an exclude_initiative."
    )


def test_changes_are_limited_against_the_approval_and_counted_in_results(sheetplan: Sheetplan, planned: Path) -> None:
    """B, and D for A: three changes; one of them is too many."""
    change(planned, Scenarios_E2=2)
    ran = sheetplan("run", planned, "--json").document
    assert ran["scenarios"][0]["selected"] == ["B", "C"]
    assert ran["scenarios"][0]["reasons"]["D"].startswith(
        "one change too many: at most 2 initiatives come in or go out against the approval of "
    )
    (row,) = [
        row for row in named_range_values(planned, "sheetplan_capacity") if str(row[1]).startswith("initiatives in")
    ]
    assert (row[3], row[7], row[8]) == (2, 2, 0)


def test_a_new_approval_is_a_reason_to_run(sheetplan: Sheetplan, planned: Path, tmp_path: Path) -> None:
    """The inputs are the same, but what is kept is another plan."""
    change(planned, Scenarios_D2="approved", Scenarios_C2=160)
    (tmp_path / "sheetplan.toml").write_text(f'[workbooks.plan]\nlocation = "{planned}"\n')
    assert sheetplan("sync", "plan", "--json").code == 0
    assert "unchanged" in sheetplan("sync", "plan").out
    sheetplan("approve", planned, "--scenario", "S", "--by", "Bo")
    assert "unchanged" not in sheetplan("sync", "plan").out


def test_a_fraction_of_a_change_is_an_error(sheetplan: Sheetplan, planned: Path) -> None:
    change(planned, Scenarios_E2=1.5, Scenarios_D2="approvd")
    said = sheetplan("check", planned, "--json")
    assert issues(said.document) == [
        'Scenarios!D2: keep is "approvd". Did you mean "approved"?',
        "Scenarios!E2: max_changes is 1.5. A number of initiatives must be whole, 0 or more.",
    ]


# both backends


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


def selected(outcome: RunOutcome) -> tuple[str, ...]:
    (answer,) = outcome.scenarios
    assert answer.portfolio is not None
    return answer.portfolio.selected


def test_the_last_run_is_kept_once_there_is_one(open_sheet: Callable[[PeopleSheet], Any]) -> None:
    workbook = open_sheet(sheet(keep="Last run", max_changes=1))
    first = run_workbook(workbook, RunRequest())
    assert selected(first) == ("A", "C")
    assert [(issue.place, issue.code) for issue in first.issues] == [
        ("Scenarios!D2", "nothing_to_keep"),
        ("Scenarios!E2", "no_plan_to_change"),
    ]
    second = run_workbook(workbook, RunRequest())
    assert (selected(second), second.issues) == (("A", "C"), ())
    assert second.plan is not None
    assert [rule.since for rule in second.plan.scenario("S").rules] == ["the last run"] * 3
