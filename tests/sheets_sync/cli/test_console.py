"""What the terminal shows, and that a progress bar comes only where it helps."""

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sheets_sync.cli import console as shown
from sheets_sync.cli import main, streams
from sheets_sync.cli.console import ProgressBar, show_issues
from sheets_sync.issues.issue import Issue, Severity
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook


def terminal(*, is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=100, markup=False)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_issues_are_reported_errors_first_then_counted() -> None:
    console = terminal(is_terminal=False)
    show_issues(
        console,
        [
            Issue(Severity.WARNING, "a_warning", "KPIs", "A2", "Take care."),
            Issue(Severity.ERROR, "an_error", "Initiatives", "F7", "This [is] wrong."),
        ],
    )
    assert said(console) == (
        "error Initiatives!F7: This [is] wrong. [an_error]\n"
        "warning KPIs!A2: Take care. [a_warning]\n"
        "1 error, 1 warning.\n"
    )


def test_solving_longer_than_a_moment_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "QUIET_SECONDS", 0.0)
    console = terminal(is_terminal=True)
    with ProgressBar(console) as progress:
        progress.solving(2)
        progress.solved()
        time.sleep(0.3)
        progress.writing()
    assert "Solving" in said(console)
    assert "1/2" in said(console)


def test_quick_solving_shows_nothing() -> None:
    console = terminal(is_terminal=True)
    with ProgressBar(console) as progress:
        progress.solving(1)
        progress.solved()
    assert "Solving" not in said(console)


def test_nothing_is_drawn_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "QUIET_SECONDS", 0.0)
    console = terminal(is_terminal=False)
    with ProgressBar(console) as progress:
        progress.solving(1)
        time.sleep(0.2)
    assert said(console) == ""


def test_what_people_typed_is_never_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A department, an initiative, a KPI, a unit and a scenario whose names look like markup, to the end of the run."""
    tabs = edited(
        WORKED_EXAMPLE,
        {"Scenarios!A2": "[/x]", "KPIs!D2": "[/unit]", "Initiatives!A2": "[bold]A\\", "Initiatives!B2": "[/]"},
    )
    plan = write_workbook(tmp_path / "[link=x].xlsx", tabs)
    for command in (["check"], ["run"], ["runs"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, str(plan)])
        assert ended.value.code != 1
    said = capsys.readouterr()
    assert "[/x] (north_star)" in said.out
    assert "[bold]A" in said.out
    assert "defect" not in said.err


COMMANDS = "\x1b]0;pwned\x07 \x1b[2J \x9b2J \x08\x7f\r"


def test_no_command_in_a_cell_reaches_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spreadsheets keep such characters, .xlsx files as _x001B_; a terminal would change its title, or worse."""
    monkeypatch.chdir(tmp_path)
    marked = edited(WORKED_EXAMPLE, {"Initiatives!A2": "KEY", "Initiatives!B3": "TITLE", "Scenarios!B2": "MODE"})
    plan = write_workbook(tmp_path / "plan.xlsx", marked)
    in_file = "".join(f"_x{ord(sign):04X}_" if ord(sign) < 32 else sign for sign in COMMANDS)
    with zipfile.ZipFile(plan) as source, zipfile.ZipFile(tmp_path / "evil.xlsx", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            for word in (b"KEY", b"TITLE", b"MODE"):
                data = data.replace(b">" + word + b"<", b">" + word + in_file.encode() + b"<")
            target.writestr(name, data)
    (tmp_path / "list.csv").write_text(f"Key,Title,Points{COMMANDS},Effort\nA{COMMANDS[:-1]},b,3,5\n", newline="")
    odd = tmp_path / "x\x1b[31m.xlsx"
    for arguments in (
        ["check", "evil.xlsx"], ["run", "evil.xlsx"], ["run", "evil.xlsx", "--json"], ["run", str(odd)],
        ["adopt", "list.csv", "--yes"], ["sync", "\x1b[31m"], ["runs", "\x1b[2J.xlsx"],
    ):  # fmt: skip
        with pytest.raises(SystemExit):
            main(arguments)
    shown = "".join(capfd.readouterr())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
    assert 'objective_mode is "MODE\\x1b]0;pwned \\x1b[2J \\x9b2J' in shown


def test_styles_still_reach_the_terminal_and_commands_do_not() -> None:
    console = streams._PlainTexts(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    table = Table("Key\x1b[2J")
    table.add_row(Text("x\x9b31m", "bold"))
    console.print(table)
    console.print(Text("red", "red"), "y\x1b]52;c;aGk=\x07")
    printed = said(console)
    assert "\x1b[31mred\x1b[0m" in printed
    assert "\x1b]52" not in printed
    assert "\x1b[2J" not in printed
    assert "\x9b" not in printed
