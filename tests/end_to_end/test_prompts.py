"""The questions of `sheetplan adopt` as a person at a terminal sees and answers them."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan

LIST = "ID,Idea,Effort,MoSCoW,Priority\nA,One,5,Must,1\nB,Two,3,Should,2\nC,Three,4,Could,3\nD,Four,2,Should,4\n"
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def at_a_terminal(folder: Path, *arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """The exit code and all that the terminal showed; each answer is typed once its prompt is there."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "sheets_sync", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, close_fds=True)
    os.close(slave)
    shown, seen, waiting, end = "", 0, list(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if waiting and (at := shown.find(waiting[0][0], seen)) >= 0:
            seen = at + len(waiting[0][0])
            os.write(master, f"{waiting.pop(0)[1]}\n".encode())
        if not select.select([master], [], [], 0.2)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        shown += _COLOURS.sub("", part.decode()).replace("\r\n", "\n")
    os.close(master)
    if process.poll() is None and waiting:
        process.kill()
    code = process.wait(10)
    assert not waiting, shown
    return code, shown


def test_questions_are_asked_one_by_one_and_what_is_agreed_is_written(tmp_path: Path, sheetplan: Sheetplan) -> None:
    """A wrong column is answered with the right ones, a wrong number is asked for again."""
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    answers = [
        ("Column [1]: ", "Idea"),
        ("Column [1]: ", "2"),
        ("  Must [8]: ", ""),
        ("  Should [4]: ", "3"),
        ("  Could [2]: ", "little"),
        ("  Could [2]: ", "1"),
        ("Capacity: ", "-2"),
        ("Capacity: ", "10"),
        ("Write this? [Y/n]: ", "y"),
    ]
    code, shown = at_a_terminal(tmp_path, "adopt", "list.csv", answers=answers)
    assert code == 0, shown
    questions = shown[shown.index("Which column") :]
    assert questions == (
        "Which column says what each one is worth?\n  1  Priority\n  2  MoSCoW\nColumn [1]: Idea\n"
        '"Idea" is no column that could be the value; those are: "Priority", "MoSCoW".\n'
        "Which column says what each one is worth?\n  1  Priority\n  2  MoSCoW\nColumn [1]: 2\n"
        'What is each word of "MoSCoW" worth (Must, Should, Could)?\n'
        "  Must [8]: \n  Should [4]: 3\n  Could [2]: little\nError: little is not a number, 0 or more.\n"
        "  Could [2]: 1\n"
        'How much can you take on, in the unit of "Effort"? All rows together are 14.\n'
        "Capacity: -2\nError: -2 is not a number above 0.\nCapacity: 10\n"
        "New tab KPIs:\n  KPI = MoSCoW points, Level = north_star, Unit = points, Direction = higher\n"
        "New tab Scenarios:\n  Scenario = Most MoSCoW points, Run = ticked, Objective mode = north_star, "
        "Capacity (tokens) = 10\n"
        "New tab Constraints:\n"
        "New tab Columns:\n  Tab = Backlog, Header = MoSCoW, Field = worth: MoSCoW points, Word = Must, Worth = 8\n"
        "  Word = Should, Worth = 3\n  Word = Could, Worth = 1\n"
        "Write this? [Y/n]: y\n"
        "Created KPIs, Scenarios, Constraints, Columns in list.xlsx.\nNow: sheetplan run list.xlsx\n"
    )
    run = sheetplan("run", tmp_path / "list.xlsx", "--json")
    assert run.document["scenarios"][0]["selected"] == ["A", "B", "D"]


def test_no_leaves_everything_as_it_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["ID", "Shirt", "Value"], ["A", "S", 5], ["B", "XL", 8]):
        book.active.append(row)
    book.save(tmp_path / "team.xlsx")
    before = (tmp_path / "team.xlsx").read_bytes()
    answers = [
        ("Column [1]: ", "Shirt"),
        ("  S: ", "2"),
        ("  XL: ", "8"),
        ("Column [1]: ", ""),
        ("Capacity: ", "3"),
        ("Write this? [Y/n]: ", "n"),
    ]
    code, shown = at_a_terminal(tmp_path, "adopt", "team.xlsx", answers=answers)
    assert code == 0, shown
    assert "New tab Columns:\n  Tab = Sheet, Field = Initiatives, Size = S, Tokens = 2\n" in shown
    assert "  Tab = Sheet, Header = Shirt, Field = size, Size = XL, Tokens = 8\n" in shown
    assert shown.endswith("Nothing was written. Give --yes to write it.\n")
    assert (tmp_path / "team.xlsx").read_bytes() == before


@pytest.mark.parametrize("table", ["ID,Effort,Note\nA,1,x\nB,2,y\n"])
def test_a_list_without_a_value_ends_with_what_to_add(tmp_path: Path, table: str) -> None:
    (tmp_path / "list.csv").write_text(table, encoding="utf-8")
    code, shown = at_a_terminal(tmp_path, "adopt", "list.csv", answers=[])
    assert code == 2
    assert shown.endswith(
        "Which column says what each one is worth? None of the columns can be it: add one, such as points for the "
        "value.\nUsage: sheetplan adopt [OPTIONS] SOURCE\nTry 'sheetplan adopt --help' for help.\n\n"
        "Error: Add such a column to your list, and adopt again.\n"
    )


def test_a_list_with_sprints_is_asked_whether_to_plan_over_them(tmp_path: Path, sheetplan: Sheetplan) -> None:
    rows = "ID,Effort,Value,Sprint\nA,2,5,Sprint 10\nB,2,4,Sprint 9\nC,2,3,\n"
    (tmp_path / "list.csv").write_text(rows, encoding="utf-8")
    answers = [
        ("Over (no, sprint) [no]: ", "sprint"),
        ("First day of the first one, such as 2026-07-06, or no [no]: ", "6.7."),
        ("First day of the first one, such as 2026-07-06, or no [no]: ", "2026-07-06"),
        ("Days from one to the next [14]: ", "7"),
        ("Column [1]: ", ""),
        ("Capacity: ", "3"),
        ("Write this? [Y/n]: ", ""),
    ]
    code, shown = at_a_terminal(tmp_path, "adopt", "list.csv", answers=answers)
    assert code == 0, shown
    assert "Plan over several periods, so that the plan also says what starts when?\n" in shown
    assert "The sprints have no dates. Without them a plan can hold no day, such as a deadline.\n" in shown
    assert "Error: 6.7. is not a date such as 2026-07-06.\n" in shown
    assert "How much can you take on in each period, in the unit of" in shown
    assert "  Period = Sprint 10, Starts = 2026-07-13, Ends = 2026-07-19\n" in shown
    run = sheetplan("run", tmp_path / "list.xlsx", "--json")
    assert run.document["scenarios"][0]["starts"] == {"A": "Sprint 10", "B": "Sprint 9"}
