"""What the terminal shows, and that a progress bar comes only where it helps."""

import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from sheets_sync.cli import console as shown
from sheets_sync.cli import main
from sheets_sync.cli.console import ProgressBar, share_used, show_issues
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


@pytest.mark.parametrize(
    ("used", "available", "words"),
    [
        (0, 850, "0%"), (846, 850, "99.5%"), (849.9999, 850, "99.99999%"), (850, 850, "100%"), (425, 850, "50%"),
        (0.001, 850, "0.0001%"), (850 - 1e-9, 850, "almost 100%"), (1e-9, 850, "almost 0%"),
    ],
)  # fmt: skip
def test_a_share_reads_as_all_or_nothing_only_where_it_is(used: float, available: float, words: str) -> None:
    assert share_used(used, available) == words
