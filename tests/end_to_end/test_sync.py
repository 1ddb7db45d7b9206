"""`sheetplan sync`: what changed is run, what did not is left alone, and the exit code tells the worst."""

import sys
from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan
from tests.receiver import receiving
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


def notify(workbook: str, url: str, more: str = "") -> None:
    settings = Path("sheetplan.toml").read_text()
    Path("sheetplan.toml").write_text(f"{more}{settings}[workbooks.{workbook}.notify]\nwebhook = '{url}'\n")


def test_somebody_is_notified_when_a_workbook_fails_and_when_it_works_again(
    sheetplan: Sheetplan, registered: dict[str, Path]
) -> None:
    """With `sync` alone, without a service; what was said is not said again."""
    write_workbook(registered["q3"], edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}))
    with receiving() as receiver:
        notify("q3", receiver.url)
        assert sheetplan("sync", "--all").code == 3
        assert sorted(receiver.events) == ["failed", "target_missed"]
        assert receiver.got[0][1]["workbook"] == "q3"
        assert sheetplan("sync", "--all").code == 3
        assert sheetplan("sync", "q4", "--force").code == 0
        assert len(receiver.got) == 2
        write_workbook(registered["q3"], WORKED_EXAMPLE)
        assert sheetplan("sync", "--all").code == 0
        assert receiver.events[2:] == ["recovered"]


def test_a_receiver_that_refuses_changes_no_run_and_is_reported(
    sheetplan: Sheetplan, registered: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as receiver:
        receiver.status = 503
        notify("q3", receiver.url)
        assert sheetplan("sync", "q3").code == 0
    assert caplog.messages == [
        "A notice about q3 was not sent: webhook answered 503. It is tried again.",
    ]


def test_a_database_that_cannot_be_used_is_reported_and_keeps_no_workbook_from_its_run(
    sheetplan: Sheetplan, registered: dict[str, Path]
) -> None:
    notify("q3", "http://127.0.0.1:9/hook", more="[service]\ndatabase = 'sqlite:///no/such/folder.db'\n")
    said = sheetplan("sync", "q3", "--json")
    assert (said.code, states(said.document)) == (0, {"q3": "ran"})
    assert said.err == (
        "No notices are sent, because service.database cannot be used (OperationalError). Check that it exists, "
        "that the server is running, and that sheetplan can write there.\n"
    )


def test_without_the_extra_nobody_is_notified_and_that_is_said(
    sheetplan: Sheetplan, registered: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever relies on notices must not find out from a broken workbook."""
    monkeypatch.setitem(sys.modules, "sheets_sync.jobs.sync_notices", None)
    notify("q3", "https://example.com/hook")
    assert sheetplan("sync", "--all").err == (
        "Nobody is notified about q3, because the service extra is missing. "
        'Install it with: pip install "sheetplan[service]"\n'
    )
    assert sheetplan("sync", "q4").err == ""


def test_names_or_all(sheetplan: Sheetplan, registered: dict[str, Path]) -> None:
    assert sheetplan("sync").code == 2
    assert sheetplan("sync", "q3", "--all").code == 2
    said = sheetplan("sync", "q5")
    assert said.code == 2
    assert said.err == "sheetplan: Not registered: q5. Registered in sheetplan.toml are: q3, q4.\n"


def test_a_job_that_finds_no_registered_workbook_fails(sheetplan: Sheetplan) -> None:
    """It may run in the wrong folder; nothing done must not look like nothing to do."""
    for asked in ("--all", "q3"):
        said = sheetplan("sync", asked)
        assert (said.code, said.err) == (
            2,
            "sheetplan: No workbook is registered. Register some in sheetplan.toml in the folder of this command, or "
            "in the file that SHEETPLAN_CONFIG names.\n",
        )


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
