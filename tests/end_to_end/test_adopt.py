"""`sheetplan adopt` and the page "Start from your own backlog", tried line by line."""

import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Said, Sheetplan

PAGE = (Path(__file__).parents[2] / "docs" / "start-from-your-backlog.md").read_text(encoding="utf-8")
CASES = ["ID", "Title", "Effort", "Value"]


@pytest.fixture
def backlog(tmp_path: Path) -> Path:
    """A workbook with nothing but a list."""
    book = openpyxl.Workbook()
    book.active.title = "Product Backlog"
    for row in (CASES, [1, "Idea 1", 3, 10], [2, "Idea 2", 4, 9], [3, "Idea 3", 2, 7], [4, "Idea 4", 5, 12]):
        book.active.append(row)
    book.save(tmp_path / "team.xlsx")
    return tmp_path / "team.xlsx"


def test_the_page_works_line_by_line(sheetplan: Sheetplan, tmp_path: Path) -> None:
    table, wishes = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "wishes.csv").write_text(wishes, encoding="utf-8")
    (tmp_path / "backlog.csv").write_text(table, encoding="utf-8")
    (tmp_path / "ideas.csv").write_text(table.replace("Effort (days)", "Gut feeling"), encoding="utf-8")
    said: dict[str, Said] = {}
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "sheetplan"
            said[line] = sheetplan(*arguments)
            assert said[line].code == 0, said[line]
    proposal, written, run, mapped, _, wished = said.values()
    assert [question["flag"] for question in proposal.document["questions"]] == ["--value HEADER", "--capacity N"]
    assert "Created KPIs, Scenarios, Constraints in backlog.xlsx." in written.out
    assert "Selected (3): CHK-1 (One-page checkout), SEA-1" in run.out
    assert "Created KPIs, Scenarios, Constraints, Columns in ideas.xlsx." in mapped.out
    assert "Selected (3): CHK-1" in sheetplan("run", "ideas.xlsx").out
    assert "Selected (3): W-1 (Export to PDF), W-2 (Single sign-on), W-3 (Dark mode)" in wished.out


def test_missing_answers_are_listed_with_their_options(sheetplan: Sheetplan, backlog: Path) -> None:
    before = backlog.read_bytes()
    said = sheetplan("adopt", backlog, "--yes")
    assert said.code == 2
    assert '--value HEADER  Which column says what each one is worth? One of: "Value".' in said.err
    assert '--capacity N  How much can you take on, in the unit of "Effort"? All rows together are 14.' in said.err
    assert backlog.read_bytes() == before


def test_the_list_itself_is_not_edited(sheetplan: Sheetplan, backlog: Path) -> None:
    rows = list(openpyxl.load_workbook(backlog)["Product Backlog"].values)
    said = sheetplan("adopt", backlog, "--capacity", 8, "--value", "value", "--yes", "--json")
    assert said.document["created"] == ["KPIs", "Scenarios", "Constraints"]
    assert said.document["written"] is True
    book = openpyxl.load_workbook(backlog)
    assert list(book["Product Backlog"].values) == rows
    assert book.sheetnames == ["Product Backlog", "KPIs", "Scenarios", "Constraints"]
    run = sheetplan("run", backlog, "--json")
    assert run.document["scenarios"][0]["selected"] == ["1", "4"]
    again = sheetplan("adopt", backlog, "--yes", "--json")
    assert (again.code, again.document["created"], again.document["questions"]) == (0, [], [])


def test_without_yes_nothing_is_written(sheetplan: Sheetplan, backlog: Path) -> None:
    before = backlog.read_bytes()
    said = sheetplan("adopt", backlog, "--capacity", 8, "--value", "Value")
    assert said.code == 0
    assert said.out.endswith("Nothing was written. Give --yes to write it.\n")
    assert backlog.read_bytes() == before


def test_init_beside_a_backlog_adds_the_other_tabs_only(sheetplan: Sheetplan, backlog: Path) -> None:
    said = sheetplan("init", backlog)
    assert said.out == (
        f"Created KPIs, Scenarios, Constraints, Targets, Periods, Capacity in {backlog}.\n"
        f'"Product Backlog" is your list of initiatives. Fill in the other tabs, then: sheetplan run {backlog}\n'
    )
    assert sheetplan("run", backlog).code == 3


def test_a_list_on_any_tab_is_planned_without_renaming(sheetplan: Sheetplan, backlog: Path) -> None:
    """`init` and `doctor` know it too."""
    book = openpyxl.load_workbook(backlog)
    book.active.title = "Sheet1"
    book.save(backlog)
    said = sheetplan("check", backlog)
    assert 'There is no Initiatives tab; the workbook has "Sheet1". Run sheetplan adopt' in said.out
    said = sheetplan("adopt", backlog, "--capacity", 8, "--value", "Value", "--yes", "--json")
    assert said.document["created"] == ["KPIs", "Scenarios", "Constraints", "Columns"]
    assert sheetplan("check", backlog).code == 0
    assert sheetplan("run", backlog, "--json").document["scenarios"][0]["selected"] == ["1", "4"]
    assert sheetplan("init", backlog, "--json").document["created"] == ["Targets", "Periods", "Capacity"]
    said = sheetplan("doctor", backlog)
    assert "Columns may name a tab for Initiatives; sheetplan check reads it" in said.out
    run_id = sheetplan("run", backlog, "--json").document["run_id"]
    assert sheetplan("replay", run_id).code == 0


def test_options_that_say_nothing_are_refused(sheetplan: Sheetplan, backlog: Path) -> None:
    for wrong in (("--map", "Effort"), ("--size", "S"), ("--worth", "must=-1"), ("--worth", "=3")):
        assert sheetplan("adopt", backlog, *wrong).code == 2


def test_sizes_are_asked_for_and_planned_with(sheetplan: Sheetplan, tmp_path: Path) -> None:
    lines = "ID,Feature,T-shirt size,Value\nA,One,S,5\nB,Two,M,9\nC,Three,S,6\n"
    (tmp_path / "sizes.csv").write_text(lines, encoding="utf-8")
    said = sheetplan("adopt", "sizes.csv", "--value", "Value", "--capacity", 5, "--yes")
    assert said.code == 2
    assert "--size S=N --size M=N  How much work is each size (S, M)?" in said.err
    answers = ("--size", "S=2", "--size", "m=5", "--value", "Value", "--capacity", 5, "--yes")
    assert sheetplan("adopt", "sizes.csv", *answers).code == 0
    assert sheetplan("run", "sizes.xlsx", "--json").document["scenarios"][0]["selected"] == ["A", "C"]


RANKED = "ID,Idea,Effort,Priority\nA,One,5,1\nB,Two,3,2\nC,Three,4,3\nD,Four,2,4\n"
MOSCOW = "ID,Idea,Effort,MoSCoW\nA,One,5,Must\nB,Two,3,Should\nC,Three,4,Could\nD,Four,2,Won't\nE,Five,2,Should\n"
RICE = "ID,Idea,Reach,Impact,Confidence,Effort,RICE\nA,1,100,2,0.5,4,25\nB,2,50,1,1,1,50\nC,3,400,3,0.8,10,96\n"


@pytest.mark.parametrize(
    ("table", "answers", "totals", "selected"),
    [
        (RANKED, ("--value", "Priority", "--capacity", 8), {"Priority points": 7}, ["A", "B"]),
        (
            MOSCOW,
            ("--value", "MoSCoW", "--capacity", 9, "--worth", "must=8", "--worth", "should=4", "--worth", "could=5",
             "--worth", "won't=0"),
            {"MoSCoW points": 13},
            ["A", "C"],
        ),
        (RICE, ("--value", "RICE", "--capacity", 11), {"Reach x Impact x Confidence": 1010}, ["B", "C"]),
    ],
    ids=["a rank", "MoSCoW", "RICE"],
)  # fmt: skip
def test_ranks_words_and_products_are_planned_with(
    sheetplan: Sheetplan, tmp_path: Path, table: str, answers: tuple[object, ...], totals: object, selected: list[str]
) -> None:
    (tmp_path / "list.csv").write_text(table, encoding="utf-8")
    assert sheetplan("adopt", "list.csv", *answers, "--yes").code == 0
    said = sheetplan("run", "list.xlsx", "--json")
    assert said.code == 0, said
    assert said.document["issues"] == []
    (scenario,) = said.document["scenarios"]
    assert (scenario["kpi_totals"], scenario["selected"], scenario["status"]) == (totals, selected, "optimal")
