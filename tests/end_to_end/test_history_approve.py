"""Sign-off: an answer is frozen in a tab of its own, nothing overwrites it, and later runs tell what is different."""

import os
import pwd
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import named_range_values, rename_tab, values, written_cells

SCENARIO = "Pure north star"
TAB = f"Approved {SCENARIO}"
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "runs.sqlite3"))


def approve(sheetplan: Sheetplan, workbook: Path, scenario: str = SCENARIO) -> dict:
    return sheetplan("approve", workbook, "--scenario", scenario, "--by", "Ana", "--comment", "ok", "--json").document


def change(workbook: Path, address: str, value: object) -> None:
    book = openpyxl.load_workbook(workbook)
    book["Initiatives"][address].value = value
    book.save(workbook)


def drift(workbook: Path) -> dict[str, object]:
    """The rows of the drift block, first scenario."""
    return {row[0]: row[3] for row in named_range_values(workbook, "sheetplan_drift")}


def test_an_approved_plan_holds_values_who_and_why(sheetplan: Sheetplan, worked_example: Path) -> None:
    run_id = sheetplan("run", worked_example, "--json").document["run_id"]
    said = approve(sheetplan, worked_example, "pure NORTH star")
    assert (said["tab"], said["scenario"], said["run_id"]) == (TAB, SCENARIO, run_id)
    cells = written_cells(worked_example, TAB)
    assert not [value for value in cells.values() if isinstance(value, str) and value.startswith("=")]
    labels = {cells[f"A{row}"]: cells.get(f"B{row}") for row in range(2, 19)}
    assert (labels["Approved by"], labels["Signed as"]) == (ME, "Ana")
    assert labels["Run started by"] == ME
    assert labels["Revoked"] is None
    assert labels["Comment"] == "ok"
    assert labels["Run"] == run_id
    assert labels["Objective value"] == 160000
    assert labels["Tokens used"] == 100
    assert [cells[f"A{row}"] for row in range(1, 50) if cells.get(f"A{row}") in ("A", "B", "C")] == ["A", "C"]


def test_an_approved_tab_asks_before_it_is_changed(sheetplan: Sheetplan, worked_example: Path) -> None:
    """In Excel a protection without a password; Results, where people write beside our columns, has none."""
    sheetplan("run", worked_example)
    approve(sheetplan, worked_example)
    book = openpyxl.load_workbook(worked_example)
    protection = book[TAB].protection
    assert (protection.sheet, protection.password, protection.formatColumns) == (True, None, False)
    assert [sheet.title for sheet in book if sheet.protection.sheet] == [TAB]


def test_later_runs_tell_what_is_different_since(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    assert drift(worked_example)["Approval"] == "not approved"
    approve(sheetplan, worked_example)
    frozen = written_cells(worked_example, TAB)
    change(worked_example, "D3", 130000)
    sheetplan("run", worked_example)
    found = drift(worked_example)
    assert found["Approved by"] == f'{ME} (as "Ana")'
    assert found["Approval"].startswith("approved on ")
    assert found["Approval"].endswith(f'by {ME} (as "Ana"): unchanged')
    assert (found["Came in since"], found["Went out since"]) == ("B", "A")
    assert found["Tokens, change"] == -10
    assert found["gmv, change"] == 10000
    assert found["retention_30d, change"] == 0.015
    assert written_cells(worked_example, TAB) == frozen


def test_a_second_approval_gets_a_tab_of_its_own_and_is_the_one_that_counts(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    sheetplan("run", worked_example)
    approve(sheetplan, worked_example)
    frozen = written_cells(worked_example, TAB)
    change(worked_example, "D3", 130000)
    sheetplan("run", worked_example)
    assert approve(sheetplan, worked_example)["tab"] == f"{TAB} 2"
    sheetplan("run", worked_example)
    assert written_cells(worked_example, TAB) == frozen
    assert (drift(worked_example)["Came in since"], drift(worked_example)["gmv, change"]) == ("none", 0)


def test_results_that_people_renamed_are_updated_told_and_approved(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    rename_tab(worked_example, "Results", "Ergebnisse")
    rename_tab(worked_example, "Results details", "Einzelheiten")
    change(worked_example, "D3", 130000)
    said = sheetplan("run", worked_example)
    assert 'Results was renamed to "Ergebnisse" and was updated there.' in said.err
    assert 'Results details was renamed to "Einzelheiten" and was updated there.' in said.err
    with zipfile.ZipFile(worked_example) as parts:
        assert b"Results" not in parts.read("xl/workbook.xml")
        charts = [parts.read(name) for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert [b"Einzelheiten" in chart and b"Results" not in chart for chart in charts] == [True] * 3
    formulas = [
        value for title in ("Ergebnisse", "Einzelheiten") for value in written_cells(worked_example, title).values()
    ]
    assert not [text for text in formulas if isinstance(text, str) and "'Results" in text]
    assert approve(sheetplan, worked_example)["tab"] == TAB


def test_the_rows_of_results_do_not_depend_on_approvals(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    before = {cell: value for cell, value in written_cells(worked_example, "Results").items() if cell[0] == "A"}
    approve(sheetplan, worked_example)
    sheetplan("run", worked_example)
    assert {cell: value for cell, value in written_cells(worked_example, "Results").items() if cell[0] == "A"} == before


def test_only_the_answer_to_the_inputs_as_they_are_can_be_approved(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("approve", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert said.err == (
        f"sheetplan: {worked_example} has no Results yet, so there is nothing to approve. Run again, then approve.\n"
    )
    run_id = sheetplan("run", worked_example, "--json").document["run_id"]
    change(worked_example, "D3", 130000)
    said = sheetplan("approve", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert said.err == f"sheetplan: The inputs were changed since the run {run_id}. Run again, then approve.\n"
    assert TAB not in openpyxl.load_workbook(worked_example).sheetnames


def test_a_scenario_that_was_not_run_is_named_with_those_that_were(sheetplan: Sheetplan, worked_example: Path) -> None:
    run_id = sheetplan("run", worked_example, "--json", "--scenario", "Weighted").document["run_id"]
    said = sheetplan("approve", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert said.err == (
        f"sheetplan: The last run, {run_id}, did not run {SCENARIO}, only Weighted. Run again, then approve.\n"
    )


@pytest.mark.parametrize("command", ["approve", "run"])
def test_a_scenario_that_does_not_exist_is_a_wrong_command_line(
    sheetplan: Sheetplan, worked_example: Path, command: str
) -> None:
    sheetplan("run", worked_example)
    said = sheetplan(command, worked_example, "--scenario", "Purest")
    assert said.code == 2
    assert said.err == (
        "sheetplan: There is no scenario Purest in the workbook. "
        "It has: Pure north star, Weighted, Reachable, Stretch.\n"
    )


def test_a_run_of_another_installation_cannot_be_approved_here(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = sheetplan("run", worked_example, "--json").document["run_id"]
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "another.sqlite3"))
    said = sheetplan("approve", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert f"Results is of the run {run_id}, which this installation does not have. Run again" in said.err


def test_a_tab_that_only_has_such_a_title_is_no_approval(sheetplan: Sheetplan, worked_example: Path) -> None:
    book = openpyxl.load_workbook(worked_example)
    book.create_sheet("Approved budget")["A1"].value = "ours"
    book.save(worked_example)
    assert sheetplan("run", worked_example).code == 0
    assert drift(worked_example)["Approval"] == "not approved"
    assert values(worked_example, "Approved budget") == {"A1": "ours"}


def test_approvals_are_listed_and_revoked_and_results_says_so(sheetplan: Sheetplan, worked_example: Path) -> None:
    assert (
        sheetplan("approvals", worked_example).out == f"No approval of {worked_example} is recorded on this machine.\n"
    )
    run_id = sheetplan("run", worked_example, "--json").document["run_id"]
    said = approve(sheetplan, worked_example)
    at = said["approved_at"][:16].replace("T", " ")
    line = f'{said["approval_id"]}  {at} UTC  {SCENARIO}  {ME} (as "Ana")  run {run_id}'
    assert sheetplan("approvals", worked_example).out == f"{line}  tab {TAB}\n"
    assert sheetplan("approvals").out == f"{line}  tab {TAB}\n"
    revoked = sheetplan("revoke", worked_example, "--scenario", SCENARIO, "--comment", "too early")
    assert revoked.out == (
        f'The approval of {SCENARIO} by {ME} (as "Ana") is revoked. Results says so from the next run on.\n'
    )
    assert sheetplan("approvals", worked_example).out == f"{line}  revoked by {ME}\n"
    (listed,) = sheetplan("approvals", worked_example, "--json").document["approvals"]
    assert (listed["state"], listed["revoked"]["comment"]) == ("revoked", "too early")
    sheetplan("run", worked_example)
    assert drift(worked_example)["Approval"].endswith(f"was revoked on {_day(said)} by {ME}: too early")
    said = sheetplan("revoke", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert said.err == (
        f"sheetplan: There is no approval of {SCENARIO} to revoke on this machine. "
        "List them with: sheetplan approvals\n"
    )


def _day(said: dict) -> str:
    at = datetime.fromisoformat(said["approved_at"])
    return f"{at.day} {at:%B %Y}"


def test_an_altered_approval_is_reported_by_the_next_run(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    approve(sheetplan, worked_example)
    book = openpyxl.load_workbook(worked_example)
    total = next(row for row in book[TAB].iter_rows() if row[0].value == "gmv")
    total[2].value = 1_550_000
    book.save(worked_example)
    sheetplan("run", worked_example)
    assert drift(worked_example)["Approval"].startswith(
        "ALTERED: Gross merchandise value was £160,000, and is £1,550,000 now (approved on "
    )


def test_with_two_people_needed_the_one_who_ran_it_cannot_approve(
    sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = sheetplan("run", worked_example, "--json").document["run_id"]
    monkeypatch.setenv("SHEETPLAN_APPROVALS__NEEDED", "2")
    said = sheetplan("approve", worked_example, "--scenario", SCENARIO)
    assert said.code == 3
    assert said.err == (
        f"sheetplan: {ME} started the run {run_id}, and so cannot approve it: approvals.needed is 2. "
        "Ask 2 other people, or let somebody else run.\n"
    )
