"""`sheetplan sync`: what changed is run, what did not is left alone, and the exit code tells the worst."""

from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, column_below, edited, write_workbook


@pytest.fixture
def registered(sheetplan: Sheetplan, tmp_path: Path) -> dict[str, Path]:
    """Two registered workbooks in the working directory."""
    paths = {name: write_workbook(tmp_path / f"{name}.xlsx", WORKED_EXAMPLE) for name in ("q3", "q4")}
    register(paths)
    return paths


def register(paths: dict[str, Path]) -> None:
    Path("sheetplan.toml").write_text(
        "".join(f'[workbooks.{name}]\nlocation = "{path.as_posix()}"\n' for name, path in paths.items())
    )


def states(document: dict) -> dict[str, str]:
    return {entry["workbook"]: entry["state"] for entry in document["workbooks"]}


def reported(sheetplan: Sheetplan, workbook: Path) -> str:
    """The first thing that a check says, with its place."""
    issue = sheetplan("check", workbook, "--json").document["issues"][0]
    return f"{issue['tab']}!{issue['cell']}: {issue['message']}"


def test_a_mistake_that_stops_several_scenarios_is_said_once(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    write_workbook(registered["q3"], edited(WORKED_EXAMPLE, {"Initiatives!C2": "many", "Initiatives!D3": "lots"}))
    said = sheetplan("sync", "q3")
    first = reported(sheetplan, registered["q3"])
    names = ", ".join(str(row[0]) for row in WORKED_EXAMPLE["Scenarios"][1:])
    assert said.out == (
        f"q3: ran. 0 of 4 scenarios solved. {names}: Invalid: the workbook has errors. {first} "
        "The workbook has 2 errors.\n"
    )


def test_only_what_changed_is_run_again(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    said = sheetplan("sync", "--all", "--json")
    assert said.code == 0
    assert states(said.document) == {"q3": "ran", "q4": "ran"}
    assert said.document["workbooks"][0]["run"]["written"] is True
    before = registered["q4"].read_bytes()
    book = openpyxl.load_workbook(registered["q3"])
    book["Initiatives"]["D4"].value = 900000
    book.save(registered["q3"])
    said = sheetplan("sync", "--all", "--json")
    assert said.code == 0
    assert states(said.document) == {"q3": "ran", "q4": "unchanged"}
    assert said.document["workbooks"][1] == {
        "workbook": "q4", "state": "unchanged", "exit_code": 0, "message": None, "run": None,
    }  # fmt: skip
    assert registered["q4"].read_bytes() == before
    assert column_below(registered["q3"], "Runs", "trigger") == ["sync"] * 8


def test_force_runs_what_did_not_change(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    sheetplan("sync", "q3")
    assert states(sheetplan("sync", "Q3", "--force", "--json").document) == {"q3": "ran"}
    assert len(column_below(registered["q3"], "Runs", "run_id")) == 8


def test_a_run_of_one_scenario_leaves_the_others_to_do(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    sheetplan("run", registered["q3"], "--scenario", "Stretch")
    assert states(sheetplan("sync", "q3", "--json").document) == {"q3": "ran"}


def test_one_that_fails_does_not_stop_the_others(
    sheetplan: Sheetplan, registered: dict[str, Path], tmp_path: Path
) -> None:
    broken = write_workbook(tmp_path / "broken.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}))
    register({"gone": tmp_path / "gone.xlsx", "broken": broken, **registered})
    said = sheetplan("sync", "--all", "--json")
    assert said.code == 5
    assert states(said.document) == {"gone": "failed", "broken": "ran", "q3": "ran", "q4": "ran"}
    assert "gone.xlsx" in said.document["workbooks"][0]["message"]
    assert sheetplan("sync", "broken", "--force").code == 3


def test_it_says_in_a_line_each_what_became_of_them(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    said = sheetplan("sync", "q3")
    assert said.out.startswith("q3: ran. 4 of 4 scenarios solved. Stretch: Targets missed: ")
    assert sheetplan("sync", "q3").out == "q3: unchanged since its last run.\n"


def test_sync_says_that_it_sends_no_notices(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    """Whoever relies on notices must not find out from a broken workbook."""
    settings = Path("sheetplan.toml").read_text()
    Path("sheetplan.toml").write_text(settings + "[workbooks.q3.notify]\nwebhook = 'https://example.com/hook'\n")
    said = sheetplan("sync", "--all")
    assert said.err == "Nobody is notified about q3: the service sends notices, sync does not.\n"
    assert sheetplan("sync", "q4").err == ""


def test_names_or_all(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    assert sheetplan("sync").code == 2
    assert sheetplan("sync", "q3", "--all").code == 2
    said = sheetplan("sync", "q5")
    assert said.code == 2
    assert said.err == "sheetplan: Not registered: q5. Registered in sheetplan.toml are: q3, q4.\n"


def test_what_is_broken_stays_broken_until_it_is_fixed(
    sheetplan: Sheetplan, registered: dict[str, Path], tmp_path: Path
) -> None:
    """A run that failed and was written is not told as a success when its inputs have not changed."""
    impossible = WORKED_EXAMPLE | {
        "Constraints": [["scenario_name", "constraint_type", "value"], ["Stretch", "count_floor", 3]]
    }
    broken = write_workbook(tmp_path / "broken.xlsx", edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}))
    stuck = write_workbook(tmp_path / "stuck.xlsx", impossible)
    register({"broken": broken, "stuck": stuck, **registered})
    first = sheetplan("sync", "--all", "--json")
    assert [entry["exit_code"] for entry in first.document["workbooks"]] == [3, 4, 0, 0]
    since = column_below(stuck, "Runs", "started_utc")[0]
    for _ in range(2):
        again = sheetplan("sync", "--all", "--json")
        assert set(states(again.document).values()) == {"unchanged"}
        assert [entry["exit_code"] for entry in again.document["workbooks"]] == [3, 4, 0, 0]
        assert again.code == first.code == 3
    messages = [entry["message"] for entry in again.document["workbooks"]]
    assert messages[1].startswith(
        "Still broken, and the inputs have not changed since the last run. Stretch: Infeasible"
    )
    assert f"(since {since:%Y-%m-%d %H:%M:%S} UTC)" in messages[1]
    began = column_below(broken, "Runs", "started_utc")[0]
    assert messages[0] == (
        "Still broken, and the inputs have not changed since the last run. Pure north star: Invalid: the workbook has "
        f"errors (since {began:%Y-%m-%d %H:%M:%S} UTC). {reported(sheetplan, broken)} The workbook has 1 error."
    )
    assert messages[2:] == [None, None]
    assert "stuck: unchanged since its last run. Still broken" in sheetplan("sync", "stuck").out
    sheetplan("sync", "stuck", "--force")
    assert f"(since {since:%Y-%m-%d %H:%M:%S} UTC)" in sheetplan("sync", "stuck").out
    write_workbook(stuck, WORKED_EXAMPLE)
    assert sheetplan("sync", "stuck").code == 0
