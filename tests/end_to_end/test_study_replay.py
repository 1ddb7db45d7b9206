"""Every study is kept with its inputs and asked again from its run id."""

from pathlib import Path

import openpyxl
import pytest

from config.settings import load_settings
from sheets_sync.excel.excel_workbook import ExcelWorkbook
from sheets_sync.request import SILENT, RunRequest
from sheets_sync.run.answer_question import answer_question
from sheets_sync.run.kept_studies import keep_study, replay_study
from sheets_sync.run.question import Question, QuestionKind
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import open_store
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

ASK = ("--scenario", "pure north star")
DETAILS = {
    QuestionKind.WHAT_IF: {"leave_out": ("A",), "changes": ("capacity=90",)},
    QuestionKind.FRONTIER: {"measures": ("gmv", "tokens")},
    QuestionKind.AUDIT: {"column": "Ours"},
    QuestionKind.ALTERNATIVES: {"count": 2, "within": 0.05},
    QuestionKind.ROBUSTNESS: {"samples": 3, "seed": 1, "spread": 0.2, "common": 0.25, "with_core": True},
    QuestionKind.CHANGE_VALUE: {"count": 1},
}


@pytest.fixture(scope="module")
def run_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example with a rule and a ticked column, after a run."""
    rules = {"Constraints": [["constraint_type", "member_keys"], ["exclude_initiative", "B"]]}
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!G1": "Ours", "Initiatives!G2": True}) | rules
    book = write_workbook(tmp_path_factory.mktemp("studies") / "plan.xlsx", tabs)
    run_workbook(ExcelWorkbook(book), RunRequest(scenarios=["Pure north star"]))
    return book


@pytest.mark.parametrize("kind", QuestionKind)
def test_every_study_is_the_same_when_it_is_asked_again(run_example: Path, kind: QuestionKind) -> None:
    question, store = Question(kind, "Pure north star", **DETAILS.get(kind, {})), open_store(load_settings().store)
    request = RunRequest(scenarios=["Pure north star"] if kind is QuestionKind.EXPLAIN else None, dry_run=True)
    found = answer_question(ExcelWorkbook(run_example), question, request, store=store)
    assert keep_study(store, question, request, found, found.document) == ()
    kept = store.studies.find(found.run_id)
    assert kept is not None
    again = replay_study(kept, store, SILENT)
    assert (again.is_same, again.differences) == (True, [])
    assert len(again.kept) > 100


def test_a_study_of_the_command_line_is_listed_and_asked_again(sheetplan: Sheetplan, worked_example: Path) -> None:
    """Also after the workbook changed: what was read is kept, and so is what was asked."""
    asked = sheetplan("what-if", worked_example, *ASK, "--out", "A", "--json").document
    book = openpyxl.load_workbook(worked_example)
    book["Initiatives"]["D2"].value = 1
    book.save(worked_example)
    listed = sheetplan("runs", worked_example, "--json").document["studies"]
    assert [(one["run_id"], one["kind"], one["scenarios"]) for one in listed] == [
        (asked["run_id"], "what-if", ["pure north star"])
    ]
    line = sheetplan("runs", worked_example).out.splitlines()
    assert line[0].startswith(asked["run_id"])
    assert line[0].endswith(" what-if of pure north star")
    said = sheetplan("replay", asked["run_id"])
    assert (said.code, said.out) == (0, f"{asked['run_id']}: the same answer, byte for byte.\n")


def test_an_answer_that_differs_is_shown_by_its_place(sheetplan: Sheetplan, worked_example: Path) -> None:
    store = open_store(load_settings().store)
    run_id = sheetplan("frontier", worked_example, *ASK, "--by", "gmv", "--by", "tokens", "--json").document["run_id"]
    kept = store.studies.find(run_id)
    assert kept is not None
    kept.document["points"][0]["totals"][0] = 1.0  # type: ignore[index]
    store.studies.keep(kept)
    said = sheetplan("replay", run_id)
    assert said.code == 1
    assert said.out.splitlines() == [f"{run_id}: the answer differs.", "  points[0].totals[0]: 1.0 -> 240000.0"]


def test_a_study_that_was_stopped_is_not_compared(sheetplan: Sheetplan, worked_example: Path) -> None:
    asked = sheetplan("robustness", worked_example, *ASK, "--stop-after", "0.000001", "--json").document
    said = sheetplan("replay", asked["run_id"])
    assert (said.code, said.err) == (
        2,
        f"sheetplan: {asked['run_id']} was stopped before it was complete, so there is nothing to compare. Ask again, "
        "and let it come to its end.\n",
    )


def test_a_study_cannot_be_kept_where_the_store_cannot_be_written(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is what was asked for; that it cannot be repeated later is reported."""
    broken = tmp_path / "runs.sqlite3"
    broken.write_text("no database at all, but as long as a header of one would be, and longer than that")
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(broken))
    said = sheetplan("explain", worked_example, *ASK, "--initiative", "A")
    assert said.code == 0
    assert said.err == (
        f"This study cannot be repeated later: The run history {broken} cannot be used: file is not a database.\n"
    )


def test_no_more_studies_are_kept_than_runs(
    sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__KEEP_RUNS", "2")
    ids = [sheetplan("explain", worked_example, *ASK, "--json").document["run_id"] for _ in range(3)]
    listed = [one["run_id"] for one in sheetplan("runs", worked_example, "--json").document["studies"]]
    assert listed == ids[:0:-1]
    said = sheetplan("replay", ids[0])
    assert said.code == 2
    assert said.err == (
        f"sheetplan: No stored run has an id that begins with {ids[0]}. List them with: sheetplan runs\n"
    )
