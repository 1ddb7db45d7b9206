"""Studies over HTTP: a question is a job like a run, with progress and an end; its answer is in words and numbers."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response
from fastapi.security import HTTPBearer

from sheets_sync.jobs.logs import about_run
from sheets_sync.jobs.run_table import Asked, Run
from sheets_sync.jobs.worker import Worker
from sheets_sync.service.access import Access
from sheets_sync.service.door import Who
from sheets_sync.service.identity import Caller
from sheets_sync.service.job_parameters import IdempotencyKey, JobId
from sheets_sync.service.problems import Problem, answers
from sheets_sync.service.questions import AcceptedQuestion, QuestionDocument, QuestionOrder, WhatIfOrder


def router(access: Access, worker: Worker) -> APIRouter:
    """The calls that ask, answer and cancel."""
    made = APIRouter(
        prefix="/v1/questions",
        tags=["questions"],
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=answers(),
    )

    def visible(question_id: str, caller: Caller) -> Run:
        run = worker.runs.get(question_id)
        if run is None or run.question is None or not access.allows_key(run.workbook_key, caller):
            raise Problem(404, "unknown-question", f"There is no question {question_id}, or you may not see it.")
        return run

    @made.post("", status_code=202, responses=answers(400, 403, 422), summary="Ask about a scenario")
    def post_question(
        order: Annotated[QuestionOrder, Body(discriminator="kind")],
        caller: Who,
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> AcceptedQuestion:
        """Accepts a question and answers at once with where its answer will be; nothing is written to the workbook.

        The same question is answered for a repeated Idempotency-Key, and while the first of two equal ones waits.
        """
        workbook = access.find(order.workbook, caller)
        if isinstance(order, WhatIfOrder) and not order.has_changes:
            raise Problem(422, "nothing-to-change", "Say what to change: force_in, leave_out, changes or dropped.")
        run = worker.submit(
            Asked(
                workbook=workbook.name,
                workbook_key=workbook.key,
                location=workbook.location,
                scenarios=None,
                trigger=order.trigger,
                person=caller.email,
                question=order.question(),
            ),
            idempotency_key=idempotency_key,
        )
        url = f"{made.prefix}/{run.run_id}"
        response.headers["Location"] = url
        return AcceptedQuestion(question_id=run.run_id, status_url=url)

    @made.get("/{question_id}", responses=answers(404, 422), summary="One question and its answer")
    def get_question(question_id: JobId, caller: Who) -> QuestionDocument:
        """State and progress; once it has ended, the answer."""
        return QuestionDocument.of(visible(question_id, caller))

    @made.post("/{question_id}/cancel", status_code=202, responses=answers(404, 422), summary="Cancel a question")
    def cancel_question(question_id: JobId, caller: Who) -> QuestionDocument:
        """Stops its solves; a question that has ended stays as it is."""
        run = visible(question_id, caller)
        with about_run(run.run_id, run.workbook):
            worker.runs.cancel(run.run_id, caller.email)
        return QuestionDocument.of(visible(question_id, caller))

    return made
