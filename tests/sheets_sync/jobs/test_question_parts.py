"""A study in parts: which parts there are, and that they make the answer that one worker would give."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from config.settings import Settings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.question_execution import QuestionExecution
from sheets_sync.jobs.question_parts import PartExecution, parts_of
from sheets_sync.jobs.run_table import Asked, Run, RunTable, State
from sheets_sync.opening import open_workbook
from sheets_sync.run.question import Question, QuestionKind
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import FINAL, Installation, google_workbook
from tests.workbooks import WORKED_EXAMPLE, write_workbook

QUESTION = Question(QuestionKind.ROBUSTNESS, "Weighted", samples=100, seed=7, spread=0.4, common=0.25, with_core=False)
ORDER = {"kind": "robustness", "scenario": "Weighted", "samples": 100, "seed": 7, "spread": 0.4}
PATIENCE_S = 240
"""Two processes start, and one dies: on a busy machine that takes a while."""


@pytest.mark.parametrize(
    ("question", "workers", "ends"),
    [
        (QUESTION, 1, []),
        (QUESTION, 3, [(0, 50), (50, 100)]),
        (replace(QUESTION, samples=1000), 2, [(0, 250), (250, 500), (500, 750), (750, 1000)]),
        (replace(QUESTION, samples=99), 3, []),
        (Question(QuestionKind.EXPLAIN, "Weighted"), 3, []),
    ],
    ids=["one worker", "few draws", "two workers", "too few draws", "another kind"],
)
def test_parts_are_for_several_workers_and_many_draws(
    question: Question, workers: int, ends: list[tuple[int, int]]
) -> None:
    assert [(part["first"], part["before"]) for part in parts_of(question, workers)] == ends


class Desk:
    """One workbook and the run table, and executions of a question about it without the job engine."""

    def __init__(self, book: Path, database: Database, settings: Settings) -> None:
        self.book, self.settings = book, settings
        self.runs = RunTable(database)

    def begin(self) -> Run:
        asked = Asked("q3", "q3", str(self.book), None, "test", "ana@example.com", question=QUESTION)
        run = self.runs.begin(self.runs.accept(asked).run_id, "me", deadline_s=600)
        assert run is not None
        return run

    def whole(self, run: Run, workers: int) -> QuestionExecution:
        book = open_workbook(str(self.book), self.settings)
        return QuestionExecution(run, QUESTION, "me", book, self.runs, self.settings, Observer(), lambda: workers)

    def part(self, run: Run, part: dict[str, Any], basis: str) -> PartExecution:
        book = open_workbook(str(self.book), self.settings)
        return PartExecution(run, QUESTION, part, basis, book, self.runs, self.settings, Observer())

    def answer(self, change: Callable[[list[Any]], list[Any]] = lambda parts: parts) -> dict[str, Any]:
        """The answer of a question in parts, after `change` to what they found."""
        run = self.begin()
        whole = self.whole(run, 3)
        split = whole.split()["value"]
        found = [self.part(run, part, split["basis"]).solve()["value"] for part in split["parts"]]
        step = whole.study(change(found))
        assert step["failed"] is None
        counted = self.runs.get(run.run_id)
        assert counted is not None
        whole.end(step)
        robustness: dict[str, Any] = step["value"]["outcome"]["numbers"]["robustness"]
        return robustness


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    database.create_tables()
    settings = Settings(store={"path": tmp_path / "runs.sqlite3"})  # type: ignore[arg-type]
    yield Desk(write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE), database, settings)
    database.close()


def test_parts_make_the_answer_of_one_worker_whichever_are_missing(desk: Desk) -> None:
    run = desk.begin()
    alone = desk.whole(run, 1)
    assert alone.split()["value"]["parts"] == []
    step = alone.study([])
    alone.end(step)
    whole = step["value"]["outcome"]["numbers"]["robustness"]
    assert whole["samples"] == 100
    # The first part was stopped after 40 of its draws.
    assert (
        desk.answer(lambda parts: [{**parts[0], "draws": dict(list(parts[0]["draws"].items())[:40])}, parts[1]])
        == whole
    )


def test_parts_of_other_inputs_do_not_count(desk: Desk) -> None:
    """The workbook changes between the parts and the study: the answer is that of what the study read."""

    def change(parts: list[Any]) -> list[Any]:
        book = openpyxl.load_workbook(desk.book)
        book["Initiatives"]["D2"] = 250_000
        book.save(desk.book)
        return parts

    after = desk.answer(change)
    assert after["kpis"]["gmv"]["estimated"] == 250_000 + 40_000
    run = desk.begin()
    assert desk.whole(run, 1).study([])["value"]["outcome"]["numbers"]["robustness"] == after


def test_a_study_that_takes_too_long_has_what_it_found(desk: Desk) -> None:
    run = desk.begin()
    late = desk.whole(run, 1)
    late.ends_at = 0.0
    step = late.study([])
    late.end(step)
    outcome = step["value"]["outcome"]
    assert (outcome["numbers"]["stopped"], outcome["numbers"]["robustness"]["samples"]) == (True, 0)
    assert "Stopped after 0 of 100 draws: the figures are of these." in outcome["sentences"]


def test_a_part_of_a_study_that_has_ended_stops(desk: Desk) -> None:
    run = desk.begin()
    split = desk.whole(run, 3).split()["value"]
    part = desk.part(run, split["parts"][0], split["basis"])
    assert part.is_current(desk.runs.get(run.run_id))
    desk.runs.cancel(run.run_id, "ana@example.com")
    assert not part.is_current(desk.runs.get(run.run_id))
    assert part.solve()["value"] is None


def test_a_study_is_split_over_workers_and_survives_the_death_of_one(install: Install, google: SheetsServer) -> None:
    """Reading is slow, so that both workers have parts; whichever the one that dies had, another one takes over."""
    service = install()
    service.register("q3", google_workbook(google))
    service.serve(PATIENCE_S)
    alone = robustness(service)
    other = service.start("worker")
    service.wait(lambda: service.logs().count("Worker started as ") == 2, "the second worker starts", PATIENCE_S)
    google.fault("delay", "GET .*spreadsheets/", delay_s=0.5, times=10)
    url = service.call("POST", "/v1/questions", {"workbook": "q3", **ORDER}).json()["status_url"]
    service.wait(lambda: "part_begun" in worker_log(service) or is_over(service, url), "a part", PATIENCE_S)
    service.kill(other)
    service.wait(lambda: is_over(service, url), "the answer", PATIENCE_S)
    found = service.call("GET", url).json()
    assert (found["state"], found["numbers"]["robustness"]) == (State.SUCCEEDED, alone)
    begun = {line["first"] for line in service.log_lines() if line.get("action") == "part_begun"}
    assert begun == {0, 50}


def robustness(service: Installation) -> dict[str, Any]:
    url = service.call("POST", "/v1/questions", {"workbook": "q3", **ORDER}).json()["status_url"]
    service.wait(lambda: is_over(service, url), "the answer", PATIENCE_S)
    assert "part_begun" not in service.logs()
    found: dict[str, Any] = service.call("GET", url).json()["numbers"]["robustness"]
    return found


def is_over(service: Installation, url: str) -> bool:
    return service.call("GET", url).json()["state"] in FINAL


def worker_log(service: Installation) -> str:
    return "".join(file.read_text(errors="replace") for file in service.folder.glob("worker-*.log"))
