"""A study in parts: over all workers it has the answer that one worker would give, whatever happens to the parts."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.observer import Observer
from sheets_sync.jobs.question_execution import QuestionExecution
from sheets_sync.jobs.question_parts import PartExecution
from sheets_sync.jobs.run_table import Asked, Run, RunTable, State
from sheets_sync.opening import open_workbook
from sheets_sync.run.question import Question, QuestionKind
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import FINAL, Installation, google_workbook
from tests.workbooks import WORKED_EXAMPLE, write_workbook

Json = dict[str, Any]

ROBUSTNESS = Question(QuestionKind.ROBUSTNESS, "Weighted", samples=200, seed=7, spread=0.4, common=0.25)
QUESTIONS = (
    replace(ROBUSTNESS, with_core=True),
    Question(QuestionKind.EXPLAIN, "Weighted", with_thresholds=True),
    Question(QuestionKind.CAPACITY_VALUE, "Weighted", low=100.0, high=2000.0),
    Question(QuestionKind.RULE_PRICES, "Weighted"),
)
ORDER = {"kind": "robustness", "scenario": "Weighted", "samples": 400, "seed": 7, "spread": 0.4}
PATIENCE_S = 240
"""Two processes start, and one dies: on a busy machine that takes a while."""


@dataclass
class Queue:
    """The job engine's queue of parts, and all of its workers.

    At one look for answers they work on `at_once` parts, and hand in at the next one what `keeps` leaves of it.
    """

    work: Callable[[str, Json], Json | None]
    keeps: Callable[[int], bool] = lambda _: True
    at_once: int = 99
    on_look: Callable[[], None] = lambda: None
    parts: dict[str, Json] = field(default_factory=dict)
    found: dict[str, Json | None] = field(default_factory=dict)
    worked: list[str] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)

    def enqueue_part(self, part_id: str, run_id: str, part: Json) -> None:
        assert part_id.startswith(run_id)
        self.parts.setdefault(part_id, json.loads(json.dumps(part)))

    def parts_with(self, prefix: str) -> list[str]:
        return [part_id for part_id in self.parts if part_id.startswith(prefix)]

    def ended_parts(self, part_ids: Collection[str]) -> Mapping[str, Json | None]:
        self.on_look()
        ended = {part_id: self.found[part_id] for part_id in part_ids if part_id in self.found}
        for part_id in [one for one in self.parts if one not in self.found][: self.at_once]:
            found = self.work(part_id, self.parts[part_id])
            kept = found if self.keeps(len(self.worked)) else None
            self.worked.append(part_id)
            self.found[part_id] = json.loads(json.dumps(kept))
        return ended

    def cancel_parts(self, part_ids: Collection[str]) -> None:
        self.cancelled |= set(part_ids)


class Desk:
    """One workbook and the run table, and executions of questions about it without the job engine."""

    def __init__(self, book: Path, database: Database, settings: Settings) -> None:
        self.book, self.settings = book, settings
        self.runs = RunTable(database)

    def begin(self, question: Question = ROBUSTNESS) -> Run:
        asked = Asked("q3", "q3", str(self.book), None, "test", "ana@example.com", question=question)
        run = self.runs.begin(self.runs.accept(asked).run_id, "me", deadline_s=600)
        assert run is not None
        return run

    def study(self, run: Run, queue: Queue, workers: int = 3) -> QuestionExecution:
        assert run.question is not None
        book = open_workbook(str(self.book), self.settings)
        return QuestionExecution(
            run, run.question, "me", book, self.runs, self.settings, Observer(), queue, lambda: workers
        )  # fmt: skip

    def queue(self, run: Run, **behavior: Any) -> Queue:
        def work(part_id: str, part: Json) -> Json | None:
            value: Json | None = self.part(run, part_id, part).solve()["value"]
            return value

        return Queue(work, **behavior)

    def part(self, run: Run, part_id: str, part: Json) -> PartExecution:
        return PartExecution(run, part_id, part, self.runs, self.settings, Observer())

    def done(self, run: Run) -> int:
        now = self.runs.get(run.run_id)
        assert now is not None
        return now.scenarios_done

    def answer(self, question: Question, workers: int, **behavior: Any) -> tuple[Json, Queue]:
        run = self.begin(question)
        queue = self.queue(run, **behavior)
        execution = self.study(run, queue, workers)
        step = execution.study()
        assert step["failed"] is None
        execution.end(step)
        return comparable(step), queue


def comparable(step: Json) -> Json:
    """An answer in words and numbers, without what differs from run to run."""
    outcome = step["value"]["outcome"]
    numbers = {name: value for name, value in outcome["numbers"].items() if name not in ("run_id", "scenario")}
    return {"words": outcome["sentences"], "numbers": json.loads(json.dumps(numbers))}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    database.create_tables()
    service = {"split_after_s": 0.0, "run_deadline_s": 10.0}
    settings = Settings(store={"path": tmp_path / "runs.sqlite3"}, service=service)  # type: ignore[arg-type]
    yield Desk(write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE), database, settings)
    database.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.kind.value for question in QUESTIONS])
def test_parts_make_the_answer_of_one_worker(desk: Desk, question: Question) -> None:
    """Also where every second part ends without an answer, as on a machine with too little memory."""
    alone, unasked = desk.answer(question, workers=1)
    assert unasked.parts == {}
    assert desk.answer(question, workers=3)[0] == alone
    assert desk.answer(question, workers=3, keeps=lambda number: number % 2 == 0)[0] == alone


def test_a_quick_study_is_not_split(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(
        update={"service": desk.settings.service.model_copy(update={"split_after_s": 600.0})}
    )
    assert desk.answer(ROBUSTNESS, workers=3)[1].parts == {}


def test_the_draws_of_a_study_are_those_of_its_parts_and_all_of_them_are_counted(desk: Desk) -> None:
    """What a part has solved is counted before it hands in its answers."""
    run = desk.begin()
    queue, counted = desk.queue(run), list[tuple[int, int]]()
    queue.on_look = lambda: counted.append((len(queue.worked), desk.done(run)))
    step = desk.study(run, queue).study()
    assert step["failed"] is None
    numbers = sorted((part["first"], part["before"]) for part in queue.parts.values())
    assert len(numbers) == 6
    assert [before for _, before in numbers[:-1]] == [first for first, _ in numbers[1:]]
    assert numbers[-1][1] == 200 // 5
    # A part notes at once what it has solved first: five draws.
    assert counted[0][0] == 0
    assert counted[1][0] == 6
    assert 6 * 5 <= counted[1][1] <= 200
    assert desk.done(run) == 200


def test_a_study_that_is_taken_over_finds_the_parts_that_there_are(desk: Desk) -> None:
    run = desk.begin()
    queue = desk.queue(run)
    first = desk.study(run, queue).study()
    parts = list(queue.parts)
    again = desk.study(run, queue, workers=1).study()
    assert comparable(again) == comparable(first)
    assert queue.worked[: len(parts)] == parts
    assert len(queue.worked) == len(set(queue.worked))


def test_a_cancelled_study_leaves_its_parts(desk: Desk) -> None:
    run = desk.begin()
    queue = desk.queue(run, at_once=1)
    study = desk.study(run, queue)

    def cancel() -> None:
        if queue.worked:
            desk.runs.cancel(run.run_id, "ana@example.com")
            # As the worker's watch does.
            study.stop.set()

    queue.on_look = cancel
    assert study.study()["failed"] == "The run had ended."
    part_id, part = next((key, part) for key, part in queue.parts.items() if key not in queue.found)
    assert part_id in queue.cancelled
    execution = desk.part(run, part_id, part)
    assert not execution.is_current(desk.runs.get(run.run_id))
    execution.stop.set()
    assert execution.solve()["value"] is None


def test_a_study_that_takes_too_long_has_what_all_parts_have_found(desk: Desk) -> None:
    run = desk.begin()
    queue = desk.queue(run, at_once=1)
    study = desk.study(run, queue)

    def look() -> None:
        if len(queue.found) == 2:
            study.ends_at, queue.at_once = 0.0, 0

    queue.on_look = look
    step = study.study()
    outcome = step["value"]["outcome"]
    ended = [queue.parts[part_id] for part_id in queue.found]
    draws = 5 * max(part["before"] for part in ended)
    assert (outcome["numbers"]["stopped"], outcome["numbers"]["robustness"]["samples"]) == (True, draws)
    assert f"Stopped after {draws} of 200 draws: the figures are of these." in outcome["sentences"]
    assert queue.cancelled == queue.parts.keys() - queue.found.keys()


def test_a_study_that_is_late_when_it_begins_says_so(desk: Desk) -> None:
    run = desk.begin()
    queue = desk.queue(run)
    late = desk.study(run, queue)
    late.ends_at = 0.0
    outcome = late.study()["value"]["outcome"]
    assert (outcome["numbers"]["stopped"], outcome["numbers"]["robustness"]["samples"]) == (True, 0)
    assert "Stopped after 0 of 200 draws: the figures are of these." in outcome["sentences"]
    assert queue.parts == {}


def test_a_part_that_fails_leaves_its_questions_to_the_study(desk: Desk) -> None:
    run = desk.begin()
    broken = {"questions": {"kind": "DrawQuestions", "questions": "{}"}, "first": 0, "before": 1}
    assert desk.part(run, f"{run.run_id}-part-1", broken).solve()["value"] is None


def test_a_study_is_split_over_workers_and_survives_the_death_of_one(install: Install, google: SheetsServer) -> None:
    """Whether it had a part or the study, another one takes over; nobody reads the workbook again for a part."""
    service = install(split_after_s=0.0)
    service.register("q3", google_workbook(google))
    service.serve(PATIENCE_S)
    alone = robustness(service)
    other = service.start("worker")
    service.wait(lambda: service.logs().count("Worker started as ") == 2, "the second worker starts", PATIENCE_S)
    before = len(google.calls())
    url = service.call("POST", "/v1/questions", {"workbook": "q3", **ORDER}).json()["status_url"]
    service.wait(lambda: "part_begun" in worker_log(service) or is_over(service, url), "a part", PATIENCE_S)
    service.kill(other)
    service.wait(lambda: is_over(service, url), "the answer", PATIENCE_S)
    found = service.call("GET", url).json()
    assert (found["state"], found["numbers"]["robustness"]) == (State.SUCCEEDED, alone)
    begun = {(line["first"], line["before"]) for line in service.log_lines() if line.get("action") == "part_begun"}
    assert len(begun) >= 4
    assert len(google.calls()) - before <= len(begun)

    # Parts are forgotten with their runs.
    assert parts_kept(service)
    service.stop()
    service.service["keep_days"] = 1e-9
    service.start("worker")
    service.wait(lambda: not parts_kept(service), "the parts are forgotten", PATIENCE_S)


def robustness(service: Installation) -> Json:
    url = service.call("POST", "/v1/questions", {"workbook": "q3", **ORDER}).json()["status_url"]
    service.wait(lambda: is_over(service, url), "the answer", PATIENCE_S)
    assert "part_begun" not in service.logs()
    found: Json = service.call("GET", url).json()["numbers"]["robustness"]
    return found


def parts_kept(service: Installation) -> set[str]:
    """The parts that the job engine, or our own table, still has."""
    with closing(sqlite3.connect(service.folder / "store.db")) as store:
        engine = store.execute("SELECT workflow_uuid FROM workflow_status WHERE workflow_uuid LIKE '%-part-%'")
        return {row[0] for row in [*engine, *store.execute("SELECT part_id FROM sheetplan_parts")]}


def is_over(service: Installation, url: str) -> bool:
    return service.call("GET", url).json()["state"] in FINAL


def worker_log(service: Installation) -> str:
    return "".join(file.read_text(errors="replace") for file in service.folder.glob("worker-*.log"))
