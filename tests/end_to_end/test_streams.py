"""What the command sends to its two streams, and how it ends when one of them, or a person, cuts it short."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, column_below, edited, write_workbook

EXAMPLE = Path(__file__).parents[2] / "examples" / "marketplace-q3.xlsx"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLE, tmp_path / "plan.xlsx"))


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "sheets_sync", *map(str, arguments)]


def test_a_folder_is_no_workbook(sheetplan: Sheetplan, tmp_path: Path) -> None:
    for folder in ("/", tmp_path):
        said = sheetplan("run", folder)
        assert said.err == f"sheetplan: {folder} is a folder, not a workbook. Give the path of an .xlsx file.\n"
        assert (said.code, said.out) == (5, "")
    assert list(tmp_path.parent.glob(".sheetplan-*.lock")) == []


def test_a_wrong_command_line_is_reported_as_json_too(sheetplan: Sheetplan) -> None:
    said = sheetplan("run", "--nope", "--json")
    message = "No such option '--nope'. (Did you mean one of: '--force', '--lp'?)"
    assert said.code == 2
    assert said.document == {"error": {"exit_code": 2, "message": message}}
    assert said.err == (
        f"Usage: sheetplan run [OPTIONS] WORKBOOK\nTry 'sheetplan run --help' for help.\n\nError: {message}\n"
    )


def test_commands_to_type_are_ready_for_the_shell(sheetplan: Sheetplan, tmp_path: Path) -> None:
    path = tmp_path / "my plan (1).xlsx"
    assert sheetplan("run", path).err == (
        f"sheetplan: {path} does not exist. Check the path, or create the workbook with: sheetplan init '{path}'\n"
    )
    assert sheetplan("init", path).out == (
        f"Created KPIs, Initiatives, Scenarios, Constraints, Targets, Periods, Capacity in {path}.\n"
        f"Fill them in (the notes on the headers say how), then: sheetplan run '{path}'\n"
    )


def test_what_is_no_terminal_gets_whole_lines_without_blanks_at_their_ends(sheetplan: Sheetplan, example: Path) -> None:
    lines = sheetplan("run", example, "--dry-run").out.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    (selected,) = [line for line in lines if line.startswith("  Selected (24): GRO-101 (")][:1]
    assert len(re.findall(r"[A-Z]+-\d+ \(", selected)) == 24


@pytest.mark.parametrize("arguments", [("check",), ("check", "--json"), ("run", "--dry-run")], ids=" ".join)
def test_a_full_disk_behind_standard_output_is_reported(example: Path, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command(*arguments, example), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr == (
        "sheetplan: The output cannot be written: No space left on device. Free some space and try again; what a "
        "run wrote to its workbook stays there.\n"
    )
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
def test_what_cannot_be_encoded_is_escaped_and_the_outcome_counts(
    tmp_path: Path, encoding: str, options: tuple[str, ...]
) -> None:
    tabs = edited(WORKED_EXAMPLE, {"Scenarios!A2": "Größe 🚀 κ", "Initiatives!A2": "Ж"})
    plan = write_workbook(tmp_path / "plän.xlsx", tabs)
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(command("run", plan, *options), capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    if options:
        document = json.loads(done.stdout.decode("utf-8"))
        assert document["scenarios"][0]["scenario"] == "Größe 🚀 κ"
    else:
        assert "Größe 🚀 κ" in done.stdout.decode(encoding) or "\\U0001f680" in done.stdout.decode(encoding)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
@pytest.mark.parametrize("broken", [False, True])
def test_a_reader_that_goes_away_changes_neither_outcome_nor_exit_code(
    tmp_path: Path, broken: bool, options: tuple[str, ...]
) -> None:
    tabs = edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}) if broken else WORKED_EXAMPLE
    plan = write_workbook(tmp_path / "plan.xlsx", tabs)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command("run", plan, *options), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (3 if broken else 0, b"")
    assert len(column_below(plan, "Runs", "run_id")) == 4


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.2, 0.5])
def test_ctrl_c_while_it_still_loads_is_a_word_and_no_traceback(example: Path, after_s: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "sheets_sync", "run", example],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    # Python itself needs a moment before any code of ours, which then loads this first, can answer for Ctrl-C.
    next(line for line in iter(process.stderr.readline, "") if "click" in line)
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    lines = process.communicate(timeout=30)[1].splitlines()
    said = [line for line in lines if line and not line.startswith("import time:")]
    assert said == ["Stopped."]
    # Where it interrupts a text that a library compiles, Python ends as if by the signal; a shell reports 130 for both.
    assert process.returncode in (130, -signal.SIGINT)


@pytest.mark.parametrize("no_color", ["", "1"])
def test_no_color_leaves_no_style_at_all(example: Path, no_color: str) -> None:
    shown = _on_a_terminal(command("check", example), columns=80, environment={"NO_COLOR": no_color})
    assert ("\x1b[" in shown) is (no_color == "")


def test_a_narrow_terminal_cuts_no_figure(example: Path) -> None:
    shown = _on_a_terminal(
        command("run", example, "--dry-run", "--scenario", "GMV first"), columns=40, environment={"NO_COLOR": "1"}
    )
    assert "…" not in shown
    assert re.sub(r"\s", "", shown).count("£6,779,000") == 1


def _on_a_terminal(arguments: list[str], *, columns: int, environment: dict[str, str]) -> str:
    """What a command draws on a terminal of that width."""
    ours, theirs = pty.openpty()
    settings = os.environ | environment | {"COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(arguments, stdout=theirs, stderr=theirs, env=settings)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(timeout=30) in (0, 3)
    return shown.decode()
