"""What people can get wrong around a run, and the sentence and exit code that they get for it."""

from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan


def test_a_file_that_is_not_there(sheetplan: Sheetplan) -> None:
    said = sheetplan("run", "nowhere.xlsx")
    assert said.code == 5
    assert "nowhere.xlsx" in said.err
    assert said.out == ""


def test_a_file_that_is_no_workbook(sheetplan: Sheetplan, tmp_path: Path) -> None:
    path = tmp_path / "notes.xlsx"
    path.write_text("just text")
    said = sheetplan("check", path)
    assert said.code == 5
    assert str(path) in said.err


def test_errors_come_as_json_where_json_was_asked_for(sheetplan: Sheetplan) -> None:
    said = sheetplan("run", "nowhere.xlsx", "--json")
    assert said.code == 5
    assert said.document["error"]["exit_code"] == 5


def test_a_file_larger_than_allowed(
    sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETPLAN_MAX_FILE_MB", "0.001")
    said = sheetplan("run", worked_example)
    assert said.code == 5
    assert "workbooks up to 1,000 bytes are read" in said.err


def test_a_wrong_setting_is_named(sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_SOLVER", "gurobi")
    said = sheetplan("run", worked_example)
    assert said.code == 2
    assert "solver" in said.err


def test_a_registered_name_opens_its_workbook(sheetplan: Sheetplan, worked_example: Path) -> None:
    Path("sheetplan.toml").write_text(f'[workbooks.q3]\nlocation = "{worked_example}"\n')
    assert sheetplan("run", "Q3", "--json").code == 0


def test_a_broken_settings_file_is_reported(sheetplan: Sheetplan, worked_example: Path) -> None:
    Path("sheetplan.toml").write_text("[workbooks\n")
    said = sheetplan("run", worked_example)
    assert said.code == 2
    assert "sheetplan.toml" in said.err


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "w.xlsx", "--time-limit", "0"], ["run", "w.xlsx", "--solver", "gurobi"], ["plan"]],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_wrong_command_line_is_exit_code_two(sheetplan: Sheetplan, arguments: list[str]) -> None:
    assert sheetplan(*arguments).code == 2


def test_a_results_tab_that_is_not_ours_is_never_overwritten(sheetplan: Sheetplan, worked_example: Path) -> None:
    book = openpyxl.load_workbook(worked_example)
    book.create_sheet("Results")["A1"].value = "our own results"
    book.save(worked_example)
    before = worked_example.read_bytes()
    said = sheetplan("run", worked_example)
    assert said.code == 3
    assert "Results" in said.err
    assert worked_example.read_bytes() == before


def test_init_then_run_plans_nothing_and_says_what_to_fill_in(sheetplan: Sheetplan) -> None:
    said = sheetplan("init", "new.xlsx")
    assert said.code == 0
    said = sheetplan("run", "new.xlsx")
    assert said.code == 3
    assert said.out.count("[no_rows]") == 3
    assert "Selected" not in said.out
    again = sheetplan("init", "new.xlsx", "--json")
    assert again.document == {"workbook": "new.xlsx", "created": []}


def test_version_and_help_are_quick_and_quiet(sheetplan: Sheetplan) -> None:
    assert sheetplan("--version").out.startswith("sheetplan ")
    assert "run" in sheetplan("--help").out
