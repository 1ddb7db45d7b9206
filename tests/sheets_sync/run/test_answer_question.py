"""One call for all studies: each can be stopped, and asked again from its JSON."""

import threading
from pathlib import Path

import pytest

from optimizer.errors import Cancelled
from sheets_sync.excel.excel_workbook import ExcelWorkbook
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.answer_question import answer_question
from sheets_sync.run.question import Question, QuestionKind
from sheets_sync.run.run_workbook import run_workbook
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook

DETAILS = {
    QuestionKind.WHAT_IF: {"leave_out": ("A",)},
    QuestionKind.FRONTIER: {"measures": ("gmv", "tokens"), "points": 3},
    QuestionKind.AUDIT: {"column": "Ours"},
    QuestionKind.ALTERNATIVES: {"count": 2, "within": 0.05},
    QuestionKind.CHANGE_VALUE: {"count": 1},
    QuestionKind.ROBUSTNESS: {"samples": 3, "seed": 1, "spread": 0.2, "common": 0.25, "with_core": False},
}


@pytest.mark.parametrize("kind", QuestionKind)
def test_every_study_stops_when_it_is_told_to(tmp_path: Path, kind: QuestionKind) -> None:
    question = Question(kind, "Pure north star", **DETAILS.get(kind, {}))
    assert Question.from_json(question.to_json()) == question
    rules = {"Constraints": [["constraint_type", "member_keys"], ["exclude_initiative", "B"]]}
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!G1": "Ours", "Initiatives!G2": True}) | rules
    workbook = ExcelWorkbook(write_workbook(tmp_path / "plan.xlsx", tabs))
    if kind is QuestionKind.CHANGE_VALUE:
        run_workbook(workbook, RunRequest(scenarios=["Pure north star"]))

    class Stopped(Progress):
        """Stops once the base answer is there, where the study's own solves begin."""

        cancel = threading.Event()

        def solved(self) -> None:
            self.cancel.set()

    with pytest.raises(Cancelled):
        answer_question(workbook, question, RunRequest(scenarios=["Pure north star"], dry_run=True), progress=Stopped())
